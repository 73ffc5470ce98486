//! A dispute between banks, for the tests beside the rules.

use recourse_dispute::channel::Channel;
use recourse_dispute::deadlines::Deadlines;
use recourse_dispute::dispute::Dispute;
use recourse_dispute::environment::Environment;
use recourse_dispute::event::{EventKind, HistoryEntry, PerformedBy};
use recourse_dispute::ids::{AccountId, DomainCode, Refid, Trxid};
use recourse_dispute::lifecycle::{Actor, Category, Stage, State};
use recourse_dispute::money::{Currency, Money};
use recourse_dispute::number::DisputeNumber;
use recourse_dispute::time::UnixMillis;
use recourse_dispute::transaction::{Facts, Parties, Party, TransactionDetails};
use recourse_store::DisputeRecord;

use crate::Caller;

/// When the dispute's status began.
pub(crate) const SINCE: UnixMillis = UnixMillis(1_551_352_523_403);

/// A user of a domain.
pub(crate) fn user_of(domain: &str) -> Caller {
    Caller {
        user: "Some.User".to_owned(),
        domain: DomainCode::parse(domain).unwrap(),
        account: AccountId::parse("acct_some").unwrap(),
        environment: Environment::Production,
    }
}

/// A chargeback at `stage`, with the first entry of its history, between these domains; an empty
/// one is absent.
pub(crate) fn chargeback(issuer: &str, acquirer: &str, merchant: &str, stage: Stage) -> DisputeRecord {
    let party = |code: &str| {
        let code = DomainCode::parse(code).ok()?;
        Some(Party { name: code.to_string(), code, reference: None, category: None })
    };
    let account = AccountId::parse("acct_demo").unwrap();
    let facts = Facts {
        environment: Environment::Production,
        trxid: Trxid::parse("50001").unwrap(),
        account: account.clone(),
        refid: Refid::parse("123456").unwrap(),
        product: None,
        amount: Money::from_minor(155_000, Currency::parse("NGN").unwrap()),
        occurred_at: UnixMillis(0),
        parties: Parties { issuer: party(issuer), acquirer: party(acquirer), merchant: party(merchant) },
        details: TransactionDetails::default(),
    };
    let (number, opener) = (DisputeNumber::try_from(551).unwrap(), account);
    let mut dispute = Dispute {
        state: State::Live(stage),
        ..Dispute::begin(number, Channel::Arbiter, opener, facts, Category::Chargeback, SINCE)
    };
    dispute.deadline = dispute.deadline_under(&Deadlines::shipped().unwrap());
    let events = vec![dispute.opened(PerformedBy { actor: Actor::Issuer, name: format!("Some.User@{issuer}") })];
    DisputeRecord { dispute, events, mails: Vec::new(), feedback: Vec::new(), unread: Vec::new() }
}

/// Adds an entry to a history.
pub(crate) fn add(record: &mut DisputeRecord, what: EventKind, actor: Actor, name: &str, note: &str) {
    record.dispute.version += 1;
    let (version, by) = (record.dispute.version, PerformedBy { actor, name: name.to_owned() });
    let (state, note) = (record.dispute.state, Some(note.to_owned()));
    record.events.push(HistoryEntry { version, at: SINCE, by, kind: what, state, note });
}
