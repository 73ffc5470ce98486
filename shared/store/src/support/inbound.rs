//! What became of received mails: each object once, and each Message-ID of one sender once in a
//! case.

use std::fmt;

use recourse_dispute::notification::Notification;
use recourse_dispute::number::DisputeNumber;
use recourse_dispute::time::UnixMillis;
use serde::{Deserialize, Serialize};

use crate::error::StoreError;
use crate::items::{Item, item, value};
use crate::transact::{FailedCondition, TransactOutcome, TransactionBuilder, WriteItem};
use crate::{MailId, Store, WriteToken, keys};

/// A received mail that a step of a case comes from. Debug shows nothing that its sender wrote.
#[derive(Clone, PartialEq, Eq)]
pub struct Received {
    /// The key of the object with the whole mail.
    pub object_key: String,
    /// The sender's address, in any case.
    pub sender: String,
    /// The mail's Message-ID, with its brackets. For a mail without one, the caller takes a digest
    /// of the whole mail.
    pub message_id: String,
    /// What becomes of the mail.
    pub outcome: InboundOutcome,
}

/// What became of a received mail.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InboundOutcome {
    /// When.
    pub at: UnixMillis,
    /// The outcome, as the log names it.
    pub outcome: String,
    /// The case that it belongs to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub number: Option<DisputeNumber>,
    /// What kind of mail it is.
    pub class: String,
}

impl fmt::Debug for Received {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Received").field("outcome", &self.outcome).finish_non_exhaustive()
    }
}

impl Received {
    /// The item that shows that the case has received the mail.
    pub(super) fn mark(&self, number: DisputeNumber, token: &WriteToken) -> Result<Item, StoreError> {
        let key = keys::received(number, &self.sender, &self.message_id);
        Ok(token.stamp(item(&key, "received", &serde_json::json!({ "object": self.object_key }))?))
    }
}

impl InboundOutcome {
    /// The item that shows what became of an object.
    pub(super) fn item(&self, object_key: &str, token: &WriteToken) -> Result<Item, StoreError> {
        let mut stored = item(&keys::inbound(object_key), "inbound", self)?;
        stored.insert("object".to_owned(), value(object_key)?);
        Ok(token.stamp(stored))
    }
}

impl Store {
    /// What became of a received object; `None` while nothing did.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn inbound_outcome(&self, object_key: &str) -> Result<Option<InboundOutcome>, StoreError> {
        self.get(&keys::inbound(object_key)).await
    }

    /// Records what became of an object that changes no case, and enqueues the mail about it where
    /// there is one. A mail that is enqueued already, as [`MailId::no_case`] of the same day is, is
    /// not enqueued again. Returns whether the object is recorded by this call: `false` means that
    /// it was before.
    ///
    /// # Errors
    /// [`StoreError`]. Where it is temporary, the object may have been recorded.
    pub async fn record_inbound(
        &self,
        object_key: &str,
        outcome: &InboundOutcome,
        mut mail: Option<(MailId, &Notification)>,
        mut token: impl FnMut() -> WriteToken,
        now: UnixMillis,
    ) -> Result<bool, StoreError> {
        loop {
            let token = token();
            let mut builder = TransactionBuilder::default();
            builder.create(self, WriteItem::Received, outcome.item(object_key, &token)?)?;
            if let Some((id, notification)) = mail {
                self.enqueue(&mut builder, id, notification.clone(), now)?;
            }
            match self.transact(&token, builder).await? {
                TransactOutcome::Done => return Ok(true),
                TransactOutcome::Refused(FailedCondition { item: WriteItem::Received, .. }) => return Ok(false),
                TransactOutcome::Refused(failed) if mail.take().is_none() => {
                    return Err(failed.impossible(format!("recording {}", keys::inbound(object_key))));
                }
                TransactOutcome::Refused(_) => {}
            }
        }
    }
}
