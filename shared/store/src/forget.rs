//! Erasing a person: every address, name, message and file of whoever has a mail address.
//!
//! A run finds the person's cases, writes down which they are, and works through them. What it
//! changes is conditional on what it read, so it never writes over somebody else's change, and it
//! can be repeated: a run that broke off goes on where it was. It ends in a certificate, which has
//! the address as its digest alone.
//!
//! | what | becomes |
//! |---|---|
//! | the address, wherever it is written | an address of [`MailAddress::erased`], which is never mailed |
//! | what the person wrote, and mails to the person alone | `[erased]` |
//! | the person's names and sentences in what others wrote | `[erased]` |
//! | a mail to the person that waits | given up, where nobody else is to read it |
//! | files and mails that the person sent | deleted, by the caller |
//! | the entries by which a search finds the address | deleted |
//! | ids, amounts, times, states, and who took which step | as they were |
//!
//! **Invariant:** the dispute and what the person wrote are changed after everything else of the
//! case. Until then they say what is to be searched for, so no run loses it.

mod changes;
mod closed;
mod plan;
mod scrub;
mod texts;
mod words;

use std::collections::{BTreeMap, HashMap};
use std::fmt;

use aws_sdk_dynamodb::types::AttributeValue;
use recourse_dispute::addresses::MailAddress;
use recourse_dispute::environment::Environment;
use recourse_dispute::number::DisputeNumber;
use recourse_dispute::time::UnixMillis;
use serde::{Deserialize, Serialize};

use crate::addresses::digest_of;
use crate::counters::SearchKey;
use crate::error::StoreError;
use crate::item_change::ItemChange;
use crate::items::{Item, body, item, text, value};
use crate::keys::{CERTIFICATES, ERASED_CASE, ERASURE_RUN, ItemKey, LAST_ERASURE, SK};
use crate::transact::{TransactOutcome, TransactionBuilder, WRITE_TOKEN, WriteItem};
use crate::{AuditContext, Store, WriteToken, keys};

pub use closed::{ExpireOutcome, ObjectsPage, ObjectsToErase};
pub use plan::CasePlan;

/// The write that is about the erasure that is under way.
const RUN: WriteItem = WriteItem::Pointer("erasure");
/// The write that is about which erasure ended last.
const LAST: WriteItem = WriteItem::Pointer("last-erasure");
/// How many cases one query finds.
const PAGE: u8 = 100;

/// A kind of thing that a case has of a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ErasedKind {
    /// The dispute itself: recipients, claim, details.
    Dispute,
    /// The support case.
    CaseFile,
    /// A message of the thread.
    Message,
    /// An entry of the support case's history.
    CaseNote,
    /// An entry of the dispute's history.
    HistoryNote,
    /// A mail of the outbox.
    Mail,
    /// A mail of the outbox that waited and does not go out any more. It counts as a mail too.
    MailNotSent,
    /// What SES reported of a mail.
    DeliveryReport,
    /// What the platform said of the transaction.
    Transaction,
    /// A file in the bucket.
    EvidenceFile,
    /// A received mail in the bucket.
    ReceivedMail,
    /// Anything else that is stored with the case.
    Other,
}

impl ErasedKind {
    /// The name in certificates.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Dispute => "dispute",
            Self::CaseFile => "case_file",
            Self::Message => "message",
            Self::CaseNote => "case_note",
            Self::HistoryNote => "history_note",
            Self::Mail => "mail",
            Self::MailNotSent => "mail_not_sent",
            Self::DeliveryReport => "delivery_report",
            Self::Transaction => "transaction",
            Self::EvidenceFile => "evidence_file",
            Self::ReceivedMail => "received_mail",
            Self::Other => "other",
        }
    }
}

/// An erasure: one that is under way, or a certificate of one that is over.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Erasure {
    /// Its id, which nothing leads from to the person.
    pub id: String,
    /// The SHA-256 of the address in lower case.
    pub digest: String,
    /// What stands for the address now.
    pub alias: MailAddress,
    /// When it began.
    pub begun_at: UnixMillis,
    /// The name of the operator who ordered it.
    pub by: String,
    /// The names of the operators who carried it on, in their order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub carried_on_by: Vec<String>,
    /// Why.
    pub why: String,
    /// Whether cases that go on were included.
    pub live: bool,
    /// When it was over; `None` while it is under way.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub finished_at: Option<UnixMillis>,
    /// Whether the address is marked as one that takes no mail. The mark stays, as a digest, so
    /// that nobody mails the address again.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub mark_stays: bool,
}

