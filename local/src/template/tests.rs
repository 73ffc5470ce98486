//! The real template, and the faults of others.

use super::*;
use serde_json::json;

fn parse(text: &str) -> Result<Template, TemplateError> {
    Template::parse(text, &BTreeMap::new())
}

fn real() -> Template {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    Template::read(&root, &BTreeMap::new()).unwrap()
}

fn function<'a>(template: &'a Template, id: &str) -> &'a Function {
    template.functions.iter().find(|f| f.id == id).unwrap()
}

/// A template with one function that has these properties besides `CodeUri`.
fn with_function(properties: &str) -> String {
    format!(
        "AWSTemplateFormatVersion: x\nTransform: x\nResources:\n  F:\n    Type: AWS::Serverless::Function\n    Properties: {{CodeUri: a/f/, {properties}}}\n"
    )
}

#[test]
fn the_real_template_is_understood() {
    let template = real();
    let report = function(&template, "IimmpactReport");
    assert_eq!(report.binary, "iimmpact-report");
    assert_eq!(report.routes, [Route::new(Some("POST"), Some("/v2/transactions/check")).unwrap()]);
    assert_eq!(report.timeout, Duration::from_secs(15));
    assert_eq!(report.environment["DISPUTES_TABLE"], "recourse-disputestable");
    assert_eq!(report.environment["SEALING_KEY"], "arn:aws:kms:us-east-1:000000000000:key/recourse-sealingkey");
    assert_eq!(report.environment["CLOCK_WINDOW_SECONDS"], "300");

    let outbox = function(&template, "WorkerOutbox");
    assert_eq!(outbox.environment["MAIL_FROM"], "cases@recourse.example");
    assert_eq!(outbox.environment["EPHEMERAL_TABLE"], "recourse-ephemeraltable");
    assert_eq!(outbox.schedules, [Schedule { every: Duration::from_secs(60), input: json!({"sweep": true}) }]);
    let [stream] = outbox.streams.as_slice() else { panic!("{:?}", outbox.streams) };
    assert_eq!((stream.table.as_str(), stream.partial_batch), ("recourse-disputestable", true));
    assert_eq!((stream.max_retries, stream.bisect), (Some(3), true));
    assert_eq!(stream.patterns[0]["eventName"], json!(["INSERT"]));
}

#[test]
fn the_worker_gets_what_ses_reports_of_our_mail() {
    let template = real();
    let [set] = template.configuration_sets.as_slice() else { panic!("{:?}", template.configuration_sets) };
    assert_eq!((set.name.as_str(), set.events.as_slice()), ("recourse-mailevents", ["Bounce", "Complaint"].as_slice()));
    assert_eq!(function(&template, "WorkerOutbox").environment["SES_CONFIGURATION_SET"], set.name);
    let [rule] = function(&template, "WorkerFeedback").rules.as_slice() else { panic!() };
    assert_eq!(
        (&rule["source"], &rule["detail"]["mail"]["tags"]["ses:configuration-set"]),
        (&json!(["aws.ses"]), &json!([set.name]))
    );
}

#[test]
fn received_mail_has_a_rule_a_bucket_with_events_and_a_worker() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    assert_eq!(real().receipt_rules, [], "off, unless a deployment wants it");
    let template = Template::read(&root, &BTreeMap::from([("InboundMail".to_owned(), "on".to_owned())])).unwrap();
    let [rule] = template.receipt_rules.as_slice() else { panic!("{:?}", template.receipt_rules) };
    let [bucket] = template.buckets.as_slice() else { panic!("{:?}", template.buckets) };
    assert_eq!((rule.set.as_str(), rule.name.as_str()), ("recourse-inboundruleset", "inbound"));
    assert_eq!(
        (rule.recipients.as_slice(), &rule.bucket),
        (["cases@recourse.example".to_owned()].as_slice(), &bucket.name)
    );
    let worker = function(&template, "WorkerInbound");
    let [pattern] = worker.rules.as_slice() else { panic!("{:?}", worker.rules) };
    assert_eq!((bucket.to_bus, &pattern["detail"]["bucket"]["name"]), (true, &json!([bucket.name])));
    assert_eq!(pattern["detail"]["object"]["key"], json!([{ "prefix": rule.prefix }]));
    assert_eq!((worker.memory_mb, worker.timeout), (1536, Duration::from_secs(60)));
    let sends = worker.policy.statements.iter().flat_map(|statement| &statement.actions);
    assert!(sends.clone().all(|action| !action.starts_with("ses:") && !action.starts_with("bedrock:")), "{sends:?}");
}

