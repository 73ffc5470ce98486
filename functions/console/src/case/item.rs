//! The pieces of the page: times, messages, files, entries of the timeline.

use recourse_dispute::claim::EvidenceFile;
use recourse_dispute::lifecycle::Actor;
use recourse_dispute::text::visible;
use recourse_dispute::time::UnixMillis;
use recourse_files::shown_media;
use recourse_operations::{
    Addresses, Entry, TimelineEntry, attachment_outcome, labels, left, millis, notes, received, step_facts, thread,
    timeline,
};
use recourse_store::{Attachment, CaseRecord, Direction, MailState, MessageRole};

use crate::text::lines;

/// A time as the page shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Time {
    /// For programs.
    pub(super) machine: String,
    /// For people.
    pub(super) people: String,
}

impl Time {
    pub(super) fn of(at: UnixMillis) -> Self {
        Self { machine: at.iso8601(), people: at.to_the_minute() }
    }
}

/// How long it is until then.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Left {
    pub(super) words: String,
    pub(super) is_over: bool,
    pub(super) at: Time,
}

impl ThreadItem {
    /// Whether it is not older than that.
    pub(super) fn is_since(&self, at: UnixMillis) -> bool {
        self.order.0 >= at.0
    }
}

impl TimelineItem {
    /// Whether it is not older than that; steps of a case are told to the second.
    pub(super) fn is_since(&self, at: UnixMillis) -> bool {
        self.order.0 >= at.seconds().saturating_mul(1000)
    }
}

impl Left {
    pub(super) fn of(at: UnixMillis, now: UnixMillis) -> Self {
        let ms = at.0.saturating_sub(now.0);
        Self { words: left(ms), is_over: ms <= 0, at: Time::of(at) }
    }
}

/// How a browser shows a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Look {
    Picture,
    Document,
    Text,
    Download,
}

/// A file of a case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct FileItem {
    pub(super) name: String,
    pub(super) size: String,
    pub(super) look: Look,
    /// Where it is; `None` where there is nothing to look at.
    pub(super) href: Option<String>,
    /// What became of it, where that is not plain.
    pub(super) outcome: Option<String>,
}

/// A message or a note.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ThreadItem {
    pub(super) id: String,
    /// `in`, `out` or `note`, for the style.
    pub(super) class: &'static str,
    pub(super) who: String,
    pub(super) at: Time,
    /// How far its mail has come, and whether that is bad.
    pub(super) mail: Option<(&'static str, bool)>,
    pub(super) facts: Vec<(&'static str, String)>,
    pub(super) text: String,
    pub(super) is_cut: bool,
    pub(super) files: Vec<FileItem>,
    order: (i64, u64),
}

/// An entry of the timeline.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct TimelineItem {
    pub(super) id: String,
    pub(super) at: Time,
    pub(super) who: String,
    pub(super) what: String,
    pub(super) more: Vec<String>,
    order: (i64, u8),
}

fn size(bytes: u64) -> String {
    match bytes {
        small if small < 1_024 => format!("{small} bytes"),
        medium if medium < 1_024 * 1_024 => format!("{} KB", medium.div_ceil(1_024)),
        large => format!("{} MB", large.div_ceil(1_024 * 1_024)),
    }
}

fn look(media: &str) -> Look {
    match shown_media(media) {
        Some(shown) if shown.is_picture() => Look::Picture,
        Some(shown) if shown.is_text() => Look::Text,
        Some(_) => Look::Document,
        None => Look::Download,
    }
}

fn href(case: &str, id: &str) -> String {
    format!("/console/cases/{case}/files/{id}")
}

impl FileItem {
    /// A file of evidence.
    pub(super) fn of_evidence(case: &str, file: &EvidenceFile) -> Self {
        Self {
            name: visible(&file.name).into_owned(),
            size: size(file.size),
            look: look(&file.media),
            href: Some(href(case, &file.id.to_string())),
            outcome: None,
        }
    }

    fn of_attachment(case: &str, attachment: &Attachment) -> Self {
        let file = attachment.file.as_ref().map(ToString::to_string);
        let id = file.or_else(|| attachment.object.as_ref().map(ToString::to_string));
        let is_plain = attachment.file.is_some();
        Self {
            name: visible(&attachment.name).into_owned(),
            size: size(attachment.size),
            look: look(attachment.media.as_deref().unwrap_or_default()),
            href: id.map(|id| href(case, &id)),
            outcome: (!is_plain).then(|| attachment_outcome(attachment)),
        }
    }
}

/// The mail thread, with the agents' notes between.
pub(super) fn thread_items(case: &str, record: &CaseRecord) -> Vec<ThreadItem> {
    let messages = thread(record);
    let agent = |entry: &Entry<'_>| entry.seq().and_then(|seq| agent_of(record, seq));
    let mut items: Vec<_> =
        messages.into_iter().enumerate().map(|(place, entry)| message(case, place, entry, agent(&entry))).collect();
    items.extend(notes(record).map(|(event, text)| ThreadItem {
        id: format!("note-{}", event.version),
        class: "note",
        who: format!("note by {}", visible(&event.by.name)),
        at: Time::of(event.at),
        mail: None,
        facts: Vec::new(),
        text: lines(text),
        is_cut: false,
        files: Vec::new(),
        order: (event.at.0, u64::MAX),
    }));
    items.sort_by_key(|item| item.order);
    items
}

