//! Scripts of faults: each step is taken once, in staging alone, whatever happens to the answers.

use std::collections::BTreeSet;

use recourse_dispute::environment::Environment;
use recourse_dispute::ids::KeyId;
use recourse_dispute::webhook::WebhookId;
use recourse_store::{
    Account, AccountEvent, AddWebhookOutcome, AuditContext, ChangeWebhookOutcome, ClearFaultsOutcome, EndpointChange,
    FAULT_HOURS, Fault, FaultScript, FaultTarget, NewCredential, NewWebhook, RevokeKeyOutcome, Role, SetFaultsOutcome,
};

use crate::accounts::{demo, kms, sealer};
use crate::bench::Bench;
use crate::things::{NOW, account, audit, token};
use recourse_test_harness::run;

const BUS: &str = "arn:aws:events:eu-west-1:123456789012:event-bus/disputes";
const STEPS: [Fault; 3] = [Fault::TooManyRequests, Fault::Pass, Fault::ClockSkew(-600)];

fn key(id: &str) -> KeyId {
    KeyId::parse(id).unwrap()
}

/// Accounts of both environments, each with a key.
async fn with_keys(bench: &Bench) {
    let kms = kms().await;
    let sealer = sealer(&kms);
    for (id, environment, key_id) in [
        ("acct_demo", Environment::Production, "iimm_prod_demo"),
        ("acct_staging", Environment::Staging, "iimm_dev_demo"),
    ] {
        let owner = Account { id: account(id), environment, ..demo() };
        bench.store.create_account(&owner, &audit("alice"), &token()).await.unwrap();
        let (id, secret) = (key(key_id), "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=");
        let new = NewCredential { key: &id, account: &owner.id, role: Role::Client, secret };
        bench.store.create_credential(&sealer, &new, [7; 12], &audit("alice"), token).await.unwrap();
    }
    kms.stop().await;
}

/// The accounts and their keys, and the key that may have a script.
async fn with_target() -> (Bench, FaultTarget) {
    let bench = Bench::start().await;
    with_keys(&bench).await;
    (bench, FaultTarget::Key(key("iimm_dev_demo")))
}

async fn set(bench: &Bench, target: &FaultTarget, steps: &[Fault]) -> SetFaultsOutcome {
    bench.store.set_faults(target, steps, &audit("alice"), token).await.unwrap()
}

/// Stores a script, and finds it.
async fn stored(bench: &Bench, target: &FaultTarget) -> FaultScript {
    assert_eq!(set(bench, target, &STEPS).await, SetFaultsOutcome::Set);
    bench.store.faults(target, NOW).await.unwrap().unwrap()
}

/// Ends the script that is found; what was left of it.
async fn clear(bench: &Bench, target: &FaultTarget) -> Option<Vec<Fault>> {
    let found = bench.store.faults(target, NOW).await.unwrap()?;
    match bench.store.clear_faults(target, &found, &audit("bob"), token).await.unwrap() {
        ClearFaultsOutcome::Cleared(script) => Some(script.left),
        other => panic!("{other:?}"),
    }
}

/// Who did what to the staging account after it was made and got its key.
async fn audited(bench: &Bench) -> Vec<(String, AccountEvent)> {
    let record = bench.store.account_record(&account("acct_staging")).await.unwrap().unwrap();
    assert_eq!(record.version as usize, record.audit.len());
    record.audit.into_iter().skip(2).map(|entry| (entry.by.name, entry.event)).collect()
}

async fn take(bench: &Bench, target: &FaultTarget) -> Option<Fault> {
    bench.store.take_fault(Environment::Staging, target, &token(), NOW).await.unwrap()
}

#[test]
fn the_steps_are_taken_one_after_the_other_and_once() {
    run(async {
        let (bench, target) = with_target().await;
        assert_eq!(take(&bench, &target).await, None);
        assert_eq!(set(&bench, &target, &STEPS).await, SetFaultsOutcome::Set);
        assert_eq!(set(&bench, &target, &STEPS).await, SetFaultsOutcome::Running);
        for step in STEPS {
            assert_eq!(take(&bench, &target).await, Some(step));
        }
        assert_eq!(take(&bench, &target).await, None);
        assert_eq!(bench.store.faults(&target, NOW).await.unwrap(), None);
        // What is over is replaced.
        assert_eq!(set(&bench, &target, &STEPS).await, SetFaultsOutcome::Set);
        assert_eq!(clear(&bench, &target).await.unwrap(), STEPS);
        assert_eq!(clear(&bench, &target).await, None);
        assert_eq!(take(&bench, &target).await, None);
    });
}

