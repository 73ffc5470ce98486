//! The event source mapping: reads a table's stream and calls a function with the records that its
//! filter passes.
//!
//! As in Lambda, one batch of a stream is delivered at a time, in order, at least once. A function
//! that fails gets the batch again, from the record that it reports, if it reports one. When the
//! attempts are used up, the rest of the batch is given up, the log says so, and the stream goes
//! on. If the mapping bisects, a batch of several that fails as a whole is tried again in halves. A
//! batch that does not reach the function is tried again without an end.

mod batch;
pub(crate) mod filter;
mod reader;
#[cfg(test)]
mod tests;

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep, timeout};

use crate::LogSink;
use crate::dynamodb::{DynamoDb, Progress};
use crate::loopback::StartError;
use crate::template::StreamSource;
use batch::{Outcome, event, outcome, sequence_number};
use filter::Filter;
use reader::Reader;

/// The longest wait between two attempts.
const LONGEST_WAIT: Duration = Duration::from_secs(5);

/// How long after a write a stream is read every `poll`: an engine may show a record a little late.
const AWAKE: Duration = Duration::from_secs(1);

/// How often a stream is read when nothing was written.
const ASLEEP: Duration = Duration::from_secs(2);

/// Why a batch was not delivered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StreamError {
    /// The batch did not reach the function (it was throttled, for example). This does not count as
    /// an attempt.
    NotReached(String),
    /// The function failed: it is tried again as often as the mapping says.
    Failed(String),
}

/// A running event source mapping, of a stream or of a queue; it ends with [`Pump::stop`], or when
/// it is dropped.
#[derive(Debug)]
pub struct Pump {
    pub(crate) task: JoinHandle<()>,
}

impl Pump {
    /// Starts to read the stream of `source`: at once after a write, and then every `poll` for a
    /// while. `invoke` calls the function `function_id` with an event and returns its answer. `log`
    /// gets a line for each batch that is given up.
    ///
    /// With a data folder, the place in the stream is stored there.
    ///
    /// # Errors
    /// A filter pattern that is not understood, or a table without a stream.
    pub async fn start<F, A>(
        db: &DynamoDb,
        source: &StreamSource,
        function_id: &str,
        poll: Duration,
        log: LogSink,
        invoke: F,
    ) -> Result<Self, StartError>
    where
        F: Fn(Vec<u8>) -> A + Send + Sync + 'static,
        A: Future<Output = Result<Vec<u8>, StreamError>> + Send,
    {
        let filter = Filter::parse(&source.patterns)
            .map_err(|wrong| StartError::Unusable(format!("FilterCriteria of {function_id}: {wrong}")))?;
        let file = db.data().map(|folder| folder.join(format!("stream-{function_id}-{}.json", source.table)));
        let reader = Reader::open(db, &source.table, file).await?;
        let label = reader.arn().rsplit_once("/stream/").map_or("", |(_, label)| label).to_owned();
        let progress = Arc::clone(db.progress());
        for place in reader.places() {
            progress.passed(&source.table, function_id, place);
        }
        let (source, function_id) = (source.clone(), function_id.to_owned());
        let mapping = Mapping { source, label, function_id, poll, progress, log, invoke };
        Ok(Self { task: tokio::spawn(async move { mapping.run(reader, &filter).await }) })
    }

    /// Stops at once. A batch under way counts as not delivered.
    pub async fn stop(mut self) {
        self.task.abort();
        let _ = (&mut self.task).await;
    }
}

impl Drop for Pump {
    fn drop(&mut self) {
        self.task.abort();
    }
}

struct Mapping<F> {
    source: StreamSource,
    label: String,
    function_id: String,
    poll: Duration,
    progress: Arc<Progress>,
    log: LogSink,
    invoke: F,
}

impl<F, A> Mapping<F>
where
    F: Fn(Vec<u8>) -> A + Send + Sync,
    A: Future<Output = Result<Vec<u8>, StreamError>> + Send,
{
    async fn run(&self, mut reader: Reader, filter: &Filter) {
        let mut readable = true;
        let mut written = self.progress.written();
        let mut writes = *written.borrow();
        let mut awake = Instant::now() + AWAKE;
        loop {
            // Before the read, so that a write during it leads to another read.
            let now = *written.borrow_and_update();
            if now != writes {
                writes = now;
                awake = Instant::now() + AWAKE;
            }
            let reads = reader.read().await.inspect_err(|error| {
                // Once, however long it lasts.
                if readable {
                    self.log.line(
                        &self.function_id,
                        &format!("the stream of {} cannot be read: {error}", self.source.table),
                    );
                }
            });
            readable = reads.is_ok();
            let reads = reads.unwrap_or_default();
            let idle = reads.iter().all(|read| read.page.records.is_empty());
            for read in reads {
                let records = &read.page.records;
                let last = records.last().map(|last| sequence_number(last).to_owned());
                let passing: Vec<Value> = records.iter().filter(|record| filter.passes(record)).cloned().collect();
                for batch in passing.chunks(self.source.batch_size.max(1)) {
                    self.deliver(batch).await;
                    if let Some(last) = batch.last() {
                        reader.passed(&read.shard, sequence_number(last));
                    }
                }
                if let Some(last) = last {
                    reader.passed(&read.shard, &last);
                    self.progress.passed(&self.source.table, &self.function_id, &last);
                }
            }
            if idle && readable {
                self.progress.found_nothing(&self.source.table, &self.function_id, writes);
            }
            if idle && Instant::now() < awake {
                sleep(self.poll).await;
            } else if idle {
                let _ = timeout(ASLEEP, written.changed()).await;
            }
        }
    }

    /// Calls the function with `batch` until it succeeds or its attempts are used up. If the
    /// mapping bisects, a batch that fails as a whole is tried again in halves. As in Lambda, a
    /// half begins with no attempt used up.
    async fn deliver(&self, batch: &[Value]) {
        let mut waiting = vec![batch];
        while let Some(batch) = waiting.pop() {
            if let Some((first, second)) = self.attempt(batch).await {
                waiting.extend([second, first]);
            }
        }
    }

    /// As [`Self::deliver`]. Returns the halves that are still to be delivered.
    async fn attempt<'a>(&self, batch: &'a [Value]) -> Option<(&'a [Value], &'a [Value])> {
        let mut rest = batch;
        let mut failures = 0_u32;
        let mut wait = self.poll;
        loop {
            let why = match (self.invoke)(event(rest, &self.source.table, &self.label)).await {
                Ok(_) if !self.source.partial_batch => return None,
                Ok(answer) => match outcome(&answer, rest) {
                    Outcome::Done => return None,
                    Outcome::FailedFrom(index) => {
                        rest = rest.get(index..).unwrap_or_default();
                        StreamError::Failed("the function reported it as failed".to_owned())
                    }
                },
                Err(StreamError::Failed(_)) if self.source.bisect && rest.len() > 1 => {
                    sleep(wait).await;
                    return rest.split_at_checked(rest.len() / 2);
                }
                Err(refused) => refused,
            };
            if let StreamError::Failed(why) = why {
                failures = failures.saturating_add(1);
                if self.source.max_retries.is_some_and(|retries| failures > retries) {
                    let first = rest.first().map_or("", sequence_number);
                    let (count, table) = (rest.len(), &self.source.table);
                    let text =
                        format!("gave up {count} records of {table} from {first} on, after {failures} attempts: {why}");
                    self.log.line(&self.function_id, &text);
                    return None;
                }
            }
            sleep(wait).await;
            wait = wait.saturating_mul(2).min(LONGEST_WAIT);
        }
    }
}
