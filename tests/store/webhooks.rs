//! Webhooks: endpoints and their secrets, events handed out once, and deliveries that one worker
//! claims at a time.

use std::collections::BTreeSet;

use recourse_dispute::dispute::Dispute;
use recourse_dispute::ids::{DomainCode, KeyId};
use recourse_dispute::lifecycle::{Action, Actor};
use recourse_dispute::notification::EmailTemplate;
use recourse_dispute::number::DisputeNumber;
use recourse_dispute::time::UnixMillis;
use recourse_dispute::webhook::{EventType, WebhookId};
use recourse_store::{
    Account, AccountEvent, AccountStatus, AddWebhookOutcome, ChangeWebhookOutcome, ClaimDeliveryOutcome,
    ClaimedDelivery, Delivery, DeliveryAttempt, DeliveryEnd, DeliveryId, DeliveryRange, DeliveryState, Direction,
    Endpoint, EndpointChange, EndpointState, MAX_WEBHOOKS, Message, MessageRole, NewWebhook, NoGuard, ReplayRequest,
    Role, Sealer, SupportCommit, WEBHOOK_OVERLAP_MS,
};
use serde_json::Value;

use crate::accounts::{create, demo, kms, sealer};
use crate::bench::Bench;
use crate::things::{NOW, account, audit, next, step_of, token};
use recourse_test_harness::{run, until};

const LEASE_MS: i64 = 60_000;
const SECRET: &str = "whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

fn new_id() -> WebhookId {
    let [_, _, _, _, rest @ ..] = u128::from(next()).to_be_bytes();
    WebhookId::new(rest)
}

async fn add(bench: &Bench, sealer: &Sealer, of: &str, events: &[EventType]) -> AddWebhookOutcome {
    let (id, of) = (new_id(), account(of));
    let events: BTreeSet<_> = events.iter().copied().collect();
    let new = NewWebhook { id, account: &of, url: "https://client.example/hooks?t=secret", events, secret: SECRET };
    Box::pin(bench.store.add_webhook(sealer, &new, [7; 12], &audit("alice"), token)).await.unwrap()
}

async fn added(bench: &Bench, sealer: &Sealer, of: &str, events: &[EventType]) -> Endpoint {
    match add(bench, sealer, of, events).await {
        AddWebhookOutcome::Added(endpoint) => *endpoint,
        other => panic!("{other:?}"),
    }
}

async fn changed(bench: &Bench, sealer: &Sealer, id: &WebhookId, change: EndpointChange<'_>, at: i64) -> Endpoint {
    let audit = recourse_store::AuditContext { at: NOW.plus(at), ..audit("bob") };
    match Box::pin(bench.store.change_webhook(sealer, id, &change, &audit, token)).await.unwrap() {
        ChangeWebhookOutcome::Changed(endpoint) => *endpoint,
        other => panic!("{other:?}"),
    }
}

fn rotate(secret: &str, nonce: u8) -> EndpointChange<'_> {
    EndpointChange::Rotate { secret, nonce: [nonce; 12], request: None }
}

/// A bench with `acct_demo`, and an account with a key of the Platform API.
async fn bench() -> (Bench, Sealer, recourse_local::kms::Kms) {
    let bench = Bench::start().await;
    let kms = kms().await;
    let sealer = sealer(&kms);
    bench.store.create_account(&demo(), &audit("alice"), &token()).await.unwrap();
    (bench, sealer, kms)
}

async fn platform(bench: &Bench, sealer: &Sealer) {
    let platform = Account { id: account("acct_platform"), name: "Platform".to_owned(), ..demo() };
    bench.store.create_account(&platform, &audit("alice"), &token()).await.unwrap();
    let key = KeyId::parse(&format!("plat_{:024x}", next())).unwrap();
    let new = recourse_store::NewCredential { key: &key, account: &platform.id, role: Role::Platform, secret: SECRET };
    bench.store.create_credential(sealer, &new, [9; 12], &audit("alice"), token).await.unwrap();
}

async fn fan_out(bench: &Bench, number: DisputeNumber) -> usize {
    let endpoints = bench.store.webhooks().await.unwrap();
    Box::pin(bench.store.fan_out(number, &endpoints, || NOW.plus(5_000), token)).await.unwrap()
}

async fn deliveries(bench: &Bench, endpoint: &Endpoint) -> Vec<Delivery> {
    let range = DeliveryRange { from: UnixMillis(0), to: NOW.plus(1_000_000), limit: 1000 };
    let mut all = bench.store.deliveries(&endpoint.id, range, |_| true).await.unwrap();
    all.sort_by_key(|delivery| (delivery.dispute, delivery.sequence));
    all
}