/// What an erasure found in a case.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ErasedCase {
    /// Which case; [`DisputeNumber::NO_CASE`] for the mails that belong to none.
    pub number: DisputeNumber,
    /// How many things, by kind.
    pub found: BTreeMap<ErasedKind, u64>,
    /// Whether an id of its transaction is the address itself, which cannot be changed.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub id_stays: bool,
    /// Whether all of it is erased.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub done: bool,
}

/// That a case of an erasure is written down, as it was read before the case is erased.
#[derive(Clone, Debug)]
pub struct NotedCase {
    key: ItemKey,
    /// The token of the write that wrote it down last.
    written: AttributeValue,
}

/// The erasures of one address.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Erasures {
    /// The one that is under way.
    pub running: Option<(Erasure, Vec<ErasedCase>)>,
    /// The certificates, oldest first.
    pub certificates: Vec<(Erasure, Vec<ErasedCase>)>,
    /// The id of the one that ended last.
    last: Option<String>,
}

/// Which erasure of an address ended last.
#[derive(Serialize, Deserialize)]
struct LastErasure {
    id: String,
}

/// What became of the changes of a case.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ScrubOutcome {
    /// How many items were changed.
    pub written: u64,
    /// How many somebody else changed meanwhile: read and try again.
    pub conflicts: u64,
    /// How many mails a worker is sending at this moment: try again in a minute.
    pub busy: u64,
}

impl ScrubOutcome {
    /// Whether the case had nothing of the person any more.
    #[must_use]
    pub fn is_clean(self) -> bool {
        self == Self::default()
    }
}

/// What became of ending an erasure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FinishOutcome {
    /// The certificate is stored.
    Certified,
    /// It was before, by somebody who ran the same.
    Already,
    /// A case that is written down is not erased: nothing is certified.
    Undone,
}

/// An address as certificates name it: the SHA-256 of the address in lower case.
#[must_use]
pub fn address_digest(address: &MailAddress) -> String {
    digest_of(address)
}

impl fmt::Display for ErasedKind {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.name())
    }
}

