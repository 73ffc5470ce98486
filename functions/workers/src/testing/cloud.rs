//! The other end of the wire: an embedded DynamoDB, a KMS, a bucket and an SES, which a test
//! controls.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use aws_smithy_runtime_api::client::http::{HttpConnector, HttpConnectorFuture};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_types::body::SdkBody;
use dynoxide::Database;
use futures_util::future::BoxFuture;
use serde_json::{Value, json};

/// What happens to a call of DynamoDB.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    None,
    /// It never arrives.
    Lost,
    /// It is done, and the answer is lost.
    AnswerLost,
    /// The client itself panics over it.
    Panics,
}

/// What SES does with a mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reply {
    Takes,
    Refuses {
        status: u16,
        code: &'static str,
    },
    /// It refuses the mail with status 400 and this message.
    Says {
        code: &'static str,
        message: &'static str,
    },
    /// It takes the mail, and what it answers says nothing.
    Garbles,
    Panics,
}

/// The configuration of an SDK's client in a cloud.
macro_rules! config {
    ($sdk:ident, $cloud:expr) => {{
        let cloud = $cloud.clone();
        let connect = move |_: &_, _: &_| aws_smithy_runtime_api::client::http::SharedHttpConnector::new(cloud.clone());
        $sdk::config::Builder::new()
            .behavior_version($sdk::config::BehaviorVersion::latest())
            .region($sdk::config::Region::new("us-east-1"))
            .credentials_provider($sdk::config::Credentials::new("id", "secret", None, None, "test"))
            .sleep_impl(aws_smithy_async::rt::sleep::TokioSleep::new())
            .retry_config(
                $sdk::config::retry::RetryConfig::standard().with_initial_backoff(std::time::Duration::from_millis(1)),
            )
            .http_client(aws_smithy_runtime_api::client::http::http_client_fn(connect))
    }};
}
pub(crate) use config;

pub(crate) type OnCall = Box<dyn FnMut(&str, &Value) -> Fault + Send>;
pub(crate) type OnMail = Arc<dyn Fn(usize) -> BoxFuture<'static, Reply> + Send + Sync>;

/// The other end of the wire.
#[derive(Clone)]
pub(crate) struct Cloud {
    database: Arc<Database>,
    /// The objects of the bucket by their keys.
    pub(crate) objects: Arc<Mutex<BTreeMap<String, Vec<u8>>>>,
    /// How many of the next calls of S3 never arrive.
    pub(crate) lost_objects: Arc<Mutex<u32>>,
    pub(crate) on_call: Arc<Mutex<OnCall>>,
    pub(crate) on_mail: Arc<Mutex<OnMail>>,
    pub(crate) mails: Arc<Mutex<Vec<Value>>>,
}

impl std::fmt::Debug for Cloud {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("Cloud")
    }
}

impl HttpConnector for Cloud {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let target = request.headers().get("x-amz-target").unwrap_or_default().to_owned();
        if let Some(path) = request.uri().strip_prefix(BUCKET) {
            return HttpConnectorFuture::ready(self.s3(path.trim_start_matches('/'), &request));
        }
        let body: Value = serde_json::from_slice(request.body().bytes().unwrap_or_default()).unwrap();
        match target.split_once('.') {
            Some(("DynamoDB_20120810", operation)) => HttpConnectorFuture::ready(self.dynamodb(operation, &body)),
            Some(("TrentService", _)) => {
                let key =
                    json!({"CiphertextBlob": "AAAA", "Plaintext": "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="});
                HttpConnectorFuture::ready(Ok(answer(200, "", &key)))
            }
            _ => {
                let cloud = self.clone();
                HttpConnectorFuture::new(async move { Ok(cloud.ses(body).await) })
            }
        }
    }
}

/// The address of the one bucket.
const BUCKET: &str = "http://s3.test/evidence";

fn answer(status: u16, code: &'static str, body: &Value) -> HttpResponse {
    let mut answer = HttpResponse::new(status.try_into().unwrap(), SdkBody::from(body.to_string()));
    if !code.is_empty() {
        answer.headers_mut().insert("x-amzn-errortype", code);
    }
    answer
}

impl Cloud {
    /// With empty tables; all calls arrive and all mails are taken.
    pub(crate) fn new() -> Self {
        let database = Database::memory().unwrap();
        for table in ["disputes", "ephemeral"] {
            database.create_table(serde_json::from_value(table_of(table)).unwrap()).unwrap();
        }
        Self {
            database: Arc::new(database),
            objects: Arc::default(),
            lost_objects: Arc::default(),
            on_call: Arc::new(Mutex::new(Box::new(|_, _| Fault::None))),
            on_mail: Arc::new(Mutex::new(Arc::new(|_| Box::pin(async { Reply::Takes })))),
            mails: Arc::default(),
        }
    }

    fn dynamodb(&self, operation: &str, body: &Value) -> Result<HttpResponse, ConnectorError> {
        let error = {
            let mut on_call = self.on_call.lock().unwrap();
            on_call(operation, body)
        };
        assert_ne!(error, Fault::Panics, "on purpose");
        if error == Fault::Lost {
            return Err(ConnectorError::io("connection refused".into()));
        }
        let done = self.run(operation, body.clone());
        match (error, done) {
            (Fault::AnswerLost, _) => Err(ConnectorError::io("connection reset".into())),
            (_, Ok(done)) => Ok(answer(200, "", &done)),
            (_, Err(error)) => Ok(answer(error.status_code(), "", &serde_json::from_str(&error.to_json()).unwrap())),
        }
    }

