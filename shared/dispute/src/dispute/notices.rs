//! The mails that a dispute promises, and by which name a bank finds it.

use super::Dispute;
use crate::addresses::Recipients;
use crate::deadlines::Lapse;
use crate::faces;
use crate::ids::DomainCode;
use crate::lifecycle::Door;
use crate::notice::{Letter, Notice, Stand};

impl Dispute {
    /// The mail `letter` about this dispute, if anybody gets its mail. Of an end, banks and merchants who act on the dispute are told as its parties
    /// ([`Letter::for_parties`]).
    #[must_use]
    pub fn notice(&self, letter: Letter) -> Option<Notice> {
        let letter = match self.door {
            Door::Arbiter | Door::Tutelar => letter.for_parties(),
            Door::Iimmpact | Door::Connect => letter,
        };
        self.recipients.clone().map(|recipients| self.notice_to(letter, recipients))
    }

    /// The mail `letter` about this dispute, to these recipients.
    #[must_use]
    pub fn notice_to(&self, letter: Letter, recipients: Recipients) -> Notice {
        Notice {
            letter,
            number: self.number,
            account: self.opener.clone(),
            refid: self.facts.refid.clone(),
            product: self.facts.product.clone(),
            amount: self.facts.amount,
            disputed: Some(self.amount),
            stand: letter.is_for_parties().then(|| self.stand(&recipients)),
            undelivered: None,
            recipients,
        }
    }

    /// Where it stands, for a party that acts on it. Who alone gets the mail of a dispute of another door is no bank, and knows no log code.
    pub(crate) fn stand(&self, recipients: &Recipients) -> Stand {
        let details = &self.facts.details;
        let named = details.transaction_type.as_ref().zip(details.reference.as_ref());
        let for_banks = self.door == Door::Arbiter || self.recipients.as_ref() != Some(recipients);
        Stand {
            log_code: self.initiator().filter(|_| for_banks).map(|domain| self.number.log_code(domain.as_str())),
            transaction: named.map(|(kind, reference)| format!("{kind} {reference}")),
            category: self.category,
            status: faces::arbiter_status(self.state, self.category).map(str::to_owned),
            turn: self.state.turn(),
            // An end at which nothing happens is nothing to act before.
            ends_at: self.deadline.filter(|deadline| deadline.lapse != Lapse::Stay).map(|deadline| deadline.ends_at),
        }
    }

    /// The domain that its log code begins with: who logged it. A dispute of another door has nobody who did, so the customer's bank stands there, or
    /// the next party there is (ours).
    #[must_use]
    pub fn initiator(&self) -> Option<&DomainCode> {
        let parties = &self.facts.parties;
        let first = [&parties.issuer, &parties.acquirer, &parties.merchant].into_iter().flatten().next();
        self.logged.as_ref().map(|logged| &logged.domain).or(first.map(|party| &party.code))
    }

    /// Its log code (Arbiter contract, "Log: rules"); `None` of a dispute that the Arbiter door does not show.
    #[must_use]
    pub fn log_code(&self) -> Option<String> {
        faces::arbiter_status(self.state, self.category)?;
        Some(self.number.log_code(self.initiator()?.as_str()))
    }
}

#[cfg(test)]
mod tests;
