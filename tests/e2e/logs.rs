//! What the functions log: one line per request, and never who or what was in it.

use serde_json::json;

use crate::harness::{
    CLIENT, Call, OUTBOX, PLATFORM, REPORT, STAGING, STRANGER, Stack, Transaction, now, options, run, simulator,
    unique, until,
};

/// Calls of every kind, accepted and refused, with the outcome that each is logged as.
fn calls(reported: &Transaction, body: &serde_json::Value) -> Vec<(&'static str, &'static str, u16, Call)> {
    let report = |outcome, status, call| (REPORT, outcome, status, call);
    let sent = Transaction::new("acct_demo", "Succesful").body;
    let mut contradicts = reported.body.clone();
    contradicts["amount"] = "77.77".into();
    let stale = Call { timestamp: (now() - 360).to_string(), ..Call::report(&CLIENT, body) };
    let malformed = Call { nonce: "short".to_owned(), ..Call::report(&CLIENT, body) };
    let wrong =
        Call { key: crate::harness::DemoKey { id: CLIENT.id, secret: STRANGER.secret }, ..Call::report(&CLIENT, body) };
    let first = Call::report(&CLIENT, body);
    vec![
        report("created", 200, first.clone()),
        report("replayed_nonce", 401, first),
        report("duplicate", 200, Call::report(&CLIENT, body)),
        report("refunded", 200, Call::report(&CLIENT, &json!({"refid": "12345678ABCd"}))),
        report("pending", 200, Call::report(&CLIENT, &json!({"refid": "accepted-1"}))),
        report(
            "created",
            200,
            Call::report(&STAGING, &json!({"refid": "sim-success", "user_email": ["sim@customer.example"]})),
        ),
        report("invalid", 400, Call::report(&STRANGER, body)),
        report("invalid", 400, Call::report_bytes(&CLIENT, r#"{"refid": "secret-refid", "user_email": ["nobody@"]}"#)),
        report("invalid", 400, Call::report_bytes(&CLIENT, b"\xff secret-refid user@customer.example".to_vec())),
        report("forbidden", 403, Call::report(&PLATFORM, body)),
        report("stale_timestamp", 401, stale),
        report("malformed_header", 401, malformed),
        report("invalid_credentials", 401, wrong),
        ("PlatformPut", "created", 201, Call::put(&PLATFORM, &sent)),
        ("PlatformPut", "replaced", 200, Call::put(&PLATFORM, &sent)),
        ("PlatformPut", "conflict", 409, Call::put(&PLATFORM, &contradicts)),
        ("PlatformPut", "invalid", 400, Call::put(&PLATFORM, &json!({"trxid": "secret-refid"}))),
        ("PlatformPut", "forbidden", 403, Call::put(&CLIENT, &sent)),
        ("PlatformImport", "imported", 200, Call::import(&PLATFORM, &[sent, json!("secret-refid")])),
        ("PlatformGet", "found", 200, Call::get(&PLATFORM, "50001")),
        ("PlatformGet", "not_found", 404, Call::get(&PLATFORM, "unknown")),
    ]
}

#[test]
fn one_line_per_request_and_nothing_of_what_was_in_it() {
    run(async {
        let stack = Stack::start(options()).await;
        let reported = stack.transaction("acct_demo", "Succesful").await;
        // Transactions have already been sent: one by this test, and the demo's data of either
        // environment.
        let mut sent = std::collections::BTreeMap::from([("PlatformPut", 1), ("PlatformImport", 2)]);
        let user = format!("{}@customer.example", unique("secret-user"));
        let body = json!({"refid": reported.refid, "user_email": [user]});
        let mut secrets =
            vec![user.clone(), reported.refid.clone(), "secret-refid".to_owned(), "secret-user".to_owned()];
        for key in [CLIENT, STAGING, STRANGER, PLATFORM] {
            secrets.extend([key.secret.to_owned(), key.secret.trim_end_matches('=').to_owned()]);
        }

        for (function, outcome, status, call) in calls(&reported, &body) {
            let answer = stack.send(&call).await;
            assert_eq!(answer.status, status, "{outcome} {answer:?}");
            secrets.extend([call.signature().replacen("v1=", "", 1), call.nonce]);
            let count = sent.entry(function).or_default();
            *count += 1;
            let lines = stack.request_lines(function, *count).await;
            assert_eq!(lines.len(), *count, "{lines:?}");
            let line = lines.last().unwrap();
            let api = if function == REPORT { "iimmpact" } else { "platform" };
            assert_eq!(
                (&line["api"], &line["outcome"], &line["status"]),
                (&json!(api), &json!(outcome), &json!(status))
            );
            assert!(
                line["call"].is_string() && line["duration_ms"].is_u64() && line["dynamodb_calls"].is_u64(),
                "{line}"
            );
            // The line is also its metrics: it contains each metric that it names, and their
            // dimensions.
            let metrics = &line["_aws"]["CloudWatchMetrics"][0];
            for name in metrics["Metrics"].as_array().unwrap().iter().map(|metric| metric["Name"].as_str().unwrap()) {
                assert!(line[name].is_u64(), "{name} in {line}");
            }
            assert_eq!(metrics["Dimensions"], json!([["api", "call"], ["api"]]));
            assert_eq!((&metrics["Namespace"], &line["requests"]), (&json!("Recourse/recourse"), &json!(1)));
            assert_eq!(line["errors_4xx"], json!(u8::from((400..500).contains(&status))), "{line}");
            let opened = outcome == "created" && call.key.id == CLIENT.id && function == REPORT;
            assert_eq!(line.get("dispute").is_some(), opened, "{line}");
        }
        let case = stack.dispute(&reported.trxid).await.dispute.number.case_id();
        let first = stack.request_lines(REPORT, 1).await.remove(0);
        assert_eq!(first["dispute"], case);

        stack.inbox(&user, 1).await;
        stack.upsert(&reported.later("Refund", 1)).await;
        let mails = stack.inbox(&user, 2).await;
        secrets.push(mails[0].reply_to[0].clone());
        // What comes back says nothing of whom it came back from.
        let gone = stack.transaction("acct_demo", "Succesful").await;
        let address = simulator("bounce");
        stack.report(&CLIENT, &json!({"refid": gone.refid, "user_email": [address]})).await;
        until("the account is notified", async || (stack.dispute(&gone.trxid).await.mails.len() == 2).then_some(()))
            .await;
        secrets.extend(["simulator.amazonses.com".to_owned(), gone.refid]);
        stack.cloud().run_schedule(OUTBOX).await.unwrap();
        secrets.extend(["Steam Wallet", "50.00", "customer.example", "demo-wallet.example", "@"].map(str::to_owned));
        for line in stack.log() {
            // Each line of a function is a JSON object, as LogFormat says. Lambda's own lines are
            // not.
            for secret in &secrets {
                assert!(!line.text.contains(secret.as_str()), "{secret} is in {line:?}");
            }
        }
    });
}
