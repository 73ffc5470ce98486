//! One `TransactWriteItems`, sent until it is known what became of it.
//!
//! All tries of one request send the same `ClientRequestToken` and the same bytes, so that DynamoDB itself takes a try whose answer was
//! lost for the same transaction. Where that memory is over, the items carry the attempt's id: a condition that fails on our own
//! item means that we were through.
//!
//! A conflict with another transaction, or a throttle, is tried again with jitter and is never reported as a refusal. Only when no
//! condition is left in doubt do the failed ones count, in the order of the steps.

use std::collections::HashMap;
use std::fmt;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::time::Duration;

use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::{
    CancellationReason, ConditionCheck, Delete, Put, ReturnValuesOnConditionCheckFailure, TransactWriteItem, Update,
};

use crate::error::StoreError;
use crate::items::{Item, text};
use crate::{Store, keys};

/// How often a write that met another one is tried. The waits grow to half a second, so the last try is about five
/// seconds after the first: longer than any crowd on one transaction lasts, shorter than a function's time limit.
pub(crate) const MOST_TRIES: u32 = 16;
const FIRST_WAIT_MS: u64 = 8;
const LONGEST_WAIT_MS: u64 = 500;

/// How long a transaction is tried at most, slow answers included: with a read before and a nonce after, each of which may take four
/// seconds, a request ends within a function's 15 seconds.
const PATIENCE: Duration = Duration::from_secs(5);

/// The attribute in which an item names the attempt that wrote it.
pub(crate) const ATTEMPT: &str = "attempt";

/// One request's attempt to write: random, and the same through all its retries.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct AttemptId(String);

impl AttemptId {
    /// Makes an id of 16 random bytes.
    #[must_use]
    pub fn new(random: [u8; 16]) -> Self {
        Self(random.iter().map(|byte| format!("{byte:02x}")).collect())
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// How long to wait before try number `tries + 1`: anything up to a bound that doubles. Jitter comes out of the attempt's own
    /// randomness, so that two attempts that met do not meet again.
    #[must_use]
    pub fn wait(&self, tries: u32) -> Duration {
        self.wait_below(tries, FIRST_WAIT_MS.saturating_mul(1 << tries.min(16)).min(LONGEST_WAIT_MS))
    }

    /// How long to wait before try number `tries + 1`, with a bound of one's own, in milliseconds.
    pub(crate) fn wait_below(&self, tries: u32, bound: u64) -> Duration {
        let mut hasher = DefaultHasher::new();
        (self, tries).hash(&mut hasher);
        Duration::from_millis(1 + hasher.finish() % bound)
    }
}

impl fmt::Debug for AttemptId {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

/// What a step of a transaction guards. Earlier steps outrank later ones when several are refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    Nonce,
    Idempotence,
    Transaction,
    Guard,
    Dispute,
    Credential,
    Account,
    Pointer(&'static str),
    Record,
}

/// A condition that was not met, and the item that stood there.
#[derive(Debug)]
pub(crate) struct Refused {
    pub(crate) step: Step,
    pub(crate) stood: Option<Item>,
}

/// What became of a transaction.
#[derive(Debug)]
pub(crate) enum Ran {
    /// All of it is written.
    Done,
    /// None of it is written; the highest-ranking condition that was not met.
    Refused(Refused),
}

/// A transaction being put together, in the order of rank.
#[derive(Debug, Default)]
pub(crate) struct Steps(Vec<(Step, TransactWriteItem)>);

impl Steps {
    /// Puts an item where none of that key is.
    pub(crate) fn create(&mut self, store: &Store, step: Step, item: Item) -> Result<(), StoreError> {
        self.put(store, step, item, "attribute_not_exists(PK)", Item::new())
    }

    /// Puts an item where the condition holds.
    pub(crate) fn put(
        &mut self,
        store: &Store,
        step: Step,
        item: Item,
        condition: &str,
        values: Item,
    ) -> Result<(), StoreError> {
        let put = Put::builder()
            .table_name(store.table_of(step))
            .set_item(Some(item))
            .condition_expression(condition)
            .set_expression_attribute_values(some(values))
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .build()
            .map_err(malformed)?;
        self.0.push((step, TransactWriteItem::builder().put(put).build()));
        Ok(())
    }

