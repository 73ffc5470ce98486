//! The history of a support case: one entry for each step.

use recourse_dispute::event::PerformedBy;
use recourse_dispute::number::DisputeNumber;
use recourse_dispute::time::UnixMillis;
use recourse_support::decision::HistoryEntry;
use serde::{Deserialize, Serialize};

use crate::error::StoreError;
use crate::items::{Item, item, value};
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
    /// What a model says about the case, or the note that an agent left. Agents alone read it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// What happened to a support case after a version of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StepsSince {
    /// How many steps the history has. A claim of work is none.
    pub steps: usize,
    /// Whether the write of a token is among them.
    pub wrote: bool,
}

impl Store {
    /// The steps of a support case after `version`, and whether `token` wrote one of them: one
    /// query. The history is never rewritten, so a write is recognised for good.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn steps_since(
        &self,
        number: DisputeNumber,
        version: u64,
        token: &WriteToken,
    ) -> Result<StepsSince, StoreError> {
        let (from, to) =
            (keys::support_event(number, version.saturating_add(1)), keys::support_event(number, u64::MAX));
        let range = Item::from([(":from".to_owned(), value(from.sk)?), (":to".to_owned(), value(to.sk)?)]);
        let items = self.query_partition(&from.pk, " AND SK BETWEEN :from AND :to", range).await?;
        Ok(StepsSince { steps: items.len(), wrote: items.iter().any(|item| token.wrote(Some(item))) })
    }

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
