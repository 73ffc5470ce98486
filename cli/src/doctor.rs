//! `recourse doctor`: checks a deployment, and says what to do where something is wrong.
//!
//! It changes nothing, unless `--send` or `--deep` ask for it. It prints no secret, and no address
//! but the sender's own.

mod deep;
mod identity;
mod inbound;
mod keys;
mod mails;
mod mx;
mod send;
mod ses;
mod support;
mod tables;

use clap::Args;
use recourse_operations::health::Finding;
use recourse_store::StoreError;
use serde::Serialize;

use crate::busy::Busy;
use crate::ending::{Ending, Failure};
use crate::output::{Format, visible};
use crate::settings::{Settings, TABLES};
use crate::system;

const EXAMPLES: &str = "\
Examples:
  recourse doctor
  recourse doctor --json --key-age-days 180 --mail-from cases@example.com
  recourse doctor --deep --merchant-id 1001 --refid REFID --payment TRXID

A line that says WRONG says what to do, and the exit code is 1. Nothing is changed, unless --send or
--deep ask for it. A step that takes longer than two seconds is named on stderr.";

/// Check a deployment, and say what to fix
#[derive(Args)]
#[command(after_help = format!("{EXAMPLES}\n\n{TABLES}"))]
pub(crate) struct Doctor {
    /// The address that mail comes from [env: MAIL_FROM]
    #[arg(long, value_name = "ADDRESS")]
    mail_from: Option<String>,
    /// Send two mails to each address of SES's mailbox simulator
    #[arg(long)]
    send: bool,
    #[command(flatten)]
    deep: deep::Deep,
    /// Find live keys that are older than this
    #[arg(long, value_name = "DAYS", default_value_t = 365)]
    key_age_days: u32,
    #[command(flatten)]
    format: Format,
}

/// The result of a check.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum CheckResult {
    Ok,
    Wrong,
    /// The check was not made.
    Unchecked,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
struct Check {
    check: &'static str,
    verdict: CheckResult,
    found: String,
    /// What to do, where something is wrong.
    #[serde(skip_serializing_if = "Option::is_none")]
    fix: Option<String>,
}

impl Check {
    fn ok(check: &'static str, found: impl Into<String>) -> Self {
        Self { check, verdict: CheckResult::Ok, found: found.into(), fix: None }
    }

    fn wrong(check: &'static str, found: impl Into<String>, fix: impl Into<String>) -> Self {
        Self { check, verdict: CheckResult::Wrong, found: found.into(), fix: Some(fix.into()) }
    }

    fn of(check: &'static str, holds: bool, good: &str, bad: &str, fix: &str) -> Self {
        if holds { Self::ok(check, good) } else { Self::wrong(check, bad, fix) }
    }

    fn unchecked(check: &'static str, found: impl Into<String>) -> Self {
        Self { check, verdict: CheckResult::Unchecked, found: found.into(), fix: None }
    }

    fn unread(check: &'static str, error: &StoreError) -> Self {
        Self::wrong(
            check,
            visible(&error.to_string()),
            "Check DISPUTES_TABLE, EPHEMERAL_TABLE, AWS_REGION and what your credentials may do.",
        )
    }

    fn line(&self) -> String {
        let verdict = match self.verdict {
            CheckResult::Ok => "ok",
            CheckResult::Wrong => "WRONG",
            CheckResult::Unchecked => "-",
        };
        let fix = self.fix.as_deref().map(|fix| format!(". {fix}")).unwrap_or_default();
        format!("{verdict:<6} {:<14} {}{fix}", self.check, self.found)
    }
}

impl From<Finding> for Check {
    fn from(Finding { check, holds, found, fix }: Finding) -> Self {
        match holds {
            Some(true) => Self::ok(check, found),
            Some(false) => Self::wrong(check, found, fix),
            None => Self::unchecked(check, found),
        }
    }
}

/// Runs a step, and names it on stderr while it takes long.
async fn step(what: &str, checks: impl Future<Output = Vec<Check>>) -> Vec<Check> {
    let _busy = Busy::with(what);
    checks.await
}

impl Doctor {
    pub(crate) fn run(self, settings: Settings) -> Result<Ending, Failure> {
        let from = self.mail_from.clone().or_else(|| settings.get("MAIL_FROM"));
        let (store, config, receiving) = settings.clone().store_and_ses()?;
        let sender = self.send.then(|| send::Sender::new(&config, from.as_deref(), &settings)).transpose()?;
        let ses = aws_sdk_sesv2::Client::new(&config);
        let receiving = aws_sdk_ses::Client::new(&receiving);
        let mut checks = system::wait(async {
            let mut checks = step("checking the tables", tables::checks(&store, system::now())).await;
            checks.extend(step("asking SES", ses::checks(&ses, from.as_deref())).await);
            checks
                .extend(step("asking SES for its receipt rules", rules(&receiving, &settings, from.as_deref())).await);
            checks.extend(step("reading the mails that were not sent", mails::checks(&store, system::now())).await);
            checks.extend(step("reading the cases that are due", support::checks(&store, &settings)).await);
            let identity = identity::checks(&store, &settings);
            checks.extend(step("asking the identity provider", identity).await);
            let keys = keys::checks(&store, system::now(), self.key_age_days);
            checks.extend(step("reading the accounts and their keys", keys).await);
            if let Some(sender) = sender {
                checks.extend(step("sending mails to SES's mailbox simulator", sender.checks()).await);
            }
            Ok(checks)
        })?;
        checks.extend(self.deep.checks(&settings)?);
        self.format.print(&checks, || checks.iter().map(Check::line).collect::<Vec<_>>().join("\n"))?;
        let wrong = checks.iter().any(|check| check.verdict == CheckResult::Wrong);
        Ok(if wrong { Ending::No } else { Ending::Done })
    }
}

/// Whether the answers to our mail arrive: the DNS, and the receipt rules of SES.
async fn rules(ses: &aws_sdk_ses::Client, settings: &Settings, from: Option<&str>) -> Vec<Check> {
    let Some(rule_set) = settings.get("INBOUND_RULE_SET") else {
        let found = "not checked: INBOUND_RULE_SET is not set, so mail does not come in (InboundMail=off)";
        return vec![Check::unchecked(inbound::CHECK, found)];
    };
    let Some((address, domain)) = from.and_then(|from| Some((from, from.rsplit_once('@')?.1))) else {
        return vec![Check::unchecked(inbound::CHECK, "not checked: the sender of mail is not known")];
    };
    // A local cloud has an SES of its own, to which no DNS leads.
    let mx = match (settings.get("AWS_ENDPOINT_URL_SES"), settings.get("AWS_REGION"), system::random()) {
        (None, Some(region), Ok(id)) => mx::check(domain, &region, u16::from_be_bytes(id)),
        _ => Check::unchecked(mx::CHECK, "not checked: this is a local cloud"),
    };
    let wanted = inbound::Wanted { rule_set, address: address.to_owned(), bucket: settings.get("EVIDENCE_BUCKET") };
    vec![mx, inbound::check(ses, &wanted).await]
}
