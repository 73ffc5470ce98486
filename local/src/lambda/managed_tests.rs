//! Managed Instances: one process with several invocations, and the Runtime API call by call.

use super::*;
use crate::body;
use crate::testing::{is_alive, lambda, lambda_in, specimen, until};
use axum::body::Body;
use hyper_util::client::legacy::{Client, connect::HttpConnector};
use hyper_util::rt::TokioExecutor;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::num::NonZeroUsize;
use std::os::unix::fs::PermissionsExt;
use std::time::Duration;
use tokio::task::JoinHandle;

const LONG: Duration = Duration::from_secs(20);

/// The specimen with so many invocations at once.
fn managed(at_once: usize, timeout: Duration) -> Function {
    Function { at_once: NonZeroUsize::new(at_once), ..specimen("Specimen", timeout, &[], &[]) }
}

async fn invoke(lambda: &Lambda, event: Value) -> Result<Value, InvokeError> {
    let answer = lambda.invoke("Specimen", event.to_string().into_bytes()).await?;
    Ok(serde_json::from_slice(&answer).unwrap())
}

fn spawned(lambda: &Lambda, event: Value) -> JoinHandle<Result<Value, InvokeError>> {
    let lambda = lambda.clone();
    tokio::spawn(async move { invoke(&lambda, event).await })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_process_has_many_at_once_and_a_second_starts_beyond_the_most() {
    let (lambda, _) = lambda(&[managed(8, LONG)]);
    let calls: Vec<_> = (0..8).map(|n| spawned(&lambda, json!({"do": "wait", "ms": 1_000, "n": n}))).collect();
    let (mut pids, mut ids) = (BTreeSet::new(), BTreeSet::new());
    for (n, call) in calls.into_iter().enumerate() {
        let answer = call.await.unwrap().unwrap();
        assert_eq!(answer["event"]["n"], n, "each gets its own answer");
        pids.insert(answer["pid"].as_u64().unwrap());
        ids.insert(answer["request_id"].as_str().unwrap().to_owned());
        assert_eq!(answer["environment"]["AWS_LAMBDA_MAX_CONCURRENCY"], "8");
        assert_eq!(answer["environment"]["AWS_LAMBDA_INITIALIZATION_TYPE"], "lambda-managed-instances");
    }
    assert_eq!((pids.len(), ids.len(), lambda.instances().len()), (1, 8, 1));
    let more = (0..9).map(|_| spawned(&lambda, json!({"do": "wait", "ms": 1_000})));
    for call in more.collect::<Vec<_>>() {
        pids.insert(call.await.unwrap().unwrap()["pid"].as_u64().unwrap());
    }
    assert_eq!((pids.len(), lambda.instances().len()), (2, 2));
    assert!(lambda.instances().iter().all(|instance| instance.state == InstanceState::Idle));
    lambda.stop().await;
}

#[tokio::test]
async fn a_timeout_fails_its_own_invocation_and_the_process_goes_on() {
    let (lambda, log) = lambda(&[managed(4, Duration::from_millis(1_500))]);
    let pid = invoke(&lambda, json!({})).await.unwrap()["pid"].clone();
    let hanging = spawned(&lambda, json!({"do": "hang"}));
    until("it has one", || lambda.instances()[0].state == InstanceState::Busy).await;
    assert_eq!(invoke(&lambda, json!({})).await.unwrap()["pid"], pid, "others are served meanwhile");
    let error = hanging.await.unwrap().unwrap_err().to_string();
    assert!(error.ends_with("Task timed out after 1.50 seconds"), "{error}");
    assert!(log.lines().iter().any(|line| line.text == error));
    assert_eq!(invoke(&lambda, json!({})).await.unwrap()["pid"], pid);
    assert_eq!(lambda.instances()[0].state, InstanceState::Busy, "what hangs still takes its place");
    lambda.stop().await;
}

#[tokio::test]
async fn an_error_of_one_leaves_the_others_and_a_kill_ends_them_all() {
    let (lambda, _) = lambda(&[managed(4, LONG)]);
    let pid = invoke(&lambda, json!({})).await.unwrap()["pid"].clone();
    let hanging: Vec<_> = (0..3).map(|_| spawned(&lambda, json!({"do": "hang"}))).collect();
    until("it has some", || lambda.instances()[0].state == InstanceState::Busy).await;
    let error = invoke(&lambda, json!({"do": "fail"})).await.unwrap_err();
    assert!(error.to_string().contains("it failed as asked"), "{error}");
    assert_eq!(invoke(&lambda, json!({})).await.unwrap()["pid"], pid);
    let killed = lambda.instances()[0].pid;
    assert_eq!(lambda.kill(killed), Kill::Sent);
    for call in hanging {
        let error = call.await.unwrap().unwrap_err().to_string();
        assert!(error.ends_with("Runtime exited with error: signal: killed"), "{error}");
    }
    assert!(!is_alive(killed));
    assert_ne!(invoke(&lambda, json!({})).await.unwrap()["pid"], pid);
    lambda.stop().await;
}

#[tokio::test]
async fn killing_an_idle_instance_costs_no_invocation() {
    let (lambda, _) = lambda(&[managed(4, LONG)]);
    for _ in 0..10 {
        let pid = invoke(&lambda, json!({})).await.unwrap()["pid"].as_u64().unwrap();
        assert_eq!(lambda.kill(u32::try_from(pid).unwrap()), Kill::Sent);
        assert!(invoke(&lambda, json!({})).await.is_ok());
    }
    lambda.stop().await;
}

#[tokio::test]
async fn a_function_that_exits_at_its_start_fails_all_that_wait() {
    let function = Function { at_once: NonZeroUsize::new(4), ..specimen("Specimen", LONG, &[("START", "exit")], &[]) };
    let (lambda, _) = lambda(&[function]);
    let calls: Vec<_> = (0..3).map(|_| spawned(&lambda, json!({}))).collect();
    for call in calls {
        let error = call.await.unwrap().unwrap_err().to_string();
        assert!(error.ends_with("Runtime exited with error: exit status 7"), "{error}");
    }
    lambda.stop().await;
}

/// A process that only exists: the test is its runtime.
struct Fake {
    lambda: Lambda,
    log: LogSink,
    client: Client<HttpConnector, Body>,
    _folder: tempfile::TempDir,
}

impl Fake {
    fn new(at_once: usize) -> Fake {
        Fake::with_timeout(at_once, LONG)
    }

    fn with_timeout(at_once: usize, timeout: Duration) -> Fake {
        let folder = tempfile::tempdir().unwrap();
        let binary = folder.path().join("specimen");
        std::fs::write(&binary, "#!/bin/sh\necho $AWS_LAMBDA_RUNTIME_API\nexec sleep 60\n").unwrap();
        std::fs::set_permissions(&binary, std::fs::Permissions::from_mode(0o755)).unwrap();
        let function = specimen("Specimen", timeout, &[("PATH", "/usr/bin:/bin")], &[]);
        let function = Function { at_once: NonZeroUsize::new(at_once), ..function };
        let (lambda, log) = lambda_in(folder.path(), &[function]);
        Fake { lambda, log, client: Client::builder(TokioExecutor::new()).build_http(), _folder: folder }
    }

    fn invoke(&self, event: &str) -> JoinHandle<Result<Vec<u8>, InvokeError>> {
        let (lambda, event) = (self.lambda.clone(), event.as_bytes().to_vec());
        tokio::spawn(async move { lambda.invoke("Specimen", event).await })
    }

    async fn runtime_api(&self) -> String {
        until("the instance has started", || !self.log.lines().is_empty()).await;
        format!("http://{}/2018-06-01/runtime", self.log.lines()[0].text)
    }

    /// Asks for an invocation. Nobody waits for the answer yet.
    fn asks(&self, next: &str) -> JoinHandle<u16> {
        let (client, request) = (self.client.clone(), http::Request::get(next).body(Body::empty()).unwrap());
        tokio::spawn(async move { client.request(request).await.unwrap().status().as_u16() })
    }

    async fn call(&self, method: &str, url: &str, body: &str) -> (u16, String, String) {
        let request = http::Request::builder().method(method).uri(url).body(Body::from(body.to_owned())).unwrap();
        let (parts, sent) = self.client.request(request).await.unwrap().into_parts();
        let sent = body::read(Body::new(sent), usize::MAX).await.unwrap();
        let id = parts.headers.get("lambda-runtime-aws-request-id").map(|id| id.to_str().unwrap().to_owned());
        (parts.status.as_u16(), id.unwrap_or_default(), String::from_utf8(sent.to_vec()).unwrap())
    }
}

#[tokio::test]
async fn answers_are_matched_by_request_id_in_any_order() {
    let fake = Fake::new(2);
    let (first, second) = (fake.invoke("1"), fake.invoke("2"));
    let api = fake.runtime_api().await;
    let next = format!("{api}/invocation/next");
    let (one, two) = tokio::join!(fake.call("GET", &next, ""), fake.call("GET", &next, ""));
    assert_eq!((one.0, two.0, fake.lambda.instances().len()), (200, 200, 1));
    let other = fake.call("POST", &format!("{api}/invocation/another/response"), "1").await;
    assert!(other.0 == 400 && other.2.contains("InvalidRequestID"), "{other:?}");
    assert_eq!(fake.call("POST", &format!("{api}/init/error"), "late").await.0, 403);
    for (_, id, event) in [&two, &one] {
        let answered = fake.call("POST", &format!("{api}/invocation/{id}/response"), &format!("to {event}")).await;
        assert_eq!(answered.0, 202);
        assert_eq!(fake.call("POST", &format!("{api}/invocation/{id}/response"), "again").await.0, 400);
    }
    // Without another request for an invocation: an answer counts when it is posted.
    assert_eq!((first.await.unwrap(), second.await.unwrap()), (Ok(b"to 1".to_vec()), Ok(b"to 2".to_vec())));
    assert_eq!(fake.lambda.instances()[0].state, InstanceState::Idle);
    // What comes waits for the runtime to ask, in the same process.
    let third = fake.invoke("3");
    until("it is given", || fake.lambda.instances()[0].state == InstanceState::Busy).await;
    let (status, id, event) = fake.call("GET", &next, "").await;
    assert_eq!((status, event.as_str(), fake.lambda.instances().len()), (200, "3", 1));
    assert_eq!(fake.call("POST", &format!("{api}/invocation/{id}/error"), "{}").await.0, 202);
    assert!(matches!(third.await.unwrap(), Err(InvokeError::Unhandled { .. })));
    // As many requests for an invocation may be open as it can have, and no more.
    let mut asking: Vec<_> = (0..3).map(|_| fake.asks(&next)).collect();
    until("one is refused", || asking.iter().any(JoinHandle::is_finished)).await;
    let refused = asking.iter().position(JoinHandle::is_finished).unwrap();
    assert_eq!(asking.swap_remove(refused).await.unwrap(), 403);
    assert!(asking.iter().all(|asks| !asks.is_finished()));
    fake.lambda.stop().await;
}

#[tokio::test]
async fn what_is_posted_too_late_is_refused_and_its_place_is_free_again() {
    let fake = Fake::with_timeout(1, Duration::from_millis(300));
    let call = fake.invoke("1");
    let api = fake.runtime_api().await;
    let (_, id, _) = fake.call("GET", &format!("{api}/invocation/next"), "").await;
    assert!(matches!(call.await.unwrap(), Err(InvokeError::TimedOut { .. })));
    assert_eq!(fake.lambda.instances()[0].state, InstanceState::Busy);
    let late = fake.call("POST", &format!("{api}/invocation/{id}/response"), "late").await;
    assert_eq!((late.0, fake.lambda.instances()[0].state), (410, InstanceState::Idle), "{late:?}");
    assert_eq!(fake.call("POST", &format!("{api}/invocation/{id}/response"), "again").await.0, 400);
    fake.lambda.stop().await;
}

#[tokio::test]
async fn what_the_runtime_did_not_get_is_given_back_when_it_ends() {
    let fake = Fake::new(2);
    let call = fake.invoke("1");
    let api = fake.runtime_api().await;
    let next = format!("{api}/invocation/next");
    let (_, id, _) = fake.call("GET", &next, "").await;
    let waits = fake.invoke("2");
    assert_eq!(fake.call("POST", &format!("{api}/invocation/{id}/response"), "one").await.0, 202);
    assert_eq!(call.await.unwrap(), Ok(b"one".to_vec()));
    // The second one waits for a request for an invocation that never comes.
    let first = fake.lambda.instances()[0].pid;
    until("it is given", || fake.lambda.instances()[0].state == InstanceState::Busy).await;
    assert_eq!(fake.lambda.kill(first), Kill::Sent);
    until("another instance has started", || fake.log.lines().len() == 2).await;
    let api = format!("http://{}/2018-06-01/runtime", fake.log.lines()[1].text);
    let (_, id, event) = fake.call("GET", &format!("{api}/invocation/next"), "").await;
    assert_eq!(event, "2");
    assert_eq!(fake.call("POST", &format!("{api}/invocation/{id}/response"), "two").await.0, 202);
    assert_eq!(waits.await.unwrap(), Ok(b"two".to_vec()));
    fake.lambda.stop().await;
}
