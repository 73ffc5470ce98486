//! The numbers of the support work: how many disputes were opened, answered and resolved on a day,
//! and how long that took.
//!
//! A dispute is counted on the day on which it was opened, on the one on which it was first
//! answered, and on the one on which it was resolved, each in UTC, and under one value of each
//! [`Dimension`]. Where a value or a day changes, such as when a customer writes after the end,
//! what was counted before is taken back.
//!
//! A draft is not counted before it is submitted, so one that is cancelled is never counted.

use std::collections::BTreeMap;

use recourse_dispute::dispute::Dispute;
use recourse_dispute::environment::Environment;
use recourse_dispute::lifecycle::{Closing, State};
use recourse_dispute::time::{Day, UnixMillis};
use recourse_dispute::transaction::Kind;
use recourse_support::case::{Owner, State as SupportState};
use serde::{Deserialize, Serialize};

use super::histogram::{Histogram, bucket};
use super::{Part, Seen};
use crate::error::StoreError;
use crate::items::{Item, item, text, value};
use crate::keys::SK;
use crate::support::CaseFile;
use crate::transact::{TransactionBuilder, WriteItem};
use crate::{Store, WriteToken, keys};

/// How many items the numbers of a day are spread over, so that simultaneous changes do not
/// conflict on one.
const SHARDS: u64 = 4;
/// What the attributes of a histogram's buckets begin with: of the time to the first answer, and of
/// the time to the resolution.
const TO_ANSWER: &str = "a_";
const TO_RESOLUTION: &str = "r_";

/// By what disputes are told apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Dimension {
    /// By nothing: all of them.
    All,
    /// The API that it was opened through.
    Channel,
    /// What was bought.
    Kind,
    /// Why it is where it is: the support process's reason, else the bank's.
    Reason,
    /// How it ended.
    Outcome,
    /// The agent who has it, or who worked on it last.
    Agent,
}

impl Dimension {
    /// Every dimension.
    pub const EVERY: [Self; 6] = [Self::All, Self::Channel, Self::Kind, Self::Reason, Self::Outcome, Self::Agent];

    /// The name in keys and addresses.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::Channel => "channel",
            Self::Kind => "kind",
            Self::Reason => "reason",
            Self::Outcome => "outcome",
            Self::Agent => "agent",
        }
    }

    /// Reads [`Self::name`].
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::EVERY.into_iter().find(|dimension| dimension.name() == name)
    }
}

/// A day, and how long after the opening.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Reached {
    day: Day,
    bucket: u8,
}

/// What is counted of a dispute.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Tally {
    opened: Day,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    answered: Option<Reached>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    resolved: Option<Reached>,
    /// Whether no agent did anything.
    unaided: bool,
    channel: String,
    reason: String,
    outcome: String,
    agent: String,
}

/// The marker: what was last counted of a dispute.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Numbered {
    /// The version of the dispute that this is of.
    dispute_version: u64,
    /// The version of its case; 0 without one.
    case_version: u64,
    /// What was bought.
    pub(super) kind: Kind,
    /// `None` of a draft.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    tally: Option<Tally>,
}

/// A counter: a dimension, a day and a value.
type Cell = (Dimension, Day, String);
/// What is added to its attributes.
type Counts = BTreeMap<String, i64>;

fn reached(from: UnixMillis, at: UnixMillis) -> Reached {
    let seconds = u64::try_from(at.0.saturating_sub(from.0)).unwrap_or(0).div_ceil(1000);
    Reached { day: Day::of(at), bucket: bucket(seconds) }
}

/// How a dispute ended.
fn closing_name(closing: Closing) -> &'static str {
    match closing {
        Closing::Customer => "customer",
        Closing::Merchant => "merchant",
        Closing::Cancelled => "cancelled",
        Closing::Withdrawn => "withdrawn",
        Closing::Refunded => "refunded",
        Closing::ClosedOnCreation => "closed_on_creation",
    }
}

/// When a dispute was resolved. One with a support process is when the process is.
fn resolved_at(dispute: &Dispute, case: Option<&CaseFile>) -> Option<UnixMillis> {
    let closed_at = (!dispute.state.is_open()).then_some(dispute.state_since);
    match case.and_then(|case| Some((case, case.effective(dispute)?))) {
        Some((case, SupportState::Resolved)) => case.resolved_at.or(closed_at),
        Some(_) => None,
        None => closed_at,
    }
}

