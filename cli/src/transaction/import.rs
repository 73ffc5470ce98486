//! `recourse transaction import`: sends a file's transactions to the Platform API.
//!
//! A batch of a hundred lines is in memory at a time, so a file may be of any size. A transaction
//! that is sent twice changes nothing, so an import can always be run again. It continues where it
//! ended.

use std::num::NonZeroU64;
use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use recourse_store::Role;

use super::batch::Batch;
use super::counts::Counts;
use super::display::Display;
use super::interrupt::Interrupt;
use super::platform::{self, Unanswered};
use super::source::{Source, unreadable};
use crate::ending::{Ending, Failure};
use crate::service::{Service, ServiceResponse};
use crate::settings::Settings;
use crate::signing_key::{Calling, SigningKey, Stamp};

/// The API's call for many (platform contract).
const PATH: &str = "/platform/v1/transactions";
/// How long a request waits for its answer. The gateway gives up after 30 seconds.
const TIMEOUT: Duration = Duration::from_secs(35);

const MORE: &str = "\
Examples:
  recourse transaction import transactions.jsonl
  recourse transaction import - --json < transactions.jsonl

Each line is one transaction in the form of the Platform API; blank lines are skipped. Errors are
printed on stderr by line and field, and the other lines are imported. A line is stale when the
service knows a newer update of its transaction: it changes nothing, and stderr names it, too.

While the import runs, FILE.progress records how far it is. After a Ctrl-C or a failure the same
command continues there, without --restart. With --from the progress file is left alone, and the
import prints where to continue. When the service cannot answer, it is retried for half a minute.

Exit codes: 0 all lines are imported, 1 some are invalid, 2 refused, 3 no answer, 4 none is invalid
and some are stale, 130 interrupted.";

/// Import transactions from a file of JSON lines
#[derive(Args)]
#[command(after_help = MORE)]
pub(crate) struct Import {
    /// The file; - is standard input
    file: PathBuf,
    /// Begin at this line, and record no progress
    #[arg(long, value_name = "LINE")]
    from: Option<NonZeroU64>,
    /// Begin with the first line, whatever was imported before
    #[arg(long, conflicts_with = "from")]
    restart: bool,
    #[command(flatten)]
    calling: Calling,
}

impl Import {
    pub(crate) fn run(&self, settings: &Settings) -> Result<Ending, Failure> {
        let url = self.calling.service.address(settings)?;
        let key = self.calling.key.key(settings, &url, Role::Platform)?;
        let mut source = Source::open(&self.file, &url)?;
        let mut display = Display::new(source.size);
        let before = self.begin(&mut source, &display)?;
        let service = Service::new(url, TIMEOUT);
        let ended = import(&mut source, before, &mut display, &Interrupt::listen(), |body| post(&service, &key, body));
        display.end();
        let counts = ended?;
        self.calling.format.print(&counts, || format!("{} lines: {counts}", counts.total()))?;
        Ok(ending(counts))
    }

    /// Skips the lines before the first one to import. Returns their outcomes from an earlier run.
    fn begin(&self, source: &mut Source, display: &Display) -> Result<Counts, Failure> {
        if let Some(from) = self.from {
            let before = from.get() - 1;
            // The progress file counts from the first line, and nothing is known of the lines
            // before this one.
            (source.progress, source.passed) = (None, before);
            if !source.lines.skip_to(before).map_err(unreadable)? {
                return Err(Failure::refused(format!(
                    "there is no line {from}: the file ends with line {}",
                    source.lines.number()
                )));
            }
            return Ok(Counts::default());
        }
        let Some(progress) = &source.progress else { return Ok(Counts::default()) };
        if self.restart {
            // A file that cannot be removed cannot be written either, and that is reported when it
            // is written.
            let _ = progress.remove();
            source.is_anew = true;
            return Ok(Counts::default());
        }
        let Some(counts) = progress.resume(&mut source.lines)? else { return Ok(Counts::default()) };
        let (path, next) = (progress.path().display(), source.lines.number() + 1);
        display.note(&format!("continuing at line {next}, as {path} says"));
        Ok(counts)
    }
}

/// How an import with these outcomes ends. Stale lines have a code of their own, so that a script
/// notices a clock that was ahead, or a file of yesterday.
fn ending(counts: Counts) -> Ending {
    match counts {
        Counts { invalid: 1.., .. } => Ending::No,
        Counts { stale: 1.., .. } => Ending::Stale,
        Counts { .. } => Ending::Done,
    }
}

/// Sends batch after batch, and records the progress after each.
fn import(
    source: &mut Source,
    before: Counts,
    display: &mut Display,
    interrupt: &Interrupt,
    mut send: impl FnMut(&[u8]) -> Result<ServiceResponse, Unanswered>,
) -> Result<Counts, Failure> {
    let mut counts = before;
    let mut done = source.lines.number();
    while let Some(batch) =
        Batch::read(&mut source.lines).map_err(|error| unreadable(error).then(&source.next(done)))?
    {
        let (first, last) = (batch.first, batch.last);
        let entries = if batch.is_empty() {
            Vec::new()
        } else {
            let wait = |reason: &str, time: Duration| {
                display.note(&format!("lines {first} to {last}: {reason}; trying again in {} ms", time.as_millis()));
                interrupt.wait(time)
            };
            platform::upsert(&batch, &mut send, wait).map_err(|failure| failure.then(&source.next(done)))?
        };
        let (new, problems) = batch.outcome(entries);
        for problem in problems {
            display.note(&problem.to_string());
        }
        counts += new;
        done = last;
        source.save(counts, display);
        display.at(done, source.lines.bytes(), counts);
        if interrupt.pressed() {
            return Err(
                Failure { ending: Ending::Interrupted, text: "interrupted".to_owned() }.then(&source.next(done))
            );
        }
    }
    if let Some(progress) = &source.progress {
        let removed = progress.remove();
        removed
            .map_err(|error| Failure::refused(format!("{} cannot be removed: {error}", progress.path().display())))?;
    }
    Ok(counts)
}

fn post(service: &Service, key: &SigningKey, body: &[u8]) -> Result<ServiceResponse, Unanswered> {
    let stamp = Stamp::fresh().map_err(Unanswered::Unsent)?;
    let headers = key.v1(stamp, "POST", "", body).map_err(Unanswered::Unsent)?;
    service.post(PATH, &headers, body).map_err(Unanswered::Lost)
}

#[cfg(test)]
mod tests;
