//! What the tests of this crate share.

use crate::clock::Clock;
use crate::lambda::{Endpoints, Lambda};
use crate::log::LogSink;
use crate::template::{Function, Policy, Route};
use axum::body::{Body, Bytes, to_bytes};
use http::{Request, Response};
use hyper_util::client::legacy::{self, Client};
use hyper_util::rt::TokioExecutor;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The folder with the example `specimen`, which cargo builds with the tests:
/// `target/<profile>/examples`.
pub(crate) fn binaries() -> PathBuf {
    let test = std::env::current_exe().unwrap();
    let folder = test.parent().unwrap().parent().unwrap().join("examples");
    assert!(
        folder.join("specimen").is_file(),
        "no example in {}: `cargo build -p recourse-local --examples`",
        folder.display()
    );
    folder
}

/// The specimen as a function with this id, timeout and environment, behind these routes.
pub(crate) fn specimen(id: &str, timeout: Duration, environment: &[(&str, &str)], routes: &[(&str, &str)]) -> Function {
    Function {
        id: id.to_owned(),
        binary: "specimen".to_owned(),
        timeout,
        memory_mb: 256,
        at_once: None,
        environment: environment
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect::<BTreeMap<_, _>>(),
        routes: routes.iter().map(|(method, path)| Route::new(Some(method), Some(path)).unwrap()).collect(),
        streams: Vec::new(),
        queues: Vec::new(),
        schedules: Vec::new(),
        rules: Vec::new(),
        policy: Policy::default(),
    }
}

/// These functions, with endpoints that nothing listens at.
pub(crate) fn lambda(functions: &[Function]) -> (Lambda, LogSink) {
    lambda_in(&binaries(), functions)
}

/// These functions, with binaries from this folder.
pub(crate) fn lambda_in(binaries: &Path, functions: &[Function]) -> (Lambda, LogSink) {
    let log = LogSink::buffered();
    (Lambda::new(functions, binaries, &no_endpoints(), None, log.clone()), log)
}

/// Endpoints that nothing listens at.
pub(crate) fn no_endpoints() -> Endpoints {
    let endpoint = |port: u16| format!("http://127.0.0.1:{port}");
    let (dynamodb, kms, s3, ses) = (endpoint(1), endpoint(2), endpoint(3), endpoint(4));
    let (bedrock, provider, eventbridge) = (endpoint(5), endpoint(6), endpoint(7));
    Endpoints { dynamodb, kms, s3, ses, bedrock, eventbridge, provider, clock: Clock::unmoved(), hints: false }
}

/// Sends a request over HTTP, and reads the whole answer.
///
/// # Errors
/// No answer came.
pub(crate) async fn http_call(request: Request<Body>) -> Result<Response<Bytes>, legacy::Error> {
    let answer = Client::builder(TokioExecutor::new()).build_http().request(request).await?;
    let (head, body) = answer.into_parts();
    Ok(Response::from_parts(head, to_bytes(Body::new(body), usize::MAX).await.unwrap()))
}

/// Whether a process with this id exists (a zombie counts).
pub(crate) fn is_alive(pid: u32) -> bool {
    std::process::Command::new("kill")
        .args(["-0", &pid.to_string()])
        .stderr(std::process::Stdio::null())
        .status()
        .unwrap()
        .success()
}

/// Waits until something holds; panics when it does not within ten seconds.
pub(crate) async fn until(what: &str, mut holds: impl FnMut() -> bool) {
    for _ in 0..1000 {
        if holds() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("not within ten seconds: {what}");
}
