//! Every account, for operators: the list of ids, and then the accounts a hundred at a time.

use std::collections::BTreeMap;

use recourse_dispute::ids::AccountId;

use super::{Account, AccountStatus, StoredAccount};
use crate::error::StoreError;
use crate::items::{body, text};
use crate::keys::PK;
use crate::{Store, keys};

/// As many items as one batch reads.
const BATCH: usize = 100;

/// All accounts of a deployment.
#[derive(Debug, Default)]
pub struct Accounts {
    /// The accounts and whether they may call, by their ids.
    pub accounts: Vec<(Account, AccountStatus)>,
    /// The accounts that this release cannot read, and why.
    pub unread: Vec<(AccountId, StoreError)>,
}

impl Store {
    /// All accounts, strongly consistent: one query, and one batch for every hundred accounts.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn accounts(&self) -> Result<Accounts, StoreError> {
        let mut found = Accounts::default();
        for ids in self.account_ids().await?.chunks(BATCH) {
            let wanted: Vec<_> = ids.iter().map(keys::account).collect();
            let mut by_key = BTreeMap::new();
            for item in self.batch(&wanted).await? {
                by_key.insert(text(&item, PK).unwrap_or_default().to_owned(), item);
            }
            for (id, key) in ids.iter().zip(&wanted) {
                match by_key.remove(&key.pk).map(body::<StoredAccount>) {
                    Some(Ok(stored)) => found.accounts.push((stored.account, stored.status)),
                    Some(Err(error)) => found.unread.push((id.clone(), error)),
                    // Accounts are never removed; one that is just being made has its entry first.
                    None => {}
                }
            }
        }
        Ok(found)
    }
}
