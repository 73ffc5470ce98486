//! The messages of a case in one order: mails that were received, answers that were written, and
//! the dispute's own notifications; and the notes that agents left between them.

use recourse_casework::class_name;
use recourse_dispute::lifecycle::Actor;
use recourse_dispute::notification::{Audience, EmailTemplate};
use recourse_dispute::text::visible;
use recourse_dispute::time::UnixMillis;
use recourse_inbound::Class;
use recourse_store::{Attachment, CaseRecord, Direction, Message, MessageRole, OutboxMail, SupportEvent};

use crate::labels;

/// A message: one of the case, or a notification of its dispute.
#[derive(Clone, Copy, Debug)]
pub enum Entry<'a> {
    /// A message of the case, with the mail by which it goes out.
    Message(&'a Message, Option<&'a OutboxMail>),
    /// A notification of the dispute to the people of the case.
    Notification(&'a OutboxMail),
}

/// The messages of a case in their order.
#[must_use]
pub fn thread(record: &CaseRecord) -> Vec<Entry<'_>> {
    let mails = &record.record.mails;
    let mut entries: Vec<_> = record
        .messages
        .iter()
        .map(|message| {
            let mail = message.mail.and_then(|id| mails.iter().find(|mail| mail.id == id));
            Entry::Message(message, mail)
        })
        .collect();
    let is_said = |mail: &&OutboxMail| {
        let is_message = record.messages.iter().any(|message| message.mail == Some(mail.id));
        mail.id.audience == Audience::Case && !is_message && mail.notification.template != EmailTemplate::SupportWaiting
    };
    entries.extend(mails.iter().filter(is_said).map(Entry::Notification));
    entries.sort_by_key(|entry| (entry.at(), entry.seq()));
    entries
}

/// The notes that agents left, in their order: each with its step, by whom it was written.
pub fn notes(record: &CaseRecord) -> impl Iterator<Item = (&SupportEvent, &str)> {
    let by_agents = record.history.iter().filter(|event| event.by.actor == Actor::Operator);
    by_agents.filter_map(|event| Some((event, event.note.as_deref()?)))
}

impl<'a> Entry<'a> {
    /// When it came, or was written.
    #[must_use]
    pub fn at(self) -> UnixMillis {
        match self {
            Self::Message(message, _) => message.at,
            Self::Notification(mail) => mail.enqueued_at,
        }
    }

    /// Its place in the case; notifications have none.
    #[must_use]
    pub fn seq(self) -> Option<u64> {
        self.message().map(|message| message.seq)
    }

    /// The message of the case; a notification is none.
    #[must_use]
    pub fn message(self) -> Option<&'a Message> {
        match self {
            Self::Message(message, _) => Some(message),
            Self::Notification(_) => None,
        }
    }

    /// The mail by which it goes out.
    #[must_use]
    pub fn mail(self) -> Option<&'a OutboxMail> {
        match self {
            Self::Message(_, mail) => mail,
            Self::Notification(mail) => Some(mail),
        }
    }

    /// Which way it went.
    #[must_use]
    pub fn direction(self) -> Direction {
        match self {
            Self::Message(message, _) => message.direction,
            Self::Notification(_) => Direction::Out,
        }
    }

    /// Who wrote it.
    #[must_use]
    pub fn role(self) -> MessageRole {
        match self {
            Self::Message(message, _) => message.role,
            Self::Notification(_) => MessageRole::System,
        }
    }

    /// Its words. Those of a notification are what it says, without the facts of the case.
    #[must_use]
    pub fn text(self) -> String {
        match self {
            Self::Message(message, _) => message.text.clone(),
            Self::Notification(mail) => recourse_mail::paragraphs(&mail.notification).join("\n\n"),
        }
    }

    /// Its attachments.
    #[must_use]
    pub fn attachments(self) -> &'a [Attachment] {
        match self {
            Self::Message(message, _) => &message.attachments,
            Self::Notification(_) => &[],
        }
    }

    /// Its Message-ID: the sender's own, or the one that SES wrote into a mail that was sent.
    #[must_use]
    pub fn message_id(self, region: &str) -> Option<String> {
        match self {
            Self::Message(message, _) if message.direction == Direction::In => message.message_id.clone(),
            _ => recourse_mail::wire_id(region, self.mail()?.message_id.as_deref()?),
        }
    }

    /// Who wrote it, and how far its mail has come.
    #[must_use]
    pub fn heading(self) -> String {
        let role = labels::message_role(self.role());
        match self.direction() {
            Direction::In => format!("from {role}"),
            Direction::Out => {
                let state = self.mail().map_or("not in the outbox".to_owned(), |mail| {
                    let why = mail.reason.as_deref().map(|reason| format!(": {}", visible(reason)));
                    format!("{}{}", labels::mail_state(mail.mail_state), why.unwrap_or_default())
                });
                format!("by {role}  ({state})")
            }
        }
    }
}

const CLASSES: [Class; 7] = [
    Class::Written,
    Class::AutoReply,
    Class::DeliveryReport,
    Class::Helpdesk,
    Class::CalendarInvitation,
    Class::OurOwn,
    Class::Unreadable,
];

/// What is known of a mail that was received: what it is called, and the fact. Checks of SES and
/// its class are left out where they say nothing special, unless `all` of it is wanted.
#[must_use]
pub fn received(message: &Message, all: bool) -> Vec<(&'static str, String)> {
    let mut facts = Vec::new();
    let failed = message.verdicts.as_deref().filter(|verdicts| all || verdicts.contains("=fail"));
    facts.extend(failed.map(|verdicts| ("SES's checks", visible(verdicts).into_owned())));
    let class = message.class.as_deref().filter(|class| all || *class != Message::WRITTEN);
    let words = |class: &str| {
        let known = CLASSES.into_iter().find(|known| class_name(*known) == class);
        known.map_or_else(|| visible(class).into_owned(), |known| labels::mail_class(known).to_owned())
    };
    facts.extend(class.map(|class| ("kind", words(class))));
    facts
}

/// What became of an attachment.
#[must_use]
pub fn attachment_outcome(attachment: &Attachment) -> String {
    match (&attachment.file, &attachment.object) {
        (Some(file), _) => format!("accepted as evidence {file}"),
        (None, Some(_)) => "accepted for the message alone".to_owned(),
        (None, None) if attachment.accepted => "accepted".to_owned(),
        (None, None) => format!("refused: {}", visible(attachment.reason.as_deref().unwrap_or("no reason given"))),
    }
}

#[cfg(test)]
mod tests {
    use recourse_dispute::claim::{FileId, ObjectId};
    use recourse_dispute::number::DisputeNumber;

    use super::*;

    #[test]
    fn what_became_of_an_attachment_is_said_in_words() {
        let number = DisputeNumber::try_from(7).unwrap();
        let (object, file) = (ObjectId::new(number, [1; 16]), FileId::new(number, [2; 16]));
        let outcome = |accepted, object, file| {
            let (name, reason) = ("a.pdf".to_owned(), Some("it is\u{202e} too large".to_owned()));
            attachment_outcome(&Attachment { name, media: None, size: 3, accepted, reason, object, file })
        };
        assert_eq!(outcome(false, None, None), r"refused: it is\u{202e} too large");
        assert_eq!(outcome(true, Some(object.clone()), None), "accepted for the message alone");
        assert_eq!(outcome(true, Some(object), Some(file.clone())), format!("accepted as evidence {file}"));
        assert_eq!(outcome(true, None, None), "accepted", "a closed case's retention took the file");
    }
}
