//! Writing a step of a case: one transaction.

use recourse_dispute::dispute::{Change, Dispute};
use recourse_dispute::notification::Notification;
use recourse_dispute::number::DisputeNumber;
use recourse_dispute::time::UnixMillis;

use super::SupportSnapshot;
use super::case::CaseFile;
use super::event::SupportEvent;
use super::inbound::Received;
use super::message::Message;
use super::queue;
use crate::error::StoreError;
use crate::items::{Item, item, value};
use crate::transact::{TransactOutcome, TransactionBuilder, WriteItem};
use crate::{MailId, Store, WriteToken, deadlines, keys};

/// A step of a case: all that it writes, and what it was decided on.
#[derive(Clone, Debug)]
pub struct SupportCommit {
    /// The case afterwards, with the version after the one that the step was decided on.
    pub after: CaseFile,
    /// The dispute that the step was decided on. It must not have changed since.
    pub dispute: Dispute,
    /// What becomes of the dispute, where the step changes it.
    pub change: Option<Change>,
    /// The entry of the history: where the case has a support process, or an agent acted.
    pub event: Option<SupportEvent>,
    /// New messages, in their order.
    pub messages: Vec<Message>,
    /// New mails. That of a message has [`MailId::support`] of its place.
    pub mails: Vec<(MailId, Notification)>,
    /// The object that the step comes from, where a mail was received.
    pub received: Option<Received>,
}

/// What became of a commit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CommitOutcome {
    /// All of it is written; the case as it is now.
    Done(Box<CaseFile>),
    /// The object, or this sender's Message-ID, was received before: nothing is written. Where it
    /// was the Message-ID, the caller then records the object by [`Store::record_inbound`].
    AlreadyReceived,
    /// Somebody else changed the case or the dispute meanwhile: read and decide again.
    VersionConflict,
}

impl SupportCommit {
    /// A step that changes nothing yet but the version. A case that nothing was written of begins
    /// without a support process.
    #[must_use]
    pub fn of(snapshot: &SupportSnapshot) -> Self {
        let number = snapshot.dispute.number;
        let next = |case: &CaseFile| CaseFile { version: case.version + 1, ..case.clone() };
        Self {
            after: snapshot.case.as_ref().map_or_else(|| CaseFile::begin(number, None), next),
            dispute: snapshot.dispute.clone(),
            change: None,
            event: None,
            messages: Vec::new(),
            mails: Vec::new(),
            received: None,
        }
    }

    /// Adds a message, which gets the next place in the thread and a time after the last one's.
    /// Returns its place.
    pub fn add_message(&mut self, message: Message, now: UnixMillis) -> u64 {
        let (seq, at) = (self.after.messages + 1, now.max(self.after.last_at.plus(1)));
        (self.after.messages, self.after.last_at) = (seq, at);
        self.messages.push(Message { seq, at, ..message });
        seq
    }

    /// Checks what no condition of the transaction does.
    fn verify(&self) -> Result<(), StoreError> {
        let number = self.dispute.number;
        let mut places = self.messages.iter().rev().zip(0..);
        let is_right = self.event.as_ref().is_none_or(|event| event.version == self.after.version)
            && places.all(|(message, after)| message.seq > 0 && message.seq + after == self.after.messages)
            && self.messages.last().is_none_or(|message| message.at == self.after.last_at)
            && self.after.number == number
            && self.change.as_ref().is_none_or(|change| change.dispute.number == number)
            && self.mails.iter().all(|(id, _)| id.number == number);
        let wrong =
            || StoreError::invariant("a commit of a case has wrong versions, places or numbers", number.case_id());
        if is_right { Ok(()) } else { Err(wrong()) }
    }
}

