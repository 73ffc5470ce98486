//! Staging: the same answers and the same stored state as production, but no workflow and no mail,
//! and the refids that are reserved for it.

mod same_names;

use serde_json::json;

use crate::harness::{CLIENT, OUTBOX, STAGING, Stack, address, options, run, shared};
use crate::vendor_texts::{DUPLICATE, INVALID, PENDING, REFUNDED, SUCCESS, about, bytes};

#[test]
fn staging_answers_as_production_and_sends_no_mail() {
    run(async {
        let stack = shared().await;
        let user = address();
        let transaction = stack.transaction("acct_staging", "Succesful").await;
        let report = json!({"refid": transaction.refid, "user_email": [user]});
        assert_eq!(stack.report(&STAGING, &report).await.text, about(SUCCESS, &transaction.refid));
        assert_eq!(stack.report(&STAGING, &report).await.text, about(DUPLICATE, &transaction.refid));
        for (status, example) in
            [("Accepted", PENDING), ("Processing", PENDING), ("Failed", REFUNDED), ("Refund", REFUNDED)]
        {
            let other = stack.transaction("acct_staging", status).await;
            let report = json!({"trxid": other.trxid, "user_email": [user]});
            assert_eq!(stack.report(&STAGING, &report).await.text, about(example, &other.refid));
        }

        let case = stack.dispute(&transaction.trxid).await;
        assert_eq!((case.events.len(), case.mails.len(), case.dispute.recipients), (1, 0, None));
        // No mail either when an update of the platform closes the case.
        stack.upsert(&transaction.later("Refund", 1)).await;
        assert_eq!(stack.report(&STAGING, &report).await.text, about(REFUNDED, &transaction.refid));
        let case = stack.dispute(&transaction.trxid).await;
        assert!(!case.dispute.state.is_open());
        assert_eq!((case.events.len(), case.mails.len()), (2, 0));

        // A later production case is mailed. By then a mail of staging would have been sent, too.
        let (witness, live) = (address(), stack.transaction("acct_demo", "Succesful").await);
        stack.report(&CLIENT, &json!({"refid": live.refid, "user_email": [witness]})).await;
        stack.inbox(&witness, 1).await;
        stack.cloud().run_schedule(OUTBOX).await.unwrap();
        let staging = ["staging@demo-wallet.example", user.as_str()];
        for mail in stack.cloud().ses.mails() {
            assert!(!mail.to.iter().chain(&mail.cc).any(|address| staging.contains(&address.as_str())), "{mail:?}");
        }
    });
}

#[test]
fn the_reserved_refids_answer_as_documented_without_a_transaction() {
    run(async {
        let stack = shared().await;
        for (refid, status, body) in [
            ("sim-success", 200, about(SUCCESS, "sim-success")),
            ("sim-duplicate", 200, about(DUPLICATE, "sim-duplicate")),
            ("sim-refunded", 200, about(REFUNDED, "sim-refunded")),
            ("sim-pending", 200, about(PENDING, "sim-pending")),
            ("sim-invalid", 400, bytes(INVALID)),
        ] {
            // They keep no state: the second answer is the first.
            for _ in 0..2 {
                let answer = stack.report(&STAGING, &json!({"refid": refid, "user_email": [address()]})).await;
                assert_eq!((answer.status, answer.text), (status, body.clone()));
            }
            for by_trxid in [json!({"trxid": refid}), json!({"trxid": "unknown", "refid": refid})] {
                let answer = stack.report(&STAGING, &by_trxid).await;
                assert_eq!((answer.status, answer.text), (400, bytes(INVALID)), "{by_trxid}");
            }
            // Bad addresses are bad in a simulation, too.
            let answer = stack.report(&STAGING, &json!({"refid": refid, "user_email": ["nobody"]})).await;
            assert_eq!((answer.status, answer.json()["errors"]["user_email.0"].is_array()), (400, true));
        }
        let other = stack.report(&STAGING, &json!({"refid": "sim-other"})).await;
        assert_eq!((other.status, other.text), (400, bytes(INVALID)));
    });
}

#[test]
fn some_reserved_refids_fail_and_none_of_them_keeps_a_dispute() {
    run(async {
        // A key takes turns at one of them, so no other test reports at the same time.
        let stack = Stack::start(options()).await;
        let report = async |refid: &str| stack.report(&STAGING, &json!({"refid": refid})).await;
        for _ in 0..2 {
            let throttled = report("sim-throttled").await;
            assert_eq!((throttled.status, throttled.text.as_str()), (429, r#"{"message":"Too Many Requests"}"#));
            assert!(throttled.headers.contains_key("retry-after"), "{throttled:?}");
            assert_eq!(report("sim-unavailable").await.status, 503);
            assert_eq!(report("sim-unavailable-then-ok").await.status, 503);
            let ok = report("sim-unavailable-then-ok").await;
            assert_eq!((ok.status, ok.text), (200, about(SUCCESS, "sim-unavailable-then-ok")));
        }
        let started = std::time::Instant::now();
        assert_eq!(report("sim-slow").await.text, about(SUCCESS, "sim-slow"));
        assert!(started.elapsed() >= std::time::Duration::from_secs(5));
        // Bad addresses are bad before anything fails.
        let wrong = stack.report(&STAGING, &json!({"refid": "sim-unavailable", "user_email": ["nobody"]})).await;
        assert_eq!(wrong.status, 400);
    });
}

#[test]
fn in_production_they_are_references_like_any_other() {
    run(async {
        let stack = shared().await;
        let unknown = stack.report(&CLIENT, &json!({"refid": "unknown"})).await.without_ids();
        for refid in [
            "sim-success",
            "sim-duplicate",
            "sim-refunded",
            "sim-pending",
            "sim-invalid",
            "sim-slow",
            "sim-throttled",
            "sim-unavailable",
            "sim-unavailable-then-ok",
        ] {
            assert_eq!(stack.report(&CLIENT, &json!({"refid": refid})).await.without_ids(), unknown, "{refid}");
        }
    });
}

#[test]
fn staging_and_production_do_not_see_each_other() {
    run(async {
        let stack = shared().await;
        let staging = stack.transaction("acct_staging", "Succesful").await;
        let production = stack.transaction("acct_demo", "Succesful").await;
        for (key, foreign) in [(&CLIENT, &staging), (&STAGING, &production)] {
            for body in [json!({"trxid": foreign.trxid}), json!({"refid": foreign.refid})] {
                assert_eq!(stack.report(key, &body).await.text, bytes(INVALID));
            }
        }
    });
}
