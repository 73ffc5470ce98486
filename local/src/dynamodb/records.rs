//! The records of streams, as their readers get them: each read once for all readers.
//!
//! Several functions read the stream of one table. Nearly always they are at the same place, and
//! most pass over most of the records. What one of them has read is there for the others, who ask
//! with the same iterator. They may find more in the stream than it did, by their next read.

use std::sync::Arc;

use serde_json::{Value, json};
use tokio::sync::Mutex;

use super::client::{EngineClient, EngineError};
use crate::recent::Recent;

/// How many records one read may bring, DynamoDB's own limit.
const READ: usize = 1_000;

/// How many reads are there for the other readers.
const MAX_READS: usize = 2;

/// What one read brought.
#[derive(Debug)]
pub(crate) struct Page {
    /// The records, oldest first, as the Streams API shows them.
    pub(crate) records: Vec<Value>,
    /// The iterator to continue with; `None` at the end of a closed shard.
    pub(crate) next: Option<String>,
}

/// Reads the streams of one engine.
#[derive(Debug)]
pub(crate) struct Records {
    engine: EngineClient,
    /// The last reads that brought records, each with its iterator. It is locked during a read, so
    /// a reader that asks for the same waits for it.
    last: Mutex<Recent<(String, Arc<Page>), MAX_READS>>,
}

impl Records {
    pub(super) fn new(engine: EngineClient) -> Self {
        Self { engine, last: Mutex::default() }
    }

    /// What is behind `iterator`. A page without records says that there were none just now.
    ///
    /// # Errors
    /// What the engine refused.
    pub(crate) async fn get(&self, iterator: &str) -> Result<Arc<Page>, EngineError> {
        let mut last = self.last.lock().await;
        if let Some((_, page)) = last.iter().find(|(known, _)| known == iterator) {
            return Ok(Arc::clone(page));
        }
        let mut answer =
            self.engine.stream_call("GetRecords", &json!({"ShardIterator": iterator, "Limit": READ})).await?;
        let records = match answer.get_mut("Records").map(Value::take) {
            Some(Value::Array(records)) => records,
            _ => Vec::new(),
        };
        let next = answer.get("NextShardIterator").and_then(Value::as_str).map(str::to_owned);
        let page = Arc::new(Page { records, next });
        if !page.records.is_empty() {
            last.push((iterator.to_owned(), Arc::clone(&page)));
        }
        Ok(page)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use axum::body::{Body, Bytes};
    use http::{Request, StatusCode};

    use super::*;
    use crate::loopback::{Reply, Server, json as json_answer};

    /// An engine whose stream has one record behind each iterator but `end`, and how often it was
    /// read.
    async fn engine() -> (Server, Records, Arc<AtomicUsize>) {
        let reads = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&reads);
        let server = Server::start(move |request: Request<Bytes>| {
            let counted = Arc::clone(&counted);
            async move {
                counted.fetch_add(1, Ordering::Relaxed);
                let asked: Value = serde_json::from_slice(request.body()).unwrap();
                let iterator = asked["ShardIterator"].as_str().unwrap().to_owned();
                let records = if iterator == "end" { json!([]) } else { json!([{"eventID": iterator}]) };
                let answer = json!({"Records": records, "NextShardIterator": format!("after {iterator}")});
                let answer: http::Response<Body> = json_answer(StatusCode::OK, "application/x-amz-json-1.0", &answer);
                Reply::Answer(answer)
            }
        })
        .await
        .unwrap();
        let client = EngineClient::new(server.endpoint().trim_start_matches("http://").to_owned());
        (server, Records::new(client), reads)
    }

    #[tokio::test]
    async fn readers_at_one_place_read_once() {
        let (_server, records, reads) = engine().await;
        let (first, second) = tokio::join!(records.get("a"), records.get("a"));
        let (first, second) = (first.unwrap(), second.unwrap());
        assert_eq!((&first.records[0]["eventID"], first.next.as_deref()), (&json!("a"), Some("after a")));
        assert!(Arc::ptr_eq(&first, &second));
        assert_eq!(reads.load(Ordering::Relaxed), 1);
    }

    #[tokio::test]
    async fn the_end_of_a_stream_is_read_each_time_and_only_the_last_reads_are_kept() {
        let (_server, records, reads) = engine().await;
        for iterator in ["end", "end", "a", "b", "c", "b", "a"] {
            records.get(iterator).await.unwrap();
        }
        // All but the second `b`.
        assert_eq!(reads.load(Ordering::Relaxed), 6);
    }

    #[tokio::test]
    async fn a_read_that_failed_is_made_again() {
        let (server, records, _) = engine().await;
        server.stop().await;
        assert!(records.get("a").await.is_err());
        let (_server, other, _) = engine().await;
        let records = Records { engine: other.engine, ..records };
        assert_eq!(records.get("a").await.unwrap().records.len(), 1);
    }
}
