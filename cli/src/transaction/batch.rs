//! Up to a hundred lines that are sent together, and the outcome of each.

use std::collections::BTreeMap;
use std::fmt;
use std::io::{self, BufRead};
use std::ops::Range;

use recourse_dispute::json::{members, stray_mark};
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
    sent: Vec<Sent>,
    rejected: Vec<Problem>,
    body: Vec<u8>,
}

/// A line that is sent.
#[derive(Debug)]
struct Sent {
    number: u64,
    /// How many characters stand before its object.
    indent: usize,
    /// Its object, in the batch's body.
    object: Range<usize>,
}

#[derive(Debug, PartialEq, Eq)]
pub(super) struct Problem {
    pub(super) line: u64,
    /// The character of the line, from 1, where a part of it is wrong.
    pub(super) column: Option<usize>,
    /// What is wrong, by field where the API names it.
    pub(super) text: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { line, column, text } = self;
        match column {
            Some(column) => write!(out, "line {line}, column {column}: {text}"),
            None => write!(out, "line {line}: {text}"),
        }
    }
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
            Ok(Some(Object { json, indent })) => {
                if !self.sent.is_empty() {
                    self.body.push(b',');
                }
                let begin = self.body.len();
                self.body.extend_from_slice(json.as_bytes());
                self.sent.push(Sent { number: line.number, indent, object: begin..self.body.len() });
            }
            Err(problem) => self.rejected.push(problem),
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
        for (sent, entry) in self.sent.into_iter().zip(entries) {
            let line = sent.number;
            let json = self.body.get(sent.object).and_then(|json| std::str::from_utf8(json).ok()).unwrap_or_default();
            let column = |field: &str| place(json, field).map(|at| sent.indent + column(json, at));
            match entry.status {
                Status::Created => counts.created += 1,
                Status::Replaced => counts.replaced += 1,
                Status::Stale => {
                    counts.stale += 1;
                    problems.push(Problem { line, column: None, text: entry.stale() });
                }
                Status::Invalid => {
                    counts.invalid += 1;
                    let wrong = |(field, text): (String, String)| Problem { line, column: column(&field), text };
                    problems.extend(entry.problems().map(wrong));
                }
            }
        }
        problems.sort_by_key(|problem| problem.line);
        (counts, problems)
    }
}

/// The JSON object on a line.
struct Object<'a> {
    json: &'a str,
    /// How many characters stand before it.
    indent: usize,
}

/// The JSON object on a line; `None` on a blank one.
fn object(line: &Line) -> Result<Option<Object<'_>>, Problem> {
    let problem = |column, text: String| Problem { line: line.number, column, text };
    let bytes = line.text.as_deref().ok_or_else(|| problem(None, format!("must be at most {MAX_BYTES} bytes")))?;
    let line = std::str::from_utf8(bytes).map_err(|error| {
        let valid = bytes.get(..error.valid_up_to()).unwrap_or_default();
        problem(Some(String::from_utf8_lossy(valid).chars().count() + 1), "must be UTF-8".to_owned())
    })?;
    let text = line.trim_ascii();
    // White space of ASCII alone is left out, a byte for a character.
    let indent = line.len() - line.trim_ascii_start().len();
    if text.is_empty() {
        return Ok(None);
    }
    let json: Result<&RawValue, _> = serde_json::from_str(text);
    let json = json.map_err(|error| match stray_mark(text) {
        Some(at) => {
            let what = "must not have a byte order mark (U+FEFF) outside of its strings".to_owned();
            problem(Some(indent + column(text, at)), what)
        }
        None => {
            // The line number in serde_json's message is not the one of the file, and its column
            // counts bytes.
            let what = error.to_string();
            let what = what.split(" at line ").next().unwrap_or_default();
            let column = indent + column(text, error.column().saturating_sub(1));
            problem(Some(column), format!("must be one JSON object: {what}"))
        }
    })?;
    let json = json.get();
    let is_object = json.starts_with('{');
    if is_object { Ok(Some(Object { json, indent })) } else { Err(problem(None, "must be one JSON object".to_owned())) }
}

/// The column of a place in a text, which is in bytes: characters are counted, from 1.
fn column(text: &str, place: usize) -> usize {
    text.char_indices().take_while(|(at, _)| *at < place).count() + 1
}

/// Where the value of a member stands in an object, in bytes. The API names a member by its path,
/// such as `details.captures.1`; the value of the deepest object on the way is meant.
fn place(json: &str, path: &str) -> Option<usize> {
    let (name, rest) = path.split_once('.').unwrap_or((path, ""));
    // Of a member that is there twice the second one is wrong.
    let found = members(json)?.into_iter().rev().find(|(known, _)| known == name)?;
    let value = found.1.get();
    let at = value.as_ptr().addr().checked_sub(json.as_ptr().addr())?;
    let within = if rest.is_empty() { None } else { place(value, rest) };
    Some(at + within.unwrap_or_default())
}

impl Entry {
    fn stale(&self) -> String {
        let trxid = self.trxid.as_deref().unwrap_or_default();
        visible(&format!("trxid {trxid}: stale: a newer update of it is known, and nothing changed")).into_owned()
    }

    /// What is wrong, each with the field that the API names.
    fn problems(self) -> impl Iterator<Item = (String, String)> {
        let trxid = self.trxid.map(|trxid| format!("trxid {trxid}: ")).unwrap_or_default();
        let errors = if self.errors.is_empty() {
            BTreeMap::from([("invalid".to_owned(), vec!["the API does not say why".to_owned()])])
        } else {
            self.errors
        };
        errors.into_iter().flat_map(move |(field, texts)| {
            let trxid = trxid.clone();
            texts.into_iter().map(move |text| (field.clone(), visible(&format!("{trxid}{field}: {text}")).into_owned()))
        })
    }
}

#[cfg(test)]
mod tests;
