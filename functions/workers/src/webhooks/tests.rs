//! What becomes of deliveries where a step is missing: nothing is posted here.

use std::collections::BTreeSet;

use recourse_dispute::addresses::MailAddress;
use recourse_dispute::environment::Environment;
use recourse_dispute::event::PerformedBy;
use recourse_dispute::ids::AccountId;
use recourse_dispute::lifecycle::Actor;
use recourse_dispute::notification::EmailTemplate;
use recourse_dispute::transaction::Status;
use recourse_dispute::webhook::WebhookId;
use recourse_provider::{Answer, ProviderError};
use recourse_store::{
    Account, AccountStatus, AddWebhookOutcome, AuditContext, ClaimDeliveryOutcome, ClaimedDelivery, Delivery,
    DeliveryId, DeliveryRange, DeliveryState, Endpoint, NewWebhook, OpenOutcome,
};
use serde_json::{Value, json};

use super::*;
use crate::deliveries::DeliveryOutcome;
use crate::stream::StreamRecord;
use crate::testing::case::{opening, platform, transaction};
use crate::testing::cloud::{Cloud, Fault};
use crate::testing::{self, log, now, pass, token};

const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const MINUTE_MS: i64 = 60_000;

/// A worker whose account has endpoints at an address that is not public: every attempt fails.
struct Bench {
    webhooks: Webhooks,
    cloud: Cloud,
    _log: tracing::subscriber::DefaultGuard,
}

fn demo() -> AccountId {
    AccountId::parse("acct_demo").unwrap()
}

fn audit() -> AuditContext {
    AuditContext { by: PerformedBy { actor: Actor::Operator, name: "alice".to_owned() }, at: now(), why: None }
}

impl Bench {
    async fn new() -> Self {
        testing::begin();
        let cloud = Cloud::new();
        let (store, sealer) = (testing::store(&cloud), testing::sealer(&cloud));
        testing::make_data_key(&sealer, &store).await;
        let account = Account {
            id: demo(),
            name: "Demo Wallet".to_owned(),
            environment: Environment::Production,
            email: MailAddress::parse("disputes@demo-wallet.example").unwrap(),
            merchant_id: None,
            domain_code: None,
        };
        store.create_account(&account, &audit(), &token()).await.unwrap();
        let client = Client::for_webhooks().unwrap();
        let webhooks = Webhooks { store, sealer, client, context: testing::context() };
        Self { webhooks, cloud, _log: log::start() }
    }

    async fn add(&self, id: u8) -> Endpoint {
        let account = demo();
        let new = NewWebhook {
            id: WebhookId::new([id; 12]),
            account: &account,
            url: "https://127.0.0.1/hooks",
            events: BTreeSet::new(),
            secret: SECRET,
        };
        let Webhooks { store, sealer, .. } = &self.webhooks;
        match Box::pin(store.add_webhook(sealer, &new, [id; 12], &audit(), token)).await.unwrap() {
            AddWebhookOutcome::Added(endpoint) => *endpoint,
            other => panic!("{other:?}"),
        }
    }

    /// A delivery that tries an endpoint out, which has one attempt.
    async fn try_out(&self, endpoint: &Endpoint) -> DeliveryId {
        self.webhooks.store.test_webhook(endpoint, "evt_test_1", now(), &token()).await.unwrap()
    }

    /// Opens a dispute, and hands its event out.
    async fn reported(&self, number: u64) {
        let store = &self.webhooks.store;
        store.upsert_transaction(&transaction(number, Status::Succesful), &platform(), now(), token).await.unwrap();
        let opened = store.open(&opening(number, &["user@example.com"], now()), &token(), now()).await.unwrap();
        assert!(matches!(opened, OpenOutcome::Opened(_)));
        let endpoints = store.webhooks().await.unwrap();
        let made = Box::pin(store.fan_out(number.try_into().unwrap(), &endpoints, now, token)).await.unwrap();
        assert_eq!(made, endpoints.len());
    }

    async fn only_delivery(&self, endpoint: &Endpoint) -> Delivery {
        let range = DeliveryRange { from: UnixMillis(0), to: now().plus(1), limit: 10 };
        let mut found = self.webhooks.store.deliveries(&endpoint.id, range, |_| true).await.unwrap();
        assert_eq!(found.len(), 1, "{found:?}");
        found.remove(0)
    }

