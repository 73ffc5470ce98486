//! What an operator can set of an account after it was made: its address at any time, its names at
//! the APIs once.

use recourse_dispute::addresses::MailAddress;
use recourse_dispute::ids::{AccountId, DomainCode, MerchantId};
use serde::{Deserialize, Serialize};

use super::domain::{DOMAIN, MERCHANT};
use super::{Account, AccountEvent, AuditContext, StoredAccount};
use crate::error::StoreError;
use crate::transact::{TransactionBuilder, WriteItem};
use crate::{Store, WriteToken};

/// The fields of an account to set. A field that is `None` stays as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Amendment {
    /// Its registered address.
    pub email: Option<MailAddress>,
    /// Its name at the Connect and Tutelar APIs, if it has none yet.
    pub merchant_id: Option<MerchantId>,
    /// Its name at the Arbiter API, if it has none yet.
    pub domain_code: Option<DomainCode>,
}

/// What of an account can be set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AccountField {
    /// [`Account::email`]. The audit has no addresses: the account has the new one.
    Email,
    /// [`Account::merchant_id`].
    MerchantId,
    /// [`Account::domain_code`].
    DomainCode,
}

/// The result of an amendment. It is written as a whole or not at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AmendOutcome {
    /// The fields are set.
    Changed,
    /// The fields had these values before: nothing is written.
    Already,
    /// The account has another one of these, for good: clients sign it, and disputes are listed
    /// under it.
    Fixed(AccountField),
    /// Another account has this merchant id.
    MerchantTaken,
    /// Another account has this domain code.
    DomainTaken,
    /// There is no such account.
    NoAccount,
}

impl Amendment {
    /// The account with the new values, and the fields that differ.
    fn of(&self, account: &Account) -> Result<(Account, Vec<AccountField>), AccountField> {
        let (mut after, mut fields) = (account.clone(), Vec::new());
        if let Some(email) = self.email.as_ref().filter(|email| **email != account.email) {
            after.email = email.clone();
            fields.push(AccountField::Email);
        }
        if set_once(&mut after.merchant_id, self.merchant_id.as_ref()).map_err(|()| AccountField::MerchantId)? {
            fields.push(AccountField::MerchantId);
        }
        if set_once(&mut after.domain_code, self.domain_code.as_ref()).map_err(|()| AccountField::DomainCode)? {
            fields.push(AccountField::DomainCode);
        }
        Ok((after, fields))
    }
}

/// Whether a name is new; an error where the account has another one.
fn set_once<T: Clone + PartialEq>(known: &mut Option<T>, wanted: Option<&T>) -> Result<bool, ()> {
    match (known.as_ref(), wanted) {
        (_, None) => Ok(false),
        (Some(known), Some(wanted)) => {
            if known == wanted {
                Ok(false)
            } else {
                Err(())
            }
        }
        (None, Some(wanted)) => {
            *known = Some(wanted.clone());
            Ok(true)
        }
    }
}

impl Store {
    /// Sets an account's address and names. Functions cache an account for up to 60 seconds. A mail
    /// that is enqueued, and a case that was opened with its recipients, keep the address that they
    /// have.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn amend_account(
        &self,
        id: &AccountId,
        amendment: &Amendment,
        audit: &AuditContext,
        token: impl FnMut() -> WriteToken,
    ) -> Result<AmendOutcome, StoreError> {
        self.rounds("amend_account", id, token, |token| async move {
            let Some(before) = self.stored_account(id).await? else { return Ok(Some(AmendOutcome::NoAccount)) };
            let (account, fields) = match amendment.of(&before.account) {
                Ok(amended) => amended,
                Err(field) => return Ok(Some(AmendOutcome::Fixed(field))),
            };
            if fields.is_empty() {
                return Ok(Some(AmendOutcome::Already));
            }
            let mut builder = TransactionBuilder::default();
            let after = StoredAccount { account, ..before.next(before.status) };
            self.account_step(&mut builder, &before, &after)?;
            self.name(&mut builder, Some(&before.account), &after.account)?;
            self.audit(&mut builder, &after, AccountEvent::Changed(fields), audit, &token)?;
            let taken = |item| match item {
                WriteItem::Pointer(MERCHANT) => Some(AmendOutcome::MerchantTaken),
                WriteItem::Pointer(DOMAIN) => Some(AmendOutcome::DomainTaken),
                _ => None,
            };
            self.commit(&token, builder, AmendOutcome::Changed, taken).await
        })
        .await
    }
}