    fn s3(&self, path: &str, request: &HttpRequest) -> Result<HttpResponse, ConnectorError> {
        let mut lost = self.lost_objects.lock().unwrap();
        if *lost > 0 {
            *lost -= 1;
            return Err(ConnectorError::io("connection refused".into()));
        }
        let (key, query) = path.split_once('?').unwrap_or((path, ""));
        let key = key.to_owned();
        let mut objects = self.objects.lock().unwrap();
        if key.is_empty() && query.split('&').any(|part| part.trim_end_matches('=') == "versions") {
            let prefix = query.split('&').find_map(|part| part.strip_prefix("prefix=")).unwrap().replace("%2F", "/");
            let has = objects.contains_key(&prefix);
            let version = format!("<Version><Key>{prefix}</Key><VersionId>null</VersionId></Version>");
            let listed = format!("<ListVersionsResult>{}</ListVersionsResult>", if has { &version } else { "" });
            return Ok(HttpResponse::new(200.try_into().unwrap(), SdkBody::from(listed)));
        }
        if request.method() == "DELETE" {
            assert!(query.contains("versionId=null"), "{query}");
            objects.remove(&key);
            return Ok(HttpResponse::new(204.try_into().unwrap(), SdkBody::empty()));
        }
        if request.method() == "PUT" {
            objects.insert(key, request.body().bytes().unwrap().to_vec());
            return Ok(answer(200, "", &json!({})));
        }
        let Some(object) = objects.get(&key) else {
            let body = SdkBody::from("<Error><Code>NoSuchKey</Code></Error>");
            return Ok(HttpResponse::new(404.try_into().unwrap(), body));
        };
        let last = request.headers().get("range").map(|range| range.split_once("bytes=0-").unwrap().1.parse().unwrap());
        if object.is_empty() && last.is_some() {
            let body = SdkBody::from("<Error><Code>InvalidRange</Code></Error>");
            return Ok(HttpResponse::new(416.try_into().unwrap(), body));
        }
        let end = last.map_or(object.len(), |last: usize| object.len().min(last + 1));
        let mut got = HttpResponse::new(200.try_into().unwrap(), SdkBody::from(object[..end].to_vec()));
        got.headers_mut().insert("content-length", end.to_string());
        Ok(got)
    }

    /// Does a call, past every fault.
    pub(crate) fn run(&self, operation: &str, body: Value) -> dynoxide::Result<Value> {
        macro_rules! run {
            ($call:ident) => {
                serde_json::to_value(self.database.$call(serde_json::from_value(body).unwrap())?).unwrap()
            };
        }
        Ok(match operation {
            "GetItem" => run!(get_item),
            "BatchGetItem" => run!(batch_get_item),
            "PutItem" => run!(put_item),
            "UpdateItem" => run!(update_item),
            "Query" => run!(query),
            "TransactWriteItems" => run!(transact_write_items),
            other => panic!("{other} is not among what a worker calls"),
        })
    }

    async fn ses(self, body: Value) -> HttpResponse {
        let nth = {
            let mut mails = self.mails.lock().unwrap();
            mails.push(body);
            mails.len() - 1
        };
        let on_mail = Arc::clone(&*self.on_mail.lock().unwrap());
        match on_mail(nth).await {
            Reply::Takes => answer(200, "", &json!({"MessageId": format!("0100-{nth}")})),
            Reply::Refuses { status, code } => {
                answer(status, code, &json!({"message": "no, somebody@elsewhere.example"}))
            }
            Reply::Says { code, message } => answer(400, code, &json!({ "message": message })),
            Reply::Garbles => answer(200, "", &json!("taken")),
            Reply::Panics => panic!("on user@example.com"),
        }
    }
}

/// The tables of template.yaml, as far as a worker uses them.
fn table_of(name: &str) -> Value {
    let attribute = |name, kind| json!({"AttributeName": name, "AttributeType": kind});
    let key =
        |hash, range| json!([{"AttributeName": hash, "KeyType": "HASH"}, {"AttributeName": range, "KeyType": "RANGE"}]);
    let keys = [attribute("PK", "S"), attribute("SK", "S")];
    let indexes = [
        attribute("outbox_shard", "S"),
        attribute("outbox_due", "N"),
        attribute("enqueued_at", "N"),
        attribute("deadline_shard", "S"),
        attribute("deadline_due", "N"),
    ];
    let indexed = [&keys[..], &indexes].concat();
    let index = |name, shard, range| {
        let projection = json!({"ProjectionType": "KEYS_ONLY"});
        json!({"IndexName": name, "KeySchema": key(shard, range), "Projection": projection})
    };
    if name == "ephemeral" {
        let indexes = [attribute("hook_waiting", "S"), attribute("hook_due", "N")];
        let indexed = [&keys[..], &indexes].concat();
        return json!({
            "TableName": name, "BillingMode": "PAY_PER_REQUEST", "KeySchema": key("PK", "SK"),
            "AttributeDefinitions": indexed,
            "GlobalSecondaryIndexes": [index("deliveries", "hook_waiting", "hook_due")],
        });
    }
    json!({
        "TableName": name, "BillingMode": "PAY_PER_REQUEST", "KeySchema": key("PK", "SK"),
        "AttributeDefinitions": indexed,
        "GlobalSecondaryIndexes": [
            index("outbox", "outbox_shard", "outbox_due"),
            index("unsent", "outbox_shard", "enqueued_at"),
            index("deadlines", "deadline_shard", "deadline_due"),
        ],
    })
}
