//! How much a dispute may claim: more than nothing, and at most what was paid.
//!
//! **Invariant:** every API at which an amount is claimed asks [`claimable`], and what it answers
//! is the dispute's one amount. An API that cannot take an amount refuses it; none is ever cut.
//!
//! A report at the IIMMPACT API names no amount and claims none, so it is not asked for one: a
//! transaction that was free of charge can be reported, too.

use crate::money::Money;

/// Why an amount cannot be claimed; the message states the rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ClaimAmountError {
    /// The amount is in another currency than the payment.
    #[error("must be in the currency of the payment")]
    OtherCurrency,
    /// The amount is zero.
    #[error("must be more than zero")]
    Zero,
    /// The amount is more than what was paid.
    #[error("must not be more than what was paid")]
    MoreThanPaid,
    /// Nothing was paid, so there is nothing to claim.
    #[error("nothing was paid, so nothing can be claimed")]
    NothingPaid,
}

/// Takes an amount that somebody claims of a transaction of `paid`.
///
/// # Errors
/// [`ClaimAmountError`] says which rule the amount breaks.
pub fn claimable(amount: Money, paid: Money) -> Result<Money, ClaimAmountError> {
    if amount.currency() != paid.currency() {
        Err(ClaimAmountError::OtherCurrency)
    } else if paid.minor() == 0 {
        Err(ClaimAmountError::NothingPaid)
    } else if amount.minor() == 0 {
        Err(ClaimAmountError::Zero)
    } else if amount.minor() > paid.minor() {
        Err(ClaimAmountError::MoreThanPaid)
    } else {
        Ok(amount)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::money::Currency;

    #[test]
    fn a_claim_is_more_than_nothing_and_at_most_what_was_paid() {
        let money = |minor, code| Money::from_minor(minor, Currency::parse(code).unwrap());
        let of = |amount, paid| claimable(money(amount, "NGN"), money(paid, "NGN")).map(Money::minor);
        assert_eq!((of(1, 155_000), of(155_000, 155_000)), (Ok(1), Ok(155_000)));
        assert_eq!(of(0, 155_000), Err(ClaimAmountError::Zero));
        assert_eq!(of(155_001, 155_000), Err(ClaimAmountError::MoreThanPaid));
        assert_eq!((of(0, 0), of(1, 0)), (Err(ClaimAmountError::NothingPaid), Err(ClaimAmountError::NothingPaid)));
        let other = claimable(money(1, "JPY"), money(155_000, "NGN"));
        assert_eq!(other, Err(ClaimAmountError::OtherCurrency));
    }
}