#[test]
fn a_model_and_playbooks_are_granted_where_they_are_configured() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let models = ["arn:aws:bedrock:us-east-1::foundation-model/a", "arn:aws:bedrock:us-east-1::foundation-model/b"];
    let given = [
        ("SupportModel", "a"),
        ("SupportModelResources", &models.join(",")),
        ("SupportModelGuardrail", "ab12:1"),
        ("SupportModelGuardrailArn", "arn:aws:bedrock:us-east-1:000000000000:guardrail/ab12"),
        ("SupportPlaybooks", "playbooks/ours.json"),
    ];
    let given = given.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
    let resources = |template: &Template, action: &str| -> Vec<String> {
        let statements = function(template, "WorkerDeadlines").policy.statements.clone();
        let with = statements.into_iter().filter(|statement| statement.actions.iter().any(|one| one == action));
        with.flat_map(|statement| statement.resources).collect()
    };
    let template = Template::read(&root, &given).unwrap();
    assert_eq!(resources(&template, "bedrock:InvokeModel"), models);
    assert_eq!(
        resources(&template, "bedrock:ApplyGuardrail"),
        ["arn:aws:bedrock:us-east-1:000000000000:guardrail/ab12"]
    );
    assert_eq!(resources(&template, "s3:GetObject"), ["arn:aws:s3:::recourse-evidencebucket/playbooks/ours.json"]);
    for action in ["bedrock:InvokeModel", "bedrock:ApplyGuardrail", "s3:GetObject"] {
        assert!(resources(&real(), action).is_empty(), "{action}");
    }
}

#[test]
fn a_bus_is_granted_where_it_is_configured_and_the_workers_get_deliveries_of_their_own() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let bus = "arn:aws:events:us-east-1:000000000000:event-bus/ours";
    let with = |bus: &str| Template::read(&root, &BTreeMap::from([("EventBus".to_owned(), bus.to_owned())]));
    let put = |template: &Template| -> Vec<String> {
        let statements = function(template, "WorkerBus").policy.statements.clone();
        let put = statements.into_iter().filter(|statement| statement.actions == ["events:PutEvents"]);
        put.flat_map(|statement| statement.resources).collect()
    };
    let template = with(bus).unwrap();
    assert_eq!((put(&template), put(&real())), (vec![bus.to_owned()], Vec::new()));
    assert_eq!(function(&template, "WorkerBus").environment["EVENT_BUS"], bus);
    for name in ["default", "arn:aws:events:us-east-1:000000000000:event-bus/", "arn:aws:sqs:us-east-1:000000000000:q"]
    {
        assert!(with(name).unwrap_err().to_string().contains("EventBus"), "{name}");
    }
    for (worker, prefix) in [("WorkerWebhooks", "HOOK#we_"), ("WorkerBus", "HOOK#bus_")] {
        let [stream] = function(&template, worker).streams.as_slice() else { panic!("{worker}") };
        assert_eq!(stream.patterns[0]["dynamodb"]["Keys"]["PK"]["S"], json!([{ "prefix": prefix }]));
    }
}

