//! `recourse ingest status`: how many messages wait.

use clap::Args;
use serde::Serialize;

use super::Queues;
use crate::ending::{Ending, Failure};
use crate::output::Format;

const EXAMPLES: &str = "\
Examples:
  recourse ingest status

SQS counts approximately. A message in flight is being stored, or waits to be tried again.";

/// Show how many messages wait in the queue and in the failure queue
#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Status {
    #[command(flatten)]
    format: Format,
}

/// The messages of the two queues.
#[derive(Serialize)]
struct Depths {
    waiting: u64,
    in_flight: u64,
    failed: u64,
}

impl Status {
    pub(super) async fn run(self, queues: &Queues) -> Result<Ending, Failure> {
        let (queue, failures) = (queues.find(&queues.queue).await?, queues.find(&queues.failures).await?);
        let (waiting, in_flight) = (queue.visible, queue.in_flight);
        let depths = Depths { waiting, in_flight, failed: failures.visible + failures.in_flight };
        let failed = depths.failed;
        self.format
            .print(&depths, || format!("waiting {waiting}, in flight {in_flight}, in the failure queue {failed}"))?;
        Ok(Ending::Done)
    }
}
