//! SES over HTTP, as a client sees it.

use axum::body::Body;
use serde_json::{Value, json};

use super::*;
use crate::testing::http_call;

async fn ses() -> Ses {
    Ses::start(vec!["cases@recourse.example".to_owned()], None).await.unwrap()
}

/// A request that is in order.
fn request() -> Value {
    json!({
        "FromEmailAddress": "Recourse <cases@recourse.example>",
        "Destination": {"ToAddresses": ["user@example.com"], "CcAddresses": ["ops@bank.example"]},
        "ReplyToAddresses": ["cases+abc@recourse.example"],
        "Content": {"Simple": {
            "Subject": {"Data": "We received your report", "Charset": "UTF-8"},
            "Body": {
                "Text": {"Data": "Gr\u{fc}\u{df}e", "Charset": "UTF-8"},
                "Html": {"Data": "<p>Gr\u{fc}\u{df}e</p>", "Charset": "UTF-8"},
            },
            "Headers": [{"Name": "Auto-Submitted", "Value": "auto-generated"}],
        }},
        "EmailTags": [{"Name": "outbox", "Value": "0b1c-2d"}],
    })
}

/// `request` with `value` put at `pointer`.
fn with(pointer: &str, value: Value) -> Value {
    let mut request = request();
    *request.pointer_mut(pointer).unwrap() = value;
    request
}

/// Status, exception and body; `None` when no answer came.
async fn send(ses: &Ses, request: &Value) -> Option<(u16, String, Value)> {
    let url = format!("{}/v2/email/outbound-emails", ses.endpoint());
    let request = Request::post(url).body(Body::from(request.to_string())).unwrap();
    let answer = http_call(request).await.ok()?;
    let exception = answer.headers().get("x-amzn-errortype").map_or("", |v| v.to_str().unwrap()).to_owned();
    Some((answer.status().as_u16(), exception, serde_json::from_slice(answer.body()).unwrap()))
}

#[tokio::test]
async fn a_mail_is_stored_as_it_was_sent() {
    let ses = ses().await;
    let (status, _, answer) = send(&ses, &request()).await.unwrap();
    assert_eq!(status, 200, "{answer}");
    let [mail] = &ses.mails()[..] else { panic!("one mail expected") };
    assert_eq!(answer["MessageId"], mail.message_id);
    assert_eq!(
        (&mail.to[..], &mail.cc[..]),
        (&["user@example.com".to_owned()][..], &["ops@bank.example".to_owned()][..])
    );
    assert_eq!(mail.text.as_deref(), Some("Gr\u{fc}\u{df}e"));
    assert_eq!(mail.tags, [("outbox".to_owned(), "0b1c-2d".to_owned())]);
    let headers = mail.wire_headers();
    let header = |name: &str| headers.iter().find(|(n, _)| n == name).map(|(_, v)| v.clone());
    assert_eq!(header("Message-ID"), Some(format!("<{}@email.amazonses.com>", mail.message_id)));
    assert_eq!(header("Auto-Submitted").as_deref(), Some("auto-generated"));
    assert_eq!(header("Reply-To").as_deref(), Some("cases+abc@recourse.example"));
    assert_eq!(header("Bcc"), None);
    assert!(header("Date").unwrap().ends_with("+0000"));
}

#[tokio::test]
async fn message_ids_have_the_shape_of_ses() {
    let ses = ses().await;
    let (_, _, answer) = send(&ses, &request()).await.unwrap();
    let id = answer["MessageId"].as_str().unwrap();
    let lengths: Vec<usize> = id.split('-').map(str::len).collect();
    assert_eq!(lengths, [16, 8, 4, 4, 4, 12, 6], "{id}");
    assert!(id.starts_with("010001") && id.ends_with("-000000"), "{id}");
}

#[tokio::test]
async fn a_mail_that_ses_refuses_is_refused_and_not_stored() {
    let ses = ses().await;
    let many = |count: usize| (0..count).map(|n| json!(format!("u{n}@example.com"))).collect::<Vec<_>>();
    let simple = "/Content/Simple";
    for (request, exception, text) in [
        (with("/FromEmailAddress", json!("other@recourse.example")), "MessageRejected", "not verified"),
        (with("/FromEmailAddress", Value::Null), "BadRequestException", "FromEmailAddress"),
        (with("/Destination", json!({})), "BadRequestException", "no recipient"),
        (with("/Destination/ToAddresses", json!(many(50))), "BadRequestException", "Recipient count exceeds 50."),
        (with("/Destination/ToAddresses", json!(["nobody"])), "BadRequestException", "Missing final '@domain'"),
        (
            with("/Destination/CcAddresses", json!(["a@b.c\r\nBcc: d@e.f"])),
            "BadRequestException",
            "control or whitespace",
        ),
        (with("/ReplyToAddresses", json!(["a b@c.d"])), "BadRequestException", "control or whitespace"),
        (with(&format!("{simple}/Subject/Data"), json!("a\r\nBcc: x@y.z")), "BadRequestException", "Subject"),
        (with(&format!("{simple}/Body"), json!({})), "BadRequestException", "neither Text nor Html"),
        (with(&format!("{simple}/Body/Text/Charset"), Value::Null), "BadRequestException", "names no Charset"),
        (with(&format!("{simple}/Headers/0/Value"), json!("a\nb")), "BadRequestException", "Auto-Submitted"),
        (with("/EmailTags/0/Value", json!("a b")), "BadRequestException", "message tag"),
        (with("/Content", json!({"Raw": {"Data": ""}})), "BadRequestException", "Simple"),
        (json!([1]), "BadRequestException", ""),
    ] {
        let (status, got, answer) = send(&ses, &request).await.unwrap();
        assert_eq!((status, got.as_str()), (400, exception), "{request} {answer}");
        assert!(answer["message"].as_str().unwrap().contains(text), "{request} {answer}");
    }
    assert_eq!(ses.mails(), []);
    let fifty = with("/Destination", json!({"ToAddresses": many(49), "CcAddresses": ["ops@bank.example"]}));
    assert_eq!(send(&ses, &fifty).await.unwrap().0, 200);
}

