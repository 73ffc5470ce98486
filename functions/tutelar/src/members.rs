//! The members of bodies that each call reads. All others are passed over, as the vendor has it,
//! and named in the answer's `Recourse-Ignored-Members` (Recourse-specific).

/// What the create call reads: the ids, which name things and are no details, and the details.
pub const CREATE: &[&str] = &[
    "transactionDetails.id",
    "merchantDetails.id",
    "transactionDetails.customerName",
    "transactionDetails.customerEmail",
    "transactionDetails.customerMobile",
    "transactionDetails.amount",
    "transactionDetails.transactionDate",
    "merchantDetails.name",
    "merchantDetails.businessName",
    "merchantDetails.chargebackEmail",
    "merchantDetails.mobile",
    "disputeAmount",
    "disputeAmountTdrDetails.type",
    "disputeAmountTdrDetails.amountType",
    "disputeAmountTdrDetails.amount",
    "disputeAmountTaxDetails.type",
    "disputeAmountTaxDetails.amountType",
    "disputeAmountTaxDetails.amount",
    "disputeType",
    "internalDueDate",
    "dueDate",
    "paymentType",
    "acquirerBankCode",
    "remitterBank",
    "reasonCode",
    "nodalAccountNo",
    "gatewayOrderId",
    "paymentInstrumentId",
    "comments",
];

/// What the update call reads: all of them but the ids.
pub const UPDATE: &[&str] = CREATE.split_at(2).1;

/// What a move to the next level reads.
pub const MOVE_LEVEL: &[&str] = &["dueDate", "comments", "comment"];

/// What a reopening reads.
pub const REOPEN: &[&str] = &["level", "dueDate", "comments", "comment"];

/// What a verdict reads: nothing.
pub const VERDICT: &[&str] = &[];

#[cfg(test)]
mod tests {
    use recourse_dispute::channels::tutelar::charges::{Basis, Charge, Measure};
    use recourse_dispute::channels::tutelar::details::{Customer, DisputeDetails, DueDate, Merchant};
    use recourse_dispute::decimal::Decimal;
    use recourse_dispute::money::{Currency, Money};
    use recourse_dispute::text::Private;
    use recourse_dispute::time::Day;

    use super::*;
    use crate::Amendable;
    use crate::amend::changed;

    /// Every detail that there is, each of which has a name in the history of an update.
    #[test]
    fn the_update_call_reads_what_it_can_change() {
        let private = || Some(Private::new("x"));
        let text = || Some("x".to_owned());
        let charge = Some(Charge { basis: Basis::Include, measure: Measure::Price, amount: Decimal::default() });
        let details = DisputeDetails {
            customer: Customer {
                name: private(),
                email: private(),
                mobile: private(),
                amount: Some(Decimal::default()),
                paid_at: text(),
            },
            merchant: Merchant { name: private(), business_name: private(), email: private(), mobile: private() },
            tdr: charge,
            tax: charge,
            dispute_type: text(),
            internal_due: Day::parse("2030-01-01").ok(),
            due: Some(DueDate::In(1)),
            reason_code: text(),
            payment_type: text(),
            acquirer_bank: text(),
            remitter_bank: text(),
            nodal_account: private(),
            gateway_order: text(),
            payment_instrument: private(),
            comments: private(),
        };
        let money = |minor| Money::from_minor(minor, Currency::parse("NGN").unwrap());
        let nothing = Amendable { details: DisputeDetails::default(), amount: money(1) };
        let names = changed(&nothing, &Amendable { details, amount: money(2) });
        let top = |path: &&str| path.split('.').next().map(str::to_owned);
        for name in &names {
            assert!(UPDATE.iter().any(|path| path == name || path.starts_with(&format!("{name}."))), "{name}");
        }
        for path in UPDATE {
            assert!(names.iter().any(|name| name == path || top(path).as_deref() == Some(*name)), "{path}");
        }
        assert!(CREATE.starts_with(&["transactionDetails.id", "merchantDetails.id"]));
    }
}
