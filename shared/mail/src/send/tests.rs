//! What SES is sent, and what its answers become, through the real client over a connector that a
//! test controls.

use std::sync::{Arc, Mutex};

use aws_sdk_sesv2::config::{BehaviorVersion, Credentials, Region};
use aws_smithy_async::rt::sleep::TokioSleep;
use aws_smithy_runtime_api::client::http::{
    HttpConnector, HttpConnectorFuture, SharedHttpClient, SharedHttpConnector, http_client_fn,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_types::body::SdkBody;
use recourse_dispute::addresses::Recipients;
use recourse_dispute::channel::Channel;
use recourse_dispute::event::EventKind;
use recourse_dispute::ids::{AccountId, Refid};
use recourse_dispute::lifecycle::Actor;
use recourse_dispute::money::{Currency, Money};
use recourse_dispute::notification::{Audience, Cause, EmailTemplate, Notification, NotificationDetails, ThreadEntry};
use recourse_dispute::number::DisputeNumber;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use super::*;
use crate::{Branding, Composer};

/// What the connector does with every request.
#[derive(Clone, Copy, Debug)]
enum Wire {
    Answers { status: u16, code: &'static str, body: &'static str },
    Refuses,
    Breaks,
    IsSilent,
}

#[derive(Clone, Debug)]
struct Fake {
    wire: Wire,
    requests: Arc<Mutex<Vec<String>>>,
}

impl HttpConnector for Fake {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let body = request.body().bytes().unwrap_or_default();
        self.requests.lock().unwrap().push(String::from_utf8(body.to_vec()).unwrap());
        if let Wire::IsSilent = self.wire {
            return HttpConnectorFuture::new(std::future::pending());
        }
        HttpConnectorFuture::ready(match self.wire {
            Wire::Answers { status, code, body } => {
                let mut answer = HttpResponse::new(status.try_into().unwrap(), SdkBody::from(body));
                if !code.is_empty() {
                    answer.headers_mut().insert("x-amzn-errortype", code);
                }
                Ok(answer)
            }
            Wire::Refuses => {
                Err(ConnectorError::io(std::io::Error::from(std::io::ErrorKind::ConnectionRefused).into()))
            }
            Wire::Breaks | Wire::IsSilent => Err(ConnectorError::io("connection reset by user@example.com".into())),
        })
    }
}

fn address(text: &str) -> MailAddress {
    MailAddress::parse(text).unwrap()
}

fn mail(earlier: &[ThreadEntry]) -> ComposedMail {
    let given = ["user@example.com".to_owned()];
    let notification = Notification {
        template: EmailTemplate::Received,
        audience: Audience::Case,
        cause: Cause { channel: Channel::Iimmpact, actor: Actor::Opener, kind: EventKind::Opened },
        number: DisputeNumber::from_base62("4fQ9zLk2").unwrap(),
        account: AccountId::parse("acct_demo").unwrap(),
        recipients: Recipients::parse(&given, &address("account@client.example")).unwrap(),
        refid: Refid::parse("123456").unwrap(),
        product: None,
        amount: Money::from_minor(155_000, Currency::parse("NGN").unwrap()),
        disputed: None,
        details: NotificationDetails::default(),
        status: None,
        undelivered: None,
        support: None,
    };
    let branding = Branding::new("Recourse", address("support@recourse.example")).unwrap();
    let composer = Composer::new(branding, address("cases@recourse.example"), "us-east-1").unwrap();
    composer.compose(&notification, earlier, "aaaaaaace4dj23mgjhakdaae7u").unwrap()
}

