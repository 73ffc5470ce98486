//! `desk-index`: keeps the counters of what each domain has, from the table's stream.
//!
//! A record of the stream says which dispute changed, and nothing else of it counts: the dispute is read as it stands and counted once, by its version. So
//! records may come late, twice or in any order. What could not be counted is asked for again.

use futures_util::{StreamExt, stream};
use recourse_aws::{Aws, BadVariable};
use recourse_dispute::number::DisputeNumber;
use recourse_store::Store;
use serde_json::{Value, json};

use crate::World;

/// How many disputes are worked on at once.
const AT_A_TIME: usize = 4;

/// The worker, with all it needs, made once when the function starts.
#[derive(Debug)]
pub struct Index {
    /// Where the disputes are.
    pub store: Store,
    /// The clock and the dice.
    pub world: World,
}

impl Index {
    /// The worker of a function, from its environment.
    ///
    /// # Errors
    /// [`BadVariable`].
    pub fn from_environment(aws: &Aws, world: World) -> Result<Self, BadVariable> {
        Ok(Self { store: Store::from_environment(aws)?, world })
    }

    /// Counts the disputes of a batch; names the records that are to be sent again (Lambda's `ReportBatchItemFailures`).
    pub async fn handle(&self, event: &Value) -> Value {
        let started = self.world.now();
        let records = event.get("Records").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        let work = async {
            let one = |record| async move { (sequence_number(record), self.one(record).await) };
            stream::iter(records).map(one).buffered(AT_A_TIME).collect::<Vec<_>>().await
        };
        let (done, dynamodb_calls) = recourse_aws::counted(work).await;
        let failed: Vec<&str> = done.iter().filter(|(_, done)| !done).filter_map(|(sequence, _)| *sequence).collect();
        let duration_ms = self.world.since(started);
        tracing::info!(records = records.len(), failed = failed.len(), duration_ms, dynamodb_calls, "index");
        let failures: Vec<Value> = failed.iter().map(|sequence| json!({ "itemIdentifier": sequence })).collect();
        json!({ "batchItemFailures": failures })
    }

    /// Whether a record needs no further work. One that is of no dispute needs none at all.
    async fn one(&self, record: &Value) -> bool {
        let Some(number) = number(record) else { return true };
        let mut random = [0; 16];
        if let Err(error) = (self.world.random)(&mut random) {
            tracing::error!(error = %error, "no random bytes");
            return false;
        }
        let mut next = u128::from_be_bytes(random);
        let attempts = || {
            next = next.wrapping_add(1);
            recourse_store::AttemptId::new(next.to_be_bytes())
        };
        match self.store.recount(number, attempts).await {
            Ok(_) => true,
            Err(error) => {
                tracing::error!(dispute = number.case_id(), error = %error, "a dispute is not counted");
                // What trying again does not mend would hold up all that comes after it.
                matches!(error, recourse_store::StoreError::Broken(_))
            }
        }
    }
}

fn number(record: &Value) -> Option<DisputeNumber> {
    let key = |name| record.pointer(&format!("/dynamodb/Keys/{name}/S")).and_then(Value::as_str);
    if key("SK")? != "DSP" {
        return None;
    }
    key("PK")?.strip_prefix("DSP#")?.parse().ok()
}

fn sequence_number(record: &Value) -> Option<&str> {
    record.pointer("/dynamodb/SequenceNumber").and_then(Value::as_str)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_names_its_dispute() {
        let record = |pk: &str, sk: &str| json!({"dynamodb": {"Keys": {"PK": {"S": pk}, "SK": {"S": sk}}}});
        assert_eq!(number(&record("DSP#551", "DSP")).map(DisputeNumber::get), Some(551));
        for (pk, sk) in [("DSP#551", "EVT#1"), ("TXN#551", "DSP"), ("DSP#x", "DSP"), ("DSP#0", "DSP")] {
            assert_eq!(number(&record(pk, sk)), None, "{pk} {sk}");
        }
        assert_eq!(number(&json!(null)), None);
    }
}
