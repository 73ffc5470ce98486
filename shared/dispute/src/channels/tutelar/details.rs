//! What the merchant records of a dispute: who paid whom, which part of the amount is fees, why,
//! and by when it is to be settled.
//!
//! The details are stored as they were sent and never compared with the transaction, which has its
//! own facts (Tutelar contract, "Create"). A dispute that was opened through another API has none
//! until somebody adds them.
//!
//! **Invariant:** the details decide nothing: not who may act, not where mail goes, not the state
//! of a dispute.

use serde::{Deserialize, Serialize};

use super::charges::Charge;
use crate::decimal::Decimal;
use crate::text::Private;
use crate::time::Day;

/// When a dispute is due at its present level.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum DueDate {
    /// In so many days.
    In(u16),
    /// On a day.
    On(Day),
}

/// The customer and the payment, in the client's words.
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

/// The merchant, in the client's words.
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

/// All details. What nobody has said is `None`.
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
    fn details_are_stored_and_read_and_debug_shows_nobody() {
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