/// What came of sending, and the requests that went out.
async fn send(wire: Wire, configuration_set: Option<&str>) -> (Outcome, Vec<String>) {
    let requests = Arc::new(Mutex::new(Vec::new()));
    let fake = Fake { wire, requests: Arc::clone(&requests) };
    let http: SharedHttpClient = http_client_fn(move |_, _| SharedHttpConnector::new(fake.clone()));
    let config = Builder::new()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("us-east-1"))
        .credentials_provider(Credentials::new("id", "secret", None, None, "test"))
        .sleep_impl(TokioSleep::new())
        .http_client(http);
    let ses = Ses::new(config, configuration_set.map(str::to_owned));
    let recipients = Recipients::parse(&["user@example.com".to_owned()], &address("account@client.example")).unwrap();
    let earlier = ThreadEntry::Sent { message_id: "0100-a".to_owned(), recipients };
    let outcome = ses.send(&mail(&[earlier]), "551-1").await;
    let requests = requests.lock().unwrap().clone();
    (outcome, requests)
}

const TAKEN: Wire = Wire::Answers { status: 200, code: "", body: r#"{"MessageId":"0100-b"}"# };

#[tokio::test]
async fn a_mail_is_sent_whole() {
    let (outcome, requests) = send(TAKEN, None).await;
    assert_eq!(outcome, Outcome::Accepted("0100-b".to_owned()));
    let [request] = requests.as_slice() else { panic!("{} requests", requests.len()) };
    for part in [
        r#""FromEmailAddress":"\"Recourse\" <cases@recourse.example>""#,
        r#""ToAddresses":["user@example.com"]"#,
        r#""CcAddresses":["account@client.example"]"#,
        r#""ReplyToAddresses":["cases+aaaaaaace4dj23mgjhakdaae7u@recourse.example"]"#,
        r#""EmailTags":[{"Name":"outbox_id","Value":"551-1"}]"#,
        r#"{"Name":"Auto-Submitted","Value":"auto-generated"}"#,
        r#"{"Name":"References","Value":"<0100-a@email.amazonses.com>"}"#,
        r#""Subject":{"Data":"[RC-4fQ9zLk2] We received your report","Charset":"UTF-8"}"#,
        r#""Text":{"Data":"Recourse\n"#,
        r#""Html":{"Data":"<!DOCTYPE html>"#,
    ] {
        assert!(request.contains(part), "{part} in {request}");
    }
    assert!(!request.contains("ConfigurationSetName"));
}

#[tokio::test]
async fn a_configuration_set_is_named() {
    let (_, requests) = send(TAKEN, Some("cases")).await;
    assert!(requests[0].contains(r#""ConfigurationSetName":"cases""#));
}

#[tokio::test]
async fn only_what_ses_says_of_a_recipient_is_for_good() {
    for (code, message) in [
        ("MessageRejected", "Address blocked: User@Example.com"),
        ("BadRequestException", "Illegal address <account@client.example>"),
    ] {
        let body = format!(r#"{{"message":"{message}"}}"#).leak();
        let (outcome, _) = send(Wire::Answers { status: 400, code, body }, None).await;
        assert_eq!(outcome, Outcome::Refused(code.to_owned()), "{message}");
    }
    for (code, message) in [
        ("MessageRejected", "Email rejected"),
        ("BadRequestException", "Header In-Reply-To is not allowed"),
        ("BadRequestException", "Illegal address <cases@recourse.example>"),
    ] {
        let body = format!(r#"{{"message":"{message}"}}"#).leak();
        let (outcome, _) = send(Wire::Answers { status: 400, code, body }, None).await;
        assert_eq!(outcome, Outcome::Blocked(code.to_owned()), "{message}");
    }
}

#[tokio::test]
async fn a_fault_of_every_mail_is_distinguished_from_a_temporary_one() {
    let (blocked, later) = (Outcome::Blocked as fn(String) -> Outcome, Outcome::Later as fn(String) -> Outcome);
    for (status, code, outcome) in [
        (400, "AccountSuspendedException", blocked),
        (400, "SendingPausedException", blocked),
        (400, "MailFromDomainNotVerifiedException", blocked),
        (404, "NotFoundException", blocked),
        (403, "AccessDeniedException", blocked),
        (403, "InvalidSignatureException", blocked),
        (400, "LimitExceededException", later),
        (400, "ThrottlingException", later),
        (429, "TooManyRequestsException", later),
        (403, "ExpiredTokenException", later),
        (500, "InternalFailure", later),
        (503, "ServiceUnavailable", later),
    ] {
        let body = r#"{"message":"wrong for user@example.com"}"#;
        let (answered, requests) = send(Wire::Answers { status, code, body }, None).await;
        assert_eq!(answered, outcome(code.to_owned()));
        assert_eq!(requests.len(), 1, "{code} was tried again");
    }
}

#[tokio::test]
async fn an_identity_that_is_not_verified_yet_is_waited_for() {
    let body = r#"{"message":"Email address is not verified. The following identities failed the check in region US-EAST-1: user@example.com"}"#;
    let (outcome, _) = send(Wire::Answers { status: 400, code: "MessageRejected", body }, None).await;
    assert_eq!(outcome, Outcome::Blocked("MessageRejected: an identity is not verified".to_owned()));
}

#[tokio::test(start_paused = true)]
async fn what_ses_may_have_taken_is_distinguished_and_no_reason_holds_an_address() {
    let later = |reason: &str| Outcome::Later(reason.to_owned());
    let unanswered = |reason: &str| Outcome::Unanswered(reason.to_owned());
    let blocked = |reason: &str| Outcome::Blocked(reason.to_owned());
    for (wire, expected) in [
        (Wire::Refuses, later("SES is out of reach")),
        (Wire::Breaks, unanswered("the connection to SES broke")),
        (Wire::IsSilent, unanswered("SES did not answer in time")),
        (
            Wire::Answers { status: 502, code: "", body: "<html>user@example.com</html>" },
            later("SES answered 502 and no code"),
        ),
        (Wire::Answers { status: 400, code: "user@example.com", body: "{}" }, blocked("SES answered 400 and no code")),
        (Wire::Answers { status: 200, code: "", body: "user@example.com" }, unanswered("SES answered 200 and no code")),
    ] {
        let (outcome, requests) = send(wire, None).await;
        assert_eq!(outcome, expected, "{wire:?}");
        assert_eq!(requests.len(), 1, "{wire:?} was tried again");
    }
}

/// By the client that functions have, to a port of this machine.
async fn by_the_real_client(port: u16) -> Outcome {
    let aws = Aws::with(move |name| match name {
        "AWS_ENDPOINT_URL_SESV2" => Some(format!("http://127.0.0.1:{port}")),
        "AWS_REGION" => Some("us-east-1".to_owned()),
        "AWS_ACCESS_KEY_ID" | "AWS_SECRET_ACCESS_KEY" => Some("test".to_owned()),
        _ => None,
    });
    Ses::from_environment(&aws.unwrap()).send(&mail(&[]), "551-1").await
}

#[tokio::test]
async fn a_refused_connection_is_distinguished_from_one_that_broke_after_sending() {
    let port = |listener: &TcpListener| listener.local_addr().unwrap().port();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let nobody = port(&listener);
    drop(listener);
    assert_eq!(by_the_real_client(nobody).await, Outcome::Later("SES is out of reach".to_owned()));
    // It is closed without a byte, and in the middle of the answer's head.
    for answer in ["", "HTTP/1.1 200 OK\r\ncontent-le"] {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let takes_the_mail = async {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut request = Vec::new();
            while !request.ends_with(b"}") {
                assert_ne!(stream.read_buf(&mut request).await.unwrap(), 0);
            }
            stream.write_all(answer.as_bytes()).await.unwrap();
        };
        let ((), outcome) = tokio::join!(takes_the_mail, by_the_real_client(port(&listener)));
        assert_eq!(outcome, Outcome::Unanswered("the connection to SES broke".to_owned()), "{answer:?}");
    }
}
