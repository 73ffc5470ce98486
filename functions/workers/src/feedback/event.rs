//! What SES reports, as EventBridge hands it on.
//!
//! The form is SES's own (Amazon SES, "Contents of event data"), and only what is used of it is
//! read. EventBridge takes events of the source `aws.ses` from SES alone; still nothing in one is
//! believed but which mail it is about, what happened, when, and to whom.

use recourse_dispute::addresses::MailAddress;
use recourse_dispute::time::UnixMillis;
use recourse_store::{MailId, Undelivered};
use serde_json::Value;

/// SES names no more recipients than a mail has.
const MAX_RECIPIENTS: usize = 50;
/// The most characters of one of SES's words that are stored.
const MAX_WORD: usize = 32;

/// What the worker is called for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SesEvent {
    /// A mail came back for good, or was called spam.
    Report(Report),
    /// Something else, which changes nothing; what it is.
    Nothing(&'static str),
}

/// What became of a mail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// Which mail.
    pub mail: MailId,
    /// What happened.
    pub kind: Undelivered,
    /// When, by SES's clock.
    pub at: UnixMillis,
    /// SES's words for it.
    pub detail: Option<String>,
    /// To whom, in lower case.
    recipients: Vec<String>,
}

/// An event that is none of SES's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the event must be SES's report of a bounce or a complaint, as EventBridge hands it on")]
pub struct UnknownEvent;

impl Report {
    /// Whether it names an address, in whatever case.
    #[must_use]
    pub fn names(&self, address: &MailAddress) -> bool {
        self.recipients.contains(&address.as_str().to_ascii_lowercase())
    }
}

impl SesEvent {
    /// Reads an event.
    ///
    /// # Errors
    /// [`UnknownEvent`].
    pub fn read(event: &Value) -> Result<Self, UnknownEvent> {
        let detail = event.get("detail").filter(|_| text(event, "/source") == Some("aws.ses")).ok_or(UnknownEvent)?;
        let (kind, at, who, words) = match text(detail, "/eventType").ok_or(UnknownEvent)? {
            "Bounce" if text(detail, "/bounce/bounceType") != Some("Permanent") => {
                return Ok(Self::Nothing("not_for_good"));
            }
            "Bounce" => {
                let words = ["/bounce/bounceSubType", "/bounce/bouncedRecipients/0/status"];
                (Undelivered::Bounce, "/bounce/timestamp", "/bounce/bouncedRecipients", words)
            }
            "Complaint" if text(detail, "/complaint/complaintFeedbackType") == Some("not-spam") => {
                return Ok(Self::Nothing("not_spam"));
            }
            "Complaint" => {
                let words = ["/complaint/complaintSubType", "/complaint/complaintFeedbackType"];
                (Undelivered::Complaint, "/complaint/timestamp", "/complaint/complainedRecipients", words)
            }
            _ => return Ok(Self::Nothing("another_event")),
        };
        let Some(mail) = text(detail, "/mail/tags/outbox_id/0").and_then(|id| id.parse().ok()) else {
            return Ok(Self::Nothing("foreign"));
        };
        let at = text(detail, at).and_then(|at| UnixMillis::parse(at).ok()).ok_or(UnknownEvent)?;
        let who = detail.pointer(who).and_then(Value::as_array).ok_or(UnknownEvent)?;
        let recipients = who.iter().take(MAX_RECIPIENTS).filter_map(|one| text(one, "/emailAddress")).map(bare);
        let words: Vec<_> =
            words.into_iter().filter_map(|word| text(detail, word).filter(|word| is_plain(word))).collect();
        Ok(Self::Report(Report {
            mail,
            kind,
            at,
            detail: (!words.is_empty()).then(|| words.join(" ")),
            recipients: recipients.collect(),
        }))
    }
}

fn text<'a>(value: &'a Value, pointer: &str) -> Option<&'a str> {
    value.pointer(pointer).and_then(Value::as_str)
}

/// The address of `Name <address>` or `address`, in lower case.
fn bare(text: &str) -> String {
    let within = text.trim().strip_suffix('>').and_then(|rest| rest.rsplit_once('<')).map(|(_, address)| address);
    within.unwrap_or(text).trim().to_ascii_lowercase()
}

/// Whether a word is one of SES's own, such as `General` or `5.1.1`, and holds nothing of anybody's
/// mail.
fn is_plain(word: &str) -> bool {
    (1..=MAX_WORD).contains(&word.len())
        && word.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-".contains(&byte))
}
