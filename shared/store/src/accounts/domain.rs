//! Which account is a bank's or merchant's, by its domain code: a pointer, written once, with the account.

use recourse_dispute::addresses::MailAddress;
use recourse_dispute::dispute::Environment;
use recourse_dispute::ids::{AccountId, DomainCode};
use serde::{Deserialize, Serialize};

use super::Account;
use crate::error::StoreError;
use crate::items::{body, item};
use crate::transact::{Step, Steps};
use crate::{Store, keys};

/// What is known of a domain: its account, and where that gets its mail.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Domain {
    /// The Arbiter door's name of it.
    pub code: DomainCode,
    /// The account behind it.
    pub account: AccountId,
    /// The account's environment; a staging account gets no mail.
    pub environment: Environment,
    /// The account's registered address.
    pub email: MailAddress,
}

impl Store {
    pub(super) fn point_to(&self, steps: &mut Steps, account: &Account) -> Result<(), StoreError> {
        let Some(code) = account.domain_code.clone() else { return Ok(()) };
        let key = keys::domain(&code);
        let (id, environment, email) = (account.id.clone(), account.environment, account.email.clone());
        let domain = Domain { code, account: id, environment, email };
        steps.create(self, Step::Pointer("domain_code"), item(&key, "domain", &domain)?)
    }

    /// What is known of these domains, in their order; nothing of one that no account has.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn domains(&self, codes: &[&DomainCode]) -> Result<Vec<Domain>, StoreError> {
        let wanted: Vec<_> = codes.iter().map(|code| keys::domain(code)).collect();
        let mut known = self.batch(&wanted).await?.into_iter().map(body).collect::<Result<Vec<Domain>, _>>()?;
        known.sort_by_key(|domain| codes.iter().position(|code| **code == domain.code));
        Ok(known)
    }
}
