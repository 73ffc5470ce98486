//! Who looks at a dispute.

use super::Dispute;
use crate::environment::Environment;
use crate::ids::{AccountId, DomainCode};
use crate::lifecycle::Actor;
use crate::policy::visibility::Viewer;
use crate::transaction::Party;

impl Dispute {
    /// The roles of an account of this environment, which parties know by `domain`.
    ///
    /// A party has none in a draft: its opener and the transaction's account alone know of that.
    #[must_use]
    pub fn viewer(&self, account: &AccountId, domain: Option<&DomainCode>, environment: Environment) -> Viewer {
        if self.facts.environment != environment {
            return Viewer::new(Vec::new());
        }
        let parties = &self.facts.parties;
        let is_public = self.is_seen_by_parties();
        let is_party =
            |party: &Option<Party>| is_public && party.as_ref().is_some_and(|party| domain == Some(&party.code));
        let roles = [
            (Actor::Account, self.facts.account == *account),
            (Actor::Opener, self.opener == *account),
            (Actor::Issuer, is_party(&parties.issuer)),
            (Actor::Acquirer, is_party(&parties.acquirer)),
            (Actor::Merchant, is_party(&parties.merchant)),
        ];
        Viewer::new(roles.into_iter().filter(|(_, has_it)| *has_it).map(|(role, _)| role).collect())
    }
}
