//! Making a case due whose dispute was closed from outside of the support process.
//!
//! Closing a dispute does not write its case. The deadline worker finds such a case by itself, but
//! only when it is due, which may be days later. Here it becomes due at once: its place in the
//! index changes, and nothing else of it.

use recourse_dispute::time::UnixMillis;

use super::{Part, Seen};
use crate::deadlines::{DUE, SHARD};
use crate::error::StoreError;
use crate::item_change::ItemChange;
use crate::items::value;
use crate::transact::{TransactionBuilder, WriteItem};
use crate::{Store, WriteToken};

impl Store {
    /// The transaction that makes a case due because its dispute was closed.
    pub(super) fn wake_ended(&self, seen: &Seen, _: &WriteToken) -> Result<Part, StoreError> {
        let (dispute, support) = (&seen.dispute, seen.case.as_ref().and_then(|case| case.support.as_ref()));
        let is_news = support.is_some_and(|support| support.dispute_open) && !dispute.state.is_open();
        let Some(stored) = seen.stored_case.as_ref().filter(|stored| is_news && stored.contains_key(SHARD)) else {
            return Ok(Part::Done);
        };
        let due = stored.get(DUE).cloned();
        let due = due.and_then(|due| serde_dynamo::from_attribute_value::<_, UnixMillis>(due).ok());
        if due.is_some_and(|due| due <= dispute.state_since) {
            return Ok(Part::Done);
        }
        let mut after = stored.clone();
        after.insert(DUE.to_owned(), value(dispute.state_since)?);
        let Some(change) = ItemChange::between(stored, after, &["version"]) else { return Ok(Part::Done) };
        let mut builder = TransactionBuilder::default();
        builder.replace(self, WriteItem::Support, &change)?;
        Ok(Part::Write(builder))
    }
}
