//! What decides how a dispute goes on: which party is due to respond, until when, what happens on
//! expiry, why the dispute was opened, and which other disputes it prevents.

use recourse_dispute::deadlines::{Deadline, OnExpiry};
use recourse_dispute::dispute::Dispute;
use recourse_dispute::lifecycle::{Actor, Lock, Side, State};
use recourse_dispute::number::DisputeNumber;
use recourse_dispute::text::visible;
use recourse_dispute::time::UnixMillis;
use serde::Serialize;

use crate::{labels, utc};

const MINUTE_MS: i64 = 60 * 1000;
const HOUR_MS: i64 = 60 * MINUTE_MS;
const DAY_MS: i64 = 24 * HOUR_MS;

/// What decides how a dispute goes on, for a program. Times are ISO 8601.
#[derive(Serialize)]
pub struct Decisive<'a> {
    /// The party due to respond; `null` when the dispute is closed.
    due_to_respond: Option<DueToRespond<'a>>,
    /// The end of the present status; `null` when it has none.
    deadline: Option<Ends>,
    #[serde(skip_serializing_if = "Reason::is_unknown")]
    reason: Reason<'a>,
    lock: Held,
}

#[derive(Serialize)]
struct DueToRespond<'a> {
    side: Side,
    actor: Actor,
    /// The account, or the domain code of a bank or merchant; `null` for the operators.
    name: Option<&'a str>,
}

#[derive(Serialize)]
struct Ends {
    ends_at: String,
    remind_at: Option<String>,
    rule: OnExpiry,
    /// The state after the expiry: the present one where nothing happens.
    state_on_expiry: State,
    #[serde(skip)]
    left_ms: i64,
}

#[derive(Serialize)]
struct Reason<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<&'a str>,
}

impl Reason<'_> {
    fn is_unknown(&self) -> bool {
        self.code.is_none() && self.message.is_none()
    }
}

/// The lock that this dispute holds, and the dispute that holds the active-dispute lock of its
/// transaction.
#[derive(Serialize)]
struct Held {
    of_this_dispute: Option<&'static str>,
    active_dispute: Option<String>,
}

impl<'a> Decisive<'a> {
    /// What decides how a dispute goes on. `active` holds its transaction's active-dispute lock.
    #[must_use]
    pub fn of(dispute: &'a Dispute, active: Option<DisputeNumber>, now: UnixMillis) -> Self {
        Self {
            due_to_respond: due_to_respond(dispute),
            deadline: dispute.deadline.filter(|_| dispute.state.is_open()).map(|at| ends(dispute, at, now)),
            reason: Reason {
                code: dispute
                    .logged
                    .as_ref()
                    .map(|logged| logged.reason.as_str())
                    .or(dispute.details.reason_code.as_deref()),
                message: dispute.claim.message.as_deref(),
            },
            lock: Held {
                of_this_dispute: dispute.state.lock().map(|lock| match lock {
                    Lock::Draft => "draft",
                    Lock::Active => "active",
                }),
                active_dispute: active.map(DisputeNumber::case_id),
            },
        }
    }

    /// The same for a person: what each fact is called, and the fact.
    #[must_use]
    pub fn rows(&self, dispute: &Dispute) -> Vec<(&'static str, String)> {
        let mut rows = Vec::new();
        if let Some(due) = &self.due_to_respond {
            rows.push(("to respond", to_respond(dispute, due)));
            rows.push(("deadline", self.deadline(dispute)));
        }
        if let Some(ends) = &self.deadline {
            let then = match ends.rule {
                OnExpiry::Stay => "nothing: its status stays".to_owned(),
                OnExpiry::AgainstPartyDue | OnExpiry::Customer | OnExpiry::Merchant => {
                    labels::state(ends.state_on_expiry)
                }
            };
            rows.push(("on expiry", then));
        }
        let message = self.reason.message.map(|message| format!("\"{}\"", visible(message)));
        let reason: Vec<_> =
            self.reason.code.map(|code| visible(code).into_owned()).into_iter().chain(message).collect();
        if !reason.is_empty() {
            rows.push(("reason", reason.join(", ")));
        }
        rows.push(("lock", self.lock(dispute)));
        rows
    }

