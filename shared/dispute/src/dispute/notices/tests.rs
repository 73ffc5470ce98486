//! What a mail says of its dispute depends on who gets it.

use super::*;
use crate::addresses::MailAddress;
use crate::dispute::{Logged, What};
use crate::environment::Environment;
use crate::ids::{AccountId, Refid, Trxid};
use crate::lifecycle::{Action, Actor, Category, Door};
use crate::money::{Currency, Money};
use crate::number::DisputeNumber;
use crate::time::UnixMillis;
use crate::transaction::{Details, Facts, Parties, Party};

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
        environment: Environment::Production,
        trxid: Trxid::parse("50001").unwrap(),
        account: account.clone(),
        refid: Refid::parse("123456").unwrap(),
        product: None,
        amount: money(155_000),
        occurred_at: NOW,
        parties: Parties { issuer: Some(bank("FBN")), acquirer: Some(bank("GTB")), merchant: None },
        details: Details::default(),
    };
    let (number, opener) = (DisputeNumber::try_from(551).unwrap(), account);
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

/// The mails that tell of a decision of an operator, the case's first.
fn decided(dispute: &Dispute, parties: Option<&Recipients>) -> Vec<Notice> {
    let change = dispute.decided(Action::CloseForCustomer, "bob".to_owned(), "why".to_owned(), NOW).unwrap();
    change.dispute.notices(&change.event, parties)
}

#[test]
fn a_mail_says_how_much_was_paid_and_how_much_of_it_is_disputed() {
    for door in Door::ALL {
        for notice in decided(&dispute(door), Some(&registered("disputes@gtb.example"))) {
            assert_eq!((notice.amount, notice.disputed), (money(155_000), Some(money(1_000))), "{door:?}");
        }
    }
}

#[test]
fn the_case_and_the_parties_get_a_mail_each_and_only_parties_know_the_log_code() {
    for (door, code) in [
        (Door::Arbiter, "GTB00II551"),
        // Who did not log it has the customer's bank in its code.
        (Door::Tutelar, "FBN00II551"),
        (Door::Connect, "FBN00II551"),
        (Door::Iimmpact, "FBN00II551"),
    ] {
        let banks = registered("disputes@gtb.example");
        let notices = decided(&dispute(door), Some(&banks));
        let of = |audience| notices.iter().find(|notice| notice.audience == audience).unwrap();
        let (case, parties) = (of(Audience::Case), of(Audience::Parties));
        assert_eq!(notices.len(), 2, "{door:?}");
        assert_eq!((case.recipients.to().as_str(), log_code(case)), ("own@client.example", None), "{door:?}");
        assert_eq!((&parties.recipients, log_code(parties)), (&banks, Some(code)), "{door:?}");
        assert_eq!(
            case.cause,
            Cause { channel: door, actor: Actor::Operator, what: What::Did(Action::CloseForCustomer) }
        );
        assert_eq!(case.stand.is_some(), case_reads_as_party(door), "{door:?}");
    }
}

#[test]
fn no_mailbox_gets_two_mails_of_one_event() {
    let both = Recipients::registered(
        ["disputes@gtb.example", "OWN@client.example"].map(|address| MailAddress::parse(address).unwrap()),
    );
    for door in Door::ALL {
        let notices = decided(&dispute(door), both.as_ref());
        let all: Vec<_> = notices.iter().flat_map(|notice| notice.recipients.all()).collect();
        assert_eq!(all.len(), 2, "{door:?}: {notices:?}");
        let case = notices.iter().any(|notice| notice.audience == Audience::Case);
        assert_eq!(case, !case_reads_as_party(door), "{door:?}");
    }
}

#[test]
fn nobody_gets_mail_of_a_staging_accounts_dispute() {
    let mut staging = dispute(Door::Connect);
    staging.facts.environment = Environment::Staging;
    assert_eq!(decided(&staging, Some(&registered("disputes@gtb.example"))), []);
}

#[test]
fn a_reminder_goes_to_the_case_where_its_account_has_to_answer() {
    for door in Door::ALL {
        let change = dispute(door).reminded(Some(registered("disputes@gtb.example")), NOW);
        let notices = change.dispute.notices(&change.event, change.parties.as_ref());
        let letters: Vec<_> = notices.iter().map(|notice| (notice.audience, notice.letter)).collect();
        let parties = (Audience::Parties, Letter::Reminder);
        match door {
            Door::Tutelar | Door::Connect => assert_eq!(letters, [(Audience::Case, Letter::Reminder), parties]),
            Door::Iimmpact | Door::Arbiter => assert_eq!(letters, [parties]),
        }
    }
}
