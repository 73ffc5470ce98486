//! Opening a dispute: one transaction over both tables.
//!
//! Its writes, in order of rank: the request's nonce or idempotence key, the transaction's status,
//! the lock on the transaction, the dispute, its link from the transaction, its place in every
//! party's list, its first event, its mails, its support case. Either all of them are written or
//! none.
//!
//! A live dispute takes the active-dispute lock. A draft takes a lock of its opener alone, and is
//! refused where the active-dispute lock is taken.
//!
//! **Invariant:** this transaction never contains a counter. An item that every request of a client
//! writes would make those requests conflict.

use aws_sdk_dynamodb::types::TransactWriteItem;
use recourse_dispute::addresses::Recipients;
use recourse_dispute::channel::Channel;
use recourse_dispute::dispute::Dispute;
use recourse_dispute::event::PerformedBy;
use recourse_dispute::ids::AccountId;
use recourse_dispute::lifecycle::Lock;
use recourse_dispute::number::DisputeNumber;
use recourse_dispute::time::UnixMillis;
use recourse_dispute::transaction::{Facts, Status};
use serde::{Deserialize, Serialize};

use crate::error::StoreError;
use crate::items::{Item, body, fields, item, keyed, text, value};
use crate::keys::ItemKey;
use crate::lists::{self, DisputeSummary};
use crate::transact::{FailedCondition, TransactOutcome, TransactionBuilder, WriteItem};
use crate::{CaseFile, NoGuard, RequestGuard, Store, SupportEvent, WriteToken, deadlines, keys};

/// All that one opening writes.
#[derive(Clone, Debug)]
pub struct Opening<G = NoGuard> {
    /// The dispute in its initial state, with version 1.
    pub dispute: Dispute,
    /// Who opens it.
    pub by: PerformedBy,
    /// The status that the transaction must have, or the dispute is not opened.
    pub transaction_is: Status,
    /// The registered addresses of the transaction's parties, who are notified of it.
    pub parties: Option<Recipients>,
    /// What the request uses up.
    pub guard: G,
    /// The support case that begins with it, and the first entry of that case's history.
    pub support: Option<(CaseFile, SupportEvent)>,
}

impl<G> Opening<G> {
    /// An opening about a completed transaction, of which no party is notified.
    pub const fn new(dispute: Dispute, by: PerformedBy, guard: G) -> Self {
        Self { dispute, by, transaction_is: Status::Succesful, parties: None, guard, support: None }
    }

    /// Whether the dispute begins as the table of the channels has it: who opens it, in which
    /// category and in which state.
    #[must_use]
    pub fn is_of_its_channel(&self) -> bool {
        let (dispute, policy) = (&self.dispute, self.dispute.channel.policy());
        policy.openers.contains(&self.by.actor)
            && policy.categories.contains(&dispute.category)
            && policy.initial_states.contains(&dispute.state)
    }
}

/// What became of an opening.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OpenOutcome<R> {
    /// All of it is written; the dispute as it is, with the deadline that the store fixed.
    Opened(Box<Dispute>),
    /// The request's guard refuses it.
    Guarded(R),
    /// The transaction has this status.
    NotDisputable(Status),
    /// A dispute of the transaction is live already. For a draft, this is also the answer where its
    /// opener has another draft.
    Duplicate(LiveDispute),
    /// Another dispute has the number that was drawn: draw again.
    NumberTaken,
}

/// The dispute that holds a lock on a transaction.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LiveDispute {
    /// Its number; `number` is a reserved word of DynamoDB's expressions.
    #[serde(rename = "dispute")]
    pub number: DisputeNumber,
    /// The API it came through.
    pub channel: Channel,
    /// The account that opened it.
    pub opener: AccountId,
}

impl Store {
    /// Opens a dispute.
    ///
    /// # Errors
    /// [`StoreError`]. Where it is temporary, the dispute may have been opened; the client's retry
    /// is then a duplicate.
    pub async fn open<G: RequestGuard>(
        &self,
        opening: &Opening<G>,
        token: &WriteToken,
        now: UnixMillis,
    ) -> Result<OpenOutcome<G::Outcome>, StoreError> {
        let (dispute, builder) = self.opening(opening, token, now)?;
        match self.transact(token, builder).await? {
            TransactOutcome::Done => Ok(OpenOutcome::Opened(Box::new(dispute))),
            TransactOutcome::Refused(failed) => not_opened::<G>(&dispute, failed),
        }
    }

