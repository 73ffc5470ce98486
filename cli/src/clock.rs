//! `recourse clock`: shows the time of a local cloud, and moves it forward. A deployment's clock
//! cannot be moved, but time can pass for the disputes of one staging account.

use std::time::Duration;

use clap::{Args, Subcommand};
use recourse_dispute::ids::AccountId;
use recourse_store::{AccountClock, MAX_CLOCK_MOVE_MS, MoveClockOutcome, Store};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::account::unknown;
use crate::busy::Busy;
use crate::ending::{Ending, Failure};
use crate::operator::Operator;
use crate::output::{Format, visible};
use crate::service::{Service, ServiceResponse, Where};
use crate::settings::Settings;
use crate::system;

/// How long a request waits for its answer.
const TIMEOUT: Duration = Duration::from_secs(10);

const SHOW: &str = "\
Examples:
  recourse clock show
  recourse clock show --json";

const ADVANCE: &str = "\
Examples:
  recourse clock advance 19d
  recourse clock advance 1d12h --json
  recourse clock advance acct_staging 19d

Without an account, the local cloud's clock moves, for its functions, for its mails and for this
command line. Deadlines that pass take effect at once.

With a staging account, of a local cloud or of a deployed stack, time passes for that account
alone: the ends of its disputes and the retries to its webhook endpoints come nearer. The next
sweep, within a minute, does what is due. The clock that signatures are checked with stays.";

const CATCH_UP: &str = "\
Examples:
  recourse clock catch-up acct_staging

`advance` applies a move by itself. Where it was interrupted, this applies the rest, and nothing
twice.";

/// Show the clock of the local cloud, or move a clock forward
#[derive(Subcommand)]
pub(crate) enum Clock {
    Show(Show),
    Advance(Advance),
    CatchUp(CatchUp),
}

/// Show the time of the local cloud
#[derive(Args)]
#[command(after_help = SHOW)]
pub(crate) struct Show {
    #[command(flatten)]
    service: Where,
    #[command(flatten)]
    format: Format,
}

/// Move the local cloud's clock forward, or let time pass for a staging account
#[derive(Args)]
#[command(after_help = ADVANCE)]
pub(crate) struct Advance {
    /// The account, or by how much: 19d or 1d12h, in w, d, h, m and s
    #[arg(value_name = "ACCOUNT|BY")]
    first: String,
    /// By how much, after an account
    #[arg(value_name = "BY")]
    second: Option<String>,
    #[command(flatten)]
    operator: Operator,
    #[command(flatten)]
    service: Where,
    #[command(flatten)]
    format: Format,
}

/// Apply the rest of an account's moves where a command was interrupted
#[derive(Args)]
#[command(after_help = CATCH_UP)]
pub(crate) struct CatchUp {
    /// The account's id
    #[arg(value_parser = AccountId::parse)]
    account: AccountId,
    #[command(flatten)]
    format: Format,
}

/// What was moved for an account, for a program.
#[derive(Serialize)]
struct AccountClockJson<'a> {
    account: &'a AccountId,
    moved_by_seconds: i64,
    disputes: u64,
    deliveries: u64,
}

#[derive(Deserialize, Serialize)]
struct ClockStatus {
    now: String,
    moved_by_seconds: u64,
}

impl Clock {
    pub(crate) fn run(&self, settings: Settings) -> Result<Ending, Failure> {
        let (service, format, by) = match self {
            Self::Advance(Advance { first, second: Some(by), operator, format, .. }) => {
                let by_ms = milliseconds(by)?;
                let account = AccountId::parse(first)
                    .map_err(|error| Failure::refused(format!("{} is no account: {error}.", visible(first))))?;
                let (store, name) = (settings.store()?, operator.name()?);
                return system::wait(advance(&store, &account, by_ms, &name, *format));
            }
            Self::CatchUp(CatchUp { account, format }) => {
                let store = settings.store()?;
                return system::wait(catch_up(&store, account, *format));
            }
            Self::Show(Show { service, format }) => (service, format, None),
            Self::Advance(Advance { first, service, format, .. }) => (service, format, Some(first)),
        };
        let url = service.address(&settings)?;
        if !url.is_loopback() {
            return Err(Failure::refused(format!(
                "{} is not on this machine, and only the clock of a local cloud on this machine can be moved.",
                url.as_str()
            )));
        }
        let local = Service::new(url, TIMEOUT);
        let answer = match by {
            None => local.get("/clock"),
            Some(by) => local.post("/clock", &[], json!({ "advance": by }).to_string().as_bytes()),
        };
        let status = read_status(&answer.map_err(Failure::no_answer)?)?;
        format.print(&status, || match status.moved_by_seconds {
            0 => status.now.clone(),
            ahead => format!("{}, {} ahead of this machine's clock", status.now, in_words(ahead)),
        })?;
        Ok(Ending::Done)
    }
}

/// Adds a move to an account's clock and applies it.
async fn advance(store: &Store, account: &AccountId, by_ms: i64, by: &str, format: Format) -> Result<Ending, Failure> {
    let moved = store.move_clock(account, by_ms, by, system::now(), system::write_tokens()?).await;
    let moved = moved.map_err(|error| {
        let may_be_stored = error.is_temporary();
        let next =
            format!("The move may be stored. `recourse clock catch-up {account}` shows it before you repeat it.");
        Failure::from(error).hint(may_be_stored.then_some(next))
    })?;
    match moved {
        MoveClockOutcome::Moved(clock) => applied(store, &clock, format).await,
        MoveClockOutcome::NoAccount => Err(unknown(account)),
        MoveClockOutcome::NotStaging => Err(Failure::refused(format!(
            "{account} is a production account, whose time cannot be moved; nothing changed. Take a staging account."
        ))),
        MoveClockOutcome::Full => Err(Failure::refused(format!(
            "the clock of {account} was moved so often that it cannot be moved again. Take another staging account."
        ))),
    }
}