fn events(deliveries: &[Delivery]) -> Vec<(u64, &str)> {
    deliveries.iter().map(|delivery| (delivery.sequence, delivery.event_type.as_str())).collect()
}

async fn act(bench: &Bench, number: DisputeNumber, actor: Actor, action: Action) -> Dispute {
    let before = bench.stored(number).await;
    let change = step_of(&before, actor, action);
    bench.store.change(&before, &change, &NoGuard, &token(), NOW.plus(1000)).await.unwrap();
    bench.stored(number).await
}

async fn claim(bench: &Bench, id: &DeliveryId, now: UnixMillis) -> Option<ClaimedDelivery> {
    match bench.store.claim_delivery(id, &token(), now, LEASE_MS).await.unwrap() {
        ClaimDeliveryOutcome::Claimed(claimed) => Some(*claimed),
        ClaimDeliveryOutcome::ClaimedByOther => None,
    }
}

async fn due(bench: &Bench, endpoint: &Endpoint, now: UnixMillis, expected: usize) {
    until("what is due", async || {
        let due = bench.store.deliveries_due(&endpoint.id, now, 100).await.unwrap();
        (due.len() == expected).then_some(())
    })
    .await;
}

#[test]
fn an_endpoint_is_added_with_an_audit_and_its_secret_is_sealed() {
    run(async {
        let (bench, sealer, _kms) = bench().await;
        assert_eq!(add(&bench, &sealer, "acct_none", &[]).await, AddWebhookOutcome::NoAccount);
        let endpoint = added(&bench, &sealer, "acct_demo", &[EventType::DisputeDecided]).await;
        assert_eq!(bench.store.webhook(&endpoint.id).await.unwrap().as_ref(), Some(&endpoint));
        assert!(!endpoint.everything && endpoint.is_enabled());
        let record = bench.store.account_record(&demo().id).await.unwrap().unwrap();
        assert_eq!(record.audit.last().unwrap().event, AccountEvent::WebhookAdded(endpoint.id.clone()));
        let secrets = bench.store.webhook_secrets(&sealer, &endpoint, NOW).await.unwrap();
        assert_eq!(secrets.iter().map(|secret| secret.expose()).collect::<Vec<_>>(), [SECRET]);
        for (key, item) in bench.everything().await {
            assert!(!item.to_string().contains("whsec"), "{key:?}");
        }
        for _ in 1..MAX_WEBHOOKS {
            added(&bench, &sealer, "acct_demo", &[]).await;
        }
        assert_eq!(add(&bench, &sealer, "acct_demo", &[]).await, AddWebhookOutcome::Full);
        assert_eq!(bench.store.webhooks().await.unwrap().len(), MAX_WEBHOOKS);
    });
}

#[test]
fn a_secret_that_is_rotated_signs_beside_the_new_one_for_a_day() {
    run(async {
        let (bench, sealer, _kms) = bench().await;
        let id = added(&bench, &sealer, "acct_demo", &[]).await.id;
        let other = "whsec_BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB";
        let third = "whsec_CCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCC";
        let live = async |endpoint: &Endpoint, at: i64| {
            let secrets = bench.store.webhook_secrets(&sealer, endpoint, NOW.plus(at)).await.unwrap();
            secrets.iter().map(|secret| secret.expose().to_owned()).collect::<Vec<_>>()
        };
        let rotated = changed(&bench, &sealer, &id, rotate(other, 8), 1_000).await;
        assert_eq!(live(&rotated, 1_000).await, [other, SECRET]);
        assert_eq!(live(&rotated, 999 + WEBHOOK_OVERLAP_MS).await, [other, SECRET]);
        assert_eq!(live(&rotated, 1_000 + WEBHOOK_OVERLAP_MS).await, [other]);
        let again = changed(&bench, &sealer, &id, rotate(third, 9), 2_000).await;
        assert_eq!(live(&again, 2_000).await, [third, other], "two at most");
        let record = bench.store.account_record(&demo().id).await.unwrap().unwrap();
        assert_eq!(record.audit.last().unwrap().event, AccountEvent::WebhookRotated(id));
    });
}

