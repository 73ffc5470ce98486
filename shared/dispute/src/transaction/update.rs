//! What a later update changes of a transaction.

use super::{Facts, Transaction, TransactionDetails};
use crate::ids::CaptureId;

/// What an update changes of a known transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UpdateDecision {
    /// Its status, kind and `updated_at` replace what is known, and its captures are added to it.
    Replaces,
    /// What is known is newer, or final where the update is not: nothing changes.
    Stale,
    /// It contradicts a fixed fact; the field's name on the wire.
    Contradicts(&'static str),
    /// With its captures the transaction would have more than [`TransactionDetails::MAX_CAPTURES`].
    TooManyCaptures,
}

impl Transaction {
    /// What `update` changes of what is known (platform contract): the newer `updated_at` wins,
    /// an equal one replaces, a final status never goes back, and a different fixed fact is a
    /// contradiction whatever its age.
    #[must_use]
    pub fn evaluate_update(&self, update: &Self) -> UpdateDecision {
        if let Some(field) = self.facts.contradicted_by(&update.facts) {
            UpdateDecision::Contradicts(field)
        } else if update.updated_at < self.updated_at || (self.status.is_final() && !update.status.is_final()) {
            UpdateDecision::Stale
        } else if self.facts.details.captures.len() + self.facts.captures_added(&update.facts).count()
            > TransactionDetails::MAX_CAPTURES
        {
            UpdateDecision::TooManyCaptures
        } else {
            UpdateDecision::Replaces
        }
    }
}

impl Facts {
    /// The same with the captures that an update adds, in its order after those that are known;
    /// `None` where it adds none.
    #[must_use]
    pub fn with_captures(&self, update: &Self) -> Option<Self> {
        let mut facts = self.clone();
        facts.details.captures.extend(self.captures_added(update).cloned());
        (facts != *self).then_some(facts)
    }

    /// The captures of an update that are not known yet.
    pub fn captures_added<'a>(&'a self, update: &'a Self) -> impl Iterator<Item = &'a CaptureId> {
        update.details.captures.iter().filter(|capture| !self.details.captures.contains(capture))
    }

    fn contradicted_by(&self, other: &Self) -> Option<&'static str> {
        let fixed = [
            ("account", self.account == other.account),
            ("refid", self.refid == other.refid),
            ("details.type", self.details.transaction_type == other.details.transaction_type),
            ("details.reference", self.details.reference == other.details.reference),
            ("currency", self.amount.currency() == other.amount.currency()),
            ("amount", self.amount.minor() == other.amount.minor()),
            ("parties.issuer", self.parties.issuer == other.parties.issuer),
            ("parties.acquirer", self.parties.acquirer == other.parties.acquirer),
            ("parties.merchant", self.parties.merchant == other.parties.merchant),
        ];
        fixed.into_iter().find(|(_, same)| !same).map(|(field, _)| field)
    }
}
