//! Real processes: what they see of Lambda, and what becomes of them.

use super::*;
use crate::testing::{is_alive, lambda, specimen, until};
use serde_json::{Value, json};
use std::time::Duration;

const LONG: Duration = Duration::from_secs(20);

async fn invoke(lambda: &Lambda, event: Value) -> Result<Value, InvokeError> {
    let answer = lambda.invoke("Specimen", event.to_string().into_bytes()).await?;
    Ok(serde_json::from_slice(&answer).unwrap())
}

/// The process id of the one busy instance.
async fn busy(lambda: &Lambda) -> u32 {
    let one = || lambda.instances().iter().find(|i| i.state == InstanceState::Busy).map(|i| i.pid);
    until("an instance is busy", || one().is_some()).await;
    one().unwrap()
}

fn said(log: &LogSink, text: &str) -> bool {
    log.lines().iter().any(|line| line.from == "Specimen" && line.text.contains(text))
}

#[tokio::test]
async fn a_function_sees_what_lambda_shows() {
    let (lambda, _) = lambda(&[specimen("Specimen", LONG, &[("BRAND", "Recourse")], &[])]);
    let answer = invoke(&lambda, json!({"do": "echo", "n": 1})).await.unwrap();
    assert_eq!(answer["event"], json!({"do": "echo", "n": 1}));
    assert_eq!(answer["arn"], "arn:aws:lambda:us-east-1:000000000000:function:Specimen");
    assert_eq!(answer["request_id"].as_str().unwrap().len(), 36);
    assert!(answer["trace"].as_str().unwrap().starts_with("Root=1-"));
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_millis() as u64;
    let left = answer["deadline"].as_u64().unwrap() - now;
    assert!((15_000..=20_000).contains(&left), "{left}");
    let environment = &answer["environment"];
    for (name, value) in [
        ("BRAND", "Recourse"),
        ("AWS_REGION", "us-east-1"),
        ("AWS_LAMBDA_FUNCTION_NAME", "Specimen"),
        ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "256"),
        ("AWS_LAMBDA_LOG_FORMAT", "JSON"),
        ("AWS_ACCESS_KEY_ID", "LOCALSpecimen"),
        ("AWS_ENDPOINT_URL_DYNAMODB", "http://127.0.0.1:1"),
        ("AWS_ENDPOINT_URL_S3", "http://127.0.0.1:3"),
        ("AWS_ENDPOINT_URL_SESV2", "http://127.0.0.1:4"),
    ] {
        assert_eq!(environment[name], value, "{name}");
    }
    assert_eq!(environment.get("HOME"), None, "nothing of our own environment");
    lambda.stop().await;
}

#[tokio::test]
async fn one_instance_serves_one_after_the_other() {
    let (lambda, _) = lambda(&[specimen("Specimen", LONG, &[], &[])]);
    let mut pids = std::collections::BTreeSet::new();
    for n in 0..50 {
        pids.insert(invoke(&lambda, json!({"n": n})).await.unwrap()["pid"].as_u64().unwrap());
    }
    assert_eq!(pids.len(), 1);
    let [only] = &lambda.instances()[..] else { panic!("{:?}", lambda.instances()) };
    assert_eq!(only.state, InstanceState::Idle);
    lambda.stop().await;
}

#[tokio::test]
async fn the_clock_moves_between_two_invocations() {
    let endpoints = Endpoints { clock: Clock::open(None).unwrap(), ..crate::testing::no_endpoints() };
    let function = specimen("Specimen", LONG, &[], &[]);
    let lambda = Lambda::new(&[function], &crate::testing::binaries(), &endpoints, None, LogSink::buffered());
    let running = tokio::spawn({
        let lambda = lambda.clone();
        async move { invoke(&lambda, json!({"do": "wait", "ms": 500})).await }
    });
    busy(&lambda).await;
    let guard = endpoints.clock.between_invocations(LONG).await;
    assert!(guard.is_some() && running.is_finished(), "it waits for what runs");
    let mut next = Box::pin(invoke(&lambda, json!({})));
    assert!(tokio::time::timeout(Duration::from_millis(100), &mut next).await.is_err(), "what comes waits for it");
    drop(guard);
    assert!(next.await.is_ok());
    lambda.stop().await;
}

