//! Operators learn of what goes wrong: no function, worker or alarm of template.yaml lacks what the
//! others have.
//!
//! One log group and `Globals` cover what is the same for all functions: errors, throttles,
//! rollback. These tests name what each function has to declare by itself and does not. What
//! workers log for the alarms is tested in `tests/e2e/operations.rs`.

use std::collections::BTreeMap;

use yaml_serde::Value;

use crate::yaml;

fn template() -> Value {
    yaml("template.yaml")
}

/// The resources of one type, each with its logical id.
fn of_kind<'a>(template: &'a Value, kind: &str) -> Vec<(&'a str, &'a Value)> {
    let resources = template["Resources"].as_mapping().unwrap().iter();
    resources
        .filter(|(_, resource)| resource["Type"] == *kind)
        .map(|(id, resource)| (id.as_str().unwrap(), resource))
        .collect()
}

fn functions(template: &Value) -> Vec<(&str, &Value)> {
    of_kind(template, "AWS::Serverless::Function")
}

fn alarms(template: &Value) -> Vec<(&str, &Value)> {
    of_kind(template, "AWS::CloudWatch::Alarm")
}

/// The text of a value or of a short intrinsic, such as the name in `!Ref`.
fn plain(value: &Value) -> &str {
    match value {
        Value::Tagged(tagged) => tagged.value.as_str().unwrap_or_default(),
        other => other.as_str().unwrap_or_default(),
    }
}

/// A value as YAML text.
fn text(value: &Value) -> String {
    yaml_serde::to_string(value).unwrap()
}

fn nothing_is_missing(missing: &[String]) {
    assert!(missing.is_empty(), "template.yaml:\n{}", missing.join("\n"));
}

