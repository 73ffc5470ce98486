//! One `TransactWriteItems`, sent until it is known whether it was written.
//!
//! All attempts of one request send the same `ClientRequestToken` and the same bytes, so DynamoDB
//! itself recognises an attempt whose answer was lost. DynamoDB remembers a token for ten minutes.
//! After that, the write token in the items shows it: a condition that fails on an item with this
//! request's own token means that an earlier attempt was written.
//!
//! A conflict with another transaction, or a throttle, is tried again with jitter and is never
//! reported as a refusal. Failed conditions count only when none is left in doubt, in the order of
//! the writes.

mod builder;
mod outcome;
mod write_token;

use std::fmt::Display;
use std::time::Duration;

use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;

use crate::Store;
use crate::error::StoreError;
use outcome::CancellationOutcome;

pub(crate) use builder::{TransactionBuilder, WriteItem};
pub(crate) use outcome::{FailedCondition, TransactOutcome};
pub(crate) use write_token::WRITE_TOKEN;
pub use write_token::WriteToken;

/// How often a write that conflicts with another one is attempted. The waits grow to half a second,
/// so the last attempt is up to five seconds after the first: longer than contention on one
/// transaction lasts, shorter than a function's time limit.
pub(crate) const MAX_ATTEMPTS: u32 = 16;
/// How often a change is decided anew after a version conflict.
pub(crate) const MAX_ROUNDS: u32 = 8;
/// How long a transaction is attempted at most, slow answers included. With a read before it and a
/// nonce after it, each of which may take four seconds, that is within a function's 15 seconds. A
/// request with more reads gets its answer in time from the function itself.
const PATIENCE: Duration = Duration::from_secs(5);

/// The error of a change that met a version conflict in every round.
pub(crate) fn version_conflict(operation: &'static str, key: impl Display) -> StoreError {
    let context = format!("{key} was changed by others in each of {MAX_ROUNDS} rounds");
    StoreError::Unavailable { operation, context }
}

impl Store {
    /// Reads, decides and writes what `key` names, by `round`, until the write succeeds: `None`
    /// means that somebody else changed the same meanwhile. Each round has a write token of its
    /// own.
    pub(crate) async fn rounds<T, F: Future<Output = Result<Option<T>, StoreError>>>(
        &self,
        operation: &'static str,
        key: impl Display,
        mut token: impl FnMut() -> WriteToken,
        mut round: impl FnMut(WriteToken) -> F,
    ) -> Result<T, StoreError> {
        for number in 0..MAX_ROUNDS {
            let token = token();
            if let Some(done) = round(token.clone()).await? {
                return Ok(done);
            }
            tokio::time::sleep(token.wait(number)).await;
        }
        Err(version_conflict(operation, key))
    }

    /// Sends the writes as one transaction until it is known whether they were written.
    pub(crate) async fn transact(
        &self,
        token: &WriteToken,
        builder: TransactionBuilder,
    ) -> Result<TransactOutcome, StoreError> {
        let late = |_| StoreError::Unavailable {
            operation: "TransactWriteItems",
            context: format!("whether it was written is not known after {} seconds", PATIENCE.as_secs()),
        };
        // Boxed: the futures of all writes are built on this one, and would otherwise be nested too
        // deeply for the compiler.
        let sending = Box::pin(self.send_until_known(token, builder));
        tokio::time::timeout(PATIENCE, sending).await.map_err(late)?
    }

    /// Sends the writes of one round: `done`, or what `refused` makes of the item whose condition
    /// failed. `None` means that somebody else changed the same meanwhile.
    pub(crate) async fn commit<T>(
        &self,
        token: &WriteToken,
        builder: TransactionBuilder,
        done: T,
        refused: impl Fn(WriteItem) -> Option<T>,
    ) -> Result<Option<T>, StoreError> {
        Ok(match self.transact(token, builder).await? {
            TransactOutcome::Done => Some(done),
            TransactOutcome::Refused(failed) => refused(failed.item),
        })
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
                .client_request_token(token.request_token())
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
                CancellationOutcome::Malformed(context) => {
                    return Err(StoreError::Malformed { operation: "TransactWriteItems", context });
                }
                CancellationOutcome::Refused(refused) => return Ok(TransactOutcome::Refused(refused)),
                CancellationOutcome::InDoubt if attempts_made + 1 == MAX_ATTEMPTS => {
                    return Err(StoreError::from_sdk("TransactWriteItems", &error));
                }
                CancellationOutcome::InDoubt => tokio::time::sleep(token.wait(attempts_made)).await,
            }
            attempts_made += 1;
        }
    }
}
