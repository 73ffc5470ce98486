//! The token of one request that writes: what its items are recognised by, and how long it waits
//! between its attempts.

use std::fmt;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::time::Duration;

use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::operation::update_item::builders::UpdateItemFluentBuilder;
use aws_sdk_dynamodb::types::{AttributeValue, ReturnValue, ReturnValuesOnConditionCheckFailure};
use data_encoding::HEXLOWER;

use super::MAX_ATTEMPTS;
use crate::error::StoreError;
use crate::items::{Item, text};

const FIRST_WAIT_MS: u64 = 8;
const LONGEST_WAIT_MS: u64 = 500;

/// The attribute in which an item has the token of the request that wrote it.
pub(crate) const WRITE_TOKEN: &str = "write_token";

/// The token of one request that writes: random, and the same through all its attempts.
#[derive(Clone)]
pub struct WriteToken {
    /// What its items are recognised by.
    name: String,
    /// What DynamoDB recognises its attempts by: they have the same bytes.
    attempts: String,
}

impl WriteToken {
    /// Makes a token of 16 random bytes.
    #[must_use]
    pub fn new(random: [u8; 16]) -> Self {
        let name = HEXLOWER.encode(&random);
        Self { attempts: name.clone(), name }
    }

    /// The token of a form that may come several times, at once too. All of its requests have the
    /// same `name`, so the items of the one that was written answer the others. Each has its own
    /// `random` bytes, because DynamoDB refuses a second transaction of one request token that
    /// differs in a byte, such as a time.
    #[must_use]
    pub fn of_submission(name: [u8; 16], random: [u8; 16]) -> Self {
        Self { name: HEXLOWER.encode(&name), attempts: HEXLOWER.encode(&random) }
    }

    /// What items are recognised by.
    pub(crate) fn as_str(&self) -> &str {
        &self.name
    }

    /// What DynamoDB recognises the attempts by.
    pub(super) fn request_token(&self) -> &str {
        &self.attempts
    }

    /// How long to wait after so many attempts: anything up to a bound that doubles. The jitter
    /// comes from the token, so that two requests that conflicted do not conflict again.
    pub(crate) fn wait(&self, attempts_made: u32) -> Duration {
        self.wait_below(attempts_made, FIRST_WAIT_MS.saturating_mul(1 << attempts_made.min(16)).min(LONGEST_WAIT_MS))
    }

    /// How long to wait after so many attempts, up to a bound in milliseconds.
    pub(crate) fn wait_below(&self, attempts_made: u32, bound: u64) -> Duration {
        let mut hasher = DefaultHasher::new();
        (&self.attempts, attempts_made).hash(&mut hasher);
        Duration::from_millis(1 + hasher.finish() % bound)
    }

    /// The item with this token in it, so that a lost answer to its write is recognised.
    pub(crate) fn stamp(&self, mut item: Item) -> Item {
        item.insert(WRITE_TOKEN.to_owned(), AttributeValue::S(self.name.clone()));
        item
    }

    /// Whether a request with this token wrote an item.
    pub(crate) fn wrote(&self, item: Option<&Item>) -> bool {
        item.and_then(|item| text(item, WRITE_TOKEN)) == Some(self.as_str())
    }

    /// Sends an update that stores this token in the attribute `by`, and returns the item as it is
    /// then; `None` where the update's condition was not met. Where the answer was lost and the SDK
    /// sent the update again, the attribute shows that it is the same update. Where a transaction
    /// is writing the item, the update is sent again after it; the SDK does not do that.
    pub(crate) async fn update(&self, update: UpdateItemFluentBuilder, by: &str) -> Result<Option<Item>, StoreError> {
        let update = update
            .return_values(ReturnValue::AllNew)
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
        let mut attempts_made = 0;
        loop {
            // Boxed, as the future of `transact`.
            let error = match Box::pin(update.clone().send()).await {
                Ok(updated) => return Ok(Some(updated.attributes.unwrap_or_default())),
                Err(error) => error,
            };
            attempts_made += 1;
            match error.as_service_error() {
                Some(UpdateItemError::ConditionalCheckFailedException(refused)) => {
                    return Ok(refused.item().filter(|existing| text(existing, by) == Some(self.as_str())).cloned());
                }
                Some(UpdateItemError::TransactionConflictException(_)) if attempts_made < MAX_ATTEMPTS => {
                    tokio::time::sleep(self.wait(attempts_made)).await;
                }
                _ => return Err(StoreError::from_sdk("UpdateItem", &error)),
            }
        }
    }
}

impl PartialEq for WriteToken {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Eq for WriteToken {}

impl fmt::Debug for WriteToken {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_stay_within_their_bounds_and_differ() {
        let one = WriteToken::new([1; 16]);
        let other = WriteToken::new([2; 16]);
        assert!((0..40).all(|attempts_made| one.wait(attempts_made) <= Duration::from_millis(LONGEST_WAIT_MS + 1)));
        assert!((0..10).any(|attempts_made| one.wait(attempts_made) != other.wait(attempts_made)));
    }
}
