//! The reader of a table's stream: its shards, parents before children, from the oldest record or
//! from where the last run ended.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;

use serde_json::{Value, json};

use crate::dynamodb::{DynamoDb, EngineClient, EngineError, Page, Records};

/// A reader of one table's stream.
#[derive(Debug)]
pub(super) struct Reader {
    engine: EngineClient,
    records: Arc<Records>,
    arn: String,
    open: Vec<Shard>,
    /// Shards that are closed and read to their end.
    done: BTreeSet<String>,
    /// The sequence number of the last record of each shard that was dealt with.
    after: BTreeMap<String, String>,
    /// Where `after` is stored between runs.
    file: Option<PathBuf>,
}

#[derive(Debug)]
struct Shard {
    id: String,
    /// The iterator to continue with; `None` before it is asked for.
    iterator: Option<String>,
}

/// What was read from one shard.
#[derive(Debug)]
pub(super) struct Read {
    /// The shard.
    pub(super) shard: String,
    /// The records, which other readers may have too.
    pub(super) page: Arc<Page>,
}

impl Reader {
    /// A reader of the stream of `table`. With `file` it continues where the last reader ended.
    pub(super) async fn open(db: &DynamoDb, table: &str, file: Option<PathBuf>) -> Result<Self, EngineError> {
        let engine = db.engine().clone();
        let streams = engine.stream_call("ListStreams", &json!({"TableName": table})).await?;
        let arn =
            streams.pointer("/Streams/0/StreamArn").and_then(Value::as_str).ok_or_else(|| EngineError::Refused {
                operation: "ListStreams".to_owned(),
                exception: "ResourceNotFoundException".to_owned(),
                answer: format!("{table} has no stream; its StreamSpecification must have one"),
            })?;
        let stored = file.as_ref().and_then(|path| std::fs::read(path).ok());
        let after = stored.and_then(|bytes| serde_json::from_slice(&bytes).ok()).unwrap_or_default();
        let arn = arn.to_owned();
        let records = Arc::clone(db.records());
        Ok(Self { engine, records, arn, open: Vec::new(), done: BTreeSet::new(), after, file })
    }

    /// The stream's ARN, as the engine has it.
    pub(super) fn arn(&self) -> &str {
        &self.arn
    }

    /// The last sequence number of each shard that was dealt with.
    pub(super) fn places(&self) -> impl Iterator<Item = &str> {
        self.after.values().map(String::as_str)
    }

    /// Reads each open shard once. The caller handles the records and marks them with
    /// [`Self::passed`] before the next read.
    ///
    /// # Errors
    /// No answer. Nothing is lost: the next read continues after the last mark.
    pub(super) async fn read(&mut self) -> Result<Vec<Read>, EngineError> {
        if self.open.is_empty() {
            self.open = self.readable_shards().await?;
        }
        let mut reads = Vec::new();
        let mut closed = Vec::new();
        for shard in std::mem::take(&mut self.open) {
            let iterator = match shard.iterator {
                Some(iterator) => iterator,
                None => self.iterator(&shard.id).await?,
            };
            let page = self.records.get(&iterator).await?;
            reads.push(Read { shard: shard.id.clone(), page: Arc::clone(&page) });
            match &page.next {
                Some(next) => self.open.push(Shard { iterator: Some(next.clone()), ..shard }),
                None => closed.push(shard.id),
            }
        }
        if !closed.is_empty() {
            // The next read looks for their children.
            self.done.extend(closed);
            self.open.clear();
        }
        Ok(reads)
    }

    /// Notes that every record of `shard` up to `sequence_number` was dealt with.
    pub(super) fn passed(&mut self, shard: &str, sequence_number: &str) {
        self.after.insert(shard.to_owned(), sequence_number.to_owned());
        let Some(path) = &self.file else { return };
        // Written to another file and moved, so that it is whole at any moment. If that fails, the
        // next run reads more again.
        let beside = path.with_extension("new");
        let text = json!(self.after).to_string();
        let _ = std::fs::write(&beside, text).and_then(|()| std::fs::rename(&beside, path));
    }

    /// The shards that are not done and whose parent, if it is still there, is.
    async fn readable_shards(&self) -> Result<Vec<Shard>, EngineError> {
        let answer = self.engine.stream_call("DescribeStream", &json!({"StreamArn": self.arn})).await?;
        let shards = answer.pointer("/StreamDescription/Shards").and_then(Value::as_array);
        let text = |shard: &Value, name: &str| shard.get(name).and_then(Value::as_str).map(str::to_owned);
        let listed: Vec<(String, Option<String>)> = shards
            .into_iter()
            .flatten()
            .filter_map(|s| Some((text(s, "ShardId")?, text(s, "ParentShardId"))))
            .collect();
        let waits = |parent: &String| !self.done.contains(parent) && listed.iter().any(|(id, _)| id == parent);
        let readable =
            listed.iter().filter(|(id, parent)| !self.done.contains(id) && !parent.as_ref().is_some_and(waits));
        Ok(readable.map(|(id, _)| Shard { id: id.clone(), iterator: None }).collect())
    }

    async fn iterator(&self, shard: &str) -> Result<String, EngineError> {
        let mut input = json!({"StreamArn": self.arn, "ShardId": shard, "ShardIteratorType": "TRIM_HORIZON"});
        if let (Some(last), Some(members)) = (self.after.get(shard), input.as_object_mut()) {
            members.insert("ShardIteratorType".to_owned(), json!("AFTER_SEQUENCE_NUMBER"));
            members.insert("SequenceNumber".to_owned(), json!(last));
        }
        let answer = self.engine.stream_call("GetShardIterator", &input).await?;
        Ok(answer.get("ShardIterator").and_then(Value::as_str).unwrap_or_default().to_owned())
    }
}
