//! Making accounts, suspending and resuming them.

use recourse_dispute::ids::AccountId;
use serde::{Deserialize, Serialize};

use super::domain::{DOMAIN, MERCHANT};
use super::{Account, AccountEvent, AccountStatus, AuditContext, StoredAccount};
use crate::error::StoreError;
use crate::items::{body, item};
use crate::keys::{self, ACCOUNTS};
use crate::transact::{TransactionBuilder, WriteItem};
use crate::{Store, WriteToken};

/// What became of a new account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RegisterOutcome {
    /// It is there.
    Created,
    /// Another one has its id, and stays as it is.
    Taken,
    /// Its id stands for the event bus ([`AccountId::event_bus`]).
    Reserved,
    /// Another one has its domain code.
    DomainTaken,
    /// Another one has its merchant id.
    MerchantTaken,
}

/// What became of a change of status.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SetStatusOutcome {
    /// It has the status now.
    Changed,
    /// It had the status before: nothing is written.
    Already,
    /// There is no such account.
    NoAccount,
}

/// An entry of the list of accounts.
#[derive(Serialize, Deserialize)]
struct AccountEntry {
    id: AccountId,
}

impl Store {
    /// The ids of all accounts, for an operator.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn account_ids(&self) -> Result<Vec<AccountId>, StoreError> {
        let entries = self.partition(ACCOUNTS, None).await?.into_iter();
        entries.map(|entry| Ok(body::<AccountEntry>(entry)?.id)).collect()
    }

    /// Creates an active account, on condition that its id, its domain code and its merchant id are
    /// free. The id of the event bus is nobody's.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn create_account(
        &self,
        account: &Account,
        audit: &AuditContext,
        token: &WriteToken,
    ) -> Result<RegisterOutcome, StoreError> {
        if account.id.is_event_bus() {
            return Ok(RegisterOutcome::Reserved);
        }
        let first = StoredAccount { account: account.clone(), status: AccountStatus::Active, version: 1 };
        let mut builder = TransactionBuilder::default();
        builder.create(self, WriteItem::Account, first.item()?)?;
        let entry = AccountEntry { id: account.id.clone() };
        builder.create(self, WriteItem::Record, item(&keys::account_entry(&account.id), "account-entry", &entry)?)?;
        self.audit(&mut builder, &first, AccountEvent::Created, audit, token)?;
        self.name(&mut builder, None, account)?;
        let taken = |item| match item {
            WriteItem::Pointer(MERCHANT) => Some(RegisterOutcome::MerchantTaken),
            WriteItem::Pointer(DOMAIN) => Some(RegisterOutcome::DomainTaken),
            _ => None,
        };
        let created = self.commit(token, builder, RegisterOutcome::Created, taken).await?;
        Ok(created.unwrap_or(RegisterOutcome::Taken))
    }

    /// Suspends an account or resumes it. Functions cache a credential for up to 60 seconds, so a
    /// suspended account may call for that long.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn set_status(
        &self,
        id: &AccountId,
        status: AccountStatus,
        audit: &AuditContext,
        token: impl FnMut() -> WriteToken,
    ) -> Result<SetStatusOutcome, StoreError> {
        let event = &match status {
            AccountStatus::Active => AccountEvent::Resumed,
            AccountStatus::Suspended => AccountEvent::Suspended,
        };
        self.rounds("set_status", id, token, |token| async move {
            let Some(before) = self.stored_account(id).await? else { return Ok(Some(SetStatusOutcome::NoAccount)) };
            if before.status == status {
                return Ok(Some(SetStatusOutcome::Already));
            }
            let mut builder = TransactionBuilder::default();
            self.account_steps(&mut builder, &before, status, event.clone(), audit, &token)?;
            self.commit(&token, builder, SetStatusOutcome::Changed, |_| None).await
        })
        .await
    }
}
