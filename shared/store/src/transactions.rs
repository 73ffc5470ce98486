//! What the platform tells us of transactions, and how they are found.
//!
//! A transaction lies under its trxid. Pointers lead to it from its account's refid, from its type and reference, and from its captures; they
//! are written once, with the transaction, and carry its fixed facts, so that a pointer is all a door needs to read.

use recourse_dispute::dispute::{By, Dispute};
use recourse_dispute::ids::{AccountId, CaptureId, Reference, Refid, Trxid};
use recourse_dispute::time::UnixMillis;
use recourse_dispute::transaction::{Facts, Kind, Status, Transaction, Word};
use serde::{Deserialize, Serialize};

use crate::error::StoreError;
use crate::items::{Item, item, value};
use crate::keys::Key;
use crate::open::LiveDispute;
use crate::transact::{ATTEMPT, Ran, Refused, Step, Steps};
use crate::{AttemptId, Store, keys};

/// What became of a word about a transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Told {
    /// The transaction was not known before.
    Created,
    /// Its status, kind and times were replaced; a live dispute was closed with it where the new status ends disputes.
    Replaced,
    /// What is known is newer, or final: nothing changed.
    Stale,
    /// A fixed fact is another one than what is known; the field's name on the wire.
    Contradicts(&'static str),
    /// Another transaction has this already; the field's name on the wire.
    Taken(&'static str),
}

/// A transaction as it is stored.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Stored {
    pub(crate) facts: Facts,
    /// `status` is a reserved word of DynamoDB's expressions.
    pub(crate) transaction_status: Status,
    pub(crate) kind: Kind,
    pub(crate) updated_at: UnixMillis,
    pub(crate) version: u64,
}

impl Stored {
    fn first(word: &Transaction) -> Self {
        Self {
            facts: word.facts.clone(),
            transaction_status: word.status,
            kind: word.kind,
            updated_at: word.updated_at,
            version: 1,
        }
    }

    pub(crate) fn transaction(self) -> Transaction {
        Transaction { facts: self.facts, status: self.transaction_status, kind: self.kind, updated_at: self.updated_at }
    }
}

/// What a pointer carries: enough to decide on a dispute without reading the transaction.
#[derive(Serialize, Deserialize)]
struct Pointer {
    facts: Facts,
}

/// A transaction and the dispute that holds its guard, as one word about it finds them.
struct Found {
    stored: Stored,
    live: Option<Dispute>,
}

/// How often a word that was overtaken by another change is weighed again.
const MOST_ROUNDS: u32 = 8;

