//! Production and staging: every name is free in one whatever the other has, and what becomes of a
//! transaction in one changes nothing in the other.

use recourse_dispute::environment::Environment;
use recourse_dispute::ids::{CaptureId, Reference, TransactionType};
use recourse_dispute::transaction::{Facts, Status, Transaction};
use recourse_store::{OpenOutcome, UpsertOutcome};

use crate::bench::Bench;
use crate::things::{later, opening, transaction};
use recourse_test_harness::run;

const BOTH: [Environment; 2] = [Environment::Production, Environment::Staging];

/// A transaction that every pointer leads to. The two of one trxid differ in nothing but
/// environment and product: not even the account does, which no two accounts of a deployment can
/// have in common.
fn pointed(environment: Environment, trxid: &str) -> Transaction {
    let mut transaction = transaction(trxid, Status::Succesful);
    let facts = &mut transaction.facts;
    (facts.environment, facts.product) = (environment, Some(environment.name().to_owned()));
    facts.details.transaction_type = Some(TransactionType::parse("BillPayment").unwrap());
    facts.details.reference = Some(Reference::parse(&format!("reference {trxid}")).unwrap());
    facts.details.captures = vec![CaptureId::parse(&format!("capture-{trxid}")).unwrap()];
    transaction
}

/// Under every one of its names a transaction is found in its environment.
async fn is_found(bench: &Bench, known: &Transaction) {
    let (store, facts, environment) = (&bench.store, &known.facts, known.facts.environment);
    let (kind, reference) = (facts.details.transaction_type.as_ref(), facts.details.reference.as_ref());
    let found = store.by_refid(environment, &facts.account, &facts.refid).await.unwrap();
    assert_eq!(found.as_ref(), Some(facts));
    let found = store.by_reference(environment, kind.unwrap(), reference.unwrap()).await.unwrap();
    assert_eq!(found.as_ref(), Some(facts));
    let found = store.by_capture(environment, &facts.account, &facts.details.captures[0]).await.unwrap();
    assert_eq!(found.as_ref(), Some(facts));
    let (found, _) = store.transaction_and_configuration(environment, &facts.trxid, &facts.account).await.unwrap();
    assert_eq!(found.as_ref(), Some(known));
    let record = store.transaction_record(environment, &facts.trxid).await.unwrap().unwrap();
    assert_eq!(&record.transaction, known);
}

/// Under none of its names a transaction is found in the other environment.
async fn is_not_found(bench: &Bench, environment: Environment, facts: &Facts) {
    let store = &bench.store;
    let (kind, reference) = (facts.details.transaction_type.as_ref(), facts.details.reference.as_ref());
    assert_eq!(store.transaction(environment, &facts.trxid).await.unwrap(), None);
    assert_eq!(store.by_refid(environment, &facts.account, &facts.refid).await.unwrap(), None);
    assert_eq!(store.by_reference(environment, kind.unwrap(), reference.unwrap()).await.unwrap(), None);
    let capture = &facts.details.captures[0];
    assert_eq!(store.by_capture(environment, &facts.account, capture).await.unwrap(), None);
    assert!(store.transaction_record(environment, &facts.trxid).await.unwrap().is_none());
}

#[test]
fn every_name_is_free_whatever_the_other_environment_has() {
    run(async {
        for [first, second] in [BOTH, [Environment::Staging, Environment::Production]] {
            let bench = Bench::start().await;
            let (first, second) = (pointed(first, "50001"), pointed(second, "50001"));
            assert_eq!(bench.upsert(&first).await, UpsertOutcome::Created);
            is_not_found(&bench, second.facts.environment, &first.facts).await;
            assert_eq!(bench.upsert(&second).await, UpsertOutcome::Created);
            is_found(&bench, &first).await;
            is_found(&bench, &second).await;
            let mut keys = Vec::new();
            for environment in ["production", "staging"] {
                keys.extend([
                    format!("CAPT#{environment}#acct_demo#capture-50001 REF"),
                    format!("REF#{environment}#acct_demo#ref 50001 REF"),
                    format!("TREF#{environment}#BillPayment#reference 50001 REF"),
                    format!("TXN#{environment}#50001 TXN"),
                ]);
            }
            keys.sort();
            assert_eq!(bench.keys().await, keys);
        }
    });
}

#[test]
fn sent_at_once_both_are_created() {
    run(async {
        let bench = Bench::start().await;
        for round in 0..20 {
            let [production, staging] = BOTH.map(|environment| pointed(environment, &format!("5{round:04}")));
            let sent = tokio::join!(bench.upsert(&production), bench.upsert(&staging));
            assert_eq!(sent, (UpsertOutcome::Created, UpsertOutcome::Created));
        }
    });
}

#[test]
fn changes_of_one_do_not_affect_the_other() {
    run(async {
        for [changed, other] in [BOTH, [Environment::Staging, Environment::Production]] {
            let bench = Bench::start().await;
            let [changed, other] = [changed, other].map(|environment| pointed(environment, "50001"));
            for transaction in [&changed, &other] {
                bench.upsert(transaction).await;
                let opening = opening(transaction);
                assert!(matches!(bench.open(&opening).await, OpenOutcome::Opened(_)));
            }
            let own = |key: &String, environment| key.contains(&format!("#{environment}#"));
            let of_other = async || {
                let name = other.facts.environment.name();
                let record = bench.store.transaction_record(other.facts.environment, &other.facts.trxid).await;
                let record = record.unwrap().unwrap();
                let [number] = record.disputes.as_slice().try_into().unwrap();
                let keys: Vec<_> = bench.keys().await.into_iter().filter(|key| own(key, name)).collect();
                (record.transaction, record.live, bench.stored(number).await, keys)
            };
            let before = of_other().await;
            assert_eq!(bench.upsert(&later(&changed, Status::Refund, 60)).await, UpsertOutcome::Replaced);
            assert_eq!(of_other().await, before);
            assert!(matches!(bench.open(&opening(&other)).await, OpenOutcome::Duplicate(_)));
            assert_eq!(bench.open(&opening(&changed)).await, OpenOutcome::NotDisputable(Status::Refund));
        }
    });
}