#[test]
fn an_endpoint_is_disabled_once_and_its_owner_is_mailed_with_that() {
    run(async {
        let (bench, sealer, _kms) = bench().await;
        let endpoint = added(&bench, &sealer, "acct_demo", &[]).await;
        let mail = recourse_dispute::notification::Notification::webhook_disabled(
            &endpoint.account,
            &demo().email,
            &endpoint.id,
            "client.example",
            "it answered 410",
        );
        let give_up = async |endpoint: &Endpoint| {
            let (mail, token) = (mail.as_ref(), token());
            bench.store.give_up_webhook(endpoint, "it answered 410", None, mail, &token, NOW).await.unwrap()
        };
        bench.store.webhook_fails(&endpoint.id, NOW).await.unwrap();
        bench.store.webhook_fails(&endpoint.id, NOW.plus(9_000)).await.unwrap();
        let failing = bench.store.webhook(&endpoint.id).await.unwrap().unwrap();
        assert_eq!(failing.failing_since, Some(NOW));
        bench.store.webhook_works(&endpoint.id, NOW.plus(-1)).await.unwrap();
        let failing = bench.store.webhook(&endpoint.id).await.unwrap().unwrap();
        assert_eq!(failing.failing_since, Some(NOW), "what succeeded before it failed says nothing of now");
        bench.store.webhook_works(&endpoint.id, NOW.plus(10_000)).await.unwrap();
        bench.store.webhook_works(&endpoint.id, NOW.plus(10_000)).await.unwrap();
        assert_eq!(bench.store.webhook(&endpoint.id).await.unwrap().unwrap().failing_since, None);

        assert!(give_up(&endpoint).await);
        assert!(!give_up(&endpoint).await, "another worker did");
        let disabled = bench.store.webhook(&endpoint.id).await.unwrap().unwrap();
        assert_eq!(
            (disabled.endpoint_state, disabled.reason.as_deref()),
            (EndpointState::Disabled, Some("it answered 410"))
        );
        let due = bench.store.due(NOW, 10).await.unwrap();
        let [waiting] = due.as_slice() else { panic!("{due:?}") };
        let mail = bench.store.mail(waiting.id).await.unwrap().unwrap();
        assert_eq!(mail.notification.template, EmailTemplate::WebhookDisabled);

        let enabled = changed(&bench, &sealer, &endpoint.id, EndpointChange::Enable, 1_000).await;
        assert!(enabled.is_enabled() && enabled.reason.is_none());
        assert!(!give_up(&endpoint).await, "it is not as the worker read it any more");
        let again = audit("bob");
        let unchanged = bench.store.change_webhook(&sealer, &endpoint.id, &EndpointChange::Enable, &again, token);
        assert!(matches!(Box::pin(unchanged).await.unwrap(), ChangeWebhookOutcome::Already(_)));
    });
}

#[test]
fn events_are_handed_out_once_to_those_who_get_them() {
    run(async {
        let (bench, sealer, _kms) = bench().await;
        platform(&bench, &sealer).await;
        let bank = Account { id: account("acct_fbn"), domain_code: DomainCode::parse("FBN").ok(), ..demo() };
        bench.store.create_account(&bank, &audit("alice"), &token()).await.unwrap();
        let stranger = Account { id: account("acct_stranger"), ..demo() };
        bench.store.create_account(&stranger, &audit("alice"), &token()).await.unwrap();
        let own = added(&bench, &sealer, "acct_demo", &[]).await;
        let decided = added(&bench, &sealer, "acct_demo", &[EventType::DisputeDecided]).await;
        let of_platform = added(&bench, &sealer, "acct_platform", &[]).await;
        let of_bank = added(&bench, &sealer, "acct_fbn", &[]).await;
        let foreign = added(&bench, &sealer, "acct_stranger", &[]).await;
        assert!(of_platform.everything && !own.everything);

        let (_, dispute) = bench.disputed("50001").await;
        let number = dispute.number;
        assert_eq!(fan_out(&bench, number).await, 3, "a bank is a party of it, too");
        assert_eq!(fan_out(&bench, number).await, 0);
        act(&bench, number, Actor::Operator, Action::CloseForCustomer).await;
        assert_eq!(fan_out(&bench, number).await, 7);
        let all = [(1, "dispute.opened"), (2, "dispute.decided"), (3, "transaction.settled_by_dispute")];
        for endpoint in [&own, &of_platform, &of_bank] {
            assert_eq!(events(&deliveries(&bench, endpoint).await), all);
        }
        assert_eq!(events(&deliveries(&bench, &decided).await), all[1..2]);
        assert_eq!(deliveries(&bench, &foreign).await, []);
        let refid = async |endpoint| {
            let body: Value = serde_json::from_str(&deliveries(&bench, endpoint).await[0].body).unwrap();
            assert_eq!(body["data"]["dispute"]["id"], number.case_id());
            body["data"]["transaction"]["refid"].clone()
        };
        assert_eq!(refid(&own).await, "ref 50001");
        assert_eq!(refid(&of_platform).await, "ref 50001");
        assert_eq!(refid(&of_bank).await, Value::Null, "a bank does not know the account's reference");
        let ids: BTreeSet<_> = deliveries(&bench, &own).await.into_iter().map(|delivery| delivery.event).collect();
        assert_eq!(ids.len(), 3);
    });
}