    /// The writes that [`Self::open`] sends, in their order. Nothing is sent: `make bench` measures
    /// by it what a report takes without DynamoDB.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn opening_writes<G: RequestGuard>(
        &self,
        opening: &Opening<G>,
        token: &WriteToken,
        now: UnixMillis,
    ) -> Result<Vec<TransactWriteItem>, StoreError> {
        Ok(self.opening(opening, token, now)?.1.into_writes())
    }

    /// The dispute as it is stored, and the transaction that opens it.
    fn opening<G: RequestGuard>(
        &self,
        opening: &Opening<G>,
        token: &WriteToken,
        now: UnixMillis,
    ) -> Result<(Dispute, TransactionBuilder), StoreError> {
        let mut dispute = opening.dispute.clone();
        dispute.deadline = dispute.deadline_under(&self.deadlines);
        let (environment, trxid) = (dispute.facts.environment, &dispute.facts.trxid);
        let mut builder = TransactionBuilder::default();
        builder.guard(self, &opening.guard, token, now)?;
        let status = Item::from([(":status".to_owned(), value(opening.transaction_is)?)]);
        let transaction = keys::transaction(environment, trxid);
        builder.check(self, WriteItem::Transaction, &transaction, "transaction_status = :status", status)?;
        match dispute.state.lock() {
            Some(Lock::Active) => builder.create(self, WriteItem::ActiveLock, self.active_lock(&dispute, token)?)?,
            Some(Lock::Draft) => {
                let active = keys::active_dispute_lock(environment, trxid);
                builder.check(self, WriteItem::ActiveLock, &active, "attribute_not_exists(PK)", Item::new())?;
                builder.create(self, WriteItem::ActiveLock, self.draft_lock(&dispute, token)?)?;
            }
            None => {}
        }
        builder.create(self, WriteItem::Dispute, self.dispute_item(&dispute, token)?)?;
        let summary = fields(&DisputeSummary::of(&dispute))?;
        let link = keys::transaction_dispute(environment, trxid, dispute.number);
        builder.create(self, WriteItem::Record, keyed(&link, "link", summary.clone()))?;
        for listed in lists::listed(&dispute, &summary) {
            builder.create(self, WriteItem::Record, listed)?;
        }
        let event = dispute.opened(opening.by.clone());
        self.record(&mut builder, &event, dispute.number, token)?;
        self.enqueue_notifications(&mut builder, &dispute, &event, opening.parties.as_ref(), now)?;
        if let Some((case, event)) = &opening.support {
            if (case.number, case.version, event.version) != (dispute.number, 1, 1) {
                let key = dispute.number.case_id();
                return Err(StoreError::invariant("a case does not begin with its dispute", key));
            }
            self.write_case(&mut builder, case, &dispute, token, now)?;
            self.record_support(&mut builder, case.number, event, token)?;
        }
        Ok((dispute, builder))
    }

    /// The lock that prevents another dispute about the transaction.
    pub(crate) fn active_lock(&self, dispute: &Dispute, token: &WriteToken) -> Result<Item, StoreError> {
        let Facts { environment, trxid, .. } = &dispute.facts;
        lock_item(&keys::active_dispute_lock(*environment, trxid), "active_lock", dispute, token)
    }

    /// The lock that prevents another draft of the same opener about the transaction.
    fn draft_lock(&self, dispute: &Dispute, token: &WriteToken) -> Result<Item, StoreError> {
        let Facts { environment, trxid, .. } = &dispute.facts;
        lock_item(&keys::draft_lock(*environment, trxid, &dispute.opener), "draft_lock", dispute, token)
    }

    pub(crate) fn dispute_item(&self, dispute: &Dispute, token: &WriteToken) -> Result<Item, StoreError> {
        let mut stored = token.stamp(item(&keys::dispute(dispute.number), "dispute", dispute)?);
        deadlines::mark(&mut stored, dispute)?;
        Ok(stored)
    }
}

fn lock_item(key: &ItemKey, kind: &str, dispute: &Dispute, token: &WriteToken) -> Result<Item, StoreError> {
    let holder = LiveDispute { number: dispute.number, channel: dispute.channel, opener: dispute.opener.clone() };
    Ok(token.stamp(item(key, kind, &holder)?))
}

/// The status of a transaction that a write did not expect.
///
/// # Errors
/// [`StoreError::InvariantViolated`] where the transaction is missing.
pub(crate) fn status_of(facts: &Facts, stored: Option<&Item>) -> Result<Status, StoreError> {
    let missing = || {
        let key = keys::transaction(facts.environment, &facts.trxid);
        StoreError::invariant("the transaction that a dispute is about is missing", key)
    };
    stored.and_then(|item| text(item, "transaction_status")).and_then(Status::parse).ok_or_else(missing)
}

fn not_opened<G: RequestGuard>(
    dispute: &Dispute,
    failed: FailedCondition,
) -> Result<OpenOutcome<G::Outcome>, StoreError> {
    if let Some(refusal) = failed.guarded::<G>()? {
        return Ok(OpenOutcome::Guarded(refusal));
    }
    match (failed.item, failed.existing) {
        (WriteItem::Transaction, stored) => status_of(&dispute.facts, stored.as_ref()).map(OpenOutcome::NotDisputable),
        (WriteItem::ActiveLock, Some(existing)) => Ok(OpenOutcome::Duplicate(body(existing)?)),
        (WriteItem::Dispute, _) => Ok(OpenOutcome::NumberTaken),
        (item, existing) => {
            let write = format!("opening {} for transaction {}", dispute.number.case_id(), dispute.facts.trxid);
            Err(FailedCondition { item, existing }.impossible(write))
        }
    }
}