#[tokio::test]
async fn a_function_that_hangs_does_not_stop_the_clock() {
    let clock = Clock::open(None).unwrap();
    let hanging = clock.invocation().await;
    assert!(clock.between_invocations(Duration::from_millis(50)).await.is_none());
    drop(hanging);
    assert!(clock.between_invocations(Duration::from_millis(50)).await.is_some());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_request_at_once_has_an_instance_of_its_own() {
    let (lambda, _) = lambda(&[specimen("Specimen", LONG, &[], &[])]);
    // The first ones wait until the last process has started, also on a slow machine.
    for ms in [3000, 150, 150] {
        let calls = (0..8).map(|_| invoke(&lambda, json!({"do": "wait", "ms": ms})));
        let answers = futures_util::future::join_all(calls).await;
        let pids: std::collections::BTreeSet<_> = answers.iter().map(|a| a.as_ref().unwrap()["pid"].as_u64()).collect();
        assert_eq!(pids.len(), 8);
    }
    // Used again, not started again.
    assert_eq!(lambda.instances().len(), 8);
    lambda.stop().await;
}

#[tokio::test]
async fn an_error_of_the_handler_leaves_the_instance() {
    let (lambda, _) = lambda(&[specimen("Specimen", LONG, &[], &[])]);
    let error = invoke(&lambda, json!({"do": "fail"})).await.unwrap_err();
    let InvokeError::Unhandled { body, .. } = &error else { panic!("{error}") };
    assert!(body.contains("it failed as asked"), "{body}");
    let pid = lambda.instances()[0].pid;
    assert_eq!(invoke(&lambda, json!({})).await.unwrap()["pid"], pid);
    lambda.stop().await;
}

#[tokio::test]
async fn an_exit_ends_the_invocation_and_the_next_one_gets_a_new_instance() {
    let (lambda, log) = lambda(&[specimen("Specimen", LONG, &[], &[])]);
    let first = invoke(&lambda, json!({})).await.unwrap()["pid"].clone();
    let error = invoke(&lambda, json!({"do": "exit", "code": 3})).await.unwrap_err().to_string();
    assert!(
        error.starts_with("Runtime.ExitError: RequestId: ")
            && error.ends_with(" Error: Runtime exited with error: exit status 3"),
        "{error}"
    );
    assert!(said(&log, &error));
    assert_eq!(lambda.instances(), []);
    assert_ne!(invoke(&lambda, json!({})).await.unwrap()["pid"], first);
    lambda.stop().await;
}

#[tokio::test]
async fn a_busy_instance_can_be_killed() {
    let (lambda, log) = lambda(&[specimen("Specimen", LONG, &[], &[])]);
    let call = tokio::spawn({
        let lambda = lambda.clone();
        async move { invoke(&lambda, json!({"do": "hang"})).await }
    });
    let pid = busy(&lambda).await;
    assert_eq!(lambda.kill(pid), Kill::Sent);
    let error = call.await.unwrap().unwrap_err().to_string();
    assert!(error.ends_with("Runtime exited with error: signal: killed"), "{error}");
    assert!(!is_alive(pid) && said(&log, &error));
    assert_eq!(lambda.kill(pid), Kill::NoSuchInstance);
}

#[tokio::test]
async fn killing_an_idle_instance_costs_no_invocation() {
    let (lambda, _) = lambda(&[specimen("Specimen", LONG, &[], &[])]);
    for _ in 0..20 {
        let pid = invoke(&lambda, json!({})).await.unwrap()["pid"].as_u64().unwrap();
        assert_eq!(lambda.kill(u32::try_from(pid).unwrap()), Kill::Sent);
        assert!(invoke(&lambda, json!({})).await.is_ok());
    }
    lambda.stop().await;
}

#[tokio::test]
async fn a_timeout_kills_the_instance() {
    let (lambda, log) = lambda(&[specimen("Specimen", Duration::from_millis(500), &[], &[])]);
    let call = tokio::spawn({
        let lambda = lambda.clone();
        async move { invoke(&lambda, json!({"do": "hang"})).await }
    });
    let pid = busy(&lambda).await;
    let error = call.await.unwrap().unwrap_err().to_string();
    assert!(
        error.starts_with("Sandbox.Timedout: RequestId: ")
            && error.ends_with(" Error: Task timed out after 0.50 seconds"),
        "{error}"
    );
    assert!(!is_alive(pid) && said(&log, &error));
    assert_eq!(lambda.instances(), []);
}

#[tokio::test]
async fn a_function_that_exits_at_its_start_fails_its_invocation() {
    let (lambda, _) = lambda(&[specimen("Specimen", LONG, &[("START", "exit")], &[])]);
    let error = invoke(&lambda, json!({})).await.unwrap_err().to_string();
    assert!(error.ends_with("Runtime exited with error: exit status 7"), "{error}");
}

#[tokio::test]
async fn a_slow_start_does_not_count_against_the_timeout() {
    let (lambda, _) = lambda(&[specimen("Specimen", Duration::from_millis(200), &[("START", "slow")], &[])]);
    assert!(invoke(&lambda, json!({})).await.is_ok());
    lambda.stop().await;
}

#[tokio::test]
async fn a_missing_binary_is_named() {
    let mut function = specimen("Specimen", LONG, &[], &[]);
    function.binary = "iimmpact-reprot".to_owned();
    let (lambda, log) = lambda(&[function]);
    let error = invoke(&lambda, json!({})).await.unwrap_err().to_string();
    assert!(error.contains("iimmpact-reprot: build it with `cargo build --bin iimmpact-reprot`"), "{error}");
    assert!(said(&log, &error));
}

#[tokio::test]
async fn unknown_functions_and_too_much_are_refused() {
    let (lambda, _) = lambda(&[specimen("Specimen", LONG, &[], &[])]);
    assert_eq!(lambda.invoke("Other", vec![]).await, Err(InvokeError::Unknown("Other".into())));
    assert_eq!(lambda.invoke("Specimen", vec![b' '; MAX_PAYLOAD + 1]).await, Err(InvokeError::TooLarge));
    // Two quotes are part of the answer.
    let fit = MAX_PAYLOAD - 2;
    assert_eq!(invoke(&lambda, json!({"do": "fill", "bytes": fit})).await.unwrap().as_str().map(str::len), Some(fit));
    assert_eq!(invoke(&lambda, json!({"do": "fill", "bytes": fit + 1})).await, Err(InvokeError::ResponseTooLarge));
    assert_eq!(lambda.instances().len(), 1, "neither costs the instance");
    lambda.stop().await;
}

#[tokio::test]
async fn a_functions_output_is_in_its_log_before_its_failure() {
    let (lambda, log) = lambda(&[specimen("Specimen", LONG, &[], &[])]);
    invoke(&lambda, json!({"do": "say", "text": "\u{fffd} and more"})).await.unwrap();
    invoke(&lambda, json!({"do": "exit", "code": 1})).await.unwrap_err();
    let lines: Vec<_> = log.lines().into_iter().map(|line| line.text).collect();
    let [.., a, b, c] = &lines[..] else { panic!("{lines:?}") };
    assert_eq!((a.as_str(), b.as_str()), ("a line", "\u{fffd} and more"));
    assert!(c.starts_with("Runtime.ExitError"), "{c}");
}

#[tokio::test]
async fn after_a_stop_nothing_runs_and_nothing_starts() {
    let (lambda, _) = lambda(&[specimen("Specimen", LONG, &[], &[])]);
    invoke(&lambda, json!({})).await.unwrap();
    let idle = lambda.instances()[0].pid;
    let call = tokio::spawn({
        let lambda = lambda.clone();
        async move {
            futures_util::future::join(invoke(&lambda, json!({"do": "hang"})), invoke(&lambda, json!({"do": "hang"})))
                .await
        }
    });
    until("two are busy", || lambda.instances().iter().filter(|i| i.state == InstanceState::Busy).count() == 2).await;
    let pids: Vec<_> = lambda.instances().iter().map(|i| i.pid).collect();
    assert!(pids.contains(&idle));
    lambda.stop().await;
    assert!(pids.iter().all(|pid| !is_alive(*pid)));
    let (a, b) = call.await.unwrap();
    assert!(a.is_err() && b.is_err());
    assert_eq!(invoke(&lambda, json!({})).await, Err(InvokeError::Stopping));
}

#[tokio::test]
async fn processes_do_not_outlive_the_handle_of_a_test_that_failed() {
    // A runtime that is dropped drops its tasks; the processes go with them.
    let pid = std::thread::spawn(|| {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        runtime.block_on(async {
            let (lambda, _) = lambda(&[specimen("Specimen", LONG, &[], &[])]);
            invoke(&lambda, json!({})).await.unwrap()["pid"].as_u64().unwrap()
        })
    })
    .join()
    .unwrap();
    let pid = u32::try_from(pid).unwrap();
    until("the process is gone", || !is_alive(pid)).await;
}

#[tokio::test]
async fn an_instance_that_nobody_needs_ends_and_the_next_invocation_has_a_new_one() {
    let log = LogSink::buffered();
    let endpoints = crate::testing::no_endpoints();
    let functions = [specimen("Specimen", LONG, &[], &[])];
    let idle = Duration::from_millis(300);
    let lambda = Lambda::with_idle(&functions, &crate::testing::binaries(), &endpoints, None, log.clone(), idle);
    let pid = async || u32::try_from(invoke(&lambda, json!({})).await.unwrap()["pid"].as_u64().unwrap()).unwrap();
    let first = pid().await;
    assert_eq!(pid().await, first, "it stays for a while");
    until("it has ended", || lambda.instances().is_empty() && !is_alive(first)).await;
    assert_ne!(pid().await, first);
    assert_eq!(log.lines(), [], "an end that nobody notices is no line");
    lambda.stop().await;
}
