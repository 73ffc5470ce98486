//! A mail as it is stored: the notification, and what happened to it since.

use recourse_dispute::addresses::{MailAddress, Recipients};
use recourse_dispute::notification::{Audience, Notification};
use recourse_dispute::number::DisputeNumber;
use recourse_dispute::time::UnixMillis;
use recourse_dispute::webhook::WebhookId;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::keys;
use crate::keys::MAILS;

/// The first number of mails that are about no change of their dispute. No dispute has so many
/// versions. Numbers stay below ten times this one, so they have the same length and keys sort.
const OUT_OF_BAND: u64 = 1_000_000_000;
/// Versions from this one on, up to those above, number the mails of a support case by their place
/// in its thread. No dispute has so many versions.
const SUPPORT: u64 = 500_000_000;

/// Which mail: the dispute, the version of it that the mail is about, and its audience.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct MailId {
    /// The dispute.
    pub number: DisputeNumber,
    /// The version of the dispute that the mail is about; one of five hundred million or more is of
    /// no version.
    pub version: u64,
    /// Who of the parties it is for.
    #[serde(default)]
    pub audience: Audience,
}

impl MailId {
    /// A mail about `what`, which is no change of the dispute.
    pub(crate) fn out_of_band(number: DisputeNumber, what: u64) -> Self {
        Self { number, version: OUT_OF_BAND + what % (9 * OUT_OF_BAND), audience: Audience::Case }
    }

    /// The mail that is message `seq` of a case.
    #[must_use]
    pub fn support(number: DisputeNumber, seq: u64) -> Self {
        Self { number, version: SUPPORT + seq % (OUT_OF_BAND - SUPPORT), audience: Audience::Case }
    }

    /// Whether it is a message of a case.
    #[must_use]
    pub fn is_support(self) -> bool {
        (SUPPORT..OUT_OF_BAND).contains(&self.version)
    }

    /// The mail to the supervisors that this version of a support case is about. It is no part of
    /// the conversation with the customer.
    #[must_use]
    pub fn supervisors(number: DisputeNumber, version: u64) -> Self {
        Self::out_of_band(number, digest(&format!("supervisors\0{version}")))
    }

    /// The mail about what `sender` wrote on `day`, counted from 1970, to no case: at most one a
    /// day.
    #[must_use]
    pub fn no_case(sender: &MailAddress, day: i64) -> Self {
        let sender = sender.as_str().to_ascii_lowercase();
        Self::out_of_band(DisputeNumber::NO_CASE, digest(&format!("{sender}\0{day}")))
    }

    /// The mail with the sign-in link whose token has this digest.
    pub(crate) fn sign_in(digest_of_link: &str) -> Self {
        Self::out_of_band(DisputeNumber::NO_CASE, digest(&format!("sign-in\0{digest_of_link}")))
    }

    /// The mail that says that this version of a webhook endpoint was disabled.
    pub(crate) fn webhook(id: &WebhookId, version: u64) -> Self {
        Self::out_of_band(DisputeNumber::NO_CASE, digest(&format!("webhook\0{id}\0{version}")))
    }

    /// Whether it is about no version of its dispute, and no message of a case.
    pub(super) fn is_out_of_band(self) -> bool {
        self.version >= OUT_OF_BAND
    }
}

fn digest(text: &str) -> u64 {
    let [a, b, c, d, e, f, g, h, ..]: [u8; 32] = Sha256::digest(text).into();
    u64::from_be_bytes([a, b, c, d, e, f, g, h])
}

impl std::str::FromStr for MailId {
    type Err = ();

    /// Reads what `Display` writes.
    fn from_str(text: &str) -> Result<Self, ()> {
        let (number, rest) = text.split_once('-').ok_or(())?;
        let (version, audience) = version_and_audience(rest).ok_or(())?;
        Ok(Self { number: number.parse().map_err(|_| ())?, version, audience })
    }
}

impl std::fmt::Display for MailId {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "{}-{}{}", self.number, self.version, keys::suffix(self.audience))
    }
}

/// How far a mail has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum MailState {
    /// Waits to be sent.
    Pending,
    /// Somebody is sending it.
    Sending,
    /// SES has taken it.
    Sent,
    /// Held back: by a cap, or because none of its addresses is mailed any more.
    Held,
    /// Given up.
    Dead,
}

