//! How each example of the Connect API is made, and what of it is made anew for each request.

use recourse_local::dynamodb::Fault;
use serde_json::{Value, json};

use super::document::Operation;
use crate::harness::{CLIENT, Connect, DemoKey, HttpResponse, STRANGER, Stack, unique};

/// The examples' names, and the request that one is the answer to, where the document has it.
pub(super) const RECIPES: [(&str, Option<&str>); 33] = [
    ("connect-created", Some("whole")),
    ("connect-capture-created", Some("least")),
    ("connect-invalid", None),
    ("connect-payment-not-allowed", None),
    ("connect-duplicate", None),
    ("connect-key-reused", None),
    ("connect-listed", None),
    ("connect-none", None),
    ("connect-capture-listed", None),
    ("connect-found", None),
    ("connect-submitted", None),
    ("connect-cancelled", None),
    ("connect-not-allowed", None),
    ("connect-uploaded", None),
    ("connect-no-file", None),
    ("connect-wrong-content", None),
    ("connect-too-large", None),
    ("connect-no-room", None),
    ("connect-gateway", None),
    ("connect-started", Some("largest")),
    ("connect-start-invalid", None),
    ("connect-start-no-room", None),
    ("connect-completed", None),
    ("connect-complete-content", None),
    ("connect-too-large-to-get", None),
    ("connect-address", None),
    ("connect-unauthorized", None),
    ("connect-malformed-date", None),
    ("connect-stale-date", None),
    ("connect-other-merchant", None),
    ("connect-unknown-payment", None),
    ("connect-unknown-dispute", None),
    ("connect-unknown-file", None),
];
/// The one that needs DynamoDB out of reach.
pub(super) const INTERNAL: &str = "connect-internal";

const PDF: &[u8] = b"%PDF-1.7\n%%EOF\n";
const NOBODYS_FILE: &str = "7-00000000000000000000000000000000";

fn pdf(size: usize) -> Vec<u8> {
    let mut content = PDF.to_vec();
    content.resize(size, b' ');
    content
}

fn id(answer: &HttpResponse, name: &str) -> String {
    answer.json()[name].as_str().unwrap_or_else(|| panic!("no {name} in {answer:?}")).to_owned()
}

/// The operation with these ids in its path.
fn call(operation: &Operation, ids: &[(&str, &str)]) -> Connect {
    let path = ids.iter().fold(operation.path.clone(), |path, (name, id)| path.replace(&format!("{{{name}}}"), id));
    let path = path.replace("{merchantId}", "1001");
    let path = path.replace("{paymentId}", "none").replace("{captureId}", "none").replace("{disputeId}", "7");
    let path = path.replace("{fileId}", NOBODYS_FILE);
    let body = operation.requests.values().next();
    let call = Connect::new(operation.method, path);
    match (body, operation.id.as_str()) {
        (Some(body), _) => call.json(body),
        (None, "uploadFile") => {
            let upload = Connect::upload("7", "file.pdf", "application/pdf", PDF);
            Connect { path: call.path, ..upload }
        }
        (None, _) => call,
    }
}

/// A draft with a file of this many bytes on record, and both ids.
async fn with_file(stack: &Stack, size: usize) -> (String, String) {
    let dispute = stack.draft().await;
    let start = stack.connect(Connect::start(&dispute, "file.pdf", "application/pdf", size)).await.json();
    put(stack, &start, pdf(size)).await;
    let file = start["fileId"].as_str().unwrap().to_owned();
    assert_eq!(stack.connect(Connect::complete(&dispute, &file)).await.status, 200);
    (dispute, file)
}

/// The id of a file that is put there and not completed.
async fn put_there(stack: &Stack, dispute: &str) -> String {
    let start = stack.connect(Connect::start(dispute, "file.pdf", "application/pdf", 1_000)).await.json();
    put(stack, &start, pdf(1_000)).await;
    start["fileId"].as_str().unwrap().to_owned()
}

async fn put(stack: &Stack, start: &Value, content: Vec<u8>) {
    let mut request = http::Request::put(start["url"].as_str().unwrap());
    for (name, value) in start["headers"].as_object().unwrap() {
        request = request.header(name, value.as_str().unwrap());
    }
    assert_eq!(stack.to(request.body(content).unwrap()).await.status, 200);
}

/// A payment of USD 12.34 with a capture, both by these ids.
async fn payment(stack: &Stack) -> (String, String) {
    let (trxid, capture) = (unique("payment"), unique("capture"));
    let at = "2026-02-01T09:00:00Z";
    let sent = json!({
        "trxid": trxid, "account": "acct_demo", "refid": trxid, "status": "Succesful", "amount": "12.34", "currency": "USD",
        "occurred_at": at, "updated_at": at, "details": { "captures": [capture] },
    });
    stack.upsert(&sent).await;
    (trxid, capture)
}

