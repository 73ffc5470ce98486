//! An account's general configuration: `CFG#<account>`, replaced as a whole.

use recourse_dispute::channels::tutelar::configuration::Configuration;
use recourse_dispute::ids::AccountId;
use serde::{Deserialize, Serialize};

use super::{AccountEvent, AuditContext};
use crate::error::StoreError;
use crate::items::{Item, item, value};
use crate::transact::{TransactionBuilder, WriteItem};
use crate::{Store, WriteToken, keys};

/// What became of a new configuration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConfigureOutcome {
    /// It holds from now on.
    Changed,
    /// It was the same before: nothing is written.
    Already,
    /// There is no such account.
    NoAccount,
}

/// A configuration as it is stored.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct StoredConfiguration {
    pub(crate) configuration: Configuration,
    /// The account's version that set it.
    version: u64,
}

impl Store {
    /// An account's configuration.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn configuration(&self, account: &AccountId) -> Result<Option<Configuration>, StoreError> {
        let stored: Option<StoredConfiguration> = self.get(&keys::configuration(account)).await?;
        Ok(stored.map(|stored| stored.configuration))
    }

    /// Sets an account's configuration. It holds at once, as nobody caches it.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn configure(
        &self,
        account: &AccountId,
        configuration: &Configuration,
        audit: &AuditContext,
        token: impl FnMut() -> WriteToken,
    ) -> Result<ConfigureOutcome, StoreError> {
        self.rounds("configure", account, token, |token| async move {
            let Some(before) = self.stored_account(account).await? else {
                return Ok(Some(ConfigureOutcome::NoAccount));
            };
            if self.configuration(account).await?.as_ref() == Some(configuration) {
                return Ok(Some(ConfigureOutcome::Already));
            }
            let mut builder = TransactionBuilder::default();
            let event = AccountEvent::Configured;
            self.account_steps(&mut builder, &before, before.status, event, audit, &token)?;
            let stored = StoredConfiguration { configuration: configuration.clone(), version: before.version + 1 };
            let version = Item::from([(":version".to_owned(), value(stored.version)?)]);
            let stored = item(&keys::configuration(account), "configuration", &stored)?;
            builder.put(self, WriteItem::Record, stored, "attribute_not_exists(PK) OR version < :version", version)?;
            self.commit(&token, builder, ConfigureOutcome::Changed, |_| None).await
        })
        .await
    }
}
