//! `worker-counters`: maintains the totals of each domain, the numbers of the console and the
//! entries by which it searches, from the table's stream. It also hands the events of disputes out
//! to webhook endpoints and to the event bus: a table's stream takes two readers, and the other one
//! sends mail.
//!
//! A record of the stream says only which dispute changed, or its support case. The worker reads
//! both as they are now, counts them once by their versions, and hands out what was not handed out.
//! So records may come late, twice or in any order, and several of one dispute in a batch are one
//! piece of work.
//!
//! While DynamoDB is out of reach, the stream repeats a record. A dispute that cannot be read, or
//! whose work panics, raises an alarm, and the others go on. `recourse dispute recount` counts such
//! a dispute once it is repaired, and hands its events out.

use std::collections::BTreeMap;

use futures_util::{StreamExt, stream};
use recourse_aws::metrics::{EmfRecord, Unit};
use recourse_aws::{Aws, BadVariable};
use recourse_dispute::number::DisputeNumber;
use recourse_store::{Endpoint, RecountOutcome, Store, StoreError, dispute_at};
use serde_json::Value;

use crate::SystemContext;
use crate::stream::{BatchResponse, keys, records, sequence_number};
use crate::unpanicked::unpanicked;

/// How many disputes are worked on at once.
const AT_A_TIME: usize = 4;

/// The worker, with all it needs, made once when the function starts.
#[derive(Debug)]
pub struct Index {
    /// Where the disputes are.
    pub store: Store,
    /// The clock and the entropy.
    pub context: SystemContext,
}

/// The result for one dispute.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum CountOutcome {
    /// It needs no further work.
    Counted,
    /// It is to come again.
    Again,
    /// Another attempt would not help.
    Uncounted,
}

impl Index {
    /// The worker of a function, from its environment.
    ///
    /// # Errors
    /// [`BadVariable`].
    pub fn from_environment(aws: &Aws, context: SystemContext) -> Result<Self, BadVariable> {
        Ok(Self { store: Store::from_environment(aws)?, context })
    }

    /// Counts the disputes of a batch; names the records that are to be sent again.
    ///
    /// # Errors
    /// [`StoreError`] where the tables cannot be used at all; all records are then to be sent
    /// again.
    pub async fn handle(&self, event: &Value) -> Result<BatchResponse, StoreError> {
        let started = self.context.now();
        let records = records(event).unwrap_or_default();
        let mut disputes: BTreeMap<DisputeNumber, Vec<&Value>> = BTreeMap::new();
        for record in records {
            if let Some(number) = number(record) {
                disputes.entry(number).or_default().push(record);
            }
        }
        let work = async {
            // Read once for each batch: an endpoint that is added meanwhile may miss an event of
            // it. Boxed, as what follows: what they are made of is nested too deeply for the
            // compiler.
            let mut endpoints =
                if disputes.is_empty() { Vec::new() } else { Box::pin(self.store.destinations()).await? };
            // Where none is left, nothing more is read of the disputes.
            endpoints.retain(Endpoint::is_enabled);
            let endpoints = &endpoints;
            let one = |(number, records)| async move { (records, Box::pin(self.one(number, endpoints)).await) };
            Ok::<_, StoreError>(stream::iter(disputes).map(one).buffered(AT_A_TIME).collect::<Vec<_>>().await)
        };
        let (done, dynamodb_calls) = recourse_aws::counted(work).await;
        let done = done?;
        let count = |what: &dyn Fn(&Result<CountOutcome, StoreError>) -> bool| -> u64 {
            done.iter().map(|(_, done)| u64::from(what(done))).sum()
        };
        let record = EmfRecord::new("INFO", "counters")
            .with("worker", Some("counters"))
            .with("dynamodb_calls", Some(dynamodb_calls))
            .metric("records", u64::try_from(records.len()).unwrap_or(u64::MAX), Unit::Count)
            .metric("failed", count(&|done| matches!(done, Ok(CountOutcome::Again) | Err(_))), Unit::Count)
            .metric("uncounted", count(&|done| matches!(done, Ok(CountOutcome::Uncounted))), Unit::Count);
        self.context.print_call(record, started);
        let mut failed = Vec::new();
        for (records, done) in done {
            if done? == CountOutcome::Again {
                failed.extend(records.into_iter().filter_map(sequence_number).map(str::to_owned));
            }
        }
        Ok(BatchResponse::of(failed))
    }

    /// Counts a dispute, and hands its events out.
    async fn one(&self, number: DisputeNumber, endpoints: &[Endpoint]) -> Result<CountOutcome, StoreError> {
        let counted = self.count(number).await?;
        if endpoints.is_empty() || counted != CountOutcome::Counted {
            return Ok(counted);
        }
        let handed_out = match self.context.write_tokens() {
            Ok(tokens) => unpanicked(self.store.fan_out(number, endpoints, || self.context.now(), tokens)).await,
            Err(error) => {
                tracing::error!(error = %error, "the events of a dispute could not be handed out yet");
                return Ok(CountOutcome::Again);
            }
        };
        let dispute = number.case_id();
        match handed_out {
            Ok(Ok(_)) => Ok(counted),
            Ok(Err(error)) if error.is_temporary() => {
                tracing::warn!(dispute, error = %error, "the events of a dispute could not be handed out yet");
                Ok(CountOutcome::Again)
            }
            Ok(Err(error @ StoreError::Unreadable { .. })) => {
                tracing::error!(dispute, error = %error, "the events of a dispute were not handed out");
                Ok(CountOutcome::Uncounted)
            }
            Ok(Err(error)) => Err(error),
            Err(error) => {
                tracing::error!(dispute, error = %error, "the events of a dispute were not handed out");
                Ok(CountOutcome::Uncounted)
            }
        }
    }

    async fn count(&self, number: DisputeNumber) -> Result<CountOutcome, StoreError> {
        let dispute = number.case_id();
        let tokens = match self.context.write_tokens() {
            Ok(tokens) => tokens,
            Err(error) => {
                tracing::error!(error = %error, "a dispute could not be counted yet");
                return Ok(CountOutcome::Again);
            }
        };
        match unpanicked(self.store.recount(number, tokens)).await {
            Ok(Ok(RecountOutcome::Counted | RecountOutcome::Already)) => Ok(CountOutcome::Counted),
            Ok(Ok(RecountOutcome::Unreadable(reason))) => {
                tracing::error!(dispute, error = %reason, "a dispute was not counted");
                Ok(CountOutcome::Uncounted)
            }
            Ok(Err(error)) if error.is_temporary() => {
                tracing::warn!(dispute, error = %error, "a dispute could not be counted yet");
                Ok(CountOutcome::Again)
            }
            Ok(Err(error)) => Err(error),
            Err(error) => {
                tracing::error!(dispute, error = %error, "a dispute was not counted");
                Ok(CountOutcome::Uncounted)
            }
        }
    }
}

/// The dispute of a record. A record of anything else needs no work.
fn number(record: &Value) -> Option<DisputeNumber> {
    let (pk, sk) = keys(record)?;
    dispute_at(pk, sk)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_record_names_its_dispute() {
        let record = |pk: &str, sk: &str| json!({"dynamodb": {"Keys": {"PK": {"S": pk}, "SK": {"S": sk}}}});
        for sk in ["DSP", "SUP"] {
            assert_eq!(number(&record("DSP#551", sk)).map(DisputeNumber::get), Some(551));
        }
        for record in
            [record("DSP#551", "EVT#1"), record("TXN#production#551", "DSP"), json!(null), json!({"dynamodb": 1})]
        {
            assert_eq!(number(&record), None, "{record}");
        }
    }
}
