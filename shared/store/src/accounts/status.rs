//! Making accounts, suspending and resuming them.

use recourse_dispute::ids::AccountId;
use serde::{Deserialize, Serialize};

use super::domain::{DOMAIN, MERCHANT};
use super::{Account, AccountEvent, AuditContext, AccountStatus, StoredAccount};
use crate::error::StoreError;
use crate::items::{body, item};
use crate::keys::{self, ACCOUNTS};
use crate::transact::{MOST_ROUNDS, TransactOutcome, FailedCondition, WriteItem, TransactionBuilder, version_conflict};
use crate::{WriteToken, Store};

/// What became of a new account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RegisterOutcome {
    /// It is there.
    Created,
    /// Another one has its id, and stays as it is.
    Taken,
    /// Another one has its domain code.
    DomainTaken,
    /// Another one has its merchant id.
    MerchantTaken,
}

/// What became of a change of standing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SetStatusOutcome {
    /// It stands so now.
    Changed,
    /// It stood so before: nothing is written.
    Already,
    /// There is no such account.
    NoAccount,
}

/// A line of the list of accounts.
#[derive(Serialize, Deserialize)]
struct AccountLine {
    id: AccountId,
}

impl Store {
    /// The ids of all accounts, for an operator.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn account_ids(&self) -> Result<Vec<AccountId>, StoreError> {
        let lines = self.partition(ACCOUNTS, None).await?.into_iter();
        lines.map(|line| Ok(body::<AccountLine>(line)?.id)).collect()
    }

    /// Makes an account, active, where none of that id, of its domain code and of its merchant id is.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn create_account(
        &self,
        account: &Account,
        order: &AuditContext,
        attempt: &WriteToken,
    ) -> Result<RegisterOutcome, StoreError> {
        let first = StoredAccount { account: account.clone(), status: AccountStatus::Active, version: 1 };
        let mut steps = TransactionBuilder::default();
        steps.create(self, WriteItem::Account, first.item()?)?;
        let line = AccountLine { id: account.id.clone() };
        steps.create(self, WriteItem::Record, item(&keys::account_entry(&account.id), "account-line", &line)?)?;
        self.audit(&mut steps, &first, AccountEvent::Created, order, attempt)?;
        self.name(&mut steps, None, account)?;
        Ok(match self.transact(attempt, steps).await? {
            TransactOutcome::Done => RegisterOutcome::Created,
            TransactOutcome::Refused(FailedCondition { item: WriteItem::Pointer(MERCHANT), .. }) => RegisterOutcome::MerchantTaken,
            TransactOutcome::Refused(FailedCondition { item: WriteItem::Pointer(DOMAIN), .. }) => RegisterOutcome::DomainTaken,
            TransactOutcome::Refused(_) => RegisterOutcome::Taken,
        })
    }

    /// Suspends an account or resumes it. Functions keep a credential for up to 60 seconds, so for as long a suspended account may still call.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn set_status(
        &self,
        id: &AccountId,
        standing: AccountStatus,
        order: &AuditContext,
        mut attempt: impl FnMut() -> WriteToken,
    ) -> Result<SetStatusOutcome, StoreError> {
        let event = match standing {
            AccountStatus::Active => AccountEvent::Resumed,
            AccountStatus::Suspended => AccountEvent::Suspended,
        };
        for round in 0..MOST_ROUNDS {
            let attempt = attempt();
            let Some(before) = self.stored_account(id).await? else { return Ok(SetStatusOutcome::NoAccount) };
            if before.status == standing {
                return Ok(SetStatusOutcome::Already);
            }
            let mut steps = TransactionBuilder::default();
            self.account_steps(&mut steps, &before, standing, event.clone(), order, &attempt)?;
            match self.transact(&attempt, steps).await? {
                TransactOutcome::Done => return Ok(SetStatusOutcome::Changed),
                TransactOutcome::Refused(_) => tokio::time::sleep(attempt.wait(round)).await,
            }
        }
        Err(version_conflict("set_standing"))
    }
}
