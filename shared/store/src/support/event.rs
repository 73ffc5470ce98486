//! The history of a support case: one entry for each step.

use recourse_dispute::event::PerformedBy;
use recourse_dispute::number::DisputeNumber;
use recourse_dispute::time::UnixMillis;
use recourse_support::decision::HistoryEntry;
use serde::{Deserialize, Serialize};

use crate::error::StoreError;
use crate::items::item;
use crate::transact::{TransactionBuilder, WriteItem};
use crate::{Store, WriteToken, keys};

/// One entry of a support case's history.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SupportEvent {
    /// The version of the case that it led to. A claim of work makes a version and no entry.
    pub version: u64,
    /// When.
    pub at: UnixMillis,
    /// Who.
    pub by: PerformedBy,
    /// What the step recorded, in its order.
    pub entries: Vec<HistoryEntry>,
    /// What it is about, as in `message 3`, `mail 551-500000007` and `provider attempt 2`.
    pub ids: Vec<String>,
    /// What a model says about the case, for agents alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

impl Store {
    /// Adds an entry to the history of a support case.
    pub(crate) fn record_support(
        &self,
        builder: &mut TransactionBuilder,
        number: DisputeNumber,
        event: &SupportEvent,
        token: &WriteToken,
    ) -> Result<(), StoreError> {
        let entry = item(&keys::support_event(number, event.version), "support_event", event)?;
        // Never rewritten, unlike the case, so it shows a write of this request after later
        // changes, too.
        builder.create(self, WriteItem::Record, token.stamp(entry))
    }
}