#[test]
fn each_member_of_a_receipt_rule_is_understood_or_refused() {
    let with = |set: &str, rule: &str| {
        parse(&format!(
            "AWSTemplateFormatVersion: x\nTransform: x\nResources:\n  S: {{Type: 'AWS::SES::ReceiptRuleSet'{set}}}\n  \
             R: {{Type: 'AWS::SES::ReceiptRule', Properties: {rule}}}\n"
        ))
    };
    let to = "Recipients: [a@b.example], Actions: [{S3Action: {BucketName: b, ObjectKeyPrefix: in/}}]";
    let rule = |more: &str| format!("{{RuleSetName: !Ref S, Rule: {{Name: r, {more}}}}}");
    let rules = |rule: &str| with("", rule).map(|template| template.receipt_rules);
    assert_eq!(rules(&rule(&format!("Enabled: true, ScanEnabled: true, {to}"))).unwrap()[0].prefix, "in/");
    assert_eq!(rules(&rule(&format!("ScanEnabled: true, {to}"))).unwrap(), []);
    for (set, rule, said) in [
        ("", rule(&format!("ScanEnabled: false, {to}")), "R: ScanEnabled must be true"),
        ("", rule(&format!("ScanEnabled: true, After: x, {to}")), "R: unknown field `After`"),
        ("", rule("ScanEnabled: true, Recipients: [], Actions: [{S3Action: {BucketName: b}}]"), "R: Recipients must"),
        ("", rule("ScanEnabled: true, Recipients: [a@b.c], Actions: []"), "R: Actions must be one S3Action"),
        (
            "",
            rule("ScanEnabled: true, Recipients: [a@b.c], Actions: [{SNSAction: {}}]"),
            "R: unknown field `SNSAction`",
        ),
        ("", rule("ScanEnabled: true, Recipients: [a@b.c], Actions: [{S3Action: {BucketName: b}}]"), "ObjectKeyPrefix"),
        (
            "",
            "{RuleSetName: other, Rule: {Name: r, ScanEnabled: true, Recipients: [], Actions: []}}".to_owned(),
            "no receipt rule set other",
        ),
        (", Properties: {RuleSetName: x}", rule(&format!("ScanEnabled: true, {to}")), "S: unknown field `RuleSetName`"),
    ] {
        let error = with(set, &rule).unwrap_err().to_string();
        assert!(error.contains(said), "{said}: {error}");
    }
}

#[test]
fn each_member_of_a_configuration_set_is_understood_or_refused() {
    let with = |set: &str, name: &str, destination: &str| {
        let head = "AWSTemplateFormatVersion: x\nTransform: x\nResources:\n";
        let set = format!("  S: {{Type: 'AWS::SES::ConfigurationSet', Properties: {set}}}\n");
        let properties = format!("{{ConfigurationSetName: {name}, EventDestination: {destination}}}");
        let destination =
            format!("  D: {{Type: 'AWS::SES::ConfigurationSetEventDestination', Properties: {properties}}}\n");
        parse(&format!("{head}{set}{destination}"))
    };
    let to = |bus: &str, kinds: &str, enabled: bool| {
        let bus = format!("arn:aws:events:us-east-1:000000000000:event-bus/{bus}");
        format!(
            "{{Enabled: {enabled}, MatchingEventTypes: [{kinds}], EventBridgeDestination: {{EventBusArn: '{bus}'}}}}"
        )
    };
    let events = |destination: String| {
        with("{}", "!Ref S", &destination).map(|template| template.configuration_sets[0].events.clone())
    };
    assert_eq!(events(to("default", "delivery, bounce", true)).unwrap(), ["Delivery", "Bounce"]);
    assert!(events(to("default", "bounce", false)).unwrap().is_empty());
    for (wrong, said) in [
        (events(to("other", "bounce", true)), "the default bus alone"),
        (events(to("default", "open", true)), "D: unknown variant `open`"),
        (
            events("{Enabled: true, MatchingEventTypes: [bounce], SnsDestination: {TopicARN: x}}".to_owned()),
            "D: unknown field `SnsDestination`",
        ),
    ] {
        let error = wrong.unwrap_err().to_string();
        assert!(error.contains(said), "{error}");
    }
    let error = with("{Name: x}", "!Ref S", &to("default", "bounce", true)).unwrap_err().to_string();
    assert!(error.contains("S: unknown field `Name`"), "{error}");
    let error = with("{}", "other", &to("default", "bounce", true)).unwrap_err().to_string();
    assert!(error.contains("D: there is no configuration set other"), "{error}");
}

