//! Endpoints: what an operator does with them, and what their answers lead to.

use std::time::Duration;

use serde_json::{Value, json};

use super::receiver::{Receiver, Reply};
use super::{add, command, deliveries, line, reported, sweep};
use crate::cli::{folder, recourse};
use crate::harness::{Stack, options, run, until};

async fn endpoint(stack: &Stack, folder: &std::path::Path, id: &str) -> Value {
    let all: Vec<Value> = serde_json::from_str(&command(stack, folder, &["list", "--json"]).await).unwrap();
    all.into_iter().find(|endpoint| endpoint["id"] == id).unwrap()
}

#[test]
fn the_secret_is_one_that_every_verifier_takes() {
    run(async {
        let (stack, folder) = (Stack::start(options()).await, folder());
        for _ in 0..3 {
            let hook = add(&stack, folder.path(), "acct_demo", "https://client.example/hooks", &[]).await;
            let text = hook.secret.strip_prefix("whsec_").unwrap();
            assert_eq!((text.len() % 4, text.contains(['+', '/', '=', '-', '_'])), (0, false), "{text}");
            let listed = command(&stack, folder.path(), &["list", "acct_demo"]).await;
            assert!(listed.contains(&hook.id) && !listed.contains(text), "{listed}");
            let id = hook.id.as_str();
            assert!(recourse(&stack, folder.path(), &["webhook", "disable", id, "--why", "a test"]).await.code == 0);
        }
        let some = ["webhook", "add", "acct_demo", "https://client.example/", "--events", "dispute.decided,nothing"];
        assert_eq!(recourse(&stack, folder.path(), &some).await.code, 2);
        for url in ["http://client.example/", "ftp://client.example", "https://user@client.example/", "client.example"]
        {
            let refused = recourse(&stack, folder.path(), &["webhook", "add", "acct_demo", url]).await;
            assert_eq!((refused.code, refused.out.as_str()), (2, ""), "{url}");
        }
        assert_eq!(
            recourse(&stack, folder.path(), &["webhook", "add", "acct_none", "https://a.example"]).await.code,
            2
        );
    });
}

#[test]
fn a_test_event_is_sent_once_and_the_exit_code_is_the_answer() {
    run(async {
        let (stack, folder) = (Stack::start(options()).await, folder());
        let receiver = Receiver::start(|place| Reply::status(if place == 0 { 204 } else { 500 })).await;
        let hook = add(&stack, folder.path(), "acct_demo", &receiver.url(), &[]).await;
        let test = async || recourse(&stack, folder.path(), &["webhook", "test", &hook.id, "--json"]).await;
        let good = test().await;
        let result: Value = serde_json::from_str(&good.out).unwrap();
        assert_eq!((good.code, &result["attempts"][0]["status"]), (0, &json!(204)), "{}{}", good.out, good.err);
        let request = receiver.seen().remove(0);
        assert_eq!(
            (request.event()["type"].as_str(), request.is_signed_by(&hook.secret)),
            (Some("webhook.test"), true)
        );
        assert_eq!(test().await.code, 1);
        sweep(&stack).await;
        assert_eq!(receiver.seen().len(), 2, "it is not tried again");
        assert!(endpoint(&stack, folder.path(), &hook.id).await["failing_since"].is_null());
        assert_eq!(recourse(&stack, folder.path(), &["webhook", "test", "we_000000000000000000000000"]).await.code, 2);
    });
}

