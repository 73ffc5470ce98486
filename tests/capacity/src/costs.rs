//! `tests/costs.tsv`: what each function used for one call, or for one item of work.
//!
//! A row is a function and a call, then its figures. Capacity units are decimals, since an
//! eventually consistent read is half a unit. The last two columns have the write units and the
//! read units by kind of partition: those of the fullest partition of each kind.

use std::collections::BTreeMap;
use std::fmt::Write;

use crate::decimal::{scaled, thousandths};

/// The command that writes the file anew.
pub const RECORD: &str = "make costs";

/// By how many percent a figure may be worse.
const TOLERATED: u64 = 3;

/// The columns, in the order of the file.
const COLUMNS: [&str; 16] = [
    "function",
    "call",
    "operations",
    "read",
    "read_indexes",
    "write",
    "write_indexes",
    "sent",
    "received",
    "kms",
    "s3_read",
    "s3_write",
    "ses",
    "events",
    "partitions",
    "read_partitions",
];

/// What stands for a column without anything in it.
const NOTHING: &str = "-";

/// What a function used for one call or one item of work.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Row {
    /// The function's id in template.yaml.
    pub function: String,
    /// Which call of it, or which work.
    pub call: String,
    /// The calls of DynamoDB by operation.
    pub operations: BTreeMap<String, u64>,
    /// Read units of tables, in thousandths.
    pub read: u64,
    /// Read units of indexes, in thousandths.
    pub read_indexes: u64,
    /// Write units of tables, in thousandths.
    pub write: u64,
    /// Write units of indexes, in thousandths.
    pub write_indexes: u64,
    /// Bytes of bodies sent to DynamoDB.
    pub sent: u64,
    /// Bytes of bodies that DynamoDB answered.
    pub received: u64,
    /// Calls of KMS.
    pub kms: u64,
    /// Reads of S3.
    pub s3_read: u64,
    /// Writes to S3, and lists, which cost the same.
    pub s3_write: u64,
    /// Calls of SES: mails.
    pub ses: u64,
    /// Events that it put on a bus of EventBridge.
    pub events: u64,
    /// Write units of the fullest partition of each kind, in thousandths.
    pub partitions: BTreeMap<String, u64>,
    /// Read units of the fullest partition of each kind, in thousandths.
    pub read_partitions: BTreeMap<String, u64>,
}

impl Row {
    /// How it is named in messages.
    #[must_use]
    pub fn name(&self) -> String {
        format!("{}, {}", self.function, self.call)
    }

    /// How many calls of DynamoDB there were.
    #[must_use]
    pub fn calls(&self) -> u64 {
        self.operations.values().sum()
    }

