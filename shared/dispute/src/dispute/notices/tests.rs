//! What a mail says of its dispute depends on who gets it.

use super::*;
use crate::addresses::MailAddress;
use crate::dispute::{By, Environment, Logged};
use crate::ids::{AccountId, Refid, Trxid};
use crate::lifecycle::{Action, Actor, Category};
use crate::money::{Currency, Money};
use crate::number::DisputeNumber;
use crate::time::UnixMillis;
use crate::transaction::{Details, Facts, Parties, Party, Status};

const NOW: UnixMillis = UnixMillis(1_768_528_800_000);

fn money(minor: u64) -> Money {
    Money::from_minor(minor, Currency::parse("NGN").unwrap())
}

fn registered(address: &str) -> Recipients {
    Recipients::registered([MailAddress::parse(address).unwrap()]).unwrap()
}

/// A dispute of NGN 10.00 of NGN 1,550.00 that came through a door; FBN and GTB are the transaction's banks.
fn dispute(door: Door) -> Dispute {
    let account = AccountId::parse("acct_demo").unwrap();
    let bank = |code: &str| Party {
        code: DomainCode::parse(code).unwrap(),
        name: code.to_owned(),
        reference: None,
        category: None,
    };
    let facts = Facts {
        trxid: Trxid::parse("50001").unwrap(),
        account: account.clone(),
        refid: Refid::parse("123456").unwrap(),
        product: None,
        amount: money(155_000),
        occurred_at: NOW,
        parties: Parties { issuer: Some(bank("FBN")), acquirer: Some(bank("GTB")), merchant: None },
        details: Details::default(),
    };
    let (number, opener) = (DisputeNumber::try_from(551).unwrap(), (account, Environment::Production));
    let logged = Logged {
        domain: DomainCode::parse("GTB").unwrap(),
        by: "Amaka.Bello@GTB".to_owned(),
        reason: "AP".to_owned(),
        partial: true,
        comment: None,
    };
    Dispute {
        amount: money(1_000),
        recipients: Some(registered("own@client.example")),
        logged: (door == Door::Arbiter).then_some(logged),
        ..Dispute::begin(number, door, opener, facts, Category::Chargeback, NOW)
    }
}

fn log_code(notice: &Notice) -> Option<&str> {
    notice.stand.as_ref().and_then(|stand| stand.log_code.as_deref())
}

#[test]
fn a_mail_says_how_much_was_paid_and_how_much_of_it_is_disputed() {
    for door in Door::ALL {
        let notice = dispute(door).notice(Letter::Refunded).unwrap();
        assert_eq!((notice.amount, notice.disputed), (money(155_000), Some(money(1_000))), "{door:?}");
    }
}

#[test]
fn banks_are_told_the_log_code_and_nobody_else_is() {
    assert_eq!(log_code(&dispute(Door::Arbiter).notice(Letter::Advanced).unwrap()), Some("GTB00II551"));
    for door in [Door::Tutelar, Door::Connect] {
        let dispute = dispute(door);
        assert_eq!(log_code(&dispute.notice(Letter::Reminder).unwrap()), None, "{door:?}");
        let banks = dispute.notice_to(Letter::Reminder, registered("disputes@gtb.example"));
        assert_eq!(log_code(&banks), Some("FBN00II551"), "who did not log it has the customer's bank in its code");
    }
    let customers = dispute(Door::Iimmpact).notice(Letter::DecidedForCustomer).unwrap();
    assert_eq!(customers.stand, None);
}

#[test]
fn parties_are_told_of_an_end_as_parties() {
    let platform = || By { actor: Actor::Platform, name: "platform".to_owned() };
    for (door, expected) in [
        (
            Door::Iimmpact,
            [Letter::Refunded, Letter::TransactionFailed, Letter::DecidedForCustomer, Letter::DecidedForMerchant],
        ),
        (
            Door::Connect,
            [Letter::Refunded, Letter::TransactionFailed, Letter::DecidedForCustomer, Letter::DecidedForMerchant],
        ),
        (
            Door::Arbiter,
            [Letter::PaymentRefunded, Letter::PaymentFailed, Letter::DeskForCustomer, Letter::DeskForMerchant],
        ),
        (
            Door::Tutelar,
            [Letter::PaymentRefunded, Letter::PaymentFailed, Letter::DeskForCustomer, Letter::DeskForMerchant],
        ),
    ] {
        let dispute = dispute(door);
        let changes = [
            dispute.ended_by(Status::Refund, platform(), NOW),
            dispute.ended_by(Status::Failed, platform(), NOW),
            dispute.decided(Action::CloseForCustomer, "bob".to_owned(), "why".to_owned(), NOW),
            dispute.decided(Action::CloseForMerchant, "bob".to_owned(), "why".to_owned(), NOW),
        ];
        let letters = changes.map(|change| change.unwrap().notice.unwrap().letter);
        assert_eq!(letters, expected, "{door:?}");
    }
}
