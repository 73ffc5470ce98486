//! What the reasons of a cancelled transaction amount to.

use aws_sdk_dynamodb::types::CancellationReason;

use super::{WriteItem, WriteToken};
use crate::items::Item;

/// A condition that failed, and the item that exists there.
#[derive(Debug)]
pub(crate) struct FailedCondition {
    pub(crate) item: WriteItem,
    pub(crate) existing: Option<Item>,
}

/// The result of a transaction.
#[derive(Debug)]
pub(crate) enum TransactOutcome {
    /// All writes are done.
    Done,
    /// Nothing is written; the highest-ranking condition that failed.
    Refused(FailedCondition),
}

/// What the reasons of a cancelled transaction amount to.
pub(super) enum CancellationOutcome {
    /// An item with the write token of this request exists: an earlier attempt was written, and its
    /// answer was lost.
    Done,
    /// Another transaction was in the way, or a limit: try again.
    InDoubt,
    /// A condition was not met.
    Refused(FailedCondition),
    /// DynamoDB does not accept one of the writes at all: which write, and what DynamoDB says of
    /// it, which names limits and attributes and no values.
    Malformed(String),
}

impl CancellationOutcome {
    pub(super) fn of(token: &WriteToken, ranks: &[WriteItem], reasons: &[CancellationReason]) -> Self {
        if reasons.iter().any(|reason| token.wrote(reason.item())) {
            return Self::Done;
        }
        let mut refused = None;
        for (which, reason) in ranks.iter().zip(reasons) {
            match reason.code() {
                Some("None") | None => {}
                Some("ConditionalCheckFailed") if refused.is_none() => {
                    refused = Some(FailedCondition { item: *which, existing: reason.item().cloned() });
                }
                Some("ConditionalCheckFailed") => {}
                Some("TransactionConflict" | "ThrottlingError" | "ProvisionedThroughputExceeded") => {
                    return Self::InDoubt;
                }
                Some(code) => {
                    let message = reason.message().unwrap_or("no message");
                    return Self::Malformed(format!("{which:?}: {code}: {message}"));
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
    use crate::transact::write_token::WRITE_TOKEN;

    fn of(ranks: &[WriteItem], reasons: &[CancellationReason]) -> CancellationOutcome {
        CancellationOutcome::of(&WriteToken::new([0; 16]), ranks, reasons)
    }

    fn reason(code: &str) -> CancellationReason {
        CancellationReason::builder().code(code).build()
    }

    #[test]
    fn the_nonce_outranks_the_transaction_which_outranks_the_active_dispute_lock() {
        let ranks = [WriteItem::Nonce, WriteItem::Transaction, WriteItem::ActiveLock];
        let failed = || reason("ConditionalCheckFailed");
        let verdict = of(&ranks, &[failed(), failed(), failed()]);
        assert!(matches!(verdict, CancellationOutcome::Refused(FailedCondition { item: WriteItem::Nonce, .. })));
        let verdict = of(&ranks, &[reason("None"), failed(), failed()]);
        assert!(matches!(verdict, CancellationOutcome::Refused(FailedCondition { item: WriteItem::Transaction, .. })));
    }

    #[test]
    fn an_item_with_the_requests_own_token_means_that_it_was_written() {
        let (own, theirs) = (WriteToken::new([1; 16]), WriteToken::new([2; 16]));
        // A change that closed the dispute: the lock is gone, and the dispute is the one that was
        // written.
        let dispute = Item::from([(WRITE_TOKEN.to_owned(), AttributeValue::S(own.as_str().to_owned()))]);
        let failed = CancellationReason::builder().code("ConditionalCheckFailed").set_item(Some(dispute)).build();
        let (ranks, reasons) =
            ([WriteItem::ActiveLock, WriteItem::Dispute], [reason("ConditionalCheckFailed"), failed]);
        assert!(matches!(CancellationOutcome::of(&own, &ranks, &reasons), CancellationOutcome::Done));
        let verdict = CancellationOutcome::of(&theirs, &ranks, &reasons);
        assert!(matches!(verdict, CancellationOutcome::Refused(FailedCondition { item: WriteItem::ActiveLock, .. })));
    }

    #[test]
    fn a_conflict_anywhere_leaves_everything_in_doubt() {
        let ranks = [WriteItem::Nonce, WriteItem::ActiveLock];
        let verdict = of(&ranks, &[reason("TransactionConflict"), reason("ConditionalCheckFailed")]);
        assert!(matches!(verdict, CancellationOutcome::InDoubt));
        let verdict = of(&ranks, &[reason("ConditionalCheckFailed"), reason("ThrottlingError")]);
        assert!(matches!(verdict, CancellationOutcome::InDoubt));
    }

    #[test]
    fn a_write_that_is_not_accepted_is_named_with_the_reason() {
        let too_long = CancellationReason::builder().code("ValidationError").message("the key is too long").build();
        let ranks = [WriteItem::Transaction, WriteItem::Pointer("details.reference")];
        let CancellationOutcome::Malformed(what) = of(&ranks, &[reason("None"), too_long]) else { panic!() };
        assert_eq!(what, r#"Pointer("details.reference"): ValidationError: the key is too long"#);
    }
}
