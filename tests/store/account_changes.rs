//! What changes of accounts and keys: which keys are good, how many are live, and who did it.

use std::sync::Arc;

use recourse_dispute::ids::KeyId;
use recourse_local::dynamodb::Fault;
use recourse_store::{
    AccountEvent, AccountRecord, AccountStatus, AuditContext, IssueKeyOutcome, KeyLookup, KeyRecord, NewCredential,
    RevokeKeyOutcome, Role, Sealer, SetStatusOutcome,
};
use serde_json::json;

use crate::accounts::{create, demo, kms, sealer};
use crate::bench::Bench;
use crate::things::{NOW, account, audit, token};
use recourse_test_harness::run;

const SECRET: &str = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=";

fn key(id: &str) -> KeyId {
    KeyId::parse(id).unwrap()
}

async fn record(bench: &Bench) -> AccountRecord {
    bench.store.account_record(&demo().id).await.unwrap().unwrap()
}

async fn client(bench: &Bench, sealer: &Sealer, id: &str, nonce: u8) -> IssueKeyOutcome {
    create(bench, sealer, &key(id), Role::Client, SECRET, nonce).await
}

async fn revoke(bench: &Bench, id: &str) -> RevokeKeyOutcome {
    bench.store.revoke_credential(&key(id), &audit("bob"), token).await.unwrap()
}

async fn set_status(bench: &Bench, status: AccountStatus) -> SetStatusOutcome {
    bench.store.set_status(&demo().id, status, &audit("carol"), token).await.unwrap()
}

async fn is_good(bench: &Bench, sealer: &Sealer, id: &str) -> bool {
    bench.store.credential(sealer, &key(id)).await.unwrap().is_some()
}

/// What an operator learns of a key, and an API's caller does not.
async fn known(bench: &Bench, sealer: &Sealer, id: &str) -> String {
    match bench.store.look_up_key(sealer, &key(id)).await.unwrap() {
        KeyLookup::Good(credential) => format!("good, of {}", credential.account.id),
        KeyLookup::Revoked(account) => format!("revoked, of {account}"),
        KeyLookup::Suspended(account) => format!("suspended, of {account}"),
        KeyLookup::Unknown => "unknown".to_owned(),
    }
}

async fn with_account() -> Bench {
    let bench = Bench::start().await;
    bench.store.create_account(&demo(), &audit("alice"), &token()).await.unwrap();
    bench
}

/// Every change has its entry, and entry N is of version N.
fn assert_complete(record: &AccountRecord) {
    let versions: Vec<_> = record.audit.iter().map(|entry| entry.version).collect();
    assert_eq!(versions, (1..=record.version).collect::<Vec<_>>());
}

#[test]
fn a_revoked_key_is_gone_with_its_secret_and_its_id_stays_taken() {
    run(async {
        let (bench, kms) = (with_account().await, kms().await);
        let sealer = sealer(&kms);
        assert_eq!(client(&bench, &sealer, "one", 1).await, IssueKeyOutcome::Created);
        assert!(is_good(&bench, &sealer, "one").await);
        assert_eq!(revoke(&bench, "one").await, RevokeKeyOutcome::Revoked(demo().id));
        assert!(!is_good(&bench, &sealer, "one").await);
        let items = bench.disputes().await;
        assert!(items.values().all(|item| item.get("sealed").is_none()), "nothing sealed is left");
        assert_eq!(revoke(&bench, "one").await, RevokeKeyOutcome::Already(demo().id));
        assert_eq!(revoke(&bench, "two").await, RevokeKeyOutcome::NoKey);
        assert_eq!(client(&bench, &sealer, "one", 2).await, IssueKeyOutcome::Taken);
        assert_eq!(bench.disputes().await, items, "no more than that is written");
        let revoked = KeyRecord { key: key("one"), role: Role::Client, created_at: Some(NOW), revoked_at: Some(NOW) };
        assert_eq!(record(&bench).await.keys, [revoked]);
        kms.stop().await;
    });
}

