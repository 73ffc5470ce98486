//! Files of up to 5 MB, by addresses of the bucket itself. Recourse-specific.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use http::Request;
use serde_json::{Value, json};

use super::{is, pdf, text};
use crate::harness::{Connect, EVIDENCE, HttpResponse, Stack, options, run, shared};

const LARGEST: usize = 5 * 1024 * 1024;

/// The request that puts `content` where the answer to a start says.
fn request(start: &Value, content: Vec<u8>) -> Request<Vec<u8>> {
    let mut request = Request::put(text(start, "/url"));
    for (name, value) in start["headers"].as_object().unwrap() {
        request = request.header(name, value.as_str().unwrap());
    }
    request.body(content).unwrap()
}

/// Puts it there, which has to succeed.
pub(super) async fn put(stack: &Stack, start: &Value, content: Vec<u8>) {
    let answer = stack.to(request(start, content)).await;
    assert_eq!(answer.status, 200, "{answer:?}");
}

async fn get(stack: &Stack, url: &str) -> HttpResponse {
    stack.to(Request::get(url).body(Vec::new()).unwrap()).await
}

async fn started(stack: &Stack, id: &str, size: usize) -> Value {
    let start = stack.connect(Connect::start(id, "計画 \"A\".pdf", "application/pdf", size)).await;
    assert_eq!(start.status, 201, "{start:?}");
    start.json()
}

#[test]
fn the_full_five_megabytes_go_both_ways() {
    run(async {
        let stack = Stack::start(options()).await;
        let id = stack.draft().await;
        let content = pdf(LARGEST);
        let start = started(&stack, &id, content.len()).await;
        assert_eq!(start.as_object().unwrap().keys().collect::<Vec<_>>(), ["fileId", "url", "headers", "expiresAt"]);
        let headers = json!({
            "content-length": "5242880", "content-type": "application/pdf",
            "x-amz-meta-name": "%E8%A8%88%E7%94%BB%20%22A%22.pdf", "x-amz-server-side-encryption": "AES256",
        });
        assert_eq!(start["headers"], headers, "what is signed, and nothing else");
        let file = text(&start, "/fileId");
        is(&stack.connect(Connect::complete(&id, file)).await, 404, "310404002");
        put(&stack, &start, content.clone()).await;
        assert_eq!(stack.objects(), [format!("unfinished/{file}")]);
        is(&stack.connect(Connect::file(file)).await, 404, "310404002");
        let complete = stack.connect(Connect::complete(&id, file)).await;
        assert_eq!((complete.status, complete.json()), (200, json!({ "disputeId": id, "fileId": file })));
        assert_eq!(complete.headers["x-recourse-evidence-remaining"], (4 * LARGEST).to_string());
        assert_eq!(stack.objects(), [stack.key_of(file).await]);
        // What is done stays done, whatever is put there and however often it is completed.
        put(&stack, &start, pdf(LARGEST)[..LARGEST].iter().rev().copied().collect()).await;
        assert_eq!(stack.connect(Connect::complete(&id, file)).await.json(), complete.json());

        let answer = stack.connect(Connect::file(file)).await;
        is(&answer, 400, "310400002");
        assert!(answer.text.contains("/files/{fileId}/url"), "{answer:?}");
        let url = stack.connect(Connect::url(file)).await.json();
        let got = get(&stack, text(&url, "/url")).await;
        assert!(got.status == 200 && got.bytes == content, "{}", got.status);
        assert_eq!(got.headers["content-type"], "application/pdf");
        let disposition = "attachment; filename=\"__ %22A%22.pdf\"; filename*=UTF-8''%E8%A8%88%E7%94%BB%20%22A%22.pdf";
        assert_eq!(got.headers["content-disposition"], disposition);
        let shown = stack.connect(Connect::get(&id)).await.json()["disputeOutput"]["files"][0].clone();
        assert_eq!((text(&shown, "/fileName"), text(&shown, "/fileSize")), ("計画 \"A\".pdf", "5242880"));
    });
}

