//! A dispute as this API shows it: the members of the sample of the vendor's Connect "Submit
//! dispute", in its order.
//!
//! The vendor's clients cannot read `null`. So a member is left out if the dispute lacks it or the
//! caller may not read it ([`visibility`](recourse_dispute::policy::visibility)). Three members can
//! be missing for another reason:
//!
//! - `amountOfMoney` where two decimals cannot hold the amount; `amountOfMoneyNotShown`, which is
//!   Recourse-specific, says then how much it is;
//! - `reference`: the published sample has none, and nothing says what it would hold but the
//!   merchant's own reference;
//! - `statusOutput.statusCategory`: published for payments only, in groups of statuses that a
//!   dispute's are not in.

use recourse_dispute::channel::Channel;
use recourse_dispute::channels::connect;
use recourse_dispute::claim::EvidenceFile;
use recourse_dispute::dispute::Dispute;
use recourse_dispute::lifecycle::{Action, Actor, Closing, State};
use recourse_dispute::policy::visibility::Field;
use recourse_dispute::time::UnixMillis;
use recourse_store::Account;
use serde_json::{Map, Value, json};
use time::OffsetDateTime;
use time::format_description::BorrowedFormatItem;
use time::macros::format_description;

use crate::amount::{amount, not_shown};
use crate::caller::viewer;

/// `yyyyMMddHHmmss` (vendor specification, Connect "Submit dispute"), in UTC (Recourse-specific).
const DATE: &[BorrowedFormatItem<'_>] = format_description!("[year][month][day][hour][minute][second]");

/// A dispute, as `viewer` sees it at `now`.
#[must_use]
pub fn to_response(dispute: &Dispute, viewer: &Account, now: UnixMillis) -> Value {
    let capture = dispute.claim.capture.as_ref().map(|capture| capture.as_str());
    with_capture(dispute, viewer, now, capture)
}

/// The answer of a list. One of a capture's disputes names the capture that was asked for.
#[must_use]
pub fn to_list_response(disputes: &[Dispute], viewer: &Account, now: UnixMillis, capture: Option<&str>) -> Value {
    let views = disputes.iter().map(|dispute| match capture {
        Some(capture) => with_capture(dispute, viewer, now, Some(capture)),
        None => to_response(dispute, viewer, now),
    });
    json!({ "disputes": views.collect::<Vec<_>>() })
}

fn with_capture(dispute: &Dispute, viewer: &Account, now: UnixMillis, capture: Option<&str>) -> Value {
    let shown = connect::view(dispute.state);
    let mut response = Map::new();
    response.insert("id".to_owned(), dispute.number.to_string().into());
    response.insert("paymentId".to_owned(), dispute.facts.trxid.as_str().into());
    if let Some(capture) = capture {
        response.insert("captureId".to_owned(), capture.into());
    }
    response.insert("disputeOutput".to_owned(), output(dispute, viewer).into());
    response.insert("status".to_owned(), shown.status.into());
    let status = json!({
        "isCancellable": dispute.opener == viewer.id && dispute.step(Actor::Opener, Action::Cancel, now).is_ok(),
        "statusCode": shown.status_code,
        "statusCodeChangeDateTime": date(dispute.state_since),
    });
    response.insert("statusOutput".to_owned(), status);
    response.into()
}

fn output(dispute: &Dispute, account: &Account) -> Map<String, Value> {
    let (claim, viewer) = (&dispute.claim, viewer(dispute, account));
    let only = |field, value: Option<Value>| value.filter(|_| viewer.may_see(field));
    let amount_of_money = amount(dispute.amount)
        .map(|amount| json!({ "amount": amount, "currencyCode": dispute.amount.currency().code() }));
    let address = |address: &Option<recourse_dispute::addresses::MailAddress>| {
        address.as_ref().map(|address| Value::from(address.as_str()))
    };
    let members = [
        ("creationDetails", Some(creation(dispute))),
        ("contactPerson", only(Field::ClaimContact, claim.contact_person.clone().map(Value::from))),
        ("emailAddress", only(Field::ClaimContact, address(&claim.email))),
        ("replyTo", only(Field::ClaimContact, address(&claim.reply_to))),
        ("requestMessage", only(Field::ClaimMessage, claim.message.clone().map(Value::from))),
        ("responseMessage", Some(response_message(dispute).into())),
        ("amountOfMoney", amount_of_money),
        ("amountOfMoneyNotShown", not_shown(dispute.amount).map(Value::from)),
        ("files", only(Field::EvidenceList, Some(claim.evidence.iter().map(file).collect()))),
    ];
    members.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))).collect()
}

fn creation(dispute: &Dispute) -> Value {
    json!({ "disputeCreationDate": date(dispute.opened_at), "disputeOriginator": originator(dispute.channel), "userName": "" })
}

/// Who opened it. The vendor's specification has two values: the merchant, and the payment
/// provider, which here means everybody else.
fn originator(channel: Channel) -> &'static str {
    match channel {
        Channel::Tutelar | Channel::Connect => "Merchant",
        Channel::Iimmpact | Channel::Arbiter => "Ingenico",
    }
}

fn file(file: &EvidenceFile) -> Value {
    json!({
        "fileName": file.name, "id": file.id.to_string(), "fileType": file.media, "fileSize": file.size.to_string(),
    })
}

