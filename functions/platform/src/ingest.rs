//! `worker-ingest`: stores the transactions that the payment platform sends by a queue of SQS.
//!
//! A message is what `POST /platform/v1/transactions` takes, or one transaction alone, as `PUT`
//! takes it. It has no signature: whoever may send to the queue speaks for the platform's account
//! that the parameter `IngestAccount` names, and for that account's environment. SQS brings a
//! message at least once and in no order. Sending a transaction again changes nothing, and of two
//! updates the one with the later `updated_at` applies, so neither matters.
//!
//! | what happens | what becomes of it |
//! |---|---|
//! | all transactions of a message are stored, or known to be newer | the message is deleted |
//! | a transaction is refused, as `POST` would refuse it | the log says why; the others of the message are stored; the message comes again, and after five times is in the failure queue |
//! | a transaction cannot be stored now | the message comes again |
//! | the time is up | messages that are not done come again |
//! | the account is suspended or missing | an error in the log; all messages come again |
//! | the worker is killed | all messages of the batch come again |
//! | the work on a transaction panics | its message comes again, and the others go on |
//!
//! A message that comes again was not lost for the transactions of it that were stored: they are
//! stored once more, with the same result. SQS itself moves a message to the failure queue, so the
//! worker needs no permission on any queue but to read its own.

mod body;
mod event;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::panic::AssertUnwindSafe;
use std::time::Duration;

use futures_util::{FutureExt, StreamExt, stream};
use recourse_aws::metrics::{EmfRecord, Unit};
use recourse_aws::{Aws, BadVariable};
use recourse_dispute::environment::Environment;
use recourse_dispute::event::PerformedBy;
use recourse_dispute::ids::{AccountId, Trxid};
use recourse_dispute::lifecycle::Actor;
use recourse_dispute::time::UnixMillis;
use recourse_dispute::transaction::Transaction;
use recourse_edge::{App, FieldErrors, ServiceError, SystemContext};
use recourse_store::{Store, UpsertOutcome};
use tokio::time::timeout;

use crate::UpdateOutcome;
use crate::upsert::no_account;
use body::{read_all, reason};

pub use event::{FailedMessage, QueueEvent, QueueMessage, QueueResponse};

/// The time that the worker reserves for its answer. Without one, all messages come again.
const TO_ANSWER: Duration = Duration::from_secs(2);
/// How many accounts are read at a time.
const AT_A_TIME: usize = 16;

/// The worker, with all it needs, made once when the function starts.
#[derive(Debug)]
pub struct Ingest {
    app: App,
    account: AccountId,
}

/// What became of the messages of a batch so far.
#[derive(Debug, Default)]
struct Batch {
    /// How many transactions of each message are not stored; those that are refused stay so.
    left: BTreeMap<usize, usize>,
    /// How many transactions were stored, by the outcome.
    stored: BTreeMap<&'static str, u64>,
    /// How many were refused.
    refused: u64,
    /// How many could not be stored now.
    failed: u64,
}

/// Where an update is in a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Origin {
    /// The place of its message in the batch.
    place: usize,
    /// Its place in the message.
    entry: usize,
}

/// The updates that are still to be stored: of each transaction those of the batch in their order.
type Waiting = BTreeMap<Trxid, VecDeque<(Origin, Transaction)>>;

impl Ingest {
    /// The worker of a function, from its environment.
    ///
    /// # Errors
    /// [`BadVariable`].
    pub fn from_environment(context: SystemContext) -> Result<Self, BadVariable> {
        const NAME: &str = "INGEST_ACCOUNT";
        let account = Aws::from_environment()?.variable(NAME)?;
        let account =
            AccountId::parse(&account).map_err(|rule| BadVariable::Invalid { name: NAME, reason: rule.to_string() })?;
        Ok(Self { app: App::from_environment(context)?, account })
    }

    /// Stores the transactions of a batch until `deadline`, and names the messages that are to come
    /// again.
    pub async fn handle(&self, event: &QueueEvent, deadline: UnixMillis) -> QueueResponse {
        let context = self.app.context;
        let started = context.now();
        let time = u64::try_from(deadline.0.saturating_sub(started.0)).unwrap_or_default();
        let time = Duration::from_millis(time).saturating_sub(TO_ANSWER);
        let mut batch = Batch { left: (0..event.messages.len()).map(|place| (place, 1)).collect(), ..Batch::default() };
        let work = timeout(time, Box::pin(self.work(&event.messages, &mut batch)));
        let (done, dynamodb_calls) = recourse_aws::counted(work).await;
        match done {
            Ok(Ok(())) => {}
            Ok(Err(error)) => log_failure("a batch of the queue could not be stored", None, &error),
            Err(_) => tracing::warn!("the time for a batch of the queue was up; the rest of it comes again"),
        }
        let failed = |place: &usize| batch.left.get(place).is_some_and(|left| *left > 0);
        let failed = event.messages.iter().enumerate().filter(|(place, _)| failed(place));
        let failed: Vec<FailedMessage> =
            failed.map(|(_, message)| FailedMessage { item_identifier: message.message_id.clone() }).collect();
        let count = |count: usize| u64::try_from(count).unwrap_or(u64::MAX);
        let stored = |outcome: UpdateOutcome| batch.stored.get(outcome.name()).copied().unwrap_or_default();
        let record = EmfRecord::new("INFO", "ingest")
            .with("worker", Some("ingest"))
            .with("account", Some(self.account.to_string()))
            .with("dynamodb_calls", Some(dynamodb_calls))
            .metric("messages", count(event.messages.len()), Unit::Count)
            .metric("failed_messages", count(failed.len()), Unit::Count)
            .metric("created", stored(UpdateOutcome::Created), Unit::Count)
            .metric("replaced", stored(UpdateOutcome::Replaced), Unit::Count)
            .metric("stale", stored(UpdateOutcome::Stale), Unit::Count)
            .metric("refused", batch.refused, Unit::Count)
            .metric("failed", batch.failed, Unit::Count);
        context.print_call(record, started);
        QueueResponse { batch_item_failures: failed }
    }

