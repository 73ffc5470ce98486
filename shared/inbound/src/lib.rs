#![doc = include_str!("../README.md")]

mod address;
mod attachment;
mod charset;
mod class;
mod fields;
mod flowed;
mod html;
pub mod limits;
mod lines;
mod media;
mod mentions;
mod mime;
mod quote;
mod subject;
mod text;
mod thread;
mod transfer;
mod verdict;
mod words;

use recourse_dispute::addresses::MailAddress;

use address::Sender;
use mime::Structure;

pub use attachment::{Attachment, AttachmentKind};
pub use class::{Class, Classified};
pub use mentions::mentions;
pub use subject::words_like;
pub use text::NewText;
pub use verdict::{Verdict, Verdicts};

/// What a deployment's own mails look like.
#[derive(Clone, Copy, Debug)]
pub struct Deployment<'a> {
    /// Where answers go, without a token: `cases@example.com`.
    pub reply_address: &'a MailAddress,
    /// Names of headers that only our own mails have.
    pub own_headers: &'a [&'a str],
    /// Ids of mails that we sent, without angle brackets.
    pub own_message_ids: &'a [&'a str],
}

/// A mail that came in. Debug shows no address, no subject and no text.
#[derive(Clone, PartialEq, Eq)]
pub struct InboundMail<'a> {
    /// What kind of mail it is, and why.
    pub classified: Classified,
    /// Who sent it, by From; `None` unless From has exactly one address. Whether that is true,
    /// [`Verdicts::dmarc`] says.
    pub from: Option<MailAddress>,
    /// The name beside that address, on one line. It says whatever its sender likes, so it decides
    /// nothing: it is there to be hidden.
    pub from_name: Option<String>,
    /// Who To, Cc and Delivered-To name, in this order, each once.
    pub recipients: Vec<MailAddress>,
    /// The tokens of the recipients that are plus-addresses of the deployment's, in their order.
    /// Nothing has verified them.
    pub tokens: Vec<String>,
    /// The mail's id, as all ids without angle brackets.
    pub message_id: Option<String>,
    /// The id of the mail that it answers.
    pub in_reply_to: Option<String>,
    /// The ids of the mails before it, the newest first.
    pub references: Vec<String>,
    /// The subject on one line. Empty without one.
    pub subject: String,
    /// What its sender wrote newly.
    pub new_text: NewText,
    /// What SES found.
    pub verdicts: Verdicts,
    /// The first attachments.
    pub attachments: Vec<Attachment<'a>>,
    /// How many more attachments there are.
    pub more_attachments: usize,
    /// Whether the mail has more parts than [`limits::MAX_PARTS`]. What is in them is not read.
    pub has_more_parts: bool,
}

impl std::fmt::Debug for InboundMail<'_> {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("InboundMail")
            .field("classified", &self.classified)
            .field("new_text", &self.new_text)
            .field("verdicts", &self.verdicts)
            .field("attachments", &self.attachments)
            .field("more_attachments", &self.more_attachments)
            .finish_non_exhaustive()
    }
}

/// Why a mail is not read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    /// It is larger than SES hands over.
    #[error("the mail has {bytes} bytes; at most {} are read", limits::MAX_MAIL)]
    TooLarge {
        /// How many bytes it has.
        bytes: usize,
    },
}

/// Reads a mail as SES stored it: RFC 5322 bytes with SES's headers on top.
///
/// Every input of at most [`limits::MAX_MAIL`] bytes gives a mail. One that says nothing about its
/// sender is [`Class::Unreadable`].
///
/// # Errors
/// [`ReadError::TooLarge`].
pub fn read<'a>(raw: &'a [u8], deployment: &Deployment<'_>) -> Result<InboundMail<'a>, ReadError> {
    if raw.len() > limits::MAX_MAIL {
        return Err(ReadError::TooLarge { bytes: raw.len() });
    }
    let mail = Structure::read(raw);
    let sender = address::sender(&mail.fields);
    let message_id = thread::message_id(&mail.fields);
    let classified = class::classify(&mail, &sender, message_id.as_deref(), deployment);
    let from = if let Sender::One(address) = sender { Some(address) } else { None };
    let recipients = address::recipients(&mail.fields);
    let (new_text, shown) = text::new_text(&mail.parts);
    let (attachments, more_attachments) = attachment::attachments(&mail.parts, &shown);
    Ok(InboundMail {
        classified,
        tokens: address::tokens(&recipients, deployment.reply_address),
        verdicts: verdict::verdicts(&mail.fields, from.as_ref()),
        from_name: from.as_ref().and_then(|_| address::sender_name(&mail.fields)),
        from,
        recipients,
        message_id,
        in_reply_to: thread::in_reply_to(&mail.fields),
        references: thread::references(&mail.fields),
        subject: subject::subject(&mail.fields),
        new_text,
        attachments,
        more_attachments,
        has_more_parts: mail.is_cut,
    })
}

#[cfg(test)]
mod tests;
