//! A dispute's history, its mails and what SES reported of them, as one timeline, oldest first.

use recourse_dispute::event::HistoryEntry;
use recourse_mail::subject;
use recourse_store::{DeliveryFeedback, DisputeRecord, OutboxMail, Redriven, Undelivered};
use serde::Serialize;

use crate::labels;
use crate::output::{utc, visible};

/// Whether addresses are printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Addresses {
    /// Only their number is printed.
    Counted,
    /// Each is printed.
    Shown,
}

/// Something that happened.
#[derive(Clone, Copy)]
pub(super) enum TimelineEntry<'a> {
    /// The dispute changed, or somebody commented on it.
    Event(&'a HistoryEntry),
    /// A mail was enqueued.
    Mail(&'a OutboxMail),
    /// A mail bounced, or was reported as spam.
    Feedback(&'a DeliveryFeedback),
}

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

/// All entries of a record in order. A mail comes after the event that enqueued it, which has the
/// same time.
pub(super) fn timeline(record: &DisputeRecord) -> Vec<TimelineEntry<'_>> {
    let events = record.events.iter().map(TimelineEntry::Event);
    let mails = record.mails.iter().map(TimelineEntry::Mail);
    let mut entries: Vec<_> = events.chain(mails).chain(record.feedback.iter().map(TimelineEntry::Feedback)).collect();
    entries.sort_by_key(|entry| match entry {
        TimelineEntry::Event(event) => (event.at, event.version, 0),
        TimelineEntry::Mail(mail) => (mail.enqueued_at, mail.id.version, 1),
        TimelineEntry::Feedback(feedback) => (feedback.at, feedback.mail.version, 2),
    });
    entries
}

impl<'a> TimelineEntry<'a> {
    /// The entry for a person: a line, and perhaps more lines, which are indented.
    pub(super) fn lines(self, addresses: Addresses) -> Vec<String> {
        let line = |at, who: &str, what: String| format!("{}  {who:<28}  {what}", utc(at));
        match self {
            Self::Feedback(feedback) => Self::feedback_lines(feedback, addresses),
            Self::Event(event) => {
                let what = format!("{}; now {}", labels::event_kind(event.kind), labels::state(event.state));
                let mut lines = vec![line(event.at, &visible(&labels::who(&event.by)), what)];
                lines.extend(event.note.as_deref().map(|note| indented(&visible(note))));
                lines
            }
            Self::Mail(mail) => {
                let recipients = mail.notification.recipients.all().count();
                let what = format!(
                    "\"{}\" to {recipients}: {} at {}, attempts {}",
                    subject(&mail.notification),
                    labels::mail_state(mail.mail_state),
                    utc(mail.changed_at),
                    mail.attempts
                );
                let mut lines = vec![line(mail.enqueued_at, "mail", what)];
                lines.extend(mail.reason.as_deref().map(|reason| indented(&visible(reason))));
                let left_out = mail.left_out.len();
                if left_out > 0 {
                    let text = format!(
                        "left out {left_out} of them: earlier mail to such an address bounced or was reported as spam"
                    );
                    lines.push(indented(&text));
                }
                let capped = mail.capped().len();
                if capped > 0 {
                    lines.push(indented(&format!(
                        "left out {capped} of them: such an address got as many mails that day as one may get"
                    )));
                }
                lines.extend(mail.redriven.iter().map(|redrive| {
                    let (was, why) =
                        (labels::mail_state(redrive.was), redrive.why.as_deref().unwrap_or("no reason given"));
                    indented(&format!(
                        "{} by {}: it was {was}; {}",
                        utc(redrive.at),
                        visible(&redrive.by),
                        visible(why)
                    ))
                }));
                if addresses == Addresses::Shown {
                    lines.push(indented(&all_of(mail).join(", ")));
                }
                lines
            }
        }
    }

    fn feedback_lines(feedback: &DeliveryFeedback, addresses: Addresses) -> Vec<String> {
        let what = match feedback.kind {
            Undelivered::Bounce => "bounced at an address, which gets no more mail",
            Undelivered::Complaint => "was reported as spam at an address, which gets no more mail",
        };
        let detail = feedback.detail.as_deref().map(|detail| format!(" ({})", visible(detail))).unwrap_or_default();
        let mut lines = vec![format!("{}  {:<28}  mail {} {what}{detail}", utc(feedback.at), "SES", feedback.mail)];
        if addresses == Addresses::Shown {
            lines.push(indented(feedback.address.as_str()));
        }
        lines
    }

    pub(super) fn to_json(self, addresses: Addresses) -> TimelineJson<'a> {
        match self {
            Self::Event(event) => TimelineJson::Event {
                at: event.at.iso8601(),
                version: event.version,
                event: &event.kind,
                by: &event.by,
                state: &event.state,
                note: event.note.as_deref(),
            },
            Self::Mail(mail) => TimelineJson::Mail {
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
            Self::Feedback(feedback) => TimelineJson::Feedback {
                at: feedback.at.iso8601(),
                feedback: feedback.kind.name(),
                outbox_id: feedback.mail.to_string(),
                detail: feedback.detail.as_deref(),
                address: (addresses == Addresses::Shown).then(|| feedback.address.as_str()),
            },
        }
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