#[test]
fn while_a_secret_is_rotated_both_sign() {
    run(async {
        let (stack, folder) = (Stack::start(options()).await, folder());
        let receiver = Receiver::start(|_| Reply::status(200)).await;
        let hook = add(&stack, folder.path(), "acct_demo", &receiver.url(), &[]).await;
        let out = command(&stack, folder.path(), &["rotate", &hook.id, "--why", "once a year"]).await;
        let newer = line(&out, "WEBHOOK_SECRET").to_owned();
        assert_ne!(newer, hook.secret);
        reported(&stack).await;
        let request = receiver.requests(1).await.remove(0);
        assert_eq!(request.header("webhook-signature").split(' ').count(), 2);
        assert!(request.is_signed_by(&newer) && request.is_signed_by(&hook.secret));
        stack.cloud().clock.advance(Duration::from_secs(25 * 60 * 60)).unwrap();
        command(&stack, folder.path(), &["test", &hook.id]).await;
        let request = receiver.requests(2).await.remove(1);
        assert!(request.is_signed_by(&newer) && !request.is_signed_by(&hook.secret), "a day is over");
    });
}

#[test]
fn an_endpoint_that_answers_410_is_disabled_and_its_owner_is_mailed() {
    run(async {
        let (stack, folder) = (Stack::start(options()).await, folder());
        let receiver = Receiver::start(|_| Reply::status(410)).await;
        let hook = add(&stack, folder.path(), "acct_demo", &receiver.url(), &[]).await;
        reported(&stack).await;
        let disabled = until("it is disabled", async || {
            let endpoint = endpoint(&stack, folder.path(), &hook.id).await;
            (endpoint["state"] == "disabled").then_some(endpoint)
        })
        .await;
        assert_eq!(disabled["reason"], "it answered 410 Gone");
        let owner = "disputes@demo-wallet.example";
        let mails = until("its owner is mailed", async || {
            let mails = stack.mails_to(owner).into_iter();
            let mails: Vec<_> =
                mails.filter(|mail| mail.text.as_ref().is_some_and(|text| text.contains(&hook.id))).collect();
            (!mails.is_empty()).then_some(mails)
        })
        .await;
        assert_eq!(mails.len(), 1);
        assert!(mails[0].text.as_ref().unwrap().contains("it answered 410 Gone"));
        assert!(!mails[0].text.as_ref().unwrap().contains("/hooks"), "the path may hold a secret");
        reported(&stack).await;
        sweep(&stack).await;
        assert_eq!(receiver.seen().len(), 1);
        receiver.reply(|_| Reply::status(200));
        command(&stack, folder.path(), &["enable", &hook.id]).await;
        reported(&stack).await;
        receiver.requests(2).await;
    });
}

#[test]
fn a_suspended_account_gets_its_events_once_it_is_resumed() {
    run(async {
        let (stack, folder) = (Stack::start(options()).await, folder());
        let receiver = Receiver::start(|_| Reply::status(200)).await;
        let hook = add(&stack, folder.path(), "acct_demo", &receiver.url(), &[]).await;
        let transaction = reported(&stack).await;
        receiver.requests(1).await;
        let account = async |order: &str| {
            let done = recourse(&stack, folder.path(), &["account", order, "acct_demo", "--why", "a test"]).await;
            assert_eq!(done.code, 0, "{}{}", done.out, done.err);
        };
        account("suspend").await;
        stack.upsert(&transaction.later("Refund", 1)).await;
        until("the event waits", async || (deliveries(&stack, folder.path(), &hook.id).await.len() == 2).then_some(()))
            .await;
        sweep(&stack).await;
        let waiting = deliveries(&stack, folder.path(), &hook.id).await.remove(0);
        assert_eq!((&waiting["state"], &waiting["attempts"]), (&json!("pending"), &json!([])));
        assert_eq!(receiver.seen().len(), 1);
        let refused = recourse(&stack, folder.path(), &["webhook", "test", &hook.id]).await;
        assert!(refused.code == 2 && refused.err.contains("is suspended"), "{}{}", refused.out, refused.err);
        account("resume").await;
        sweep(&stack).await;
        assert_eq!(receiver.requests(2).await[1].id(), waiting["event"]);
    });
}

