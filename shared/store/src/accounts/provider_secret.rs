//! The secret by which an account's provider knows that a request is ours: sealed, beside the
//! account's configuration.

use std::fmt;

use recourse_dispute::ids::AccountId;
use serde::{Deserialize, Serialize};

use super::{AccountEvent, AuditContext, SecretText};
use crate::error::StoreError;
use crate::items::{Item, item, value};
use crate::transact::{TransactionBuilder, WriteItem};
use crate::{Sealer, Store, WriteToken, keys};

/// What became of a new secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SetProviderSecretOutcome {
    /// It holds from now on.
    Changed,
    /// There is no such account.
    NoAccount,
}

/// A secret as it is stored. [`Store::open_provider_secret`] opens it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SealedProviderSecret {
    #[serde(with = "serde_bytes")]
    sealed: Vec<u8>,
    /// The account's version that set it.
    version: u64,
}

impl fmt::Debug for SealedProviderSecret {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("[REDACTED]")
    }
}

/// What binds the secret to its account.
fn purpose(account: &AccountId) -> String {
    format!("provider#{account}")
}

impl Store {
    /// Sets the secret with which requests to an account's provider are signed: a text that begins
    /// with `whsec_`, as the Standard Webhooks specification has it. It is sealed under `nonce`,
    /// which is random and used once. It holds at once; the one before is gone.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn set_provider_secret(
        &self,
        sealer: &Sealer,
        account: &AccountId,
        secret: &str,
        nonce: [u8; 12],
        audit: &AuditContext,
        mut token: impl FnMut() -> WriteToken,
    ) -> Result<SetProviderSecretOutcome, StoreError> {
        if self.stored_account(account).await?.is_none() {
            return Ok(SetProviderSecretOutcome::NoAccount);
        }
        let sealed = sealer.seal(self, secret.as_bytes(), &purpose(account), nonce, &token()).await?;
        let sealed = &sealed;
        self.rounds("set_provider_secret", account, token, |token| async move {
            let Some(before) = self.stored_account(account).await? else {
                return Ok(Some(SetProviderSecretOutcome::NoAccount));
            };
            let mut builder = TransactionBuilder::default();
            let event = AccountEvent::ProviderSecretSet;
            self.account_steps(&mut builder, &before, before.status, event, audit, &token)?;
            let stored = SealedProviderSecret { sealed: sealed.clone(), version: before.version + 1 };
            let version = Item::from([(":version".to_owned(), value(stored.version)?)]);
            let stored = item(&keys::provider_secret(account), "provider_secret", &stored)?;
            builder.put(self, WriteItem::Record, stored, "attribute_not_exists(PK) OR version < :version", version)?;
            self.commit(&token, builder, SetProviderSecretOutcome::Changed, |_| None).await
        })
        .await
    }

    /// Opens the secret of a snapshot.
    ///
    /// # Errors
    /// [`StoreError`], also for a secret of another account.
    pub async fn open_provider_secret(
        &self,
        sealer: &Sealer,
        account: &AccountId,
        secret: &SealedProviderSecret,
    ) -> Result<SecretText, StoreError> {
        let bytes = sealer.open(self, &secret.sealed, &purpose(account)).await?;
        SecretText::of_bytes(&bytes, keys::provider_secret(account))
    }
}
