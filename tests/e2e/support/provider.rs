//! The provider of a payment: whatever it answers, or does not, the case goes on.

use std::collections::BTreeSet;
use std::path::Path;

use serde_json::{Value, json};
use tokio::net::TcpListener;

use super::case::{Case, and, later, printed, provider_says, reported, reported_many, unhurried};
use crate::cli::{folder, recourse};
use crate::harness::{DEADLINES, Stack, run};

/// Time limits by which a step is a minute of the moved clock.
const MINUTES: &str = r#"{"provider":3600,"provider_retry":60,"provider_retry_max":60,"mail_interval":1}"#;

async fn start() -> Stack {
    Stack::start(and(unhurried(), "SupportTimeLimits", MINUTES)).await
}

/// What the entries of the history saw and are about, in one text.
async fn seen(stack: &Stack, case: &Case) -> String {
    let history = case.record(stack).await.history.into_iter();
    history.map(|event| format!("{:?} {:?}\n", event.ids, event.entries)).collect()
}

/// What the provider was asked about a case.
async fn questions(stack: &Stack, case: &Case) -> Vec<Value> {
    let told = stack.get(&format!("/provider/{}", case.transaction.trxid)).await.json();
    told["questions"].as_array().unwrap().clone()
}

#[test]
fn each_answer_of_a_provider_has_its_own_end() {
    run(async {
        let stack = start().await;
        let answers = [
            ("delivered", "answered", "provider_delivered", "The provider's answer about your payment"),
            ("failed", "resolved", "provider_failed", "Your payment did not go through at the provider"),
            ("unknown", "waiting_for_customer", "question_asked", "Which number was to be topped up?"),
            ("pending", "waiting_for_provider", "provider_pending", "We have asked the provider"),
        ];
        for (state, ..) in &answers {
            let case = reported(&stack, "topup").await;
            let evidence = "Sent to https://evil.example, card 4111 1111 1111 1111";
            let answer = json!({ "state": state, "reference": "REF-5", "evidence": evidence });
            provider_says(&stack, &case, &answer).await;
            stack.sweep().await;
            for _ in 0..3 {
                later(&stack, 2).await;
            }
            super::case::mailed(&stack, case.number).await;
            let (.., wanted, reason, title) = answers.iter().find(|(known, ..)| known == state).unwrap();
            case.is(&stack, wanted, reason).await;
            let mails = case.mails(&stack);
            assert!(mails.iter().any(|mail| mail.subject.ends_with(title)), "{:?}", case.subjects(&stack));
            for mail in mails {
                let text = mail.text.unwrap() + &mail.html.unwrap();
                assert!(!text.contains("evil.example") && !text.contains("4111"), "{text}");
            }
        }
    });
}

#[test]
fn whatever_goes_wrong_at_the_provider_it_is_asked_again_and_the_answer_counts_then() {
    run(async {
        let stack = start().await;
        let faults = ["500", "malformed", "huge", "redirect", "timeout"];
        let cases = reported_many(&stack, "topup", faults.len()).await;
        for (case, fault) in cases.iter().zip(faults) {
            provider_says(&stack, case, &json!({ "fail": fault })).await;
        }
        stack.sweep().await;
        for (case, fault) in cases.iter().zip(faults) {
            assert_eq!(case.state(&stack).await, ("waiting_for_provider", "provider_unreachable"), "{fault}");
            provider_says(&stack, case, &json!({ "state": "delivered" })).await;
        }
        later(&stack, 61).await;
        for (case, fault) in cases.iter().zip(faults) {
            case.is(&stack, "answered", "provider_delivered").await;
            let ids: Vec<_> = questions(&stack, case).await;
            assert!(ids.len() >= 2, "{fault}: {ids:?}");
        }
        let line = stack.log().into_iter().rfind(|line| line.text.contains("\"provider_failed\""));
        assert!(line.is_some_and(|line| line.from == DEADLINES), "which the alarm ProviderFailing watches");
    });
}

