//! Whoever operates the desk hears of what goes wrong: no function, worker or alarm in template.yaml is without what the others have.
//!
//! What counts for all functions by itself (errors, throttles, rollback) is told by the one log group and by Globals; what has to be written for each
//! is missed here by name.

use std::collections::BTreeMap;

use http::Request;
use recourse_local::Options;
use yaml_serde::Value;

use crate::harness::{CLIENT, COUNTERS, Call, DEADLINES, OUTBOX, PLATFORM, Stack, options, root, run, until};

fn template() -> Value {
    yaml_serde::from_str(&std::fs::read_to_string(root().join("template.yaml")).unwrap()).unwrap()
}

/// The resources of a kind: their ids, and all that is said of each.
fn of_kind<'a>(template: &'a Value, kind: &str) -> Vec<(&'a str, &'a Value)> {
    let resources = template["Resources"].as_mapping().unwrap().iter();
    resources.filter(|(_, resource)| resource["Type"] == *kind).map(|(id, said)| (id.as_str().unwrap(), said)).collect()
}

fn functions(template: &Value) -> Vec<(&str, &Value)> {
    of_kind(template, "AWS::Serverless::Function")
}

fn alarms(template: &Value) -> Vec<(&str, &Value)> {
    of_kind(template, "AWS::CloudWatch::Alarm")
}

/// What stands behind a short intrinsic, such as the name in `!Ref`.
fn behind(value: &Value) -> &str {
    match value {
        Value::Tagged(tagged) => tagged.value.as_str().unwrap_or_default(),
        other => other.as_str().unwrap_or_default(),
    }
}

/// All texts of a resource, as one.
fn text(value: &Value) -> String {
    yaml_serde::to_string(value).unwrap()
}

fn nothing_is_missing(missing: &[String]) {
    assert!(missing.is_empty(), "template.yaml:\n{}", missing.join("\n"));
}

/// The one log group, the alias and the rollout of Globals are what the alarms on errors and the rollback stand on.
#[test]
fn no_function_steps_out_of_what_globals_say() {
    let template = template();
    let globals = &template["Globals"]["Function"];
    assert_eq!(behind(&globals["LoggingConfig"]["LogGroup"]), "Log");
    assert_eq!(
        (&globals["LoggingConfig"]["LogFormat"], behind(&globals["DeploymentPreference"]["Type"])),
        (&"JSON".into(), "Rollout")
    );
    // Together they take a changed parameter to the alias. SAM makes a version where the text of a function's properties is another one, and does
    // not look behind a !Ref; so make deploy writes a digest of the settings in place of this word.
    assert_eq!(globals["AutoPublishAliasAllProperties"], true, "or a changed digest would make no version");
    assert_eq!(globals["Environment"]["Variables"]["SETTINGS"], "as-written", "or there is no place for the digest");
    let mut missing = Vec::new();
    for (id, function) in functions(&template) {
        let own = ["LoggingConfig", "AutoPublishAlias", "AutoPublishAliasAllProperties", "DeploymentPreference"];
        let own = own.iter().filter(|name| function["Properties"].get(**name).is_some());
        missing.extend(own.map(|name| format!("{id} has a {name} of its own: leave it to Globals")));
    }
    nothing_is_missing(&missing);
}

/// CloudFormation refuses a circle: API, alias, rollout, alarm, API.
#[test]
fn an_alarm_that_rolls_back_names_neither_the_api_nor_a_function() {
    let template = template();
    let alarms: BTreeMap<_, _> = alarms(&template).into_iter().collect();
    let rolling_back = &template["Globals"]["Function"]["DeploymentPreference"]["Alarms"];
    let Value::Tagged(chosen) = rolling_back else { panic!("{rolling_back:?}") };
    assert_eq!((chosen.tag.to_string().as_str(), &chosen.value[0]), ("!If", &Value::from("RolloutIsWatched")));
    let [watched, unwatched] = [&chosen.value[1], &chosen.value[2]].map(|alarms| alarms.as_sequence().unwrap());
    assert!(watched.len() >= 2);
    for alarm in watched.iter().chain(unwatched).map(behind) {
        assert!(alarms[alarm]["Properties"].get("Dimensions").is_none(), "{alarm} has a dimension");
    }
    // An empty list would be an empty AlarmConfiguration. So with RolloutAlarms=off there is one
    // alarm, which never goes off.
    let [unwatched] = unwatched.as_slice() else { panic!("{unwatched:?}") };
    let (said, watched) = (&alarms[behind(unwatched)]["Properties"], &alarms[behind(&watched[0])]["Properties"]);
    assert_eq!((&said["MetricName"], &said["TreatMissingData"]), (&watched["MetricName"], &"notBreaching".into()));
    assert!(said["Threshold"].as_u64().unwrap() >= 1_000_000_000);
}

