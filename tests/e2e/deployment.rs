//! What a deployment says of itself.

use http::Request;

use crate::harness::{run, shared};

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