/// The agent who wrote the message at this place, as the history has it.
pub(super) fn agent_of(record: &CaseRecord, seq: u64) -> Option<&str> {
    let id = format!("message {seq}");
    let by_agents = record.history.iter().filter(|event| event.by.actor == Actor::Operator);
    by_agents.filter(|event| event.ids.contains(&id)).map(|event| event.by.name.as_str()).next()
}

fn message(case: &str, place: usize, entry: Entry<'_>, agent: Option<&str>) -> ThreadItem {
    let (message, mail) = (entry.message(), entry.mail());
    let is_in = entry.direction() == Direction::In;
    let role = match (entry.role(), agent) {
        (MessageRole::Agent, Some(agent)) => visible(agent).into_owned(),
        (MessageRole::ThirdParty, _) => "a third party".to_owned(),
        (other, _) => labels::message_role(other).to_owned(),
    };
    // The timeline names a message by its place.
    let mut facts: Vec<_> = entry.seq().map(|seq| ("message", seq.to_string())).into_iter().collect();
    if let Some(message) = message.filter(|_| is_in) {
        let name = message.from_name.as_deref().map(|name| format!("{} ", visible(name)));
        let from = message.from.as_ref().map(|from| format!("<{}>", visible(from.as_str())));
        if name.is_some() || from.is_some() {
            facts.push(("from", format!("{}{}", name.unwrap_or_default(), from.unwrap_or_default())));
        }
        if message.role == MessageRole::ThirdParty {
            facts.push(("sender", "is no recipient of the case".to_owned()));
        }
        facts.extend(received(message, false));
    }
    if let Some(mail) = mail {
        facts.push(("subject", visible(&recourse_mail::subject(&mail.notification)).into_owned()));
        facts.extend(mail.reason.as_deref().map(|reason| ("reason", visible(reason).into_owned())));
    }
    ThreadItem {
        id: format!("message-{}", place + 1),
        class: if is_in { "in" } else { "out" },
        who: if is_in { format!("from {role}") } else { format!("by {role}") },
        at: Time::of(entry.at()),
        mail: mail.map(|mail| {
            let state = mail.mail_state;
            (labels::mail_words(state), matches!(state, MailState::Held | MailState::Dead))
        }),
        facts,
        text: lines(&entry.text()),
        is_cut: message.is_some_and(|message| message.truncated),
        files: entry.attachments().iter().map(|attachment| FileItem::of_attachment(case, attachment)).collect(),
        order: (entry.at().0, entry.seq().unwrap_or_default()),
    }
}

/// What happened to the dispute and its case, in one order.
pub(super) fn timeline_items(record: &CaseRecord) -> Vec<TimelineItem> {
    let of_dispute = timeline(&record.record).into_iter().map(|entry| {
        let words = entry.words(Addresses::Shown, UnixMillis::to_the_minute);
        let rank = if matches!(entry, TimelineEntry::Event(_)) { 0 } else { 2 };
        (words.at, words.who, words.what, words.more, rank)
    });
    let steps = record.history.iter().flat_map(|event| event.entries.iter().map(move |entry| (event, entry)));
    let of_case = steps.map(|(event, entry)| {
        let who = visible(&labels::decided_by(&entry.decided_by)).into_owned();
        let moved = (entry.from != entry.to).then(|| format!(" Now {}.", labels::support_state(entry.to)));
        let what = format!("{}{}", entry.reason.sentence(), moved.unwrap_or_default());
        (millis(entry.at.0), who, what, step_facts(event, entry), 1)
    });
    let all = of_dispute.chain(of_case);
    let mut items: Vec<_> = all
        .map(|(at, who, what, more, rank)| TimelineItem {
            id: String::new(),
            at: Time::of(at),
            who,
            what,
            more,
            order: (at.0, rank),
        })
        .collect();
    // The case's history counts in seconds. Within one, what happened to the dispute comes before
    // what the case made of it, and the mails come last.
    items.sort_by_key(|item| (item.order.0.div_euclid(1_000), item.order.1, item.order.0));
    for (place, item) in items.iter_mut().enumerate() {
        item.id = format!("event-{}", place + 1);
    }
    items
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_rounded_up() {
        assert_eq!(
            [size(0), size(1_023), size(1_025), size(5 * 1_024 * 1_024)],
            ["0 bytes", "1023 bytes", "2 KB", "5 MB"]
        );
    }

    #[test]
    fn only_what_runs_nothing_is_shown() {
        assert_eq!(
            (look("image/png"), look("application/pdf"), look("text/plain")),
            (Look::Picture, Look::Document, Look::Text)
        );
        for media in ["image/svg+xml", "text/html", "application/zip", ""] {
            assert_eq!(look(media), Look::Download, "{media}");
        }
    }
}