#[test]
fn a_provider_that_says_when_to_ask_again_is_asked_then() {
    run(async {
        let stack = start().await;
        let case = reported(&stack, "topup").await;
        provider_says(&stack, &case, &json!({ "state": "pending", "retry_after_s": 1200 })).await;
        stack.sweep().await;
        for _ in 0..4 {
            later(&stack, 240).await;
        }
        assert_eq!(questions(&stack, &case).await.len(), 1, "not before");
        later(&stack, 300).await;
        assert_eq!(questions(&stack, &case).await.len(), 2);
    });
}

#[test]
fn a_question_is_signed_and_says_no_more_than_it_must() {
    run(async {
        let (stack, folder) = (start().await, folder());
        let case = reported(&stack, "topup").await;
        provider_says(&stack, &case, &json!({ "state": "pending" })).await;
        stack.sweep().await;
        let [question] = questions(&stack, &case).await.try_into().unwrap();
        let (headers, body) = (&question["headers"], &question["body"]);
        assert!(headers["webhook-id"].as_str().unwrap().starts_with(&format!("ask_{}_", case.id)), "{question}");
        assert!(headers["webhook-signature"].as_str().unwrap().starts_with("v1,"), "{question}");
        assert_eq!(body["type"], "transaction.state");
        let data = body["data"].as_object().unwrap();
        let known = ["amount", "case", "currency", "kind", "occurred_at", "product", "refid", "trxid"];
        let members: BTreeSet<&str> = data.keys().map(String::as_str).collect();
        assert_eq!(members, BTreeSet::from(known), "{body}");
        assert_eq!((&data["trxid"], &data["amount"]), (&json!(case.transaction.trxid), &json!("1550.00")));
        assert!(!question.to_string().contains(&case.user), "{question}");

        // With another secret than the provider's, the signature is refused.
        new_secret(&stack, folder.path()).await;
        let other = reported(&stack, "topup").await;
        provider_says(&stack, &other, &json!({ "state": "delivered" })).await;
        stack.sweep().await;
        other.is(&stack, "waiting_for_provider", "provider_unreachable").await;
        let seen = seen(&stack, &other).await;
        assert!(seen.contains("401"), "{seen}");
    });
}

/// Gives the demo's account another secret for its provider, which prints it once.
async fn new_secret(stack: &Stack, folder: &Path) {
    let arguments = ["config", "provider-secret", "acct_demo", "--by", "bob", "--why", "it leaked"];
    let printed = printed(stack, folder, &arguments).await;
    assert!(printed.contains("whsec_"), "{printed}");
}

/// An address inside the network is never called, whatever an account's configuration says.
#[test]
fn a_provider_at_a_private_address_is_never_called() {
    run(async {
        let (stack, folder) = (start().await, folder());
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let shown = printed(&stack, folder.path(), &["config", "show", "acct_demo", "--json"]).await;
        let mut configuration: Value = serde_json::from_str(&shown).unwrap();
        let configuration = match configuration.get_mut("configuration") {
            Some(inner) => inner.take(),
            None => configuration,
        };
        for host in ["127.0.0.1", "localhost", "[::1]"] {
            let mut changed = configuration.clone();
            changed["support"]["providers"]["topup"] = json!(format!("https://{host}:{port}/provider"));
            let file = folder.path().join("configuration.json");
            std::fs::write(&file, changed.to_string()).unwrap();
            let file = file.to_str().unwrap();
            let set = recourse(&stack, folder.path(), &["config", "set", "acct_demo", file, "--by", "bob"]).await;
            if set.code != 0 {
                assert!(set.err.contains("topup") || set.err.contains("https"), "{host}: {}", set.err);
                continue;
            }
            let case = reported(&stack, "topup").await;
            stack.sweep().await;
            case.is(&stack, "waiting_for_provider", "provider_unreachable").await;
            let seen = seen(&stack, &case).await;
            assert!(seen.contains("private"), "{host}: {seen}");
        }
        let called = tokio::time::timeout(std::time::Duration::from_millis(50), listener.accept()).await;
        assert!(called.is_err(), "somebody called");
    });
}