/// Makes the example `name`, as an answer of this operation.
pub(super) async fn answer(stack: &Stack, operation: &Operation, name: &str) -> HttpResponse {
    let of = |ids: &[(&str, &str)]| call(operation, ids);
    let draft = async || stack.draft().await;
    let request = match name {
        "connect-created" | "connect-capture-created" => {
            let (payment, capture) = payment(stack).await;
            of(&[("paymentId", &payment), ("captureId", &capture)])
        }
        "connect-invalid" => of(&[]).json(&json!({ "contactPerson": " ", "requestMessage": "Cake" })),
        "connect-payment-not-allowed" => {
            of(&[("paymentId", "50002")]).json(&json!({ "contactPerson": "W", "emailAddress": "w@example.com" }))
        }
        "connect-duplicate" => {
            let (payment, capture) = payment(stack).await;
            let again = of(&[("paymentId", &payment), ("captureId", &capture)]);
            assert_eq!(stack.connect(again.clone()).await.status, 201);
            again
        }
        "connect-key-reused" => {
            let ((payment, capture), dispute) = (payment(stack).await, draft().await);
            let file = if operation.id == "completeUpload" { put_there(stack, &dispute).await } else { String::new() };
            let ids = [("paymentId", payment.as_str()), ("captureId", &capture), ("disputeId", &dispute)];
            let first = of(&[&ids[..], &[("fileId", &file)]].concat()).idempotent("a key");
            assert!([200, 201].contains(&stack.connect(first.clone()).await.status));
            match operation.id.as_str() {
                "uploadFile" => {
                    let other = Connect::upload(&dispute, "other.pdf", "application/pdf", PDF);
                    other.idempotent("a key")
                }
                _ => first.json(&json!({ "contactPerson": "R", "emailAddress": "r@example.com" })),
            }
        }
        "connect-none" => of(&[("paymentId", &payment(stack).await.0)]),
        "connect-listed" | "connect-capture-listed" => {
            let (payment, capture) = payment(stack).await;
            let body = json!({ "contactPerson": "Wile Coyote", "emailAddress": "wile.e.coyote@acmelabs.com" });
            assert_eq!(stack.connect(Connect::create(&payment, &body)).await.status, 201);
            let mut listed = of(&[("paymentId", &payment), ("captureId", &capture)]);
            listed.body.clear();
            listed
        }
        "connect-found" => {
            let (dispute, _) = with_file(stack, 4_261_722).await;
            of(&[("disputeId", &dispute)])
        }
        "connect-submitted" => {
            let (payment, _) = payment(stack).await;
            let body = json!({
                "amountOfMoney": { "amount": 1234, "currencyCode": "USD" }, "contactPerson": "Wile Coyote",
                "emailAddress": "wile.e.coyote@acmelabs.com", "replyTo": "wile.e.coyote@acmelabs.com",
                "requestMessage": "This is the message from the merchant to GlobalCollect.",
            });
            let dispute = id(&stack.connect(Connect::create(&payment, &body)).await, "id");
            let upload = Connect::upload(&dispute, "file.pdf", "application/pdf", &pdf(426_172));
            assert_eq!(stack.connect(upload).await.status, 201);
            of(&[("disputeId", &dispute)])
        }
        "connect-cancelled" | "connect-uploaded" | "connect-started" => of(&[("disputeId", &draft().await)]),
        "connect-not-allowed" => {
            let dispute = draft().await;
            let start = stack.connect(Connect::start(&dispute, "file.pdf", "application/pdf", 1_000)).await;
            assert_eq!(stack.connect(Connect::cancel(&dispute)).await.status, 200);
            of(&[("disputeId", &dispute), ("fileId", &id(&start, "fileId"))])
        }
        "connect-no-file" => Connect { body: Vec::new(), ..of(&[("disputeId", &draft().await)]) },
        "connect-wrong-content" => Connect::upload(&draft().await, "file.png", "image/png", PDF),
        "connect-too-large" => Connect::upload(&draft().await, "file.pdf", "application/pdf", &pdf(4_194_305)),
        "connect-no-room" => {
            let dispute = draft().await;
            let file = put_there(stack, &dispute).await;
            for _ in 0..10 {
                let upload = Connect::upload(&dispute, "file.pdf", "application/pdf", PDF);
                assert_eq!(stack.connect(upload).await.status, 201);
            }
            of(&[("disputeId", &dispute), ("fileId", &file)])
        }
        "connect-gateway" => Connect::upload("7", "file.pdf", "application/pdf", &pdf(6_000_000)),
        "connect-start-invalid" => {
            of(&[]).json(&json!({ "fileName": "file.exe", "fileType": "application/pdf", "fileSize": 1 }))
        }
        "connect-start-no-room" => {
            of(&[]).json(&json!({ "fileName": "file.pdf", "fileType": "application/pdf", "fileSize": 5_242_881 }))
        }
        "connect-completed" | "connect-complete-content" => {
            let dispute = draft().await;
            let start = stack.connect(Connect::start(&dispute, "file.pdf", "application/pdf", 1_000)).await.json();
            let content = if name == "connect-completed" { pdf(1_000) } else { vec![b'x'; 1_000] };
            put(stack, &start, content).await;
            of(&[("disputeId", &dispute), ("fileId", start["fileId"].as_str().unwrap())])
        }
        "connect-too-large-to-get" => {
            // The call's success has no example, as it is no JSON.
            let small = with_file(stack, 1_000).await.1;
            assert_eq!(stack.connect(of(&[("fileId", &small)])).await.bytes, pdf(1_000));
            of(&[("fileId", &with_file(stack, 5_242_880).await.1)])
        }
        "connect-address" => of(&[("fileId", &with_file(stack, 5_242_880).await.1)]),
        "connect-unauthorized" => {
            let key = DemoKey { id: CLIENT.id, secret: STRANGER.secret };
            Connect { key, ..of(&[]) }
        }
        "connect-malformed-date" => Connect { date: "2014-06-06T13:39:43Z".to_owned(), ..of(&[]) },
        "connect-stale-date" => of(&[]).dated(-400),
        "connect-other-merchant" => Connect { key: STRANGER, ..of(&[]) },
        "connect-unknown-payment" | "connect-unknown-dispute" => of(&[]),
        "connect-unknown-file" if operation.id == "completeUpload" => of(&[("disputeId", &draft().await)]),
        "connect-unknown-file" => of(&[]),
        INTERNAL => {
            stack.cloud().dynamodb.set_fault(Fault::Unreachable);
            let answer = stack.connect(of(&[])).await;
            stack.cloud().dynamodb.set_fault(Fault::None);
            return answer;
        }
        other => panic!("no recipe makes the example {other}"),
    };
    stack.connect(request).await
}

