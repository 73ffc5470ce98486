//! The mails that a change of a dispute makes, and by which name a bank finds the dispute.

use super::{Dispute, HistoryEntry, Logged};
use crate::addresses::{MailAddress, Recipients};
use crate::deadlines::OnExpiry;
use crate::ids::DomainCode;
use crate::lifecycle::{State, transition};
use crate::notification::{Audience, Cause, EmailTemplate, Notification, NotificationDetails, StatusSnapshot};
use crate::policy::actions::Situation;
use crate::policy::channel::case_reads_as_party;
use crate::policy::notifications;
use crate::transaction::{Parties, Party};
use crate::views;

impl Dispute {
    /// The mails that tell of `event`, which led here. `parties` are the registered addresses of
    /// the parties that the event concerns. Nobody gets mail of a staging account's dispute.
    ///
    /// No mailbox gets two of them. Of an address that is in both audiences, the mail to the parties
    /// is the one that counts: it says more, and no caller keeps it from a bank by naming the bank's
    /// address. One address is different at an API where a customer may be among the case's
    /// readers. The mail of the case carries the account in Cc by contract, so the account gets that
    /// one.
    #[must_use]
    pub fn notifications(&self, event: &HistoryEntry, parties: Option<&Recipients>) -> Vec<Notification> {
        if !self.facts.environment.sends_mail() {
            return Vec::new();
        }
        let case = self.recipients.clone().filter(|_| self.notifies_case(event));
        let tells = |audience| notifications::template(self.channel, audience, event);
        let (to_case, to_parties) = (tells(Audience::Case), tells(Audience::Parties));
        let (mut case, mut parties) = (case.zip(to_case), parties.cloned().zip(to_parties));
        if let (Some((of_case, case_letter)), Some((of_parties, parties_letter))) = (case.clone(), parties.clone()) {
            let keeps_case = |address: &MailAddress| {
                !case_reads_as_party(self.channel) && of_case.reaches(address) && !of_case.was_named(address)
            };
            case =
                of_case.without(|address| of_parties.reaches(address) && !keeps_case(address)).zip(Some(case_letter));
            parties = of_parties.without(keeps_case).zip(Some(parties_letter));
        }
        let case = case.map(|(to, template)| self.notification(template, Audience::Case, event, to));
        let parties = parties.map(|(to, template)| self.notification(template, Audience::Parties, event, to));
        case.into_iter().chain(parties).collect()
    }

    /// Whether those of the case are concerned: by all that happens, but of a reminder only where
    /// it is for them.
    fn notifies_case(&self, event: &HistoryEntry) -> bool {
        event.kind != super::EventKind::Reminded
            || self.state.party_due().is_some_and(|party| notifications::reminds_case(self.channel, party))
    }

    fn notification(
        &self,
        template: EmailTemplate,
        audience: Audience,
        event: &HistoryEntry,
        recipients: Recipients,
    ) -> Notification {
        Notification {
            template: template,
            audience,
            cause: Cause { channel: self.channel, actor: event.by.actor, kind: event.kind },
            number: self.number,
            account: self.opener.clone(),
            refid: self.facts.refid.clone(),
            product: self.facts.product.clone(),
            amount: self.facts.amount,
            disputed: Some(self.amount),
            details: self.notification_details(template, audience, event),
            status: Some(self.status_snapshot(audience)),
            undelivered: None,
            recipients,
        }
    }

    /// What the mail says of the payment and of the claim, as far as its readers may read it. A
    /// customer is told who was paid, and not through which banks.
    fn notification_details(
        &self,
        template: EmailTemplate,
        audience: Audience,
        event: &HistoryEntry,
    ) -> NotificationDetails {
        let Parties { issuer, acquirer, merchant } = &self.facts.parties;
        let name = |party: &Option<Party>| party.as_ref().map(|party| party.name.clone());
        let bank = |party| name(party).filter(|_| template.is_for_parties());
        NotificationDetails {
            paid_at: Some(self.facts.occurred_at),
            merchant: name(merchant),
            issuer: bank(issuer),
            acquirer: bank(acquirer),
            reason: self.reason(),
            comment: event
                .note
                .clone()
                .filter(|_| notifications::shows_comment(self.channel, audience, event.by.actor)),
        }
    }

    /// Why the claim is made: the reason that a bank chose, or the type and the code that a merchant
    /// keeps of it.
    fn reason(&self) -> Option<String> {
        if let Some(Logged { reason, reason_name, .. }) = &self.logged {
            return Some(reason_name.as_ref().map_or_else(|| reason.clone(), |name| format!("{name} ({reason})")));
        }
        let said = [&self.details.dispute_type, &self.details.reason_code];
        let said: Vec<_> = said.into_iter().flatten().map(String::as_str).collect();
        (!said.is_empty()).then(|| said.join(", "))
    }

    /// Where it stands, for the mail's readers. Only the bank network knows log codes.
    fn status_snapshot(&self, audience: Audience) -> StatusSnapshot {
        let details = &self.facts.details;
        let named = details.transaction_type.as_ref().zip(details.reference.as_ref());
        // An end at which nothing happens is nothing to act before.
        let deadline = self.deadline.filter(|deadline| deadline.on_expiry != OnExpiry::Stay);
        let end =
            deadline.and_then(|deadline| transition(self.state, self.category, deadline.on_expiry.action()?).ok());
        let situation = Situation::of(self);
        StatusSnapshot {
            log_code: self.log_code().filter(|_| audience == Audience::Parties),
            transaction: named.map(|(kind, reference)| format!("{kind} {reference}")),
            category: self.category,
            status: views::arbiter_status(self.state, self.category).map(str::to_owned),
            party_due: self.state.party_due(),
            ends_at: deadline.map(|deadline| deadline.ends_at),
            ends_for: end.and_then(State::closing),
            respondent: situation.respondent,
            choices: notifications::choices(&situation, audience),
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
        views::arbiter_status(self.state, self.category)?;
        Some(self.number.log_code(self.initiator()?.as_str()))
    }
}

#[cfg(test)]
mod tests;
