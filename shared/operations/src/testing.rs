//! A dispute for tests.

use recourse_dispute::addresses::{MailAddress, Recipients};
use recourse_dispute::channel::Channel;
use recourse_dispute::dispute::Dispute;
use recourse_dispute::environment::Environment;
use recourse_dispute::ids::{AccountId, Refid, Trxid};
use recourse_dispute::lifecycle::Category;
use recourse_dispute::money::{Currency, Money};
use recourse_dispute::number::DisputeNumber;
use recourse_dispute::time::UnixMillis;
use recourse_dispute::transaction::{Facts, Parties, TransactionDetails};

/// 2026-01-16T02:00:00Z.
pub(crate) const OPENED: UnixMillis = UnixMillis(1_768_528_800_000);

pub(crate) fn dispute() -> Dispute {
    let account = AccountId::parse("acct_demo").unwrap();
    let registered = MailAddress::parse("disputes@demo-wallet.example").unwrap();
    let facts = Facts {
        environment: Environment::Production,
        trxid: Trxid::parse("50001").unwrap(),
        account: account.clone(),
        refid: Refid::parse("123456").unwrap(),
        product: Some("Steam Wallet 50".into()),
        amount: Money::from_minor(155_000, Currency::parse("NGN").unwrap()),
        occurred_at: UnixMillis(1_527_667_460_000),
        parties: Parties::default(),
        details: TransactionDetails::default(),
    };
    let (number, opener) = (DisputeNumber::try_from(551).unwrap(), account);
    Dispute {
        recipients: Some(Recipients::parse(&["user@example.com".to_owned()], &registered).unwrap()),
        ..Dispute::begin(number, Channel::Iimmpact, opener, facts, Category::Inquiry, OPENED)
    }
}