/// A first deployment that fails takes away what it made, and nothing else ever deletes what
/// somebody's disputes are in.
#[test]
fn what_holds_data_outlives_the_stack_and_not_a_deployment_that_failed() {
    let template = template();
    let mut missing = Vec::new();
    for kind in ["AWS::DynamoDB::Table", "AWS::S3::Bucket", "AWS::KMS::Key"] {
        let resources = of_kind(&template, kind);
        assert!(!resources.is_empty(), "{kind}");
        for (id, resource) in resources {
            for (policy, value) in [("DeletionPolicy", "RetainExceptOnCreate"), ("UpdateReplacePolicy", "Retain")] {
                if resource[policy] != *value {
                    missing.push(format!("{id} needs {policy}: {value}"));
                }
            }
        }
    }
    nothing_is_missing(&missing);
}

/// Or a burst at the API could take all of the account's concurrency from them.
#[test]
fn concurrency_can_be_kept_for_every_worker() {
    let template = template();
    assert_eq!(template["Parameters"]["WorkerConcurrency"]["Default"], 0, "off, as a new account has ten in all");
    let mut missing = Vec::new();
    for (id, function) in functions(&template) {
        let reserved = text(&function["Properties"]["ReservedConcurrentExecutions"]);
        let is_kept = reserved.contains("!If")
            && ["KeepsWorkers", "!Ref WorkerConcurrency", "AWS::NoValue"].iter().all(|part| reserved.contains(part));
        if id.starts_with("Desk") && !is_kept {
            missing.push(format!("{id} needs ReservedConcurrentExecutions, of WorkerConcurrency where KeepsWorkers"));
        }
    }
    nothing_is_missing(&missing);
}

/// What the account says of suppression, another sender of it may change.
#[test]
fn a_configuration_set_says_itself_whom_ses_does_not_send_to() {
    for (id, set) in of_kind(&template(), "AWS::SES::ConfigurationSet") {
        let suppressed = text(&set["Properties"]["SuppressionOptions"]["SuppressedReasons"]);
        assert!(suppressed.contains("BOUNCE") && suppressed.contains("COMPLAINT"), "{id}: {suppressed}");
    }
}

/// An API can be disabled; the platform's, and what belongs to none, cannot.
#[test]
fn every_door_can_be_disabled() {
    let template = template();
    let mut missing = Vec::new();
    for (id, function) in functions(&template) {
        let binary =
            function["Properties"]["CodeUri"].as_str().unwrap().trim_end_matches('/').rsplit('/').next().unwrap();
        let channel = binary.split('-').next().unwrap();
        if ["platform", "worker", "health"].contains(&channel) {
            continue;
        }
        let (initial, rest) = channel.split_at(1);
        let channel = format!("{}{rest}", initial.to_uppercase());
        if function["Condition"] != *format!("{channel}Open") {
            missing.push(format!("{id} needs Condition: {channel}Open"));
        }
        let condition = text(&template["Conditions"][format!("{channel}Open").as_str()]);
        let parameter = &template["Parameters"][format!("{channel}Door").as_str()];
        if !condition.contains(&format!("{channel}Door"))
            || parameter["AllowedValues"].as_sequence().map(Vec::len) != Some(2)
        {
            missing.push(format!(
                "the API of {id} needs the parameter {channel}Api: enabled or disabled, and the condition {channel}Open"
            ));
        }
    }
    missing.sort();
    missing.dedup();
    nothing_is_missing(&missing);
}

