//! The messages of a case in one order: mails that were received, answers that were written, and
//! the dispute's own notifications.

use recourse_dispute::notification::{Audience, EmailTemplate};
use recourse_dispute::time::UnixMillis;
use recourse_store::{Attachment, CaseRecord, Direction, Message, MessageRole, OutboxMail};
use serde::Serialize;

use crate::labels;
use crate::output::{utc, visible};

/// What is printed beside the words of a message.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Extent {
    /// What machines know of it: places, classes, verdicts, objects, mails.
    pub(super) verbose: bool,
    /// Who sent it.
    pub(super) addresses: bool,
}

/// A message: one of the case, or a notification of its dispute.
#[derive(Clone, Copy)]
pub(super) enum Entry<'a> {
    /// A message of the case, with the mail by which it goes out.
    Message(&'a Message, Option<&'a OutboxMail>),
    /// A notification of the dispute to the people of the case.
    Notification(&'a OutboxMail),
}

/// A message for a program. Times are ISO 8601.
#[derive(Serialize)]
pub(super) struct MessageJson<'a> {
    at: String,
    direction: Direction,
    role: MessageRole,
    text: String,
    attachments: Vec<AttachmentJson<'a>>,
    message_id: Option<String>,
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    details: Option<Details<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    from: Option<&'a str>,
}

#[derive(Serialize)]
struct AttachmentJson<'a> {
    name: &'a str,
    accepted: bool,
    reason: Option<&'a str>,
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    details: Option<AttachmentDetails<'a>>,
}

#[derive(Serialize)]
struct AttachmentDetails<'a> {
    media: Option<&'a str>,
    size: u64,
    /// The key of its object in the bucket.
    key: Option<String>,
    /// The evidence that it became.
    file: Option<String>,
}

#[derive(Serialize)]
struct Details<'a> {
    /// The place in the case; notifications have none.
    seq: Option<u64>,
    class: Option<&'a str>,
    verdicts: Option<&'a str>,
    /// The key of the object with the whole mail that was received.
    object: Option<&'a str>,
    truncated: bool,
    outbox_id: Option<String>,
    mail_state: Option<&'static str>,
}

/// The messages of a case in their order.
pub(super) fn thread(record: &CaseRecord) -> Vec<Entry<'_>> {
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

impl<'a> Entry<'a> {
    fn at(self) -> UnixMillis {
        match self {
            Self::Message(message, _) => message.at,
            Self::Notification(mail) => mail.enqueued_at,
        }
    }

    fn seq(self) -> Option<u64> {
        match self {
            Self::Message(message, _) => Some(message.seq),
            Self::Notification(_) => None,
        }
    }

