//! A dispute's history, its mails and what SES reported of them, as one timeline, oldest first; and
//! the steps of its support case in words.

use recourse_dispute::event::HistoryEntry;
use recourse_dispute::text::visible;
use recourse_dispute::time::UnixMillis;
use recourse_mail::subject;
use recourse_store::{DeliveryFeedback, DisputeRecord, OutboxMail, SupportEvent, Undelivered};
use recourse_support::decision::HistoryEntry as Step;

use crate::labels;

/// Whether addresses are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Addresses {
    /// Only their number is shown.
    Counted,
    /// Each is shown.
    Shown,
}

/// Something that happened.
#[derive(Clone, Copy, Debug)]
pub enum TimelineEntry<'a> {
    /// The dispute changed, or somebody commented on it.
    Event(&'a HistoryEntry),
    /// A mail was enqueued.
    Mail(&'a OutboxMail),
    /// A mail bounced, or was reported as spam.
    Feedback(&'a DeliveryFeedback),
}

/// An entry for a person. What others wrote has its invisible characters as escapes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Words {
    /// When.
    pub at: UnixMillis,
    /// Who did it, `mail` for a mail, `SES` for its reports.
    pub who: String,
    /// What happened.
    pub what: String,
    /// More about it, a line each.
    pub more: Vec<String>,
}

/// All entries of a record in order. A mail comes after the event that enqueued it, which has the
/// same time.
#[must_use]
pub fn timeline(record: &DisputeRecord) -> Vec<TimelineEntry<'_>> {
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

impl TimelineEntry<'_> {
    /// The entry for a person. `time` writes the times that are in its sentences.
    #[must_use]
    pub fn words(self, addresses: Addresses, time: fn(UnixMillis) -> String) -> Words {
        match self {
            Self::Feedback(feedback) => feedback_words(feedback, addresses),
            Self::Event(event) => Words {
                at: event.at,
                who: visible(&labels::who(&event.by)).into_owned(),
                what: format!("{}; now {}", labels::event_kind(event.kind), labels::state(event.state)),
                more: event.note.as_deref().map(|note| visible(note).into_owned()).into_iter().collect(),
            },
            Self::Mail(mail) => mail_words(mail, addresses, time),
        }
    }
}

fn mail_words(mail: &OutboxMail, addresses: Addresses, time: fn(UnixMillis) -> String) -> Words {
    let recipients = mail.notification.recipients.all().count();
    let what = format!(
        "\"{}\" to {recipients}: {} at {}, attempts {}",
        subject(&mail.notification),
        labels::mail_words(mail.mail_state),
        time(mail.changed_at),
        mail.attempts
    );
    let mut more: Vec<String> = mail.reason.as_deref().map(|reason| visible(reason).into_owned()).into_iter().collect();
    let left_out = mail.left_out.len();
    if left_out > 0 {
        more.push(format!(
            "left out {left_out} of them: earlier mail to such an address bounced or was reported as spam"
        ));
    }
    let capped = mail.capped().len();
    if capped > 0 {
        more.push(format!("left out {capped} of them: such an address got as many mails that day as one may get"));
    }
    more.extend(mail.redriven.iter().map(|redrive| {
        let (was, why) = (labels::mail_words(redrive.was), redrive.why.as_deref().unwrap_or("no reason given"));
        format!("{} by {}: it was {was}; {}", time(redrive.at), visible(&redrive.by), visible(why))
    }));
    if addresses == Addresses::Shown {
        let all: Vec<_> = mail.notification.recipients.all().map(|address| address.as_str()).collect();
        more.push(all.join(", "));
    }
    Words { at: mail.enqueued_at, who: "mail".to_owned(), what, more }
}

fn feedback_words(feedback: &DeliveryFeedback, addresses: Addresses) -> Words {
    let what = match feedback.kind {
        Undelivered::Bounce => "bounced at an address, which gets no more mail",
        Undelivered::Complaint => "was reported as spam at an address, which gets no more mail",
    };
    let detail = feedback.detail.as_deref().map(|detail| format!(" ({})", visible(detail))).unwrap_or_default();
    let address = feedback.address.as_str().to_owned();
    Words {
        at: feedback.at,
        who: "SES".to_owned(),
        what: format!("mail {} {what}{detail}", feedback.mail),
        more: Some(address).filter(|_| addresses == Addresses::Shown).into_iter().collect(),
    }
}

/// A step of a support case for a person. What others wrote has its invisible characters as
/// escapes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StepWords {
    /// When.
    pub at: UnixMillis,
    /// The state, or the states before and after.
    pub states: String,
    /// Why, as a sentence.
    pub sentence: &'static str,
    /// Why, as a code, and who decided.
    pub by: String,
    /// What it rests on and what it is about.
    pub about: Vec<String>,
    /// What a model or an agent says about it, as it was written.
    pub note: Option<String>,
}

/// A step of a support case in words.
#[must_use]
pub fn step_words(event: &SupportEvent, entry: &Step) -> StepWords {
    let states = if entry.from == entry.to {
        entry.to.name().to_owned()
    } else {
        format!("{} -> {}", entry.from.name(), entry.to.name())
    };
    let saw = (!entry.saw.is_empty()).then(|| format!("saw {}", visible(&entry.saw.join(", "))));
    let ids = (!event.ids.is_empty()).then(|| visible(&event.ids.join(", ")).into_owned());
    StepWords {
        at: crate::millis(entry.at.0),
        states,
        sentence: entry.reason.sentence(),
        by: format!("{}, by {}", entry.reason.code(), visible(&labels::decided_by(&entry.decided_by))),
        about: saw.into_iter().chain(ids).collect(),
        note: event.note.clone(),
    }
}
