//! Who sets the amount of a dispute, and where updates end.

use recourse_dispute::addresses::MailAddress;
use recourse_dispute::channel::Channel;
use recourse_dispute::channels::tutelar::configuration::Configuration;
use recourse_dispute::deadlines::{Deadline, OnExpiry};
use recourse_dispute::environment::Environment;
use recourse_dispute::event::PerformedBy;
use recourse_dispute::ids::{AccountId, Refid, Trxid};
use recourse_dispute::lifecycle::{Actor, Category};
use recourse_dispute::money::{Currency, Money};
use recourse_dispute::number::DisputeNumber;
use recourse_dispute::time::UnixMillis;
use recourse_dispute::transaction::{self, Facts, Parties};

use super::*;
use crate::acting;

fn account(id: &str) -> Account {
    let email = MailAddress::parse("disputes@client.example").unwrap();
    let (id, name) = (AccountId::parse(id).unwrap(), id.to_owned());
    Account { id, name, environment: Environment::Production, email, merchant_id: None, domain_code: None }
}

/// A chargeback of 1,550 naira about a transaction of `acct_demo`, which `opener` opened at `API`.
fn opened(channel: Channel, opener: &str) -> Dispute {
    let facts = Facts {
        environment: Environment::Production,
        trxid: Trxid::parse("50001").unwrap(),
        account: AccountId::parse("acct_demo").unwrap(),
        refid: Refid::parse("123456").unwrap(),
        product: None,
        amount: Money::parse("1550", Currency::parse("NGN").unwrap()).unwrap(),
        occurred_at: UnixMillis(0),
        parties: Parties::default(),
        details: transaction::TransactionDetails::default(),
    };
    let number = DisputeNumber::try_from(551).unwrap();
    Dispute::begin(number, channel, account(opener).id, facts, Category::Chargeback, UnixMillis(0))
}

fn after(dispute: &Dispute, caller: &str, body: &str) -> Result<Option<Change>, ApiError> {
    let (account, configuration) = (&account(caller), Some(&Configuration::default()));
    let actor = acting(dispute, account).unwrap();
    let by = PerformedBy { actor, name: "key".to_owned() };
    updated(
        dispute,
        &crate::read_body(body.as_bytes()).unwrap(),
        ChangeContext { account, actor, by, configuration, now: UnixMillis(0) },
    )
}

/// The dispute's amount after the caller said another one.
fn amount(dispute: &Dispute, caller: &str) -> Result<String, ApiError> {
    let change = after(dispute, caller, r#"{"disputeAmount": 0.01}"#)?.unwrap();
    assert_eq!(change.event.note.as_deref(), Some("disputeAmount"));
    Ok(change.dispute.amount.decimal())
}

#[test]
fn the_amount_is_its_openers_who_opened_it_here_while_it_is_open() {
    let (restated, fixed) = (Ok("0.01".to_owned()), Err(ApiError::of(texts::AMOUNT_FIXED)));
    let own = opened(Channel::Tutelar, "acct_demo");
    assert_eq!(amount(&own, "acct_demo"), restated);
    let closed = own.step(Actor::Account, Action::VerdictWon, own.opened_at).unwrap();
    assert_eq!(amount(&Dispute { state: closed, ..own }, "acct_demo"), fixed, "it is decided");
    for channel in [Channel::Arbiter, Channel::Iimmpact, Channel::Connect] {
        assert_eq!(amount(&opened(channel, "acct_demo"), "acct_demo"), fixed, "{channel:?}");
        let theirs = opened(channel, "acct_fbn");
        assert_eq!(amount(&theirs, "acct_demo"), fixed);
        // Who sends all of a dispute's details back changes nothing of its amount.
        let same = after(&theirs, "acct_demo", r#"{"disputeAmount": "1550.0", "comments": "x"}"#).unwrap().unwrap();
        assert_eq!((same.dispute.amount, same.event.note.as_deref()), (theirs.amount, Some("comments")));
        let refused = after(&theirs, "acct_fbn", r#"{"disputeAmount": 0.01}"#);
        assert_eq!(refused.unwrap_err(), ApiError::of(texts::NOT_RAISED_HERE), "the details are the account's own");
    }
}

#[test]
fn once_the_time_is_up_the_amount_is_what_it_was() {
    let ends_at = UnixMillis(0);
    let late = Deadline { ends_at, remind_at: None, on_expiry: OnExpiry::AgainstPartyDue };
    let own = Dispute { deadline: Some(late), ..opened(Channel::Tutelar, "acct_demo") };
    assert_eq!(amount(&own, "acct_demo"), Err(ApiError::of(texts::AMOUNT_FIXED)));
    let stays = Deadline { on_expiry: OnExpiry::Stay, ..late };
    assert_eq!(amount(&Dispute { deadline: Some(stays), ..own }, "acct_demo").unwrap(), "0.01", "nothing happens then");
}

#[test]
fn the_sums_are_of_the_one_amount_that_is_disputed() {
    let tdr = r#""disputeAmountTdrDetails": {"type": "include", "amountType": "price", "amount": 11}"#;
    let own = opened(Channel::Tutelar, "acct_demo");
    let refused = after(&own, "acct_demo", &format!(r#"{{"disputeAmount": 10, {tdr}}}"#));
    assert_eq!(refused.unwrap_err(), ApiError::of(texts::TDR_EXCEEDS));
    let theirs =
        Dispute { amount: Money::from_minor(1_000, own.amount.currency()), ..opened(Channel::Arbiter, "acct_fbn") };
    let refused = after(&theirs, "acct_demo", &format!("{{{tdr}}}"));
    assert_eq!(refused.unwrap_err(), ApiError::of(texts::TDR_EXCEEDS), "of what the bank claims, not of what was paid");
}

#[test]
fn the_last_update_leads_to_the_last_version_and_what_changes_nothing_is_still_as_it_was() {
    let last = Dispute { version: MAX_CHANGES - 1, ..opened(Channel::Tutelar, "acct_demo") };
    let change = after(&last, "acct_demo", r#"{"comments": "x"}"#).unwrap().unwrap();
    let full = change.dispute;
    assert_eq!((full.version, change_limit_reached(&last), change_limit_reached(&full)), (MAX_CHANGES, false, true));
    assert_eq!(
        after(&full, "acct_demo", r#"{"comments": "y"}"#).unwrap_err(),
        ApiError::of(texts::CHANGE_LIMIT_REACHED)
    );
    assert_eq!(after(&full, "acct_demo", r#"{"comments": "x"}"#), Ok(None));
    assert_eq!(after(&full, "acct_demo", r#"{"reasonCode": "none"}"#).unwrap_err(), ApiError::of(texts::REASON_CODE));
}
