//! A dispute as the platform reads it. What is not plain to every party is no part of it: the
//! policy of who sees what names numbers, states, amounts, dates and codes as plain, and the refid
//! as the platform's own.

use recourse_dispute::channel::Channel;
use recourse_dispute::channels::arbiter::arbiter_status;
use recourse_dispute::dispute::Dispute;
use recourse_dispute::environment::Environment;
use recourse_dispute::lifecycle::{Closing, Stage};
use recourse_dispute::number::DisputeNumber;
use recourse_dispute::time::UnixMillis;
use serde::Serialize;

/// The form on the wire. Times are RFC 3339, amounts decimal.
#[derive(Debug, Serialize)]
pub struct DisputeResponse<'a> {
    case_id: String,
    trxid: &'a str,
    account: &'a str,
    refid: &'a str,
    channel: Channel,
    category: &'static str,
    status: &'static str,
    is_open: bool,
    stage: Stage,
    #[serde(skip_serializing_if = "Option::is_none")]
    closing: Option<Closing>,
    amount: String,
    currency: &'static str,
    opened_at: String,
    status_since: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    status_ends_at: Option<String>,
}

/// A dispute in the form on the wire; `None` of what the platform does not see: a draft, which its
/// opener and the account alone know of, and a dispute of the other environment.
#[must_use]
pub fn to_dispute_response(dispute: &Dispute, environment: Environment) -> Option<DisputeResponse<'_>> {
    let facts = &dispute.facts;
    if facts.environment != environment {
        return None;
    }
    Some(DisputeResponse {
        case_id: dispute.number.case_id(),
        trxid: facts.trxid.as_str(),
        account: facts.account.as_str(),
        refid: facts.refid.as_str(),
        channel: dispute.channel,
        category: dispute.category.name(),
        status: arbiter_status(dispute.state, dispute.category)?,
        is_open: dispute.state.is_open(),
        stage: dispute.state.stage(),
        closing: dispute.state.closing(),
        amount: dispute.amount.decimal(),
        currency: dispute.amount.currency().code(),
        opened_at: dispute.opened_at.iso8601(),
        status_since: dispute.state_since.iso8601(),
        status_ends_at: dispute.deadline.map(|deadline| UnixMillis::iso8601(deadline.ends_at)),
    })
}

/// The number that a path names, by the case id and no other form.
#[must_use]
pub fn number(id: &str) -> Option<DisputeNumber> {
    id.strip_prefix("RC-").and_then(|characters| DisputeNumber::from_base62(characters).ok())
}

#[cfg(test)]
mod tests {
    use recourse_dispute::lifecycle::{Category, State};
    use serde_json::json;

    use super::*;

    /// A draft that was cancelled is not shown, so its closing is not among them.
    #[test]
    fn openapi_yaml_names_the_closings_that_are_shown() {
        let is_shown = |closing: &Closing| {
            let state = State::Closed { closing: *closing, stage: Stage::First };
            arbiter_status(state, Category::Chargeback).is_some()
        };
        let shown: Vec<_> = Closing::ALL.into_iter().filter(is_shown).map(|closing| json!(closing)).collect();
        let names: Vec<_> = shown.iter().map(|name| name.as_str().unwrap()).collect();
        let document = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../openapi.yaml")).unwrap();
        let (_, schema) = document.split_once("\n    DisputeClosing:\n").unwrap();
        let named = schema.lines().find_map(|line| line.trim().strip_prefix("enum: ")).unwrap();
        assert_eq!(named, format!("[{}]", names.join(", ")));
    }
}
