//! What a dispute's own side of the story is: who paid whom, what of the amount are fees, why, and by when it is to be settled.
//!
//! Kept as it was sent and never compared with the transaction, which has its own facts (Tutelar contract, "Create"). A dispute that was opened at a
//! API that asks for none of it has none until somebody adds it.
//!
//! **Invariant:** nothing here decides anything: not who may act, not where mail goes, not what state a dispute is in.

use std::fmt;

use serde::{Deserialize, Serialize};
use time::Date;
use time::format_description::BorrowedFormatItem;
use time::macros::format_description;

use crate::charges::Charge;
use crate::decimal::Decimal;
use crate::time::UnixMillis;

/// `2023-12-31`.
const DAY: &[BorrowedFormatItem<'static>] = format_description!("[year]-[month]-[day]");

/// A text about a person or an account of theirs; prints as `[REDACTED]`.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Private(String);

impl Private {
    /// Keeps a text.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text itself.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Private {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("[REDACTED]")
    }
}

/// A day of the calendar, `2023-12-31`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Day(Date);

/// A text that is no day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must be a day such as 2023-12-31")]
pub struct InvalidDate;

impl Day {
    /// Reads `YYYY-MM-DD`, a day that there is.
    ///
    /// # Errors
    /// [`NotADay`].
    pub fn parse(text: &str) -> Result<Self, InvalidDate> {
        // Ten bytes: the parser takes a sign before the year.
        let plain = text.len() == 10 && text.starts_with(|first: char| first.is_ascii_digit());
        if plain { Date::parse(text, DAY).map(Self).map_err(|_| InvalidDate) } else { Err(InvalidDate) }
    }

    /// The day in UTC that a time is in.
    #[must_use]
    pub fn of(at: UnixMillis) -> Self {
        let at = time::OffsetDateTime::from_unix_timestamp(at.seconds());
        Self(at.map_or(Date::MAX, time::OffsetDateTime::date))
    }
}

impl fmt::Display for Day {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0.format(DAY).unwrap_or_default())
    }
}

impl TryFrom<String> for Day {
    type Error = InvalidDate;

    fn try_from(text: String) -> Result<Self, InvalidDate> {
        Self::parse(&text)
    }
}

impl From<Day> for String {
    fn from(day: Day) -> Self {
        day.to_string()
    }
}

/// When a dispute is due at its present level.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum DueDate {
    /// In so many days.
    In(u16),
    /// On a day.
    On(Day),
}

/// The customer and the payment, as the client tells of them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[expect(missing_docs, reason = "each is what its name says, in the client's own words")]
pub struct Customer {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<Private>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<Private>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mobile: Option<Private>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub amount: Option<Decimal>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub paid_at: Option<String>,
}

/// The merchant, as the client tells of it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[expect(missing_docs, reason = "each is what its name says, in the client's own words")]
pub struct Merchant {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<Private>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub business_name: Option<Private>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<Private>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mobile: Option<Private>,
}

/// All of it. What nobody has said is `None`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct DisputeDetails {
    /// The customer and the payment.
    pub customer: Customer,
    /// The merchant.
    pub merchant: Merchant,
    /// The fee in it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tdr: Option<Charge>,
    /// The tax in it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tax: Option<Charge>,
    /// Such as `fraud`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dispute_type: Option<String>,
    /// The last day on which it is to be resolved.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub internal_due: Option<Day>,
    /// When it is due.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub due: Option<DueDate>,
    /// Such as `10.1`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason_code: Option<String>,
    /// Such as `cc`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub payment_type: Option<String>,
    /// The receiving bank's code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub acquirer_bank: Option<String>,
    /// The paying bank's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remitter_bank: Option<String>,
    /// The account that the money went through.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nodal_account: Option<Private>,
    /// The gateway's order.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gateway_order: Option<String>,
    /// The card or account that was paid with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub payment_instrument: Option<Private>,
    /// Whatever else is to be said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub comments: Option<Private>,
}

impl DisputeDetails {
    /// Whether nothing was said yet.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_is_ten_characters_and_is_there() {
        assert_eq!(Day::parse("2024-02-29").unwrap().to_string(), "2024-02-29");
        for text in [
            "",
            "2023-02-29",
            "2023-13-01",
            "2023-1-1",
            "23-01-01",
            "2023/01/01",
            "2023-01-01T00:00:00Z",
            "+203-01-01",
            " 2023-01-0",
        ] {
            assert_eq!(Day::parse(text), Err(InvalidDate), "{text}");
        }
        let day = |millis| Day::of(UnixMillis(millis)).to_string();
        assert_eq!(
            (day(0), day(86_399_999), day(86_400_000)),
            ("1970-01-01".into(), "1970-01-01".into(), "1970-01-02".into())
        );
        assert!(Day::parse("2023-12-31").unwrap() < Day::parse("2024-01-01").unwrap());
    }

    #[test]
    fn rests_and_comes_back_and_prints_nothing_of_anybody() {
        let details = DisputeDetails {
            due: Some(DueDate::In(9)),
            internal_due: Some(Day::parse("2023-12-31").unwrap()),
            customer: Customer {
                amount: Some(Decimal::parse("100").unwrap()),
                email: Some(Private::new("johnson.a@ippopay.com")),
                ..Customer::default()
            },
            ..DisputeDetails::default()
        };
        let stored = serde_json::to_string(&details).unwrap();
        assert_eq!(serde_json::from_str::<DisputeDetails>(&stored).unwrap(), details);
        assert!(!format!("{details:?}").contains("johnson") && !details.is_empty());
        let on = serde_json::to_string(&DueDate::On(Day::parse("2023-12-31").unwrap())).unwrap();
        assert_eq!(
            (on.as_str(), serde_json::from_str::<DueDate>(&on).unwrap()),
            ("\"2023-12-31\"", DueDate::On(Day::parse("2023-12-31").unwrap()))
        );
        assert_eq!(serde_json::from_str::<DisputeDetails>("{}").unwrap(), DisputeDetails::default());
    }
}
