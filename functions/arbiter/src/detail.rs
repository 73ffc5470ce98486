//! One dispute with what can be done to it and what was: the answer of `GET` and `PUT /disputes/{logCode}` (Arbiter contract, "Calls").

use recourse_dispute::dispute::{Dispute, Event, What};
use recourse_dispute::faces;
use recourse_dispute::lifecycle::{Action, Actor};
use recourse_dispute::time::UnixMillis;
use recourse_store::Record;
use serde::Serialize;
use serde_json::Value;

use crate::printed::{Printed, print};
use crate::{Caller, acts};

/// The most entries of a journal that are printed. An answer may have 6 MB, and a comment of the costliest letters has 8 kB in it.
const MOST_ENTRIES: usize = 700;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Detail<'a> {
    #[serde(flatten)]
    dispute: Printed<'a>,
    status_actions: Vec<Offered>,
    /// The door publishes no way to add any.
    evidence: [Value; 0],
    journal: Vec<Entry<'a>>,
}

#[derive(Serialize)]
struct Offered {
    action: &'static str,
    required: &'static [&'static str],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Entry<'a> {
    id: u64,
    dispute_id: u64,
    detail: String,
    added_by: &'a str,
    added_on: String,
}

/// A dispute in full as it stands at `now`, for this caller; `None` of one that the door does not show.
#[must_use]
pub fn detail<'a>(record: &'a Record, caller: &Caller, now: UnixMillis) -> Option<impl Serialize + use<'a>> {
    let dispute = &record.dispute;
    let offered = acts(record, caller, now).into_iter();
    let offered = offered.map(|act| Offered { action: act.name, required: act.required() });
    Some(Detail {
        dispute: print(dispute)?,
        status_actions: offered.collect(),
        evidence: [],
        journal: journal(&record.events).into_iter().map(|event| entry(dispute, event)).collect(),
    })
}

/// The events to print, oldest first. Above [`MOST_ENTRIES`], each run of consecutive updates is reduced to its last one, so that nobody pushes out
/// what others said; then the newest are kept.
fn journal(events: &[Event]) -> Vec<&Event> {
    let mut printed: Vec<&Event> = events.iter().collect();
    if printed.len() > MOST_ENTRIES {
        printed.reverse();
        printed.dedup_by(|older, newer| is_update(older) && is_update(newer));
        printed.truncate(MOST_ENTRIES);
        printed.reverse();
    }
    printed
}

fn is_update(event: &Event) -> bool {
    matches!(event.what, What::Did(Action::Update | Action::UploadEvidence))
}

fn entry<'a>(dispute: &Dispute, event: &'a Event) -> Entry<'a> {
    let status = faces::arbiter_status(event.state, dispute.category);
    let what = match (event.what, status) {
        (What::Opened, Some(status)) => format!("Logged: {status}"),
        (What::Opened, None) => "Begun".to_owned(),
        (What::Commented, _) => "Comment".to_owned(),
        (What::Reminded, _) => "Reminded of the scheduled end".to_owned(),
        (What::Did(Action::Update | Action::UploadEvidence), _) => "Details updated".to_owned(),
        // Whatever the deployment has the clock do then.
        (What::Did(_), Some(status)) if event.by.actor == Actor::Clock => format!("Time ran out: {status}"),
        (What::Did(Action::Cancel), _) | (What::Did(_), None) => "Withdrawn".to_owned(),
        (What::Did(_), Some(status)) => status.to_owned(),
    };
    let said = event.note.as_deref().filter(|_| is_for_parties(event.by.actor) || event.what == What::Opened);
    Entry {
        id: event.version,
        dispute_id: dispute.number.get(),
        detail: said.map_or(what.clone(), |said| format!("{what}: {said}")),
        added_by: who(event),
        added_on: event.at.iso8601(),
    }
}

/// Whether what somebody notes is said to the parties: what they say themselves, and why the desk decided. An opener's note and the platform's
/// are of other doors.
fn is_for_parties(actor: Actor) -> bool {
    match actor {
        Actor::Issuer | Actor::Acquirer | Actor::Merchant | Actor::Operator => true,
        Actor::Opener | Actor::Account | Actor::Automation | Actor::Platform | Actor::Clock => false,
    }
}

/// A bank's user by name; anybody else by what it is, for keys and operators' names are none of a bank's business.
fn who(event: &Event) -> &str {
    match event.by.actor {
        Actor::Issuer | Actor::Acquirer | Actor::Merchant if event.by.name.contains('@') => &event.by.name,
        Actor::Issuer => "issuer",
        Actor::Acquirer => "acquirer",
        Actor::Account | Actor::Merchant => "merchant",
        Actor::Opener => "opener",
        Actor::Operator => "dispute desk",
        Actor::Automation => "automation",
        Actor::Platform => "payment platform",
        Actor::Clock => "scheduled end",
    }
}

#[cfg(test)]
mod tests;
