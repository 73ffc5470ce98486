//! Up to a hundred lines that are sent together, and the outcome of each.

use std::collections::BTreeMap;
use std::io::{self, BufRead};

use serde::Deserialize;
use serde_json::value::RawValue;

use super::counts::Counts;
use super::lines::{Line, Lines, MAX_BYTES};
use crate::output::visible;

/// The most transactions of one call (platform contract).
const MAX_LINES: u64 = 100;
/// The most bytes of one call. The API accepts 3,276,800, and the gateway in front of it 6,291,456
/// with the rest of the event.
const MAX_BODY: usize = 3_000_000;

/// Consecutive lines of the file. A line that is no JSON object is not sent, because the API would
/// refuse the whole call.
#[derive(Debug)]
pub(super) struct Batch {
    pub(super) first: u64,
    pub(super) last: u64,
    /// The numbers of the lines that are sent.
    sent: Vec<u64>,
    rejected: Vec<Problem>,
    body: Vec<u8>,
}

#[derive(Debug, PartialEq, Eq)]
pub(super) struct Problem {
    pub(super) line: u64,
    /// What is wrong, by field where the API names it.
    pub(super) text: String,
}

/// The API's answer (platform contract).
#[derive(Debug, Deserialize)]
pub(super) struct ImportResponse {
    pub(super) results: Vec<Entry>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Entry {
    trxid: Option<String>,
    status: Status,
    #[serde(default)]
    errors: BTreeMap<String, Vec<String>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Status {
    Created,
    Replaced,
    Stale,
    Invalid,
}

impl Batch {
    /// Reads the next batch; `None` when there are no more lines.
    pub(super) fn read(lines: &mut Lines<impl BufRead>) -> io::Result<Option<Self>> {
        let Some(line) = lines.next()? else { return Ok(None) };
        let mut batch = Self {
            first: line.number,
            last: line.number,
            sent: Vec::new(),
            rejected: Vec::new(),
            body: br#"{"transactions":["#.to_vec(),
        };
        batch.take(line);
        while batch.last - batch.first + 1 < MAX_LINES && batch.body.len() + MAX_BYTES < MAX_BODY {
            let Some(line) = lines.next()? else { break };
            batch.take(line);
        }
        batch.body.extend_from_slice(b"]}");
        Ok(Some(batch))
    }

    fn take(&mut self, line: Line) {
        self.last = line.number;
        match object(&line) {
            Ok(None) => {}
            Ok(Some(json)) => {
                if !self.sent.is_empty() {
                    self.body.push(b',');
                }
                self.body.extend_from_slice(json.as_bytes());
                self.sent.push(line.number);
            }
            Err(text) => self.rejected.push(Problem { line: line.number, text }),
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.sent.is_empty()
    }

    pub(super) fn len(&self) -> usize {
        self.sent.len()
    }

    /// The request's body. It contains every line byte for byte.
    pub(super) fn body(&self) -> &[u8] {
        &self.body
    }

    /// The outcomes of all lines in numbers, and their problems. `entries` are the API's results.
    pub(super) fn outcome(self, entries: Vec<Entry>) -> (Counts, Vec<Problem>) {
        let mut counts =
            Counts { invalid: u64::try_from(self.rejected.len()).unwrap_or_default(), ..Counts::default() };
        let mut problems = self.rejected;
        for (line, entry) in self.sent.into_iter().zip(entries) {
            match entry.status {
                Status::Created => counts.created += 1,
                Status::Replaced => counts.replaced += 1,
                Status::Stale => {
                    counts.stale += 1;
                    problems.push(Problem { line, text: entry.stale() });
                }
                Status::Invalid => {
                    counts.invalid += 1;
                    problems.extend(entry.problems().map(|text| Problem { line, text }));
                }
            }
        }
        problems.sort_by_key(|problem| problem.line);
        (counts, problems)
    }
}

/// The JSON object on a line; `None` on a blank one.
fn object(line: &Line) -> Result<Option<&str>, String> {
    let bytes = line.text.as_deref().ok_or_else(|| format!("must be at most {MAX_BYTES} bytes"))?;
    let text = std::str::from_utf8(bytes).map_err(|_| "must be UTF-8".to_owned())?.trim_ascii();
    if text.is_empty() {
        return Ok(None);
    }
    let json: &RawValue = serde_json::from_str(text).map_err(|error| {
        // The line number in serde_json's message is not the one of the file.
        let what = error.to_string();
        let what = what.split(" at line ").next().unwrap_or_default();
        format!("must be one JSON object: {what} at column {}", error.column())
    })?;
    if json.get().starts_with('{') { Ok(Some(json.get())) } else { Err("must be one JSON object".to_owned()) }
}

impl Entry {
    fn stale(&self) -> String {
        let trxid = self.trxid.as_deref().unwrap_or_default();
        visible(&format!("trxid {trxid}: stale: a newer update of it is known, and nothing changed")).into_owned()
    }

    fn problems(self) -> impl Iterator<Item = String> {
        let trxid = self.trxid.map(|trxid| format!("trxid {trxid}: ")).unwrap_or_default();
        let errors = if self.errors.is_empty() {
            BTreeMap::from([("invalid".to_owned(), vec!["the API does not say why".to_owned()])])
        } else {
            self.errors
        };
        errors.into_iter().flat_map(move |(field, texts)| {
            let trxid = trxid.clone();
            texts.into_iter().map(move |text| visible(&format!("{trxid}{field}: {text}")).into_owned())
        })
    }
}

#[cfg(test)]
mod tests;