    async fn claim(&self, id: &DeliveryId) -> ClaimedDelivery {
        match self.webhooks.store.claim_delivery(id, &token(), now(), MINUTE_MS).await.unwrap() {
            ClaimDeliveryOutcome::Claimed(claimed) => *claimed,
            ClaimDeliveryOutcome::ClaimedByOther => panic!("somebody else has {id}"),
        }
    }

    async fn endpoint(&self, id: &WebhookId) -> Endpoint {
        self.webhooks.store.webhook(id).await.unwrap().unwrap()
    }

    /// Says what happens to each call of DynamoDB.
    fn on_call(&self, on_call: impl FnMut(&str, &Value) -> Fault + Send + 'static) {
        *self.cloud.on_call.lock().unwrap() = Box::new(on_call);
    }

    async fn handle(&self, trigger: &DeliveryTrigger) -> Result<BatchResponse, StoreError> {
        Box::pin(self.webhooks.handle(trigger, now().plus(90_000))).await
    }

    /// The last line of metrics.
    fn last_line(&self) -> String {
        log::lines("worker=webhooks").pop().unwrap()
    }
}

#[tokio::test]
async fn an_endpoint_that_is_gone_is_disabled_before_the_delivery_ends() {
    let bench = Bench::new().await;
    let endpoint = bench.add(1).await;
    bench.reported(551).await;
    let id = bench.only_delivery(&endpoint).await.id();
    let gone: Result<Answer, ProviderError> = Ok(Answer { status: 410, retry_after: None, body: Vec::new() });

    // The write that disables the endpoint never arrives: the claim stays, and runs out.
    let is_disabling = |operation: &str| operation == "TransactWriteItems";
    bench.on_call(move |operation, _| if is_disabling(operation) { Fault::Lost } else { Fault::None });
    let (run, claimed) = (bench.webhooks.run(&endpoint).await.unwrap(), bench.claim(&id).await);
    bench.webhooks.conclude(&run, claimed, &gone, now()).await.unwrap_err();
    assert_eq!(bench.only_delivery(&endpoint).await.delivery_state, DeliveryState::Sending);
    assert!(bench.endpoint(&endpoint.id).await.is_enabled());

    // The write that ends the delivery never arrives: the endpoint is disabled by then.
    let ends = |body: &Value| body["UpdateExpression"].as_str().is_some_and(|update| update.contains("attempt_log"));
    bench.on_call(move |_, body| if ends(body) { Fault::Lost } else { Fault::None });
    pass(MINUTE_MS);
    let (run, claimed) = (bench.webhooks.run(&endpoint).await.unwrap(), bench.claim(&id).await);
    bench.webhooks.conclude(&run, claimed, &gone, now()).await.unwrap_err();
    let disabled = bench.endpoint(&endpoint.id).await;
    assert_eq!((disabled.is_enabled(), disabled.reason.as_deref()), (false, Some("it answered 410 Gone")));
    let mut notices = 0;
    for waiting in bench.webhooks.store.due(now(), 10).await.unwrap() {
        let mail = bench.webhooks.store.mail(waiting.id).await.unwrap().unwrap();
        notices += usize::from(mail.notification.template == EmailTemplate::WebhookDisabled);
    }
    assert_eq!(notices, 1);
}

#[tokio::test]
async fn a_410_of_an_endpoint_that_was_changed_meanwhile_is_tried_again() {
    let bench = Bench::new().await;
    let endpoint = bench.add(1).await;
    bench.reported(551).await;
    let id = bench.only_delivery(&endpoint).await.id();
    let gone: Result<Answer, ProviderError> = Ok(Answer { status: 410, retry_after: None, body: Vec::new() });
    // What the run has read is older than what is stored.
    let older = Endpoint { version: endpoint.version + 1, ..endpoint.clone() };
    let (run, claimed) = (bench.webhooks.run(&older).await.unwrap(), bench.claim(&id).await);
    let done = bench.webhooks.conclude(&run, claimed, &gone, now()).await.unwrap();
    assert_eq!(done, DeliveryOutcome::Failed);
    let stored = bench.only_delivery(&endpoint).await;
    assert_eq!((stored.delivery_state, stored.tries), (DeliveryState::Pending, 1));
    assert!(bench.endpoint(&endpoint.id).await.is_enabled());
}

