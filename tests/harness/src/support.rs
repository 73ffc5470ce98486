//! The support process: a stack whose time limits are seconds, mail that comes in, and waiting
//! until nothing is left to do.

use http::Request;
use recourse_local::Options;
use recourse_local::ses::AcceptedMail;
use serde_json::{Value, json};

use super::{DEADLINES, HttpResponse, OUTBOX, Stack, options, until};

/// The time limits of [`support_options`], in seconds.
pub const SUPPORT_LIMITS: [(&str, u32); 10] = [
    ("first_answer", 4),
    ("provider", 8),
    ("provider_retry", 1),
    ("provider_retry_max", 2),
    ("decision_retry", 1),
    ("customer", 8),
    ("customer_reminder", 4),
    ("agent", 4),
    ("objection", 8),
    ("mail_interval", 1),
];

/// The options of a stack whose reported cases are answered, within seconds, and which receives
/// mail.
pub fn support_options() -> Options {
    let mut options = options();
    let limits: serde_json::Map<String, Value> =
        SUPPORT_LIMITS.iter().map(|(name, seconds)| ((*name).to_owned(), json!(seconds))).collect();
    let parameters = [
        ("SupportProcess", "on".to_owned()),
        ("InboundMail", "on".to_owned()),
        ("SupportTimeLimits", Value::Object(limits).to_string()),
        ("SupervisorAddresses", "supervisors@platform.example".to_owned()),
    ];
    options.parameters.extend(parameters.map(|(name, value)| (name.to_owned(), value)));
    options
}

impl Stack {
    /// Hands in a raw message at `POST /inbox/receive`, with this query. The key of its object, or
    /// what was answered instead.
    pub async fn receive(&self, eml: &[u8], query: &str) -> Result<String, HttpResponse> {
        let request = Request::post(format!("/inbox/receive?{query}")).header("content-type", "message/rfc822");
        let answer = self.raw(request.body(eml.to_vec()).unwrap()).await;
        if answer.status != 202 {
            return Err(answer);
        }
        Ok(answer.json()["object"].as_str().unwrap().to_owned())
    }

    /// Replies to a mail as its first reader, by the form of the inbox page. A file is a name, a
    /// media type and bytes.
    pub async fn reply(&self, mail: &AcceptedMail, text: &str, files: &[(&str, &str, &[u8])]) {
        let answer = self.reply_from(mail, &mail.to[0], text, files).await;
        assert_eq!(answer.status, 303, "{answer:?}");
    }

    /// Replies to a mail as whoever it is, by the form of the inbox page.
    pub async fn reply_from(
        &self,
        mail: &AcceptedMail,
        from: &str,
        text: &str,
        files: &[(&str, &str, &[u8])],
    ) -> HttpResponse {
        const BOUNDARY: &str = "recourse-test-form";
        let mut body = Vec::new();
        for (name, value) in [("from", from), ("text", text)] {
            let head = format!("--{BOUNDARY}\r\ncontent-disposition: form-data; name=\"{name}\"\r\n\r\n");
            body.extend_from_slice(format!("{head}{value}\r\n").as_bytes());
        }
        for (name, media, bytes) in files {
            let disposition = format!("content-disposition: form-data; name=\"files\"; filename=\"{name}\"");
            body.extend_from_slice(
                format!("--{BOUNDARY}\r\n{disposition}\r\ncontent-type: {media}\r\n\r\n").as_bytes(),
            );
            body.extend_from_slice(bytes);
            body.extend_from_slice(b"\r\n");
        }
        body.extend_from_slice(format!("--{BOUNDARY}--\r\n").as_bytes());
        let request = Request::post(format!("/inbox/{}/reply", mail.message_id))
            .header("content-type", format!("multipart/form-data; boundary={BOUNDARY}"));
        self.raw(request.body(body).unwrap()).await
    }

    /// Sets what the demo's provider answers about a transaction.
    pub async fn provider_answers(&self, trxid: &str, answer: &Value) {
        let request = Request::post(format!("/provider/{trxid}")).header("content-type", "application/json");
        let answered = self.raw(request.body(answer.to_string().into_bytes()).unwrap()).await;
        assert_eq!(answered.status, 200, "{answered:?}");
    }

    /// Runs the worker that moves reported cases once, and then lets everything come to rest.
    pub async fn sweep(&self) {
        self.cloud().run_schedule(DEADLINES).await.unwrap();
        self.settle().await;
    }

    /// Returns when no event of the bus is under way and every mail that is due is sent.
    pub async fn settle(&self) {
        let bus = &self.cloud().bus;
        until("no event is under way", async || (bus.under_way() == 0).then_some(())).await;
        self.cloud().run_schedule(OUTBOX).await.unwrap();
    }
}