impl Store {
    /// A step with the parties that are notified of the change of its dispute, where it makes one.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn with_parties(&self, mut commit: Option<SupportCommit>) -> Result<Option<SupportCommit>, StoreError> {
        if let Some(change) = commit.as_mut().and_then(|commit| commit.change.as_mut()) {
            change.parties = self.parties_of(&change.dispute).await?;
        }
        Ok(commit)
    }

    /// Writes a step of a case. `now` is when its mails are enqueued.
    ///
    /// # Errors
    /// [`StoreError`]. Where it is temporary, the step may have been written; one that comes from a
    /// received object is then [`CommitOutcome::AlreadyReceived`] the next time, every other one is
    /// decided again on what is stored.
    pub async fn commit_support(
        &self,
        commit: &SupportCommit,
        token: &WriteToken,
        now: UnixMillis,
    ) -> Result<CommitOutcome, StoreError> {
        commit.verify()?;
        let (number, after) = (commit.dispute.number, commit.after.clone().dated(&commit.messages, now));
        let mut builder = TransactionBuilder::default();
        if let Some(received) = &commit.received {
            self.receive(&mut builder, number, received, token)?;
        }
        match &commit.change {
            Some(change) => drop(self.change_steps(&mut builder, &commit.dispute, change, token, now)?),
            None => self.same_dispute(&mut builder, &commit.dispute, token)?,
        }
        let dispute = commit.change.as_ref().map_or(&commit.dispute, |change| &change.dispute);
        self.write_case(&mut builder, &after, dispute, token, now)?;
        if let Some(event) = &commit.event {
            self.record_support(&mut builder, number, event, token)?;
        }
        for message in &commit.messages {
            let stored = item(&keys::message(number, message.seq), "message", message)?;
            builder.create(self, WriteItem::Record, token.stamp(stored))?;
        }
        for (id, notification) in &commit.mails {
            self.enqueue(&mut builder, *id, notification.clone(), now)?;
        }
        let failed = match self.transact(token, builder).await? {
            TransactOutcome::Done => return Ok(CommitOutcome::Done(Box::new(after))),
            TransactOutcome::Refused(failed) => failed,
        };
        match failed.item {
            WriteItem::Received => Ok(CommitOutcome::AlreadyReceived),
            WriteItem::Draft | WriteItem::ActiveLock | WriteItem::Dispute | WriteItem::Support => {
                Ok(CommitOutcome::VersionConflict)
            }
            _ => Err(failed.impossible(format!("writing version {} of case {}", after.version, number.case_id()))),
        }
    }

    /// Demands that the dispute is as the step was decided on. A closed one is written once more,
    /// which puts it back where the retention finds it: all that was stored of its case may have
    /// been erased, and the step adds something.
    fn same_dispute(
        &self,
        builder: &mut TransactionBuilder,
        dispute: &Dispute,
        token: &WriteToken,
    ) -> Result<(), StoreError> {
        let version = Item::from([(":version".to_owned(), value(dispute.version)?)]);
        if dispute.state.is_open() {
            return builder.check(
                self,
                WriteItem::Dispute,
                &keys::dispute(dispute.number),
                "version = :version",
                version,
            );
        }
        builder.put(self, WriteItem::Dispute, self.dispute_item(dispute, token)?, "version = :version", version)
    }

    /// Adds the item of a case, in its place in the indexes, on the version before its own.
    pub(crate) fn write_case(
        &self,
        builder: &mut TransactionBuilder,
        case: &CaseFile,
        dispute: &Dispute,
        token: &WriteToken,
        now: UnixMillis,
    ) -> Result<(), StoreError> {
        let mut stored = token.stamp(item(&keys::support_case(case.number), "support", case)?);
        if let Some((partitions, at)) = case.place(now) {
            deadlines::enter(&mut stored, partitions, case.number, at)?;
        }
        queue::enter(&mut stored, case, dispute, now)?;
        if case.version == 1 {
            return builder.create(self, WriteItem::Support, stored);
        }
        let before = Item::from([(":version".to_owned(), value(case.version - 1)?)]);
        builder.put(self, WriteItem::Support, stored, "version = :version", before)
    }

    /// Adds that an object and a sender's Message-ID were received.
    fn receive(
        &self,
        builder: &mut TransactionBuilder,
        number: DisputeNumber,
        received: &Received,
        token: &WriteToken,
    ) -> Result<(), StoreError> {
        builder.create(self, WriteItem::Received, received.outcome.item(&received.object_key, token)?)?;
        builder.create(self, WriteItem::Received, received.mark(number, token)?)
    }
}