#[test]
fn the_real_tables_become_create_requests() {
    let template = real();
    let [disputes, ephemeral] = template.tables.as_slice() else { panic!("{:?}", template.tables) };
    assert_eq!(
        (disputes.name.as_str(), disputes.has_stream, &disputes.ttl_attribute),
        ("recourse-disputestable", true, &Some("expires_at".to_owned()))
    );
    assert_eq!(disputes.create["StreamSpecification"], json!({"StreamEnabled": true, "StreamViewType": "NEW_IMAGE"}));
    assert_eq!(disputes.create["KeySchema"][0], json!({"AttributeName": "PK", "KeyType": "HASH"}));
    assert_eq!(disputes.create["GlobalSecondaryIndexes"][0]["Projection"], json!({"ProjectionType": "KEYS_ONLY"}));
    assert_eq!((ephemeral.has_stream, ephemeral.ttl_attribute.as_deref()), (true, Some("expires_at")));
    // Sessions and sign-in links are in it.
    assert_eq!(ephemeral.create["StreamSpecification"]["StreamViewType"], "KEYS_ONLY");
}

#[test]
fn a_byte_order_mark_before_the_template_is_skipped() {
    let root = tempfile::tempdir().unwrap();
    let text = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../template.yaml")).unwrap();
    std::fs::write(root.path().join("template.yaml"), format!("\u{feff}{text}")).unwrap();
    let template = Template::read(root.path(), &BTreeMap::new()).unwrap();
    assert_eq!(template.functions.len(), real().functions.len());
}

#[test]
fn a_value_replaces_a_default() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let given = |name: &str| BTreeMap::from([(name.to_owned(), "30".to_owned())]);
    let template = Template::read(&root, &given("ClockWindowSeconds")).unwrap();
    assert_eq!(function(&template, "IimmpactReport").environment["CLOCK_WINDOW_SECONDS"], "30");
    let error = Template::read(&root, &given("ClockWindow")).unwrap_err();
    assert_eq!(
        error.to_string(),
        format!(
            "template.yaml, Parameters.ClockWindow: a value is given for it, but there is no such parameter; there are {}",
            template.parameters.keys().map(String::as_str).collect::<Vec<_>>().join(", ")
        )
    );
    for (name, value, rule) in [
        ("ClockWindowSeconds", "29", "MinValue 30"),
        ("ClockWindowSeconds", "901", "MaxValue 900"),
        ("ClockWindowSeconds", "5m", "Type Number"),
        ("RequestBurst", "0", "MinValue 1"),
        ("Environment", "test", "AllowedValues [development, staging, production]"),
        ("Deadlines", &"{".repeat(1301), "MaxLength 1230"),
        ("Deadlines", "{", "AllowedPattern ^\\{[\\s\\S]*\\}$: It must be a JSON object"),
        ("Brand", "Ours ", "AllowedPattern "),
        ("Brand", "", "AllowedPattern "),
        ("Brand", "a\nb", ": must be 1 to 60 printable characters"),
        ("MailFrom", "", ": must be a mail address of the form name@domain"),
        ("SupportAddress", "nobody", ": must be a mail address of the form name@domain"),
        ("MailsPerAccountPerDay", "-1", "MinValue 1"),
        ("MailsPerRecipientPerDay", "4294967296", "MaxValue 1000000000"),
    ] {
        let error = Template::read(&root, &BTreeMap::from([(name.to_owned(), value.to_owned())])).unwrap_err();
        let error = error.to_string();
        assert!(error.starts_with(&format!("template.yaml, Parameters.{name}: the value \"")), "{error}");
        assert!(error.contains("breaks the rule") && error.contains(rule), "{rule}: {error}");
    }
}