    fn deadline(&self, dispute: &Dispute) -> String {
        match &self.deadline {
            Some(ends) => {
                let reminder = ends.remind_at.as_deref().map(|at| format!("; reminder {at}")).unwrap_or_default();
                format!("{}, {}{reminder}", ends.ends_at, left(ends.left_ms))
            }
            None if dispute.channel.policy().has_deadlines => "none for this status".to_owned(),
            None => "none: an operator decides a report of this API".to_owned(),
        }
    }

    fn lock(&self, dispute: &Dispute) -> String {
        let trxid = &dispute.facts.trxid;
        let case = dispute.number.case_id();
        let active = match &self.lock.active_dispute {
            Some(held) if *held == case => return format!("active: no other dispute of {trxid} can be opened"),
            Some(held) => format!("the active dispute of {trxid} is {held}"),
            None => format!("{trxid} has no active dispute"),
        };
        match self.lock.of_this_dispute {
            Some("active") => format!("missing: {active}. Report this to the maintainers"),
            Some(_) => format!("draft: {} can open no second draft; {active}", dispute.opener),
            None => format!("none; {active}"),
        }
    }
}

fn due_to_respond(dispute: &Dispute) -> Option<DueToRespond<'_>> {
    let facts = &dispute.facts;
    let opener = (Actor::Opener, Some(dispute.opener.as_str()));
    // Without deadlines the operators do the work, whoever else may respond meanwhile.
    let has_deadlines = dispute.channel.policy().has_deadlines;
    let side = dispute.state.party_due().map(|side| if has_deadlines { side } else { Side::Operator })?;
    let (actor, name) = match side {
        Side::Opener => opener,
        Side::Claimant => {
            facts.parties.issuer.as_ref().map_or(opener, |bank| (Actor::Issuer, Some(bank.code.as_str())))
        }
        Side::Respondent => respondent(dispute),
        Side::Operator => (Actor::Operator, None),
    };
    Some(DueToRespond { side, actor, name })
}

/// Who answers for the merchant's side.
fn respondent(dispute: &Dispute) -> (Actor, Option<&str>) {
    let facts = &dispute.facts;
    facts
        .respondent()
        .map_or((Actor::Account, Some(facts.account.as_str())), |(role, party)| (role, Some(party.code.as_str())))
}

/// Who is due to respond, in words. Where operators do the work, who else may end it.
fn to_respond(dispute: &Dispute, due: &DueToRespond<'_>) -> String {
    let named = |role, name: Option<&str>| {
        format!("{}{}", actor(role), name.map(|name| format!(" {name}")).unwrap_or_default())
    };
    if dispute.channel.policy().has_deadlines {
        return named(due.actor, due.name);
    }
    match respondent(dispute) {
        (Actor::Account, name) => format!("operators ({} may concede)", named(Actor::Account, name)),
        (role, name) => format!("operators (the {} may accept or refuse)", named(role, name)),
    }
}

fn ends(dispute: &Dispute, deadline: Deadline, now: UnixMillis) -> Ends {
    let state =
        deadline.on_expiry.action().and_then(|action| dispute.step(Actor::Clock, action, deadline.ends_at).ok());
    Ends {
        ends_at: utc(deadline.ends_at),
        remind_at: deadline.remind_at.map(utc),
        rule: deadline.on_expiry,
        state_on_expiry: state.unwrap_or(dispute.state),
        left_ms: deadline.ends_at.0.saturating_sub(now.0),
    }
}

fn actor(actor: Actor) -> &'static str {
    match actor {
        Actor::Operator => "an operator",
        Actor::Account => "the transaction's account",
        Actor::Opener => "its opener",
        other => other.name(),
    }
}

/// How long it is until then, rounded down to minutes, hours or days.
#[must_use]
pub fn left(ms: i64) -> String {
    let length = length(ms);
    if ms > 0 { format!("in {length}") } else { format!("{length} ago") }
}

/// How long a time is, as [`left`] says it.
pub(crate) fn length(ms: i64) -> String {
    let ms = ms.saturating_abs();
    let count = |unit: i64, one: &str| {
        let count = ms / unit;
        format!("{count} {one}{}", if count == 1 { "" } else { "s" })
    };
    match ms {
        short if short < 2 * HOUR_MS => count(MINUTE_MS, "minute"),
        medium if medium < 2 * DAY_MS => count(HOUR_MS, "hour"),
        _ => count(DAY_MS, "day"),
    }
}

#[cfg(test)]
mod tests;
