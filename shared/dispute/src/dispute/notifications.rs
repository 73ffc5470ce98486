//! The mails that a change of a dispute makes.

use super::Dispute;
use crate::addresses::{MailAddress, Recipients};
use crate::channels::arbiter::{Logged, arbiter_status};
use crate::deadlines::OnExpiry;
use crate::event::{EventKind, HistoryEntry};
use crate::lifecycle::{Actor, State, transition};
use crate::notification::{
    Audience, Author, Cause, EmailTemplate, Notification, NotificationDetails, StatusSnapshot, SupportMail,
};
use crate::policy::actions::Situation;
use crate::policy::notifications;
use crate::transaction::{Parties, Party};

impl Dispute {
    /// The mails about `event`, which led here. `parties` are the registered addresses of the
    /// parties that the event concerns. Nobody gets mail about a staging account's dispute.
    ///
    /// No mailbox gets two of them. An address that is in both audiences gets the mail to the
    /// parties: it says more, and no caller hides it from a bank by naming the bank's address.
    /// Where the opener names addresses, the account is the exception: the mail of the case has the
    /// account in Cc by contract, so the account gets that one.
    #[must_use]
    pub fn notifications(&self, event: &HistoryEntry, parties: Option<&Recipients>) -> Vec<Notification> {
        if !self.facts.environment.sends_mail() {
            return Vec::new();
        }
        let mut mails = Vec::new();
        let case_is_account = self.channel.policy().case_is_account;
        let table = notifications::notify(self.channel, event);
        let is_sent = |audience| table.iter().any(|(to, _)| *to == audience);
        let case = self.recipients.as_ref().filter(|_| is_sent(Audience::Case));
        let parties = parties.filter(|_| is_sent(Audience::Parties));
        let gets_case = |address: &MailAddress| {
            !case_is_account && case.is_some_and(|case| case.reaches(address) && !case.was_named(address))
        };
        let gets_parties =
            |address: &MailAddress| parties.is_some_and(|parties| parties.reaches(address)) && !gets_case(address);
        for (audience, template) in table {
            let recipients = match audience {
                Audience::Case => case.and_then(|case| case.without(gets_parties)),
                Audience::Parties => parties.and_then(|parties| parties.without(gets_case)),
            };
            mails.extend(recipients.map(|to| self.notification(template, audience, event, to)));
        }
        mails
    }

    /// Whether the transaction's parties are notified of what happens to the dispute: they see it,
    /// and its environment sends mail.
    #[must_use]
    pub fn notifies_parties(&self) -> bool {
        self.facts.environment.sends_mail() && self.is_seen_by_parties()
    }

    /// Whether the transaction's parties see the dispute. A draft is its opener's and the account's
    /// alone.
    #[must_use]
    pub fn is_seen_by_parties(&self) -> bool {
        arbiter_status(self.state, self.category).is_some()
    }

    /// A mail of the support process about the dispute, to `recipients`. Nobody gets one about a
    /// staging account's dispute.
    #[must_use]
    pub fn support_notification(
        &self,
        template: EmailTemplate,
        recipients: Recipients,
        mail: SupportMail,
    ) -> Option<Notification> {
        let actor = if mail.author == Author::Agent { Actor::Operator } else { Actor::Automation };
        let cause = Cause { channel: self.channel, actor, kind: EventKind::Commented };
        self.facts.environment.sends_mail().then(|| Notification {
            template,
            audience: Audience::Case,
            cause,
            number: self.number,
            account: self.opener.clone(),
            refid: self.facts.refid.clone(),
            product: None,
            amount: self.facts.amount,
            disputed: None,
            details: NotificationDetails::default(),
            status: None,
            undelivered: None,
            support: Some(Box::new(mail)),
            recipients,
        })
    }

    fn notification(
        &self,
        template: EmailTemplate,
        audience: Audience,
        event: &HistoryEntry,
        recipients: Recipients,
    ) -> Notification {
        Notification {
            template,
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
            support: None,
            recipients,
        }
    }

    /// What the mail says of the payment and of the claim, as far as its readers may read it. A
    /// customer reads who was paid, and not through which banks.
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

    /// Why the claim is made: the reason that a bank chose, or the type and the code that a
    /// merchant recorded.
    fn reason(&self) -> Option<String> {
        if let Some(Logged { reason, reason_name, .. }) = &self.logged {
            return Some(reason_name.as_ref().map_or_else(|| reason.clone(), |name| format!("{name} ({reason})")));
        }
        let said = [&self.details.dispute_type, &self.details.reason_code];
        let said: Vec<_> = said.into_iter().flatten().map(String::as_str).collect();
        (!said.is_empty()).then(|| said.join(", "))
    }

    /// Its status, for the mail's readers. Only the bank network knows log codes.
    fn status_snapshot(&self, audience: Audience) -> StatusSnapshot {
        let details = &self.facts.details;
        let named = details.transaction_type.as_ref().zip(details.reference.as_ref());
        // Nobody has to act before an end at which nothing happens.
        let deadline = self.deadline.filter(|deadline| deadline.on_expiry != OnExpiry::Stay);
        let end =
            deadline.and_then(|deadline| transition(self.state, self.category, deadline.on_expiry.action()?).ok());
        let situation = Situation::from(self);
        StatusSnapshot {
            log_code: self.log_code().filter(|_| audience == Audience::Parties),
            transaction: named.map(|(kind, reference)| format!("{kind} {reference}")),
            category: self.category,
            status: arbiter_status(self.state, self.category).map(str::to_owned),
            party_due: self.state.party_due(),
            ends_at: deadline.map(|deadline| deadline.ends_at),
            ends_for: end.and_then(State::closing),
            respondent: situation.respondent,
            choices: notifications::choices(&situation, audience),
        }
    }
}

#[cfg(test)]
mod tests;
