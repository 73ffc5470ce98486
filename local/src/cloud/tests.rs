//! A whole cloud from a small template.

use super::*;
use crate::testing::{binaries, http_call};

const TEMPLATE: &str = "
AWSTemplateFormatVersion: '2010-09-09'
Transform: AWS::Serverless-2016-10-31
Parameters: { Brand: { Type: String, Default: Recourse } }
Resources:
  Specimen:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: target/lambda/specimen/
      Timeout: 10
      Environment: { Variables: { DISPUTES_TABLE: !Ref DisputesTable, MAIL_FROM: a@b.example, BRAND: !Ref Brand } }
      Events:
        Do: { Type: HttpApi, Properties: { Method: POST, Path: /do } }
        Sweep: { Type: ScheduleV2, Properties: { ScheduleExpression: rate(1 minute), Input: '{\"do\":\"say\",\"text\":\"swept\"}' } }
  DisputesTable:
    Type: AWS::DynamoDB::Table
    Properties:
      BillingMode: PAY_PER_REQUEST
      AttributeDefinitions: [{ AttributeName: PK, AttributeType: S }]
      KeySchema: [{ AttributeName: PK, KeyType: HASH }]
";

/// A root with the small template, and options for it.
fn root() -> (tempfile::TempDir, Options) {
    let root = tempfile::tempdir().unwrap();
    std::fs::write(root.path().join("template.yaml"), TEMPLATE).unwrap();
    let options = Options {
        binaries: binaries(),
        environment_file: Some(root.path().join(".recourse.env")),
        ..Options::for_tests(root.path())
    };
    (root, options)
}

