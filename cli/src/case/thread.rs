//! The messages of a case as they are printed: lines for a person, JSON for a program.

use recourse_operations::{Entry, attachment_outcome, labels, received};
use recourse_store::{Attachment, Direction, Message, MessageRole};
use serde::Serialize;

use crate::output::{utc, visible};

/// What is printed beside the words of a message.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Extent {
    /// What machines know of it: places, classes, verdicts, objects, mails.
    pub(super) verbose: bool,
    /// Who sent it.
    pub(super) addresses: bool,
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

/// A message for a program.
pub(super) fn to_json<'a>(entry: Entry<'a>, region: &str, extent: Extent) -> MessageJson<'a> {
    let message = entry.message();
    let mail = entry.mail();
    let details = extent.verbose.then(|| Details {
        seq: entry.seq(),
        class: message.and_then(|message| message.class.as_deref()),
        verdicts: message.and_then(|message| message.verdicts.as_deref()),
        object: message.and_then(|message| message.object.as_deref()),
        truncated: message.is_some_and(|message| message.truncated),
        outbox_id: mail.map(|mail| mail.id.to_string()),
        mail_state: mail.map(|mail| labels::mail_state(mail.mail_state)),
    });
    let from = message.and_then(|message| message.from.as_ref()).filter(|_| extent.addresses);
    MessageJson {
        at: entry.at().iso8601(),
        direction: entry.direction(),
        role: entry.role(),
        text: entry.text(),
        attachments: entry.attachments().iter().map(|attachment| attachment_json(attachment, extent)).collect(),
        message_id: entry.message_id(region),
        details,
        from: from.map(|address| address.as_str()),
    }
}

/// A message for a person: a line, and its words below it, which are indented.
pub(super) fn lines(entry: Entry<'_>, region: &str, extent: Extent) -> Vec<String> {
    let mut lines = vec![format!("{}  {}", utc(entry.at()), entry.heading())];
    if let Some(message) = entry.message() {
        lines.extend(received_lines(message, extent).into_iter().map(|text| format!("  {text}")));
    }
    if extent.verbose {
        lines.extend(entry.message_id(region).map(|id| format!("  message id  {}", visible(&id))));
        lines.extend(entry.mail().map(|mail| format!("  mail  {}", mail.id)));
    }
    lines.extend(quoted(&entry.text()));
    if entry.message().is_some_and(|message| message.truncated) {
        lines.push("  the mail has more text, which is in its object alone".to_owned());
    }
    lines.extend(entry.attachments().iter().map(|attachment| format!("  {}", attachment_line(attachment))));
    lines
}

/// A text of others, a line each. No line of it looks like one of ours.
pub(super) fn quoted(text: &str) -> Vec<String> {
    text.trim_end().split('\n').map(|line| format!("  | {}", visible(line))).collect()
}

/// What is known of a mail that was received, a line each.
fn received_lines(message: &Message, extent: Extent) -> Vec<String> {
    let mut lines = Vec::new();
    if extent.addresses {
        lines.extend(message.from.as_ref().map(|from| format!("sender  {}", visible(from.as_str()))));
    }
    lines.extend(received(message, extent.verbose).into_iter().map(|(name, fact)| format!("{name}  {fact}")));
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
    format!("attachment {name}, {size} bytes, {}", attachment_outcome(attachment))
}
