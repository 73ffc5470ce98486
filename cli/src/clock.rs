//! `recourse clock`: shows the time of a local cloud, and moves it forward. A deployment's clock
//! cannot be moved.

use std::time::Duration;

use clap::{Args, Subcommand};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::ending::{Ending, Failure};
use crate::output::{Format, visible};
use crate::service::{Service, ServiceResponse, Where};
use crate::settings::Settings;

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

Deadlines that pass take effect at once. The clock moves for the local cloud's functions, for its
mails and for this command line.";

/// Show the clock of the local cloud, or move it forward
#[derive(Subcommand)]
pub(crate) enum Clock {
    Show(Show),
    Advance(Advance),
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

/// Move the local cloud's clock forward
#[derive(Args)]
#[command(after_help = ADVANCE)]
pub(crate) struct Advance {
    /// Weeks, days, hours, minutes and seconds, such as 19d or 1d12h
    by: String,
    #[command(flatten)]
    service: Where,
    #[command(flatten)]
    format: Format,
}

#[derive(Deserialize, Serialize)]
struct ClockStatus {
    now: String,
    moved_by_seconds: u64,
}

impl Clock {
    pub(crate) fn run(&self, settings: &Settings) -> Result<Ending, Failure> {
        let (service, format) = match self {
            Self::Show(Show { service, format }) | Self::Advance(Advance { service, format, .. }) => (service, format),
        };
        let url = service.address(settings)?;
        if !url.is_loopback() {
            return Err(Failure::refused(format!(
                "{} is not on this machine, and only the clock of a local cloud on this machine can be moved.",
                url.as_str()
            )));
        }
        let local = Service::new(url, TIMEOUT);
        let answer = match self {
            Self::Show(_) => local.get("/clock"),
            Self::Advance(Advance { by, .. }) => {
                local.post("/clock", &[], json!({ "advance": by }).to_string().as_bytes())
            }
        };
        let status = read_status(&answer.map_err(Failure::no_answer)?)?;
        format.print(&status, || match status.moved_by_seconds {
            0 => status.now.clone(),
            ahead => format!("{}, {} ahead of this machine's clock", status.now, in_words(ahead)),
        })?;
        Ok(Ending::Done)
    }
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