#[test]
fn a_suspended_account_has_no_valid_key_until_it_is_resumed() {
    run(async {
        let (bench, kms) = (with_account().await, kms().await);
        let sealer = sealer(&kms);
        client(&bench, &sealer, "one", 1).await;
        assert_eq!(set_status(&bench, AccountStatus::Active).await, SetStatusOutcome::Already);
        assert_eq!(set_status(&bench, AccountStatus::Suspended).await, SetStatusOutcome::Changed);
        assert!(!is_good(&bench, &sealer, "one").await);
        assert_eq!(bench.store.account(&demo().id).await.unwrap(), Some(demo()), "it is there all the same");
        assert_eq!(client(&bench, &sealer, "two", 2).await, IssueKeyOutcome::Created);
        assert!(!is_good(&bench, &sealer, "two").await, "a new key resumes nothing");
        revoke(&bench, "two").await;
        assert_eq!(record(&bench).await.status, AccountStatus::Suspended);
        assert_eq!(set_status(&bench, AccountStatus::Suspended).await, SetStatusOutcome::Already);
        assert_eq!(set_status(&bench, AccountStatus::Active).await, SetStatusOutcome::Changed);
        assert!(is_good(&bench, &sealer, "one").await && !is_good(&bench, &sealer, "two").await);
        let nobody = account("acct_nobody");
        let existing = bench.store.set_status(&nobody, AccountStatus::Suspended, &audit("carol"), token).await;
        assert_eq!(existing.unwrap(), SetStatusOutcome::NoAccount);
        assert_eq!(bench.store.account_record(&nobody).await.unwrap(), None);
        kms.stop().await;
    });
}

#[test]
fn two_keys_of_a_role_are_live_at_once_and_a_revoked_one_makes_room() {
    run(async {
        let (bench, kms) = (with_account().await, kms().await);
        let sealer = sealer(&kms);
        for (id, nonce) in [("one", 1), ("two", 2)] {
            assert_eq!(client(&bench, &sealer, id, nonce).await, IssueKeyOutcome::Created);
        }
        let full = IssueKeyOutcome::Full(vec![key("one"), key("two")]);
        assert_eq!(client(&bench, &sealer, "three", 3).await, full);
        assert!(!is_good(&bench, &sealer, "three").await);
        let platform = create(&bench, &sealer, &key("four"), Role::Platform, SECRET, 4).await;
        assert_eq!(platform, IssueKeyOutcome::Created, "the other role has room");
        revoke(&bench, "one").await;
        assert_eq!(client(&bench, &sealer, "three", 5).await, IssueKeyOutcome::Created);
        let mut good = Vec::new();
        for id in ["one", "two", "three", "four"] {
            good.push(is_good(&bench, &sealer, id).await);
        }
        assert_eq!(good, [false, true, true, true]);
        kms.stop().await;
    });
}

#[test]
fn every_change_is_recorded_with_who_when_and_why() {
    run(async {
        let (bench, kms) = (with_account().await, kms().await);
        let sealer = sealer(&kms);
        client(&bench, &sealer, "one", 1).await;
        let why = AuditContext { why: Some("it leaked".to_owned()), at: NOW.plus(5), ..audit("bob") };
        bench.store.revoke_credential(&key("one"), &why, token).await.unwrap();
        set_status(&bench, AccountStatus::Suspended).await;
        set_status(&bench, AccountStatus::Active).await;
        let record = record(&bench).await;
        assert_complete(&record);
        let audit = record.audit.into_iter().map(|entry| (entry.by.name, entry.at, entry.event, entry.why));
        assert_eq!(
            audit.collect::<Vec<_>>(),
            [
                ("alice".to_owned(), NOW, AccountEvent::Created, None),
                ("alice".to_owned(), NOW, AccountEvent::KeyCreated(key("one")), None),
                ("bob".to_owned(), NOW.plus(5), AccountEvent::KeyRevoked(key("one")), why.why),
                ("carol".to_owned(), NOW, AccountEvent::Suspended, None),
                ("carol".to_owned(), NOW, AccountEvent::Resumed, None),
            ]
        );
        kms.stop().await;
    });
}