#[test]
fn a_disabled_api_has_no_functions() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let given = |value: &str| BTreeMap::from([("IimmpactApi".to_owned(), value.to_owned())]);
    let enabled = Template::read(&root, &given("enabled")).unwrap();
    let disabled = Template::read(&root, &given("disabled")).unwrap();
    let ids = |template: &Template| template.functions.iter().map(|f| f.id.clone()).collect::<Vec<_>>();
    let mut left = ids(&enabled);
    left.retain(|id| !id.starts_with("Iimmpact"));
    assert_eq!(ids(&disabled), left);
    assert!(left.len() < enabled.functions.len());
    let error = Template::read(&root, &given("ajar")).unwrap_err().to_string();
    assert!(error.ends_with("the value \"ajar\" breaks the rule AllowedValues [enabled, disabled]"), "{error}");
}

#[test]
fn the_functions_that_are_named_run_on_instances() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let provider = "arn:aws:lambda:us-east-1:000000000000:capacity-provider:recourse";
    let read = |provider: &str, functions: &str, more: &[(&str, &str)]| {
        let given = [("CapacityProviderArn", provider), ("ManagedFunctions", functions), ("RequestsAtOnce", "8")];
        let given = given.iter().chain(more).map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        let given: BTreeMap<String, String> = given.collect();
        Template::read(&root, &given)
    };
    let managed = |template: &Template| {
        let managed = template.functions.iter().filter(|f| f.at_once == NonZeroUsize::new(8));
        managed.map(|f| f.id.clone()).collect::<Vec<_>>()
    };
    let two = "IimmpactReport, ArbiterLog";
    assert_eq!(managed(&read(provider, two, &[]).unwrap()), ["ArbiterLog", "IimmpactReport"]);
    assert!(read("", two, &[]).unwrap().functions.iter().all(|f| f.at_once.is_none()), "plain Lambda");
    let disabled = read(provider, two, &[("IimmpactApi", "disabled")]).unwrap();
    assert_eq!(managed(&disabled), ["ArbiterLog"]);
    for name in ["WorkerOutbox", "DisputesTable", "Nobody"] {
        let error = read(provider, name, &[]).unwrap_err().to_string();
        assert_eq!(error, format!("template.yaml, ManagedFunctions: {name} is no function that has a route"));
    }
}

#[test]
fn a_resource_whose_condition_does_not_hold_cannot_be_referred_to() {
    let text = "AWSTemplateFormatVersion: x\nTransform: x\nConditions: {Never: !Equals [a, b]}\nResources:\n  \
                Q: {Type: 'AWS::SQS::Queue', Condition: Never}\n  F:\n    Type: AWS::Serverless::Function\n    \
                Properties: {CodeUri: a/f/, Environment: {Variables: {A: !GetAtt Q.Arn}}}\n";
    let error = parse(text).unwrap_err().to_string();
    assert_eq!(error, "template.yaml, F.Environment.Variables.A: there is no resource Q");
    let error = parse(&text.replace("Condition: Never", "Condition: Nevr")).unwrap_err().to_string();
    assert_eq!(error, "template.yaml, Q: there is no condition Nevr");
    let there = parse(&text.replace("[a, b]", "[a, a]")).unwrap();
    assert_eq!(there.functions[0].environment["A"], "arn:aws:sqs:us-east-1:000000000000:Q");
}

#[test]
fn a_member_without_a_value_is_left_out() {
    let template = parse(&with_function("Timeout: !Ref 'AWS::NoValue'")).unwrap();
    assert_eq!(template.functions[0].timeout, Duration::from_secs(3));
    let text = with_function("Timeout: !If [Never, 7, !Ref 'AWS::NoValue']");
    let text = text.replacen("Resources:", "Conditions: {Never: !Equals [a, b]}\nResources:", 1);
    assert_eq!(parse(&text).unwrap().functions[0].timeout, Duration::from_secs(3));
    assert_eq!(parse(&text.replace("[a, b]", "[a, a]")).unwrap().functions[0].timeout, Duration::from_secs(7));
}

