//! A notice becomes a mail that is ready for SES.
//!
//! **Invariant:** every header is a [`HeaderValue`] or a [`MailAddress`], so none ever carries CR or LF, and a subject holds nothing but fixed
//! words and the case id.

mod settings;
mod thread;

use recourse_dispute::addresses::MailAddress;
use recourse_dispute::notice::{Notice, Sent};

use crate::header::{Header, HeaderValue};
use crate::letters::{Letters, subject};
use crate::{BadHeader, Branding};

pub use settings::BadSettings;

/// A mail as SES takes it. Debug shows no address, no token and no body.
#[derive(Clone)]
pub struct Mail {
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
    pub letters: Letters,
}

impl std::fmt::Debug for Mail {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Mail").field("subject", &self.subject.as_str()).finish_non_exhaustive()
    }
}

/// Why a notice does not become a mail.
#[derive(Debug, thiserror::Error)]
pub enum ComposeError {
    /// A template could not be filled in.
    #[error("a letter's template cannot be filled in: {0}")]
    Letter(#[from] askama::Error),
    /// A header came out as none.
    #[error("a header {0}")]
    Header(#[from] BadHeader),
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
    /// The mail of a notice: `earlier` is what of the same case went out before, oldest first, and answers come back to the plus-address
    /// with `reply_token`.
    ///
    /// The first mail of a case that somebody gets has its letter's own subject. Those after it answer it: mail clients keep a conversation together
    /// by `References`, and some (Gmail) only while the subject is the first one's, give or take a `Re:`. So that is their subject. What the one in To
    /// never got is none of that: nobody gets an answer to a mail that went to others alone.
    ///
    /// `Auto-Submitted` (RFC 3834) is what tells an auto-responder not to answer. `X-Auto-Response-Suppress` and `Precedence` would say it
    /// again, but neither is a standard, and `Precedence: bulk` would be untrue.
    ///
    /// # Errors
    /// [`ComposeError`].
    pub fn compose(&self, notice: &Notice, earlier: &[Sent], reply_token: &str) -> Result<Mail, ComposeError> {
        let earlier = thread::known_to(notice.recipients.to(), earlier);
        let mut headers = vec![Header::new("Auto-Submitted", "auto-generated")?];
        headers.extend(thread::headers(&self.region, &earlier)?);
        Ok(Mail {
            from: self.from_header.clone(),
            to: notice.recipients.to().clone(),
            cc: notice.recipients.cc().to_vec(),
            reply_to: self.reply_to(reply_token)?,
            subject: subject_line(notice, &earlier)?,
            headers,
            letters: Letters::write(notice, &self.branding)?,
        })
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

fn subject_line(notice: &Notice, earlier: &[&Sent]) -> Result<HeaderValue, BadHeader> {
    let case = notice.number.case_id();
    HeaderValue::parse(match earlier.first() {
        None => format!("[{case}] {}", subject(notice.letter)),
        Some(first) => format!("Re: [{case}] {}", subject(first.letter)),
    })
}

#[cfg(test)]
mod tests;
