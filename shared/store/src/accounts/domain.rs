//! Which account has a name at an API: one pointer for each domain code and each merchant id. The
//! write that gives an account its name creates the pointer, on condition that there is none. So no
//! two accounts have the same name.

use recourse_dispute::addresses::{MailAddress, Recipients};
use recourse_dispute::dispute::Dispute;
use recourse_dispute::environment::Environment;
use recourse_dispute::ids::{AccountId, DomainCode, MerchantId};
use serde::{Deserialize, Serialize};

use super::Account;
use crate::error::StoreError;
use crate::items::{Item, body, item};
use crate::transact::{TransactionBuilder, WriteItem};
use crate::{Store, keys};

/// The pointers, as a refused transaction names them.
pub(super) const DOMAIN: &str = "domain_code";
pub(super) const MERCHANT: &str = "merchant_id";

/// What is known of a domain: its account, and where that gets its mail.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Domain {
    /// The Arbiter API's name of it.
    pub code: DomainCode,
    /// The account behind it.
    pub account: AccountId,
    /// The account's environment; a staging account gets no mail.
    pub environment: Environment,
    /// The account's registered address.
    pub email: MailAddress,
}

/// Whose a merchant id is.
#[derive(Serialize)]
struct Merchant<'a> {
    merchant_id: &'a MerchantId,
    account: &'a AccountId,
}

impl Store {
    /// The pointers to an account by its names: made where they are new, and brought in line with
    /// what changes of an account that was so `before`.
    pub(super) fn name(
        &self,
        builder: &mut TransactionBuilder,
        before: Option<&Account>,
        account: &Account,
    ) -> Result<(), StoreError> {
        let (id, email) = (&account.id, &account.email);
        let known = before.and_then(|before| before.merchant_id.as_ref());
        if let Some(merchant_id) = account.merchant_id.as_ref().filter(|_| known.is_none()) {
            let merchant = item(&keys::merchant(merchant_id), "merchant", &Merchant { merchant_id, account: id })?;
            builder.create(self, WriteItem::Pointer(MERCHANT), merchant)?;
        }
        let Some(code) = account.domain_code.clone() else { return Ok(()) };
        let key = keys::domain(&code);
        let domain = Domain { code, account: id.clone(), environment: account.environment, email: email.clone() };
        let domain = item(&key, "domain", &domain)?;
        match before.filter(|before| before.domain_code.is_some()) {
            None => builder.create(self, WriteItem::Pointer(DOMAIN), domain),
            // The account's version is a condition of the same transaction, so nobody else writes
            // its pointer meanwhile.
            Some(before) if before.email != *email => {
                builder.put(self, WriteItem::Record, domain, "attribute_exists(PK)", Item::new())
            }
            Some(_) => Ok(()),
        }
    }

    /// These domains, in this order. A domain code that no account has is left out.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn domains(&self, codes: &[&DomainCode]) -> Result<Vec<Domain>, StoreError> {
        let wanted: Vec<_> = codes.iter().map(|code| keys::domain(code)).collect();
        let mut known = self.batch(&wanted).await?.into_iter().map(body).collect::<Result<Vec<Domain>, _>>()?;
        known.sort_by_key(|domain| codes.iter().position(|code| **code == domain.code));
        Ok(known)
    }

    /// The registered addresses of the parties to a dispute, who are notified of it: one read.
    /// `None` where nobody is notified: for a dispute that the parties do not see, for one of a
    /// staging account, and where no party has an account.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn parties_of(&self, dispute: &Dispute) -> Result<Option<Recipients>, StoreError> {
        if !dispute.notifies_parties() {
            return Ok(None);
        }
        let mut parties = self.domains(&dispute.facts.parties.domain_codes()).await?;
        // In the same order as in the mail about the logging.
        let logged_by = dispute.logged.as_ref().map(|logged| &logged.domain);
        parties.sort_by_key(|domain| Some(&domain.code) == logged_by);
        Ok(addresses_of(&parties))
    }
}

/// The registered addresses of these domains' accounts, in their order. A staging account gets no
/// mail.
#[must_use]
pub fn addresses_of<'a>(domains: impl IntoIterator<Item = &'a Domain>) -> Option<Recipients> {
    let mailed = domains.into_iter().filter(|domain| domain.environment.sends_mail());
    Recipients::registered(mailed.map(|domain| domain.email.clone()))
}