impl Tally {
    fn of(seen: &Seen) -> Option<Self> {
        let Seen { dispute, case, .. } = seen;
        if matches!(dispute.state, State::Draft | State::Closed { closing: Closing::Cancelled, .. }) {
            return None;
        }
        let (case, from) = (case.as_ref(), dispute.opened_at);
        let process = case.and_then(|case| case.support.as_ref());
        let resolved = resolved_at(dispute, case);
        let closing = dispute.state.closing().map_or("answered", closing_name);
        let logged = dispute.logged.as_ref().map(|logged| logged.reason.as_str());
        let owner = process.and_then(|process| match &process.owner {
            Owner::Agent(name) => Some(name),
            Owner::Nobody | Owner::Automation => None,
        });
        let agent = owner.or(case.and_then(|case| case.last_agent.as_ref()));
        Some(Self {
            opened: Day::of(from),
            answered: case.and_then(|case| case.answered_at).map(|at| reached(from, at)),
            resolved: resolved.map(|at| reached(from, at)),
            unaided: agent.is_none(),
            channel: dispute.channel.name().to_owned(),
            reason: process.map(|process| process.reason.code()).or(logged).unwrap_or_default().to_owned(),
            outcome: if resolved.is_some() { closing } else { "unresolved" }.to_owned(),
            agent: agent.map_or_else(String::new, ToString::to_string),
        })
    }

    /// The counters that it is in.
    fn cells(&self, kind: Kind) -> BTreeMap<Cell, Counts> {
        let mut cells: BTreeMap<Cell, Counts> = BTreeMap::new();
        for dimension in Dimension::EVERY {
            let named = match dimension {
                Dimension::All => "",
                Dimension::Channel => &self.channel,
                Dimension::Kind => kind.name(),
                Dimension::Reason => &self.reason,
                Dimension::Outcome => &self.outcome,
                Dimension::Agent => &self.agent,
            };
            let mut count = |day, name: &str| {
                let counts = cells.entry((dimension, day, named.to_owned())).or_default();
                *counts.entry(name.to_owned()).or_default() += 1;
            };
            count(self.opened, "n_opened");
            if let Some(Reached { day, bucket }) = self.answered {
                count(day, "n_answered");
                count(day, &format!("{TO_ANSWER}{bucket}"));
            }
            if let Some(Reached { day, bucket }) = self.resolved {
                count(day, "n_resolved");
                count(day, &format!("{TO_RESOLUTION}{bucket}"));
                if self.unaided {
                    count(day, "n_unaided");
                }
            }
        }
        cells
    }
}

/// The numbers of a day, of one value of a dimension.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NumbersRow {
    /// The day, in UTC.
    pub day: Day,
    /// The value: the name of a channel, a kind, a reason, an outcome or an agent. It is empty
    /// where there is none.
    pub value: String,
    /// How many were opened on this day.
    pub opened: u64,
    /// How many customers got their first answer on this day.
    pub answered: u64,
    /// How many were resolved on this day.
    pub resolved: u64,
    /// How many of the resolved ones no agent did anything about.
    pub unaided: u64,
    /// How long the first answers of this day took.
    pub to_answer: Histogram,
    /// How long the resolutions of this day took.
    pub to_resolution: Histogram,
}

impl NumbersRow {
    /// Nothing yet.
    #[must_use]
    pub fn empty(day: Day, value: String) -> Self {
        let (to_answer, to_resolution) = Default::default();
        Self { day, value, opened: 0, answered: 0, resolved: 0, unaided: 0, to_answer, to_resolution }
    }

    /// Adds the numbers of another day or value.
    pub fn add(&mut self, other: &Self) {
        self.opened += other.opened;
        self.answered += other.answered;
        self.resolved += other.resolved;
        self.unaided += other.unaided;
        self.to_answer.add(&other.to_answer);
        self.to_resolution.add(&other.to_resolution);
    }