#[test]
fn a_script_that_is_stored_or_ended_is_in_the_accounts_audit_and_one_that_is_not_is_not() {
    run(async {
        let (bench, target) = with_target().await;
        let why = AuditContext { why: Some("a rehearsal".to_owned()), ..audit("carol") };
        let stored = bench.store.set_faults(&target, &STEPS, &why, token).await.unwrap();
        assert_eq!(stored, SetFaultsOutcome::Set);
        assert_eq!(set(&bench, &target, &STEPS).await, SetFaultsOutcome::Running);
        clear(&bench, &target).await.unwrap();
        assert_eq!(clear(&bench, &target).await, None);
        let (set, ended) = (AccountEvent::FaultsSet(target.clone()), AccountEvent::FaultsCleared(target.clone()));
        assert_eq!(audited(&bench).await, [("carol".to_owned(), set), ("bob".to_owned(), ended)]);
        let record = bench.store.account_record(&account("acct_staging")).await.unwrap().unwrap();
        let reasons: Vec<_> = record.audit.iter().skip(2).map(|entry| entry.why.as_deref()).collect();
        assert_eq!(reasons, [Some("a rehearsal"), None]);
    });
}

#[test]
fn a_script_that_somebody_has_stored_meanwhile_is_not_ended() {
    run(async {
        let (bench, target) = with_target().await;
        let found = stored(&bench, &target).await;
        let end = async || bench.store.clear_faults(&target, &found, &audit("bob"), token).await.unwrap();
        clear(&bench, &target).await.unwrap();
        assert_eq!(end().await, ClearFaultsOutcome::Over);
        // Even one of the same steps is another one.
        set(&bench, &target, &STEPS).await;
        let before = (bench.disputes().await, bench.ephemeral().await);
        let ClearFaultsOutcome::Replaced(other) = end().await else { panic!("another script was ended") };
        assert_eq!(other.left, STEPS);
        assert_eq!((bench.disputes().await, bench.ephemeral().await), before, "nothing was written");
        assert_eq!(take(&bench, &target).await, Some(STEPS[0]));
    });
}

#[test]
fn a_script_is_ended_although_a_step_of_it_is_taken_meanwhile() {
    run(async {
        let (bench, target) = with_target().await;
        let found = stored(&bench, &target).await;
        assert_eq!(take(&bench, &target).await, Some(STEPS[0]));
        let ended = bench.store.clear_faults(&target, &found, &audit("bob"), token).await.unwrap();
        let ClearFaultsOutcome::Cleared(script) = ended else { panic!("{ended:?}") };
        assert_eq!(script.left, STEPS[1..], "what was left when it ended");
        assert_eq!(take(&bench, &target).await, None);
    });
}

/// However the two meet, each step was either taken or was left, and one of those who end it does.
#[test]
fn steps_taken_and_scripts_ended_at_once_add_up() {
    run(async {
        let (bench, target) = with_target().await;
        for _ in 0..4 {
            let found = stored(&bench, &target).await;
            let (by, other) = (audit("bob"), audit("carol"));
            let ended = tokio::join!(
                bench.store.clear_faults(&target, &found, &by, token),
                bench.store.clear_faults(&target, &found, &other, token),
                take(&bench, &target),
            );
            let left: Vec<_> = [ended.0.unwrap(), ended.1.unwrap()]
                .into_iter()
                .filter_map(|ended| match ended {
                    ClearFaultsOutcome::Cleared(script) => Some(script.left.len()),
                    ClearFaultsOutcome::Over => None,
                    ClearFaultsOutcome::Replaced(other) => panic!("{other:?}"),
                })
                .collect();
            let taken = usize::from(ended.2.is_some());
            assert_eq!(left, [STEPS.len() - taken]);
        }
        let ended = audited(&bench).await;
        let is_end = |(_, event): &&(String, AccountEvent)| matches!(event, AccountEvent::FaultsCleared(_));
        assert_eq!((ended.len(), ended.iter().filter(is_end).count()), (8, 4));
    });
}

#[test]
fn a_script_whose_answer_is_lost_is_stored_once_and_ended_once() {
    run(async {
        let bench = Bench::alone().await;
        with_keys(&bench).await;
        let target = FaultTarget::Key(key("iimm_dev_demo"));
        let lose = || bench.db.set_fault(recourse_local::dynamodb::Fault::LoseAnswer { times: 1 });
        lose();
        assert_eq!(set(&bench, &target, &STEPS).await, SetFaultsOutcome::Set);
        lose();
        assert_eq!(clear(&bench, &target).await.unwrap(), STEPS);
        assert_eq!(audited(&bench).await.len(), 2);
    });
}

/// The transaction that stores or ends a script can be in the way of a request that takes a step.
#[test]
fn a_step_is_taken_although_a_transaction_is_in_the_way() {
    run(async {
        let bench = Bench::alone().await;
        with_keys(&bench).await;
        let target = FaultTarget::Key(key("iimm_dev_demo"));
        set(&bench, &target, &STEPS).await;
        bench.db.set_fault(recourse_local::dynamodb::Fault::UpdateConflict { times: 3 });
        assert_eq!(take(&bench, &target).await, Some(STEPS[0]));
        assert_eq!(bench.store.faults(&target, NOW).await.unwrap().unwrap().left, STEPS[1..], "one step, once");
    });
}

