//! SES: takes mail as SES v2 does, refuses what SES refuses, and keeps what it took for the inbox page.

use std::path::Path;

use crate::loopback::StartError;

/// A mail that was accepted.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Mail {
    /// SES's id of it; on the wire its Message-ID is `<id@email.amazonses.com>`.
    pub message_id: String,
    /// When it was accepted, Unix milliseconds.
    pub at: u64,
    /// The sender, as sent.
    pub from: String,
    /// To, as sent.
    pub to: Vec<String>,
    /// Cc, as sent.
    pub cc: Vec<String>,
    /// Bcc, as sent.
    pub bcc: Vec<String>,
    /// Reply-To, as sent.
    pub reply_to: Vec<String>,
    /// The subject.
    pub subject: String,
    /// The text body.
    pub text: Option<String>,
    /// The HTML body.
    pub html: Option<String>,
    /// The additional headers, in their order.
    pub headers: Vec<(String, String)>,
    /// The message tags.
    pub tags: Vec<(String, String)>,
}

/// A failure of SES that a test asks for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum SesFault {
    /// All is well.
    #[default]
    None,
}

/// A running SES; clones are handles to the same one.
#[derive(Debug, Clone)]
pub struct Ses;

impl Ses {
    /// Starts it on a free port with `verified` identities (addresses, or whole domains).
    ///
    /// # Errors
    /// No port, or a mail file that cannot be read.
    pub async fn start(_verified: Vec<String>, _data: Option<&Path>) -> Result<Self, StartError> {
        Ok(Self)
    }

    /// Where it listens, `http://127.0.0.1:port`.
    #[must_use]
    pub fn endpoint(&self) -> String {
        String::new()
    }

    /// The mails that were accepted, newest last; the last 10,000.
    #[must_use]
    pub fn mails(&self) -> Vec<Mail> {
        Vec::new()
    }

    /// Fails from now on as `fault` says.
    pub fn set_fault(&self, _fault: SesFault) {}

    /// Stops it.
    pub async fn stop(self) {}
}
