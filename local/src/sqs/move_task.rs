//! Moving the messages of a failure queue back (`StartMessageMoveTask`).
//!
//! SQS moves them one by one and says how far it is. Here all are moved when the task starts, so
//! every task is completed.

use std::collections::VecDeque;

use serde_json::{Value, json};

use crate::random;

/// How many tasks of a queue SQS lists at most.
const MAX_LISTED: usize = 10;

/// The tasks that were started, the newest first.
#[derive(Debug, Default)]
pub(super) struct MoveTasks(VecDeque<MoveTask>);

#[derive(Debug)]
struct MoveTask {
    source: String,
    destination: Option<String>,
    moved: usize,
    started_ms: u64,
}

impl MoveTasks {
    /// Records a task that is done. Returns its handle, which nothing can be done with any more.
    pub(super) fn add(&mut self, source: &str, destination: Option<&str>, moved: usize, started_ms: u64) -> String {
        self.0.push_front(MoveTask {
            source: source.to_owned(),
            destination: destination.map(str::to_owned),
            moved,
            started_ms,
        });
        random::uuid()
    }

    /// The tasks of a queue, named by its ARN.
    pub(super) fn list(&self, source: &str, count: usize) -> Value {
        let tasks = self.0.iter().filter(|task| task.source == source).take(count.min(MAX_LISTED));
        let shown = tasks.map(|task| {
            // A task that has ended has no handle in the list.
            let mut shown = json!({
                "Status": "COMPLETED",
                "SourceArn": task.source,
                "ApproximateNumberOfMessagesMoved": task.moved,
                "ApproximateNumberOfMessagesToMove": task.moved,
                "StartedTimestamp": task.started_ms,
            });
            if let (Some(shown), Some(destination)) = (shown.as_object_mut(), &task.destination) {
                shown.insert("DestinationArn".to_owned(), destination.as_str().into());
            }
            shown
        });
        json!({ "Results": shown.collect::<Vec<_>>() })
    }
}
