//! All of a dispute that decides who may do what.

use super::Dispute;
use crate::lifecycle::Right;
use crate::policy::actions::Situation;

impl From<&Dispute> for Situation {
    fn from(dispute: &Dispute) -> Self {
        Self {
            channel: dispute.channel,
            state: dispute.state,
            category: dispute.category,
            closed_by: dispute.closed_by,
            parties_acted: dispute.parties_acted,
            // What comes by mail to a report is the customer's. It does not refuse the claim.
            has_evidence: dispute.channel.policy().draft != Right::Never && !dispute.claim.evidence.is_empty(),
            respondent: dispute.facts.respondent().map(|(respondent, _)| respondent),
        }
    }
}
