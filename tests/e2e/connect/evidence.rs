//! Files: byte for byte, encrypted, under generated keys, within limits.

use serde_json::json;

use super::{is, pdf, text};
use crate::harness::{Connect, EVIDENCE, Stack, options, run, shared};

#[test]
fn a_file_is_stored_encrypted_under_an_object_key_that_reveals_nothing() {
    run(async {
        let stack = Stack::start(options()).await;
        let id = stack.draft().await;
        let content = pdf(100_000);
        let name = "../Grüße %22B%22\u{3000}.PDF";
        let answer = stack.connect(Connect::upload(&id, name, "application/pdf", &content)).await;
        let body = answer.json();
        let file = text(&body, "/fileId").to_owned();
        assert_eq!((answer.status, &body), (201, &json!({ "disputeId": id, "fileId": file })));
        assert_eq!(answer.headers["x-recourse-evidence-remaining"], (5 * 5_242_880 - 100_000).to_string());
        let key = stack.key_of(&file).await;
        assert_eq!(stack.objects(), std::slice::from_ref(&key));
        assert!(key.starts_with(&format!("evidence/{id}-")) && !key.contains(&file), "{key}");
        assert!(stack.cloud().s3.objects(EVIDENCE).unwrap().into_values().eq([content.clone()]));
        let [put] = stack.cloud().s3.calls().try_into().unwrap();
        assert_eq!((put.operation.as_str(), put.access_key.as_str()), ("PutObject", "LOCALConnectUpload"));
        assert_eq!(put.headers["x-amz-server-side-encryption"], "AES256");
        assert!(put.headers.keys().all(|name| !name.starts_with("x-amz-acl") && !name.starts_with("x-amz-grant")));

        let got = stack.connect(Connect::file(&file)).await;
        assert_eq!((got.status, got.bytes == content), (200, true));
        assert_eq!(got.headers["content-type"], "application/pdf");
        assert_eq!(got.headers["content-length"], "100000");
        assert_eq!(
            got.headers["content-disposition"],
            "attachment; filename=\"Gr__e %22B%22_.PDF\"; filename*=UTF-8''Gr%C3%BC%C3%9Fe%20%22B%22%E3%80%80.PDF"
        );
        let shown = stack.connect(Connect::get(&id)).await.json()["disputeOutput"]["files"].clone();
        let expected = json!([{ "fileName": "Grüße \"B\"\u{3000}.PDF", "id": file, "fileType": "application/pdf", "fileSize": "100000" }]);
        assert_eq!(shown, expected);
    });
}

#[test]
fn a_file_that_differs_from_its_record_is_not_handed_out() {
    run(async {
        let stack = Stack::start(options()).await;
        let id = stack.draft().await;
        let uploaded = stack.connect(Connect::upload(&id, "a.pdf", "application/pdf", &pdf(1_000))).await.json();
        let file = text(&uploaded, "/fileId");
        let mut other = pdf(1_000);
        other[999] ^= 1;
        stack.cloud().s3.spoil(EVIDENCE, &stack.key_of(file).await, &other).unwrap();
        is(&stack.connect(Connect::file(file)).await, 500, "9999");
        stack.cloud().s3.spoil(EVIDENCE, &stack.key_of(file).await, &pdf(1_000)).unwrap();
        assert_eq!(stack.connect(Connect::file(file)).await.bytes, pdf(1_000));
    });
}

#[test]
fn text_and_pdf_are_taken_as_people_have_them() {
    run(async {
        let stack = shared().await;
        let id = stack.draft().await;
        for (name, media, content) in [
            ("latin.txt", "text/plain", b"Gr\xfc\xdfe\r\n".to_vec()),
            ("utf-16.txt", "text/plain", b"\xff\xfeG\0r\0\xfc\0".to_vec()),
            ("printed.pdf", "application/pdf", [b"\r\n\r\n".to_vec(), pdf(1_000)].concat()),
        ] {
            let answer = stack.connect(Connect::upload(&id, name, media, &content)).await;
            assert_eq!(answer.status, 201, "{name} {answer:?}");
            assert_eq!(stack.connect(Connect::file(text(&answer.json(), "/fileId"))).await.bytes, content, "{name}");
        }
    });
}

