//! The mails that a change of a dispute makes, and by which name a bank finds the dispute.

use super::{Dispute, Event};
use crate::addresses::Recipients;
use crate::deadlines::Lapse;
use crate::faces;
use crate::ids::DomainCode;
use crate::notice::{Audience, Cause, Letter, Notice, Stand};
use crate::policy::channel::case_reads_as_party;
use crate::policy::notifications;

impl Dispute {
    /// The mails that tell of `event`, which led here. `parties` are the registered addresses of
    /// the parties that the event concerns. Nobody gets mail of a staging account's dispute.
    ///
    /// No mailbox gets two of them. Who is in both audiences gets the mail of the case at an API
    /// where a customer may be among its readers, as that mail carries the account in Cc by
    /// contract. At the others the mail to the parties says more.
    #[must_use]
    pub fn notices(&self, event: &Event, parties: Option<&Recipients>) -> Vec<Notice> {
        if !self.facts.environment.sends_mail() {
            return Vec::new();
        }
        let case = self.recipients.clone().filter(|_| self.tells_case(event));
        let tells = |audience| notifications::letter(self.door, audience, event);
        let (to_case, to_parties) = (tells(Audience::Case), tells(Audience::Parties));
        let case = case.zip(to_case);
        let parties = parties.cloned().zip(to_parties);
        let without = |of: Recipients, others: &Recipients| {
            of.without(|address| others.all().any(|other| other.is_same_mailbox(address)))
        };
        let (case, parties) = match (case, parties) {
            (Some((case, letter)), Some((parties, to_parties))) if case_reads_as_party(self.door) => {
                (without(case, &parties).map(|case| (case, letter)), Some((parties, to_parties)))
            }
            (Some((case, letter)), Some((parties, to_parties))) => {
                let parties = without(parties, &case).map(|parties| (parties, to_parties));
                (Some((case, letter)), parties)
            }
            one => one,
        };
        let cause = Cause { channel: self.door, actor: event.by.actor, what: event.what };
        let notice = |audience, (recipients, letter)| self.notice(letter, audience, cause, recipients);
        let case = case.map(|case| notice(Audience::Case, case));
        case.into_iter().chain(parties.map(|parties| notice(Audience::Parties, parties))).collect()
    }

    /// Whether those of the case are concerned: by all that happens, but of a reminder only where
    /// it is for them.
    fn tells_case(&self, event: &Event) -> bool {
        event.what != super::What::Reminded
            || self.state.turn().is_some_and(|turn| notifications::reminds_case(self.door, turn))
    }

    fn notice(&self, letter: Letter, audience: Audience, cause: Cause, recipients: Recipients) -> Notice {
        Notice {
            letter,
            audience,
            cause,
            number: self.number,
            account: self.opener.clone(),
            refid: self.facts.refid.clone(),
            product: self.facts.product.clone(),
            amount: self.facts.amount,
            disputed: Some(self.amount),
            stand: letter.is_for_parties().then(|| self.stand(audience)),
            undelivered: None,
            recipients,
        }
    }

    /// Where it stands, for a reader who acts on it. Only the bank network knows log codes.
    fn stand(&self, audience: Audience) -> Stand {
        let details = &self.facts.details;
        let named = details.transaction_type.as_ref().zip(details.reference.as_ref());
        Stand {
            log_code: self.log_code().filter(|_| audience == Audience::Parties),
            transaction: named.map(|(kind, reference)| format!("{kind} {reference}")),
            category: self.category,
            status: faces::arbiter_status(self.state, self.category).map(str::to_owned),
            turn: self.state.turn(),
            // An end at which nothing happens is nothing to act before.
            ends_at: self.deadline.filter(|deadline| deadline.lapse != Lapse::Stay).map(|deadline| deadline.ends_at),
        }
    }

    /// The domain that its log code begins with: who logged it. A dispute of another API has nobody
    /// who did, so the customer's bank stands there, or the next party there is
    /// (Recourse-specific).
    #[must_use]
    pub fn initiator(&self) -> Option<&DomainCode> {
        let parties = &self.facts.parties;
        let first = [&parties.issuer, &parties.acquirer, &parties.merchant].into_iter().flatten().next();
        self.logged.as_ref().map(|logged| &logged.domain).or(first.map(|party| &party.code))
    }

    /// Its log code (Arbiter contract, "Log: rules"); `None` of a dispute that the Arbiter API does
    /// not show.
    #[must_use]
    pub fn log_code(&self) -> Option<String> {
        faces::arbiter_status(self.state, self.category)?;
        Some(self.number.log_code(self.initiator()?.as_str()))
    }
}

#[cfg(test)]
mod tests;
