//! A dispute's history and its mails as one timeline, oldest first.

use recourse_dispute::dispute::Event;
use recourse_store::{Mail, Record};
use serde::Serialize;

use super::words;
use crate::output::{plain, utc};

/// Whether addresses are printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Addresses {
    /// Only how many there are.
    Counted,
    /// Each.
    Shown,
}

/// Something that happened.
#[derive(Clone, Copy)]
pub(super) enum Moment<'a> {
    /// To the dispute.
    Event(&'a Event),
    /// A mail was promised.
    Mail(&'a Mail),
}

/// A moment for a program. Times are ISO 8601.
#[derive(Serialize)]
#[serde(untagged)]
pub(super) enum Printed<'a> {
    /// To the dispute.
    Event {
        at: String,
        version: u64,
        event: &'a recourse_dispute::dispute::What,
        by: &'a recourse_dispute::dispute::By,
        state: &'a recourse_dispute::lifecycle::State,
        #[serde(skip_serializing_if = "Option::is_none")]
        note: Option<&'a str>,
    },
    /// A mail.
    Mail {
        at: String,
        version: u64,
        mail: &'a recourse_dispute::notice::Letter,
        mail_state: &'static str,
        changed_at: String,
        attempts: u32,
        #[serde(skip_serializing_if = "Option::is_none")]
        message_id: Option<&'a str>,
        #[serde(skip_serializing_if = "Option::is_none")]
        reason: Option<&'a str>,
        recipients: usize,
        #[serde(skip_serializing_if = "Option::is_none")]
        addresses: Option<Vec<&'a str>>,
    },
}

/// All of a record's moments in order. A mail comes after the event that promised it, which has the same time.
pub(super) fn timeline(record: &Record) -> Vec<Moment<'_>> {
    let events = record.events.iter().map(Moment::Event);
    let mut moments: Vec<_> = events.chain(record.mails.iter().map(Moment::Mail)).collect();
    moments.sort_by_key(|moment| match moment {
        Moment::Event(event) => (event.at, event.version, 0),
        Moment::Mail(mail) => (mail.promised_at, mail.id.version, 1),
    });
    moments
}

impl<'a> Moment<'a> {
    /// The moment for a person: a line, and perhaps more of them, indented.
    pub(super) fn lines(self, addresses: Addresses) -> Vec<String> {
        let line = |at, who: &str, what: String| format!("{}  {who:<28}  {what}", utc(at));
        match self {
            Self::Event(event) => {
                let what = format!("{}; now {}", words::what(event.what), words::state(event.state));
                let mut lines = vec![line(event.at, &plain(&words::who(&event.by)), what)];
                lines.extend(event.note.as_deref().map(|note| indented(&plain(note))));
                lines
            }
            Self::Mail(mail) => {
                let recipients = mail.notice.recipients.all().count();
                let what = format!(
                    "\"{}\" to {recipients}: {} at {}, attempts {}",
                    words::letter(mail.notice.letter),
                    words::mail_state(mail.mail_state),
                    utc(mail.changed_at),
                    mail.attempts
                );
                let mut lines = vec![line(mail.promised_at, "mail", what)];
                lines.extend(mail.reason.as_deref().map(|reason| indented(&plain(reason))));
                if addresses == Addresses::Shown {
                    lines.push(indented(&all_of(mail).join(", ")));
                }
                lines
            }
        }
    }

    /// The moment for a program.
    pub(super) fn printed(self, addresses: Addresses) -> Printed<'a> {
        match self {
            Self::Event(event) => Printed::Event {
                at: event.at.iso8601(),
                version: event.version,
                event: &event.what,
                by: &event.by,
                state: &event.state,
                note: event.note.as_deref(),
            },
            Self::Mail(mail) => Printed::Mail {
                at: mail.promised_at.iso8601(),
                version: mail.id.version,
                mail: &mail.notice.letter,
                mail_state: words::mail_state(mail.mail_state),
                changed_at: mail.changed_at.iso8601(),
                attempts: mail.attempts,
                message_id: mail.message_id.as_deref(),
                reason: mail.reason.as_deref(),
                recipients: mail.notice.recipients.all().count(),
                addresses: (addresses == Addresses::Shown).then(|| all_of(mail)),
            },
        }
    }
}

fn all_of(mail: &Mail) -> Vec<&str> {
    mail.notice.recipients.all().map(|address| address.as_str()).collect()
}

fn indented(text: &str) -> String {
    format!("{:<22}{text}", "")
}

#[cfg(test)]
pub(super) mod tests;