/// The alarms on errors and the rollback rely on the log group, the alias and the rollout of
/// `Globals`.
#[test]
fn no_function_overrides_the_log_group_alias_or_rollout_of_globals() {
    let template = template();
    let globals = &template["Globals"]["Function"];
    assert_eq!(plain(&globals["LoggingConfig"]["LogGroup"]), "Log");
    assert_eq!(
        (&globals["LoggingConfig"]["LogFormat"], plain(&globals["DeploymentPreference"]["Type"])),
        (&"JSON".into(), "Rollout")
    );
    // Together they take a changed parameter to the alias. SAM publishes a version when the text of
    // a function's properties changes, and does not resolve a !Ref. So `make deploy` replaces this
    // value with a digest of the settings.
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

/// CloudFormation refuses a dependency cycle: API, alias, rollout, alarm, API.
#[test]
fn an_alarm_that_rolls_back_names_neither_the_api_nor_a_function() {
    let template = template();
    let alarms: BTreeMap<_, _> = alarms(&template).into_iter().collect();
    let rolling_back = &template["Globals"]["Function"]["DeploymentPreference"]["Alarms"];
    let Value::Tagged(chosen) = rolling_back else { panic!("{rolling_back:?}") };
    assert_eq!((chosen.tag.to_string().as_str(), &chosen.value[0]), ("!If", &Value::from("RolloutIsWatched")));
    let [watched, unwatched] = [&chosen.value[1], &chosen.value[2]].map(|alarms| alarms.as_sequence().unwrap());
    assert!(watched.len() >= 2);
    for alarm in watched.iter().chain(unwatched).map(plain) {
        assert!(alarms[alarm]["Properties"].get("Dimensions").is_none(), "{alarm} has a dimension");
    }
    // An empty list would be an empty AlarmConfiguration. So with RolloutAlarms=off there is one
    // alarm, which never goes off.
    let [unwatched] = unwatched.as_slice() else { panic!("{unwatched:?}") };
    let (never, watched) = (&alarms[plain(unwatched)]["Properties"], &alarms[plain(&watched[0])]["Properties"]);
    assert_eq!((&never["MetricName"], &never["TreatMissingData"]), (&watched["MetricName"], &"notBreaching".into()));
    assert!(never["Threshold"].as_u64().unwrap() >= 1_000_000_000);
}

/// A first deployment that fails deletes what it created. Nothing else deletes stored disputes.
#[test]
fn tables_buckets_and_keys_outlive_the_stack_but_not_a_failed_first_deployment() {
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

/// Without it, a burst at the API could use up the account's concurrency.
#[test]
fn concurrency_can_be_reserved_for_every_worker() {
    let template = template();
    assert_eq!(template["Parameters"]["WorkerConcurrency"]["Default"], 0, "off, as a new account has ten in all");
    let mut missing = Vec::new();
    for (id, function) in functions(&template) {
        let reserved = text(&function["Properties"]["ReservedConcurrentExecutions"]);
        let is_reserved = reserved.contains("!If")
            && ["KeepsWorkers", "!Ref WorkerConcurrency", "AWS::NoValue"].iter().all(|part| reserved.contains(part));
        if id.starts_with("Worker") && !is_reserved {
            missing.push(format!("{id} needs ReservedConcurrentExecutions, of WorkerConcurrency where KeepsWorkers"));
        }
    }
    nothing_is_missing(&missing);
}

/// Another sender of the same account could change the account-wide setting.
#[test]
fn every_configuration_set_has_suppression_options_of_its_own() {
    for (id, set) in of_kind(&template(), "AWS::SES::ConfigurationSet") {
        let suppressed = text(&set["Properties"]["SuppressionOptions"]["SuppressedReasons"]);
        assert!(suppressed.contains("BOUNCE") && suppressed.contains("COMPLAINT"), "{id}: {suppressed}");
    }
}

/// The Platform API, the workers and the health check cannot be disabled.
#[test]
fn every_api_can_be_disabled() {
    let template = template();
    let mut missing = Vec::new();
    for (id, function) in functions(&template) {
        let binary =
            function["Properties"]["CodeUri"].as_str().unwrap().trim_end_matches('/').rsplit('/').next().unwrap();
        let api = binary.split('-').next().unwrap();
        if ["platform", "worker", "health"].contains(&api) {
            continue;
        }
        let (initial, rest) = api.split_at(1);
        let api = format!("{}{rest}", initial.to_uppercase());
        if function["Condition"] != *format!("{api}Open") {
            missing.push(format!("{id} needs Condition: {api}Open"));
        }
        // The console is no API.
        let name = if api == "Console" { api.clone() } else { format!("{api}Api") };
        let condition = text(&template["Conditions"][format!("{api}Open").as_str()]);
        let parameter = &template["Parameters"][name.as_str()];
        if !condition.contains(&name) || parameter["AllowedValues"].as_sequence().map(Vec::len) != Some(2) {
            missing.push(format!("{id} needs the parameter {name}: enabled or disabled, and the condition {api}Open"));
        }
    }
    missing.sort();
    missing.dedup();
    nothing_is_missing(&missing);
}

#[test]
fn every_stream_consumer_limits_its_retries_and_has_an_alarm() {
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
                    "MaximumRecordAgeInSeconds, at most the day for which the stream stores a record",
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

/// EventBridge delivers an event to Lambda once. Without a destination, a failed event is lost.
#[test]
fn events_that_fail_for_good_go_to_the_failure_queue() {
    let template = template();
    let mut missing = Vec::new();
    for (id, function) in functions(&template) {
        let mut events = function["Properties"]["Events"].as_mapping().unwrap().values();
        let on_failure = text(&function["Properties"]["EventInvokeConfig"]["DestinationConfig"]["OnFailure"]);
        if events.any(|event| event["Type"] == *"EventBridgeRule") && !on_failure.contains("FailureQueue.Arn") {
            missing.push(format!("{id} takes events: EventInvokeConfig needs the FailureQueue as its destination"));
        }
    }
    nothing_is_missing(&missing);
}

/// Lambda runs scheduled calls asynchronously. By default it retries a failed call twice and queues
/// a throttled one for six hours.
#[test]
fn a_failed_sweep_is_not_retried_but_left_to_the_next_one() {
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

/// A schedule that does not run raises no error. The worker's own log line counts its sweeps; other
/// invocations of the function are not counted.
#[test]
fn every_scheduled_worker_has_an_alarm_on_missing_sweeps() {
    let template = template();
    let mut missing = Vec::new();
    for (id, function) in functions(&template) {
        let events = function["Properties"]["Events"].as_mapping().unwrap();
        let scheduled = events.values().any(|event| event["Type"] == *"ScheduleV2");
        let worker = id.strip_prefix("Worker").unwrap_or(id).to_lowercase();
        let watches = |alarm: &Value| {
            let properties = &alarm["Properties"];
            properties["MetricName"] == *"sweeps"
                && properties["TreatMissingData"] == *"breaching"
                && properties["Dimensions"][0]["Value"] == *worker.as_str()
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
fn every_alarm_notifies_the_topic_and_names_its_runbook_entry() {
    let template = template();
    let dashboard = plain(&template["Resources"]["Dashboard"]["Properties"]["DashboardBody"]).to_owned();
    let mut missing = Vec::new();
    for (id, alarm) in alarms(&template) {
        let properties = &alarm["Properties"];
        let has = [
            ("AlarmActions: [!Ref AlarmTopic]", text(&properties["AlarmActions"]).contains("!Ref AlarmTopic")),
            ("OKActions: [!Ref AlarmTopic]", text(&properties["OKActions"]).contains("!Ref AlarmTopic")),
            ("its TreatMissingData", properties["TreatMissingData"].is_string()),
            (
                "its runbook heading at the end of its description",
                properties["AlarmDescription"].as_str().is_some_and(|d| d.ends_with(&format!(" Runbook, {id}"))),
            ),
            ("its line in the Dashboard's widget of alarms", dashboard.contains(&format!("\"${{{id}.Arn}}\""))),
        ];
        missing.extend(has.iter().filter(|(_, has)| !has).map(|(what, _)| format!("{id} needs {what}")));
    }
    nothing_is_missing(&missing);
}

#[test]
fn the_dashboard_is_json_and_log_groups_and_tables_are_limited() {
    let template = template();
    let body = plain(&template["Resources"]["Dashboard"]["Properties"]["DashboardBody"]);
    let body: serde_json::Value = serde_json::from_str(body).unwrap();
    assert!(body["widgets"].as_array().unwrap().len() >= 8);
    for (id, group) in of_kind(&template, "AWS::Logs::LogGroup") {
        assert!(group["Properties"]["RetentionInDays"].is_u64(), "{id} keeps everything for ever");
    }
    for (id, table) in of_kind(&template, "AWS::DynamoDB::Table") {
        assert_eq!(plain(&table["Properties"]["DeletionProtectionEnabled"]), "ProtectTables", "{id}");
    }
}

/// The access log contains only these fields of a request.
#[test]
fn the_access_log_contains_nothing_personal() {
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
