//! How a function has its playbooks, and keeps them.

use aws_sdk_s3::config::{BehaviorVersion, Builder, Credentials, Region, RequestChecksumCalculation};
use aws_smithy_async::rt::sleep::TokioSleep;
use aws_smithy_runtime_api::client::http::{HttpConnector, HttpConnectorFuture, SharedHttpConnector, http_client_fn};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_types::body::SdkBody;
use recourse_support::limits::Limits;
use tracing::field::{Field, Visit};
use tracing::span;

use super::*;

const START: UnixMillis = UnixMillis(1_764_547_200_000);
const URL: &str = "http://s3.test/evidence/playbooks/own.json";

/// What the bucket answers for the one object.
#[derive(Clone, Debug)]
enum Object {
    /// S3 is out of reach.
    Lost,
    Missing,
    Is(Vec<u8>),
}

/// A bucket that a test controls.
#[derive(Clone, Debug)]
struct Bucket(Arc<Mutex<Object>>);

impl Bucket {
    fn new() -> Self {
        Self(Arc::new(Mutex::new(Object::Missing)))
    }

    fn put(&self, object: Object) {
        *self.0.lock().unwrap() = object;
    }
}

impl HttpConnector for Bucket {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        assert!(request.uri().starts_with(URL), "{}", request.uri());
        let answer = |status: u16, bytes: &[u8]| {
            let mut answer = HttpResponse::new(status.try_into().unwrap(), SdkBody::from(bytes.to_vec()));
            answer.headers_mut().insert("content-length", bytes.len().to_string());
            answer
        };
        HttpConnectorFuture::ready(match &*self.0.lock().unwrap() {
            Object::Lost => Err(ConnectorError::io("connection refused".into())),
            Object::Missing => Ok(answer(404, b"<Error><Code>NoSuchKey</Code></Error>")),
            // The first bytes, as many as are asked for.
            Object::Is(bytes) => Ok(answer(206, &bytes[..bytes.len().min(MAX_PLAYBOOKS_BYTES + 1)])),
        })
    }
}

/// The casework of a deployment, which has playbooks in this bucket or those that ship.
fn current(bucket: &Bucket, playbooks: PlaybookSource) -> CurrentCasework {
    let connector = bucket.clone();
    let config = Builder::new()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("us-east-1"))
        .credentials_provider(Credentials::new("id", "secret", None, None, "test"))
        .sleep_impl(TokioSleep::new())
        .retry_config(aws_sdk_s3::config::retry::RetryConfig::disabled())
        .endpoint_url("http://s3.test")
        .force_path_style(true)
        .request_checksum_calculation(RequestChecksumCalculation::WhenRequired)
        .http_client(http_client_fn(move |_: &_, _: &_| SharedHttpConnector::new(connector.clone())))
        .build();
    let settings = Settings {
        process: true,
        reads_replies: true,
        limits: Limits::shipped().unwrap(),
        playbooks,
        supervisors: None,
        support_address: None,
        mail_from: None,
        model: None,
    };
    CurrentCasework::new(settings, Files::new(aws_sdk_s3::Client::from_conf(config), "evidence", false))
}

/// Collects the reasons of the alarms that are raised.
#[derive(Clone, Default)]
struct Alarms(Arc<Mutex<Vec<String>>>);

#[derive(Default)]
struct AlarmFields {
    alarm: String,
    reason: String,
}

impl Visit for AlarmFields {
    fn record_debug(&mut self, _: &Field, _: &dyn fmt::Debug) {}

    fn record_str(&mut self, field: &Field, value: &str) {
        match field.name() {
            "alarm" => value.clone_into(&mut self.alarm),
            "reason" => value.clone_into(&mut self.reason),
            _ => {}
        }
    }
}

impl tracing::Subscriber for Alarms {
    fn enabled(&self, _: &tracing::Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, _: &span::Attributes<'_>) -> span::Id {
        span::Id::from_u64(1)
    }

    fn record(&self, _: &span::Id, _: &span::Record<'_>) {}

    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}

    fn event(&self, event: &tracing::Event<'_>) {
        let mut fields = AlarmFields::default();
        event.record(&mut fields);
        if fields.alarm == "playbooks_unreadable" {
            self.0.lock().unwrap().push(fields.reason);
        }
    }

    fn enter(&self, _: &span::Id) {}

    fn exit(&self, _: &span::Id) {}
}

#[tokio::test]
async fn own_playbooks_are_read_again_and_hold_while_s3_is_out_of_reach() {
    let (bucket, alarms) = (Bucket::new(), Alarms::default());
    let _log = tracing::subscriber::set_default(alarms.clone());
    let raised = || alarms.0.lock().unwrap().len();
    let at = |lives: i64| START.plus(lives * PLAYBOOKS_LIFETIME_MS);
    let current = current(&bucket, PlaybookSource::Object("own.json".to_owned()));
    bucket.put(Object::Lost);
    assert!(matches!(current.current(START).await, Err(NoCasework::Files(_))), "they were never read");
    bucket.put(Object::Missing);
    let first = current.current(START).await.unwrap();
    assert_eq!(raised(), 1, "the object is missing");
    bucket.put(Object::Is(b"{}".to_vec()));
    let same = current.current(at(1).plus(-1)).await.unwrap();
    assert!(Arc::ptr_eq(&first, &same));
    let next = current.current(at(1)).await.unwrap();
    assert!(!Arc::ptr_eq(&first, &next));
    assert_eq!(raised(), 2, "an object without playbooks");
    let unchanged = current.current(at(2)).await.unwrap();
    assert!(Arc::ptr_eq(&next, &unchanged), "the same object is not parsed again");
    assert_eq!(raised(), 3, "and raises its alarm again");
    bucket.put(Object::Lost);
    let kept = current.current(at(9)).await.unwrap();
    assert!(Arc::ptr_eq(&next, &kept));
    bucket.put(Object::Is(vec![b' '; MAX_PLAYBOOKS_BYTES + 1]));
    current.current(at(99)).await.unwrap();
    let reasons = alarms.0.lock().unwrap().clone();
    assert!(reasons.last().unwrap().contains("must have at most"), "{reasons:?}");
}

#[tokio::test]
async fn those_that_ship_are_made_once() {
    let bucket = Bucket::new();
    let current = current(&bucket, PlaybookSource::Shipped);
    bucket.put(Object::Lost);
    let first = current.current(START).await.unwrap();
    let later = current.current(START.plus(9 * PLAYBOOKS_LIFETIME_MS)).await.unwrap();
    assert!(Arc::ptr_eq(&first, &later));
}