    fn read(item: &Item) -> Option<Self> {
        let (day, _) = text(item, SK)?.split_once('#')?;
        let mut row = Self::empty(Day::parse(day).ok()?, text(item, "named")?.to_owned());
        for (name, count) in item {
            // A counter that is below zero for a moment counts nothing.
            let Some(count) = count.as_n().ok().and_then(|count| count.parse::<u64>().ok()) else { continue };
            match name.as_str() {
                "n_opened" => row.opened = count,
                "n_answered" => row.answered = count,
                "n_resolved" => row.resolved = count,
                "n_unaided" => row.unaided = count,
                name => {
                    let bucket = |prefix| name.strip_prefix(prefix).and_then(|bucket| bucket.parse().ok());
                    if let Some(bucket) = bucket(TO_ANSWER) {
                        row.to_answer.enter(bucket, count);
                    } else if let Some(bucket) = bucket(TO_RESOLUTION) {
                        row.to_resolution.enter(bucket, count);
                    }
                }
            }
        }
        Some(row)
    }
}

impl Store {
    /// The transaction that counts a dispute and its case as they are.
    pub(super) fn count_numbers(&self, seen: &Seen, token: &WriteToken) -> Result<Part, StoreError> {
        let before = seen.numbered.as_ref();
        let after = Numbered {
            dispute_version: seen.dispute.version,
            case_version: seen.case.as_ref().map_or(0, |case| case.version),
            kind: seen.kind,
            tally: Tally::of(seen),
        };
        let versions = before.map_or((0, 0), |before| (before.dispute_version, before.case_version));
        if versions.0 > after.dispute_version || versions.1 > after.case_version {
            return Ok(Part::Again);
        }
        if versions == (after.dispute_version, after.case_version) {
            return Ok(Part::Done);
        }
        let (number, mut builder) = (seen.dispute.number, TransactionBuilder::default());
        let marker = token.stamp(item(&keys::numbered(number), "numbered", &after)?);
        match before {
            Some(before) => {
                let condition = "dispute_version = :dispute AND case_version = :case";
                let seen = Item::from([
                    (":dispute".to_owned(), value(before.dispute_version)?),
                    (":case".to_owned(), value(before.case_version)?),
                ]);
                builder.put(self, WriteItem::Record, marker, condition, seen)?;
            }
            None => builder.create(self, WriteItem::Record, marker)?,
        }
        let cells = |numbered: &Numbered| numbered.tally.as_ref().map(|tally| tally.cells(numbered.kind));
        let mut changes = cells(&after).unwrap_or_default();
        for (cell, counts) in before.and_then(cells).unwrap_or_default() {
            let change = changes.entry(cell).or_default();
            for (name, count) in counts {
                *change.entry(name).or_default() -= count;
            }
        }
        for ((dimension, day, named), mut counts) in changes {
            counts.retain(|_, count| *count != 0);
            if counts.is_empty() {
                continue;
            }
            let key =
                keys::numbers(seen.dispute.facts.environment, dimension.name(), number.get() % SHARDS, day, &named);
            let mut values = Item::from([
                (":number".to_owned(), value("numbers")?),
                (":schema".to_owned(), value(1)?),
                (":named".to_owned(), value(&named)?),
            ]);
            let mut add = Vec::new();
            for (name, count) in counts {
                add.push(format!("{name} :{name}"));
                values.insert(format!(":{name}"), value(count)?);
            }
            let update = format!("ADD {} SET #item = :number, #schema = :schema, named = :named", add.join(", "));
            let condition = "attribute_not_exists(PK) OR #item = :number";
            builder.update(self, WriteItem::Record, &key, &update, condition, values)?;
        }
        Ok(Part::Write(builder))
    }

    /// The numbers of the days from `from` to `to`, both included, for each value of a dimension:
    /// one query for each of four shards. They are a few seconds old at most.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn numbers(
        &self,
        environment: Environment,
        dimension: Dimension,
        from: Day,
        to: Day,
    ) -> Result<Vec<NumbersRow>, StoreError> {
        let mut rows: BTreeMap<(Day, String), NumbersRow> = BTreeMap::new();
        if from > to {
            return Ok(Vec::new());
        }
        for shard in 0..SHARDS {
            let partition = keys::numbers_partition(environment, dimension.name(), shard);
            // `$` is the character after `#`: every value of the last day is before it.
            let values = Item::from([
                (":from".to_owned(), value(format!("{from}#"))?),
                (":to".to_owned(), value(format!("{to}$"))?),
            ]);
            for item in self.query_partition(&partition, " AND SK BETWEEN :from AND :to", values).await? {
                let Some(row) = NumbersRow::read(&item) else { continue };
                let key = (row.day, row.value.clone());
                rows.entry(key).or_insert_with(|| NumbersRow::empty(row.day, row.value.clone())).add(&row);
            }
        }
        Ok(rows.into_values().collect())
    }
}