#[test]
fn what_nobody_gets_costs_one_read_and_writes_nothing() {
    run(async {
        let (bench, sealer, _kms) = bench().await;
        let (_, dispute) = bench.disputed("50001").await;
        let before = bench.everything().await;
        assert_eq!(fan_out(&bench, dispute.number).await, 0);
        assert_eq!(bench.everything().await, before);
        // What happened before an endpoint was added is not delivered to it, and counts.
        let late = added(&bench, &sealer, "acct_demo", &[]).await;
        let late = Endpoint { enabled_at: NOW.plus(1), ..late };
        let fanned = bench.store.fan_out(dispute.number, std::slice::from_ref(&late), || NOW, token);
        assert_eq!(Box::pin(fanned).await.unwrap(), 0);
        act(&bench, dispute.number, Actor::Operator, Action::CloseForMerchant).await;
        let fanned = bench.store.fan_out(dispute.number, std::slice::from_ref(&late), || NOW, token);
        assert_eq!(Box::pin(fanned).await.unwrap(), 1);
        assert_eq!(events(&deliveries(&bench, &late).await), [(2, "dispute.decided")]);
    });
}

#[test]
fn many_workers_hand_each_event_out_once() {
    run(async {
        let (bench, sealer, _kms) = bench().await;
        let endpoint = added(&bench, &sealer, "acct_demo", &[]).await;
        let (_, dispute) = bench.disputed("50001").await;
        act(&bench, dispute.number, Actor::Operator, Action::CloseForCustomer).await;
        let made = futures_util::future::join_all((0..6).map(|_| fan_out(&bench, dispute.number))).await;
        assert_eq!(made.iter().sum::<usize>(), 3, "{made:?}");
        let sequences: Vec<_> = deliveries(&bench, &endpoint).await.iter().map(|delivery| delivery.sequence).collect();
        assert_eq!(sequences, [1, 2, 3]);
    });
}

#[test]
fn a_message_that_came_in_is_an_event_and_one_that_goes_out_is_none() {
    run(async {
        let (bench, sealer, _kms) = bench().await;
        platform(&bench, &sealer).await;
        let bank = Account { id: account("acct_fbn"), domain_code: DomainCode::parse("FBN").ok(), ..demo() };
        bench.store.create_account(&bank, &audit("alice"), &token()).await.unwrap();
        let endpoint = added(&bench, &sealer, "acct_demo", &[]).await;
        let of_platform = added(&bench, &sealer, "acct_platform", &[]).await;
        let of_bank = added(&bench, &sealer, "acct_fbn", &[]).await;
        let (_, dispute) = bench.disputed("50001").await;
        for (direction, role) in [(Direction::Out, MessageRole::Agent), (Direction::In, MessageRole::Customer)] {
            let snapshot = bench.store.support_snapshot(dispute.number).await.unwrap().unwrap();
            let mut commit = SupportCommit::of(&snapshot);
            commit.add_message(Message::new(direction, role, "a secret of user@customer.example"), NOW.plus(10));
            bench.store.commit_support(&commit, &token(), NOW.plus(10)).await.unwrap();
        }
        assert_eq!(fan_out(&bench, dispute.number).await, 5);
        let found = deliveries(&bench, &endpoint).await;
        assert_eq!(events(&found), [(1, "dispute.opened"), (2, "case.message_received")]);
        assert_eq!(events(&deliveries(&bench, &of_platform).await), events(&found));
        // A bank is a party of the dispute, and learns nothing of the account's support.
        assert_eq!(events(&deliveries(&bench, &of_bank).await), [(1, "dispute.opened")]);
        let body: Value = serde_json::from_str(&found[1].body).unwrap();
        assert_eq!(body["data"]["message"]["place"], 2);
        assert!(!found[1].body.contains("secret") && !found[1].body.contains('@'), "{}", found[1].body);
    });
}

