//! A walk over several partitions of an index in one order, from a place that its last page names.
//!
//! **Invariant:** entries are ordered by their time, those of one time by their partition, and
//! those of one partition as the index orders them. So the time and the number of an entry are a
//! place. A page begins after it in every partition, however many entries have the same time, and
//! whether or not the entry is still there.

use std::cmp::Ordering;
use std::fmt;
use std::str::FromStr;

use recourse_dispute::number::DisputeNumber;
use recourse_dispute::time::UnixMillis;

use crate::Store;
use crate::error::StoreError;
use crate::items::{Item, text, value};
use crate::keys::{self, ItemKey, PK};
use crate::query::Order;

/// A place in the queue: after this entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct QueueCursor {
    /// The entry's time.
    pub due: UnixMillis,
    /// Whose it is.
    pub number: DisputeNumber,
}

/// As part of an address: `1764547200000.551`.
impl fmt::Display for QueueCursor {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}.{}", self.due.0, self.number)
    }
}

/// The text names no place in a queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("is no place in the queue")]
pub struct InvalidQueueCursor;

impl FromStr for QueueCursor {
    type Err = InvalidQueueCursor;

    fn from_str(text: &str) -> Result<Self, InvalidQueueCursor> {
        let (due, number) = text.split_once('.').ok_or(InvalidQueueCursor)?;
        let is_time = (1..=15).contains(&due.len()) && due.bytes().all(|byte| byte.is_ascii_digit());
        let due = due.parse().ok().filter(|_| is_time).map(UnixMillis).ok_or(InvalidQueueCursor)?;
        Ok(Self { due, number: number.parse().map_err(|_| InvalidQueueCursor)? })
    }
}

/// What is walked. A dispute's entries are in the partition at its number modulo their count.
pub(super) struct Walk {
    pub(super) index: &'static str,
    /// The names of the index's key attributes.
    pub(super) hash: &'static str,
    pub(super) range: &'static str,
    pub(super) partitions: Vec<String>,
    pub(super) order: Order,
    /// The items that are in it.
    pub(super) key: fn(DisputeNumber) -> ItemKey,
}

/// An entry of an index.
pub(super) struct Entry {
    pub(super) at: QueueCursor,
    pub(super) item: Item,
    partition: usize,
}

/// What was read of one partition.
struct Read {
    entries: Vec<Entry>,
    is_all: bool,
}

/// A stretch of a walk, without gaps.
pub(super) struct Stretch {
    pub(super) entries: Vec<Entry>,
    /// Up to where it goes; `None` where it is the rest of the walk.
    pub(super) until: Option<QueueCursor>,
}

impl Walk {
    fn partition_of(&self, number: DisputeNumber) -> usize {
        let count = u64::try_from(self.partitions.len()).unwrap_or(1).max(1);
        usize::try_from(number.get() % count).unwrap_or_default()
    }

    /// Where an entry is in the order.
    fn rank(&self, entry: &Entry) -> (i64, usize) {
        let due = entry.at.due.0;
        (if self.order == Order::OldestFirst { due } else { due.saturating_neg() }, entry.partition)
    }

    /// The condition, its values and the start of the query that reads the partition `at` after a
    /// place.
    fn query(&self, at: usize, after: Option<QueueCursor>) -> Result<(String, Item, Option<Item>), StoreError> {
        let name = self.partitions.get(at).map(String::as_str).unwrap_or_default();
        let mut values = Item::from([(":shard".to_owned(), value(name)?)]);
        let condition = format!("{} = :shard", self.hash);
        let Some(after) = after else { return Ok((condition, values, None)) };
        values.insert(":due".to_owned(), value(after.due)?);
        let own = self.partition_of(after.number);
        let comparison = match (at.cmp(&own), self.order) {
            (Ordering::Less, Order::OldestFirst) => ">",
            (Ordering::Less, Order::NewestFirst) => "<",
            (Ordering::Equal | Ordering::Greater, Order::OldestFirst) => ">=",
            (Ordering::Equal | Ordering::Greater, Order::NewestFirst) => "<=",
        };
        let from = if at == own {
            let mut key = (self.key)(after.number).attributes();
            key.extend([(self.hash.to_owned(), value(name)?), (self.range.to_owned(), value(after.due)?)]);
            Some(key)
        } else {
            None
        };
        Ok((format!("{condition} AND {} {comparison} :due", self.range), values, from))
    }