#[test]
fn after_days_of_failures_an_endpoint_is_disabled_and_what_was_given_up_can_be_replayed() {
    run(async {
        let (stack, folder) = (Stack::start(options()).await, folder());
        let receiver = Receiver::start(|_| Reply::Answer(500, Vec::new(), "out of order\u{1b}".to_owned())).await;
        let hook = add(&stack, folder.path(), "acct_demo", &receiver.url(), &[]).await;
        reported(&stack).await;
        receiver.requests(1).await;
        until("it is noted", async || {
            (!endpoint(&stack, folder.path(), &hook.id).await["failing_since"].is_null()).then_some(())
        })
        .await;
        for _ in 0..5 {
            assert_eq!(endpoint(&stack, folder.path(), &hook.id).await["state"], "enabled");
            stack.cloud().clock.advance(Duration::from_secs(29 * 60 * 60)).unwrap();
            sweep(&stack).await;
        }
        let disabled = endpoint(&stack, folder.path(), &hook.id).await;
        assert_eq!(disabled["reason"], "every delivery to it has failed for five days");
        let first = deliveries(&stack, folder.path(), &hook.id).await.pop().unwrap();
        let attempts = first["attempts"].as_array().unwrap().clone();
        assert!(attempts.len() > 2 && attempts.iter().all(|attempt| attempt["status"] == 500), "{first}");
        assert_eq!(attempts[0]["answer"], "out of order\u{1b}");

        receiver.reply(|_| Reply::status(200));
        command(&stack, folder.path(), &["enable", &hook.id]).await;
        stack.cloud().clock.advance(Duration::from_secs(29 * 60 * 60)).unwrap();
        sweep(&stack).await;
        let listed = deliveries(&stack, folder.path(), &hook.id).await;
        assert!(listed.iter().all(|delivery| delivery["state"] == "delivered"), "what waited is delivered: {listed:?}");
        let before = receiver.seen().len();
        let event = first["event"].as_str().unwrap();
        let out = command(&stack, folder.path(), &["replay", &hook.id, "--event", event, "--json"]).await;
        assert_eq!(serde_json::from_str::<Value>(&out).unwrap()["replayed"], json!([event]));
        // Whoever runs it again, because it broke off, has the same replay.
        let out = command(&stack, folder.path(), &["replay", &hook.id, "--event", event, "--json"]).await;
        assert_eq!(serde_json::from_str::<Value>(&out).unwrap()["replayed"], json!([event]));
        sweep(&stack).await;
        let again = receiver.requests(before + 1).await.pop().unwrap();
        assert_eq!(again.id(), event);
        assert_eq!(receiver.seen().len(), before + 1, "it is sent once");
        let none = recourse(&stack, folder.path(), &["webhook", "replay", &hook.id, "--failed"]).await;
        assert_eq!(none.code, 1, "nothing was given up: {}", none.out);
        let all = command(&stack, folder.path(), &["replay", &hook.id, "--since", "2020-01-01", "--json"]).await;
        let replayed = serde_json::from_str::<Value>(&all).unwrap()["replayed"].as_array().unwrap().len();
        assert_eq!(replayed, listed.len());
    });
}

#[test]
fn retry_after_is_heeded() {
    run(async {
        let (stack, folder) = (Stack::start(options()).await, folder());
        let receiver = Receiver::start(|place| match place {
            0 => Reply::Answer(429, vec![("retry-after", "7200".to_owned())], String::new()),
            _ => Reply::status(200),
        })
        .await;
        let hook = add(&stack, folder.path(), "acct_demo", &receiver.url(), &[]).await;
        reported(&stack).await;
        receiver.requests(1).await;
        until("the attempt is stored", async || {
            (deliveries(&stack, folder.path(), &hook.id).await[0]["attempts"][0]["status"] == 429).then_some(())
        })
        .await;
        stack.cloud().clock.advance(Duration::from_secs(7_000)).unwrap();
        sweep(&stack).await;
        assert_eq!(receiver.seen().len(), 1, "its two hours are not over");
        stack.cloud().clock.advance(Duration::from_secs(600)).unwrap();
        sweep(&stack).await;
        receiver.requests(2).await;
        assert_eq!(deliveries(&stack, folder.path(), &hook.id).await[0]["state"], "delivered");
    });
}
