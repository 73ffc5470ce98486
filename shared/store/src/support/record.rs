//! All that is on record of a case.

use recourse_dispute::number::DisputeNumber;

use super::case::CaseFile;
use super::event::SupportEvent;
use super::message::Message;
use crate::error::StoreError;
use crate::items::{body, text};
use crate::keys::{MESSAGES, SK, SUPPORT_CASE, SUPPORT_EVENTS};
use crate::query::keep;
use crate::read::record_from;
use crate::{DisputeRecord, Store, keys};

/// A dispute and its case, with all that is on record of both.
#[derive(Clone, Debug)]
pub struct CaseRecord {
    /// The dispute's record. Its `unread` names messages and entries of the case's history, too.
    pub record: DisputeRecord,
    /// The case; `None` where nothing was written of it yet.
    pub case: Option<CaseFile>,
    /// The case's history, oldest first.
    pub history: Vec<SupportEvent>,
    /// The messages, in their order.
    pub messages: Vec<Message>,
}

impl Store {
    /// A dispute and its case, in one query.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn case_record(&self, number: DisputeNumber) -> Result<Option<CaseRecord>, StoreError> {
        let items = self.partition(&keys::dispute_partition(number), None).await?;
        let (Some(mut record), rest) = record_from(items)? else { return Ok(None) };
        let (mut case, mut history, mut messages) = (None, Vec::new(), Vec::new());
        for item in rest {
            match text(&item, SK) {
                Some(SUPPORT_CASE) => case = Some(body(item)?),
                Some(sk) if sk.starts_with(SUPPORT_EVENTS) => keep(item, &mut history, &mut record.unread),
                Some(sk) if sk.starts_with(MESSAGES) => keep(item, &mut messages, &mut record.unread),
                _ => {}
            }
        }
        Ok(Some(CaseRecord { record, case, history, messages }))
    }
}