/// Whether an answer and an example are equal except for what differs in each request: ids and
/// times have the same form, and addresses are addresses.
pub(super) fn masked(value: &Value) -> Value {
    match value {
        Value::Object(members) => {
            let member = |(name, value): (&String, &Value)| {
                let value = match (name.as_str(), value) {
                    ("errorId" | "requestId", Value::String(_)) => "…".into(),
                    ("url", Value::String(url)) => url.get(..4).map(Value::from).unwrap_or_default(),
                    ("expiresAt", Value::String(at)) => at.replace(|c: char| c.is_ascii_digit() || c == '.', "").into(),
                    _ => masked(value),
                };
                (name.clone(), value)
            };
            Value::Object(members.iter().map(member).collect())
        }
        Value::Array(items) => items.iter().map(masked).collect(),
        Value::String(text) => Value::String(mask(text)),
        other => other.clone(),
    }
}

/// Replaces every run of nine and more hexadecimal digits, and what follows a name that [`unique`]
/// made, by one sign.
fn mask(text: &str) -> String {
    let text = ["payment-", "capture-", "trx-", "ref-"].iter().fold(text.to_owned(), |text, prefix| {
        let end = text.strip_prefix(prefix).is_some_and(|end| end.bytes().all(|byte| byte.is_ascii_digit()));
        if end { format!("{prefix}…") } else { text }
    });
    let (mut masked, mut run) = (String::new(), String::new());
    for character in text.chars().map(Some).chain([None]) {
        match character {
            Some(digit) if digit.is_ascii_digit() || ('a'..='f').contains(&digit) => run.push(digit),
            other => {
                masked.push_str(if run.len() >= 9 { "…" } else { &run });
                run.clear();
                masked.extend(other);
            }
        }
    }
    masked
}

#[test]
fn only_what_is_made_anew_is_masked() {
    let text = json!({ "id": "40123456789012", "code": "9002", "message": "up to 4194304 bytes", "url": "http://a/b" });
    let masked = masked(&text);
    assert_eq!(masked, json!({ "id": "…", "code": "9002", "message": "up to 4194304 bytes", "url": "http" }));
}
