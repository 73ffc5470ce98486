//! `recourse ingest redrive`: sends the messages of the failure queue to the queue again.
//!
//! SQS itself moves them (`StartMessageMoveTask`), so that none is lost where this command ends in
//! the middle.

use std::time::Duration;

use clap::Args;
use serde::Serialize;

use super::{Queues, failed};
use crate::busy::Busy;
use crate::ending::{Ending, Failure};
use crate::output::{Format, say, visible};

/// How long to wait before each look at how far SQS is.
const LOOK: Duration = Duration::from_millis(500);

const EXAMPLES: &str = "\
Examples:
  recourse ingest redrive
  recourse ingest redrive --json

A transaction that is stored already changes nothing. One that is refused again is in the failure
queue a quarter of an hour later. SQS moves the messages, also when this command ends before it is
done.";

/// Send the messages of the failure queue to the queue again
#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Redrive {
    #[command(flatten)]
    format: Format,
}

/// How many messages were moved.
#[derive(Serialize)]
struct Moved {
    moved: u64,
}

impl Redrive {
    pub(super) async fn run(self, queues: &Queues) -> Result<Ending, Failure> {
        let failures = queues.find(&queues.failures).await?;
        if failures.visible == 0 {
            let text = "no message waits in the failure queue; nothing changed";
            self.format.print(&Moved { moved: 0 }, || text.to_owned())?;
            return Ok(Ending::Done);
        }
        let started = queues.sqs.start_message_move_task().source_arn(&failures.arn).send().await;
        started.map_err(|error| failed("StartMessageMoveTask", &error))?;
        let _busy = Busy::with("SQS moves the messages");
        loop {
            let listed = queues.sqs.list_message_move_tasks().source_arn(&failures.arn).max_results(1).send().await;
            let listed = listed.map_err(|error| failed("ListMessageMoveTasks", &error))?;
            let Some(task) = listed.results().first() else {
                return Err(Failure::refused("SQS does not name the task that it started."));
            };
            let moved = count(task.approximate_number_of_messages_moved());
            match task.status().unwrap_or_default() {
                "RUNNING" | "CANCELLING" => tokio::time::sleep(LOOK).await,
                "COMPLETED" => {
                    self.format.print(&Moved { moved }, || format!("sent to the queue again: {moved}"))?;
                    return Ok(Ending::Done);
                }
                other => {
                    let why = visible(task.failure_reason().unwrap_or("no reason is given"));
                    if !self.format.is_json() {
                        say(&format!("sent to the queue again: {moved}"))?;
                    }
                    return Err(Failure::refused(format!("the task of SQS is {}: {why}", visible(other))));
                }
            }
        }
    }
}

/// A count, which may be missing.
fn count(count: impl Into<Option<i64>>) -> u64 {
    u64::try_from(count.into().unwrap_or_default()).unwrap_or_default()
}