impl Store {
    /// The disputes that a search finds by an address, in both environments, each once. It finds
    /// whom a dispute names; who only wrote in a thread is in no entry.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn disputes_of_address(&self, address: &MailAddress) -> Result<Vec<DisputeNumber>, StoreError> {
        let mut numbers = Vec::new();
        for environment in [Environment::Production, Environment::Staging] {
            let (key, mut after) = (SearchKey::Email(environment, address.clone()), None);
            loop {
                let page = self.find(&key, after.as_deref(), PAGE).await?;
                numbers.extend(page.numbers);
                after = page.next;
                if after.is_none() {
                    break;
                }
            }
        }
        numbers.sort_unstable();
        numbers.dedup();
        Ok(numbers)
    }

    /// The erasures of an address.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn erasures(&self, address: &MailAddress) -> Result<Erasures, StoreError> {
        let (mut running, mut last, mut certificates) = (None, None, Vec::new());
        let mut cases = HashMap::<String, Vec<ErasedCase>>::new();
        for item in self.partition(&keys::erasure_partition(&digest_of(address)), None).await? {
            let sk = text(&item, SK).unwrap_or_default().to_owned();
            match sk.split('#').collect::<Vec<_>>().as_slice() {
                [ERASURE_RUN] => running = Some(body::<Erasure>(item)?),
                [LAST_ERASURE] => last = Some(body::<LastErasure>(item)?.id),
                [ERASED_CASE, id, _] => cases.entry((*id).to_owned()).or_default().push(body(item)?),
                _ if sk.starts_with(CERTIFICATES) => certificates.push(body::<Erasure>(item)?),
                _ => {}
            }
        }
        let mut with_cases = |erasure: Erasure| {
            let cases = cases.remove(&erasure.id).unwrap_or_default();
            (erasure, cases)
        };
        let certificates = certificates.into_iter().map(&mut with_cases).collect();
        Ok(Erasures { running: running.map(with_cases), certificates, last })
    }

    /// Begins an erasure that was planned when the address had the erasures `read`. Returns the one
    /// that is under way where there is one, and writes down who carries it on. `None` where
    /// another one ended since, so that what was planned then may be erased, or where one began
    /// since without the cases that go on, which this order includes.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn begin_erasure(
        &self,
        address: &MailAddress,
        read: &Erasures,
        order: (&AuditContext, bool),
        alias: &MailAddress,
        token: impl FnMut() -> WriteToken,
    ) -> Result<Option<Erasure>, StoreError> {
        let (digest, (audit, live)) = (&digest_of(address), order);
        let (key, last) = (&keys::erasure_run(digest), &keys::last_erasure(digest));
        self.rounds("begin_erasure", key, token, |token| async move {
            if let Some(before) = self.item(key).await? {
                // None ended before this one began, if this is read after it.
                if self.get::<LastErasure>(last).await?.map(|last| last.id) != read.last {
                    return Ok(Some(None));
                }
                let running: Erasure = body(before.clone())?;
                if read.running.is_none() && live && !running.live {
                    return Ok(Some(None));
                }
                return Ok(self.carry_on(before, running, &audit.by.name, &token).await?.map(Some));
            }
            let erasure = Erasure {
                id: token.as_str().to_owned(),
                digest: digest.clone(),
                alias: alias.clone(),
                begun_at: audit.at,
                by: audit.by.name.clone(),
                carried_on_by: Vec::new(),
                why: audit.why.clone().unwrap_or_default(),
                live,
                finished_at: None,
                mark_stays: false,
            };
            let mut builder = TransactionBuilder::default();
            builder.create(self, RUN, token.stamp(item(key, "erasure", &erasure)?))?;
            let (condition, values) = match &read.last {
                None => ("attribute_not_exists(PK)", Item::new()),
                Some(id) => ("id = :last", Item::from([(":last".to_owned(), value(id)?)])),
            };
            builder.check(self, LAST, last, condition, values)?;
            self.commit(&token, builder, Some(erasure), |failed| (failed == LAST).then_some(None)).await
        })
        .await
    }

    /// The erasure that is under way, with the name of who carries it on. `None` where somebody
    /// else changed it meanwhile.
    async fn carry_on(
        &self,
        before: Item,
        mut running: Erasure,
        name: &str,
        token: &WriteToken,
    ) -> Result<Option<Erasure>, StoreError> {
        if running.by == name || running.carried_on_by.iter().any(|known| known == name) {
            return Ok(Some(running));
        }
        running.carried_on_by.push(name.to_owned());
        let mut after = before.clone();
        after.insert("carried_on_by".to_owned(), value(&running.carried_on_by)?);
        let Some(change) = ItemChange::between(&before, token.stamp(after), &[]) else { return Ok(Some(running)) };
        let mut builder = TransactionBuilder::default();
        builder.replace(self, RUN, &change)?;
        self.commit(token, builder, running, |_| None).await
    }

    /// Demands that the erasure is under way, and gives its item this write's token: nobody ends an
    /// erasure who has not seen what was written with that.
    fn while_running(
        &self,
        builder: &mut TransactionBuilder,
        erasure: &Erasure,
        token: &WriteToken,
    ) -> Result<(), StoreError> {
        let values =
            Item::from([(":id".to_owned(), value(&erasure.id)?), (":token".to_owned(), value(token.as_str())?)]);
        let run = keys::erasure_run(&erasure.digest);
        builder.update(self, RUN, &run, "SET write_token = :token", "id = :id", values)
    }

    /// Writes down what an erasure found in a case, before anything of it is changed. What an
    /// earlier run wrote down stays, but for the mark that the case is done: what came since is to
    /// be erased, too, and nobody who began to erase it before can note that it is done. `false`
    /// where the erasure is over: then nothing is written.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn note_erased_case(
        &self,
        erasure: &Erasure,
        case: &ErasedCase,
        token: impl FnMut() -> WriteToken,
    ) -> Result<bool, StoreError> {
        let key = &keys::erased_case(&erasure.digest, &erasure.id, case.number);
        self.rounds("note_erased_case", key, token, |token| async move {
            let mut builder = TransactionBuilder::default();
            self.while_running(&mut builder, erasure, &token)?;
            if self.item(key).await?.is_none() {
                builder.create(self, WriteItem::Record, token.stamp(item(key, "erased_case", case)?))?;
            } else {
                let values =
                    Item::from([(":done".to_owned(), value(false)?), (":token".to_owned(), value(token.as_str())?)]);
                let update = "SET done = :done, write_token = :token";
                builder.update(self, WriteItem::Record, key, update, "attribute_exists(PK)", values)?;
            }
            self.commit(&token, builder, true, |failed| (failed == RUN).then_some(false)).await
        })
        .await
    }

    /// That a case is written down; `None` where it is not. Whoever reads this before the case
    /// erases what was found until then.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn noted_case(&self, erasure: &Erasure, number: DisputeNumber) -> Result<Option<NotedCase>, StoreError> {
        let key = keys::erased_case(&erasure.digest, &erasure.id, number);
        let written = self.item(&key).await?.and_then(|mut noted| noted.remove(WRITE_TOKEN));
        Ok(written.map(|written| NotedCase { key, written }))
    }

    /// Makes the changes of a plan. `gone` has the keys of the received mails that were deleted.
    /// What identifies the person is changed only once all else of the case is.
    ///
    /// # Errors
    /// [`StoreError`]. Calling it again with a new plan is safe, whatever was written.
    pub async fn scrub_case(
        &self,
        plan: &CasePlan,
        gone: &[String],
        now: UnixMillis,
    ) -> Result<ScrubOutcome, StoreError> {
        let (changes, busy) = plan.changes(gone, now)?;
        let mut outcome = ScrubOutcome { busy, ..ScrubOutcome::default() };
        for phase in changes.chunk_by(|one, other| one.phase == other.phase) {
            if phase.first().is_some_and(|first| first.phase > scrub::Phase::Others)
                && (outcome.busy > 0 || outcome.conflicts > 0)
            {
                break;
            }
            for change in phase {
                if Box::pin(self.write_change(&change.change)).await? {
                    outcome.written += 1;
                } else {
                    outcome.conflicts += 1;
                }
            }
        }
        Ok(outcome)
    }

    /// Notes that all of a case is erased that was found before `noted` was read. `false` where the
    /// case was written down anew since, as what was found then may be left, or where the erasure
    /// is over: then nothing is written.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn note_case_done(
        &self,
        erasure: &Erasure,
        noted: &NotedCase,
        token: &WriteToken,
    ) -> Result<bool, StoreError> {
        let values = Item::from([(":done".to_owned(), value(true)?), (":written".to_owned(), noted.written.clone())]);
        let mut builder = TransactionBuilder::default();
        self.while_running(&mut builder, erasure, token)?;
        builder.update(self, WriteItem::Record, &noted.key, "SET done = :done", "write_token = :written", values)?;
        Ok(matches!(self.transact(token, builder).await?, TransactOutcome::Done))
    }

    /// Ends an erasure all of whose cases are done: its certificate takes the place of the run.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn finish_erasure(
        &self,
        erasure: &Erasure,
        token: impl FnMut() -> WriteToken,
    ) -> Result<FinishOutcome, StoreError> {
        let run = &keys::erasure_run(&erasure.digest);
        let key = &keys::certificate(&erasure.digest, erasure.begun_at, &erasure.id);
        let last = &keys::last_erasure(&erasure.digest);
        self.rounds("finish_erasure", run, token, |token| async move {
            let before = self.item(run).await?;
            // Read after it: where another erasure is under way by now, this one has a certificate.
            if self.item(key).await?.is_some() {
                return Ok(Some(FinishOutcome::Already));
            }
            let Some(before) = before else { return Ok(None) };
            let Some(written) = before.get(WRITE_TOKEN).cloned() else { return Ok(None) };
            let running: Erasure = body(before)?;
            if running.id != erasure.id {
                return Err(StoreError::invariant("another erasure of the address is under way", &erasure.id));
            }
            let cases = self.partition(&run.pk, Some(&keys::erased_cases(&erasure.id))).await?;
            for case in cases {
                if !body::<ErasedCase>(case)?.done {
                    return Ok(Some(FinishOutcome::Undone));
                }
            }
            let certificate = Erasure { carried_on_by: running.carried_on_by, ..erasure.clone() };
            let mut builder = TransactionBuilder::default();
            // Nobody may have written down a case meanwhile, or that somebody else carries it on.
            let own = Item::from([(":written".to_owned(), written)]);
            builder.create(self, WriteItem::Record, token.stamp(item(key, "certificate", &certificate)?))?;
            builder.delete(self, RUN, run, "write_token = :written", own)?;
            let ended = LastErasure { id: erasure.id.clone() };
            let id = Item::from([(":id".to_owned(), value(&erasure.id)?)]);
            let condition = "attribute_not_exists(PK) OR id <> :id";
            builder.put(self, LAST, item(last, "last-erasure", &ended)?, condition, id)?;
            self.commit(&token, builder, FinishOutcome::Certified, |_| None).await
        })
        .await
    }
}
