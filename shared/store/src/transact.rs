//! One `TransactWriteItems`, sent until it is known what became of it.
//!
//! All tries of one request send the same `ClientRequestToken` and the same bytes, so that DynamoDB itself takes a try whose answer was
//! lost for the same transaction. Where that memory is over, the items carry the attempt's id: a condition that fails on our own
//! item means that we were through.
//!
//! A conflict with another transaction, or a throttle, is tried again with jitter and is never reported as a refusal. Only when no
//! condition is left in doubt do the failed ones count, in the order of the steps.

mod builder;
mod outcome;
mod write_token;

use std::time::Duration;

use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;

use crate::Store;
use crate::error::StoreError;
use outcome::CancellationOutcome;

pub(crate) use builder::{TransactionBuilder, WriteItem};
pub(crate) use outcome::{FailedCondition, TransactOutcome};
pub(crate) use write_token::ATTEMPT;
pub use write_token::WriteToken;

/// How often a write that met another one is tried. The waits grow to half a second, so the last try is up to five
/// seconds after the first: longer than any crowd on one transaction lasts, shorter than a function's time limit.
pub(crate) const MAX_TRIES: u32 = 16;
/// How often a change that was overtaken by another one is decided anew.
pub(crate) const MAX_ROUNDS: u32 = 8;
/// How long a transaction is tried at most, slow answers included: with a read before and a nonce after, each of which may take four
/// seconds, that is within a function's 15 seconds. Whoever waits longer for more reads is answered in time by the function itself.
const PATIENCE: Duration = Duration::from_secs(5);

/// A change that lost every round to others.
pub(crate) fn version_conflict(operation: &'static str) -> StoreError {
    StoreError::Unavailable { operation, context: "others kept changing the same".to_owned() }
}

impl Store {
    /// Sends the steps as one transaction until it is known what became of them.
    pub(crate) async fn transact(
        &self,
        token: &WriteToken,
        builder: TransactionBuilder,
    ) -> Result<TransactOutcome, StoreError> {
        let late = |_| StoreError::Unavailable {
            operation: "TransactWriteItems",
            context: format!("nothing certain within {} seconds", PATIENCE.as_secs()),
        };
        tokio::time::timeout(PATIENCE, self.send_until_known(token, builder)).await.map_err(late)?
    }

    async fn send_until_known(
        &self,
        token: &WriteToken,
        builder: TransactionBuilder,
    ) -> Result<TransactOutcome, StoreError> {
        let (ranks, writes): (Vec<_>, Vec<_>) = builder.0.into_iter().unzip();
        let mut attempts_made = 0;
        loop {
            let sent = self
                .client
                .transact_write_items()
                .client_request_token(token.as_str())
                .set_transact_items(Some(writes.clone()))
                .send()
                .await;
            let Err(error) = sent else { return Ok(TransactOutcome::Done) };
            let reasons = match error.as_service_error() {
                Some(TransactWriteItemsError::TransactionCanceledException(cancelled)) => {
                    cancelled.cancellation_reasons()
                }
                Some(TransactWriteItemsError::TransactionInProgressException(_)) => &[],
                _ => return Err(StoreError::from_sdk("TransactWriteItems", &error)),
            };
            match CancellationOutcome::of(token, &ranks, reasons) {
                CancellationOutcome::Done => return Ok(TransactOutcome::Done),
                CancellationOutcome::Malformed(what) => {
                    return Err(StoreError::Broken(format!("TransactWriteItems: {what}")));
                }
                CancellationOutcome::Refused(refused) => return Ok(TransactOutcome::Refused(refused)),
                CancellationOutcome::InDoubt if attempts_made + 1 == MAX_TRIES => {
                    return Err(StoreError::from_sdk("TransactWriteItems", &error));
                }
                CancellationOutcome::InDoubt => tokio::time::sleep(token.wait(attempts_made)).await,
            }
            attempts_made += 1;
        }
    }
}