    /// The figures that are compared, each with whether it is in thousandths.
    #[must_use]
    pub fn figures(&self) -> [(&'static str, u64, bool); 12] {
        [
            ("calls of DynamoDB", self.calls(), false),
            ("read units of tables", self.read, true),
            ("read units of indexes", self.read_indexes, true),
            ("write units of tables", self.write, true),
            ("write units of indexes", self.write_indexes, true),
            ("bytes sent to DynamoDB", self.sent, false),
            ("bytes answered by DynamoDB", self.received, false),
            ("calls of KMS", self.kms, false),
            ("reads of S3", self.s3_read, false),
            ("writes to S3", self.s3_write, false),
            ("calls of SES", self.ses, false),
            ("events of EventBridge", self.events, false),
        ]
    }

    /// Each figure that is worse in `self` than in `was` by more than is tolerated, as a sentence.
    #[must_use]
    pub fn worse_than(&self, was: &Row) -> Vec<String> {
        let pairs = was.figures().into_iter().zip(self.figures());
        let worse = pairs.filter(|((_, was, _), (_, is, _))| is * 100 > was * (100 + TOLERATED));
        let shown = |figure: u64, is_thousandths| if is_thousandths { thousandths(figure) } else { figure.to_string() };
        worse
            .map(|((figure, was, thousandths), (_, is, _))| {
                format!("{}: {figure} was {} and is {}", self.name(), shown(was, thousandths), shown(is, thousandths))
            })
            .collect()
    }

    fn line(&self) -> String {
        let counts = |map: &BTreeMap<String, u64>, shown: fn(u64) -> String| {
            let counts: Vec<String> = map.iter().map(|(name, count)| format!("{name}={}", shown(*count))).collect();
            if counts.is_empty() { NOTHING.to_owned() } else { counts.join(" ") }
        };
        let whole = |number: u64| number.to_string();
        [
            self.function.clone(),
            self.call.clone(),
            counts(&self.operations, whole),
            thousandths(self.read),
            thousandths(self.read_indexes),
            thousandths(self.write),
            thousandths(self.write_indexes),
            whole(self.sent),
            whole(self.received),
            whole(self.kms),
            whole(self.s3_read),
            whole(self.s3_write),
            whole(self.ses),
            whole(self.events),
            counts(&self.partitions, thousandths),
            counts(&self.read_partitions, thousandths),
        ]
        .join("\t")
    }

    fn read(line: &str) -> Result<Self, String> {
        let cells: Vec<&str> = line.split('\t').collect();
        let cell = |name: &str| {
            let at = COLUMNS.iter().position(|column| *column == name);
            let cell = at.and_then(|at| cells.get(at)).copied();
            cell.ok_or_else(|| format!("there is no column {name}: {line}"))
        };
        let number = |name: &str, text: &str, places: usize| {
            let number = scaled(text, places).and_then(|number| u64::try_from(number).ok());
            number.ok_or_else(|| format!("{name} is {text}; it must be a number: {line}"))
        };
        let figure = |name: &str, places: usize| number(name, cell(name)?, places);
        let counts = |name: &str, places: usize| {
            let cell = cell(name)?;
            let pairs = cell.split(' ').filter(|_| cell != NOTHING);
            let pairs = pairs.map(|pair| {
                let (kind, count) = pair.split_once('=').ok_or_else(|| format!("{pair} is not NAME=NUMBER: {line}"))?;
                Ok::<_, String>((kind.to_owned(), number(kind, count, places)?))
            });
            pairs.collect::<Result<BTreeMap<String, u64>, String>>()
        };
        if cells.len() != COLUMNS.len() {
            return Err(format!("it has {} columns; it must have {}: {line}", cells.len(), COLUMNS.len()));
        }
        Ok(Self {
            function: cell("function")?.to_owned(),
            call: cell("call")?.to_owned(),
            operations: counts("operations", 0)?,
            read: figure("read", 3)?,
            read_indexes: figure("read_indexes", 3)?,
            write: figure("write", 3)?,
            write_indexes: figure("write_indexes", 3)?,
            sent: figure("sent", 0)?,
            received: figure("received", 0)?,
            kms: figure("kms", 0)?,
            s3_read: figure("s3_read", 0)?,
            s3_write: figure("s3_write", 0)?,
            ses: figure("ses", 0)?,
            events: figure("events", 0)?,
            partitions: counts("partitions", 3)?,
            read_partitions: counts("read_partitions", 3)?,
        })
    }
}

/// The rows of the file's text. Lines that begin with `#` are comments.
///
/// # Errors
/// The first line that is not a row, and what is wrong with it.
pub fn parse(text: &str) -> Result<Vec<Row>, String> {
    let mut lines = text.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    let heading = lines.next().unwrap_or_default();
    if heading != COLUMNS.join("\t") {
        return Err(format!("the columns are {heading}; they must be {}", COLUMNS.join("\t")));
    }
    lines.map(Row::read).collect()
}

/// The file's text.
#[must_use]
pub fn print(rows: &[Row]) -> String {
    let mut text = format!(
        "# What each function used for one warm call or one item of work, counted at the wire.\n\
         # `{RECORD}` writes this file; tests/e2e/costs.rs compares it with what is counted.\n{}\n",
        COLUMNS.join("\t")
    );
    for row in rows {
        // Writing to a text does not fail.
        let _ = writeln!(text, "{}", row.line());
    }
    text
}

/// Everything that is worse than in the committed rows, as sentences: figures, functions of
/// template.yaml without a row, and rows on one side alone.
#[must_use]
pub fn compared(committed: &[Row], counted: &[Row], functions: &[String]) -> Vec<String> {
    let mut wrong = Vec::new();
    for function in functions {
        for (rows, what) in
            [(committed, "has no row in tests/costs.tsv"), (counted, "is not called by tests/e2e/costs")]
        {
            if !rows.iter().any(|row| row.function == *function) {
                wrong.push(format!("{function} of template.yaml {what}"));
            }
        }
    }
    let of = |rows: &[Row], row: &Row| rows.iter().find(|other| other.name() == row.name()).cloned();
    for is in counted {
        match of(committed, is) {
            Some(was) => wrong.extend(is.worse_than(&was)),
            None => wrong.push(format!("{} is counted and has no row in tests/costs.tsv", is.name())),
        }
    }
    for was in committed {
        if of(counted, was).is_none() {
            wrong.push(format!("{} has a row in tests/costs.tsv and is not counted any more", was.name()));
        }
    }
    wrong
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row() -> Row {
        Row {
            function: "IimmpactReport".to_owned(),
            call: "a report".to_owned(),
            operations: [("GetItem".to_owned(), 1), ("TransactWriteItems".to_owned(), 1)].into(),
            read: 500,
            write: 22_000,
            write_indexes: 3_000,
            sent: 4_000,
            received: 300,
            partitions: [("PTY#account".to_owned(), 2_000), ("TXN".to_owned(), 6_000)].into(),
            read_partitions: [("REF".to_owned(), 500)].into(),
            ..Row::default()
        }
    }

    #[test]
    fn what_is_printed_is_read_back() {
        let rows = vec![row(), Row { function: "HealthGet".to_owned(), call: "health".to_owned(), ..Row::default() }];
        let text = print(&rows);
        assert!(text.contains(
            "\tGetItem=1 TransactWriteItems=1\t0.5\t0\t22\t3\t4000\t300\t0\t0\t0\t0\t0\tPTY#account=2 TXN=6\tREF=0.5\n"
        ));
        assert_eq!(parse(&text), Ok(rows));
    }

    #[test]
    fn a_file_that_is_no_table_is_refused_with_its_line() {
        let text = print(&[row()]);
        for (from, to, message) in [
            ("function\t", "what\t", "the columns are what"),
            ("\t22\t", "\tmany\t", "write is many"),
            ("\t22\t", "\t", "it has 15 columns"),
            ("TXN=6", "TXN", "TXN is not NAME=NUMBER"),
        ] {
            let error = parse(&text.replacen(from, to, 1)).unwrap_err();
            assert!(error.starts_with(message), "{error}");
        }
        assert!(parse("").is_err());
    }

    #[test]
    fn more_than_three_percent_worse_is_named_and_better_is_not() {
        let was = row();
        assert_eq!(Row { sent: 4_120, ..row() }.worse_than(&was), Vec::<String>::new());
        assert_eq!(Row { sent: 3_000, write: 20_000, ..row() }.worse_than(&was), Vec::<String>::new());
        assert_eq!(
            Row { sent: 4_121, write: 24_000, kms: 1, ..row() }.worse_than(&was),
            [
                "IimmpactReport, a report: write units of tables was 22 and is 24",
                "IimmpactReport, a report: bytes sent to DynamoDB was 4000 and is 4121",
                "IimmpactReport, a report: calls of KMS was 0 and is 1",
            ]
        );
    }

    #[test]
    fn a_function_without_a_row_and_a_row_without_a_count_are_named() {
        let other = Row { function: "HealthGet".to_owned(), call: "health".to_owned(), ..Row::default() };
        let functions = ["IimmpactReport".to_owned(), "HealthGet".to_owned()];
        assert_eq!(compared(&[row(), other.clone()], &[row(), other.clone()], &functions), Vec::<String>::new());
        assert_eq!(
            compared(&[row()], &[row(), other.clone()], &functions),
            [
                "HealthGet of template.yaml has no row in tests/costs.tsv",
                "HealthGet, health is counted and has no row in tests/costs.tsv",
            ]
        );
        assert_eq!(
            compared(&[row(), other], &[row()], &functions),
            [
                "HealthGet of template.yaml is not called by tests/e2e/costs",
                "HealthGet, health has a row in tests/costs.tsv and is not counted any more",
            ]
        );
    }
}
