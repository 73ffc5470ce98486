//! Making keys and revoking them.

use recourse_dispute::ids::{AccountId, KeyId};

use super::credential::StoredKey;
use super::record::KeyRecord;
use super::{AccountEvent, NewCredential, AuditContext};
use crate::error::StoreError;
use crate::items::{Item, item};
use crate::transact::{MOST_ROUNDS, TransactOutcome, FailedCondition, WriteItem, TransactionBuilder, version_conflict};
use crate::{WriteToken, Sealer, Store, keys};

/// How many live keys of one role an account has at most: one in use, and the one that takes its place.
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
        order: &AuditContext,
        mut attempt: impl FnMut() -> WriteToken,
    ) -> Result<IssueKeyOutcome, StoreError> {
        let sealed = sealer.seal(self, new.secret.as_bytes(), new.key.as_str(), nonce, &attempt()).await?;
        let (key, account, role) = (new.key.clone(), new.account.clone(), new.role);
        let stored = StoredKey { key, account, role, created_at: Some(order.at), sealed: Some(sealed) };
        for round in 0..MOST_ROUNDS {
            let attempt = attempt();
            let Some((before, records, _)) = self.stored_record(new.account).await? else {
                return Ok(IssueKeyOutcome::NoAccount);
            };
            if records.iter().any(|known| known.key == *new.key) {
                return Ok(IssueKeyOutcome::Taken);
            }
            let live = records.into_iter().filter(|known| known.role == role && known.is_live());
            let live: Vec<_> = live.map(|known| known.key).collect();
            if live.len() >= LIVE_KEYS {
                return Ok(IssueKeyOutcome::Full(live));
            }
            let mut steps = TransactionBuilder::default();
            steps.create(self, WriteItem::Credential, item(&keys::credential(new.key), "credential", &stored)?)?;
            let event = AccountEvent::KeyCreated(new.key.clone());
            self.account_steps(&mut steps, &before, before.status, event, order, &attempt)?;
            let record = KeyRecord { key: stored.key.clone(), role, created_at: stored.created_at, revoked_at: None };
            let listed = keys::account_key(new.account, new.key);
            steps.create(self, WriteItem::Record, item(&listed, "account-key", &record)?)?;
            match self.transact(&attempt, steps).await? {
                TransactOutcome::Done => return Ok(IssueKeyOutcome::Created),
                TransactOutcome::Refused(FailedCondition { item: WriteItem::Credential, .. }) => return Ok(IssueKeyOutcome::Taken),
                TransactOutcome::Refused(_) => tokio::time::sleep(attempt.wait(round)).await,
            }
        }
        Err(version_conflict("create_credential"))
    }

    /// Revokes a key for good: its secret is erased. Functions keep a credential for up to 60 seconds, so for as long it may still be used.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn revoke_credential(
        &self,
        key: &KeyId,
        order: &AuditContext,
        mut attempt: impl FnMut() -> WriteToken,
    ) -> Result<RevokeKeyOutcome, StoreError> {
        for round in 0..MOST_ROUNDS {
            let attempt = attempt();
            let Some(stored) = self.get::<StoredKey>(&keys::credential(key)).await? else { return Ok(RevokeKeyOutcome::NoKey) };
            if stored.sealed.is_none() {
                return Ok(RevokeKeyOutcome::Already(stored.account));
            }
            let owner = stored.account.clone();
            let lost = || StoreError::Broken(format!("the account {owner} has a key and is not there"));
            let before = self.stored_account(&owner).await?.ok_or_else(lost)?;
            let (role, created_at) = (stored.role, stored.created_at);
            let record = KeyRecord { key: key.clone(), role, created_at, revoked_at: Some(order.at) };
            let erased = StoredKey { sealed: None, ..stored };
            let mut steps = TransactionBuilder::default();
            let erased = item(&keys::credential(key), "credential", &erased)?;
            steps.put(self, WriteItem::Credential, erased, "attribute_exists(sealed)", Item::new())?;
            let event = AccountEvent::KeyRevoked(key.clone());
            self.account_steps(&mut steps, &before, before.status, event, order, &attempt)?;
            // A key of before accounts listed theirs is listed from now on.
            let listed = item(&keys::account_key(&owner, key), "account-key", &record)?;
            steps.put(self, WriteItem::Record, listed, "attribute_not_exists(revoked_at)", Item::new())?;
            match self.transact(&attempt, steps).await? {
                TransactOutcome::Done => return Ok(RevokeKeyOutcome::Revoked(owner)),
                TransactOutcome::Refused(_) => tokio::time::sleep(attempt.wait(round)).await,
            }
        }
        Err(version_conflict("revoke_credential"))
    }
}
