//! How much is disputed (Arbiter contract, "Log: rules").

use recourse_dispute::money::{BadMoney, Money};

use crate::Errors;

/// How much a request disputes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Amount {
    /// All of the transaction; an amount sent with it is ignored.
    Full,
    /// This much, as a decimal of the transaction's currency.
    Partial(String),
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

    /// The amount of a dispute about a transaction of `whole`: more than nothing, and not more than that.
    ///
    /// # Errors
    /// What is wrong with `disputeAmount`.
    pub(crate) fn of(&self, whole: Money) -> Result<Money, Errors> {
        let Self::Partial(decimal) = self else { return Ok(whole) };
        let wrong = |rule: String| Errors::one("disputeAmount", rule);
        let amount = Money::parse(decimal, whole.currency()).map_err(|error| {
            wrong(match error {
                BadMoney::Form => "must be a plain decimal number.".to_owned(),
                other => format!("{other}."),
            })
        })?;
        if amount.minor() == 0 {
            return Err(wrong("must be more than zero.".to_owned()));
        }
        if amount.minor() > whole.minor() {
            return Err(wrong("must not be more than the transaction's amount.".to_owned()));
        }
        Ok(amount)
    }
}

#[cfg(test)]
mod tests {
    use recourse_dispute::money::Currency;

    use super::*;

    #[test]
    fn a_part_is_more_than_nothing_and_not_more_than_the_whole() {
        let whole = Money::parse("1550.00", Currency::parse("NGN").unwrap()).unwrap();
        let of = |text: &str| Amount::Partial(text.to_owned()).of(whole).map(Money::grouped);
        assert_eq!(of("1000").unwrap(), "NGN 1,000.00");
        assert_eq!(of("1550.00").unwrap(), "NGN 1,550.00");
        assert_eq!(of("0.01").unwrap(), "NGN 0.01");
        for text in ["0", "0.00", "1550.01", "-1", "1e3", "1.001", "", "1,000", "99999999999999999999", "NaN"] {
            assert_eq!(of(text).unwrap_err().fields(), ["disputeAmount"], "{text}");
        }
        assert_eq!(Amount::Full.of(whole), Ok(whole));
    }
}