#[test]
fn a_script_is_over_after_its_hours() {
    run(async {
        let (bench, target) = with_target().await;
        let script = stored(&bench, &target).await;
        let end = NOW.plus(FAULT_HOURS * 60 * 60 * 1000);
        assert_eq!((script.good_until, FaultScript::end(NOW.plus(999))), (end, end), "in whole seconds");
        let at = async |now| bench.store.take_fault(Environment::Staging, &target, &token(), now).await.unwrap();
        assert_eq!(at(end).await, Some(STEPS[0]));
        assert_eq!(at(end.plus(1_000)).await, None);
        assert_eq!(bench.store.faults(&target, end.plus(1_000)).await.unwrap(), None);
        let later = AuditContext { at: end.plus(1_000), ..audit("alice") };
        let next = bench.store.set_faults(&target, &[Fault::Pass], &later, token).await.unwrap();
        assert_eq!(next, SetFaultsOutcome::Set);
    });
}

#[test]
fn production_has_no_script_and_looks_for_none() {
    run(async {
        let bench = Bench::alone().await;
        with_keys(&bench).await;
        let before = bench.ephemeral().await;
        let production = FaultTarget::Key(key("iimm_prod_demo"));
        assert_eq!(set(&bench, &production, &STEPS).await, SetFaultsOutcome::NotStaging);
        assert_eq!(set(&bench, &FaultTarget::Key(key("iimm_dev_nobody")), &STEPS).await, SetFaultsOutcome::Unknown);
        assert_eq!(bench.ephemeral().await, before);
        let staging = FaultTarget::Key(key("iimm_dev_demo"));
        set(&bench, &staging, &STEPS).await;
        bench.db.clear_calls();
        for target in [&production, &staging] {
            let taken = bench.store.take_fault(Environment::Production, target, &token(), NOW).await.unwrap();
            assert_eq!(taken, None);
        }
        assert!(bench.operations().is_empty(), "{:?}", bench.operations());
        // A key that was revoked can have none either.
        let revoked = bench.store.revoke_credential(&key("iimm_dev_demo"), &audit("alice"), token).await.unwrap();
        assert!(matches!(revoked, RevokeKeyOutcome::Revoked(_)), "{revoked:?}");
        assert_eq!(set(&bench, &staging, &STEPS).await, SetFaultsOutcome::Unknown);
    });
}

#[test]
fn an_endpoint_that_was_removed_and_the_event_bus_have_no_script() {
    run(async {
        let (bench, kms) = (Bench::start().await, kms().await);
        let sealer = sealer(&kms);
        let owner = Account { id: account("acct_staging"), environment: Environment::Staging, ..demo() };
        bench.store.create_account(&owner, &audit("alice"), &token()).await.unwrap();
        let id = WebhookId::new([1; 12]);
        let new = NewWebhook {
            id: id.clone(),
            account: &owner.id,
            url: "https://client.example/hooks",
            events: BTreeSet::new(),
            secret: "whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
        };
        let added = Box::pin(bench.store.add_webhook(&sealer, &new, [7; 12], &audit("alice"), token)).await.unwrap();
        assert!(matches!(added, AddWebhookOutcome::Added(_)), "{added:?}");
        let endpoint = FaultTarget::Webhook(id.clone());
        assert_eq!(set(&bench, &endpoint, &[Fault::Duplicate]).await, SetFaultsOutcome::Set);
        clear(&bench, &endpoint).await.unwrap();
        let set_and_ended = [AccountEvent::FaultsSet(endpoint.clone()), AccountEvent::FaultsCleared(endpoint.clone())];
        let events: Vec<_> = audited(&bench).await.into_iter().map(|(_, event)| event).collect();
        assert_eq!(events, set_and_ended);
        let (removal, by) = (EndpointChange::Remove, audit("alice"));
        let removed = Box::pin(bench.store.change_webhook(&sealer, &id, &removal, &by, token)).await.unwrap();
        assert!(matches!(removed, ChangeWebhookOutcome::Changed(_)), "{removed:?}");

        let (bus, write) = (WebhookId::bus(Environment::Staging), token());
        let making = bench.store.set_event_bus(None, Environment::Staging, Some(BUS), NOW, &write);
        assert!(Box::pin(making).await.unwrap());
        assert!(bench.store.webhook(&bus).await.unwrap().is_some());
        for target in [endpoint, FaultTarget::Webhook(bus)] {
            assert_eq!(set(&bench, &target, &[Fault::Duplicate]).await, SetFaultsOutcome::Unknown, "{target}");
            assert_eq!(bench.store.faults(&target, NOW).await.unwrap(), None, "{target}");
        }
        kms.stop().await;
    });
}

/// The SDK sends a write again whose answer was lost.
#[test]
fn the_same_write_sent_again_takes_one_step() {
    run(async {
        let (bench, target) = with_target().await;
        assert_eq!(set(&bench, &target, &STEPS).await, SetFaultsOutcome::Set);
        let request = token();
        for _ in 0..2 {
            let taken = bench.store.take_fault(Environment::Staging, &target, &request, NOW).await.unwrap();
            assert_eq!(taken, Some(STEPS[0]));
        }
        assert_eq!(take(&bench, &target).await, Some(STEPS[1]));
    });
}
