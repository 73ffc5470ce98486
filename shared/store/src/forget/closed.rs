//! Erasing what a closed case has of people, once the deployment's
//! [`Retention`](crate::Retention) is over.
//!
//! A closed dispute is in the index `deadlines` under the time at which it closed, in a partition
//! that says what is still stored. A write of the dispute or its case puts it back where all of it
//! is stored, so what was added since is erased too. docs/privacy.md has what becomes of what.
//!
//! **Invariant:** each transaction holds only while the dispute and its case are as they were read.
//! So nothing of a case is erased that somebody reopened, wrote to or changed meanwhile. The place
//! in the index changes in the last one, so a sweep that broke off is carried on by the next.
//!
//! **Invariant:** the transaction that takes away the last name of an object writes down that the
//! object is to be erased. Objects are erased after that, by what is written down. So no object is
//! lost that a case still names, and none is left that nothing names.

use std::collections::BTreeSet;
use std::fmt;

use aws_sdk_dynamodb::types::AttributeValue;
use recourse_dispute::claim::EvidenceFile;
use recourse_dispute::dispute::Dispute;
use recourse_dispute::number::DisputeNumber;
use recourse_dispute::time::UnixMillis;
use recourse_support::case::State;
use recourse_support::reason::Reason;
use serde::{Deserialize, Serialize};

use super::scrub::{MAIL_PINS, check, give_up};
use super::texts::{at, each, each_named, number as number_of, write};
use super::words::ERASED;
use crate::deadlines::{self, KeptData};
use crate::error::StoreError;
use crate::item_change::ItemChange;
use crate::items::{Item, body, item, text, value};
use crate::keys::{DISPUTE, ItemKey, MAILS, MESSAGES, PK, RECEIVED_MAILS, SK, SUPPORT_CASE, SUPPORT_EVENTS};
use crate::outbox::{MailState, OutboxMail};
use crate::support::{CaseFile, Message};
use crate::transact::{TransactOutcome, TransactionBuilder, WriteItem};
use crate::{Cursor, Overdue, Store, WriteToken, keys};

/// How many items one transaction changes: with the largest ones it is far below 4 MB.
const MAX_CHANGES: usize = 20;
/// How many entries of objects one batch reads.
const MAX_READ: usize = 20;
/// Why a mail does not go out any more.
const REASON: &str = "its case has been closed for longer than mails are kept";

/// What became of a closed case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExpireOutcome {
    /// What is past its time is erased: so many items were changed, at least one.
    Erased(u64),
    /// There is nothing to erase: it has nothing that is past its time, or it was reopened, is
    /// being worked on, or was written to since it closed.
    NotDue,
    /// A worker is sending one of its mails at this moment: try again later.
    Busy,
    /// Somebody else changed the case meanwhile: try again later.
    VersionConflict,
}

/// The objects of a closed case that are to be erased: no item names them any more.
#[derive(Clone, PartialEq)]
pub struct ObjectsToErase {
    /// Of which case, and since when nothing names them.
    pub case: Overdue,
    /// Objects of evidence, by their ids.
    pub evidence: BTreeSet<String>,
    /// Received mails, by their ids behind `inbound/`.
    pub received: BTreeSet<String>,
    /// As it is stored.
    item: Item,
}

impl fmt::Debug for ObjectsToErase {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("ObjectsToErase")
            .field("case", &self.case)
            .field("evidence", &self.evidence.len())
            .field("received", &self.received.len())
            .finish()
    }
}

/// Some entries of objects that are to be erased.
#[derive(Debug, Default)]
pub struct ObjectsPage {
    /// The entries.
    pub objects: Vec<ObjectsToErase>,
    /// The cases of those that this release cannot read, and why.
    pub unread: Vec<(Overdue, StoreError)>,
}

/// Objects as they are written down.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct Objects {
    #[serde(default)]
    evidence: BTreeSet<String>,
    #[serde(default)]
    received: BTreeSet<String>,
}

impl Objects {
    fn is_empty(&self) -> bool {
        self.evidence.is_empty() && self.received.is_empty()
    }
}

/// A closed case as it was read.
struct ClosedCase {
    items: Vec<Item>,
    /// The dispute's own item among them.
    stored: Item,
    dispute: Dispute,
    case: Option<CaseFile>,
    kept: KeptData,
}

impl ClosedCase {
    fn read(items: Vec<Item>) -> Result<Option<Self>, StoreError> {
        let find = |sk| items.iter().find(|item| text(item, SK) == Some(sk)).cloned();
        let Some(stored) = find(DISPUTE) else { return Ok(None) };
        let (dispute, case): (Dispute, _) = (body(stored.clone())?, find(SUPPORT_CASE));
        let case: Option<CaseFile> = case.map(body).transpose()?;
        let kept = KeptData::of(&stored).filter(|_| !dispute.state.is_open());
        Ok(kept.map(|kept| Self { items, stored, dispute, case, kept }))
    }