#[test]
fn a_delivery_is_claimed_by_one_and_ended_by_whoever_holds_the_claim() {
    run(async {
        let (bench, sealer, _kms) = bench().await;
        let endpoint = added(&bench, &sealer, "acct_demo", &[]).await;
        let (_, dispute) = bench.disputed("50001").await;
        act(&bench, dispute.number, Actor::Operator, Action::CloseForMerchant).await;
        fan_out(&bench, dispute.number).await;
        let found = deliveries(&bench, &endpoint).await;
        let [first, second] = found.as_slice() else { panic!("{found:?}") };
        let made = first.created_at;
        due(&bench, &endpoint, made, 2).await;
        assert_eq!(bench.store.ahead_of(first).await.unwrap(), None);
        assert_eq!(bench.store.ahead_of(second).await.unwrap(), Some(made), "it waits for the first one");

        // The clock of whoever claims it first may be behind.
        let mut claimed = claim(&bench, &first.id(), made.plus(-50)).await.unwrap();
        assert!(claim(&bench, &first.id(), made.plus(10_000)).await.is_none());
        let attempt =
            |status| DeliveryAttempt { at: made, status: Some(status), error: None, answer: None, duration_ms: 5 };
        claimed.delivery.tried(attempt(500));
        assert!(bench.store.end_delivery(&claimed, DeliveryEnd::Later(made.plus(5_000))).await.unwrap());
        assert!(!bench.store.end_delivery(&claimed, DeliveryEnd::Delivered).await.unwrap(), "the claim is over");
        assert!(claim(&bench, &first.id(), made.plus(4_999)).await.is_none());
        assert_eq!(bench.store.ahead_of(second).await.unwrap(), Some(made.plus(5_000)));

        // A worker that dies loses its claim, and one that is late changes nothing.
        let lost = claim(&bench, &first.id(), made.plus(5_000)).await.unwrap();
        let mut claimed = claim(&bench, &first.id(), made.plus(5_000 + LEASE_MS)).await.unwrap();
        assert!(!bench.store.end_delivery(&lost, DeliveryEnd::Dead).await.unwrap());
        claimed.delivery.tried(attempt(204));
        // The SDK sends a write again whose answer was lost.
        for _ in 0..2 {
            assert!(bench.store.end_delivery(&claimed, DeliveryEnd::Delivered).await.unwrap());
        }
        assert!(!bench.store.end_delivery(&claimed, DeliveryEnd::Dead).await.unwrap(), "it ended otherwise");
        let stored = bench.store.delivery(&first.id()).await.unwrap().unwrap();
        assert_eq!((stored.delivery_state, stored.tries, stored.due), (DeliveryState::Delivered, 2, None));
        let statuses: Vec<_> = stored.attempt_log.iter().map(|attempt| attempt.status).collect();
        assert_eq!(statuses, [Some(500), Some(204)]);
        assert_eq!(bench.store.ahead_of(second).await.unwrap(), None);
        due(&bench, &endpoint, made.plus(1_000_000), 1).await;

        // It is sent once more, under its own id.
        let replay = async |id: &DeliveryId, at: i64| bench.store.replay_delivery(id, made.plus(at)).await.unwrap();
        assert!(!replay(&second.id(), 200_000).await, "it waits for its first attempt");
        assert!(replay(&first.id(), 200_000).await);
        assert!(!replay(&first.id(), 200_001).await, "it waits already");
        let again = claim(&bench, &first.id(), made.plus(200_000)).await.unwrap();
        assert_eq!((again.delivery.event.as_str(), again.delivery.tries), (first.event.as_str(), 0));
        // Whoever lost the answer asks once more, and it is the same replay, sent or not.
        assert!(replay(&first.id(), 200_000).await);
        assert!(bench.store.end_delivery(&again, DeliveryEnd::Delivered).await.unwrap());
        assert!(replay(&first.id(), 200_000).await);
        let stored = bench.store.delivery(&first.id()).await.unwrap().unwrap();
        assert_eq!((stored.delivery_state, stored.due), (DeliveryState::Delivered, None), "it is sent once");
        assert!(replay(&first.id(), 300_000).await);
        let held = claim(&bench, &first.id(), made.plus(300_000)).await.expect("a later replay is another one");

        // What a script of faults holds back is passed by later events, until it is replayed.
        assert!(bench.store.end_delivery(&held, DeliveryEnd::Held(made.plus(310_000))).await.unwrap());
        assert_eq!(bench.store.ahead_of(second).await.unwrap(), None);
        let late = claim(&bench, &first.id(), made.plus(310_000)).await.unwrap();
        assert!(bench.store.end_delivery(&late, DeliveryEnd::Delivered).await.unwrap());
        assert!(replay(&first.id(), 400_000).await);
        assert_eq!(bench.store.ahead_of(second).await.unwrap(), Some(made.plus(400_000)));
    });
}

#[test]
fn what_happens_while_an_endpoint_is_disabled_makes_no_delivery_later() {
    run(async {
        let (bench, sealer, _kms) = bench().await;
        let endpoint = added(&bench, &sealer, "acct_demo", &[]).await;
        changed(&bench, &sealer, &endpoint.id, EndpointChange::Disable("a test"), 100).await;
        let (_, dispute) = bench.disputed("50001").await;
        assert_eq!(fan_out(&bench, dispute.number).await, 0);
        let enabled = changed(&bench, &sealer, &endpoint.id, EndpointChange::Enable, 500).await;
        assert_eq!((enabled.created_at, enabled.enabled_at), (NOW, NOW.plus(500)));
        // The change after that is handed out together with what came before.
        act(&bench, dispute.number, Actor::Operator, Action::CloseForMerchant).await;
        assert_eq!(fan_out(&bench, dispute.number).await, 1);
        assert_eq!(events(&deliveries(&bench, &endpoint).await), [(2, "dispute.decided")]);
    });
}

