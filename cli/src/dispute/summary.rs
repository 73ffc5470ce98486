//! A dispute on one line, as a search and an export print it.

use recourse_dispute::channel::Channel;
use recourse_dispute::channels::arbiter::arbiter_status;
use recourse_dispute::dispute::Dispute;
use recourse_dispute::environment::Environment;
use recourse_dispute::lifecycle::{Category, State};
use recourse_dispute::number::DisputeNumber;
use recourse_dispute::time::UnixMillis;
use serde::Serialize;

use crate::output::{utc, visible};
use recourse_operations::labels;

/// A dispute for a program. Times are ISO 8601, amounts decimal.
#[derive(Serialize)]
pub(crate) struct Summary<'a> {
    case_id: String,
    number: DisputeNumber,
    channel: Channel,
    opener: &'a str,
    opened_at: String,
    environment: Environment,
    category: Category,
    state: State,
    state_since: String,
    /// As the Arbiter API shows it.
    status: Option<&'static str>,
    ends_at: Option<String>,
    amount: String,
    currency: &'static str,
    trxid: &'a str,
    account: &'a str,
    refid: &'a str,
}

impl<'a> Summary<'a> {
    pub(crate) fn of(dispute: &'a Dispute) -> Self {
        Self {
            case_id: dispute.number.case_id(),
            number: dispute.number,
            channel: dispute.channel,
            opener: dispute.opener.as_str(),
            opened_at: dispute.opened_at.iso8601(),
            environment: dispute.facts.environment,
            category: dispute.category,
            state: dispute.state,
            state_since: dispute.state_since.iso8601(),
            status: arbiter_status(dispute.state, dispute.category),
            ends_at: dispute.deadline.map(|deadline| UnixMillis::iso8601(deadline.ends_at)),
            amount: dispute.amount.decimal(),
            currency: dispute.amount.currency().code(),
            trxid: dispute.facts.trxid.as_str(),
            account: dispute.facts.account.as_str(),
            refid: dispute.facts.refid.as_str(),
        }
    }
}

pub(crate) fn line(dispute: &Dispute) -> String {
    let facts = &dispute.facts;
    let amount = format!("{} {}", dispute.amount.decimal(), dispute.amount.currency().code());
    let staging = match facts.environment {
        Environment::Production => "",
        Environment::Staging => ", staging",
    };
    format!(
        "{}  {}  {:<8}  {:<24}  {amount:>16}  trxid {}, refid {} of {}{staging}",
        dispute.number.case_id(),
        utc(dispute.opened_at),
        dispute.channel.name(),
        labels::state(dispute.state),
        facts.trxid,
        visible(facts.refid.as_str()),
        facts.account,
    )
}
