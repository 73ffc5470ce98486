//! What a deployment says of itself.

use http::Request;

use crate::harness::{run, shared};

/// Monitors ask so, and an HTTP API routes it by its own method.
#[test]
fn head_is_answered_as_get_is_without_a_body() {
    run(async {
        let ask = async |method: &str| {
            let request = Request::builder().method(method).uri("/health").body(Vec::new()).unwrap();
            shared().await.raw(request).await
        };
        let (head, get) = (ask("HEAD").await, ask("GET").await);
        assert_eq!((head.status, get.status, head.bytes.len()), (200, 200, 0));
        assert_eq!(head.headers["content-type"], get.headers["content-type"]);
    });
}

#[test]
fn health_answers_with_the_commit_that_was_built() {
    run(async {
        let answer = shared().await.raw(Request::get("/health").body(Vec::new()).unwrap()).await;
        let commit = answer.json()["commit"].as_str().unwrap().to_owned();
        let digits = commit.trim_end_matches("-dirty");
        let is_commit = digits.len() == 40 && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
        assert!(is_commit || commit == "unknown", "{commit}");
    });
}
