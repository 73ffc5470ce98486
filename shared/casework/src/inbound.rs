//! A received mail, as the worker hands it over.

use std::fmt;

use data_encoding::HEXLOWER;
use recourse_dispute::addresses::MailAddress;
use recourse_dispute::claim::{FileId, ObjectId};
use recourse_dispute::dispute::Dispute;
use recourse_inbound::{Class, Verdict, Verdicts};
use recourse_store::Message;
use recourse_support::event::SenderTag;
use sha2::{Digest, Sha256};

/// How many bytes of a sender's digest tell senders apart.
const TAG_BYTES: usize = 16;

/// A received mail. Debug shows nothing that its sender wrote.
#[derive(Clone, PartialEq, Eq)]
pub struct InboundMail {
    /// The key of the object with the whole mail, as in `inbound/..`.
    pub object_key: String,
    /// The SHA-256 of the whole mail, in hexadecimal digits: its id where it has no Message-ID.
    pub digest: String,
    /// What kind of mail it is.
    pub class: Class,
    /// Why it is of this class.
    pub mark: &'static str,
    /// Who sent it; `None` unless From has exactly one address.
    pub from: Option<MailAddress>,
    /// The name beside that address.
    pub from_name: Option<String>,
    /// How it was matched to the case.
    pub matched_by: MatchedBy,
    /// Its Message-ID without brackets.
    pub message_id: Option<String>,
    /// Its subject on one line.
    pub subject: String,
    /// What its sender wrote newly.
    pub text: String,
    /// Whether there was more.
    pub truncated: bool,
    /// What SES found.
    pub verdicts: Verdicts,
    /// Its attachments.
    pub attachments: Vec<MailAttachment>,
    /// How many more attachments it has, which nobody looked at.
    pub more_attachments: usize,
    /// Whether the mail could not be read. Its text is empty then, and a person has to look.
    pub is_unreadable: bool,
}

impl fmt::Debug for InboundMail {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("InboundMail")
            .field("class", &self.class)
            .field("mark", &self.mark)
            .field("matched_by", &self.matched_by)
            .field("verdicts", &self.verdicts)
            .field("attachments", &self.attachments)
            .finish_non_exhaustive()
    }
}

/// How a mail was matched to its case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum MatchedBy {
    /// By the signed plus-address of a mail to the people of the case.
    Token,
    /// By the signed plus-address of a mail to a bank or a merchant.
    PartyToken,
    /// By the id of a mail that it answers.
    Reference,
    /// By the case id in its subject, and its sender.
    Subject,
    /// Not at all.
    Nothing,
}

impl MatchedBy {
    /// The name in logs.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Token => "token",
            Self::PartyToken => "party_token",
            Self::Reference => "reference",
            Self::Subject => "subject",
            Self::Nothing => "none",
        }
    }
}

/// An attachment. Debug shows neither its name nor the reason.
#[derive(Clone, PartialEq, Eq)]
pub struct MailAttachment {
    /// What its sender calls it, made safe.
    pub name: String,
    /// How many bytes it has.
    pub size: u64,
    /// What became of it.
    pub outcome: AttachmentOutcome,
}

impl fmt::Debug for MailAttachment {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let is_stored = matches!(self.outcome, AttachmentOutcome::Stored { .. });
        out.debug_struct("MailAttachment")
            .field("size", &self.size)
            .field("is_stored", &is_stored)
            .finish_non_exhaustive()
    }
}

/// What became of an attachment before the step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AttachmentOutcome {
    /// Its content is stored, and may become evidence.
    Stored {
        /// The media type of its format.
        media: String,
        /// The SHA-256 of its content: 64 hexadecimal digits, in lower case.
        sha256: String,
        /// The object with its content.
        object: ObjectId,
        /// What it is called as evidence.
        file: FileId,
    },
    /// It is not taken, for this reason.
    Refused(String),
}

/// Who sent a mail, as far as the case knows the sender.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SenderRole {
    /// Somebody whom the report named; where it named nobody, a recipient of the case.
    Customer,
    /// The account that reported for somebody else, by its registered address.
    Account,
    /// Somebody else, or nobody knows who.
    ThirdParty,
}

impl SenderRole {
    /// The name in logs and views.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Customer => "customer",
            Self::Account => "account",
            Self::ThirdParty => "third_party",
        }
    }
}

/// The role of a sender in a case.
#[must_use]
pub fn sender_role(dispute: &Dispute, from: Option<&MailAddress>) -> SenderRole {
    // Nobody writes from the address that stands for an erased one, but whoever read it can claim
    // to.
    let from = from.filter(|from| !from.is_erased());
    let Some((from, recipients)) = from.zip(dispute.recipients.as_ref()) else { return SenderRole::ThirdParty };
    match (recipients.was_named(from), recipients.reaches(from)) {
        (true, _) => SenderRole::Customer,
        (false, true) if recipients.named().next().is_some() => SenderRole::Account,
        (false, true) => SenderRole::Customer,
        (false, false) => SenderRole::ThirdParty,
    }
}

/// Whether a mail comes from whom it says, as far as SES can tell: no check failed. Of a mail that
/// was matched without the signed plus-address of the people of the case, DMARC has to have passed:
/// ids of mails and cases are no secrets, and banks and merchants have an address of their own.
#[must_use]
pub fn is_verified(mail: &InboundMail) -> bool {
    let verdicts = &mail.verdicts;
    !verdicts.has_failed() && (mail.matched_by == MatchedBy::Token || verdicts.dmarc == Verdict::Pass)
}

/// Whether somebody has to read a mail that nothing else is done about: a person may have written
/// it, and SES does not call it spam or a virus.
#[must_use]
pub fn is_for_a_person(class: Class, verdicts: &Verdicts) -> bool {
    matches!(class, Class::Written | Class::Unreadable) && !verdicts.is_unwanted()
}

/// What SES found, as a message stores it: `spam=pass virus=pass dmarc=fail spf=pass dkim=none`.
#[must_use]
pub fn verdict_text(verdicts: &Verdicts) -> String {
    let name = |verdict: Verdict| match verdict {
        Verdict::Pass => "pass",
        Verdict::Fail => "fail",
        Verdict::Gray => "gray",
        Verdict::Unknown => "unknown",
    };
    let Verdicts { spam, virus, dmarc, spf, dkim } = *verdicts;
    let found = [("spam", spam), ("virus", virus), ("dmarc", dmarc), ("spf", spf), ("dkim", dkim)];
    found.map(|(check, verdict)| format!("{check}={}", name(verdict))).join(" ")
}

/// The name of a class in messages and logs.
#[must_use]
pub fn class_name(class: Class) -> &'static str {
    match class {
        Class::Written => Message::WRITTEN,
        Class::AutoReply => "auto_reply",
        Class::DeliveryReport => "delivery_report",
        Class::Helpdesk => "helpdesk",
        Class::CalendarInvitation => "calendar_invitation",
        Class::OurOwn => "our_own",
        Class::Unreadable => "unreadable",
    }
}

/// The tag by which a sender's mails are counted: a digest of the address.
#[must_use]
pub fn sender_tag(from: Option<&MailAddress>) -> Option<SenderTag> {
    let address = from.map_or_else(String::new, |from| from.as_str().to_lowercase());
    let digest = Sha256::digest(address);
    SenderTag::parse(&HEXLOWER.encode(digest.get(..TAG_BYTES)?)).ok()
}