    /// Since when nothing happens in it any more: it closed, had its last message, or somebody
    /// resolved it. One that somebody still has to act on is not over at `now`.
    ///
    /// A case that is resolved because its dispute closed counts from the closing. A worker writes
    /// that down at some later time, from which it must not count anew.
    fn since(&self, now: UnixMillis) -> UnixMillis {
        let closed = self.dispute.state_since;
        let Some(case) = &self.case else { return closed };
        let follows =
            |reason| matches!(reason, Reason::DisputeEnded | Reason::TransactionRefunded | Reason::TransactionFailed);
        let is_noted = case.support.as_ref().is_some_and(|support| follows(support.reason));
        let resolved = case.resolved_at.filter(|_| !is_noted).unwrap_or(closed);
        match case.queue_state(&self.dispute) {
            Some(State::Resolved) | None => closed.max(case.last_at).max(resolved),
            Some(_) => now,
        }
    }

    /// The item of the dispute without what is past, in its place in the index.
    fn dispute_after(&self, past: KeptData, since: UnixMillis, objects: &mut Objects) -> Result<Item, StoreError> {
        let mut after = self.stored.clone();
        let evidence = &self.dispute.claim.evidence;
        if past.evidence && !evidence.is_empty() {
            objects.evidence.extend(evidence.iter().map(|file| file.object.to_string()));
            if let Some(AttributeValue::M(claim)) = at(&mut after, &["claim"]) {
                claim.remove("evidence");
            }
            // Whoever decided on what was there before must not write it back.
            after.insert("version".to_owned(), value(self.dispute.version + 1)?);
        }
        self.kept.without(past).enter(&mut after, self.dispute.number, since)?;
        check(DISPUTE, &after)?;
        Ok(after)
    }

    /// What becomes of all items but the dispute's, each with the objects that it names no more;
    /// `None` while a worker sends one of the mails.
    fn erase(&self, past: KeptData, now: UnixMillis) -> Result<Option<Vec<(ItemChange, Objects)>>, StoreError> {
        let mut changes = Vec::new();
        if past.is_nothing() {
            return Ok(Some(changes));
        }
        for before in &self.items {
            let (mut after, mut objects, mut pinned) = (before.clone(), Objects::default(), &[][..]);
            let sk = text(before, SK).unwrap_or_default();
            if sk.starts_with(MESSAGES) {
                message(past, &mut after, &mut objects, &self.dispute.claim.evidence)?;
            } else if past.messages && sk.starts_with(SUPPORT_EVENTS) {
                write(&mut after, &["note"], |_| Some(ERASED.to_owned()));
            } else if past.messages && sk.starts_with(MAILS) {
                let stored: OutboxMail = body(before.clone())?;
                let is_claimed = stored.mail_state == MailState::Sending;
                if is_claimed && number_of(before, "outbox_due").is_some_and(|lease| lease > now.0) {
                    return Ok(None);
                }
                mail(&mut after, now)?;
                pinned = &MAIL_PINS;
            }
            check(sk, &after)?;
            changes.extend(ItemChange::between(before, after, pinned).map(|change| (change, objects)));
        }
        Ok(Some(changes))
    }
}

/// A message. An object that the dispute names too is left to the dispute's own transaction: until
/// that holds, the dispute still names it.
fn message(
    past: KeptData,
    after: &mut Item,
    objects: &mut Objects,
    claimed: &[EvidenceFile],
) -> Result<(), StoreError> {
    let stored: Message = body(after.clone())?;
    let erased = |text: &str| (!text.is_empty()).then(|| ERASED.to_owned());
    if past.messages {
        write(after, &["text"], erased);
        for name in ["from", "from_name", "message_id"] {
            after.remove(name);
        }
        if let Some(attachments) = after.get_mut("attachments") {
            each_named(attachments, &["name"], &erased);
        }
    }
    if past.evidence
        && let Some(AttributeValue::L(attachments)) = after.get_mut("attachments")
    {
        for attachment in attachments {
            if let AttributeValue::M(fields) = attachment {
                fields.remove("object");
                fields.remove("file");
            }
        }
        let named = stored.attachments.iter().filter_map(|file| file.object.as_ref());
        let named = named.filter(|object| claimed.iter().all(|file| file.object != **object));
        objects.evidence.extend(named.map(ToString::to_string));
    }
    // As it came in, it has both the text and the files.
    if let Some(object) = &stored.object {
        objects.received.extend(object.strip_prefix(RECEIVED_MAILS).map(str::to_owned));
        after.remove("object");
    }
    Ok(())
}

/// The words of a mail. To whom it went, when, and what became of it stay.
fn mail(after: &mut Item, now: UnixMillis) -> Result<(), StoreError> {
    let erased = |_: &str| Some(ERASED.to_owned());
    write(after, &["notification", "support", "subject"], erased);
    if let Some(paragraphs) = at(after, &["notification", "support", "paragraphs"]) {
        each(paragraphs, &erased);
    }
    write(after, &["notification", "details", "comment"], erased);
    if after.contains_key("outbox_shard") {
        give_up(after, REASON, now)?;
    }
    Ok(())
}