/// A mail as it is on record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OutboxMail {
    /// Which mail.
    pub id: MailId,
    /// What it says, and to whom.
    pub notification: Notification,
    /// How far it has come.
    pub mail_state: MailState,
    /// When it was enqueued.
    pub enqueued_at: UnixMillis,
    /// How often it was claimed.
    pub attempts: u32,
    /// How often SES was asked to send it since it was enqueued or last redriven.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub attempts_since_redrive: u32,
    /// How often SES did not answer since then, so that it may have taken the mail.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub unanswered: u32,
    /// When its state last changed.
    pub changed_at: UnixMillis,
    /// SES's id of it, once sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message_id: Option<String>,
    /// Why it is not sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Those of its addresses that it was not sent to, because they were marked.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub left_out: Vec<MailAddress>,
    /// Under which caps it counts; missing before it was counted, and after its counts were given
    /// back because it did not go out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub counted: Option<Counted>,
    /// Who redrove it after it was given up or held back, oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub redriven: Vec<Redriven>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands a reference over")]
fn is_zero(count: &u32) -> bool {
    *count == 0
}

/// Under which caps a mail counts, besides its account's.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counted {
    /// When it was counted, which says in which window.
    pub at: UnixMillis,
    /// Under whose caps it counts.
    pub addresses: Vec<MailAddress>,
    /// Those of its addresses that were at their cap: it is not sent to them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub capped: Vec<MailAddress>,
}

impl OutboxMail {
    /// Those of its addresses that it is not sent to because they were at their cap.
    #[must_use]
    pub fn capped(&self) -> &[MailAddress] {
        self.counted.as_ref().map_or(&[], |counted| &counted.capped)
    }

    /// Who gets it: all but those that are left out, and those whose address was erased. `None`
    /// when nobody is left.
    #[must_use]
    pub fn recipients(&self) -> Option<Recipients> {
        let is_left_out = |address: &MailAddress| self.left_out.contains(address) || self.capped().contains(address);
        self.notification.recipients.without(|address| address.is_erased() || is_left_out(address))
    }

    /// Whether the address of everybody who was to get it was erased.
    #[must_use]
    pub fn has_no_reader(&self) -> bool {
        self.notification.recipients.all().all(MailAddress::is_erased)
    }

    /// Since when it is tried: since it was enqueued or last redriven.
    #[must_use]
    pub fn tried_since(&self) -> UnixMillis {
        self.redriven.last().map_or(self.enqueued_at, |redriven| redriven.at)
    }
}

/// An operator's redrive of a mail.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Redriven {
    /// When.
    pub at: UnixMillis,
    /// Who.
    pub by: String,
    /// Why, where it was said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
    /// What had become of the mail.
    pub was: MailState,
    /// And for what reason.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

impl MailId {
    /// Reads the key of a mail's item.
    #[must_use]
    pub fn from_key(pk: &str, sk: &str) -> Option<Self> {
        let number = keys::number_of(pk)?;
        let (version, audience) = version_and_audience(sk.strip_prefix(MAILS)?)?;
        Some(Self { number, version, audience })
    }
}

/// Reads a version with the suffix of its audience.
fn version_and_audience(text: &str) -> Option<(u64, Audience)> {
    let parties = keys::suffix(Audience::Parties);
    let (version, audience) = match text.strip_suffix(parties) {
        Some(version) => (version, Audience::Parties),
        None => (text, Audience::Case),
    };
    Some((version.parse().ok()?, audience))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn support_mails_sort_after_every_version_and_before_mails_out_of_band() {
        let number = DisputeNumber::try_from(551).unwrap();
        let first = MailId::support(number, 1);
        assert!(first.is_support() && !first.is_out_of_band());
        assert_eq!("551-500000001".parse(), Ok(first));
        assert_eq!(keys::mail(first).sk, "MAIL#0500000001");
        let last = MailId { version: 1_000_000, ..first };
        assert!(keys::mail(last).sk < keys::mail(first).sk && !last.is_support());
        let address = MailAddress::parse("User@customer.example").unwrap();
        for other in [MailId::supervisors(number, 3), MailId::no_case(&address, 20_000)] {
            assert!(other.is_out_of_band() && !other.is_support(), "{other}");
            assert!(keys::mail(first).sk < keys::mail(other).sk);
            assert_eq!(other.to_string().parse(), Ok(other));
        }
    }

    #[test]
    fn there_is_one_mail_about_no_case_for_a_sender_and_day() {
        let of = |address, day| MailId::no_case(&MailAddress::parse(address).unwrap(), day);
        assert_eq!(of("User@customer.example", 20_000), of("user@customer.example", 20_000));
        assert_ne!(of("user@customer.example", 20_000), of("user@customer.example", 20_001));
        assert_ne!(of("user@customer.example", 20_000), of("other@customer.example", 20_000));
    }
}
