//! Lists of cases, for agents and operators.

use std::collections::BTreeSet;

use recourse_dispute::number::DisputeNumber;

use super::case::CaseFile;
use crate::deadlines::{INDEX, Overdue, RESOLVED, SUPPORT, partitions};
use crate::error::StoreError;
use crate::items::{Item, body, text, value};
use crate::keys::PK;
use crate::query::Order;
use crate::{Store, keys};

/// How many cases one read gets.
const BATCH: usize = 100;

/// Which cases a list has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CaseFilter {
    /// Those with something to come, the first to be due first. A resolved case whose last mail
    /// waits for its hour is among them.
    Open,
    /// Those that are resolved, the last one resolved first.
    Resolved,
}

/// Some cases, in the order of their filter.
#[derive(Clone, Debug, Default)]
pub struct CaseList {
    /// The cases as they are stored. The index may be a moment behind them.
    pub cases: Vec<CaseFile>,
    /// Those that this release cannot read.
    pub unread: Vec<DisputeNumber>,
}

impl Store {
    /// At most `limit` cases. A case whose dispute was closed since the last step of its process is
    /// still among the open ones, and [`CaseFile::effective`] shows it as resolved.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn support_cases(&self, filter: CaseFilter, limit: usize) -> Result<CaseList, StoreError> {
        let mut found = Vec::new();
        let (prefix, order) = match filter {
            CaseFilter::Open => (SUPPORT, Order::OldestFirst),
            CaseFilter::Resolved => (RESOLVED, Order::NewestFirst),
        };
        for partition in partitions(prefix) {
            found.extend(self.indexed_cases(&partition, limit, order).await?);
        }
        match order {
            Order::OldestFirst => found.sort_by_key(|entry| (entry.since, entry.number)),
            Order::NewestFirst => found.sort_by_key(|entry| std::cmp::Reverse((entry.since, entry.number))),
        }
        // A case that moves while the index is read may be there twice.
        let mut numbers = BTreeSet::new();
        found.retain(|entry| numbers.insert(entry.number));
        found.truncate(limit);
        let mut list = CaseList::default();
        for entries in found.chunks(BATCH) {
            let wanted: Vec<_> = entries.iter().map(|entry| keys::support_case(entry.number)).collect();
            for item in self.batch(&wanted).await? {
                let number = text(&item, PK).and_then(keys::number_of);
                match (body(item), number) {
                    (Ok(case), _) => list.cases.push(case),
                    (Err(_), Some(number)) => list.unread.push(number),
                    (Err(error), None) => return Err(error),
                }
            }
        }
        list.cases.sort_by_cached_key(|case| found.iter().position(|entry| entry.number == case.number));
        Ok(list)
    }

    /// At most `limit` entries of one partition.
    async fn indexed_cases(&self, partition: &str, limit: usize, order: Order) -> Result<Vec<Overdue>, StoreError> {
        let (mut found, mut from) = (Vec::new(), None);
        while found.len() < limit {
            let values = Item::from([(":shard".to_owned(), value(partition)?)]);
            let left = i32::try_from(limit - found.len()).unwrap_or(i32::MAX);
            let page = self.query_index(INDEX, "deadline_shard = :shard", values, left, from, order);
            let (items, next) = page.await?;
            found.extend(items.into_iter().filter_map(Overdue::of));
            from = next;
            if from.is_none() {
                break;
            }
        }
        Ok(found)
    }
}
