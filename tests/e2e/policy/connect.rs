//! Everything that the functions of the Connect API are there for.

use http::Request;
use recourse_local::s3::S3Call;
use serde_json::{Value, json};

use crate::harness::{Connect, EVIDENCE, HttpResponse, Stack, until};

const PDF: &[u8] = b"%PDF-1.7\n%%EOF\n";

async fn done(stack: &Stack, call: Connect) -> Value {
    let answer = stack.connect(call).await;
    assert!([200, 201].contains(&answer.status), "{answer:?}");
    answer.json()
}

async fn refused(stack: &Stack, call: Connect) {
    let answer = stack.connect(call).await;
    assert_eq!(answer.status, 400, "{answer:?}");
}

fn text(value: &Value, name: &str) -> String {
    value[name].as_str().unwrap_or_else(|| panic!("no {name} in {value}")).to_owned()
}

fn upload(dispute: &str) -> Connect {
    Connect::upload(dispute, "file.pdf", "application/pdf", PDF)
}

/// What is put there and not taken onto the record yet.
async fn unfinished(stack: &Stack, dispute: &str) -> String {
    let start = done(stack, Connect::start(dispute, "file.pdf", "application/pdf", PDF.len())).await;
    let mut put = Request::put(text(&start, "url"));
    for (name, value) in start["headers"].as_object().unwrap() {
        put = put.header(name, value.as_str().unwrap());
    }
    let HttpResponse { status, .. } = stack.to(put.body(PDF.to_vec()).unwrap()).await;
    assert_eq!(status, 200);
    text(&start, "fileId")
}

/// Makes each call once, again, and with an idempotence key that is refused. Needs a stack with
/// malware protection.
pub(super) async fn everything(stack: &Stack, payment: &str, capture: &str) {
    let contact = json!({ "contactPerson": "Wile Coyote", "emailAddress": "wile.e.coyote@acmelabs.com" });
    let creates = [
        ("payments", payment, Connect::create(payment, &contact)),
        ("captures", capture, Connect::new("POST", format!("/v1/1001/captures/{capture}/dispute")).json(&contact)),
    ];
    for (kind, id, create) in creates {
        refused(stack, create.clone().text("{}").idempotent("key")).await;
        let dispute = text(&done(stack, create.idempotent("key")).await, "id");
        done(stack, Connect::new("GET", format!("/v1/1001/{kind}/{id}/disputes"))).await;
        done(stack, Connect::get(&dispute)).await;

        let file = text(&done(stack, upload(&dispute).idempotent("key")).await, "fileId");
        let key = stack.key_of(&file).await;
        stack.cloud().s3.tag(EVIDENCE, &key, "GuardDutyMalwareScanStatus", "NO_THREATS_FOUND");
        assert_eq!(stack.connect(Connect::file(&file)).await.bytes, PDF);
        let url = text(&done(stack, Connect::url(&file)).await, "url");
        assert_eq!(stack.to(Request::get(url).body(Vec::new()).unwrap()).await.bytes, PDF);

        let (counted, over) = (unfinished(stack, &dispute).await, unfinished(stack, &dispute).await);
        let start = Connect::start(&dispute, "file.pdf", "application/pdf", PDF.len()).idempotent("key");
        let first = done(stack, start.clone()).await;
        assert_eq!(done(stack, start).await, first);
        refused(stack, Connect::start(&dispute, "file.exe", "application/pdf", 1).idempotent("another")).await;
        done(stack, Connect::complete(&dispute, &counted).idempotent("key")).await;
        for _ in 0..8 {
            done(stack, upload(&dispute)).await;
        }
        refused(stack, Connect::complete(&dispute, &over).idempotent("key")).await;

        done(stack, Connect::submit(&dispute).idempotent("key")).await;
        done(stack, Connect::submit(&dispute).idempotent("key")).await;
        done(stack, Connect::cancel(&dispute).idempotent("key")).await;
        done(stack, Connect::cancel(&dispute).idempotent("key")).await;
    }
    until("an upload that loses", async || lost(stack).await.then_some(())).await;
}

/// Uploads more files at once than a dispute may have, and returns whether one had written its file
/// before it was refused.
async fn lost(stack: &Stack) -> bool {
    let dispute = stack.draft().await;
    for _ in 0..9 {
        done(stack, upload(&dispute)).await;
    }
    futures_util::future::join_all((0..8).map(|_| stack.connect(upload(&dispute)))).await;
    let removes = |call: &S3Call| call.operation == "DeleteObject" && call.access_key == "LOCALConnectUpload";
    stack.cloud().s3.calls().iter().any(removes)
}
