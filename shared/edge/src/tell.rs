//! Telling of a party's step: the mail that its change promises, and to which addresses.

use recourse_dispute::addresses::Recipients;
use recourse_dispute::dispute::{Change, Dispute, Environment};
use recourse_dispute::ids::DomainCode;
use recourse_dispute::told::Told;
use recourse_dispute::transaction::Facts;

use crate::{Desk, Fault};

/// Who took a step, as far as its mail goes by that.
#[derive(Clone, Copy, Debug)]
pub struct Teller<'a> {
    /// The environment of its account.
    pub environment: Environment,
    /// Its domain code, if it has one.
    pub domain: Option<&'a DomainCode>,
}

impl Desk {
    /// Puts into a step's change the mail that tells of it ([`Dispute::told`]). A change that leads nowhere, such as a comment or a
    /// correction, is told nobody.
    ///
    /// # Errors
    /// [`Fault`].
    pub async fn tell(&self, before: &Dispute, change: &mut Change, by: Teller<'_>) -> Result<(), Fault> {
        let after = &change.dispute;
        if after.state == before.state {
            return Ok(());
        }
        change.notice = match after.told() {
            None => None,
            Some(Told::Case(letter)) => after.notice(letter),
            Some(Told::Parties(letter)) => {
                let is_mailed = by.environment.sends_mail() && after.environment.sends_mail();
                let parties = if is_mailed { self.parties(&after.facts, by.domain).await? } else { None };
                parties.map(|parties| after.notice_to(letter, parties))
            }
        };
        Ok(())
    }

    /// The registered addresses of a transaction's parties, `own` last; `None` where no party's account is known. A staging account gets no mail.
    ///
    /// # Errors
    /// [`Fault`].
    pub async fn parties(&self, facts: &Facts, own: Option<&DomainCode>) -> Result<Option<Recipients>, Fault> {
        let mut known = self.domains(&facts.parties.domain_codes()).await?;
        known.retain(|domain| domain.environment.sends_mail());
        known.sort_by_key(|domain| Some(&domain.code) == own);
        Ok(Recipients::registered(known.into_iter().map(|domain| domain.email.clone())))
    }
}