/// The worker has read an endpoint, and what it decides on comes too late.
#[test]
fn an_endpoint_that_worked_meanwhile_is_not_given_up() {
    run(async {
        let (bench, sealer, _kms) = bench().await;
        let endpoint = added(&bench, &sealer, "acct_demo", &[]).await;
        bench.store.webhook_fails(&endpoint.id, NOW).await.unwrap();
        let give_up = async || {
            let token = token();
            bench.store.give_up_webhook(&endpoint, "five days", Some(NOW), None, &token, NOW.plus(9)).await.unwrap()
        };
        bench.store.webhook_works(&endpoint.id, NOW.plus(1)).await.unwrap();
        assert!(!give_up().await, "a delivery succeeded");
        bench.store.webhook_fails(&endpoint.id, NOW.plus(2)).await.unwrap();
        assert!(!give_up().await, "it fails for a shorter time");
        // A rotation that was decided on before does not bring the old time back.
        let rotated = changed(&bench, &sealer, &endpoint.id, rotate(SECRET, 8), 5).await;
        assert_eq!(rotated.failing_since, Some(NOW.plus(2)));
        assert!(rotated.is_enabled());
    });
}

#[test]
fn events_are_for_accounts_that_are_active_and_of_the_platform_for_those_with_its_key() {
    run(async {
        let (bench, sealer, _kms) = bench().await;
        platform(&bench, &sealer).await;
        let own = added(&bench, &sealer, "acct_demo", &[]).await;
        let everything = added(&bench, &sealer, "acct_platform", &[]).await;
        let may = async |endpoint: &Endpoint| bench.store.may_get_events(endpoint).await.unwrap();
        assert!(may(&own).await && may(&everything).await);
        for (status, expected) in [(AccountStatus::Suspended, false), (AccountStatus::Active, true)] {
            for endpoint in [&own, &everything] {
                bench.store.set_status(&endpoint.account, status, &audit("bob"), token).await.unwrap();
                assert_eq!(may(endpoint).await, expected, "{status:?} {}", endpoint.account);
            }
        }
        let record = bench.store.account_record(&everything.account).await.unwrap().unwrap();
        let [key] = record.keys.as_slice() else { panic!("{:?}", record.keys) };
        bench.store.revoke_credential(&key.key, &audit("bob"), token).await.unwrap();
        assert!(!may(&everything).await, "its only key of the Platform API is revoked");
    });
}

#[test]
fn a_secret_that_cannot_be_opened_is_an_error() {
    run(async {
        let (bench, sealer, _kms) = bench().await;
        let mut endpoint = added(&bench, &sealer, "acct_demo", &[]).await;
        // It is bound to its own endpoint.
        endpoint.id = new_id();
        assert!(bench.store.webhook_secrets(&sealer, &endpoint, NOW).await.is_err());
    });
}

/// DynamoDB deletes by it.
#[test]
fn a_delivery_expires_after_thirty_days() {
    run(async {
        let (bench, sealer, _kms) = bench().await;
        added(&bench, &sealer, "acct_demo", &[]).await;
        let (_, dispute) = bench.disputed("50001").await;
        fan_out(&bench, dispute.number).await;
        let stored = bench.ephemeral().await;
        let hooks: Vec<_> = stored.iter().filter(|((pk, _), _)| pk.starts_with("HOOK#")).collect();
        let [(_, item)] = hooks.as_slice() else { panic!("{hooks:?}") };
        let expires: i64 = item["expires_at"]["N"].as_str().unwrap().parse().unwrap();
        assert_eq!(expires - NOW.plus(5_000).seconds(), 30 * 86_400);
    });
}

/// The tests' own key is not one that the other tests of accounts make.
#[test]
fn an_account_without_a_platform_key_gets_its_own_events_alone() {
    run(async {
        let (bench, sealer, _kms) = bench().await;
        let key = KeyId::parse(&format!("iimm_prod_{:024x}", next())).unwrap();
        create(&bench, &sealer, &key, Role::Client, SECRET, 3).await;
        assert!(!added(&bench, &sealer, "acct_demo", &[]).await.everything);
    });
}

