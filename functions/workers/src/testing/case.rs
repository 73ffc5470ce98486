//! A transaction, and a dispute about it.

use recourse_dispute::addresses::{MailAddress, Recipients};
use recourse_dispute::channel::Channel;
use recourse_dispute::dispute::Dispute;
use recourse_dispute::environment::Environment;
use recourse_dispute::event::PerformedBy;
use recourse_dispute::ids::{AccountId, Refid, Trxid};
use recourse_dispute::lifecycle::{Actor, Category};
use recourse_dispute::money::{Currency, Money};
use recourse_dispute::time::UnixMillis;
use recourse_dispute::transaction::{Facts, Kind, Parties, Status, Transaction, TransactionDetails};
use recourse_store::{NoGuard, Opening};

use super::START;

/// The payment platform, as the history names it.
pub(crate) fn platform() -> PerformedBy {
    PerformedBy { actor: Actor::Platform, name: "platform".to_owned() }
}

/// The opening of dispute `number` about [`transaction`] `number`, reported for these addresses.
pub(crate) fn opening(number: u64, given: &[&str], now: UnixMillis) -> Opening {
    let given: Vec<String> = given.iter().map(|address| (*address).to_owned()).collect();
    let account = MailAddress::parse("account@client.example").unwrap();
    let facts = transaction(number, Status::Succesful).facts;
    let opener = facts.account.clone();
    let dispute = Dispute {
        recipients: Some(Recipients::parse(&given, &account).unwrap()),
        ..Dispute::begin(number.try_into().unwrap(), Channel::Iimmpact, opener, facts, Category::Inquiry, now)
    };
    Opening {
        by: PerformedBy { actor: Actor::Opener, name: "key".to_owned() },
        dispute,
        transaction_is: Status::Succesful,
        parties: None,
        guard: NoGuard,
        support: None,
    }
}

/// Transaction `number` with this status.
pub(crate) fn transaction(number: u64, status: Status) -> Transaction {
    Transaction {
        facts: Facts {
            environment: Environment::Production,
            trxid: Trxid::parse(&number.to_string()).unwrap(),
            account: AccountId::parse("acct_demo").unwrap(),
            refid: Refid::parse(&format!("ref {number}")).unwrap(),
            product: Some("Steam Wallet 50".to_owned()),
            amount: Money::from_minor(155_000, Currency::parse("NGN").unwrap()),
            occurred_at: START,
            parties: Parties::default(),
            details: TransactionDetails::default(),
        },
        status,
        kind: Kind::Voucher,
        updated_at: START.into(),
    }
}
