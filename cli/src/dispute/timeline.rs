//! A dispute's timeline as it is printed: lines for a person, JSON for a program.

use recourse_operations::TimelineEntry;
use recourse_operations::labels;
pub(super) use recourse_operations::{Addresses, timeline};
use recourse_store::{OutboxMail, Redriven};
use serde::Serialize;

use crate::output::utc;

/// An entry for a program. Times are ISO 8601.
#[derive(Serialize)]
#[serde(untagged)]
pub(super) enum TimelineJson<'a> {
    /// The dispute changed, or somebody commented on it.
    Event {
        at: String,
        version: u64,
        event: &'a recourse_dispute::event::EventKind,
        by: &'a recourse_dispute::event::PerformedBy,
        state: &'a recourse_dispute::lifecycle::State,
        #[serde(skip_serializing_if = "Option::is_none")]
        note: Option<&'a str>,
    },
    /// A mail was enqueued.
    Mail {
        at: String,
        version: u64,
        mail: &'a recourse_dispute::notification::EmailTemplate,
        mail_state: &'static str,
        changed_at: String,
        attempts: u32,
        #[serde(skip_serializing_if = "Option::is_none")]
        message_id: Option<&'a str>,
        #[serde(skip_serializing_if = "Option::is_none")]
        reason: Option<&'a str>,
        recipients: usize,
        left_out: usize,
        capped: usize,
        #[serde(skip_serializing_if = "Vec::is_empty")]
        redriven: Vec<RedriveJson<'a>>,
        #[serde(skip_serializing_if = "Option::is_none")]
        addresses: Option<Vec<&'a str>>,
    },
    /// SES reported a bounce or a complaint.
    Feedback {
        at: String,
        feedback: &'static str,
        outbox_id: String,
        #[serde(skip_serializing_if = "Option::is_none")]
        detail: Option<&'a str>,
        #[serde(skip_serializing_if = "Option::is_none")]
        address: Option<&'a str>,
    },
}

/// An operator's retry of a mail.
#[derive(Serialize)]
pub(super) struct RedriveJson<'a> {
    at: String,
    by: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    why: Option<&'a str>,
    was: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'a str>,
}

/// The entry for a person: a line, and perhaps more lines, which are indented.
pub(super) fn lines(entry: TimelineEntry<'_>, addresses: Addresses) -> Vec<String> {
    let words = entry.words(addresses, utc);
    let line = format!("{}  {:<28}  {}", utc(words.at), words.who, words.what);
    std::iter::once(line).chain(words.more.iter().map(|text| indented(text))).collect()
}

/// The entry for a program.
pub(super) fn to_json(entry: TimelineEntry<'_>, addresses: Addresses) -> TimelineJson<'_> {
    match entry {
        TimelineEntry::Event(event) => TimelineJson::Event {
            at: event.at.iso8601(),
            version: event.version,
            event: &event.kind,
            by: &event.by,
            state: &event.state,
            note: event.note.as_deref(),
        },
        TimelineEntry::Mail(mail) => TimelineJson::Mail {
            at: mail.enqueued_at.iso8601(),
            version: mail.id.version,
            mail: &mail.notification.template,
            mail_state: labels::mail_state(mail.mail_state),
            changed_at: mail.changed_at.iso8601(),
            attempts: mail.attempts,
            message_id: mail.message_id.as_deref(),
            reason: mail.reason.as_deref(),
            recipients: mail.notification.recipients.all().count(),
            left_out: mail.left_out.len(),
            capped: mail.capped().len(),
            redriven: mail.redriven.iter().map(redrive).collect(),
            addresses: (addresses == Addresses::Shown).then(|| all_of(mail)),
        },
        TimelineEntry::Feedback(feedback) => TimelineJson::Feedback {
            at: feedback.at.iso8601(),
            feedback: feedback.kind.name(),
            outbox_id: feedback.mail.to_string(),
            detail: feedback.detail.as_deref(),
            address: (addresses == Addresses::Shown).then(|| feedback.address.as_str()),
        },
    }
}

fn redrive(redrive: &Redriven) -> RedriveJson<'_> {
    RedriveJson {
        at: redrive.at.iso8601(),
        by: &redrive.by,
        why: redrive.why.as_deref(),
        was: labels::mail_state(redrive.was),
        reason: redrive.reason.as_deref(),
    }
}

fn all_of(mail: &OutboxMail) -> Vec<&str> {
    mail.notification.recipients.all().map(|address| address.as_str()).collect()
}

fn indented(text: &str) -> String {
    format!("{:<22}{text}", "")
}

#[cfg(test)]
pub(crate) mod tests;
