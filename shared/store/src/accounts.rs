//! Accounts and their credentials.

use recourse_dispute::addresses::MailAddress;
use recourse_dispute::dispute::Environment;
use recourse_dispute::ids::{AccountId, DomainCode, KeyId, MerchantId};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::error::StoreError;
use crate::items::item;
use crate::transact::{Ran, Step, Steps};
use crate::{AttemptId, Sealer, Store, keys};

/// A client of the deployment, under the names that the doors know it by.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    /// Its id, which transactions name.
    pub id: AccountId,
    /// Its name, for people.
    pub name: String,
    /// Whether its disputes are worked on.
    pub environment: Environment,
    /// Its registered address: in Cc of every mail of its cases (IIMMPACT contract).
    pub email: MailAddress,
    /// Its name at the Connect and Tutelar doors.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub merchant_id: Option<MerchantId>,
    /// Its name at the Arbiter door.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub domain_code: Option<DomainCode>,
}

/// What a key may be used for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// A client's key, good at every door.
    Client,
    /// The payment platform's own key, good at the platform door alone.
    Platform,
}

/// A key and whose it is.
#[derive(Clone, Debug)]
pub struct Credential {
    /// The public part.
    pub key: KeyId,
    /// What it may be used for.
    pub role: Role,
    /// Whose it is.
    pub account: Account,
    /// The secret as the client knows it, which each door's scheme reads in its own way.
    pub secret: SecretText,
}

/// A secret in the clear; prints as `[REDACTED]`, wiped when dropped.
#[derive(Clone)]
pub struct SecretText(Zeroizing<String>);

impl SecretText {
    /// The text itself.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for SecretText {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("[REDACTED]")
    }
}

/// A key to be stored.
#[derive(Clone, Debug)]
pub struct NewCredential<'a> {
    /// The public part.
    pub key: &'a KeyId,
    /// Whose it is.
    pub account: &'a AccountId,
    /// What it may be used for.
    pub role: Role,
    /// The secret as the client will know it.
    pub secret: &'a str,
}

#[derive(Serialize, Deserialize)]
struct StoredKey {
    key: KeyId,
    account: AccountId,
    role: Role,
    #[serde(with = "serde_bytes")]
    sealed: Vec<u8>,
}

impl Store {
    /// A credential by its public part, with its account, its secret opened.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn credential(&self, sealer: &Sealer, key: &KeyId) -> Result<Option<Credential>, StoreError> {
        let Some(stored) = self.get::<StoredKey>(&keys::credential(key)).await? else { return Ok(None) };
        let Some(account) = self.account(&stored.account).await? else { return Ok(None) };
        let secret = sealer.open(self, &stored.sealed, key.as_str()).await?;
        let secret = String::from_utf8(secret.to_vec())
            .map_err(|_| StoreError::Broken("a sealed secret is not text".to_owned()))?;
        let secret = SecretText(Zeroizing::new(secret));
        Ok(Some(Credential { key: stored.key, role: stored.role, account, secret }))
    }

    /// An account by its id.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn account(&self, id: &AccountId) -> Result<Option<Account>, StoreError> {
        self.get(&keys::account(id)).await
    }

    /// Stores an account where none of that id is; says whether it did.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn create_account(&self, account: &Account, attempt: &AttemptId) -> Result<bool, StoreError> {
        let mut steps = Steps::default();
        steps.create(self, Step::Record, item(&keys::account(&account.id), "account", account)?)?;
        Ok(matches!(self.transact(attempt, steps).await?, Ran::Done))
    }

    /// Stores a credential where none of that key is, its secret sealed under `nonce`; says whether it did.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn create_credential(
        &self,
        sealer: &Sealer,
        new: &NewCredential<'_>,
        nonce: [u8; 12],
        mut attempt: impl FnMut() -> AttemptId,
    ) -> Result<bool, StoreError> {
        let sealed = sealer.seal(self, new.secret.as_bytes(), new.key.as_str(), nonce, &attempt()).await?;
        let stored = StoredKey { key: new.key.clone(), account: new.account.clone(), role: new.role, sealed };
        let mut steps = Steps::default();
        steps.create(self, Step::Record, item(&keys::credential(new.key), "credential", &stored)?)?;
        Ok(matches!(self.transact(&attempt(), steps).await?, Ran::Done))
    }
}