#[test]
fn lambdas_defaults_apply_when_a_function_says_nothing() {
    let template = parse(&with_function("")).unwrap();
    let [f] = template.functions.as_slice() else { panic!("{:?}", template.functions) };
    assert_eq!((f.binary.as_str(), f.timeout, f.memory_mb), ("f", Duration::from_secs(3), 128));
}

#[test]
fn a_property_that_is_not_understood_is_named() {
    let cases = [
        ("Layers: []", "F: unknown field `Layers`"),
        ("Timeout: soon", "F: invalid type"),
        ("Events: {A: {Type: SNS, Properties: {}}}", "F: unknown variant `SNS`"),
        (
            "Events: {A: {Type: HttpApi, Properties: {Method: GET, Path: a}}}",
            "F.Events.A: the path a does not begin with /",
        ),
        ("Events: {A: {Type: HttpApi, Properties: {Method: GET, Path: /a, Auth: {}}}}", "F: unknown field `Auth`"),
        (
            "Events: {A: {Type: ScheduleV2, Properties: {ScheduleExpression: cron(x)}}}",
            "F.Events.A: ScheduleExpression",
        ),
        ("Environment: {Variables: {A: !Ref B}}", "F.Environment.Variables.A: there is no parameter and no resource B"),
        ("EventInvokeConfig: {MaximumRetryAttempts: 1}", "F.EventInvokeConfig: MaximumRetryAttempts 1"),
        (
            "EventInvokeConfig: {MaximumRetryAttempts: 0}, Events: {A: {Type: EventBridgeRule, Properties: {Pattern: {}}}}",
            "F.EventInvokeConfig: MaximumRetryAttempts 0",
        ),
    ];
    for (properties, expected) in cases {
        let error = parse(&with_function(properties)).unwrap_err().to_string();
        assert!(error.starts_with(&format!("template.yaml, {expected}")), "{properties}: {error}");
    }
    let error =
        parse("AWSTemplateFormatVersion: x\nTransform: x\nResources: {Q: {Type: 'AWS::Kinesis::Stream'}}").unwrap_err();
    assert!(error.to_string().contains("Q: the type AWS::Kinesis::Stream is not known here"), "{error}");
    let error =
        parse("AWSTemplateFormatVersion: x\nTransform: x\nParameters: {A: {Type: String}}\nResources: {}").unwrap_err();
    assert_eq!(error.to_string(), "template.yaml, Parameters.A: has no Default and no value is given");
}

/// A template with two queues, of which `F` reads the first one.
fn with_queue(queue: &str, event: &str) -> String {
    format!(
        "AWSTemplateFormatVersion: x\nTransform: x\nParameters: {{Most: {{Type: Number, Default: 4}}}}\nResources:\n  \
         Q: {{Type: 'AWS::SQS::Queue', Properties: {{{queue}}}}}\n  Dead: {{Type: 'AWS::SQS::Queue'}}\n  F:\n    \
         Type: AWS::Serverless::Function\n    Properties:\n      CodeUri: a/f/\n      Timeout: 30\n      \
         Events: {{A: {{Type: SQS, Properties: {{Queue: !GetAtt Q.Arn, {event}}}}}}}\n"
    )
}

