//! Mails that are enqueued: claiming them, and storing the result.
//!
//! A mail is written in the transaction of the change that enqueues it, and stays with its dispute.
//! Until it is sent or given up, a sparse, sharded index holds it under the time at which it is
//! due. A mail that is given up or held back is in the same index, in shards of its own under the
//! time at which it ended, until an operator redrives it. A reminder that came too late is given up
//! and in no index. The worker claims a mail by a conditional write for a limited time before it
//! sends it. What it writes afterwards is conditional on that claim, so a worker that was too slow
//! changes nothing.

mod index;
mod mail;
mod thread;

use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::types::ReturnValuesOnConditionCheckFailure;
use recourse_dispute::addresses::Recipients;
use recourse_dispute::dispute::Dispute;
use recourse_dispute::event::HistoryEntry;
use recourse_dispute::notification::Notification;
use recourse_dispute::number::DisputeNumber;
use recourse_dispute::time::UnixMillis;

use crate::claim::{CLAIMED_BY, Claimable};
use crate::error::{StoreError, updated};
use crate::items::{Item, body, item, value};
use crate::query::take;
use crate::transact::{TransactionBuilder, WriteItem};
use crate::{AuditContext, Retention, Store, WriteToken, keys};

pub use index::Waiting;
pub use mail::{Counted, MailId, MailState, OutboxMail, Redriven};
pub use thread::Thread;

use index::shard;

/// How mails are claimed.
const MAILS: Claimable<MailState> = Claimable {
    state: "mail_state",
    claims: "attempts",
    due: "outbox_due",
    waiting: MailState::Pending,
    claimed: MailState::Sending,
    and_set: ", changed_at = :now",
};

/// How many mails one read gets.
const MAX_MAILS: usize = 100;

/// A mail, or what keeps it from being read.
pub type ReadMail = (MailId, Result<OutboxMail, StoreError>);

/// What became of an operator's redrive of a mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RedriveOutcome {
    /// The mail waits to be sent; the next sweep sends it.
    Waits,
    /// It is not as the operator saw it: somebody else changed it, or it is neither given up nor
    /// held back.
    VersionConflict,
}

/// A mail that this worker has claimed, until the lease ends.
#[derive(Clone, Debug)]
pub struct ClaimedMail {
    /// The mail.
    pub mail: OutboxMail,
    owner: WriteToken,
}

/// What became of a claim.
#[derive(Clone, Debug)]
pub enum ClaimOutcome {
    /// The caller has the claim.
    Claimed(Box<ClaimedMail>),
    /// Another worker has claimed it, or it is not due, done, or not there.
    ClaimedByOther,
}

/// What became of noting how a claim ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MailEnd {
    /// It is stored.
    Noted,
    /// Nothing is written: another worker has the claim, or this worker stored the result before in
    /// a call whose answer was lost.
    ClaimedByOther,
}