    async fn work(&self, messages: &[QueueMessage], batch: &mut Batch) -> Result<(), ServiceError> {
        let Some(account) = self.app.store.active_account(&self.account).await? else {
            tracing::error!(
                account = %self.account,
                "the account of IngestAccount is missing or suspended, so nothing of the queue is stored"
            );
            return Ok(());
        };
        let environment = account.environment;
        let now = self.app.context.now();
        let mut updates = Vec::new();
        for (place, message) in messages.iter().enumerate() {
            let mut left = 0;
            for (entry, read) in read_all(&message.body, environment, now).into_iter().enumerate() {
                left += 1;
                match read {
                    Ok(update) => updates.push((Origin { place, entry }, message, update)),
                    Err(errors) => batch.refuse(message, entry, &errors),
                }
            }
            batch.left.insert(place, left);
        }
        let accounts = updates.iter().map(|(.., update)| update.facts.account.clone()).collect();
        let accounts = self.find_accounts(environment, accounts).await?;
        let mut waiting = Waiting::new();
        for (origin, message, update) in updates {
            match accounts.get(&update.facts.account) {
                Some(Ok(true)) => {
                    waiting.entry(update.facts.trxid.clone()).or_default().push_back((origin, update));
                }
                Some(Err(error)) => batch.fail(message, error),
                Some(Ok(false)) | None => batch.refuse(message, origin.entry, &no_account()),
            }
        }
        let by = PerformedBy { actor: Actor::Platform, name: self.account.to_string() };
        while !waiting.is_empty() {
            let (origins, updates) = take_next(&mut waiting);
            let outcomes = self.store(&updates, &by).await?;
            for (Origin { place, entry }, outcome) in origins.into_iter().zip(outcomes) {
                let Some(message) = messages.get(place) else { continue };
                match outcome.map(UpdateOutcome::of) {
                    Ok(Ok(stored)) => batch.store(place, stored),
                    Ok(Err(errors)) => batch.refuse(message, entry, &errors),
                    // An update behind it may be stored before it: the later one applies anyway.
                    Err(error) => batch.fail(message, &error),
                }
            }
        }
        Ok(())
    }

    /// Which of these accounts the environment has. Each is read once, however many transactions
    /// name it: an account that does not exist is not cached, and the messages that name it would
    /// use up the time of the batch's other ones. An account that cannot be read affects only the
    /// transactions that name it.
    ///
    /// # Errors
    /// [`ServiceError`] that repairs itself: what is out of reach for one account is so for all.
    async fn find_accounts(
        &self,
        environment: Environment,
        accounts: BTreeSet<AccountId>,
    ) -> Result<BTreeMap<AccountId, Result<bool, ServiceError>>, ServiceError> {
        let reads = accounts.into_iter().map(|id| async move {
            let account = self.app.account(environment, &id).await;
            (id, account.map(|account| account.is_some()))
        });
        let mut reads = stream::iter(reads).buffer_unordered(AT_A_TIME);
        let mut found = BTreeMap::new();
        while let Some((id, is_there)) = reads.next().await {
            match is_there {
                Err(error) if error.is_temporary() => return Err(error),
                is_there => found.insert(id, is_there),
            };
        }
        Ok(found)
    }

    /// Stores updates of different transactions. Where that panics, each is stored by itself, so
    /// that the one that is at fault fails alone.
    async fn store(
        &self,
        updates: &[Transaction],
        by: &PerformedBy,
    ) -> Result<Vec<Result<UpsertOutcome, ServiceError>>, ServiceError> {
        let (store, context) = (&self.app.store, self.app.context);
        let together = store.upsert_transactions(updates, by, context.now(), context.write_tokens()?);
        if let Ok(outcomes) = AssertUnwindSafe(Box::pin(together)).catch_unwind().await {
            return Ok(outcomes.into_iter().map(|outcome| outcome.map_err(ServiceError::Store)).collect());
        }
        let mut outcomes = Vec::with_capacity(updates.len());
        for update in updates {
            let alone = store.upsert_transaction(update, by, context.now(), context.write_tokens()?);
            let outcome = AssertUnwindSafe(Box::pin(alone)).catch_unwind().await;
            outcomes.push(outcome.map_or(Err(ServiceError::Panicked), |outcome| outcome.map_err(ServiceError::Store)));
        }
        Ok(outcomes)
    }
}