#[test]
fn an_endpoint_that_was_removed_keeps_its_log_and_nothing_waits_at_it() {
    run(async {
        let (bench, sealer, _kms) = bench().await;
        let (endpoint, other) =
            (added(&bench, &sealer, "acct_demo", &[]).await, added(&bench, &sealer, "acct_demo", &[]).await);
        let (_, dispute) = bench.disputed("50001").await;
        act(&bench, dispute.number, Actor::Operator, Action::CloseForCustomer).await;
        fan_out(&bench, dispute.number).await;
        let found = deliveries(&bench, &endpoint).await;
        let [first, second, third] = found.as_slice() else { panic!("{found:?}") };
        let done = claim(&bench, &first.id(), first.created_at).await.unwrap();
        assert!(bench.store.end_delivery(&done, DeliveryEnd::Delivered).await.unwrap());
        let sending = claim(&bench, &second.id(), second.created_at).await.unwrap();
        due(&bench, &endpoint, NOW.plus(1_000_000), 2).await;

        let removed = changed(&bench, &sealer, &endpoint.id, EndpointChange::Remove, 1_000).await;
        assert!(removed.is_removed() && removed.secrets.is_empty());
        assert_eq!(bench.store.webhook(&endpoint.id).await.unwrap(), Some(removed.clone()));
        let left: Vec<_> = bench.store.webhooks().await.unwrap().into_iter().map(|left| left.id).collect();
        assert_eq!(left, std::slice::from_ref(&other.id));
        assert_eq!(bench.store.give_up_deliveries(&endpoint.id).await.unwrap(), 2);
        assert_eq!(bench.store.give_up_deliveries(&endpoint.id).await.unwrap(), 0, "once");
        assert!(!bench.store.end_delivery(&sending, DeliveryEnd::Later(NOW)).await.unwrap(), "it waits no more");
        let states: Vec<_> = deliveries(&bench, &endpoint).await.iter().map(|one| one.delivery_state).collect();
        assert_eq!(states, [DeliveryState::Delivered, DeliveryState::Dead, DeliveryState::Dead]);
        assert!(claim(&bench, &third.id(), NOW.plus(1_000_000)).await.is_none());
        due(&bench, &endpoint, NOW.plus(1_000_000), 0).await;
        due(&bench, &other, NOW.plus(1_000_000), 3).await;

        let audit = audit("bob");
        for change in [EndpointChange::Enable, EndpointChange::Disable("x"), rotate(SECRET, 6)] {
            let outcome = Box::pin(bench.store.change_webhook(&sealer, &endpoint.id, &change, &audit, token)).await;
            assert_eq!(outcome.unwrap(), ChangeWebhookOutcome::NoWebhook);
        }
        let again = bench.store.change_webhook(&sealer, &endpoint.id, &EndpointChange::Remove, &audit, token);
        assert_eq!(Box::pin(again).await.unwrap(), ChangeWebhookOutcome::Already(Box::new(removed)));
        let stored = bench.everything().await;
        let (_, item) = stored.iter().find(|((_, sk), _)| sk == endpoint.id.as_str()).unwrap();
        let expires: i64 = item["expires_at"]["N"].as_str().unwrap().parse().unwrap();
        assert_eq!(expires - NOW.plus(1_000).seconds(), 31 * 86_400, "longer than its last delivery");
        let record = bench.store.account_record(&demo().id).await.unwrap().unwrap();
        assert_eq!(record.audit.last().unwrap().event, AccountEvent::WebhookRemoved(endpoint.id));
    });
}