#[test]
fn every_reader_of_a_stream_gives_up_in_time_and_tells() {
    let template = template();
    let mut missing = Vec::new();
    for (id, function) in functions(&template) {
        for (_, event) in function["Properties"]["Events"].as_mapping().unwrap() {
            if event["Type"] != *"DynamoDB" {
                continue;
            }
            let source = &event["Properties"];
            let has = [
                (
                    "MaximumRetryAttempts of 0 to 10, or of -1 where nothing else will ever do the work",
                    source["MaximumRetryAttempts"].as_i64().is_some_and(|most| (-1..=10).contains(&most)),
                ),
                (
                    "MaximumRecordAgeInSeconds, of no more than the day that the stream keeps a record",
                    source["MaximumRecordAgeInSeconds"].as_u64().is_some_and(|most| most <= 86_400),
                ),
                ("BisectBatchOnFunctionError: true", source["BisectBatchOnFunctionError"] == true),
                (
                    "FunctionResponseTypes: [ReportBatchItemFailures]",
                    text(&source["FunctionResponseTypes"]).contains("ReportBatchItemFailures"),
                ),
                (
                    "the FailureQueue as its destination",
                    text(&source["DestinationConfig"]).contains("FailureQueue.Arn"),
                ),
            ];
            missing.extend(
                has.iter().filter(|(_, has)| !has).map(|(what, _)| format!("{id} needs {what} for its stream")),
            );
            let watches =
                |alarm: &Value| text(alarm).contains("IteratorAge") && text(alarm).contains(&format!("!Ref {id}\n"));
            if !alarms(&template).iter().any(|(_, alarm)| watches(alarm)) {
                missing.push(format!("{id} reads a stream: add an alarm {id}StreamAge on its IteratorAge"));
            }
        }
    }
    nothing_is_missing(&missing);
}

/// An event is handed over once, so what a function could not take must lie somewhere.
#[test]
fn an_event_that_is_given_up_is_in_the_failure_queue() {
    let template = template();
    let mut missing = Vec::new();
    for (id, function) in functions(&template) {
        let mut events = function["Properties"]["Events"].as_mapping().unwrap().values();
        let given_up = text(&function["Properties"]["EventInvokeConfig"]["DestinationConfig"]["OnFailure"]);
        if events.any(|event| event["Type"] == *"EventBridgeRule") && !given_up.contains("FailureQueue.Arn") {
            missing.push(format!("{id} takes events: EventInvokeConfig needs the FailureQueue as its destination"));
        }
    }
    nothing_is_missing(&missing);
}

/// Lambda takes a schedule's calls asynchronously: unless told otherwise it runs a failed one twice
/// more, and keeps one that it throttled for six hours.
#[test]
fn a_sweep_that_fails_is_left_to_the_next_one() {
    let template = template();
    let mut missing = Vec::new();
    for (id, function) in functions(&template) {
        let events = function["Properties"]["Events"].as_mapping().unwrap();
        for event in events.values().filter(|event| event["Type"] == *"ScheduleV2") {
            for (config, of) in [
                (&function["Properties"]["EventInvokeConfig"], "EventInvokeConfig"),
                (&event["Properties"]["RetryPolicy"], "its schedule's RetryPolicy"),
            ] {
                if config["MaximumRetryAttempts"] != 0 || config["MaximumEventAgeInSeconds"] != 60 {
                    missing.push(format!("{id} needs MaximumRetryAttempts 0 and MaximumEventAgeInSeconds 60 in {of}"));
                }
            }
        }
    }
    nothing_is_missing(&missing);
}

/// A schedule that does not run raises no error by itself. The worker's own line counts its sweeps: whoever else calls the function does not.
#[test]
fn every_worker_on_a_schedule_is_missed_when_it_stops() {
    let template = template();
    let mut missing = Vec::new();
    for (id, function) in functions(&template) {
        let events = function["Properties"]["Events"].as_mapping().unwrap();
        let scheduled = events.values().any(|event| event["Type"] == *"ScheduleV2");
        let worker = id.strip_prefix("Desk").unwrap_or(id).to_lowercase();
        let watches = |alarm: &Value| {
            let said = &alarm["Properties"];
            said["MetricName"] == *"sweeps"
                && said["TreatMissingData"] == *"breaching"
                && said["Dimensions"][0]["Value"] == *worker.as_str()
        };
        if scheduled && !alarms(&template).iter().any(|(_, alarm)| watches(alarm)) {
            missing.push(format!(
                "{id} runs on a schedule: add an alarm {id}Stopped on its metric `sweeps`, with missing data breaching"
            ));
        }
    }
    nothing_is_missing(&missing);
}

