//! The bytes of a received mail, as far as the worker needs them.
//!
//! What a stranger sent is read in a thread of its own, so nothing in it can end the worker or hold
//! it up. Where that fails, the mail's header alone is read, the same way. A mail of which nothing
//! can be read is recorded all the same, with the key of its object.

use std::sync::Arc;
use std::time::Duration;

use data_encoding::HEXLOWER;
use recourse_dispute::addresses::MailAddress;
use recourse_inbound::limits::MAX_MAIL;
use recourse_inbound::{Class, Deployment, InboundMail, NewText, Verdicts};
use sha2::{Digest, Sha256};

use super::attachments::{self, ReceivedFile};
use super::isolated::{Stopped, isolated};

/// How much of an object is read: one byte more than SES stores, which tells a larger object.
pub(super) const MAX_OBJECT: u64 = MAX_MAIL as u64 + 1;
/// How long reading a mail may take: a third of the function's time.
const MAX_READING: Duration = Duration::from_secs(20);
/// The longest header that is read of a mail that cannot be read as a whole.
const MAX_HEADER: usize = 256 * 1024;
/// How long reading that header may take.
const MAX_READING_HEADER: Duration = Duration::from_secs(5);

/// Why a mail's text and files were not read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NotRead {
    /// It has more bytes than SES stores.
    TooLarge,
    /// The reader panicked.
    Panicked,
    /// The reader took too long.
    Late,
}

impl NotRead {
    /// What the log says.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::TooLarge => "too_large",
            Self::Panicked => "panicked",
            Self::Late => "late",
        }
    }
}

/// A mail as it was read. Debug shows nothing that its sender wrote.
#[derive(Clone)]
pub(super) struct Mail {
    /// What kind of mail it is.
    pub(super) class: Class,
    /// Why it is of this class.
    pub(super) mark: &'static str,
    /// Who sent it.
    pub(super) from: Option<MailAddress>,
    /// The name beside that address.
    pub(super) from_name: Option<String>,
    /// The tokens of its recipients.
    pub(super) tokens: Vec<String>,
    /// Its id, without brackets.
    pub(super) message_id: Option<String>,
    /// The ids of the mails that it answers, the nearest first, without brackets.
    pub(super) answers: Vec<String>,
    /// The subject.
    pub(super) subject: String,
    /// The new text.
    pub(super) text: NewText,
    /// What SES found.
    pub(super) verdicts: Verdicts,
    /// Its files.
    pub(super) files: Vec<ReceivedFile>,
    /// How many more files it has, which are not read.
    pub(super) more_files: usize,
    /// The SHA-256 of the whole mail, where it was read.
    pub(super) digest: Option<String>,
    /// Why its text and files are missing, where they are.
    pub(super) not_read: Option<NotRead>,
}

impl std::fmt::Debug for Mail {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Mail").field("class", &self.class).field("not_read", &self.not_read).finish_non_exhaustive()
    }
}

impl Mail {
    /// Reads a mail whose answers come to `own`. It always gives one.
    pub(super) async fn read(raw: Vec<u8>, own: &MailAddress) -> Self {
        let raw = Arc::new(raw);
        let not_read = if raw.len() > MAX_MAIL {
            NotRead::TooLarge
        } else {
            let (whole, own) = (Arc::clone(&raw), own.clone());
            match isolated(MAX_READING, move || Self::whole(&whole, &own)).await {
                Ok(Some(mail)) => return mail,
                Ok(None) => NotRead::TooLarge,
                Err(Stopped::Panicked) => NotRead::Panicked,
                Err(Stopped::Late) => NotRead::Late,
            }
        };
        let own = own.clone();
        let read = isolated(MAX_READING_HEADER, move || Self::whole(header(&raw), &own)).await;
        let mail = read.ok().flatten().unwrap_or_else(Self::unknown);
        Self { not_read: Some(not_read), text: NewText::default(), files: Vec::new(), digest: None, ..mail }
    }

    fn whole(raw: &[u8], own: &MailAddress) -> Option<Self> {
        let deployment = Deployment { reply_address: own, own_headers: &[], own_message_ids: &[] };
        let mail = recourse_inbound::read(raw, &deployment).ok()?;
        let files = attachments::received(&mail);
        let InboundMail { in_reply_to, references, .. } = mail;
        let mut answers = references;
        if let Some(id) = in_reply_to {
            answers.retain(|other| *other != id);
            answers.insert(0, id);
        }
        Some(Self {
            class: mail.classified.class,
            mark: mail.classified.mark,
            from: mail.from,
            from_name: mail.from_name,
            tokens: mail.tokens,
            more_files: mail.more_attachments,
            digest: Some(digest(raw)),
            message_id: mail.message_id,
            answers,
            subject: mail.subject,
            text: mail.new_text,
            verdicts: mail.verdicts,
            files,
            not_read: None,
        })
    }

    /// A mail of which nothing is known.
    fn unknown() -> Self {
        Self {
            class: Class::Unreadable,
            mark: "nothing of it can be read",
            from: None,
            from_name: None,
            tokens: Vec::new(),
            message_id: None,
            answers: Vec::new(),
            subject: String::new(),
            text: NewText::default(),
            verdicts: Verdicts::default(),
            files: Vec::new(),
            more_files: 0,
            digest: None,
            not_read: None,
        }
    }
}

/// The header of a mail: all before the first empty line.
fn header(raw: &[u8]) -> &[u8] {
    let first = raw.get(..MAX_HEADER).unwrap_or(raw);
    let ends = |ending: &[u8]| first.windows(ending.len()).position(|window| window == ending);
    let end = [ends(b"\n\r\n"), ends(b"\n\n")].into_iter().flatten().min();
    first.get(..end.map_or(first.len(), |end| end + 1)).unwrap_or(first)
}

pub(super) fn digest(bytes: &[u8]) -> String {
    HEXLOWER.encode(&Sha256::digest(bytes))
}