#[tokio::test]
async fn faults_answer_as_ses_would_and_take_no_mail() {
    let ses = ses().await;
    for (fault, status, exception) in [
        (SesFault::Throttled, 429, "TooManyRequestsException"),
        (SesFault::ServerError, 500, "InternalServiceErrorException"),
        (SesFault::Rejected, 400, "MessageRejected"),
        (SesFault::HeaderRefused, 400, "BadRequestException"),
    ] {
        ses.set_fault(fault);
        let (got, name, _) = send(&ses, &request()).await.unwrap();
        assert_eq!((got, name.as_str()), (status, exception));
    }
    ses.set_fault(SesFault::Unreachable);
    assert_eq!(send(&ses, &request()).await, None);
    ses.set_fault(SesFault::Hang);
    let request = request();
    let hanging = send(&ses, &request);
    assert!(tokio::time::timeout(std::time::Duration::from_millis(200), hanging).await.is_err());
    assert_eq!(ses.mails(), []);
}

#[tokio::test]
async fn a_lost_answer_is_lost_after_the_mail_is_taken() {
    let ses = ses().await;
    ses.set_fault(SesFault::LoseAnswer { times: 1 });
    assert_eq!(send(&ses, &request()).await, None);
    assert_eq!(ses.mails().len(), 1);
    assert_eq!(send(&ses, &request()).await.unwrap().0, 200);
}

#[tokio::test]
async fn a_data_folder_stores_the_mails() {
    let folder = tempfile::tempdir().unwrap();
    let verified = vec!["recourse.example".to_owned()];
    let ses = Ses::start(verified.clone(), Some(folder.path())).await.unwrap();
    send(&ses, &request()).await.unwrap();
    let stored = ses.mails();
    ses.stop().await;
    let ses = Ses::start(verified.clone(), Some(folder.path())).await.unwrap();
    assert_eq!(ses.mails(), stored);
    ses.stop().await;
    std::fs::write(folder.path().join("mails.jsonl"), "{}\n").unwrap();
    let error = Ses::start(verified, Some(folder.path())).await.unwrap_err().to_string();
    assert!(error.contains("line 1 of") && error.contains("is no mail"), "{error}");
}

#[test]
fn debug_shows_no_address_and_no_content() {
    let mail = request::read(request().to_string().as_bytes(), &["recourse.example".to_owned()]).unwrap();
    let shown = format!("{mail:?}");
    assert!(!shown.contains('@') && !shown.contains("received"), "{shown}");
}

#[tokio::test]
async fn a_missing_configuration_set_is_refused() {
    let ses = ses().await;
    let mut named = request();
    named["ConfigurationSetName"] = "recourse-mailevents".into();
    let (status, exception, answer) = send(&ses, &named).await.unwrap();
    assert_eq!((status, exception.as_str()), (404, "NotFoundException"));
    assert_eq!(answer["message"], "Configuration set <recourse-mailevents> does not exist.");
    assert!(ses.mails().is_empty());
}

#[tokio::test]
async fn an_account_and_its_identities_can_be_read() {
    let ses = ses().await;
    let get = async |path: &str| {
        let request = Request::get(format!("{}{path}", ses.endpoint())).body(Body::empty()).unwrap();
        let answer = http_call(request).await.unwrap();
        (answer.status().as_u16(), serde_json::from_slice::<Value>(answer.body()).unwrap())
    };
    let (status, account) = get("/v2/email/account").await;
    assert_eq!((status, &account["ProductionAccessEnabled"]), (200, &json!(true)));
    let (status, identity) = get("/v2/email/identities/cases%40recourse.example").await;
    assert_eq!((status, &identity["DkimAttributes"]["Status"]), (200, &json!("SUCCESS")));
    assert_eq!(get("/v2/email/identities/recourse.example").await.0, 404);
    assert_eq!(get("/v2/email/other").await.0, 404);
}

#[tokio::test]
async fn the_active_rule_set_can_be_described() {
    let ses = ses().await;
    let describe = async |action: &str| {
        let form = format!("Action={action}&Version=2010-12-01");
        let request = Request::post(format!("{}/", ses.endpoint())).body(Body::from(form)).unwrap();
        let answer = http_call(request).await.unwrap();
        (answer.status().as_u16(), String::from_utf8(answer.body().to_vec()).unwrap())
    };
    let (status, none) = describe("DescribeActiveReceiptRuleSet").await;
    assert!(status == 200 && !none.contains("<Metadata>"), "{none}");
    let rule = ReceiptRule {
        set: "recourse-rules".to_owned(),
        name: "inbound".to_owned(),
        recipients: vec!["a&b@recourse.example".to_owned()],
        bucket: "b".to_owned(),
        prefix: "inbound/".to_owned(),
    };
    ses.receive_by(&[rule], &S3::start(&[], None).await.unwrap());
    let (_, set) = describe("DescribeActiveReceiptRuleSet").await;
    for part in [
        "<Name>recourse-rules</Name>",
        "<Name>inbound</Name><Enabled>true</Enabled>",
        "<Recipients><member>a&amp;b@recourse.example</member></Recipients>",
        "<S3Action><BucketName>b</BucketName><ObjectKeyPrefix>inbound/</ObjectKeyPrefix></S3Action>",
    ] {
        assert!(set.contains(part), "{part}: {set}");
    }
    assert_eq!(describe("DeleteReceiptRuleSet").await.0, 400);
}
