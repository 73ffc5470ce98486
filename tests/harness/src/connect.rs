//! Requests of the Connect API, signed by the GCS scheme as its clients sign them.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use http::Request;
use recourse_dispute::claim::EvidenceFile;
use recourse_signing::clock::UnixSeconds;
use recourse_signing::{Secret, gcs};
use serde_json::{Value, json};

use super::{CLIENT, DemoKey, HttpResponse, STRANGER, Stack};

/// The bucket's name on this machine.
pub const EVIDENCE: &str = "recourse-evidencebucket";
/// The boundary between parts.
const BOUNDARY: &str = "e2e-boundary";

/// A call before it is signed. A test changes the fields that it is about.
#[derive(Clone)]
pub struct Connect {
    /// The key that signs.
    pub key: DemoKey,
    /// The HTTP method.
    pub method: &'static str,
    /// The path, with the query if there is one.
    pub path: String,
    /// `Content-Type`.
    pub content_type: Option<String>,
    /// `Date`.
    pub date: String,
    /// Further headers; those that begin with `X-GCS` are signed.
    pub headers: Vec<(&'static str, String)>,
    /// The body.
    pub body: Vec<u8>,
}

/// A `Date` header, this many seconds from now.
fn date(seconds: i64) -> String {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO).as_secs().cast_signed();
    gcs::format_date(UnixSeconds(now + seconds)).unwrap()
}

/// The body of an upload.
pub fn multipart(name: &str, media: &str, content: &[u8]) -> Vec<u8> {
    let head = format!(
        "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\nContent-Type: {media}\r\n\r\n"
    );
    [head.as_bytes(), content, format!("\r\n--{BOUNDARY}--\r\n").as_bytes()].concat()
}

impl Connect {
    /// A call of the demo's merchant.
    pub fn new(method: &'static str, path: impl Into<String>) -> Connect {
        Connect {
            key: CLIENT,
            method,
            path: path.into(),
            content_type: None,
            date: date(0),
            headers: Vec::new(),
            body: Vec::new(),
        }
    }

    /// Creates a dispute of a payment.
    pub fn create(payment: &str, body: &Value) -> Connect {
        Connect::new("POST", format!("/v1/1001/payments/{payment}/dispute")).json(body)
    }

    /// Gets a dispute.
    pub fn get(dispute: &str) -> Connect {
        Connect::new("GET", format!("/v1/1001/disputes/{dispute}"))
    }

    /// Submits a draft.
    pub fn submit(dispute: &str) -> Connect {
        Connect::new("POST", format!("/v1/1001/disputes/{dispute}/submit"))
    }

    /// Cancels a dispute.
    pub fn cancel(dispute: &str) -> Connect {
        Connect::new("POST", format!("/v1/1001/disputes/{dispute}/cancel"))
    }

    /// Uploads a file to a draft.
    pub fn upload(dispute: &str, name: &str, media: &str, content: &[u8]) -> Connect {
        let call = Connect::new("POST", format!("/files/v1/1001/disputes/{dispute}"));
        let content_type = Some(format!("multipart/form-data; boundary={BOUNDARY}"));
        Connect { content_type, body: multipart(name, media, content), ..call }
    }

    /// Starts an upload of `size` bytes by presigned URL.
    pub fn start(dispute: &str, name: &str, media: &str, size: usize) -> Connect {
        let body = json!({ "fileName": name, "fileType": media, "fileSize": size });
        Connect::new("POST", format!("/files/v1/1001/disputes/{dispute}/uploads")).json(&body)
    }

    /// Completes such an upload.
    pub fn complete(dispute: &str, file: &str) -> Connect {
        Connect::new("POST", format!("/files/v1/1001/disputes/{dispute}/uploads/{file}/complete"))
    }

    /// Downloads a file.
    pub fn file(file: &str) -> Connect {
        Connect::new("GET", format!("/files/v1/1001/files/{file}"))
    }

    /// Gets the presigned URL of a file.
    pub fn url(file: &str) -> Connect {
        Connect::new("GET", format!("/files/v1/1001/files/{file}/url"))
    }

    /// The same with a JSON body.
    pub fn json(self, body: &Value) -> Connect {
        self.text(body.to_string())
    }

    /// The same with these bytes as its JSON body.
    pub fn text(self, body: impl Into<Vec<u8>>) -> Connect {
        Connect { content_type: Some("application/json".to_owned()), body: body.into(), ..self }
    }

    /// The same with an idempotence key.
    pub fn idempotent(mut self, key: &str) -> Connect {
        self.headers.push(("X-GCS-Idempotence-Key", key.to_owned()));
        self
    }

    /// The same call by the other merchant, with its own key and merchant id.
    pub fn by_stranger(self) -> Connect {
        let path = self.path.replacen("/v1/1001/", "/v1/1003/", 1);
        Connect { key: STRANGER, path, ..self }
    }

    /// The same, with a `Date` this many seconds from now.
    pub fn dated(self, seconds: i64) -> Connect {
        Connect { date: date(seconds), ..self }
    }

    /// The request, signed.
    pub fn request(&self) -> Request<Vec<u8>> {
        let (path, query) = self.path.split_once('?').unwrap_or((&self.path, ""));
        let headers: Vec<_> = self.headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let parts = gcs::Parts {
            method: self.method,
            content_type: self.content_type.as_deref().unwrap_or_default(),
            date: &self.date,
            headers: &headers,
            path,
            query,
        };
        let authorization = gcs::sign(&Secret::from_text(self.key.secret).unwrap(), self.key.id, &parts);
        let mut request = Request::builder()
            .method(self.method)
            .uri(&self.path)
            .header("date", &self.date)
            .header("authorization", authorization);
        if let Some(content_type) = &self.content_type {
            request = request.header("content-type", content_type);
        }
        for (name, value) in &self.headers {
            request = request.header(*name, value);
        }
        request.body(self.body.clone()).unwrap()
    }
}

impl Stack {
    /// Signs and sends.
    pub async fn connect(&self, call: Connect) -> HttpResponse {
        self.raw(call.request()).await
    }

    /// The id of a new draft of a new payment.
    pub async fn draft(&self) -> String {
        let payment = self.transaction("acct_demo", "Succesful").await;
        let contact = json!({ "contactPerson": "Wile Coyote", "emailAddress": "wile.e.coyote@acmelabs.com" });
        let answer = self.connect(Connect::create(&payment.trxid, &contact)).await;
        assert_eq!(answer.status, 201, "{answer:?}");
        answer.json()["id"].as_str().unwrap().to_owned()
    }

    /// The files recorded in a dispute, by its number.
    pub async fn evidence(&self, dispute: &str) -> Vec<EvidenceFile> {
        let dispute = self.store().dispute(dispute.parse().unwrap()).await.unwrap();
        dispute.unwrap().claim.evidence
    }

    /// The object key of a recorded file.
    pub async fn key_of(&self, file: &str) -> String {
        let recorded = self.evidence(file.split_once('-').unwrap().0).await;
        let recorded = recorded.into_iter().find(|recorded| recorded.id.to_string() == file).unwrap();
        format!("evidence/{}", recorded.object)
    }

    /// The keys of all objects in the bucket.
    pub fn objects(&self) -> Vec<String> {
        self.cloud().s3.objects(EVIDENCE).unwrap().into_keys().collect()
    }
}
