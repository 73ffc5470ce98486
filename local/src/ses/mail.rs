//! A mail as it was accepted, and as its recipients see its headers.

use std::fmt;

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc2822;

/// A mail that was accepted.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AcceptedMail {
    /// SES's id of it; on the wire its Message-ID is `<id@email.amazonses.com>`.
    pub message_id: String,
    /// When it was accepted, Unix milliseconds.
    pub at: u64,
    /// The sender, as given.
    pub from: String,
    /// To, as given.
    pub to: Vec<String>,
    /// Cc, as given.
    pub cc: Vec<String>,
    /// Bcc, as given.
    pub bcc: Vec<String>,
    /// Reply-To, as given.
    pub reply_to: Vec<String>,
    /// The subject.
    pub subject: String,
    /// The text body.
    pub text: Option<String>,
    /// The HTML body.
    pub html: Option<String>,
    /// The additional headers, in their order.
    pub headers: Vec<(String, String)>,
    /// The message tags, name and value.
    pub tags: Vec<(String, String)>,
    /// The configuration set that it was sent under.
    #[serde(default)]
    pub configuration_set: Option<String>,
    /// What became of it at addresses of the mailbox simulator: the address, and a word for people.
    #[serde(default)]
    pub simulated: Vec<(String, String)>,
    /// Whether it was sent while the demo's cases were made, to people of those.
    #[serde(default)]
    pub of_demo: bool,
}

impl fmt::Debug for AcceptedMail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // No address and no content: they belong to the people who wrote.
        f.debug_struct("Mail")
            .field("message_id", &self.message_id)
            .field("at", &self.at)
            .field("recipients", &self.to.len().saturating_add(self.cc.len()).saturating_add(self.bcc.len()))
            .finish_non_exhaustive()
    }
}

impl AcceptedMail {
    /// The headers that recipients see, in their order; Bcc is not among them. In us-east-1 SES's
    /// Message-IDs are at `email.amazonses.com`.
    pub fn wire_headers(&self) -> Vec<(String, String)> {
        let seconds = i64::try_from(self.at / 1_000).unwrap_or_default();
        let date = OffsetDateTime::from_unix_timestamp(seconds).ok().and_then(|at| at.format(&Rfc2822).ok());
        let given = [
            ("Date", date.unwrap_or_default()),
            ("From", self.from.clone()),
            ("Reply-To", self.reply_to.join(", ")),
            ("To", self.to.join(", ")),
            ("Cc", self.cc.join(", ")),
            ("Message-ID", format!("<{}@email.amazonses.com>", self.message_id)),
            ("Subject", self.subject.clone()),
            ("MIME-Version", "1.0".to_owned()),
        ];
        let given = given.into_iter().filter(|(_, value)| !value.is_empty());
        given.map(|(name, value)| (name.to_owned(), value)).chain(self.headers.iter().cloned()).collect()
    }
}
