//! Opening a dispute: one transaction over both tables.
//!
//! In it, in order of rank: the request's nonce, its idempotence key, the transaction's status, the
//! lock on the transaction, the dispute, its link from the transaction, its place in every party's
//! list, its first event, its mails. Either all of it is there or nothing.
//!
//! A live dispute takes the active-dispute lock. A draft takes a lock of its opener alone, and is
//! refused where the active-dispute lock is taken.
//!
//! **Invariant:** no counter is ever part of it. One item that all of a client's requests touch
//! would make them conflict.

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
use crate::items::{Item, body, item, text, value};
use crate::keys::ItemKey;
use crate::lists::{self, DisputeSummary};
use crate::transact::{ATTEMPT, FailedCondition, TransactOutcome, TransactionBuilder, WriteItem};
use crate::{Idempotence, Nonce, Store, StoredResponse, WriteToken, deadlines, keys};

/// All that one opening writes.
#[derive(Clone, Debug)]
pub struct Opening {
    /// The dispute as it is born, with version 1.
    pub dispute: Dispute,
    /// Who opens it.
    pub by: PerformedBy,
    /// The status that the transaction must have, or the dispute is not opened.
    pub transaction_is: Status,
    /// The registered addresses of the transaction's parties, who are told of it.
    pub parties: Option<Recipients>,
    /// The nonce of the request, at an API that has one.
    pub nonce: Option<Nonce>,
    /// The idempotence key of the request, at an API that has one.
    pub idempotence: Option<Idempotence>,
}

/// What became of an opening.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OpenOutcome {
    /// All of it is written; the dispute as it is, with the deadline that the store fixed.
    Opened(Box<Dispute>),
    /// The request is a replay.
    Replayed,
    /// The request is a repeat; the answer it got the first time.
    Repeated(StoredResponse),
    /// The transaction has another status; `None` when it is not there.
    NotDisputable(Option<Status>),
    /// A dispute of the transaction is live already; of a draft also, that its opener has another
    /// one.
    Duplicate(LiveDispute),
    /// The number drawn is another dispute's: draw again.
    NumberTaken,
}

/// The dispute that holds a lock on a transaction.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LiveDispute {
    /// Its number, under a name that is no reserved word of DynamoDB's expressions.
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
    /// [`StoreError`]. When it is temporary the dispute may or may not have been opened; the client's retry will tell it by a duplicate.
    pub async fn open(
        &self,
        opening: &Opening,
        token: &WriteToken,
        now: UnixMillis,
    ) -> Result<OpenOutcome, StoreError> {
        let mut dispute = opening.dispute.clone();
        dispute.deadline = dispute.deadline_under(&self.deadlines);
        let (environment, trxid) = (dispute.facts.environment, &dispute.facts.trxid);
        let mut builder = TransactionBuilder::default();
        if let Some(nonce) = &opening.nonce {
            builder.spend_nonce(self, nonce, token, now)?;
        }
        if let Some(idempotence) = &opening.idempotence {
            builder.store_response(self, idempotence, token, now)?;
        }
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
        let line = DisputeSummary::of(&dispute);
        let link = keys::transaction_dispute(environment, trxid, dispute.number);
        builder.create(self, WriteItem::Record, item(&link, "link", &line)?)?;
        for list in lists::of(&dispute) {
            builder.create(self, WriteItem::Record, item(&list, "line", &line)?)?;
        }
        let event = dispute.opened(opening.by.clone());
        self.record(&mut builder, &event, dispute.number, token)?;
        self.enqueue_notifications(&mut builder, &dispute, &event, opening.parties.as_ref(), now)?;
        match self.transact(token, builder).await? {
            TransactOutcome::Done => Ok(OpenOutcome::Opened(Box::new(dispute))),
            TransactOutcome::Refused(FailedCondition { item: which, existing }) => refused_by(which, existing),
        }
    }

    /// The lock that keeps everybody from opening another dispute about the transaction.
    pub(crate) fn active_lock(&self, dispute: &Dispute, token: &WriteToken) -> Result<Item, StoreError> {
        let Facts { environment, trxid, .. } = &dispute.facts;
        lock_item(&keys::active_dispute_lock(*environment, trxid), "active_lock", dispute, token)
    }

    /// The lock that keeps a draft's opener from beginning another one about the transaction.
    fn draft_lock(&self, dispute: &Dispute, token: &WriteToken) -> Result<Item, StoreError> {
        let Facts { environment, trxid, .. } = &dispute.facts;
        lock_item(&keys::draft_lock(*environment, trxid, &dispute.opener), "draft_lock", dispute, token)
    }

    pub(crate) fn dispute_item(&self, dispute: &Dispute, token: &WriteToken) -> Result<Item, StoreError> {
        let mut stored = item(&keys::dispute(dispute.number), "dispute", dispute)?;
        stored.insert(ATTEMPT.to_owned(), value(token.as_str())?);
        deadlines::mark(&mut stored, dispute)?;
        Ok(stored)
    }
}

fn lock_item(key: &ItemKey, kind: &str, dispute: &Dispute, token: &WriteToken) -> Result<Item, StoreError> {
    let holder = LiveDispute { number: dispute.number, channel: dispute.channel, opener: dispute.opener.clone() };
    let mut lock = item(key, kind, &holder)?;
    lock.insert(ATTEMPT.to_owned(), value(token.as_str())?);
    Ok(lock)
}

/// The status of a transaction that stood in the way.
pub(crate) fn status_of(transaction: Option<&Item>) -> Option<Status> {
    transaction.and_then(|item| text(item, "transaction_status")).and_then(Status::parse)
}

fn refused_by(which: WriteItem, existing: Option<Item>) -> Result<OpenOutcome, StoreError> {
    match (which, existing) {
        (WriteItem::Nonce, _) => Ok(OpenOutcome::Replayed),
        (WriteItem::Idempotence, Some(existing)) => Ok(OpenOutcome::Repeated(body(existing)?)),
        (WriteItem::Transaction, existing) => Ok(OpenOutcome::NotDisputable(status_of(existing.as_ref()))),
        (WriteItem::ActiveLock, Some(existing)) => Ok(OpenOutcome::Duplicate(body(existing)?)),
        (WriteItem::Dispute, _) => Ok(OpenOutcome::NumberTaken),
        (which, _) => Err(StoreError::Broken(format!("opening a dispute was refused by {which:?}"))),
    }
}