#[test]
fn a_queue_its_redrive_policy_and_its_mapping_are_read() {
    let queue = "VisibilityTimeout: 180, MaximumMessageSize: 1024, MessageRetentionPeriod: 60, SqsManagedSseEnabled: true, \
                 RedrivePolicy: {deadLetterTargetArn: !GetAtt Dead.Arn, maxReceiveCount: 5}";
    let event = "BatchSize: 50, MaximumBatchingWindowInSeconds: 1, FunctionResponseTypes: [ReportBatchItemFailures], \
                 ScalingConfig: {MaximumConcurrency: !Ref Most}";
    let template = parse(&with_queue(queue, event)).unwrap();
    let [dead, q] = template.queues.as_slice() else { panic!("{:?}", template.queues) };
    assert_eq!(q.redrive, Some(Redrive { to: "Dead".to_owned(), max_receives: 5 }));
    assert_eq!((q.visibility, q.retention, q.max_bytes), (Duration::from_secs(180), Duration::from_secs(60), 1024));
    // SQS's own defaults.
    assert_eq!((dead.visibility, dead.max_bytes, &dead.redrive), (Duration::from_secs(30), 1024 * 1024, &None));
    let source = QueueSource {
        queue: "Q".to_owned(),
        batch_size: 50,
        window: Duration::from_secs(1),
        max_concurrency: 4,
        partial_batch: true,
    };
    assert_eq!(template.functions[0].queues, [source]);
    let disabled = parse(&with_queue(queue, "Enabled: false")).unwrap();
    assert!(disabled.functions[0].queues.is_empty());
}

#[test]
fn a_mapping_that_lambda_would_refuse_is_refused() {
    let long = "VisibilityTimeout: 180";
    for (queue, event, expected) in [
        ("VisibilityTimeout: 29", "BatchSize: 1", "F: its Timeout is longer than the VisibilityTimeout of Q"),
        (long, "BatchSize: 11", "F.Events.A: BatchSize 11 needs a MaximumBatchingWindowInSeconds"),
        (long, "ScalingConfig: {MaximumConcurrency: 1}", "F.Events.A: MaximumConcurrency must be 2 to 1000, not 1"),
        ("FifoQueue: true", "BatchSize: 1", "Q: unknown field `FifoQueue`"),
        (
            "RedrivePolicy: {deadLetterTargetArn: !GetAtt F.Arn, maxReceiveCount: 5}",
            "BatchSize: 1",
            "Q: deadLetterTargetArn must be",
        ),
    ] {
        let error = parse(&with_queue(queue, event)).unwrap_err().to_string();
        assert!(error.starts_with(&format!("template.yaml, {expected}")), "{error}");
    }
}

#[test]
fn a_rule_that_fills_a_queue_is_read() {
    let rule = |target: &str| {
        let rule = "  R:\n    Type: AWS::Events::Rule\n    Properties:\n      EventBusName: b\n      \
                    EventPattern: {source: [s]}\n      Targets: [{Id: q, Arn: !GetAtt Q.Arn";
        parse(&format!("{}{rule}{target}}}]\n", with_queue("VisibilityTimeout: 30", "BatchSize: 1")))
    };
    let template = rule(", InputPath: $.detail").unwrap();
    let [read] = template.queue_rules.as_slice() else { panic!("{:?}", template.queue_rules) };
    assert_eq!((read.bus.as_str(), read.queue.as_str(), read.detail_only), ("b", "Q", true));
    assert!(!rule("").unwrap().queue_rules[0].detail_only);
    let error = rule(", InputPath: $.detail.x").unwrap_err().to_string();
    assert_eq!(error, "template.yaml, R: InputPath is understood as $.detail only");
}

#[test]
fn one_route_leads_to_one_function() {
    let event = "Events: {A: {Type: HttpApi, Properties: {Method: GET, Path: /a}}, B: {Type: HttpApi, Properties: {Method: get, Path: /a}}}";
    let error = parse(&with_function(event)).unwrap_err();
    assert_eq!(error.to_string(), "template.yaml, F: the route GET /a already leads to F");
}

#[test]
fn a_named_stage_is_refused() {
    let error = parse("AWSTemplateFormatVersion: x\nTransform: x\nResources: {A: {Type: 'AWS::Serverless::HttpApi', Properties: {StageName: prod}}}")
        .unwrap_err();
    assert!(error.to_string().contains("would be in front of every path"), "{error}");
}
