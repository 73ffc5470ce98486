//! One dispute with the caller's actions and its journal: the answer of `GET` and `PUT
//! /disputes/{logCode}` (Arbiter contract, "Calls").
//!
//! The form of `evidence` is Recourse-specific: the vendor publishes an empty list.

use std::borrow::Cow;

use recourse_dispute::channels::arbiter::arbiter_status;
use recourse_dispute::claim::EvidenceFile;
use recourse_dispute::dispute::Dispute;
use recourse_dispute::event::{EventKind, HistoryEntry};
use recourse_dispute::lifecycle::{Action, Actor, DISPUTE_TEAM};
use recourse_dispute::policy::visibility::{Field, Viewer};
use recourse_dispute::time::UnixMillis;
use recourse_store::DisputeRecord;
use serde::Serialize;

use crate::response::{DisputeResponse, to_response};
use crate::{Caller, available_actions};

/// The most entries of a journal that are shown. An answer has at most 6 MB, and a comment of the
/// characters that cost most has 8 kB in it.
const MAX_ENTRIES: usize = 700;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Detail<'a> {
    #[serde(flatten)]
    dispute: DisputeResponse<'a>,
    status_actions: Vec<AvailableAction>,
    evidence: Vec<Evidence<'a>>,
    journal: Vec<Entry<'a>>,
}

#[derive(Serialize)]
struct AvailableAction {
    action: &'static str,
    required: &'static [&'static str],
}

/// A file of evidence. `GET /disputes/{logCode}/evidence/{id}` answers where to download it.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Evidence<'a> {
    id: String,
    file_name: &'a str,
    file_type: &'a str,
    /// In bytes.
    file_size: u64,
    added_on: String,
}

impl<'a> Evidence<'a> {
    fn of(file: &'a EvidenceFile) -> Self {
        Self {
            id: file.id.to_string(),
            file_name: &file.name,
            file_type: &file.media,
            file_size: file.size,
            added_on: file.at.iso8601(),
        }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Entry<'a> {
    id: u64,
    dispute_id: u64,
    detail: String,
    added_by: Cow<'a, str>,
    added_on: String,
}

/// A dispute in full at `now`, for this caller; `None` if the API does not show the dispute.
#[must_use]
pub fn detail<'a>(record: &'a DisputeRecord, caller: &Caller, now: UnixMillis) -> Option<impl Serialize + use<'a>> {
    let dispute = &record.dispute;
    let viewer = caller.viewer(dispute);
    let evidence = dispute.claim.evidence.iter().filter(|_| viewer.may_see(Field::EvidenceList));
    let available = available_actions(record, caller, now).into_iter();
    let available = available
        .map(|status_action| AvailableAction { action: status_action.name, required: status_action.required() });
    Some(Detail {
        dispute: to_response(dispute)?,
        status_actions: available.collect(),
        evidence: evidence.map(Evidence::of).collect(),
        journal: journal(&record.events).into_iter().map(|event| entry(dispute, event, &viewer)).collect(),
    })
}

/// The events to show, oldest first. Above [`MAX_ENTRIES`], each run of consecutive updates is
/// reduced to its last one, so that no party pushes out what others said. Then the newest events
/// are shown.
fn journal(events: &[HistoryEntry]) -> Vec<&HistoryEntry> {
    let mut journal: Vec<&HistoryEntry> = events.iter().collect();
    if journal.len() > MAX_ENTRIES {
        journal.reverse();
        journal.dedup_by(|older, newer| is_update(older) && is_update(newer));
        journal.truncate(MAX_ENTRIES);
        journal.reverse();
    }
    journal
}

fn is_update(event: &HistoryEntry) -> bool {
    matches!(event.kind, EventKind::Did(Action::Update | Action::UploadEvidence))
}

fn entry<'a>(dispute: &Dispute, event: &'a HistoryEntry, viewer: &Viewer) -> Entry<'a> {
    let status = arbiter_status(event.state, dispute.category);
    let what = match (event.kind, status) {
        (EventKind::Opened, Some(status)) => format!("Logged: {status}"),
        (EventKind::Opened, None) => "Draft created".to_owned(),
        (EventKind::Commented, _) => "Comment".to_owned(),
        (EventKind::Reminded, _) => "Reminded of the scheduled end".to_owned(),
        (EventKind::Attached, _) => "Evidence received by mail".to_owned(),
        (EventKind::Did(Action::Update | Action::UploadEvidence), _) => "Details updated".to_owned(),
        // Whatever the deployment has the clock do then.
        (EventKind::Did(_), Some(status)) if event.by.actor == Actor::Clock => format!("Time ran out: {status}"),
        (EventKind::Did(Action::Cancel), _) | (EventKind::Did(_), None) => "Withdrawn".to_owned(),
        (EventKind::Did(_), Some(status)) => status.to_owned(),
    };
    let said = event.note.as_deref().filter(|_| viewer.may_see(Field::NoteBy(event.by.actor)));
    Entry {
        id: event.version,
        dispute_id: dispute.number.get(),
        detail: said.map_or(what.clone(), |said| format!("{what}: {said}")),
        added_by: who(event, viewer),
        added_on: event.at.iso8601(),
    }
}

/// Which part somebody played, and a bank's person by name.
fn who<'a>(event: &'a HistoryEntry, viewer: &Viewer) -> Cow<'a, str> {
    let role = event.by.actor;
    let role_name = match role {
        Actor::Issuer | Actor::Acquirer | Actor::Merchant if viewer.may_see(Field::NameOf(role)) => {
            return Caller::public_name(&event.by.name);
        }
        Actor::Issuer => "issuer",
        Actor::Acquirer => "acquirer",
        Actor::Merchant | Actor::Account => "merchant",
        Actor::Opener => "opener",
        Actor::Operator => DISPUTE_TEAM,
        Actor::Automation => "automation",
        Actor::Platform => "payment platform",
        Actor::Clock => "scheduled end",
    };
    Cow::Borrowed(role_name)
}

#[cfg(test)]
mod tests;
