//! A message of a case: a mail that came in, or one that goes out.

use std::fmt;

use recourse_dispute::addresses::MailAddress;
use recourse_dispute::claim::{FileId, ObjectId};
use recourse_dispute::time::UnixMillis;
use serde::{Deserialize, Serialize};

use crate::MailId;

/// Which way a message went.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// A mail that was received.
    In,
    /// A mail of the outbox.
    Out,
}

/// Who wrote a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MessageRole {
    /// A customer of the case: whom the report named, or the account where it named nobody.
    Customer,
    /// The playbook, the model or a time limit.
    Automation,
    /// An agent.
    Agent,
    /// Anybody else, the account that reported for a customer among them.
    ThirdParty,
    /// The dispute's own notifications.
    System,
}

/// An attachment of a mail that was received.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attachment {
    /// What its sender calls it, made safe.
    pub name: String,
    /// Its media type, where it is accepted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub media: Option<String>,
    /// How many bytes it has.
    pub size: u64,
    /// Whether it is accepted.
    pub accepted: bool,
    /// Why it is not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// The object with its content, where it is accepted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub object: Option<ObjectId>,
    /// The evidence that it became.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<FileId>,
}

/// A message of a case. Debug shows nothing that its sender wrote.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    /// Its place in the thread, from 1.
    pub seq: u64,
    /// When it came, or was written: after the message before it.
    pub at: UnixMillis,
    /// Which way it went.
    pub direction: Direction,
    /// Who wrote it.
    pub role: MessageRole,
    /// What kind of mail was received.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub class: Option<String>,
    /// The new text, at most [`Self::MAX_TEXT`] bytes.
    pub text: String,
    /// Whether the mail has more text than this.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub truncated: bool,
    /// The attachments of a mail that was received.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attachments: Vec<Attachment>,
    /// The sender's Message-ID of a mail that was received, with its brackets.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message_id: Option<String>,
    /// Who sent the mail that was received.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<MailAddress>,
    /// The name beside that address, as its sender wrote it. Nobody relies on it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from_name: Option<String>,
    /// What SES found out about it, as in `spam=pass virus=pass dmarc=fail`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub verdicts: Option<String>,
    /// The key of the object with the whole mail that was received.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub object: Option<String>,
    /// The mail of the outbox by which it goes out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mail: Option<MailId>,
}

impl Message {
    /// The longest text, in bytes: 64 KiB. DynamoDB takes items of at most 400 KB.
    pub const MAX_TEXT: usize = 64 * 1024;
    /// The class of a mail that a person wrote.
    pub const WRITTEN: &str = "written";

    /// A message of this text, cut to [`Self::MAX_TEXT`]. It gets its place and its time from
    /// [`crate::SupportCommit::add_message`].
    #[must_use]
    pub fn new(direction: Direction, role: MessageRole, text: &str) -> Self {
        let cut = text.floor_char_boundary(Self::MAX_TEXT);
        Self {
            seq: 0,
            at: UnixMillis(0),
            direction,
            role,
            class: None,
            text: text.get(..cut).unwrap_or_default().to_owned(),
            truncated: cut < text.len(),
            attachments: Vec::new(),
            message_id: None,
            from: None,
            from_name: None,
            verdicts: None,
            object: None,
            mail: None,
        }
    }
}

impl Message {
    /// Whether it answers the customer: a mail of the process or of an agent. The dispute's own
    /// notifications answer nothing.
    pub(super) fn is_answer(&self) -> bool {
        self.direction == Direction::Out && matches!(self.role, MessageRole::Automation | MessageRole::Agent)
    }
}

impl fmt::Debug for Attachment {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Attachment")
            .field("size", &self.size)
            .field("accepted", &self.accepted)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for Message {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Message")
            .field("seq", &self.seq)
            .field("at", &self.at)
            .field("direction", &self.direction)
            .field("role", &self.role)
            .field("attachments", &self.attachments)
            .field("mail", &self.mail)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_text_is_cut_between_characters() {
        let text = "é".repeat(Message::MAX_TEXT);
        let message = Message::new(Direction::In, MessageRole::Customer, &format!("a{text}"));
        assert_eq!((message.text.len(), message.truncated), (Message::MAX_TEXT - 1, true));
        let short = Message::new(Direction::In, MessageRole::Customer, "It works now");
        assert_eq!((short.text.as_str(), short.truncated), ("It works now", false));
    }

    #[test]
    fn debug_shows_nothing_that_a_sender_wrote() {
        let mut message = Message::new(Direction::In, MessageRole::Customer, "my PIN is secret-1");
        message.message_id = Some("<secret-2@x>".to_owned());
        message.object = Some("inbound/secret-3".to_owned());
        let (name, reason) = ("secret-4.png".to_owned(), Some("secret-5".to_owned()));
        let attachment = Attachment { name, media: None, size: 3, accepted: false, reason, object: None, file: None };
        message.attachments.push(attachment);
        assert!(!format!("{message:?}").contains("secret"), "{message:?}");
    }
}