    /// Changes attributes of an item where the condition holds.
    pub(crate) fn update(
        &mut self,
        store: &Store,
        step: Step,
        key: &keys::Key,
        update: &str,
        condition: &str,
        values: Item,
    ) -> Result<(), StoreError> {
        // These are among DynamoDB's reserved words; a name that is not used would be refused.
        let used = |name: &&str| [update, condition].iter().any(|text| text.contains(&format!("#{name}")));
        let names: HashMap<String, String> =
            ["item", "schema"].into_iter().filter(used).map(|name| (format!("#{name}"), name.to_owned())).collect();
        let names = if names.is_empty() { None } else { Some(names) };
        let update = Update::builder()
            .table_name(store.table_of(step))
            .set_key(Some(key.attributes()))
            .update_expression(update)
            .condition_expression(condition)
            .set_expression_attribute_names(names)
            .set_expression_attribute_values(some(values))
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .build()
            .map_err(malformed)?;
        self.0.push((step, TransactWriteItem::builder().update(update).build()));
        Ok(())
    }

    /// Takes an item away where the condition holds.
    pub(crate) fn delete(
        &mut self,
        store: &Store,
        step: Step,
        key: &keys::Key,
        condition: &str,
        values: Item,
    ) -> Result<(), StoreError> {
        let delete = Delete::builder()
            .table_name(store.table_of(step))
            .set_key(Some(key.attributes()))
            .condition_expression(condition)
            .set_expression_attribute_values(some(values))
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .build()
            .map_err(malformed)?;
        self.0.push((step, TransactWriteItem::builder().delete(delete).build()));
        Ok(())
    }

    /// Demands that the condition holds, and changes nothing.
    pub(crate) fn check(
        &mut self,
        store: &Store,
        step: Step,
        key: &keys::Key,
        condition: &str,
        values: Item,
    ) -> Result<(), StoreError> {
        let check = ConditionCheck::builder()
            .table_name(store.table_of(step))
            .set_key(Some(key.attributes()))
            .condition_expression(condition)
            .set_expression_attribute_values(some(values))
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .build()
            .map_err(malformed)?;
        self.0.push((step, TransactWriteItem::builder().condition_check(check).build()));
        Ok(())
    }
}

fn some(values: Item) -> Option<Item> {
    if values.is_empty() { None } else { Some(values) }
}

fn malformed(error: impl std::error::Error) -> StoreError {
    StoreError::Broken(format!("a transaction was put together wrong: {error}"))
}

impl Store {
    fn table_of(&self, step: Step) -> &str {
        match step {
            Step::Nonce | Step::Idempotence => &self.tables.guards,
            Step::Transaction
            | Step::Guard
            | Step::Dispute
            | Step::Credential
            | Step::Account
            | Step::Pointer(_)
            | Step::Record => &self.tables.disputes,
        }
    }

    /// Sends the steps as one transaction until it is known what became of them.
    pub(crate) async fn transact(&self, attempt: &AttemptId, steps: Steps) -> Result<Ran, StoreError> {
        let late = |_| StoreError::Unavailable {
            operation: "TransactWriteItems",
            context: format!("nothing certain within {} seconds", PATIENCE.as_secs()),
        };
        tokio::time::timeout(PATIENCE, self.send_until_known(attempt, steps)).await.map_err(late)?
    }

    async fn send_until_known(&self, attempt: &AttemptId, steps: Steps) -> Result<Ran, StoreError> {
        let (ranks, writes): (Vec<_>, Vec<_>) = steps.0.into_iter().unzip();
        let mut tries = 0;
        loop {
            let sent = self
                .client
                .transact_write_items()
                .client_request_token(attempt.as_str())
                .set_transact_items(Some(writes.clone()))
                .send()
                .await;
            let Err(error) = sent else { return Ok(Ran::Done) };
            let reasons = match error.as_service_error() {
                Some(TransactWriteItemsError::TransactionCanceledException(cancelled)) => {
                    cancelled.cancellation_reasons()
                }
                Some(TransactWriteItemsError::TransactionInProgressException(_)) => &[],
                _ => return Err(StoreError::from_sdk("TransactWriteItems", &error)),
            };
            match Verdict::of(attempt, &ranks, reasons) {
                Verdict::Done => return Ok(Ran::Done),
                Verdict::Malformed(what) => return Err(StoreError::Broken(format!("TransactWriteItems: {what}"))),
                Verdict::Refused(refused) => return Ok(Ran::Refused(refused)),
                Verdict::InDoubt if tries + 1 == MOST_TRIES => {
                    return Err(StoreError::from_sdk("TransactWriteItems", &error));
                }
                Verdict::InDoubt => tokio::time::sleep(attempt.wait(tries)).await,
            }
            tries += 1;
        }
    }
}

impl AttemptId {
    /// Whether an item that stands in the way was written by this attempt.
    pub(crate) fn wrote(&self, item: Option<&Item>) -> bool {
        item.and_then(|item| text(item, ATTEMPT)) == Some(self.as_str())
    }
}

/// What the reasons of a cancelled transaction amount to.
enum Verdict {
    /// An item of our own stands in the way: an earlier try went through, and its answer was lost.
    Done,
    /// Another transaction was in the way, or a limit: try again.
    InDoubt,
    /// A condition was not met.
    Refused(Refused),
    /// DynamoDB does not accept one of the writes at all: the step, and what it says of it, which names limits and attributes and no values.
    Malformed(String),
}

impl Verdict {
    fn of(attempt: &AttemptId, ranks: &[Step], reasons: &[CancellationReason]) -> Self {
        if reasons.iter().any(|reason| attempt.wrote(reason.item())) {
            return Self::Done;
        }
        let mut refused = None;
        for (step, reason) in ranks.iter().zip(reasons) {
            match reason.code() {
                Some("None") | None => {}
                Some("ConditionalCheckFailed") if refused.is_none() => {
                    refused = Some(Refused { step: *step, stood: reason.item().cloned() });
                }
                Some("ConditionalCheckFailed") => {}
                Some("TransactionConflict" | "ThrottlingError" | "ProvisionedThroughputExceeded") => {
                    return Self::InDoubt;
                }
                Some(code) => {
                    let message = reason.message().unwrap_or("no message");
                    return Self::Malformed(format!("{step:?}: {code}: {message}"));
                }
            }
        }
        refused.map_or(Self::InDoubt, Self::Refused)
    }
}

#[cfg(test)]
mod tests {
    use aws_sdk_dynamodb::types::AttributeValue;

