//! Transaction updates: the newer one wins, fixed facts never change, and a refund ends the active
//! dispute in the same write.

use recourse_dispute::environment::Environment;
use recourse_dispute::event::EventKind;
use recourse_dispute::ids::{CaptureId, DomainCode, Reference, Refid, TransactionType};
use recourse_dispute::lifecycle::{Action, Closing, Stage, State};
use recourse_dispute::money::{Currency, Money};
use recourse_dispute::notification::EmailTemplate;
use recourse_dispute::time::PreciseTime;
use recourse_dispute::transaction::{Facts, Kind, Status, Transaction};
use recourse_store::{OpenOutcome, UpsertOutcome};

use crate::bench::Bench;
use crate::things::{account, later, opening, platform, transaction};
use recourse_test_harness::run;

/// Makes a fact another one.
type Edit = fn(&mut Facts);
/// Takes over what the second facts have.
type Take = fn(&mut Facts, &Facts);

fn kind(name: &str) -> TransactionType {
    TransactionType::parse(name).unwrap()
}

fn capture(name: &str) -> CaptureId {
    CaptureId::parse(name).unwrap()
}

/// A transaction that every pointer leads to.
pub(crate) fn pointed(trxid: &str) -> Transaction {
    let mut transaction = transaction(trxid, Status::Succesful);
    let details = &mut transaction.facts.details;
    details.transaction_type = Some(kind("BillPayment"));
    details.reference = Some(Reference::parse(&format!("reference {trxid}")).unwrap());
    details.captures = ["a", "b"].map(|template| capture(&format!("{template}-{trxid}"))).to_vec();
    transaction
}

#[test]
fn the_first_update_is_stored_with_every_pointer() {
    run(async {
        let bench = Bench::start().await;
        let first = pointed("50001");
        assert_eq!(bench.upsert(&first).await, UpsertOutcome::Created);
        let expected = [
            "CAPT#production#acct_demo#a-50001 REF",
            "CAPT#production#acct_demo#b-50001 REF",
            "REF#production#acct_demo#ref 50001 REF",
            "TREF#production#BillPayment#reference 50001 REF",
            "TXN#production#50001 TXN",
        ];
        assert_eq!(bench.keys().await, expected);
        assert_eq!(bench.known(&first).await, Some(first.clone()));
        let facts = Some(first.facts.clone());
        let (demo, other, details) = (account("acct_demo"), account("acct_other"), &first.facts.details);
        let (store, live, reference) = (&bench.store, Environment::Production, details.reference.as_ref().unwrap());
        assert_eq!(store.by_refid(live, &demo, &first.facts.refid).await.unwrap(), facts);
        assert_eq!(store.by_reference(live, &kind("BillPayment"), reference).await.unwrap(), facts);
        assert_eq!(store.by_reference(live, &kind("Billpayment"), reference).await.unwrap(), None);
        assert_eq!(store.by_capture(live, &demo, &details.captures[1]).await.unwrap(), facts);
        assert_eq!(store.by_capture(live, &other, &details.captures[1]).await.unwrap(), None);
    });
}

#[test]
fn the_newer_update_wins_and_an_equal_one_replaces() {
    run(async {
        let bench = Bench::start().await;
        let first = transaction("50001", Status::Accepted);
        let sent = async |update: &Transaction| (bench.upsert(update).await, bench.known(&first).await.unwrap());
        sent(&first).await;
        let second = later(&first, Status::Processing, 2);
        assert_eq!(sent(&second).await, (UpsertOutcome::Replaced, second.clone()));
        assert_eq!(sent(&later(&first, Status::Succesful, 1)).await, (UpsertOutcome::Stale, second.clone()));
        assert_eq!(sent(&second).await, (UpsertOutcome::Replaced, second.clone()));
        let equal = Transaction { status: Status::Succesful, kind: Kind::Bill, ..second.clone() };
        assert_eq!(sent(&equal).await, (UpsertOutcome::Replaced, equal.clone()));
        assert_eq!(
            sent(&later(&first, Status::Processing, 9)).await,
            (UpsertOutcome::Stale, equal),
            "a final status stays final"
        );
        let refund = later(&first, Status::Refund, 9);
        assert_eq!(sent(&refund).await, (UpsertOutcome::Replaced, refund));
    });
}

#[test]
fn of_two_updates_in_one_millisecond_the_newer_wins() {
    run(async {
        let bench = Bench::start().await;
        let first = transaction("50001", Status::Accepted);
        let at = |status, nanos| Transaction {
            status,
            updated_at: PreciseTime::new(first.updated_at.millis(), nanos).unwrap(),
            ..first.clone()
        };
        let (newer, older) = (at(Status::Processing, 800), at(Status::Accepted, 200));
        assert_eq!(bench.upsert(&newer).await, UpsertOutcome::Created);
        assert_eq!(bench.upsert(&older).await, UpsertOutcome::Stale);
        assert_eq!(bench.known(&first).await, Some(newer));
        let newest = at(Status::Accepted, 801);
        assert_eq!(bench.upsert(&newest).await, UpsertOutcome::Replaced);
        assert_eq!(bench.known(&first).await, Some(newest));
    });
}

