//! Accounts, their keys, and the record of who changed what of them.
//!
//! **Invariant:** a change of an account or of its keys is one transaction, conditional on the
//! account's version, with an entry in the account's audit. So the changes of one account come one
//! after the other, entry N describes the change that made version N, and a count of keys that a
//! change was decided on still holds when it is written.
//!
//! A key is stored twice: under its own id with its sealed secret, where functions read it, and
//! without the secret beside its account, where operators list it.

mod amend;
mod configuration;
mod credential;
mod domain;
mod event_bus;
mod issue;
mod list;
mod provider_secret;
mod record;
mod status;
mod users;
mod webhook;

use recourse_dispute::addresses::MailAddress;
use recourse_dispute::environment::Environment;
use recourse_dispute::event::PerformedBy;
use recourse_dispute::ids::{AccountId, DomainCode, MerchantId};
use recourse_dispute::time::UnixMillis;
use serde::{Deserialize, Serialize};

use crate::error::StoreError;
use crate::items::{Item, item, value};
use crate::transact::{TransactionBuilder, WriteItem};
use crate::{Store, WriteToken, keys};

pub use amend::{AccountField, AmendOutcome, Amendment};
pub use configuration::ConfigureOutcome;
pub(crate) use configuration::StoredConfiguration;
pub use credential::{Credential, KeyLookup, NewCredential, Role, SecretText};
pub use domain::{Domain, addresses_of};
pub use issue::{IssueKeyOutcome, LIVE_KEYS, RevokeKeyOutcome};
pub use list::Accounts;
pub use provider_secret::{SealedProviderSecret, SetProviderSecretOutcome};
pub use record::{AccountEvent, AccountRecord, AuditEntry, KeyRecord};
pub use status::{RegisterOutcome, SetStatusOutcome};
pub use users::{RemoveUserOutcome, SetUserOutcome, User};
pub use webhook::{
    AddWebhookOutcome, ChangeWebhookOutcome, Endpoint, EndpointChange, EndpointState, MAX_WEBHOOKS, NewWebhook,
    SealedWebhookSecret, WEBHOOK_OVERLAP_MS,
};

/// A client of the deployment, under the names that the APIs know it by.
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
    /// Its name at the Connect and Tutelar APIs; no two accounts have the same.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub merchant_id: Option<MerchantId>,
    /// Its name at the Arbiter API; no two accounts have the same.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub domain_code: Option<DomainCode>,
}

/// Whether an account may call.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AccountStatus {
    /// Its live keys are good.
    #[default]
    Active,
    /// None of its keys is. Its disputes go on as they are.
    Suspended,
}

/// Who changes an account and why, for its audit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditContext {
    /// The operator.
    pub by: PerformedBy,
    /// When, in milliseconds.
    pub at: UnixMillis,
    /// Why, where it was said.
    pub why: Option<String>,
}

/// An account as it is stored.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct StoredAccount {
    #[serde(flatten)]
    account: Account,
    #[serde(default)]
    status: AccountStatus,
    /// Counts the changes; the first one made the account. Schema 1 began without it: nothing had
    /// changed by then, which is 0.
    #[serde(default)]
    version: u64,
}

impl StoredAccount {
    fn item(&self) -> Result<Item, StoreError> {
        item(&keys::account(&self.account.id), "account", self)
    }

    /// The same after a change.
    fn next(&self, status: AccountStatus) -> Self {
        Self { account: self.account.clone(), status, version: self.version + 1 }
    }
}

impl Store {
    /// An account by its id, whatever its status.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn account(&self, id: &AccountId) -> Result<Option<Account>, StoreError> {
        Ok(self.stored_account(id).await?.map(|stored| stored.account))
    }

    /// An account by its id, where it may call: it exists and is not suspended.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn active_account(&self, id: &AccountId) -> Result<Option<Account>, StoreError> {
        let stored = self.stored_account(id).await?;
        Ok(stored.filter(|stored| stored.status == AccountStatus::Active).map(|stored| stored.account))
    }

    async fn stored_account(&self, id: &AccountId) -> Result<Option<StoredAccount>, StoreError> {
        self.get(&keys::account(id)).await
    }

    /// Adds the account and its audit's entry to a change of something that belongs to the account.
    /// Returns the account; `None` where there is none, and then nothing is added.
    pub(crate) async fn audited(
        &self,
        builder: &mut TransactionBuilder,
        id: &AccountId,
        event: AccountEvent,
        audit: &AuditContext,
        token: &WriteToken,
    ) -> Result<Option<Account>, StoreError> {
        let Some(before) = self.stored_account(id).await? else { return Ok(None) };
        self.account_steps(builder, &before, before.status, event, audit, token)?;
        Ok(Some(before.account))
    }

    /// The account and the audit's entry of a change that was decided on `before`.
    fn account_steps(
        &self,
        builder: &mut TransactionBuilder,
        before: &StoredAccount,
        status: AccountStatus,
        event: AccountEvent,
        audit: &AuditContext,
        token: &WriteToken,
    ) -> Result<(), StoreError> {
        let after = before.next(status);
        self.account_step(builder, before, &after)?;
        self.audit(builder, &after, event, audit, token)
    }

    /// The account as it is after a change that was decided on `before`.
    fn account_step(
        &self,
        builder: &mut TransactionBuilder,
        before: &StoredAccount,
        after: &StoredAccount,
    ) -> Result<(), StoreError> {
        let (condition, values) = match before.version {
            0 => ("attribute_exists(PK) AND attribute_not_exists(version)", Item::new()),
            version => ("version = :version", Item::from([(":version".to_owned(), value(version)?)])),
        };
        builder.put(self, WriteItem::Account, after.item()?, condition, values)
    }
}
