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
pub(super) struct Read {
    partition: usize,
    /// The condition of its queries, and the condition's values.
    condition: String,
    values: Item,
    /// The key after which the next query begins; none where that is the first one.
    from: Option<Item>,
    is_all: bool,
    /// The last entry that was looked at.
    last: Option<QueueCursor>,
    /// The entries. Those that nobody wants may be taken out.
    pub(super) entries: Vec<Entry>,
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

    /// Where an entry of a partition is in the order.
    fn rank(&self, at: QueueCursor, partition: usize) -> (i64, usize) {
        let due = at.due.0;
        (if self.order == Order::OldestFirst { due } else { due.saturating_neg() }, partition)
    }

    /// Every partition after a place, before anything of it is read.
    pub(super) fn begin(&self, after: Option<QueueCursor>) -> Result<Vec<Read>, StoreError> {
        let partitions = self.partitions.iter().enumerate();
        partitions.map(|(at, name)| self.begin_one(at, name, after)).collect()
    }

    fn begin_one(&self, at: usize, name: &str, after: Option<QueueCursor>) -> Result<Read, StoreError> {
        let values = Item::from([(":shard".to_owned(), value(name)?)]);
        let condition = format!("{} = :shard", self.hash);
        let mut read =
            Read { partition: at, condition, values, from: None, is_all: false, last: None, entries: Vec::new() };
        let Some(after) = after else { return Ok(read) };
        read.values.insert(":due".to_owned(), value(after.due)?);
        let own = self.partition_of(after.number);
        let comparison = match (at.cmp(&own), self.order) {
            (Ordering::Less, Order::OldestFirst) => ">",
            (Ordering::Less, Order::NewestFirst) => "<",
            (Ordering::Equal | Ordering::Greater, Order::OldestFirst) => ">=",
            (Ordering::Equal | Ordering::Greater, Order::NewestFirst) => "<=",
        };
        if at == own {
            let mut key = (self.key)(after.number).attributes();
            key.extend([(self.hash.to_owned(), value(name)?), (self.range.to_owned(), value(after.due)?)]);
            read.from = Some(key);
        }
        read.condition = format!("{} AND {} {comparison} :due", read.condition, self.range);
        Ok(read)
    }

    fn entry(&self, partition: usize, item: Item) -> Option<Entry> {
        let number = keys::number_of(text(&item, PK)?)?;
        let due = serde_dynamo::from_attribute_value(item.get(self.range)?.clone()).ok()?;
        Some(Entry { at: QueueCursor { due, number }, item, partition })
    }

    /// Up to where every partition was read; `None` where all were read to their ends.
    fn end(&self, reads: &[Read]) -> Option<((i64, usize), QueueCursor)> {
        let open = reads.iter().filter(|read| !read.is_all);
        let ends = open.filter_map(|read| read.last.map(|last| (self.rank(last, read.partition), last)));
        ends.min_by_key(|(rank, _)| *rank)
    }

    /// Whether there is nothing more to read, or there are `count` entries up to where every
    /// partition was read.
    pub(super) fn is_enough(&self, reads: &[Read], count: usize) -> bool {
        let Some((end, _)) = self.end(reads) else { return true };
        let entries = reads.iter().flat_map(|read| &read.entries);
        entries.filter(|entry| self.rank(entry.at, entry.partition) <= end).count() >= count
    }

    /// Joins what was read of the partitions, up to where all of them were read.
    pub(super) fn join(&self, reads: Vec<Read>) -> Stretch {
        let end = self.end(&reads);
        let mut entries: Vec<_> = reads.into_iter().flat_map(|read| read.entries).collect();
        entries.retain(|entry| end.is_none_or(|(end, _)| self.rank(entry.at, entry.partition) <= end));
        // Stable: within its partition, each stays where the index has it.
        entries.sort_by_key(|entry| self.rank(entry.at, entry.partition));
        Stretch { entries, until: end.map(|(_, at)| at) }
    }
}

impl Store {
    /// Reads at most `most` further entries of each partition that has more, at once.
    pub(super) async fn look(&self, walk: &Walk, reads: Vec<Read>, most: i32) -> Result<Vec<Read>, StoreError> {
        futures_util::future::try_join_all(reads.into_iter().map(|read| self.look_on(walk, read, most))).await
    }

    async fn look_on(&self, walk: &Walk, mut read: Read, most: i32) -> Result<Read, StoreError> {
        if read.is_all {
            return Ok(read);
        }
        let (from, values) = (read.from.take(), read.values.clone());
        let (items, next) = self.query_index(walk.index, &read.condition, values, most, from, walk.order).await?;
        let entries: Vec<_> = items.into_iter().filter_map(|item| walk.entry(read.partition, item)).collect();
        read.last = entries.last().map(|entry| entry.at).or(read.last);
        read.entries.extend(entries);
        (read.is_all, read.from) = (next.is_none(), next);
        Ok(read)
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
        let entries: Vec<_> = entries.iter().map(entry).collect();
        let last = entries.last().map(|entry| entry.at);
        Read { partition, condition: String::new(), values: Item::new(), from: None, is_all, last, entries }
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

    /// What is taken out was looked at all the same.
    #[test]
    fn a_stretch_goes_as_far_as_was_looked() {
        let order = Order::OldestFirst;
        let mut reads = vec![read(0, &[(1, 2), (5, 8), (7, 4)], false), read(1, &[(1, 7), (5, 1), (9, 3)], false)];
        for (count, is_enough) in [(5, true), (6, false)] {
            assert_eq!(walk(order).is_enough(&reads, count), is_enough, "{count}");
        }
        for read in &mut reads {
            read.entries.retain(|entry| entry.at.due.0 == 1);
        }
        assert!(walk(order).is_enough(&reads, 2) && !walk(order).is_enough(&reads, 3));
        assert_eq!(joined(order, reads), (vec![2, 7], Some("7.4".to_owned())));
        assert!(walk(order).is_enough(&[read(0, &[], true), read(1, &[(1, 7)], true)], 50), "there is no more");
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