/// Applies what an account's clock has already.
async fn catch_up(store: &Store, account: &AccountId, format: Format) -> Result<Ending, Failure> {
    match store.account_clock(account).await? {
        Some(clock) => applied(store, &clock, format).await,
        None => Err(Failure::refused(format!(
            "the clock of {account} was never moved. `recourse clock advance {account} 19d` moves it."
        ))),
    }
}

async fn applied(store: &Store, clock: &AccountClock, format: Format) -> Result<Ending, Failure> {
    let account = &clock.account;
    let busy = Busy::with("moving the ends of disputes");
    let caught_up = store.catch_up(clock, system::now(), system::write_tokens()?).await;
    drop(busy);
    let caught_up = caught_up.map_err(|error| {
        let next = format!("The move is stored. `recourse clock catch-up {account}` applies the rest.");
        Failure::from(error).then(&next)
    })?;
    let moved_by_ms = clock.moves.iter().fold(0_i64, |sum, moved| sum.saturating_add(moved.by_ms));
    let moved_by_seconds = moved_by_ms / 1000;
    let (disputes, deliveries) = (caught_up.disputes, caught_up.deliveries);
    format.print(&AccountClockJson { account, moved_by_seconds, disputes, deliveries }, || {
        let moved = in_words(moved_by_seconds.unsigned_abs());
        format!("{account}: moved by {moved} in all; {disputes} deadlines and {deliveries} deliveries are nearer now")
    })?;
    Ok(Ending::Done)
}

/// Reads a duration such as `1d12h`, above 0 and at most a year.
fn milliseconds(text: &str) -> Result<i64, Failure> {
    let read = || -> Option<i64> {
        let (mut rest, mut seconds) = (text, 0_i64);
        while !rest.is_empty() {
            let (number, after) = rest.split_at_checked(rest.find(|c: char| !c.is_ascii_digit())?)?;
            let unit = match after.chars().next()? {
                'w' => 7 * 86_400,
                'd' => 86_400,
                'h' => 3_600,
                'm' => 60,
                's' => 1,
                _ => return None,
            };
            seconds = seconds.checked_add(number.parse::<i64>().ok()?.checked_mul(unit)?)?;
            rest = after.get(1..)?;
        }
        seconds.checked_mul(1000).filter(|ms| (1..=MAX_CLOCK_MOVE_MS).contains(ms))
    };
    read().ok_or_else(|| {
        Failure::refused(
            "the duration must be above 0 and at most 366d, in weeks, days, hours, minutes and seconds, such as 1d12h.",
        )
    })
}

fn read_status(answer: &ServiceResponse) -> Result<ClockStatus, Failure> {
    if answer.status == 404 {
        return Err(Failure::refused(
            "the service at this address has no clock to show or move. `make run` starts a local cloud, which has one.",
        ));
    }
    if answer.status != 200 {
        let text = match answer.status {
            400 => {
                "the duration must be above 0, in weeks, days, hours, minutes and seconds, such as 1d12h.".to_owned()
            }
            _ => visible(&answer.body).into_owned(),
        };
        return Err(if answer.is_temporary() { Failure::no_answer(text) } else { Failure::refused(text) });
    }
    serde_json::from_str(&answer.body).map_err(|_| {
        Failure::refused(
            "the service at this address is no local cloud: its answer cannot be read. Check RECOURSE_URL or --url.",
        )
    })
}

/// Seconds as days, hours, minutes and seconds, as `advance` takes them.
fn in_words(seconds: u64) -> String {
    let parts = [(seconds / 86_400, 'd'), (seconds / 3_600 % 24, 'h'), (seconds / 60 % 60, 'm'), (seconds % 60, 's')];
    parts.iter().filter(|(number, _)| *number > 0).map(|(number, unit)| format!("{number}{unit}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_are_printed_as_advance_reads_them() {
        for (seconds, expected) in [(1_641_600, "19d"), (129_600, "1d12h"), (61, "1m1s"), (0, "")] {
            assert_eq!(in_words(seconds), expected);
        }
    }

    #[test]
    fn durations_of_an_account_are_read() {
        for (text, seconds) in [("19d", 1_641_600), ("1d12h", 129_600), ("2w", 1_209_600), ("1m1s", 61)] {
            assert_eq!(milliseconds(text), Ok(seconds * 1000), "{text}");
        }
        for text in ["", "0s", "19", "d", "-1d", "1y", "1d 2h", "1.5d", "367d", "99999999999999999999d", "1\u{e9}"] {
            assert!(milliseconds(text).is_err_and(|failure| failure.text.contains("such as 1d12h")), "{text}");
        }
    }

    #[test]
    fn an_answer_that_is_no_clock_is_refused_with_its_reason() {
        let answer = |status, body: &str| ServiceResponse::of(status, body);
        let status = read_status(&answer(200, r#"{"now":"2030-01-01T00:00:00Z","moved_by_seconds":5}"#)).unwrap();
        assert_eq!((status.now.as_str(), status.moved_by_seconds), ("2030-01-01T00:00:00Z", 5));
        for (answer, expected) in [
            (answer(404, r#"{"message":"Not Found"}"#), "has no clock"),
            (answer(200, "<html>"), "no local cloud"),
            (answer(400, "The body must be JSON"), "must be above 0"),
        ] {
            assert!(read_status(&answer).err().is_some_and(|failure| failure.text.contains(expected)), "{expected}");
        }
    }
}
