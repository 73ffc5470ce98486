//! Making keys and revoking them.

use recourse_dispute::ids::{AccountId, KeyId};

use super::credential::StoredKey;
use super::record::KeyRecord;
use super::{AccountEvent, AuditContext, NewCredential};
use crate::error::StoreError;
use crate::items::{Item, item};
use crate::transact::{TransactionBuilder, WriteItem};
use crate::{Sealer, Store, WriteToken, keys};

/// How many live keys of one role an account has at most: one in use, and the one that replaces it.
pub const LIVE_KEYS: usize = 2;

/// What became of a new key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum IssueKeyOutcome {
    /// It is live.
    Created,
    /// There is, or was, a key of this id, and it stays as it is.
    Taken,
    /// The account has [`LIVE_KEYS`] of the role already: these.
    Full(Vec<KeyId>),
    /// There is no such account.
    NoAccount,
}

/// What became of a key that was to be revoked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RevokeKeyOutcome {
    /// It is revoked now; whose it was.
    Revoked(AccountId),
    /// It was revoked before: nothing is written.
    Already(AccountId),
    /// There is no such key.
    NoKey,
}

impl Store {
    /// Makes a key for an account, its secret sealed under `nonce`, which is random and used once.
    ///
    /// # Errors
    /// [`StoreError`]. When it is temporary, the key may be there all the same.
    pub async fn create_credential(
        &self,
        sealer: &Sealer,
        new: &NewCredential<'_>,
        nonce: [u8; 12],
        audit: &AuditContext,
        mut token: impl FnMut() -> WriteToken,
    ) -> Result<IssueKeyOutcome, StoreError> {
        let sealed = sealer.seal(self, new.secret.as_bytes(), new.key.as_str(), nonce, &token()).await?;
        let (key, account, role) = (new.key.clone(), new.account.clone(), new.role);
        let stored = &StoredKey { key, account, role, created_at: Some(audit.at), sealed: Some(sealed) };
        self.rounds("create_credential", new.key, token, |token| async move {
            let Some((before, records, _)) = self.stored_record(new.account).await? else {
                return Ok(Some(IssueKeyOutcome::NoAccount));
            };
            if records.iter().any(|known| known.key == *new.key) {
                return Ok(Some(IssueKeyOutcome::Taken));
            }
            let live = records.into_iter().filter(|known| known.role == role && known.is_live());
            let live: Vec<_> = live.map(|known| known.key).collect();
            if live.len() >= LIVE_KEYS {
                return Ok(Some(IssueKeyOutcome::Full(live)));
            }
            let mut builder = TransactionBuilder::default();
            builder.create(self, WriteItem::Credential, item(&keys::credential(new.key), "credential", stored)?)?;
            let event = AccountEvent::KeyCreated(new.key.clone());
            self.account_steps(&mut builder, &before, before.status, event, audit, &token)?;
            let record = KeyRecord { key: stored.key.clone(), role, created_at: stored.created_at, revoked_at: None };
            let listed = keys::account_key(new.account, new.key);
            builder.create(self, WriteItem::Record, item(&listed, "account-key", &record)?)?;
            let taken = |item| (item == WriteItem::Credential).then_some(IssueKeyOutcome::Taken);
            self.commit(&token, builder, IssueKeyOutcome::Created, taken).await
        })
        .await
    }

    /// Revokes a key for good: its secret is erased. Functions cache a credential for up to 60
    /// seconds, so the key may be used for that long.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn revoke_credential(
        &self,
        key: &KeyId,
        audit: &AuditContext,
        token: impl FnMut() -> WriteToken,
    ) -> Result<RevokeKeyOutcome, StoreError> {
        self.rounds("revoke_credential", key, token, |token| async move {
            let Some(stored) = self.get::<StoredKey>(&keys::credential(key)).await? else {
                return Ok(Some(RevokeKeyOutcome::NoKey));
            };
            if stored.sealed.is_none() {
                return Ok(Some(RevokeKeyOutcome::Already(stored.account)));
            }
            let owner = stored.account.clone();
            let lost =
                || StoreError::invariant("the account that a key belongs to is missing", format!("{key} of {owner}"));
            let before = self.stored_account(&owner).await?.ok_or_else(lost)?;
            let (role, created_at) = (stored.role, stored.created_at);
            let record = KeyRecord { key: key.clone(), role, created_at, revoked_at: Some(audit.at) };
            let erased = StoredKey { sealed: None, ..stored };
            let mut builder = TransactionBuilder::default();
            let erased = item(&keys::credential(key), "credential", &erased)?;
            builder.put(self, WriteItem::Credential, erased, "attribute_exists(sealed)", Item::new())?;
            let event = AccountEvent::KeyRevoked(key.clone());
            self.account_steps(&mut builder, &before, before.status, event, audit, &token)?;
            // A key that is older than the list of its account is listed from now on.
            let listed = item(&keys::account_key(&owner, key), "account-key", &record)?;
            builder.put(self, WriteItem::Record, listed, "attribute_not_exists(revoked_at)", Item::new())?;
            self.commit(&token, builder, RevokeKeyOutcome::Revoked(owner), |_| None).await
        })
        .await
    }
}