#[test]
fn an_update_that_contradicts_a_fixed_fact_names_it_and_changes_nothing() {
    run(async {
        let bench = Bench::start().await;
        let first = pointed("50001");
        bench.upsert(&first).await;
        let before = bench.everything().await;
        let other: [(&str, Edit); 9] = [
            ("account", |facts| facts.account = account("acct_other")),
            ("refid", |facts| facts.refid = Refid::parse("other").unwrap()),
            ("details.type", |facts| facts.details.transaction_type = Some(kind("Purchase"))),
            ("details.reference", |facts| facts.details.reference = None),
            ("amount", |facts| facts.amount = Money::from_minor(1, facts.amount.currency())),
            ("currency", |facts| facts.amount = Money::from_minor(155_000, Currency::parse("USD").unwrap())),
            ("parties.issuer", |facts| facts.parties.issuer = None),
            ("parties.acquirer", |facts| facts.parties.acquirer.as_mut().unwrap().name.push('X')),
            ("parties.merchant", |facts| {
                facts.parties.merchant.as_mut().unwrap().code = DomainCode::parse("OTHER").unwrap();
            }),
        ];
        for (field, change) in other {
            let mut update = later(&first, Status::Refund, 60);
            change(&mut update.facts);
            assert_eq!(bench.upsert(&update).await, UpsertOutcome::Contradicts(field));
        }
        assert_eq!(bench.everything().await, before);
    });
}

#[test]
fn what_another_transaction_has_is_taken() {
    run(async {
        let bench = Bench::start().await;
        let first = pointed("50001");
        bench.upsert(&first).await;
        let before = bench.everything().await;
        let taking: [(&str, Take); 3] = [
            ("refid", |facts, first| facts.refid = first.refid.clone()),
            ("details.reference", |facts, first| facts.details.reference = first.details.reference.clone()),
            ("details.captures", |facts, first| facts.details.captures[1] = first.details.captures[0].clone()),
        ];
        for (field, take) in taking {
            let mut second = pointed("50002");
            take(&mut second.facts, &first.facts);
            assert_eq!(bench.upsert(&second).await, UpsertOutcome::Taken(field));
        }
        assert_eq!(bench.everything().await, before);
        let mut stranger = pointed("50002");
        stranger.facts.account = account("acct_other");
        stranger.facts.refid = first.facts.refid.clone();
        stranger.facts.details.captures = first.facts.details.captures.clone();
        assert_eq!(bench.upsert(&stranger).await, UpsertOutcome::Created, "another account's names are its own");
    });
}

#[test]
fn a_refund_closes_the_live_dispute_in_the_same_write() {
    run(async {
        let bench = Bench::start().await;
        for (trxid, status, action, template) in [
            ("50001", Status::Refund, Action::Refund, EmailTemplate::Refunded),
            ("50002", Status::Failed, Action::Fail, EmailTemplate::TransactionFailed),
        ] {
            let (paid, dispute) = bench.disputed(trxid).await;
            assert_eq!(bench.upsert(&later(&paid, status, 60)).await, UpsertOutcome::Replaced);
            let record = bench.store.record_of(dispute.number).await.unwrap().unwrap();
            assert_eq!(record.dispute.state, State::Closed { closing: Closing::Refunded, stage: Stage::First });
            assert_eq!(record.events.len(), 2);
            assert_eq!((record.events[1].kind, &record.events[1].by), (EventKind::Did(action), &platform()));
            assert_eq!(record.events[1].note, Some(format!("the transaction was reported as {}", status.name())));
            let templates: Vec<_> = record.mails.iter().map(|mail| mail.notification.template).collect();
            assert_eq!(templates, [EmailTemplate::Received, template]);
            assert!(!bench.keys().await.contains(&format!("TXN#production#{trxid} LIVE")));
            assert_eq!(bench.open(&opening(&paid)).await, OpenOutcome::NotDisputable(status));
            let before = bench.everything().await.len();
            assert_eq!(bench.upsert(&later(&paid, status, 60)).await, UpsertOutcome::Replaced, "sent twice");
            assert_eq!(bench.everything().await.len(), before, "there is no second event and no second mail");
        }
    });
}

#[test]
fn an_update_to_another_status_does_not_change_the_dispute() {
    run(async {
        let bench = Bench::start().await;
        let (paid, dispute) = bench.disputed("50001").await;
        assert_eq!(
            bench.upsert(&Transaction { kind: Kind::Bill, ..later(&paid, Status::Succesful, 60) }).await,
            UpsertOutcome::Replaced
        );
        let record = bench.store.record_of(dispute.number).await.unwrap().unwrap();
        assert_eq!((record.dispute, record.events.len(), record.mails.len()), (dispute, 1, 1));
    });
}