#[test]
fn a_rotation_and_a_replay_of_one_request_are_done_once() {
    run(async {
        let (bench, sealer, _kms) = bench().await;
        let endpoint = added(&bench, &sealer, "acct_demo", &[]).await;
        let other = "whsec_BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB";
        let change = EndpointChange::Rotate { secret: other, nonce: [8; 12], request: Some("request-1") };
        let rotated = changed(&bench, &sealer, &endpoint.id, change, 1_000).await;
        let third = EndpointChange::Rotate {
            secret: "whsec_CCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCC",
            nonce: [9; 12],
            request: Some("request-1"),
        };
        let audit = audit("bob");
        let again = Box::pin(bench.store.change_webhook(&sealer, &endpoint.id, &third, &audit, token)).await;
        assert_eq!(again.unwrap(), ChangeWebhookOutcome::Already(Box::new(rotated)));
        // Neither when its secret is gone, because others came after it.
        for (request, nonce) in [("request-2", 10), ("request-3", 11)] {
            let change = EndpointChange::Rotate { secret: other, nonce: [nonce; 12], request: Some(request) };
            changed(&bench, &sealer, &endpoint.id, change, 2_000).await;
        }
        let late = Box::pin(bench.store.change_webhook(&sealer, &endpoint.id, &third, &audit, token)).await;
        let ChangeWebhookOutcome::Already(known) = late.unwrap() else { panic!("it is known") };
        assert!(known.secrets.iter().all(|secret| secret.request.as_deref() != Some("request-1")));

        let (_, dispute) = bench.disputed("50001").await;
        fan_out(&bench, dispute.number).await;
        let id = deliveries(&bench, &endpoint).await.remove(0).id();
        let replay = async |request: &str| {
            // The second one first came a second after the one before, and so on.
            let first = NOW.plus(1_000 * request.trim_start_matches("request-").parse::<i64>().unwrap());
            bench.store.replay_delivery_for(&id, (request, first), first).await.unwrap()
        };
        let deliver = async || {
            let claimed = claim(&bench, &id, NOW.plus(60_000)).await.unwrap();
            assert!(bench.store.end_delivery(&claimed, DeliveryEnd::Delivered).await.unwrap());
        };
        assert!(!replay("request-2").await, "it waits");
        deliver().await;
        assert!(replay("request-2").await && replay("request-2").await, "its answer was lost");
        assert!(!replay("request-3").await, "it waits for the second one");
        deliver().await;
        assert!(replay("request-2").await);
        let stored = bench.store.delivery(&id).await.unwrap().unwrap();
        assert_eq!(stored.delivery_state, DeliveryState::Delivered, "it was not sent a third time");
        assert!(replay("request-3").await);
        deliver().await;
        assert!(!replay("request-2").await, "another request had it sent once more since");
        let stored = bench.store.delivery(&id).await.unwrap().unwrap();
        assert_eq!(stored.delivery_state, DeliveryState::Delivered);
    });
}

#[test]
fn a_request_for_a_replay_is_known_as_it_first_came() {
    run(async {
        let (bench, _sealer, _kms) = bench().await;
        let asked = |fingerprint: &str, at| ReplayRequest { fingerprint: fingerprint.to_owned(), requested_at: at };
        let first = asked("what", NOW);
        for later in [first.clone(), asked("what", NOW.plus(1)), asked("something else", NOW.plus(2))] {
            assert_eq!(bench.store.note_replay("request-1", later).await.unwrap(), first);
        }
        let other = asked("what", NOW.plus(3));
        assert_eq!(bench.store.note_replay("request-2", other.clone()).await.unwrap(), other);
    });
}

#[test]
fn deliveries_are_read_page_by_page() {
    run(async {
        let (bench, sealer, _kms) = bench().await;
        let endpoint = added(&bench, &sealer, "acct_demo", &[]).await;
        for (number, at) in [("50001", 5_000), ("50002", 6_000), ("50003", 7_000)] {
            let (_, dispute) = bench.disputed(number).await;
            let endpoints = bench.store.webhooks().await.unwrap();
            Box::pin(bench.store.fan_out(dispute.number, &endpoints, || NOW.plus(at), token)).await.unwrap();
        }
        let page = async |range: (i64, i64), after: Option<&DeliveryId>, most| {
            let range = (NOW.plus(range.0), NOW.plus(range.1));
            let page = bench.store.delivery_page(&endpoint.id, range, after, most).await.unwrap();
            let times: Vec<_> = page.deliveries.iter().map(|delivery| delivery.created_at.0 - NOW.0).collect();
            (times, page.next)
        };
        let (first, next) = page((0, 9_000), None, 2).await;
        assert_eq!(first, [7_000, 6_000]);
        let (rest, end) = page((0, 9_000), next.as_ref(), 2).await;
        assert_eq!((rest, end), (vec![5_000], None));
        assert_eq!(page((6_000, 6_000), None, 9).await.0, [6_000], "both ends are included");
        let late = next.unwrap();
        assert_eq!(page((6_500, 9_000), Some(&late), 9).await, (Vec::new(), None), "it is before the range");
        assert_eq!(page((0, 5_500), Some(&late), 9).await.0, [5_000], "it is after the range");
        assert_eq!(page((9_000, 0), None, 9).await, (Vec::new(), None));
        assert_eq!(page((9_000, 0), Some(&late), 9).await, (Vec::new(), None));
        let all = async |from, to, limit| {
            let range = DeliveryRange { from: NOW.plus(from), to: NOW.plus(to), limit };
            let found = bench.store.deliveries(&endpoint.id, range, |_| true).await.unwrap();
            found.iter().map(|delivery| delivery.created_at.0 - NOW.0).collect::<Vec<_>>()
        };
        assert_eq!(all(0, 9_000, 9).await, [7_000, 6_000, 5_000]);
        assert_eq!(all(0, 9_000, 2).await, [7_000, 6_000]);
        assert!(all(9_000, 0, 9).await.is_empty(), "a time that was over before deliveries are kept");
    });
}
