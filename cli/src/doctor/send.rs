//! `recourse doctor --send`: whether SES takes the mails that a dispute sends.
//!
//! Each address of SES's mailbox simulator gets a first mail and a following one, with the headers
//! of real mails. Nobody reads them, and SES does not count them as bounces or complaints of the
//! account. Their tag belongs to no dispute, so SES's reports about them change nothing.

use std::time::Duration;

use aws_sdk_sesv2::config::Builder;
use recourse_aws::SdkConfig;
use recourse_dispute::addresses::{MailAddress, Recipients};
use recourse_dispute::channel::Channel;
use recourse_dispute::event::EventKind;
use recourse_dispute::ids::{AccountId, Refid};
use recourse_dispute::lifecycle::Actor;
use recourse_dispute::money::{Currency, Money};
use recourse_dispute::notification::{Audience, Cause, EmailTemplate, Notification, NotificationDetails, ThreadEntry};
use recourse_dispute::number::DisputeNumber;
use recourse_mail::{Branding, Composer, Outcome, Ses};

use super::Check;
use crate::ending::Failure;
use crate::settings::Settings;

/// The simulator's addresses: the name of the check, and the part before the @ (SES, "Using the
/// mailbox simulator").
const SIMULATOR: [(&str, &str); 5] = [
    ("mail success", "success"),
    ("mail bounce", "bounce"),
    ("mail complaint", "complaint"),
    ("mail ooto", "ooto"),
    ("mail suppress", "suppressionlist"),
];
/// The tag of these mails. A dispute's tag is two numbers, so the worker that reads SES's reports
/// ignores those about these mails.
const TAG: &str = "doctor";
/// SES's answer when mails come faster than the account may send: in the sandbox one a second.
const TOO_FAST: &str = "TooManyRequestsException";
/// How many times a throttled mail is sent.
const ATTEMPTS: u32 = 4;

/// Composes and sends the mails.
pub(super) struct Sender {
    composer: Composer,
    ses: Ses,
    /// The sender, who takes the place of the account's registered address, too.
    from: MailAddress,
    configuration_set: Option<String>,
}

impl Sender {
    /// Sends from `from`, as the deployment does, with its `BRAND` and `SES_CONFIGURATION_SET`.
    pub(super) fn new(config: &SdkConfig, from: Option<&str>, settings: &Settings) -> Result<Self, Failure> {
        let from = from
            .ok_or_else(|| Failure::refused("--send needs the sender of mail: pass --mail-from or set MAIL_FROM."))?;
        let from = MailAddress::parse_typed(from).map_err(|rule| Failure::refused(format!("MAIL_FROM {rule}")))?;
        let brand = settings.get("BRAND").unwrap_or_else(|| "Recourse".to_owned());
        let branding = Branding::new(brand, from.clone()).map_err(|rule| Failure::refused(format!("BRAND {rule}")))?;
        let region = config.region().map(ToString::to_string).unwrap_or_default();
        let composer =
            Composer::new(branding, from.clone(), region).map_err(|rule| Failure::refused(rule.to_string()))?;
        let configuration_set = settings.get("SES_CONFIGURATION_SET");
        let ses = Ses::new(Builder::from(config), configuration_set.clone());
        Ok(Self { composer, ses, from, configuration_set })
    }

    /// Sends the mails. Each address has a check with SES's answer.
    pub(super) async fn checks(&self) -> Vec<Check> {
        let mut checks = vec![match &self.configuration_set {
            Some(set) => Check::ok("mail events", format!("the mails are sent under the configuration set {set}")),
            None => Check::unchecked(
                "mail events",
                "SES_CONFIGURATION_SET, the output ConfigurationSet, is not set: SES reports no bounce of these mails",
            ),
        }];
        for (check, name) in SIMULATOR {
            checks.push(match self.both(name).await {
                Ok([first, following]) => {
                    Check::ok(check, format!("SES accepted a first mail, {first}, and a following one, {following}"))
                }
                Err((which, outcome)) => refused(check, which, &outcome),
            });
        }
        checks
    }

    /// The ids of the first and the following mail, or which of them SES did not accept, and why.
    async fn both(&self, name: &str) -> Result<[String; 2], (&'static str, Outcome)> {
        let unmade = || ("first", Outcome::Blocked("the mail cannot be composed".to_owned()));
        let first = self.notification(EmailTemplate::Received, name).ok_or_else(unmade)?;
        let first_id = self.sent(&first, &[]).await.map_err(|outcome| ("first", outcome))?;
        let earlier = ThreadEntry::Sent { message_id: first_id.clone(), recipients: first.recipients.clone() };
        let following = Notification { template: EmailTemplate::Refunded, ..first };
        let following = self.sent(&following, &[earlier]).await.map_err(|outcome| ("following", outcome))?;
        Ok([first_id, following])
    }

    fn notification(&self, template: EmailTemplate, name: &str) -> Option<Notification> {
        let address = MailAddress::parse(&format!("{name}@simulator.amazonses.com")).ok()?;
        Some(Notification {
            template,
            audience: Audience::Case,
            cause: Cause { channel: Channel::Iimmpact, actor: Actor::Opener, kind: EventKind::Opened },
            number: DisputeNumber::try_from(1_u64).ok()?,
            account: AccountId::parse("acct_doctor").ok()?,
            recipients: Recipients::registered([address])?,
            refid: Refid::parse("doctor").ok()?,
            product: None,
            amount: Money::from_minor(100, Currency::parse("USD").ok()?),
            disputed: None,
            details: NotificationDetails::default(),
            status: None,
            undelivered: None,
            support: None,
        })
    }

    async fn sent(&self, notification: &Notification, earlier: &[ThreadEntry]) -> Result<String, Outcome> {
        let composed = self.composer.compose(notification, earlier, TAG);
        let mail =
            composed.map_err(|_| Outcome::Blocked(format!("no mail can be composed from {}", self.from.as_str())))?;
        let mut attempt = 1;
        loop {
            match self.ses.send(&mail, TAG).await {
                Outcome::Accepted(id) => return Ok(id),
                Outcome::Later(reason) if reason == TOO_FAST && attempt < ATTEMPTS => {
                    attempt += 1;
                    tokio::time::sleep(Duration::from_millis(1_100)).await;
                }
                other => return Err(other),
            }
        }
    }
}

fn refused(check: &'static str, which: &str, outcome: &Outcome) -> Check {
    let (reason, fix) = match outcome {
        Outcome::Blocked(reason) => {
            (reason, "SES refuses every mail like this: see mail_blocked at MailAlarm in docs/runbook.md")
        }
        Outcome::Refused(reason) => {
            (reason, "SES refuses this recipient, although it is an address of its own simulator")
        }
        Outcome::Later(reason) => (reason, "Try again; see MailsUnsent in docs/runbook.md"),
        Outcome::Unanswered(reason) | Outcome::Accepted(reason) => (reason, "SES may have accepted it; try again"),
    };
    Check::wrong(check, format!("the {which} mail: {reason}"), fix)
}