/// As .NET's `MultipartFormDataContent` writes a name that is not ASCII.
#[test]
fn a_name_that_dotnet_sends_is_read() {
    run(async {
        let stack = shared().await;
        let id = stack.draft().await;
        let mut call = Connect::upload(&id, "?", "application/pdf", &pdf(100));
        let body = String::from_utf8_lossy(&call.body[..200]).into_owned();
        let head = body.split_once("\r\n\r\n").unwrap().0;
        let names = "name=file; filename=\"=?utf-8?B?6KiI55S7LnBkZg==?=\"; filename*=utf-8''%E8%A8%88%E7%94%BB.pdf";
        let sent = head.replace("name=\"file\"; filename=\"?\"", names);
        call.body.splice(..head.len(), sent.into_bytes());
        assert_eq!(stack.connect(call).await.status, 201);
        let shown = stack.connect(Connect::get(&id)).await.json();
        assert_eq!(text(&shown, "/disputeOutput/files/0/fileName"), "計画.pdf");
    });
}

#[test]
fn the_largest_that_a_call_carries_goes_both_ways() {
    run(async {
        let stack = shared().await;
        let id = stack.draft().await;
        let content = pdf(4 * 1024 * 1024);
        let answer = stack.connect(Connect::upload(&id, "a.pdf", "application/pdf", &content)).await;
        assert_eq!(answer.status, 201, "{answer:?}");
        let got = stack.connect(Connect::file(text(&answer.json(), "/fileId"))).await;
        assert!(got.status == 200 && got.bytes == content, "{}", got.status);
        let over = pdf(4 * 1024 * 1024 + 1);
        let answer = stack.connect(Connect::upload(&id, "a.pdf", "application/pdf", &over)).await;
        is(&answer, 400, "310400002");
        assert!(answer.text.contains("/uploads"), "{answer:?}");
    });
}

#[test]
fn ten_files_and_no_more_and_none_after_submit() {
    run(async {
        let stack = Stack::start(options()).await;
        let id = stack.draft().await;
        let upload = || stack.connect(Connect::upload(&id, "a.txt", "text/plain", b"true"));
        for left in (0..10).rev() {
            let answer = upload().await;
            assert_eq!(answer.headers["x-recourse-evidence-remaining"], (5 * 5_242_880 - 40 + 4 * left).to_string());
        }
        is(&upload().await, 400, "310400003");
        assert_eq!(stack.connect(Connect::submit(&id)).await.status, 200);
        is(&upload().await, 400, "310400200");
        let start = Connect::start(&id, "a.txt", "text/plain", 4);
        is(&stack.connect(start).await, 400, "310400200");
        assert_eq!(stack.objects().len(), 10);
    });
}

#[test]
fn a_body_that_is_no_upload_is_rejected_and_leaves_nothing() {
    run(async {
        let stack = Stack::start(options()).await;
        let id = stack.draft().await;
        let good = Connect::upload(&id, "a.pdf", "application/pdf", &pdf(1_000));
        let with = |content_type: Option<&str>, body: &[u8]| Connect {
            content_type: content_type.map(str::to_owned),
            body: body.to_vec(),
            ..good.clone()
        };
        let boundary = good.content_type.clone().unwrap();
        for call in [
            with(None, b""),
            with(Some(&boundary), b""),
            with(Some("application/json"), b"{}"),
            with(Some("multipart/form-data"), &good.body),
            with(Some(&boundary), &good.body[..good.body.len() - 20]),
            with(Some(&boundary), b"--e2e-boundary--\r\n"),
            with(Some(&boundary), &[&good.body[..good.body.len() - 18], &good.body].concat()),
            Connect::upload(&id, "a.svg", "image/svg+xml", b"<svg/>"),
            Connect::upload(&id, "a.png", "image/png", &pdf(1_000)),
            Connect::upload(&id, "a.pdf", "text/html", &pdf(1_000)),
            Connect::upload(&id, "a.pdf", "application/pdf", b""),
        ] {
            let answer = stack.connect(call).await;
            is(&answer, 400, "310400001");
            assert_eq!(text(&answer.json(), "/errors/0/propertyName"), "file");
        }
        assert!(stack.objects().is_empty() && stack.cloud().s3.calls().is_empty());
        assert_eq!(stack.connect(Connect::get(&id)).await.json()["disputeOutput"]["files"], json!([]));
    });
}