/// The sentence that tells the merchant how the dispute ended; Recourse-specific. The vendor
/// publishes no closed status, so of a decided dispute the status stays `CREATED` with 600.
fn response_message(dispute: &Dispute) -> &'static str {
    match dispute.state {
        State::Draft => "",
        State::Live(_) => "The dispute was received and is being worked on.",
        State::Closed { closing, .. } => match closing {
            Closing::Customer => "The dispute is closed in the customer's favour.",
            Closing::Merchant => "The dispute is closed in the merchant's favour.",
            Closing::Cancelled if !is_by_transaction(dispute) => "The dispute was cancelled.",
            Closing::Withdrawn => "The dispute was cancelled.",
            Closing::Cancelled | Closing::Refunded => "The dispute ended because the payment was refunded or failed.",
            Closing::ClosedOnCreation => "The dispute was closed when it was created.",
        },
    }
}

/// Whether a refund or a failure of the transaction closed the dispute.
fn is_by_transaction(dispute: &Dispute) -> bool {
    matches!(dispute.closed_by, Some(Action::Refund | Action::Fail))
}

fn date(at: UnixMillis) -> String {
    let at = OffsetDateTime::from_unix_timestamp(at.seconds()).ok();
    at.and_then(|at| at.format(DATE).ok()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use recourse_dispute::addresses::MailAddress;
    use recourse_dispute::claim::{Claim, FileId, MAX_FILES, ObjectId};
    use recourse_dispute::lifecycle;

    use super::*;
    use crate::target::MAX_LISTED;
    use recourse_dispute::deadlines::{Deadline, OnExpiry};

    #[test]
    fn once_the_time_is_up_it_is_not_cancellable() {
        let (now, bank) = (UnixMillis(5), account("acct_bank"));
        let late = Deadline { ends_at: now, remind_at: None, on_expiry: OnExpiry::AgainstPartyDue };
        let shown = |deadline, viewer: &Account| {
            let dispute = Dispute { deadline, ..largest() };
            to_response(&dispute, viewer, now)["statusOutput"]["isCancellable"].clone()
        };
        assert_eq!([shown(None, &bank), shown(None, &account("acct_demo"))], [true, false]);
        assert_eq!(shown(Some(late), &bank), false);
        assert_eq!(shown(Some(Deadline { ends_at: UnixMillis(6), ..late }), &bank), true);
    }

    #[test]
    fn what_the_opener_says_of_itself_and_its_claim_is_left_out_for_anybody_else() {
        let members = |id: &str| to_response(&largest(), &account(id), UnixMillis(0))["disputeOutput"].clone();
        let (opener, other) = (members("acct_bank"), members("acct_demo"));
        for name in ["contactPerson", "emailAddress", "replyTo", "requestMessage"] {
            assert!(opener[name].is_string() && other.get(name).is_none(), "{name} {other}");
        }
        assert_eq!((&other["files"], &other["responseMessage"]), (&opener["files"], &opener["responseMessage"]));
    }

    #[test]
    fn dates_have_fourteen_digits() {
        assert_eq!(date(UnixMillis(1_530_497_272_999)), "20180702020752");
        assert_eq!(date(UnixMillis(0)), "19700101000000");
    }

    fn account(id: &str) -> Account {
        let account = json!({ "id": id, "name": "", "environment": "production", "email": "a@example.com" });
        serde_json::from_value(account).unwrap()
    }

    /// A dispute of acct_demo's transaction with as much of everything as the API takes, of the
    /// longest characters.
    fn largest() -> Dispute {
        let characters = |count: usize| "\u{1f4a5}".repeat(count);
        let facts = json!({
            "environment": "production", "trxid": "t".repeat(64), "account": "acct_demo", "refid": characters(50),
            "amount": { "minor": 1234, "currency": "USD" }, "occurred_at": 0,
        });
        let facts = serde_json::from_value(facts).unwrap();
        let number = 218_340_105_584_895_u64.try_into().unwrap();
        let opener = account("acct_bank").id;
        let (channel, category, at) = (Channel::Connect, lifecycle::Category::Chargeback, UnixMillis(0));
        let file = EvidenceFile {
            id: FileId::new(number, [0xff; 16]),
            object: ObjectId::new(number, [0xff; 16]),
            name: characters(200),
            media: "application/vnd.openxmlformats-officedocument.wordprocessingml.document".to_owned(),
            size: 5_242_880,
            sha256: "f".repeat(64),
            at,
        };
        let address = MailAddress::parse(&format!("{}@{}.example", "a".repeat(60), "b".repeat(60))).ok();
        let claim = Claim {
            contact_person: Some(characters(30)),
            email: address.clone(),
            reply_to: address,
            message: Some(characters(4_000)),
            capture: None,
            evidence: vec![file; MAX_FILES],
        };
        Dispute { claim, ..Dispute::begin(number, channel, opener, facts, category, at) }
    }

    /// A Lambda answer has at most 6,291,456 bytes, and its body is a JSON string in it.
    #[test]
    fn the_longest_list_of_the_largest_disputes_is_an_answer() {
        let list =
            to_list_response(&vec![largest(); MAX_LISTED], &account("acct_bank"), UnixMillis(0), Some(&"c".repeat(64)))
                .to_string();
        let bytes = serde_json::to_string(&list).unwrap().len();
        assert!((1_000_000..3_000_000).contains(&bytes), "{bytes}");
    }
}