impl Store {
    /// Erases what is past its time of a closed case. A case that goes on, or was written to since
    /// it closed, is looked at again after that time.
    ///
    /// # Errors
    /// [`StoreError`], also for an item of the case that this release cannot read. Calling it again
    /// is safe, whatever was written.
    pub async fn expire_case(
        &self,
        number: DisputeNumber,
        now: UnixMillis,
        mut token: impl FnMut() -> WriteToken,
    ) -> Result<ExpireOutcome, StoreError> {
        let items = self.partition(&keys::dispute_partition(number), None).await?;
        let Some(closed) = ClosedCase::read(items)? else { return Ok(ExpireOutcome::NotDue) };
        let since = closed.since(now);
        let past = closed.kept.past(self.retention, since, now);
        let Some(changes) = closed.erase(past, now)? else { return Ok(ExpireOutcome::Busy) };
        let mut written = 0;
        for some in changes.chunks(MAX_CHANGES) {
            let (mut builder, mut objects, token) = (TransactionBuilder::default(), Objects::default(), token());
            let version = Item::from([(":version".to_owned(), value(closed.dispute.version)?)]);
            builder.check(self, WriteItem::Dispute, &keys::dispute(number), "version = :version", version)?;
            self.check_case(&mut builder, &closed)?;
            for (change, named) in some {
                builder.replace(self, WriteItem::Record, change)?;
                objects.evidence.extend(named.evidence.iter().cloned());
                objects.received.extend(named.received.iter().cloned());
                written += 1;
            }
            if !self.write_expiry(builder, number, &objects, &token, now).await? {
                return Ok(ExpireOutcome::VersionConflict);
            }
        }
        let (mut objects, token) = (Objects::default(), token());
        let after = closed.dispute_after(past, since, &mut objects)?;
        if let Some(change) = ItemChange::between(&closed.stored, after, &["version"]) {
            let mut builder = TransactionBuilder::default();
            self.check_case(&mut builder, &closed)?;
            builder.replace(self, WriteItem::Dispute, &change)?;
            if !self.write_expiry(builder, number, &objects, &token, now).await? {
                return Ok(ExpireOutcome::VersionConflict);
            }
            written += u64::from(!objects.is_empty());
        }
        Ok(if written == 0 { ExpireOutcome::NotDue } else { ExpireOutcome::Erased(written) })
    }

    /// Demands that nobody changed the case since it was read.
    fn check_case(&self, builder: &mut TransactionBuilder, closed: &ClosedCase) -> Result<(), StoreError> {
        let key = keys::support_case(closed.dispute.number);
        let (condition, values) = match &closed.case {
            Some(case) => ("version = :version", Item::from([(":version".to_owned(), value(case.version)?)])),
            None => ("attribute_not_exists(PK)", Item::new()),
        };
        builder.check(self, WriteItem::Support, &key, condition, values)
    }

    /// Sends a transaction with the objects that its changes take the names of; `false` where
    /// somebody changed something of it meanwhile.
    async fn write_expiry(
        &self,
        mut builder: TransactionBuilder,
        number: DisputeNumber,
        objects: &Objects,
        token: &WriteToken,
        now: UnixMillis,
    ) -> Result<bool, StoreError> {
        if !objects.is_empty() {
            let key = keys::objects_to_erase(number, token);
            let mut stored = token.stamp(item(&key, "objects_to_erase", objects)?);
            deadlines::enter(&mut stored, deadlines::OBJECTS, number, now)?;
            builder.create(self, WriteItem::Record, stored)?;
        }
        Ok(matches!(self.transact(token, builder).await?, TransactOutcome::Done))
    }

    /// The next objects of a [`Cursor::objects`], at most `most` entries of each partition.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn objects_to_erase(&self, cursor: &mut Cursor, most: i32) -> Result<ObjectsPage, StoreError> {
        let key = |item: &Item| Some(ItemKey { pk: text(item, PK)?.to_owned(), sk: text(item, SK)?.to_owned() });
        let entries = self.next_entries(cursor, most).await?;
        let wanted: Vec<_> = entries.iter().filter_map(|(item, _)| key(item)).collect();
        let mut page = ObjectsPage::default();
        for keys in wanted.chunks(MAX_READ) {
            for item in self.batch(keys).await? {
                // The index may still name what was erased a moment ago.
                let Some(case) = Overdue::of(item.clone()) else { continue };
                match body(item.clone()) {
                    Ok(Objects { evidence, received }) => {
                        page.objects.push(ObjectsToErase { case, evidence, received, item });
                    }
                    Err(error) => page.unread.push((case, error)),
                }
            }
        }
        Ok(page)
    }

    /// Notes that these objects are erased.
    ///
    /// # Errors
    /// [`StoreError`]. Noting it again is safe.
    pub async fn note_objects_erased(
        &self,
        objects: &ObjectsToErase,
        token: &WriteToken,
        now: UnixMillis,
    ) -> Result<(), StoreError> {
        let mut after = objects.item.clone();
        deadlines::leave(&mut after);
        after.insert("erased_at".to_owned(), value(now)?);
        let Some(change) = ItemChange::between(&objects.item, after, &[]) else { return Ok(()) };
        let mut builder = TransactionBuilder::default();
        builder.replace(self, WriteItem::Record, &change)?;
        self.commit(token, builder, (), |_| Some(())).await.map(drop)
    }
}