#[test]
fn length_and_type_and_key_are_signed() {
    run(async {
        let stack = shared().await;
        let id = stack.draft().await;
        let start = started(&stack, &id, 1_000).await;
        let with = |name: &str, value: &str| {
            let mut changed = start.clone();
            changed["headers"][name] = value.into();
            changed
        };
        let mut elsewhere = start.clone();
        elsewhere["url"] = text(&start, "/url").replacen("/unfinished/", "/evidence/", 1).into();
        for (start, size) in [
            (with("content-length", "1001"), 1_001),
            (with("content-type", "text/html"), 1_000),
            (with("x-amz-meta-name", "other.pdf"), 1_000),
            (with("x-amz-server-side-encryption", "aws:kms"), 1_000),
            (elsewhere, 1_000),
        ] {
            let answer = stack.to(request(&start, pdf(size))).await;
            assert_eq!(answer.status, 403, "{answer:?}");
        }
        put(&stack, &start, pdf(1_000)).await;
        let url = text(&start, "/url").to_owned();
        assert_eq!(get(&stack, &url).await.status, 403, "an address to put is none to get");
        let expires_at = text(&start, "/expiresAt");
        let expires_at = recourse_dispute::time::UnixMillis::parse(expires_at).unwrap().seconds();
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO).as_secs().cast_signed();
        assert!((now + 800..=now + 900).contains(&expires_at) && url.contains("X-Amz-Expires=900"), "{url}");
    });
}

#[test]
fn the_uploaded_bytes_are_checked() {
    run(async {
        let stack = Stack::start(options()).await;
        let (id, other) = (stack.draft().await, stack.draft().await);
        let start = started(&stack, &id, 1_000).await;
        let file = text(&start, "/fileId");
        put(&stack, &start, vec![b'x'; 1_000]).await;
        is(&stack.connect(Connect::complete(&id, file)).await, 400, "310400001");
        assert!(stack.objects().is_empty(), "it is removed");
        is(&stack.connect(Connect::complete(&id, file)).await, 404, "310404002");
        put(&stack, &start, pdf(1_000)).await;
        is(&stack.connect(Connect::complete(&other, file)).await, 404, "310404002");
        let foreign = stack.connect(Connect::complete(&id, file).by_stranger()).await;
        is(&foreign, 404, "310404001");
        for bad in [
            json!({ "fileName": "a.exe", "fileType": "application/pdf", "fileSize": 1 }),
            json!({ "fileName": "a.pdf", "fileType": "application/pdf", "fileSize": 0 }),
            // More than S3 keeps with an object.
            json!({ "fileName": format!("{}.pdf", "\u{1f4a5}".repeat(196)), "fileType": "application/pdf", "fileSize": 1 }),
            json!([]),
        ] {
            let call = Connect::new("POST", format!("/files/v1/1001/disputes/{id}/uploads")).json(&bad);
            is(&stack.connect(call).await, 400, "310400001");
        }
        is(&stack.connect(Connect::start(&id, "a.pdf", "application/pdf", LARGEST + 1)).await, 400, "310400003");
        // Submitted meanwhile: refused, and what was put there is gone.
        assert_eq!(stack.connect(Connect::submit(&id)).await.status, 200);
        is(&stack.connect(Connect::complete(&id, file)).await, 400, "310400200");
        assert!(stack.objects().iter().all(|key| key.starts_with("unfinished/")));
    });
}

/// A name as long as any that is taken goes to S3 and back.
#[test]
fn the_longest_name_that_there_is() {
    run(async {
        let stack = shared().await;
        let id = stack.draft().await;
        let name = format!("{}.pdf", "\u{1f4a5}".repeat(166));
        let start = stack.connect(Connect::start(&id, &name, "application/pdf", 1_000)).await.json();
        put(&stack, &start, pdf(1_000)).await;
        assert_eq!(stack.connect(Connect::complete(&id, text(&start, "/fileId"))).await.status, 200);
        let shown = stack.connect(Connect::get(&id)).await.json();
        assert_eq!(text(&shown, "/disputeOutput/files/0/fileName"), name);
    });
}

#[test]
fn five_files_of_the_largest_size_and_not_a_byte_more() {
    run(async {
        let stack = Stack::start(options()).await;
        let id = stack.draft().await;
        let mut starts = Vec::new();
        for _ in 0..6 {
            let start = started(&stack, &id, LARGEST).await;
            put(&stack, &start, pdf(LARGEST)).await;
            starts.push(text(&start, "/fileId").to_owned());
        }
        for file in &starts[..5] {
            assert_eq!(stack.connect(Connect::complete(&id, file)).await.status, 200);
        }
        is(&stack.connect(Connect::complete(&id, &starts[5])).await, 400, "310400003");
        is(&stack.connect(Connect::upload(&id, "a.txt", "text/plain", b"x")).await, 400, "310400003");
        let bytes: usize = stack.cloud().s3.objects(EVIDENCE).unwrap().values().map(Vec::len).sum();
        assert_eq!((stack.objects().len(), bytes), (5, 5 * LARGEST));
    });
}