#[test]
fn however_many_make_keys_at_once_two_are_live() {
    run(async {
        let (bench, kms) = (Arc::new(with_account().await), kms().await);
        let made: Vec<_> = (0..6_u8)
            .map(|n| {
                let (bench, sealer) = (Arc::clone(&bench), sealer(&kms));
                tokio::spawn(async move { client(&bench, &sealer, &format!("key-{n}"), n).await })
            })
            .collect();
        let mut created = 0;
        for made in made {
            match made.await.unwrap() {
                IssueKeyOutcome::Created => created += 1,
                IssueKeyOutcome::Full(live) => assert_eq!(live.len(), 2),
                other => panic!("{other:?}"),
            }
        }
        let record = record(&bench).await;
        assert_eq!((created, record.keys.len()), (2, 2));
        assert_eq!(record.version, 3);
        assert_complete(&record);
        kms.stop().await;
    });
}

#[test]
fn a_suspension_and_a_revocation_at_once_are_both_done() {
    run(async {
        let (bench, kms) = (with_account().await, kms().await);
        let sealer = sealer(&kms);
        client(&bench, &sealer, "one", 1).await;
        for round in 0..4_u8 {
            let id = format!("key-{round}");
            client(&bench, &sealer, &id, 10 + round).await;
            let ended =
                tokio::join!(revoke(&bench, &id), revoke(&bench, &id), set_status(&bench, AccountStatus::Suspended));
            let revoked =
                [&ended.0, &ended.1].into_iter().filter(|one| matches!(one, RevokeKeyOutcome::Revoked(_))).count();
            assert_eq!((revoked, ended.2), (1, SetStatusOutcome::Changed));
            let record = record(&bench).await;
            assert_eq!(record.status, AccountStatus::Suspended);
            assert_eq!(record.keys.iter().filter(|key| key.is_live()).count(), 1);
            assert_complete(&record);
            set_status(&bench, AccountStatus::Active).await;
        }
        kms.stop().await;
    });
}

#[test]
fn a_function_reads_key_and_account_and_nothing_else() {
    run(async {
        let (bench, kms) = (Bench::alone().await, kms().await);
        let sealer = sealer(&kms);
        bench.store.create_account(&demo(), &audit("alice"), &token()).await.unwrap();
        client(&bench, &sealer, "one", 1).await;
        for (id, reads) in [("one", 2), ("nobody", 2)] {
            bench.db.clear_calls();
            bench.store.credential(&sealer, &key(id)).await.unwrap();
            assert_eq!(bench.operations(), vec!["GetItem"; reads], "{id}");
        }
        kms.stop().await;
    });
}

#[test]
fn why_a_key_is_not_good_costs_the_same_whatever_it_is() {
    run(async {
        let (bench, kms) = (Bench::alone().await, kms().await);
        let sealer = sealer(&kms);
        bench.store.create_account(&demo(), &audit("alice"), &token()).await.unwrap();
        client(&bench, &sealer, "one", 1).await;
        client(&bench, &sealer, "two", 2).await;
        revoke(&bench, "two").await;
        let id = demo().id;
        for (status, one) in [(AccountStatus::Active, "good"), (AccountStatus::Suspended, "suspended")] {
            set_status(&bench, status).await;
            for (key, is) in
                [("one", format!("{one}, of {id}")), ("two", format!("revoked, of {id}")), ("nobody", "unknown".into())]
            {
                bench.db.clear_calls();
                assert_eq!(known(&bench, &sealer, key).await, is);
                assert_eq!(bench.operations(), ["GetItem", "GetItem"], "{key}");
            }
        }
        kms.stop().await;
    });
}

