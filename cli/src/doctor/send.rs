//! `recourse doctor --send`: whether SES takes the mails that a dispute sends.
//!
//! Each address of SES's mailbox simulator gets a first mail and one that follows it, with the
//! headers of real ones. Nobody reads them, and SES counts none of them as a bounce or a complaint
//! of the account. They carry a tag that is no dispute's, so what SES reports of them changes
//! nothing.

use std::time::Duration;

use aws_sdk_sesv2::config::Builder;
use recourse_aws::SdkConfig;
use recourse_dispute::addresses::{MailAddress, Recipients};
use recourse_dispute::channel::Channel;
use recourse_dispute::event::EventKind;
use recourse_dispute::ids::{AccountId, Refid};
use recourse_dispute::lifecycle::Actor;
use recourse_dispute::money::{Currency, Money};
use recourse_dispute::notification::{Audience, Cause, EmailTemplate, Notification, NotificationDetails, Sent};
use recourse_dispute::number::DisputeNumber;
use recourse_mail::{Branding, Composer, Outcome, Ses};

use super::Check;
use crate::ending::Failure;
use crate::environment::Settings;

/// The simulator's addresses: the name of the check, and the part before the @ (SES, "Using the
/// mailbox simulator").
const SIMULATOR: [(&str, &str); 5] = [
    ("mail success", "success"),
    ("mail bounce", "bounce"),
    ("mail complaint", "complaint"),
    ("mail ooto", "ooto"),
    ("mail suppress", "suppressionlist"),
];
/// The tag of these mails. A dispute's are two numbers, so the worker that hears of bounces takes
/// these for nobody's.
const TAG: &str = "doctor";
/// What SES answers where mails come faster than the account may send: in its sandbox that is one a
/// second.
const TOO_FAST: &str = "TooManyRequestsException";
/// How often a mail is handed over that came too fast.
const ATTEMPTS: u32 = 4;

/// What the mails are made with.
pub(super) struct Sender {
    composer: Composer,
    ses: Ses,
    /// Who the mails are from, as the account that they would be about.
    from: MailAddress,
    configuration_set: Option<String>,
}

impl Sender {
    /// Sends from `from`, as the deployment does. `BRAND` and `SES_CONFIGURATION_SET` may say more.
    ///
    /// # Errors
    /// [`Failure`] says what of the settings is missing or no address.
    pub(super) fn new(config: &SdkConfig, from: Option<&str>, environment: &Settings) -> Result<Self, Failure> {
        let from = from.ok_or_else(|| {
            Failure::refused("--send needs to know who mail is from: pass --mail-from or set MAIL_FROM.")
        })?;
        let from = MailAddress::parse_typed(from).map_err(|rule| Failure::refused(format!("MAIL_FROM {rule}")))?;
        let brand = environment.get("BRAND").unwrap_or_else(|| "Recourse".to_owned());
        let branding = Branding::new(brand, from.clone()).map_err(|rule| Failure::refused(format!("BRAND {rule}")))?;
        let region = config.region().map(ToString::to_string).unwrap_or_default();
        let composer =
            Composer::new(branding, from.clone(), region).map_err(|rule| Failure::refused(rule.to_string()))?;
        let configuration_set = environment.get("SES_CONFIGURATION_SET");
        let ses = Ses::new(Builder::from(config), configuration_set.clone());
        Ok(Self { composer, ses, from, configuration_set })
    }

    /// Sends the mails, and says of each address what SES answered.
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
                    Check::ok(check, format!("SES took a first mail, {first}, and one that follows it, {following}"))
                }
                Err((which, outcome)) => refused(check, which, &outcome),
            });
        }
        checks
    }

    /// The ids of a first mail and of the one that follows it, or which of them SES did not take
    /// and why.
    async fn both(&self, name: &str) -> Result<[String; 2], (&'static str, Outcome)> {
        let unmade = || ("first", Outcome::Blocked("the mail cannot be composed".to_owned()));
        let first = self.notification(EmailTemplate::Received, name).ok_or_else(unmade)?;
        let first_id = self.sent(&first, &[]).await.map_err(|outcome| ("first", outcome))?;
        let earlier = Sent { message_id: first_id.clone(), recipients: first.recipients.clone() };
        let following = Notification { template: EmailTemplate::Refunded, ..first };
        let following = self.sent(&following, &[earlier]).await.map_err(|outcome| ("following", outcome))?;
        Ok([first_id, following])
    }

    fn notification(&self, template: EmailTemplate, name: &str) -> Option<Notification> {
        let address = MailAddress::parse(&format!("{name}@simulator.amazonses.com")).ok()?;
        Some(Notification {
            template: template,
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
        })
    }

    async fn sent(&self, notification: &Notification, earlier: &[Sent]) -> Result<String, Outcome> {
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
            (reason, "SES refuses every mail so: see mail_blocked at MailAlarm in docs/runbook.md")
        }
        Outcome::Refused(reason) => {
            (reason, "SES refuses this recipient, which no address of its own simulator should be")
        }
        Outcome::Later(reason) => (reason, "Try again; see MailsUnsent in docs/runbook.md"),
        Outcome::Unanswered(reason) | Outcome::Accepted(reason) => (reason, "SES may have taken it; try again"),
    };
    Check::wrong(check, format!("the {which} mail: {reason}"), fix)
}
