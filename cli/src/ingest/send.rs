//! `recourse ingest send`: sends a file's transactions by the queue.
//!
//! Lines are sent in lists of at most a hundred, as `POST /platform/v1/transactions` takes them.
//! Whether a transaction is right is for the worker to say.

use std::fs::File;
use std::io::{BufRead, BufReader, stdin};
use std::num::NonZeroU64;
use std::path::{Path, PathBuf};

use clap::Args;
use serde::Serialize;
use serde_json::value::RawValue;

use super::{Queues, failed};
use crate::ending::{Ending, Failure};
use crate::output::{Format, note};
use crate::transaction::lines::{Line, Lines};

/// The most transactions of one message (platform contract).
const MAX_TRANSACTIONS: usize = 100;
/// The most bytes of one message: the queue's limit (template.yaml).
const MAX_MESSAGE: usize = 256 * 1024;
/// What a message has around its transactions, in bytes.
const AROUND: usize = r#"{"transactions":[]}"#.len();

const MORE: &str = "\
Examples:
  recourse ingest send transactions.jsonl
  recourse ingest send - --json < transactions.jsonl

Each line is one transaction in the form of the Platform API; blank lines are skipped. A line that is
no JSON object is named on stderr, and not sent. What the worker makes of the others is in its log,
and a message with one that is refused is in the failure queue a quarter of an hour later.

Exit codes: 0 all lines are sent, 1 some are not, 2 refused, 3 no answer.";

/// Send the transactions of a file of JSON lines by the queue
#[derive(Args)]
#[command(after_help = MORE)]
pub(crate) struct Send {
    /// The file; - is standard input
    file: PathBuf,
    /// Begin at this line
    #[arg(long, value_name = "LINE")]
    from: Option<NonZeroU64>,
    #[command(flatten)]
    format: Format,
}

/// What became of the lines.
#[derive(Debug, Default, PartialEq, Eq, Serialize)]
struct Counts {
    sent: u64,
    messages: u64,
    invalid: u64,
}

/// The list that is being put together.
#[derive(Debug, Default)]
struct List {
    transactions: Vec<String>,
    bytes: usize,
}

impl Send {
    pub(super) async fn run(self, queues: &Queues) -> Result<Ending, Failure> {
        let mut lines = Lines::new(open(&self.file)?);
        let before = self.from.map_or(0, |from| from.get() - 1);
        let unreadable = |error| Failure::refused(format!("{} cannot be read: {error}", self.file.display()));
        if !lines.skip_to(before).map_err(unreadable)? {
            return Err(Failure::refused(format!("the file ends with line {}", lines.number())));
        }
        let (mut counts, mut list, mut done) = (Counts::default(), List::default(), before);
        while let Some(line) = lines.next().map_err(unreadable)? {
            let number = line.number;
            match transaction(&line) {
                None => {}
                Some(Ok(transaction)) => {
                    if !list.has_room(transaction) {
                        send(queues, &mut list, &mut counts).await.map_err(|failure| failure.then(&next(done)))?;
                        done = number - 1;
                    }
                    list.push(transaction);
                }
                Some(Err(rule)) => {
                    counts.invalid += 1;
                    note(&format!("line {number} {rule}"));
                }
            }
        }
        send(queues, &mut list, &mut counts).await.map_err(|failure| failure.then(&next(done)))?;
        self.format.print(&counts, || {
            format!("{} transactions in {} messages, {} invalid lines", counts.sent, counts.messages, counts.invalid)
        })?;
        Ok(if counts.invalid == 0 { Ending::Done } else { Ending::No })
    }
}

impl List {
    fn has_room(&self, transaction: &str) -> bool {
        let bytes = AROUND + self.bytes + transaction.len() + 1;
        self.transactions.len() < MAX_TRANSACTIONS && bytes <= MAX_MESSAGE
    }

    fn push(&mut self, transaction: &str) {
        self.bytes += transaction.len() + 1;
        self.transactions.push(transaction.to_owned());
    }

    /// The message, and how many transactions are in it; the list is empty afterwards.
    fn take(&mut self) -> (String, u64) {
        let transactions = std::mem::take(&mut self.transactions);
        self.bytes = 0;
        let count = u64::try_from(transactions.len()).unwrap_or(u64::MAX);
        (format!(r#"{{"transactions":[{}]}}"#, transactions.join(",")), count)
    }
}

/// Sends the list as one message, unless it is empty.
async fn send(queues: &Queues, list: &mut List, counts: &mut Counts) -> Result<(), Failure> {
    if list.transactions.is_empty() {
        return Ok(());
    }
    let (message, count) = list.take();
    let sent = queues.sqs.send_message().queue_url(&queues.queue).message_body(message).send().await;
    sent.map_err(|error| failed("SendMessage", &error))?;
    counts.sent += count;
    counts.messages += 1;
    Ok(())
}

/// The transaction of a line, which is checked only as far as the list needs it; `None` of a blank
/// line.
fn transaction(line: &Line) -> Option<Result<&str, &'static str>> {
    let Some(text) = &line.text else { return Some(Err("has more than 32 KB")) };
    let Ok(text) = std::str::from_utf8(text) else { return Some(Err("is not UTF-8")) };
    let text = text.trim();
    if text.is_empty() {
        return None;
    }
    let is_object = text.starts_with('{') && serde_json::from_str::<&RawValue>(text).is_ok();
    Some(if is_object { Ok(text) } else { Err("is no JSON object") })
}

/// How to continue after `done` lines.
fn next(done: u64) -> String {
    format!("Continue with --from {}; lines that are sent twice change nothing.", done + 1)
}

/// Opens a file, or standard input where the path is `-`.
fn open(file: &Path) -> Result<Box<dyn BufRead>, Failure> {
    if file == Path::new("-") {
        return Ok(Box::new(stdin().lock()));
    }
    let opened = File::open(file);
    let opened = opened.map_err(|error| Failure::refused(format!("{} cannot be read: {error}", file.display())))?;
    Ok(Box::new(BufReader::with_capacity(64 * 1024, opened)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(text: &str) -> Line {
        Line { number: 1, text: Some(text.as_bytes().to_vec()) }
    }

    #[test]
    fn only_json_objects_are_sent() {
        assert_eq!(transaction(&line(r#" {"trxid": "1"} "#)), Some(Ok(r#"{"trxid": "1"}"#)));
        assert_eq!(transaction(&line("  ")), None);
        for text in ["[1]", "{", r#"{"a": 1}, {"b": 2}"#, "\"x\"", "null"] {
            assert_eq!(transaction(&line(text)), Some(Err("is no JSON object")), "{text}");
        }
        assert_eq!(transaction(&Line { number: 1, text: None }), Some(Err("has more than 32 KB")));
    }

    #[test]
    fn a_list_has_at_most_a_hundred_transactions_and_fits_into_a_message() {
        let mut list = List::default();
        for _ in 0..MAX_TRANSACTIONS {
            assert!(list.has_room("{}"));
            list.push("{}");
        }
        assert!(!list.has_room("{}"));
        let (message, count) = list.take();
        assert_eq!((count, list.has_room("{}")), (100, true));
        let parsed: serde_json::Value = serde_json::from_str(&message).unwrap();
        assert_eq!(parsed["transactions"].as_array().unwrap().len(), 100);
        let large = format!(r#"{{"a":"{}"}}"#, "x".repeat(30_000));
        while list.has_room(&large) {
            list.push(&large);
        }
        let (message, count) = list.take();
        assert!(count == 8 && message.len() <= MAX_MESSAGE, "{count}");
    }
}