#[test]
fn every_alarm_tells_somebody_and_says_where_to_read_on() {
    let template = template();
    let dashboard = behind(&template["Resources"]["Dashboard"]["Properties"]["DashboardBody"]).to_owned();
    let mut missing = Vec::new();
    for (id, alarm) in alarms(&template) {
        let said = &alarm["Properties"];
        let has = [
            ("AlarmActions: [!Ref AlarmTopic]", text(&said["AlarmActions"]).contains("!Ref AlarmTopic")),
            ("OKActions: [!Ref AlarmTopic]", text(&said["OKActions"]).contains("!Ref AlarmTopic")),
            ("its TreatMissingData", said["TreatMissingData"].is_string()),
            (
                "its runbook heading at the end of its description",
                said["AlarmDescription"].as_str().is_some_and(|d| d.ends_with(&format!(" Runbook, {id}"))),
            ),
            ("its line in the Dashboard's widget of alarms", dashboard.contains(&format!("\"${{{id}.Arn}}\""))),
        ];
        missing.extend(has.iter().filter(|(_, has)| !has).map(|(what, _)| format!("{id} needs {what}")));
    }
    nothing_is_missing(&missing);
}

#[test]
fn the_dashboard_is_json_and_log_groups_forget() {
    let template = template();
    let body = behind(&template["Resources"]["Dashboard"]["Properties"]["DashboardBody"]);
    let body: serde_json::Value = serde_json::from_str(body).unwrap();
    assert!(body["widgets"].as_array().unwrap().len() >= 8);
    for (id, group) in of_kind(&template, "AWS::Logs::LogGroup") {
        assert!(group["Properties"]["RetentionInDays"].is_u64(), "{id} keeps everything for ever");
    }
    for (id, table) in of_kind(&template, "AWS::DynamoDB::Table") {
        assert_eq!(behind(&table["Properties"]["DeletionProtectionEnabled"]), "ProtectTables", "{id}");
    }
}

/// The metrics that the alarms on workers watch are those of the workers' own lines.
#[test]
fn workers_log_what_the_alarms_on_them_watch() {
    run(async {
        let template = template();
        let stack = Stack::start(options()).await;
        crate::deadlines::opened(&stack, "GTB", 21).await;
        for function in [OUTBOX, DEADLINES] {
            stack.cloud().run_schedule(function).await.unwrap();
        }
        for (function, worker, watched) in [
            (
                OUTBOX,
                "outbox",
                &[("MailsUnsent", "unsent_ms"), ("MailsLate", "late_ms"), ("WorkerOutboxStopped", "sweeps")][..],
            ),
            (DEADLINES, "deadlines", &[("DeadlinesLate", "late_ms"), ("WorkerDeadlinesStopped", "sweeps")]),
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

/// The alarm on stale updates watches what the Platform API's own lines count, of one update and of many.
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

/// What the access log may say of a request.
#[test]
fn the_access_log_says_nothing_personal() {
    let template = template();
    let format = template["Resources"]["Api"]["Properties"]["AccessLogSettings"]["Format"].as_str().unwrap();
    let format: BTreeMap<String, String> = serde_json::from_str(format).unwrap();
    let allowed = [
        "requestTimeEpoch",
        "requestId",
        "routeKey",
        "status",
        "integrationStatus",
        "error.responseType",
        "responseLatency",
        "integrationLatency",
        "responseLength",
    ];
    for value in format.values() {
        assert!(value.strip_prefix("$context.").is_some_and(|name| allowed.contains(&name)), "{value}");
    }
    // The alarm on 5xx finds the status as a text.
    assert_eq!(format["status"], "$context.status");
}

/// CloudWatch bills every metric by API and call; the line in the log says the same for nothing.
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
fn a_disabled_door_answers_as_no_route_does() {
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