    fn entry(&self, partition: usize, item: Item) -> Option<Entry> {
        let number = keys::number_of(text(&item, PK)?)?;
        let due = serde_dynamo::from_attribute_value(item.get(self.range)?.clone()).ok()?;
        Some(Entry { at: QueueCursor { due, number }, item, partition })
    }

    /// Joins what was read of the partitions, up to where all of them were read.
    fn join(&self, reads: Vec<Read>) -> Stretch {
        let ends = reads.iter().filter(|read| !read.is_all).filter_map(|read| read.entries.last());
        let end = ends.map(|entry| (self.rank(entry), entry.at)).min_by_key(|(rank, _)| *rank);
        let mut entries: Vec<_> = reads.into_iter().flat_map(|read| read.entries).collect();
        entries.retain(|entry| end.is_none_or(|(end, _)| self.rank(entry) <= end));
        // Stable: within its partition, each stays where the index has it.
        entries.sort_by_key(|entry| self.rank(entry));
        Stretch { entries, until: end.map(|(_, at)| at) }
    }
}

impl Store {
    /// Reads at most `most` entries of each partition, at once.
    pub(super) async fn stretch(
        &self,
        walk: &Walk,
        after: Option<QueueCursor>,
        most: i32,
    ) -> Result<Stretch, StoreError> {
        let read = async |at| {
            let (condition, values, from) = walk.query(at, after)?;
            let (items, next) = self.query_index(walk.index, &condition, values, most, from, walk.order).await?;
            let entries = items.into_iter().filter_map(|item| walk.entry(at, item)).collect();
            Ok::<_, StoreError>(Read { entries, is_all: next.is_none() })
        };
        let reads = futures_util::future::try_join_all((0..walk.partitions.len()).map(read)).await?;
        Ok(walk.join(reads))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn walk(order: Order) -> Walk {
        let partitions = vec!["0".to_owned(), "1".to_owned()];
        Walk { index: "queue", hash: "shard", range: "due", partitions, order, key: keys::support_case }
    }

    fn read(partition: usize, entries: &[(i64, u64)], is_all: bool) -> Read {
        let entry = |&(due, number): &(i64, u64)| {
            let at = QueueCursor { due: UnixMillis(due), number: DisputeNumber::try_from(number).unwrap() };
            Entry { at, item: Item::new(), partition }
        };
        Read { entries: entries.iter().map(entry).collect(), is_all }
    }

    fn joined(order: Order, reads: Vec<Read>) -> (Vec<u64>, Option<String>) {
        let Stretch { entries, until } = walk(order).join(reads);
        (entries.iter().map(|entry| entry.at.number.get()).collect(), until.map(|until| until.to_string()))
    }

    #[test]
    fn a_stretch_ends_where_the_first_partition_was_not_read_further() {
        let reads = || vec![read(0, &[(1, 2), (5, 8), (5, 4)], false), read(1, &[(1, 7), (5, 1), (9, 3)], false)];
        assert_eq!(joined(Order::OldestFirst, reads()), (vec![2, 7, 8, 4], Some("5.4".to_owned())));
        let all = vec![read(0, &[(1, 2)], true), read(1, &[(0, 7), (1, 1), (9, 3)], true)];
        assert_eq!(joined(Order::OldestFirst, all), (vec![7, 2, 1, 3], None));
        let newest = vec![read(0, &[(9, 2), (5, 8)], false), read(1, &[(9, 7), (9, 1), (6, 3), (5, 5)], true)];
        assert_eq!(joined(Order::NewestFirst, newest), (vec![2, 7, 1, 3, 8], Some("5.8".to_owned())));
    }

    #[test]
    fn a_place_is_written_and_read() {
        let at = QueueCursor { due: UnixMillis(1_764_547_200_000), number: DisputeNumber::try_from(551).unwrap() };
        assert_eq!(at.to_string(), "1764547200000.551");
        assert_eq!("1764547200000.551".parse(), Ok(at));
        for text in ["", ".", "1.", ".1", "-1.1", "1.0", "1.01", "1.1.1", "+1.1", "1e3.1", "1234567890123456.1", "1.a"]
        {
            assert_eq!(text.parse::<QueueCursor>(), Err(InvalidQueueCursor), "{text}");
        }
    }
}