#[test]
fn a_change_whose_answer_is_lost_is_done_once() {
    run(async {
        let (bench, kms) = (Bench::alone().await, kms().await);
        let sealer = sealer(&kms);
        let lose = || bench.db.set_fault(Fault::LoseAnswer { times: 1 });
        lose();
        bench.store.create_account(&demo(), &audit("alice"), &token()).await.unwrap();
        sealer.seal(&bench.store, b"x", "purpose", [0; 12], &token()).await.unwrap();
        lose();
        assert_eq!(client(&bench, &sealer, "one", 1).await, IssueKeyOutcome::Created);
        lose();
        assert_eq!(revoke(&bench, "one").await, RevokeKeyOutcome::Revoked(demo().id));
        lose();
        assert_eq!(set_status(&bench, AccountStatus::Suspended).await, SetStatusOutcome::Changed);
        let record = record(&bench).await;
        assert_eq!(record.version, 4);
        assert_complete(&record);
        kms.stop().await;
    });
}

/// As they were written before accounts had a status, versions and lists of their keys.
#[test]
fn an_account_and_a_key_of_the_first_schema_version_are_valid_and_can_be_changed() {
    run(async {
        let (bench, kms) = (Bench::start().await, kms().await);
        let sealer = sealer(&kms);
        let sealed = sealer.seal(&bench.store, SECRET.as_bytes(), "old", [1; 12], &token()).await.unwrap();
        let text = |text: &str| json!({ "S": text });
        bench
            .put(&json!({
                "PK": text("ACC#acct_demo"), "SK": text("ACC#acct_demo"), "item": text("account"),
                "schema": { "N": "1" }, "id": text("acct_demo"), "name": text("Demo Wallet"),
                "environment": text("production"), "email": text("disputes@demo-wallet.example"),
            }))
            .await;
        bench
            .put(&json!({
                "PK": text("KEY#old"), "SK": text("KEY#old"), "item": text("credential"), "schema": { "N": "1" },
                "key": text("old"), "account": text("acct_demo"), "role": text("client"),
                "sealed": { "B": base64::Engine::encode(&base64::prelude::BASE64_STANDARD, sealed) },
            }))
            .await;
        assert!(is_good(&bench, &sealer, "old").await);
        assert_eq!(set_status(&bench, AccountStatus::Suspended).await, SetStatusOutcome::Changed);
        assert_eq!(set_status(&bench, AccountStatus::Active).await, SetStatusOutcome::Changed);
        assert!(is_good(&bench, &sealer, "old").await);
        assert_eq!(revoke(&bench, "old").await, RevokeKeyOutcome::Revoked(demo().id));
        assert!(!is_good(&bench, &sealer, "old").await);
        let record = record(&bench).await;
        let revoked = KeyRecord { key: key("old"), role: Role::Client, created_at: None, revoked_at: Some(NOW) };
        assert_eq!((record.version, record.keys), (3, vec![revoked]));
        kms.stop().await;
    });
}

#[test]
fn a_key_of_another_account_is_not_listed() {
    run(async {
        let (bench, kms) = (with_account().await, kms().await);
        let sealer = sealer(&kms);
        let other = recourse_store::Account { id: account("acct_demo2"), ..demo() };
        bench.store.create_account(&other, &audit("alice"), &token()).await.unwrap();
        let (id, owner) = (key("other"), other.id.clone());
        let new = NewCredential { key: &id, account: &owner, role: Role::Client, secret: SECRET };
        bench.store.create_credential(&sealer, &new, [1; 12], &audit("alice"), token).await.unwrap();
        assert!(record(&bench).await.keys.is_empty());
        assert_eq!(bench.store.account_record(&owner).await.unwrap().unwrap().keys.len(), 1);
        kms.stop().await;
    });
}
