//! The event bus as a destination of events, beside the webhook endpoints.

use recourse_dispute::environment::Environment;
use recourse_dispute::lifecycle::{Action, Actor};
use recourse_dispute::number::DisputeNumber;
use recourse_dispute::time::UnixMillis;
use recourse_dispute::webhook::WebhookId;
use recourse_store::{Delivery, DeliveryRange, Endpoint, NoGuard};
use recourse_test_harness::run;
use serde_json::Value;

use crate::bench::Bench;
use crate::things::{NOW, step_of, token};

const ARN: &str = "arn:aws:events:us-east-1:000000000000:event-bus/ours";

async fn set(
    bench: &Bench,
    before: Option<&Endpoint>,
    environment: Environment,
    bus: Option<&str>,
    after_ms: i64,
) -> bool {
    let now = NOW.plus(after_ms);
    Box::pin(bench.store.set_event_bus(before, environment, bus, now, &token())).await.unwrap()
}

async fn stored(bench: &Bench, environment: Environment) -> Endpoint {
    let all = bench.store.destinations().await.unwrap();
    all.into_iter().find(|known| known.id == WebhookId::bus(environment)).unwrap()
}

async fn fan_out(bench: &Bench, number: DisputeNumber) -> usize {
    let all = bench.store.destinations().await.unwrap();
    Box::pin(bench.store.fan_out(number, &all, || NOW.plus(5_000), token)).await.unwrap()
}

async fn deliveries(bench: &Bench, environment: Environment) -> Vec<Delivery> {
    let range = DeliveryRange { from: UnixMillis(0), to: NOW.plus(1_000_000), limit: 1000 };
    bench.store.deliveries(&WebhookId::bus(environment), range, |_| true).await.unwrap()
}

#[test]
fn it_is_switched_once_and_is_no_webhook_endpoint() {
    run(async {
        let (bench, production) = (Bench::start().await, Environment::Production);
        assert!(!set(&bench, None, production, None, 0).await, "there is none, and none is wanted");
        assert!(set(&bench, None, production, Some(ARN), 0).await);
        assert!(!set(&bench, None, production, Some(ARN), 10).await, "another worker did");
        let on = stored(&bench, production).await;
        assert_eq!((on.url.as_str(), on.enabled_at, on.is_enabled()), (ARN, NOW, true));
        assert!(!set(&bench, Some(&on), production, Some(ARN), 20).await, "it is so already");
        assert_eq!(bench.store.webhooks().await.unwrap(), []);

        assert!(set(&bench, Some(&on), production, None, 30).await);
        assert!(!set(&bench, Some(&on), production, None, 40).await, "it is not as the worker read it any more");
        let off = stored(&bench, production).await;
        assert!(!off.is_enabled() && off.reason.is_some());
        assert!(set(&bench, Some(&off), production, Some(ARN), 50).await);
        assert_eq!(stored(&bench, production).await.enabled_at, NOW.plus(50));
    });
}

#[test]
fn it_gets_the_events_of_its_environment_in_the_platforms_view_and_none_of_the_time_before() {
    run(async {
        let bench = Bench::start().await;
        let (_, dispute) = bench.disputed("50001").await;
        for environment in [Environment::Production, Environment::Staging] {
            assert!(set(&bench, None, environment, Some(ARN), 0).await);
        }
        assert_eq!((fan_out(&bench, dispute.number).await, fan_out(&bench, dispute.number).await), (1, 0));
        assert_eq!(deliveries(&bench, Environment::Staging).await, []);
        let found = deliveries(&bench, Environment::Production).await;
        let [delivery] = found.as_slice() else { panic!("{found:?}") };
        let body: Value = serde_json::from_str(&delivery.body).unwrap();
        assert_eq!((&body["environment"], &body["sequence"]), (&"production".into(), &1.into()));
        assert_eq!(body["data"]["transaction"]["refid"], dispute.facts.refid.as_str());

        // What happens while it is off is left out, then and later.
        let on = stored(&bench, Environment::Production).await;
        assert!(set(&bench, Some(&on), Environment::Production, None, 500).await);
        let before = bench.stored(dispute.number).await;
        let change = step_of(&before, Actor::Operator, Action::CloseForMerchant);
        bench.store.change(&before, &change, &NoGuard, &token(), NOW.plus(1_000)).await.unwrap();
        assert_eq!(fan_out(&bench, dispute.number).await, 0);
        let off = stored(&bench, Environment::Production).await;
        assert!(set(&bench, Some(&off), Environment::Production, Some(ARN), 2_000).await);
        assert_eq!(fan_out(&bench, dispute.number).await, 0);
        assert_eq!(deliveries(&bench, Environment::Production).await.len(), 1);
    });
}
