//! Functions log the metrics that the alarms of template.yaml watch, and parameters switch what
//! they say they switch. What each function declares in the template is tested in
//! `tests/files/operations.rs`.

use std::collections::BTreeMap;

use http::Request;
use recourse_local::Options;
use yaml_serde::Value;

use crate::harness::{
    BUS, CLIENT, COUNTERS, Call, DEADLINES, OUTBOX, PLATFORM, Stack, WEBHOOKS, options, root, run, until,
};

fn template() -> Value {
    yaml_serde::from_str(&std::fs::read_to_string(root().join("template.yaml")).unwrap()).unwrap()
}

#[test]
fn workers_log_what_the_alarms_on_them_watch() {
    run(async {
        let template = template();
        let stack = Stack::start(options()).await;
        crate::deadlines::opened(&stack, "GTB", 21).await;
        for function in [OUTBOX, DEADLINES, WEBHOOKS, BUS] {
            stack.cloud().run_schedule(function).await.unwrap();
        }
        for (function, worker, watched) in [
            (
                OUTBOX,
                "outbox",
                &[("MailsUnsent", "unsent_ms"), ("MailsLate", "late_ms"), ("WorkerOutboxStopped", "sweeps")][..],
            ),
            (DEADLINES, "deadlines", &[("DeadlinesLate", "late_ms"), ("WorkerDeadlinesStopped", "sweeps")]),
            (WEBHOOKS, "webhooks", &[("WebhooksLate", "late_ms"), ("WorkerWebhooksStopped", "sweeps")]),
            (BUS, "bus", &[("BusLate", "late_ms"), ("BusGaveUp", "dead"), ("WorkerBusStopped", "sweeps")]),
            (COUNTERS, "counters", &[("DisputesUncounted", "uncounted")]),
        ] {
            let line = until("a line in the log", async || {
                let lines = stack.log().into_iter().filter(|line| line.from == function);
                let mut lines = lines.filter_map(|line| serde_json::from_str::<serde_json::Value>(&line.text).ok());
                lines.find(|line| line["message"] == worker && line["call"] != "stream")
            })
            .await;
            let metrics = &line["_aws"]["CloudWatchMetrics"][0];
            for (alarm, metric) in watched {
                let alarm = &template["Resources"][*alarm]["Properties"];
                assert_eq!(
                    (&alarm["MetricName"], &alarm["Dimensions"][0]["Value"]),
                    (&(*metric).into(), &worker.into())
                );
                assert!(metrics["Metrics"].as_array().unwrap().iter().any(|known| known["Name"] == *metric), "{line}");
                assert!(line[metric].is_u64() && line["worker"] == worker, "{line}");
            }
            assert_eq!(metrics["Dimensions"], serde_json::json!([["worker"]]));
        }
    });
}

/// The Platform API counts stale updates in its log lines, of a single update and of an import. The
/// alarm watches that metric.
#[test]
fn stale_updates_are_counted_where_the_alarm_looks() {
    run(async {
        let template = template();
        let alarm = &template["Resources"]["StaleUpdates"]["Properties"];
        assert_eq!((&alarm["MetricName"], &alarm["Statistic"]), (&"stale_updates".into(), &"Sum".into()));
        assert_eq!(
            (&alarm["Dimensions"][0]["Name"], &alarm["Dimensions"][0]["Value"]),
            (&"api".into(), &"platform".into())
        );
        let stack = Stack::start(options()).await;
        let transaction = stack.transaction("acct_demo", "Succesful").await;
        let newest = transaction.later("Refund", 9);
        for (sent, expected) in [(&newest, "replaced"), (&transaction.body, "stale")] {
            let answer = stack.send(&Call::put(&PLATFORM, sent)).await;
            assert_eq!(answer.json()["status"], expected);
        }
        let list = [transaction.body.clone(), transaction.body.clone(), newest];
        assert_eq!(stack.send(&Call::import(&PLATFORM, &list)).await.status, 200);
        let puts = stack.request_lines("PlatformPut", 3).await;
        let counted: Vec<_> = puts.iter().map(|line| line["stale_updates"].as_u64()).collect();
        assert!(counted.ends_with(&[Some(0), Some(1)]), "{counted:?}");
        let imports = stack.request_lines("PlatformImport", 1).await;
        let last = imports.last().unwrap();
        assert_eq!((last["stale_updates"].as_u64(), &last["api"]), (Some(2), &"platform".into()), "{last}");
        let metrics = &last["_aws"]["CloudWatchMetrics"][0];
        assert!(metrics["Metrics"].as_array().unwrap().iter().any(|metric| metric["Name"] == "stale_updates"));
        assert!(metrics["Dimensions"].as_array().unwrap().contains(&serde_json::json!(["api"])), "{last}");
    });
}

/// CloudWatch bills a metric for each call of each API. The log line has the same numbers for free.
#[test]
fn metrics_by_call_can_be_turned_off() {
    run(async {
        let parameters = BTreeMap::from([("CallMetrics".to_owned(), "off".to_owned())]);
        let stack = Stack::start(Options { parameters, ..options() }).await;
        stack.send(&Call::report(&CLIENT, &serde_json::json!({"refid": "123456"}))).await;
        let line = until("the request's line", async || {
            let lines = stack.log().into_iter();
            let mut lines = lines.filter_map(|line| serde_json::from_str::<serde_json::Value>(&line.text).ok());
            lines.find(|line| line["message"] == "request")
        })
        .await;
        assert_eq!(line["_aws"]["CloudWatchMetrics"][0]["Dimensions"], serde_json::json!([["api"]]), "{line}");
        assert!(line["call"].is_string(), "{line}");
    });
}

#[test]
fn a_disabled_api_answers_as_an_unknown_route_does() {
    run(async {
        let parameters = BTreeMap::from([
            ("IimmpactApi".to_owned(), "disabled".to_owned()),
            ("Environment".to_owned(), "staging".to_owned()),
        ]);
        let stack = Stack::start(Options { parameters, ..options() }).await;
        let answer = stack.send(&Call::report(&CLIENT, &serde_json::json!({"refid": "123456"}))).await;
        assert_eq!((answer.status, answer.text.as_str()), (404, r#"{"message":"Not Found"}"#));
        let health = stack.raw(Request::get("/health").body(Vec::new()).unwrap()).await;
        assert_eq!((health.status, health.json()["environment"].as_str()), (200, Some("staging")));
        assert_eq!(health.headers["cache-control"], "no-store");
    });
}