    fn mail(self) -> Option<&'a OutboxMail> {
        match self {
            Self::Message(_, mail) => mail,
            Self::Notification(mail) => Some(mail),
        }
    }

    fn direction(self) -> Direction {
        match self {
            Self::Message(message, _) => message.direction,
            Self::Notification(_) => Direction::Out,
        }
    }

    fn role(self) -> MessageRole {
        match self {
            Self::Message(message, _) => message.role,
            Self::Notification(_) => MessageRole::System,
        }
    }

    /// Its words. Those of a notification are what it says, without the facts of the case.
    fn text(self) -> String {
        match self {
            Self::Message(message, _) => message.text.clone(),
            Self::Notification(mail) => recourse_mail::paragraphs(&mail.notification).join("\n\n"),
        }
    }

    fn attachments(self) -> &'a [Attachment] {
        match self {
            Self::Message(message, _) => &message.attachments,
            Self::Notification(_) => &[],
        }
    }

    /// Its Message-ID: the sender's own, or the one that SES wrote into a mail that was sent.
    fn message_id(self, region: &str) -> Option<String> {
        match self {
            Self::Message(message, _) if message.direction == Direction::In => message.message_id.clone(),
            _ => recourse_mail::wire_id(region, self.mail()?.message_id.as_deref()?),
        }
    }

    /// The same for a program.
    pub(super) fn to_json(self, region: &str, extent: Extent) -> MessageJson<'a> {
        let message = match self {
            Self::Message(message, _) => Some(message),
            Self::Notification(_) => None,
        };
        let details = extent.verbose.then(|| Details {
            seq: self.seq(),
            class: message.and_then(|message| message.class.as_deref()),
            verdicts: message.and_then(|message| message.verdicts.as_deref()),
            object: message.and_then(|message| message.object.as_deref()),
            truncated: message.is_some_and(|message| message.truncated),
            outbox_id: self.mail().map(|mail| mail.id.to_string()),
            mail_state: self.mail().map(|mail| labels::mail_state(mail.mail_state)),
        });
        MessageJson {
            at: self.at().iso8601(),
            direction: self.direction(),
            role: self.role(),
            text: self.text(),
            attachments: self.attachments().iter().map(|attachment| attachment_json(attachment, extent)).collect(),
            message_id: self.message_id(region),
            details,
            from: message
                .and_then(|message| message.from.as_ref())
                .filter(|_| extent.addresses)
                .map(|address| address.as_str()),
        }
    }

    /// The same for a person: a line, and its words below it, which are indented.
    pub(super) fn lines(self, region: &str, extent: Extent) -> Vec<String> {
        let mut lines = vec![format!("{}  {}", utc(self.at()), self.heading())];
        if let Self::Message(message, _) = self {
            lines.extend(received(message, extent).into_iter().map(|text| format!("  {text}")));
        }
        if extent.verbose {
            lines.extend(self.message_id(region).map(|id| format!("  message id  {}", visible(&id))));
            lines.extend(self.mail().map(|mail| format!("  mail  {}", mail.id)));
        }
        // A line of the text must not look like one of ours.
        lines.extend(self.text().trim_end().split('\n').map(|line| format!("  | {}", visible(line))));
        if let Self::Message(Message { truncated: true, .. }, _) = self {
            lines.push("  the mail has more text, which is in its object alone".to_owned());
        }
        lines.extend(self.attachments().iter().map(|attachment| format!("  {}", attachment_line(attachment))));
        lines
    }

    fn heading(self) -> String {
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

/// What is known of a mail that was received, a line each.
fn received(message: &Message, extent: Extent) -> Vec<String> {
    let mut lines = Vec::new();
    if extent.addresses {
        lines.extend(message.from.as_ref().map(|from| format!("sender  {}", visible(from.as_str()))));
    }
    let failed = message.verdicts.as_deref().filter(|verdicts| extent.verbose || verdicts.contains("=fail"));
    lines.extend(failed.map(|verdicts| format!("SES's checks  {}", visible(verdicts))));
    let class = message.class.as_deref().filter(|class| extent.verbose || *class != "written");
    lines.extend(class.map(|class| format!("kind  {}", visible(class))));
    if extent.verbose {
        lines.extend(message.object.as_deref().map(|key| format!("object  {}", visible(key))));
    }
    lines
}

fn attachment_json(attachment: &Attachment, extent: Extent) -> AttachmentJson<'_> {
    AttachmentJson {
        name: &attachment.name,
        accepted: attachment.accepted,
        reason: attachment.reason.as_deref(),
        details: extent.verbose.then(|| AttachmentDetails {
            media: attachment.media.as_deref(),
            size: attachment.size,
            key: attachment.object.as_ref().map(|object| format!("evidence/{object}")),
            file: attachment.file.as_ref().map(ToString::to_string),
        }),
    }
}

fn attachment_line(attachment: &Attachment) -> String {
    let (name, size) = (visible(&attachment.name), attachment.size);
    let became = match (&attachment.file, &attachment.object) {
        (Some(file), _) => format!("accepted as evidence {file}"),
        (None, Some(object)) => format!("accepted, evidence/{object}"),
        (None, None) if attachment.accepted => "accepted".to_owned(),
        (None, None) => format!("refused: {}", visible(attachment.reason.as_deref().unwrap_or("no reason given"))),
    };
    format!("attachment {name}, {size} bytes, {became}")
}
