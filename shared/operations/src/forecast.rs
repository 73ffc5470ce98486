//! What the automation does next with a case, and why it stopped: what an agent wants to know
//! before acting.

use recourse_casework::{CaseInput, Casework};
use recourse_dispute::text::visible;
use recourse_dispute::time::UnixMillis;
use recourse_store::{CaseRecord, SupportEvent, SupportSnapshot, WorkKind};
use recourse_support::case::State;
use recourse_support::decision::{DecidedBy, HistoryEntry};

use crate::step_facts::saw;
use crate::{labels, millis};

/// What happens by itself if nobody acts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Forecast {
    /// When.
    pub at: UnixMillis,
    /// What happens, a sentence each.
    pub steps: Vec<String>,
}

/// The step by which the automation left a case to people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stop {
    /// When.
    pub at: UnixMillis,
    /// Why, as a sentence.
    pub sentence: &'static str,
    /// Who or what decided.
    pub by: String,
    /// What it rests on, in words; what others wrote has its invisible characters as escapes.
    pub saw: Option<String>,
}

/// What happens by itself next; `None` where nothing does. The step is decided as the worker will
/// decide it, and nothing is written.
#[must_use]
pub fn forecast(casework: &Casework, snapshot: &SupportSnapshot, now: UnixMillis) -> Option<Forecast> {
    let file = snapshot.case.as_ref()?;
    let case = file.support.as_ref()?;
    if let Some(work) = file.work {
        let what = match work.kind {
            WorkKind::Opened => "A worker begins the process.",
            WorkKind::Provider => "A worker asks the provider; its answer decides what follows.",
            WorkKind::Model => {
                "A worker asks the model, which may choose an approved mail or leave the case to people."
            }
        };
        return Some(Forecast { at: work.due, steps: vec![what.to_owned()] });
    }
    let at = millis(case.due_at()?.0).max(now);
    let commit = casework.decide(snapshot, &CaseInput::Due, at).ok().flatten()?;
    let mut steps = Vec::new();
    for entry in commit.event.iter().flat_map(|event| &event.entries) {
        let moved = format!("The case becomes {}: {}", labels::support_state(entry.to), entry.reason.sentence());
        steps.push(if entry.from == entry.to { entry.reason.sentence().to_owned() } else { moved });
    }
    if let Some(change) = &commit.change {
        steps.push(format!("The dispute becomes {}.", labels::state(change.dispute.state)));
    }
    steps.extend(commit.mails.iter().map(|(_, mail)| {
        format!("A mail goes out: \"{}\", to {}.", recourse_mail::subject(mail), mail.recipients.all().count())
    }));
    Some(Forecast { at, steps })
}

/// Why the automation does no more: its last step that left the case to people. `None` where the
/// automation has the case.
#[must_use]
pub fn stopped(record: &CaseRecord) -> Option<Stop> {
    let state = record.case.as_ref()?.effective(&record.record.dispute)?;
    if !matches!(state, State::WaitingForAgent | State::WaitingForCustomer | State::Resolved) {
        return None;
    }
    let entries = record.history.iter().flat_map(entries);
    let is_end = |entry: &&HistoryEntry| {
        let ends = matches!(entry.to, State::WaitingForAgent | State::Resolved);
        ends && entry.from != entry.to && !matches!(entry.from, State::WaitingForAgent | State::Resolved)
    };
    let last = entries.filter(is_end).last()?;
    let by = match &last.decided_by {
        DecidedBy::Agent(name) => visible(name).into_owned(),
        other => visible(&labels::decided_by(other)).into_owned(),
    };
    let saw: Vec<_> = last.saw.iter().map(|code| saw(code)).collect();
    let saw = (!saw.is_empty()).then(|| saw.join(", "));
    Some(Stop { at: millis(last.at.0), sentence: last.reason.sentence(), by, saw })
}

fn entries(event: &SupportEvent) -> impl Iterator<Item = &HistoryEntry> {
    event.entries.iter()
}
