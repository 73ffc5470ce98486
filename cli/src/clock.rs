//! `recourse clock`: what time it is in a local cloud, and moving that on. A deployment's clock is nobody's to move.

use std::time::Duration;

use clap::Subcommand;
use serde::Deserialize;
use serde_json::json;

use crate::ending::{Ending, Failure};
use crate::environment::Environment;
use crate::output::say;
use crate::service::{Answer, Service, Where};

/// How long the local cloud may take to answer.
const PATIENCE: Duration = Duration::from_secs(10);

/// Show the clock of the local cloud, or move it on: for its functions, its mails and this command line.
#[derive(Subcommand)]
pub(crate) enum Clock {
    /// Say what time it is there
    Show {
        #[command(flatten)]
        service: Where,
    },
    /// Move it on; what is due meanwhile happens at once
    Advance {
        /// How far: weeks, days, hours, minutes and seconds, such as 19d or 1d12h
        by: String,
        #[command(flatten)]
        service: Where,
    },
}

/// What the local cloud says of its clock.
#[derive(Deserialize)]
struct ClockStatus {
    now: String,
    moved_by_seconds: u64,
}

impl Clock {
    /// Asks the local cloud, and says what it said.
    ///
    /// # Errors
    /// [`Failure`] when there is none at the address, or it refuses.
    pub(crate) fn run(&self, environment: &Environment) -> Result<Ending, Failure> {
        let (Self::Show { service } | Self::Advance { service, .. }) = self;
        let url = service.address(environment)?;
        if !url.is_loopback() {
            return Err(Failure::refused(format!(
                "{} is no local cloud: only the clock of one on this machine can be moved.",
                url.as_str()
            )));
        }
        let local = Service::new(url, PATIENCE);
        let answer = match self {
            Self::Show { .. } => local.get("/clock"),
            Self::Advance { by, .. } => local.post("/clock", &[], json!({ "advance": by }).to_string().as_bytes()),
        };
        let status = read_status(&answer.map_err(Failure::no_answer)?)?;
        say(&match status.moved_by_seconds {
            0 => status.now,
            ahead => format!("{}, {} ahead of this machine's clock", status.now, in_words(ahead)),
        })?;
        Ok(Ending::Done)
    }
}

fn read_status(answer: &Answer) -> Result<ClockStatus, Failure> {
    if answer.status == 404 {
        return Err(Failure::refused(
            "there is no clock to be moved at that address: `make run` starts a local cloud, which has one.",
        ));
    }
    if answer.status != 200 {
        let text = crate::output::visible(&answer.body);
        return Err(if answer.is_temporary() { Failure::no_answer(text) } else { Failure::refused(text) });
    }
    serde_json::from_str(&answer.body).map_err(|_| Failure::refused("what answers at that address is no local cloud."))
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
    fn seconds_in_words() {
        for (seconds, expected) in [(1_641_600, "19d"), (129_600, "1d12h"), (61, "1m1s"), (0, "")] {
            assert_eq!(in_words(seconds), expected);
        }
    }

    #[test]
    fn what_is_no_clock_is_said() {
        let answer = |status, body: &str| Answer { status, body: body.to_owned() };
        let status = read_status(&answer(200, r#"{"now":"2030-01-01T00:00:00Z","moved_by_seconds":5}"#)).unwrap();
        assert_eq!((status.now.as_str(), status.moved_by_seconds), ("2030-01-01T00:00:00Z", 5));
        for (answer, expected) in [
            (answer(404, r#"{"message":"Not Found"}"#), "no clock"),
            (answer(200, "<html>"), "no local cloud"),
            (answer(400, "The body must be JSON"), "must be JSON"),
        ] {
            assert!(read_status(&answer).err().is_some_and(|failure| failure.text.contains(expected)), "{expected}");
        }
    }
}