    use super::*;

    fn of(ranks: &[Step], reasons: &[CancellationReason]) -> Verdict {
        Verdict::of(&AttemptId::new([0; 16]), ranks, reasons)
    }

    fn reason(code: &str) -> CancellationReason {
        CancellationReason::builder().code(code).build()
    }

    #[test]
    fn the_nonce_outranks_the_transaction_which_outranks_the_guard() {
        let ranks = [Step::Nonce, Step::Transaction, Step::Guard];
        let failed = || reason("ConditionalCheckFailed");
        let verdict = of(&ranks, &[failed(), failed(), failed()]);
        assert!(matches!(verdict, Verdict::Refused(Refused { step: Step::Nonce, .. })));
        let verdict = of(&ranks, &[reason("None"), failed(), failed()]);
        assert!(matches!(verdict, Verdict::Refused(Refused { step: Step::Transaction, .. })));
    }

    #[test]
    fn our_own_item_anywhere_means_that_we_were_through() {
        let (ours, theirs) = (AttemptId::new([1; 16]), AttemptId::new([2; 16]));
        // A change that closed the dispute: the guard is gone, and the dispute is the one we wrote.
        let dispute = Item::from([(ATTEMPT.to_owned(), AttributeValue::S(ours.as_str().to_owned()))]);
        let failed = CancellationReason::builder().code("ConditionalCheckFailed").set_item(Some(dispute)).build();
        let (ranks, reasons) = ([Step::Guard, Step::Dispute], [reason("ConditionalCheckFailed"), failed]);
        assert!(matches!(Verdict::of(&ours, &ranks, &reasons), Verdict::Done));
        let verdict = Verdict::of(&theirs, &ranks, &reasons);
        assert!(matches!(verdict, Verdict::Refused(Refused { step: Step::Guard, .. })));
    }

    #[test]
    fn a_conflict_anywhere_leaves_everything_in_doubt() {
        let ranks = [Step::Nonce, Step::Guard];
        let verdict = of(&ranks, &[reason("TransactionConflict"), reason("ConditionalCheckFailed")]);
        assert!(matches!(verdict, Verdict::InDoubt));
        let verdict = of(&ranks, &[reason("ConditionalCheckFailed"), reason("ThrottlingError")]);
        assert!(matches!(verdict, Verdict::InDoubt));
    }

    #[test]
    fn a_write_that_is_not_accepted_is_named_with_the_reason() {
        let too_long = CancellationReason::builder().code("ValidationError").message("the key is too long").build();
        let ranks = [Step::Transaction, Step::Pointer("details.reference")];
        let Verdict::Malformed(what) = of(&ranks, &[reason("None"), too_long]) else { panic!() };
        assert_eq!(what, r#"Pointer("details.reference"): ValidationError: the key is too long"#);
    }

    #[test]
    fn waits_stay_within_their_bounds_and_differ() {
        let one = AttemptId::new([1; 16]);
        let other = AttemptId::new([2; 16]);
        assert!((0..40).all(|tries| one.wait(tries) <= Duration::from_millis(LONGEST_WAIT_MS + 1)));
        assert!((0..10).any(|tries| one.wait(tries) != other.wait(tries)));
    }
}
