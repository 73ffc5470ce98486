//! How much is disputed (Arbiter contract, "Log: rules").

use recourse_dispute::claim_amount::{ClaimAmountError, claimable};
use recourse_dispute::decimal::Decimal;
use recourse_dispute::money::Money;
use recourse_edge::FieldErrors;

/// Recourse-specific: a claim is of more than nothing, and of at most what was paid.
pub(crate) const NOTHING_PAID: &str = "The transaction's amount is zero.";

/// How much a request disputes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Amount {
    /// All of the transaction; an amount sent with it is ignored.
    Full,
    /// This much, in the transaction's currency.
    Partial(Decimal),
}

impl Amount {
    /// The name as it is printed.
    pub(crate) fn name(partial: bool) -> &'static str {
        if partial { "Partial" } else { "Full" }
    }

    pub(crate) fn is_partial(&self) -> bool {
        match self {
            Self::Full => false,
            Self::Partial(_) => true,
        }
    }

    /// The amount of a dispute about a transaction of `whole`: more than nothing, and not more than
    /// that.
    ///
    /// # Errors
    /// What is wrong with `disputeAmount`, or with the transaction where nothing was paid.
    pub(crate) fn of(&self, whole: Money) -> Result<Money, FieldErrors> {
        let nothing_paid = || FieldErrors::one("transactionReference", NOTHING_PAID);
        let Self::Partial(decimal) = self else { return claimable(whole, whole).map_err(|_| nothing_paid()) };
        let wrong = |rule: String| FieldErrors::one("disputeAmount", rule);
        let amount = Money::parse(&decimal.to_string(), whole.currency()).map_err(|rule| wrong(format!("{rule}.")))?;
        claimable(amount, whole).map_err(|error| match error {
            ClaimAmountError::NothingPaid => nothing_paid(),
            ClaimAmountError::MoreThanPaid => wrong("must not be more than the transaction's amount.".to_owned()),
            ClaimAmountError::Zero | ClaimAmountError::OtherCurrency => wrong(format!("{error}.")),
        })
    }
}

#[cfg(test)]
mod tests {
    use recourse_dispute::money::Currency;

    use super::*;

    #[test]
    fn a_part_is_more_than_nothing_and_not_more_than_the_whole() {
        let whole = Money::parse("1550.00", Currency::parse("NGN").unwrap()).unwrap();
        let of = |text: &str| Amount::Partial(Decimal::parse(text).unwrap()).of(whole).map(Money::grouped);
        assert_eq!(of("1000").unwrap(), "NGN 1,000.00");
        assert_eq!(of("1550.00").unwrap(), "NGN 1,550.00");
        assert_eq!(of("0.01").unwrap(), "NGN 0.01");
        assert_eq!(of("1000.000").unwrap(), "NGN 1,000.00", "zeros at the end are no decimals");
        assert_eq!(of("1E+3").unwrap(), "NGN 1,000.00");
        for text in ["0", "0.00", "1550.01", "1551", "1.001", "1e-3", "999999999999999"] {
            assert_eq!(of(text).unwrap_err().fields(), ["disputeAmount"], "{text}");
        }
        assert_eq!(Amount::Full.of(whole), Ok(whole));
        let free = Money::from_minor(0, whole.currency());
        for amount in [Amount::Full, Amount::Partial(Decimal::parse("1").unwrap())] {
            assert_eq!(amount.of(free), Err(FieldErrors::one("transactionReference", NOTHING_PAID)));
        }
        let yen = Money::parse("1550", Currency::parse("JPY").unwrap()).unwrap();
        let of = |text: &str| Amount::Partial(Decimal::parse(text).unwrap()).of(yen).map(Money::grouped);
        assert_eq!(of("1000.0").unwrap(), "JPY 1,000");
        let rule = "must have at most as many decimals as its currency.";
        assert_eq!(of("1000.5"), Err(FieldErrors::one("disputeAmount", rule)));
    }
}
