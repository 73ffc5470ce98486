//! `recourse ingest`: the queue by which the payment platform sends its transactions.

mod redrive;
mod send;
mod status;

use aws_sdk_sqs::Client;
use aws_sdk_sqs::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_sqs::types::QueueAttributeName;
use clap::Subcommand;

use crate::ending::{Ending, Failure};
use crate::output::visible;
use crate::settings::Settings;
use crate::system;

/// The settings of these commands, for their help.
const QUEUES: &str = "\
These commands read and write the deployment's queues. `make run` writes what they need into
.recourse.env. The operator of a deployed stack sets:
  INGEST_QUEUE, INGEST_FAILURE_QUEUE          outputs of the stack
  AWS_REGION                                  the stack's region
  AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY,   eval \"$(aws configure export-credentials --format env)\"
  AWS_SESSION_TOKEN";

/// Send transactions by the queue, and retry those that could not be stored
#[derive(Subcommand)]
#[command(after_help = QUEUES)]
pub(crate) enum Ingest {
    Status(status::Status),
    Send(send::Send),
    Redrive(redrive::Redrive),
}

/// SQS, with the deployment's two queues.
struct Queues {
    sqs: Client,
    /// The address of the queue that the worker reads.
    queue: String,
    /// The address of the queue of what could not be stored.
    failures: String,
}

/// A queue's ARN, and about how many messages it has.
struct Found {
    arn: String,
    visible: u64,
    in_flight: u64,
}

impl Ingest {
    pub(crate) fn run(self, settings: Settings) -> Result<Ending, Failure> {
        let (config, queue, failures) = settings.queues()?;
        let queues = Queues { sqs: Client::new(&config), queue, failures };
        system::wait(async {
            match self {
                Self::Status(status) => status.run(&queues).await,
                Self::Send(send) => send.run(&queues).await,
                Self::Redrive(redrive) => redrive.run(&queues).await,
            }
        })
    }
}

impl Queues {
    async fn find(&self, url: &str) -> Result<Found, Failure> {
        let asked = self.sqs.get_queue_attributes().queue_url(url);
        let asked = asked
            .attribute_names(QueueAttributeName::QueueArn)
            .attribute_names(QueueAttributeName::ApproximateNumberOfMessages)
            .attribute_names(QueueAttributeName::ApproximateNumberOfMessagesNotVisible);
        let answer = asked.send().await.map_err(|error| failed("GetQueueAttributes", &error))?;
        let attributes = answer.attributes.unwrap_or_default();
        let count = |name| attributes.get(&name).and_then(|count| count.parse().ok()).unwrap_or_default();
        let arn = attributes.get(&QueueAttributeName::QueueArn).cloned();
        Ok(Found {
            arn: arn.ok_or_else(|| Failure::refused(format!("SQS names no ARN of {}.", visible(url))))?,
            visible: count(QueueAttributeName::ApproximateNumberOfMessages),
            in_flight: count(QueueAttributeName::ApproximateNumberOfMessagesNotVisible),
        })
    }
}

/// SQS refused a call, or gave no answer. Only its error code is printed.
fn failed<E: ProvideErrorMetadata>(operation: &str, error: &SdkError<E>) -> Failure {
    match error.as_service_error().and_then(ProvideErrorMetadata::code) {
        Some(code) => Failure::refused(format!("SQS refuses {operation}: {}", visible(code)))
            .then("Check INGEST_QUEUE, INGEST_FAILURE_QUEUE and AWS_REGION, and what your credentials may do."),
        None => Failure::no_answer(format!("SQS does not answer {operation}.")),
    }
}
