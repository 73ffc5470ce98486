//! Amounts as this API writes them: "Amount in cents and always having 2 decimals" (vendor
//! specification, Connect "Submit dispute"), whatever the currency.
//!
//! So an amount of a currency with three decimals cannot have a third decimal here, in requests or
//! in answers. An answer that leaves such an amount out has it in another member ([`not_shown`]).

use recourse_dispute::money::{Currency, Money};

/// The decimals of every amount at this API.
const DECIMALS: usize = 2;
/// The largest amount at this API, which has 12 digits (Connect contract, "Models").
pub(crate) const MAX_AMOUNT: u64 = 999_999_999_999;

/// The money of an amount at this API; `None` when the currency cannot hold it exactly: half a yen,
/// say.
pub(crate) fn money(amount: u64, currency: Currency) -> Option<Money> {
    scaled(amount, DECIMALS, currency.decimals()).map(|minor| Money::from_minor(minor, currency))
}

/// An amount of money at this API; `None` when two decimals cannot hold it exactly, such as
/// 0.001 KWD, when it has more than 12 digits, and when it is zero.
pub(crate) fn amount(money: Money) -> Option<u64> {
    scaled(money.minor(), money.currency().decimals(), DECIMALS).filter(|amount| (1..=MAX_AMOUNT).contains(amount))
}

/// The text in an answer for an amount that [`amount`] cannot show.
pub(crate) fn not_shown(money: Money) -> Option<String> {
    let reason = match scaled(money.minor(), money.currency().decimals(), DECIMALS) {
        Some(1..=MAX_AMOUNT) => return None,
        Some(0) => "is nothing, which no amountOfMoney is",
        // What cannot be scaled up is larger than 64 bits can hold.
        None if money.currency().decimals() > DECIMALS => "has more than the two decimals of an amountOfMoney",
        Some(_) | None => "has more than the 12 digits of an amountOfMoney, two of which are decimals",
    };
    Some(format!("{} {reason}", money.grouped()))
}

fn scaled(number: u64, from: usize, to: usize) -> Option<u64> {
    let power = |decimals: usize| 10_u64.checked_pow(u32::try_from(decimals).ok()?);
    match to.checked_sub(from) {
        Some(more) => number.checked_mul(power(more)?),
        None => {
            let less = power(from.checked_sub(to)?)?;
            number.is_multiple_of(less).then(|| number / less)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_decimals_whatever_the_currency() {
        for (code, at_the_door, minor) in
            [("USD", 1234, 1234), ("JPY", 12_300, 123), ("KWD", 1234, 12_340), ("CLF", 1, 100)]
        {
            let currency = Currency::parse(code).unwrap();
            assert_eq!(money(at_the_door, currency), Some(Money::from_minor(minor, currency)), "{code}");
            assert_eq!(amount(Money::from_minor(minor, currency)), Some(at_the_door), "{code}");
        }
        let usd = |minor| amount(Money::from_minor(minor, Currency::parse("USD").unwrap()));
        assert_eq!((usd(MAX_AMOUNT), usd(MAX_AMOUNT + 1)), (Some(MAX_AMOUNT), None), "no thirteenth digit");
        assert_eq!((usd(1), usd(0)), (Some(1), None));
        let yen = |minor| amount(Money::from_minor(minor, Currency::parse("JPY").unwrap()));
        assert_eq!((yen(9_999_999_999), yen(10_000_000_000)), (Some(999_999_999_900), None));
        assert_eq!(money(12_350, Currency::parse("JPY").unwrap()), None, "half a yen");
        assert_eq!(amount(Money::from_minor(12_345, Currency::parse("KWD").unwrap())), None, "a third decimal");
        assert_eq!(money(u64::MAX, Currency::parse("KWD").unwrap()), None);
        assert_eq!(amount(Money::from_minor(u64::MAX, Currency::parse("JPY").unwrap())), None);
    }

    #[test]
    fn an_amount_that_is_not_shown_has_its_reason() {
        let reason = |minor, code| not_shown(Money::from_minor(minor, Currency::parse(code).unwrap()));
        for (minor, code, expected) in [
            (12_345, "KWD", Some("KWD 12.345 has more than the two decimals of an amountOfMoney")),
            (12_340, "KWD", None),
            (0, "USD", Some("USD 0.00 is nothing, which no amountOfMoney is")),
            (MAX_AMOUNT, "NGN", None),
        ] {
            assert_eq!(reason(minor, code).as_deref(), expected);
        }
        for (minor, code) in
            [(9_999_999_999_999, "NGN"), (10_000_000_000, "JPY"), (u64::MAX, "JPY"), (99_999_999_999_990, "KWD")]
        {
            let text = reason(minor, code).unwrap();
            let digits = " has more than the 12 digits of an amountOfMoney, two of which are decimals";
            assert!(text.ends_with(digits), "{text}");
        }
    }
}