#[tokio::test]
async fn a_sweep_that_cannot_open_a_secret_is_an_error_and_sweeps_the_others() {
    let bench = Bench::new().await;
    let (broken, good) = (bench.add(1).await, bench.add(2).await);
    bench.try_out(&broken).await;
    bench.try_out(&good).await;
    let spoiled = json!({"L": [{"M": {"sealed": {"B": "AAAA"}, "created_at": {"N": "1"}}}]});
    let update = json!({
        "TableName": "disputes",
        "Key": {"PK": {"S": "LIST#webhooks"}, "SK": {"S": broken.id.as_str()}},
        "UpdateExpression": "SET secrets = :spoiled",
        "ConditionExpression": "attribute_exists(secrets)",
        "ExpressionAttributeValues": {":spoiled": spoiled},
    });
    bench.cloud.run("UpdateItem", update).unwrap();
    assert!(bench.handle(&DeliveryTrigger::Sweep).await.is_err());
    let line = bench.last_line();
    assert!(line.contains("sweeps=0") && line.starts_with("ERROR"), "{line}");
    assert_eq!(log::lines("could not be swept").len(), 1);
    assert_eq!(bench.only_delivery(&broken).await.delivery_state, DeliveryState::Pending);
    assert_eq!(bench.only_delivery(&good).await.delivery_state, DeliveryState::Dead, "it was tried");
}

#[tokio::test]
async fn while_its_account_is_suspended_an_endpoint_gets_nothing() {
    let bench = Bench::new().await;
    let endpoint = bench.add(1).await;
    let id = bench.try_out(&endpoint).await;
    let stream = DeliveryTrigger::Stream(vec![StreamRecord { id, sequence_number: Some("100".to_owned()) }]);
    let set = async |status| bench.webhooks.store.set_status(&demo(), status, &audit(), token).await.unwrap();
    set(AccountStatus::Suspended).await;
    pass(20 * MINUTE_MS);
    for trigger in [&stream, &DeliveryTrigger::Sweep] {
        let answer = bench.handle(trigger).await.unwrap();
        assert_eq!(answer, BatchResponse::default(), "it is not sent again by the stream");
        let line = bench.last_line();
        assert!(line.contains("suspended=1") && !line.contains("late_ms=1"), "{line}");
        let delivery = bench.only_delivery(&endpoint).await;
        assert_eq!((delivery.delivery_state, delivery.claims), (DeliveryState::Pending, 0));
    }
    set(AccountStatus::Active).await;
    bench.handle(&DeliveryTrigger::Sweep).await.unwrap();
    assert_eq!(bench.only_delivery(&endpoint).await.attempt_log.len(), 1, "what waited is delivered");
}

#[tokio::test]
async fn a_replay_whose_answer_is_lost_is_one_replay() {
    let bench = Bench::new().await;
    let endpoint = bench.add(1).await;
    let id = bench.try_out(&endpoint).await;
    bench.handle(&DeliveryTrigger::Sweep).await.unwrap();
    assert_eq!(bench.only_delivery(&endpoint).await.delivery_state, DeliveryState::Dead);
    pass(MINUTE_MS);
    let mut is_lost = false;
    bench.on_call(move |operation, _| {
        let loses = operation == "UpdateItem" && !std::mem::replace(&mut is_lost, true);
        if loses { Fault::AnswerLost } else { Fault::None }
    });
    assert!(bench.webhooks.store.replay_delivery(&id, now()).await.unwrap());
    let waiting = bench.only_delivery(&endpoint).await;
    assert_eq!((waiting.delivery_state, waiting.replayed_at), (DeliveryState::Pending, Some(now())));
    bench.handle(&DeliveryTrigger::Sweep).await.unwrap();
    assert!(bench.webhooks.store.replay_delivery(&id, now()).await.unwrap(), "asked once more, it is the same one");
    let sent = bench.only_delivery(&endpoint).await;
    assert_eq!((sent.delivery_state, sent.attempt_log.len()), (DeliveryState::Dead, 2));
}

/// An alarm watches how many were given up.
#[tokio::test]
async fn a_delivery_is_counted_as_what_it_is_when_the_answer_to_its_end_is_lost() {
    let bench = Bench::new().await;
    let endpoint = bench.add(1).await;
    bench.try_out(&endpoint).await;
    let ends = |body: &Value| body["UpdateExpression"].as_str().is_some_and(|update| update.contains("attempt_log"));
    let mut is_lost = false;
    bench.on_call(move |_, body| {
        let loses = ends(body) && !std::mem::replace(&mut is_lost, true);
        if loses { Fault::AnswerLost } else { Fault::None }
    });
    bench.handle(&DeliveryTrigger::Sweep).await.unwrap();
    let line = bench.last_line();
    assert!(line.contains("dead=1") && line.contains("claimed_by_other=0"), "{line}");
    assert_eq!(bench.only_delivery(&endpoint).await.delivery_state, DeliveryState::Dead);
}
