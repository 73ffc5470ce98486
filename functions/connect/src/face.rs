//! A dispute as this door prints it: seed 004's sample, member for member and in its order.
//!
//! Left out, as the vendor's clients cannot bear `null`: what is not known.

use recourse_dispute::claim::EvidenceFile;
use recourse_dispute::dispute::Dispute;
use recourse_dispute::faces;
use recourse_dispute::lifecycle::{Closing, State};
use recourse_dispute::time::UnixMillis;
use recourse_store::Account;
use serde_json::{Map, Value, json};
use time::OffsetDateTime;
use time::format_description::BorrowedFormatItem;
use time::macros::format_description;

use crate::amount::amount;

/// `yyyyMMddHHmmss` (seed 004), in UTC (ours).
const DATE: &[BorrowedFormatItem<'_>] = format_description!("[year][month][day][hour][minute][second]");

/// A dispute, as `viewer` sees it.
#[must_use]
pub fn face(dispute: &Dispute, viewer: &Account) -> Value {
    let capture = dispute.claim.capture.as_ref().map(|capture| capture.as_str());
    face_of(dispute, viewer, capture)
}

/// The answer of a list. One of a capture's disputes names the capture that was asked for.
#[must_use]
pub fn list(disputes: &[Dispute], viewer: &Account, capture: Option<&str>) -> Value {
    let faces = disputes.iter().map(|dispute| match capture {
        Some(capture) => face_of(dispute, viewer, Some(capture)),
        None => face(dispute, viewer),
    });
    json!({ "disputes": faces.collect::<Vec<_>>() })
}

fn face_of(dispute: &Dispute, viewer: &Account, capture: Option<&str>) -> Value {
    let shown = faces::connect(dispute.state);
    let mut face = Map::new();
    face.insert("id".to_owned(), dispute.number.to_string().into());
    face.insert("paymentId".to_owned(), dispute.facts.trxid.as_str().into());
    if let Some(capture) = capture {
        face.insert("captureId".to_owned(), capture.into());
    }
    face.insert("disputeOutput".to_owned(), output(dispute).into());
    face.insert("status".to_owned(), shown.status.into());
    let status = json!({
        "isCancellable": shown.is_cancellable && dispute.opener == viewer.id,
        "statusCode": shown.status_code,
        "statusCodeChangeDateTime": date(dispute.state_since),
    });
    face.insert("statusOutput".to_owned(), status);
    face.into()
}

fn output(dispute: &Dispute) -> Map<String, Value> {
    let claim = &dispute.claim;
    let amount_of_money = amount(dispute.amount)
        .map(|amount| json!({ "amount": amount, "currencyCode": dispute.amount.currency().code() }));
    let address = |address: &Option<recourse_dispute::addresses::MailAddress>| {
        address.as_ref().map(|address| Value::from(address.as_str()))
    };
    let members = [
        ("creationDetails", Some(creation(dispute))),
        ("contactPerson", claim.contact_person.clone().map(Value::from)),
        ("emailAddress", address(&claim.email)),
        ("replyTo", address(&claim.reply_to)),
        ("requestMessage", claim.message.clone().map(Value::from)),
        ("responseMessage", Some(response(dispute.state).into())),
        ("amountOfMoney", amount_of_money),
        ("files", Some(claim.evidence.iter().map(file).collect())),
    ];
    members.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))).collect()
}

fn creation(dispute: &Dispute) -> Value {
    json!({ "disputeCreationDate": date(dispute.opened_at), "disputeOriginator": "Merchant", "userName": "" })
}

fn file(file: &EvidenceFile) -> Value {
    json!({
        "fileName": file.name, "id": file.id.to_string(), "fileType": file.media, "fileSize": file.size.to_string(),
    })
}

/// What we say to the merchant; ours.
fn response(state: State) -> &'static str {
    match state {
        State::Draft => "",
        State::Live(_) => "The dispute was received and is being worked on.",
        State::Closed { closing, .. } => match closing {
            Closing::Customer => "The dispute was decided for the customer.",
            Closing::Merchant => "The dispute was decided for the merchant.",
            Closing::Cancelled => "The dispute was cancelled.",
            Closing::Refunded => "The dispute ended because the payment was refunded or failed.",
            Closing::BornClosed => "The dispute was closed when it was created.",
        },
    }
}

fn date(at: UnixMillis) -> String {
    let at = OffsetDateTime::from_unix_timestamp(at.seconds()).ok();
    at.and_then(|at| at.format(DATE).ok()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_have_fourteen_digits() {
        assert_eq!(date(UnixMillis(1_530_497_272_999)), "20180702020752");
        assert_eq!(date(UnixMillis(0)), "19700101000000");
    }
}
