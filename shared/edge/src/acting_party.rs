//! The registered addresses of the parties that a change of a dispute concerns. Which mails that
//! makes is decided by the table of notifications.

use recourse_dispute::addresses::Recipients;
use recourse_dispute::dispute::{Change, Dispute};
use recourse_dispute::environment::Environment;
use recourse_dispute::ids::DomainCode;
use recourse_dispute::transaction::Facts;
use recourse_store::{Account, addresses_of};

use crate::{App, ServiceError};

/// Who acts, as far as the order of a mail's addresses goes by that.
#[derive(Clone, Copy, Debug)]
pub struct ActingParty<'a> {
    /// The environment of its account.
    pub environment: Environment,
    /// Its domain code, if it has one.
    pub domain: Option<&'a DomainCode>,
}

impl<'a> ActingParty<'a> {
    /// An account as the party that acts.
    #[must_use]
    pub fn of(account: &'a Account) -> Self {
        Self { environment: account.environment, domain: account.domain_code.as_ref() }
    }
}

impl App {
    /// Adds the parties' addresses to a change of state that the parties may see. A change without
    /// a new state, such as a comment or a correction, sends no mail. The bank that logged the
    /// dispute comes last in each of its mails, so that all mails have the same order.
    ///
    /// # Errors
    /// [`ServiceError`].
    pub async fn address_parties(
        &self,
        before: &Dispute,
        change: &mut Change,
        by: ActingParty<'_>,
    ) -> Result<(), ServiceError> {
        let after = &change.dispute;
        if after.state != before.state && after.is_seen_by_parties() {
            let logged_by = after.logged.as_ref().map(|logged| &logged.domain);
            let by = ActingParty { domain: logged_by.or(by.domain), ..by };
            change.parties = self.parties(&after.facts, by).await?;
        }
        Ok(())
    }

    /// The registered addresses of a transaction's parties, the acting one's last; `None` where no
    /// party's account is known, and of a staging account's dispute. Read at most once a minute.
    ///
    /// # Errors
    /// [`ServiceError`].
    pub async fn parties(&self, facts: &Facts, by: ActingParty<'_>) -> Result<Option<Recipients>, ServiceError> {
        let codes = facts.parties.domain_codes();
        if !by.environment.sends_mail() || codes.is_empty() {
            return Ok(None);
        }
        let mut known = self.domains(&codes).await?;
        known.sort_by_key(|domain| Some(&domain.code) == by.domain);
        Ok(addresses_of(known.iter().map(AsRef::as_ref)))
    }
}
