//! A notification becomes a mail that is ready for SES.
//!
//! **Invariant:** every header is a [`HeaderValue`] or a [`MailAddress`], so none ever holds CR or
//! LF. A subject holds only the case id, fixed words and the end of a status, or the words of a
//! template of the support process. A header holds no
//! address that a mail program could read as an encoded word.

mod settings;
mod thread;

use recourse_dispute::addresses::MailAddress;
use recourse_dispute::notification::{Author, Notification, ThreadEntry};
use recourse_dispute::number::DisputeNumber;

use crate::header::{Header, HeaderValue, encoded_words};
use crate::templates::{EmailBody, subject};
use crate::{BadHeader, Branding};

pub use settings::BadSettings;
pub use thread::wire_id;

/// A mail as SES takes it. Debug shows no address, no token and no body.
#[derive(Clone)]
pub struct ComposedMail {
    /// Who it is from: the brand's name and the verified identity.
    pub from: HeaderValue,
    /// The one address in To.
    pub to: MailAddress,
    /// The addresses in Cc.
    pub cc: Vec<MailAddress>,
    /// Where answers go: a plus-address of the identity that says which case they belong to.
    pub reply_to: MailAddress,
    /// The subject.
    pub subject: HeaderValue,
    /// The further headers.
    pub headers: Vec<Header>,
    /// What it says.
    pub body: EmailBody,
}

impl std::fmt::Debug for ComposedMail {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Mail").field("subject", &self.subject.as_str()).finish_non_exhaustive()
    }
}

/// Why a notification does not become a mail.
#[derive(Debug, thiserror::Error)]
pub enum ComposeError {
    /// A template could not be filled in.
    #[error("an email template cannot be filled in: {0}")]
    Template(#[from] askama::Error),
    /// A header would not be valid.
    #[error("a header of the mail {0}")]
    Header(#[from] BadHeader),
    /// Each of its addresses could be read as an encoded word.
    #[error("no address is left that a mail program reads as it is written")]
    Recipients,
    /// The reply token and the identity together are no address.
    #[error("a reply token must be 1 to 26 lower-case letters and digits")]
    ReplyToken,
}

/// Writes the mails of a deployment.
#[derive(Clone, Debug)]
pub struct Composer {
    branding: Branding,
    from: MailAddress,
    from_header: HeaderValue,
    region: String,
}

impl Composer {
    /// The mail of a notification. `earlier` are the mails of the same case that went out before,
    /// oldest first. Answers come to the plus-address with `reply_token`.
    ///
    /// Each subject has its own mail's news after the case id, so a list of subjects is the story
    /// of the case. Mail programs keep the conversation together by `In-Reply-To` and `References`.
    /// Gmail also wants the same subject and shows each mail by itself; there the case id finds
    /// them. A mail that the one in To never got is not part of the conversation: nobody gets an
    /// answer to a mail that went to others alone.
    ///
    /// An address that a mail program could read as an encoded word (RFC 2047) is left out.
    ///
    /// `Auto-Submitted` (RFC 3834) keeps auto-responders from answering. What an agent wrote has
    /// none: a person may answer a person, also by a program.
    /// `X-Auto-Response-Suppress` and `Precedence` would say it again, but neither is a standard,
    /// and `Precedence: bulk` would be untrue.
    ///
    /// # Errors
    /// [`ComposeError`].
    pub fn compose(
        &self,
        notification: &Notification,
        earlier: &[ThreadEntry],
        reply_token: &str,
    ) -> Result<ComposedMail, ComposeError> {
        let recipients = notification.recipients.without(|address| !reads_as_written(address.as_str()));
        let recipients = recipients.ok_or(ComposeError::Recipients)?;
        let earlier = thread::known_to(recipients.to(), earlier);
        let submitted = match notification.support.as_ref().map(|mail| mail.author) {
            None | Some(Author::Automation) => Some("auto-generated"),
            Some(Author::AutomaticReply) => Some("auto-replied"),
            Some(Author::Agent) => None,
        };
        let submitted = submitted.map(|how| Header::new("Auto-Submitted", how)).transpose()?;
        let mut headers: Vec<Header> = submitted.into_iter().collect();
        headers.extend(thread::headers(&self.region, &earlier)?);
        let reply_to = self.reply_to(reply_token)?;
        Ok(ComposedMail {
            from: self.sender(notification),
            to: recipients.to().clone(),
            cc: recipients.cc().to_vec(),
            subject: subject_header(notification)?,
            headers,
            body: EmailBody::answerable(notification, &self.branding, &reply_to)?,
            reply_to,
        })
    }

    /// The `Message-ID` of a mail of ours, as [`wire_id`] makes it from SES's answer.
    #[must_use]
    pub fn wire_id(&self, ses_id: &str) -> Option<String> {
        wire_id(&self.region, ses_id)
    }

    /// From: the brand, after the agent's name where it is shown and fits.
    fn sender(&self, notification: &Notification) -> HeaderValue {
        let agent = notification.support.as_ref().and_then(|mail| mail.agent.as_deref());
        let named =
            agent.and_then(|agent| settings::sender(&format!("{agent}, {}", self.branding.name()), &self.from).ok());
        named.unwrap_or_else(|| self.from_header.clone())
    }

    fn reply_to(&self, token: &str) -> Result<MailAddress, ComposeError> {
        let plain = token.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit());
        let (local, domain) = self.from.as_str().rsplit_once('@').ok_or(ComposeError::ReplyToken)?;
        let address = MailAddress::parse(&format!("{local}+{token}@{domain}"));
        match address {
            Ok(address) if plain && !token.is_empty() => Ok(address),
            _ => Err(ComposeError::ReplyToken),
        }
    }
}

/// The subject: the case id, where there is a case, and the news.
fn subject_header(notification: &Notification) -> Result<HeaderValue, BadHeader> {
    let news = subject(notification);
    let subject = match notification.number {
        DisputeNumber::NO_CASE => news,
        number => format!("[{}] {news}", number.case_id()),
    };
    HeaderValue::parse(if subject.is_ascii() { subject } else { encoded_words(&subject) })
}

/// Whether a mail program reads an address as it is written. `=?` begins an encoded word (RFC
/// 2047), which programs decode in a header's addresses too, although they must not. What such an
/// address becomes then, somebody else chose: a name, or an address of another domain.
fn reads_as_written(address: &str) -> bool {
    !address.contains("=?")
}

#[cfg(test)]
mod tests;