impl Batch {
    fn store(&mut self, place: usize, outcome: UpdateOutcome) {
        *self.stored.entry(outcome.name()).or_default() += 1;
        if let Some(left) = self.left.get_mut(&place) {
            *left = left.saturating_sub(1);
        }
    }

    /// Its message stays, and goes to the failure queue in the end.
    fn refuse(&mut self, message: &QueueMessage, entry: usize, errors: &FieldErrors) {
        self.refused += 1;
        let (message_id, reason) = (message.message_id.as_str(), reason(errors));
        tracing::info!(message_id, entry, reason, "a transaction of the queue was refused");
    }

    /// Its message comes again. Of failures that repair themselves the first one is logged, as the
    /// others of the batch have the same cause.
    fn fail(&mut self, message: &QueueMessage, error: &ServiceError) {
        if self.failed == 0 || !error.is_temporary() {
            log_failure("a transaction of the queue is not stored yet", Some(message), error);
        }
        self.failed += 1;
    }
}

/// Takes the first update of each of the next transactions, as many as are stored at once.
fn take_next(waiting: &mut Waiting) -> (Vec<Origin>, Vec<Transaction>) {
    let trxids: BTreeSet<Trxid> = waiting.keys().take(Store::MAX_UPDATES).cloned().collect();
    let (mut origins, mut updates) = (Vec::new(), Vec::new());
    for trxid in trxids {
        let Some(of_one) = waiting.get_mut(&trxid) else { continue };
        if let Some((origin, update)) = of_one.pop_front() {
            origins.push(origin);
            updates.push(update);
        }
        if of_one.is_empty() {
            waiting.remove(&trxid);
        }
    }
    (origins, updates)
}

/// Logs what failed: a warning where the next attempt may succeed.
fn log_failure(what: &'static str, message: Option<&QueueMessage>, error: &ServiceError) {
    let message_id = message.map(|message| message.message_id.as_str());
    let (error_code, text) = (error.code(), error.log_text());
    if error.is_temporary() {
        tracing::warn!(message_id, error_code, error = text, "{what}");
    } else {
        tracing::error!(message_id, error_code, error = text, "{what}");
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn update(trxid: &str) -> Transaction {
        let json = json!({
            "trxid": trxid, "account": "acct_demo", "refid": trxid, "status": "Succesful", "amount": "1.00",
            "currency": "NGN", "occurred_at": "2018-05-30T08:04:20Z", "updated_at": "2018-05-30T08:04:25Z",
        });
        crate::read(json.to_string().as_bytes(), None, Environment::Production, UnixMillis(1_796_025_600_000)).unwrap()
    }

    /// The messages whose updates are stored together, in their order.
    fn groups(trxids: &[&str]) -> Vec<Vec<usize>> {
        let mut waiting = Waiting::new();
        for (place, trxid) in trxids.iter().enumerate() {
            let (origin, update) = (Origin { place, entry: 0 }, update(trxid));
            waiting.entry(update.facts.trxid.clone()).or_default().push_back((origin, update));
        }
        let mut groups = Vec::new();
        while !waiting.is_empty() {
            let (origins, _) = take_next(&mut waiting);
            groups.push(origins.into_iter().map(|origin| origin.place).collect());
        }
        groups
    }

    #[test]
    fn updates_of_one_transaction_are_stored_one_after_the_other_in_their_order() {
        assert_eq!(groups(&["a", "b", "a", "c", "a"]), [vec![0, 1, 3], vec![2], vec![4]]);
    }

    #[test]
    fn no_more_are_stored_at_once_than_one_read_takes() {
        let names: Vec<String> = (0..Store::MAX_UPDATES + 1).map(|number| format!("{number:03}")).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        assert_eq!(groups(&names).iter().map(Vec::len).collect::<Vec<_>>(), [100, 1]);
    }

    #[test]
    fn a_message_is_done_when_all_of_its_transactions_are_stored() {
        let mut batch = Batch { left: BTreeMap::from([(0, 2)]), ..Batch::default() };
        batch.store(0, UpdateOutcome::Created);
        assert_eq!(batch.left[&0], 1);
        let message = QueueMessage { message_id: "m".to_owned(), body: String::new() };
        batch.refuse(&message, 1, &FieldErrors::one("amount", "is another one than before."));
        assert_eq!((batch.left[&0], batch.refused), (1, 1), "a refused one keeps its message");
        batch.store(0, UpdateOutcome::Stale);
        assert_eq!(batch.left[&0], 0);
    }
}
