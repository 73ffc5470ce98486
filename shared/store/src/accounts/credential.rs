//! Keys as functions read them, with their secrets.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use data_encoding::HEXLOWER;
use recourse_dispute::environment::Environment;
use recourse_dispute::ids::{AccountId, BadName, KeyId};
use recourse_dispute::time::UnixMillis;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::{Account, AccountStatus};
use crate::error::StoreError;
use crate::{Sealer, Store, keys};

/// What a key may be used for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// A client's key, good at every API.
    Client,
    /// The payment platform's own key, good at the Platform API alone.
    Platform,
}

impl Role {
    /// Every role.
    pub const ALL: [Self; 2] = [Self::Client, Self::Platform];

    /// A new key's public part: a prefix that says what it is for (IIMMPACT contract, "Signing";
    /// the platform's is Recourse-specific), and 24 hexadecimal digits.
    ///
    /// # Errors
    /// None in fact: every such text is a name.
    pub fn key_id(self, environment: Environment, random: [u8; 12]) -> Result<KeyId, BadName> {
        let prefix = match (self, environment) {
            (Self::Platform, _) => "plat_",
            (Self::Client, Environment::Production) => "iimm_prod_",
            (Self::Client, Environment::Staging) => "iimm_dev_",
        };
        KeyId::parse(&format!("{prefix}{}", HEXLOWER.encode(&random)))
    }
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
    /// The secret as the client knows it, which each API's scheme reads in its own way.
    pub secret: SecretText,
}

/// A secret in the clear; prints as `[REDACTED]`, wiped when dropped.
#[derive(Clone)]
pub struct SecretText(Zeroizing<String>);

impl SecretText {
    /// A new secret: 32 random bytes in base64, as the v1 scheme has it (IIMMPACT contract,
    /// "Signing").
    #[must_use]
    pub fn of(random: &[u8; 32]) -> Self {
        Self(Zeroizing::new(BASE64_STANDARD.encode(random)))
    }

    /// The secret of the item `key`, as it was sealed.
    pub(crate) fn of_bytes(bytes: &[u8], key: impl std::fmt::Display) -> Result<Self, StoreError> {
        let wrong = |_| StoreError::invariant("the decrypted secret is not UTF-8", key);
        std::str::from_utf8(bytes).map(|text| Self(Zeroizing::new(text.to_owned()))).map_err(wrong)
    }

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
#[derive(Clone)]
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

/// A key as it is stored under its own id.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct StoredKey {
    pub(super) key: KeyId,
    pub(super) account: AccountId,
    pub(super) role: Role,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) created_at: Option<UnixMillis>,
    /// Erased once the key is revoked; the rest stays, so that its id is never given again.
    #[serde(default, with = "serde_bytes", skip_serializing_if = "Option::is_none")]
    pub(super) sealed: Option<Vec<u8>>,
}

/// What is known of a key's public part.
#[derive(Clone, Debug)]
pub enum KeyLookup {
    /// It is good.
    Good(Box<Credential>),
    /// It was revoked. Its secret is erased.
    Revoked(AccountId),
    /// Its account is suspended.
    Suspended(AccountId),
    /// No key has this id.
    Unknown,
}

impl KeyLookup {
    /// The credential, where the key is good.
    #[must_use]
    pub fn good(self) -> Option<Credential> {
        if let Self::Good(credential) = self { Some(*credential) } else { None }
    }
}

impl Store {
    /// A credential that is good, by its public part, with its account and its decrypted secret.
    /// There is none for a revoked key and for a key of a suspended account, as for an unknown one.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn credential(&self, sealer: &Sealer, key: &KeyId) -> Result<Option<Credential>, StoreError> {
        self.look_up_key(sealer, key).await.map(KeyLookup::good)
    }

    /// The account of a key, and whether the key was not revoked.
    pub(crate) async fn owner_of_key(&self, key: &KeyId) -> Result<Option<(AccountId, bool)>, StoreError> {
        let stored = self.get::<StoredKey>(&keys::credential(key)).await?;
        Ok(stored.map(|stored| (stored.account, stored.sealed.is_some())))
    }

    /// What is known of a key, for a log line and for an operator. A caller of an API must not
    /// learn why its key is not good.
    ///
    /// Whatever is known costs two reads, so that the time they take does not show what it was.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn look_up_key(&self, sealer: &Sealer, key: &KeyId) -> Result<KeyLookup, StoreError> {
        let stored = self.get::<StoredKey>(&keys::credential(key)).await?;
        let nobody = || AccountId::parse(key.as_str()).map_err(|_| StoreError::invariant("a key's id is no name", key));
        let account = stored.as_ref().map_or_else(nobody, |stored| Ok(stored.account.clone()))?;
        let owner = self.stored_account(&account).await?;
        let (Some(stored), Some(owner)) = (stored, owner) else { return Ok(KeyLookup::Unknown) };
        let Some(sealed) = stored.sealed else { return Ok(KeyLookup::Revoked(account)) };
        if owner.status != AccountStatus::Active {
            return Ok(KeyLookup::Suspended(account));
        }
        let secret = sealer.open(self, &sealed, key.as_str()).await?;
        let secret = SecretText::of_bytes(&secret, key)?;
        let credential = Credential { key: stored.key, role: stored.role, account: owner.account, secret };
        Ok(KeyLookup::Good(Box::new(credential)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_says_what_it_is_for() {
        let id = |role: Role, environment| role.key_id(environment, [0xab; 12]).unwrap().to_string();
        let digits = "ab".repeat(12);
        assert_eq!(id(Role::Client, Environment::Production), format!("iimm_prod_{digits}"));
        assert_eq!(id(Role::Client, Environment::Staging), format!("iimm_dev_{digits}"));
        assert_eq!(id(Role::Platform, Environment::Production), format!("plat_{digits}"));
        assert_eq!(id(Role::Platform, Environment::Staging), format!("plat_{digits}"));
    }

    #[test]
    fn a_secret_is_base64_of_32_bytes_and_is_not_printed() {
        let secret = SecretText::of(&[7; 32]);
        assert_eq!(BASE64_STANDARD.decode(secret.expose()).unwrap(), [7; 32]);
        assert_eq!(format!("{secret:?}"), "[REDACTED]");
    }
}