impl Store {
    /// Takes the platform's word about a transaction.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn tell(
        &self,
        word: &Transaction,
        by: &By,
        now: UnixMillis,
        mut attempt: impl FnMut() -> AttemptId,
    ) -> Result<Told, StoreError> {
        for round in 0..MOST_ROUNDS {
            let attempt = attempt();
            let told = match self.find(word).await? {
                None => self.create(word, &attempt).await?,
                Some(found) => {
                    let known = Transaction {
                        facts: found.stored.facts.clone(),
                        status: found.stored.transaction_status,
                        kind: found.stored.kind,
                        updated_at: found.stored.updated_at,
                    };
                    match known.hears(word) {
                        Word::Stale => Some(Told::Stale),
                        Word::Contradicts(field) => Some(Told::Contradicts(field)),
                        Word::Replaces => self.replace(&found, word, by, &attempt, now).await?,
                    }
                }
            };
            if let Some(told) = told {
                return Ok(told);
            }
            tokio::time::sleep(attempt.wait(round)).await;
        }
        Err(StoreError::Unavailable { operation: "tell", context: "the transaction kept changing".to_owned() })
    }

    /// A transaction by the platform's id, strongly consistent.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn transaction(&self, trxid: &Trxid) -> Result<Option<Transaction>, StoreError> {
        let stored: Option<Stored> = self.get(&keys::transaction(trxid)).await?;
        Ok(stored.map(Stored::transaction))
    }

    /// The facts of an account's transaction, by the account's reference.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn by_refid(&self, account: &AccountId, refid: &Refid) -> Result<Option<Facts>, StoreError> {
        self.pointed(&keys::by_refid(account, refid)).await
    }

    /// The facts of a transaction, by its type and reference.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn by_reference(
        &self,
        transaction_type: &str,
        reference: &Reference,
    ) -> Result<Option<Facts>, StoreError> {
        self.pointed(&keys::by_reference(transaction_type, reference)).await
    }

    /// The facts of an account's transaction, by one of its captures.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn by_capture(&self, account: &AccountId, capture: &CaptureId) -> Result<Option<Facts>, StoreError> {
        self.pointed(&keys::by_capture(account, capture)).await
    }

    async fn pointed(&self, key: &Key) -> Result<Option<Facts>, StoreError> {
        let pointer: Option<Pointer> = self.get(key).await?;
        Ok(pointer.map(|pointer| pointer.facts))
    }

    /// What is known of a word's transaction and, where the word would end it, of its live dispute.
    async fn find(&self, word: &Transaction) -> Result<Option<Found>, StoreError> {
        let trxid = &word.facts.trxid;
        let Some(stored) = self.get(&keys::transaction(trxid)).await? else { return Ok(None) };
        let guard: Option<LiveDispute> = match word.status.ends_disputes() {
            true => self.get(&keys::live_guard(trxid)).await?,
            false => None,
        };
        let Some(guard) = guard else { return Ok(Some(Found { stored, live: None })) };
        let lost = || StoreError::Broken(format!("the dispute {} holds a guard and is not there", guard.number));
        let live = self.dispute(guard.number).await?.ok_or_else(lost)?;
        Ok(Some(Found { stored, live: Some(live) }))
    }

    /// Writes a transaction that was not known, with its pointers. `None`: it is known by now.
    async fn create(&self, word: &Transaction, attempt: &AttemptId) -> Result<Option<Told>, StoreError> {
        let facts = &word.facts;
        let mut steps = Steps::default();
        let mut first = item(&keys::transaction(&facts.trxid), "transaction", &Stored::first(word))?;
        first.insert(ATTEMPT.to_owned(), value(attempt.as_str())?);
        steps.create(self, Step::Transaction, first)?;
        for (field, key) in pointers(facts) {
            steps.create(self, Step::Pointer(field), item(&key, "pointer", &Pointer { facts: facts.clone() })?)?;
        }
        match self.transact(attempt, steps).await? {
            Ran::Done => Ok(Some(Told::Created)),
            Ran::Refused(Refused { step: Step::Pointer(field), .. }) => Ok(Some(Told::Taken(field))),
            Ran::Refused(_) => Ok(None),
        }
    }

    /// Replaces status, kind and times, and closes the live dispute where the new status ends disputes. `None`: something changed meanwhile.
    async fn replace(
        &self,
        found: &Found,
        word: &Transaction,
        by: &By,
        attempt: &AttemptId,
        now: UnixMillis,
    ) -> Result<Option<Told>, StoreError> {
        let trxid = &word.facts.trxid;
        let mut steps = Steps::default();
        steps.update(
            self,
            Step::Transaction,
            &keys::transaction(trxid),
            "SET transaction_status = :status, kind = :kind, updated_at = :updated_at, version = :next, attempt = :attempt",
            "version = :version",
            Item::from([
                (":status".to_owned(), value(word.status)?),
                (":kind".to_owned(), value(word.kind)?),
                (":updated_at".to_owned(), value(word.updated_at)?),
                (":next".to_owned(), value(found.stored.version + 1)?),
                (":version".to_owned(), value(found.stored.version)?),
                (":attempt".to_owned(), value(attempt.as_str())?),
            ]),
        )?;
        if word.status.ends_disputes() {
            match &found.live {
                // It was closed between our reads of the guard and of the dispute: somebody was quicker, and we look again.
                Some(live) if !live.state.holds_guard() => return Ok(None),
                Some(live) => {
                    let change = live.ended_by(word.status, by.clone(), now).ok_or_else(|| {
                        StoreError::Broken(format!("the dispute {} is live and cannot be closed", live.number))
                    })?;
                    self.change_steps(&mut steps, live, &change, attempt, now)?;
                }
                // A dispute that opens between our read and this write has the guard by then, and we look again.
                None => {
                    steps.check(self, Step::Guard, &keys::live_guard(trxid), "attribute_not_exists(PK)", Item::new())?
                }
            }
        }
        match self.transact(attempt, steps).await? {
            Ran::Done => Ok(Some(Told::Replaced)),
            Ran::Refused(_) => Ok(None),
        }
    }
}

/// The pointers of a transaction, each with the field that it stands for.
fn pointers(facts: &Facts) -> Vec<(&'static str, Key)> {
    let mut pointers = vec![("refid", keys::by_refid(&facts.account, &facts.refid))];
    if let (Some(kind), Some(reference)) = (&facts.details.transaction_type, &facts.details.reference) {
        pointers.push(("details.reference", keys::by_reference(kind, reference)));
    }
    for capture in &facts.details.captures {
        pointers.push(("details.captures", keys::by_capture(&facts.account, capture)));
    }
    pointers
}