async fn post(url: &str, body: &str) -> u16 {
    let request = http::Request::post(format!("{url}/do")).header("content-type", "application/json");
    let request = request.body(axum::body::Body::from(body.to_owned())).unwrap();
    http_call(request).await.unwrap().status().as_u16()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_template_runs() {
    let (root, options) = root();
    let log = options.log.clone();
    let cloud = Cloud::start(options).await.unwrap();
    assert_eq!(post(&cloud.url, "{}").await, 200);

    let file = root.path().join(".recourse.env");
    let written = std::fs::read_to_string(&file).unwrap();
    assert!(
        written.starts_with(&format!(
            "export RECOURSE_URL={}\nexport AWS_ENDPOINT_URL_DYNAMODB=http://127.0.0.1:",
            cloud.url
        )),
        "{written}"
    );
    assert!(written.contains("export DISPUTES_TABLE=recourse-disputestable\n"), "{written}");

    assert_eq!(cloud.run_schedule("Specimen").await, Ok(()));
    assert!(log.lines().iter().any(|line| line.text == "swept"));
    assert_eq!(cloud.run_schedule("Other").await, Err(InvokeError::Unknown("Other".into())));

    let pids: Vec<_> = cloud.lambda.instances().iter().map(|i| i.pid).collect();
    assert!(!pids.is_empty());
    cloud.stop().await;
    assert!(!file.exists() && !pids.iter().any(|pid| crate::testing::is_alive(*pid)));
}

/// What receives a mail, besides the small template.
const RECEIVING: &str = "  Worker:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: target/lambda/specimen/
      EventInvokeConfig: { MaximumRetryAttempts: 2 }
      Events:
        Mail:
          Type: EventBridgeRule
          Properties:
            Pattern:
              source: [aws.s3]
              detail-type: [Object Created]
              detail: { bucket: { name: [!Ref Bucket] }, object: { key: [{ prefix: inbound/ }] } }
  Bucket:
    Type: AWS::S3::Bucket
    Properties:
      BucketEncryption: {}
      PublicAccessBlockConfiguration: {}
      NotificationConfiguration: { EventBridgeConfiguration: { EventBridgeEnabled: true } }
  Rules: { Type: 'AWS::SES::ReceiptRuleSet' }
  Rule:
    Type: AWS::SES::ReceiptRule
    Properties:
      RuleSetName: !Ref Rules
      Rule:
        { Name: inbound, Enabled: true, ScanEnabled: true, Recipients: [a@b.example], Actions: [{ S3Action: { BucketName: !Ref Bucket, ObjectKeyPrefix: inbound/ } }] }
";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_received_mail_reaches_the_worker_by_bucket_and_event() {
    let (root, options) = root();
    std::fs::write(root.path().join("template.yaml"), format!("{TEMPLATE}{RECEIVING}")).unwrap();
    let log = options.log.clone();
    let cloud = Cloud::start(options).await.unwrap();
    let raw = b"From: u@example.com\r\nTo: a+token@b.example\r\n\r\nHello";
    let mail = cloud.ses.receive(raw, &crate::ses::Envelope::default()).unwrap();
    assert!(cloud.s3.objects("recourse-bucket").unwrap()[&mail.object].ends_with(raw));
    let events = || {
        let lines = log.lines().into_iter().filter(|line| line.from == "Worker");
        lines.filter_map(|line| serde_json::from_str::<serde_json::Value>(&line.text).ok()).collect::<Vec<_>>()
    };
    crate::testing::until("the worker has the event", || events().len() == 1).await;
    let event = events().remove(0);
    let object = &event["detail"]["object"];
    assert_eq!((&event["detail-type"], &object["key"]), (&"Object Created".into(), &mail.object.as_str().into()));
    assert_eq!((&object["size"], &event["detail"]["reason"]), (&mail.bytes.into(), &"PutObject".into()));
    crate::testing::until("nothing is under way", || cloud.bus.under_way() == 0).await;

    // Once more, as EventBridge may; and an object elsewhere, of which the rule wants nothing.
    cloud.s3.notify("recourse-bucket", &mail.object).unwrap();
    cloud.s3.place("recourse-bucket", "evidence/x", b"x").unwrap();
    crate::testing::until("the event came twice", || events().len() == 2).await;
    crate::testing::until("nothing is under way", || cloud.bus.under_way() == 0).await;
    assert_eq!(events().len(), 2);
    cloud.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_environment_stays_that_of_the_first_cloud() {
    let (root, options) = root();
    let file = root.path().join(".recourse.env");
    let first = Cloud::start(options.clone()).await.unwrap();
    let written = std::fs::read_to_string(&file).unwrap();
    let second = Cloud::start(options.clone()).await.unwrap();
    assert_eq!((first.environment_of(), second.environment_of()), (None, Some(first.url.as_str())));
    second.stop().await;
    assert_eq!(std::fs::read_to_string(&file).unwrap(), written);
    first.stop().await;
    assert!(!file.exists());

    // A killed cloud leaves its file behind, and nothing listens on its ports.
    std::fs::write(&file, written).unwrap();
    let third = Cloud::start(options).await.unwrap();
    assert!(third.environment_of().is_none());
    assert!(std::fs::read_to_string(&file).unwrap().contains(&third.url));
    third.stop().await;
    assert!(!file.exists());
}

/// The first cloud ends without a word to the second: its lock goes with it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_data_folder_has_one_cloud_at_a_time() {
    let (root, options) = root();
    let options = Options { data: Some(root.path().join("data")), ..options };
    let first = Cloud::start(options.clone()).await.unwrap();
    let refused = Cloud::start(options.clone()).await.err().unwrap();
    assert!(matches!(refused, StartError::DataTaken { .. }), "{refused}");
    assert!(refused.to_string().contains(&first.url), "{refused}");
    assert_eq!(post(&first.url, "{}").await, 200, "it runs on");
    first.stop().await;
    Cloud::start(options).await.unwrap().stop().await;
}

#[tokio::test]
async fn a_failed_start_gives_its_reason_in_one_line() {
    let (root, options) = root();
    let taken = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let port = taken.local_addr().unwrap().port();
    let start = async |options: Options| Cloud::start(options).await.err().map(|e| e.to_string()).unwrap_or_default();

    let error = start(Options { port: Some(port), ..options.clone() }).await;
    assert_eq!(
        error,
        format!(
            "port {port} is taken: choose another one with PORT=, for example `make run PORT={}`",
            port.wrapping_add(1)
        )
    );

    let error = start(Options { binaries: root.path().to_owned(), ..options.clone() }).await;
    assert_eq!(error, format!("no specimen in {}: build with `cargo build --bin specimen`", root.path().display()));

    let error = start(Options { root: root.path().join("elsewhere"), ..options }).await;
    assert!(error.starts_with("template.yaml, the file: cannot read"), "{error}");
}