/// How a claim ended.
enum End<'a> {
    Over { state: MailState, message_id: Option<&'a str>, reason: Option<&'a str> },
    Dropped { reason: &'a str },
    Later { due: UnixMillis, reason: &'a str },
}

impl Store {
    /// Adds the mails about an event, which led to `dispute`.
    pub(crate) fn enqueue_notifications(
        &self,
        builder: &mut TransactionBuilder,
        dispute: &Dispute,
        event: &HistoryEntry,
        parties: Option<&Recipients>,
        now: UnixMillis,
    ) -> Result<(), StoreError> {
        for notification in dispute.notifications(event, parties) {
            let id = MailId { number: dispute.number, version: dispute.version, audience: notification.audience };
            self.enqueue(builder, id, notification, now)?;
        }
        Ok(())
    }

    /// Adds a mail that waits to be sent.
    pub(crate) fn enqueue(
        &self,
        builder: &mut TransactionBuilder,
        id: MailId,
        notification: Notification,
        now: UnixMillis,
    ) -> Result<(), StoreError> {
        let mail = OutboxMail {
            id,
            notification,
            mail_state: MailState::Pending,
            enqueued_at: now,
            attempts: 0,
            attempts_since_redrive: 0,
            unanswered: 0,
            changed_at: now,
            message_id: None,
            reason: None,
            left_out: Vec::new(),
            counted: None,
            redriven: Vec::new(),
        };
        let mut enqueued = item(&keys::mail(id), "mail", &mail)?;
        enqueued.insert("outbox_shard".to_owned(), value(shard(MailState::Pending, id))?);
        enqueued.insert("outbox_due".to_owned(), value(now)?);
        if id.number == DisputeNumber::NO_CASE {
            Retention::expire(&mut enqueued, self.retention.mails_without_case, now)?;
        }
        builder.create(self, WriteItem::Record, enqueued)
    }

    /// Claims a mail for `lease_ms`: one that waits and is due, or whose last claim ran out. A mail
    /// that was never tried is always due. `owner` is fresh for every claim, which counts as one
    /// attempt.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn claim(
        &self,
        id: MailId,
        owner: &WriteToken,
        now: UnixMillis,
        lease_ms: i64,
    ) -> Result<ClaimOutcome, StoreError> {
        let key = keys::mail(id);
        let claimed = self.claim_item(&self.tables.disputes, &key, &MAILS, owner, now, lease_ms).await?;
        let Some(claimed) = claimed else { return Ok(ClaimOutcome::ClaimedByOther) };
        Ok(ClaimOutcome::Claimed(Box::new(ClaimedMail { mail: body(claimed)?, owner: owner.clone() })))
    }

    /// Stores that SES has taken a mail, and whom it left out.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn sent(&self, claimed: &ClaimedMail, message_id: &str, now: UnixMillis) -> Result<MailEnd, StoreError> {
        self.end(claimed, End::Over { state: MailState::Sent, message_id: Some(message_id), reason: None }, now).await
    }

    /// Gives a mail up.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn dead(&self, claimed: &ClaimedMail, reason: &str, now: UnixMillis) -> Result<MailEnd, StoreError> {
        self.end(claimed, End::Over { state: MailState::Dead, message_id: None, reason: Some(reason) }, now).await
    }

    /// Gives up a mail that is not to be sent any more, because its subject is over. It is in no
    /// list of mails that need an operator.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn dropped(&self, claimed: &ClaimedMail, reason: &str, now: UnixMillis) -> Result<MailEnd, StoreError> {
        self.end(claimed, End::Dropped { reason }, now).await
    }

    /// Holds a mail back for a cap.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn held(&self, claimed: &ClaimedMail, reason: &str, now: UnixMillis) -> Result<MailEnd, StoreError> {
        self.end(claimed, End::Over { state: MailState::Held, message_id: None, reason: Some(reason) }, now).await
    }

    /// Puts a mail back to be sent later. It stays counted under its caps.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn later(
        &self,
        claimed: &ClaimedMail,
        due: UnixMillis,
        reason: &str,
        now: UnixMillis,
    ) -> Result<MailEnd, StoreError> {
        self.end(claimed, End::Later { due, reason }, now).await
    }

    /// Writes how a claim ended, unless another worker has claimed the mail since and will write
    /// the end itself.
    async fn end(&self, claimed: &ClaimedMail, end: End<'_>, now: UnixMillis) -> Result<MailEnd, StoreError> {
        let mail = &claimed.mail;
        let (condition, mut values) = MAILS.held(&claimed.owner)?;
        values.insert(":now".to_owned(), value(now)?);
        let mut set = vec!["mail_state = :state", "changed_at = :now"];
        let mut remove = vec![CLAIMED_BY];
        let (state, reason) = match end {
            End::Over { state, message_id, reason } => {
                if state == MailState::Sent {
                    remove.extend(["outbox_shard", "outbox_due"]);
                } else {
                    set.extend(["outbox_shard = :shard", "outbox_due = :now"]);
                    values.insert(":shard".to_owned(), value(shard(state, mail.id))?);
                }
                if let Some(message_id) = message_id {
                    set.push("message_id = :message_id");
                    values.insert(":message_id".to_owned(), value(message_id)?);
                }
                (state, reason)
            }
            End::Dropped { reason } => {
                remove.extend(["outbox_shard", "outbox_due"]);
                (MailState::Dead, Some(reason))
            }
            End::Later { due, reason } => {
                set.push("outbox_due = :due");
                values.insert(":due".to_owned(), value(due)?);
                (MailState::Pending, Some(reason))
            }
        };
        values.insert(":state".to_owned(), value(state)?);
        let left_out = Some(&mail.left_out).filter(|left_out| state == MailState::Sent && !left_out.is_empty());
        // A mail that does not go out does not count under its caps.
        let may_be_out = mail.unanswered > 0 || !matches!(state, MailState::Held | MailState::Dead);
        let counted = mail.counted.as_ref().filter(|_| may_be_out);
        let some = |count: u32| (count > 0).then(|| value(count)).transpose();
        for (name, setting, is) in [
            (
                "attempts_since_redrive",
                "attempts_since_redrive = :attempts_since_redrive",
                some(mail.attempts_since_redrive)?,
            ),
            ("unanswered", "unanswered = :unanswered", some(mail.unanswered)?),
            ("reason", "reason = :reason", reason.map(value).transpose()?),
            ("left_out", "left_out = :left_out", left_out.map(value).transpose()?),
            ("counted", "counted = :counted", counted.map(value).transpose()?),
        ] {
            match is {
                Some(is) => {
                    set.push(setting);
                    values.insert(format!(":{name}"), is);
                }
                None => remove.push(name),
            }
        }
        let sent = self
            .client
            .update_item()
            .table_name(&self.tables.disputes)
            .set_key(Some(keys::mail(claimed.mail.id).attributes()))
            .update_expression(format!("SET {} REMOVE {}", set.join(", "), remove.join(", ")))
            .condition_expression(condition)
            .set_expression_attribute_values(Some(values))
            .send()
            .await;
        Ok(if updated(sent)? { MailEnd::Noted } else { MailEnd::ClaimedByOther })
    }

    /// A mail.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn mail(&self, id: MailId) -> Result<Option<OutboxMail>, StoreError> {
        self.get(&keys::mail(id)).await
    }

    /// Those of these mails that exist, in this order: one read for each hundred. What is wrong
    /// with one mail is the result of that mail alone.
    ///
    /// # Errors
    /// [`StoreError`] where the mails cannot be read at all.
    pub async fn mails(&self, ids: &[MailId]) -> Result<Vec<ReadMail>, StoreError> {
        let mut mails = Vec::with_capacity(ids.len());
        for ids in ids.chunks(MAX_MAILS) {
            let keys: Vec<_> = ids.iter().map(|id| keys::mail(*id)).collect();
            let mut found = self.batch(&keys).await?;
            mails.extend(ids.iter().zip(&keys).filter_map(|(id, key)| Some((*id, body(take(&mut found, key)?)))));
        }
        Ok(mails)
    }

    /// Has a mail that is given up or held back sent again, if its state is still that of `mail`.
    /// It is not counted under its caps again, because an operator decided.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn redrive(&self, mail: &OutboxMail, audit: &AuditContext) -> Result<RedriveOutcome, StoreError> {
        if !matches!(mail.mail_state, MailState::Dead | MailState::Held) {
            return Ok(RedriveOutcome::VersionConflict);
        }
        let AuditContext { by, at, why } = audit.clone();
        let redriven = Redriven { at, by: by.name, why, was: mail.mail_state, reason: mail.reason.clone() };
        let sent = self
            .client
            .update_item()
            .table_name(&self.tables.disputes)
            .set_key(Some(keys::mail(mail.id).attributes()))
            .update_expression(
                "SET mail_state = :pending, changed_at = :now, outbox_shard = :shard, outbox_due = :now, \
                 redriven = list_append(if_not_exists(redriven, :none), :one) REMOVE attempts_since_redrive, unanswered",
            )
            .condition_expression("mail_state = :was AND changed_at = :since")
            .set_expression_attribute_values(Some(Item::from([
                (":pending".to_owned(), value(MailState::Pending)?),
                (":now".to_owned(), value(at)?),
                (":shard".to_owned(), value(shard(MailState::Pending, mail.id))?),
                (":none".to_owned(), value(Vec::<Redriven>::new())?),
                (":one".to_owned(), value([&redriven])?),
                (":was".to_owned(), value(mail.mail_state)?),
                (":since".to_owned(), value(mail.changed_at)?),
            ])))
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .send()
            .await;
        let Err(error) = sent else { return Ok(RedriveOutcome::Waits) };
        match error.as_service_error() {
            // This order is stored where its answer was lost and the SDK sent it again.
            Some(UpdateItemError::ConditionalCheckFailedException(refused)) => Ok(match refused.item() {
                Some(existing) if body::<OutboxMail>(existing.clone())?.redriven.last() == Some(&redriven) => {
                    RedriveOutcome::Waits
                }
                _ => RedriveOutcome::VersionConflict,
            }),
            _ => Err(StoreError::from_sdk("UpdateItem", &error)),
        }
    }
}
