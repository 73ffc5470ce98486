//! Things to put into the tables, each under a name that nothing else in this run has.

use std::sync::atomic::{AtomicU64, Ordering};

use recourse_dispute::addresses::{MailAddress, Recipients};
use recourse_dispute::channel::Channel;
use recourse_dispute::dispute::{Change, Dispute};
use recourse_dispute::environment::Environment;
use recourse_dispute::event::PerformedBy;
use recourse_dispute::ids::{AccountId, DomainCode, KeyId, Refid, Trxid};
use recourse_dispute::lifecycle::{Action, Actor, Category, transition};
use recourse_dispute::money::{Currency, Money};
use recourse_dispute::number::DisputeNumber;
use recourse_dispute::time::UnixMillis;
use recourse_dispute::transaction::{Facts, Kind, Parties, Party, Status, Transaction, TransactionDetails};
use recourse_store::{AuditContext, Nonce, Opening, RequestGuard, WriteToken};

/// When everything here happens.
pub(crate) const NOW: UnixMillis = UnixMillis(1_764_547_200_000);

/// A number that nothing else in this run has.
pub(crate) fn next() -> u64 {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    NEXT.fetch_add(1, Ordering::Relaxed)
}

/// A write token that nothing else in this run has.
pub(crate) fn token() -> WriteToken {
    WriteToken::new(u128::from(next()).to_be_bytes())
}

/// A dispute's number that nothing else in this run has.
pub(crate) fn number() -> DisputeNumber {
    DisputeNumber::try_from(next()).unwrap()
}

pub(crate) fn account(id: &str) -> AccountId {
    AccountId::parse(id).unwrap()
}

/// An operator's order.
pub(crate) fn audit(name: &str) -> AuditContext {
    AuditContext { by: PerformedBy { actor: Actor::Operator, name: name.to_owned() }, at: NOW, why: None }
}

/// The payment platform, as the history names it.
pub(crate) fn platform() -> PerformedBy {
    PerformedBy { actor: Actor::Platform, name: "platform_demo".to_owned() }
}

/// A transaction of `acct_demo`, with three parties.
pub(crate) fn transaction(trxid: &str, status: Status) -> Transaction {
    let party = |code: &str| {
        Some(Party {
            code: DomainCode::parse(code).unwrap(),
            name: format!("{code} LTD"),
            reference: None,
            category: None,
        })
    };
    let facts = Facts {
        environment: Environment::Production,
        trxid: Trxid::parse(trxid).unwrap(),
        account: account("acct_demo"),
        refid: Refid::parse(&format!("ref {trxid}")).unwrap(),
        product: Some("Steam Wallet 50".to_owned()),
        amount: Money::from_minor(155_000, Currency::parse("NGN").unwrap()),
        occurred_at: NOW.plus(-60_000),
        parties: Parties { issuer: party("FBN"), acquirer: party("GTB"), merchant: party("FBN") },
        details: TransactionDetails::default(),
    };
    Transaction { facts, status, kind: Kind::Voucher, updated_at: NOW.plus(-50_000).into() }
}

/// The same transaction with another status, `seconds` later.
pub(crate) fn later(transaction: &Transaction, status: Status, seconds: i64) -> Transaction {
    Transaction { status, updated_at: transaction.updated_at.plus(seconds * 1000), ..transaction.clone() }
}

/// A dispute of it that its account opens at the IIMMPACT API.
pub(crate) fn dispute(transaction: &Transaction) -> Dispute {
    let account = MailAddress::parse("disputes@demo-wallet.example").unwrap();
    let facts = transaction.facts.clone();
    let opener = facts.account.clone();
    Dispute {
        recipients: Some(Recipients::parse(&["user@customer.example".to_owned()], &account).unwrap()),
        ..Dispute::begin(number(), Channel::Iimmpact, opener, facts, Category::Inquiry, NOW)
    }
}

/// The opening of [`dispute`], with a nonce.
pub(crate) fn opening(transaction: &Transaction) -> Opening<Nonce> {
    Opening {
        dispute: dispute(transaction),
        by: PerformedBy { actor: Actor::Opener, name: "iimm_prod_demo".to_owned() },
        transaction_is: Status::Succesful,
        parties: None,
        guard: nonce(),
        support: None,
    }
}

/// The same opening under another guard.
pub(crate) fn guarded_by<G: RequestGuard>(opening: Opening<Nonce>, guard: G) -> Opening<G> {
    let Opening { dispute, by, transaction_is, parties, guard: _, support } = opening;
    Opening { dispute, by, transaction_is, parties, guard, support }
}

/// A nonce that nothing else in this run has, good for another six minutes.
pub(crate) fn nonce() -> Nonce {
    let nonce = format!("nonce-000000-{}", next());
    Nonce { key: KeyId::parse("iimm_prod_demo").unwrap(), nonce, expires_at: NOW.seconds() + 360 }
}

/// What becomes of `before` when `actor` does `action` a second later.
pub(crate) fn step_of(before: &Dispute, actor: Actor, action: Action) -> Change {
    let state = transition(before.state, before.category, action).unwrap();
    before.moved(action, state, PerformedBy { actor, name: "somebody".to_owned() }, None, NOW.plus(1000))
}

/// An operator's decision for the customer.
pub(crate) fn decision(before: &Dispute) -> Change {
    before
        .decided(Action::CloseForCustomer, "operator".to_owned(), "the voucher was never sent".to_owned(), NOW)
        .unwrap()
}
