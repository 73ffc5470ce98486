//! The Runtime API, call by call: the process does nothing, and the test is its runtime.

use super::*;
use crate::body;
use crate::testing::{lambda_in, specimen, until};
use axum::body::Body;
use hyper_util::client::legacy::{Client, connect::HttpConnector};
use hyper_util::rt::TokioExecutor;
use std::os::unix::fs::PermissionsExt;
use std::time::Duration;
use tokio::task::JoinHandle;

/// A function whose instances say where their Runtime API is, and then only exist.
struct Fake {
    lambda: Lambda,
    log: LogSink,
    client: Client<HttpConnector, Body>,
    _folder: tempfile::TempDir,
}

type Answer = Result<Vec<u8>, InvokeError>;

impl Fake {
    fn new() -> Fake {
        let folder = tempfile::tempdir().unwrap();
        let binary = folder.path().join("specimen");
        std::fs::write(&binary, "#!/bin/sh\necho $AWS_LAMBDA_RUNTIME_API\nexec sleep 60\n").unwrap();
        std::fs::set_permissions(&binary, std::fs::Permissions::from_mode(0o755)).unwrap();
        let (lambda, log) =
            lambda_in(folder.path(), &[specimen("Fake", Duration::from_secs(20), &[("PATH", "/usr/bin:/bin")], &[])]);
        Fake { lambda, log, client: Client::builder(TokioExecutor::new()).build_http(), _folder: folder }
    }

    fn invoke(&self, event: &str) -> JoinHandle<Answer> {
        let (lambda, event) = (self.lambda.clone(), event.as_bytes().to_vec());
        tokio::spawn(async move { lambda.invoke("Fake", event).await })
    }

    /// Where the Runtime API of the nth instance is.
    async fn runtime_api(&self, n: usize) -> String {
        until("the instance has started", || self.log.lines().len() > n).await;
        format!("http://{}/2018-06-01/runtime", self.log.lines()[n].text)
    }

    async fn call(&self, method: &str, url: &str, body: &str) -> (u16, http::HeaderMap, String) {
        let request = http::Request::builder()
            .method(method)
            .uri(url)
            .header("lambda-runtime-function-error-type", "Runtime.Odd");
        let response = self.client.request(request.body(Body::from(body.to_owned())).unwrap()).await.unwrap();
        let (parts, sent) = response.into_parts();
        let sent = body::read(Body::new(sent), usize::MAX).await.unwrap();
        (parts.status.as_u16(), parts.headers, String::from_utf8(sent.to_vec()).unwrap())
    }
}

#[tokio::test]
async fn an_invocation_is_served_call_by_call() {
    let fake = Fake::new();
    let call = fake.invoke("{\"a\":1}");
    let api = fake.runtime_api(0).await;

    let (status, headers, event) = fake.call("GET", &format!("{api}/invocation/next"), "").await;
    assert_eq!((status, event.as_str()), (200, "{\"a\":1}"));
    assert_eq!(headers["lambda-runtime-invoked-function-arn"], "arn:aws:lambda:us-east-1:000000000000:function:Fake");
    let id = headers["lambda-runtime-aws-request-id"].to_str().unwrap();

    let not_now = fake.call("GET", &format!("{api}/invocation/next"), "").await;
    assert!(not_now.0 == 403 && not_now.2.contains("InvalidStateTransition"), "{not_now:?}");
    let other = fake.call("POST", &format!("{api}/invocation/another/response"), "1").await;
    assert!(other.0 == 400 && other.2.contains("InvalidRequestID"), "{other:?}");
    assert_eq!(fake.call("POST", &format!("{api}/init/error"), "late").await.0, 403);
    let (status, _, body) = fake.call("POST", &format!("{api}/invocation/{id}/response"), "the answer").await;
    assert_eq!((status, body.as_str()), (202, r#"{"status":"OK"}"#));
    assert_eq!(fake.call("POST", &format!("{api}/invocation/{id}/response"), "another").await.0, 403);
    assert!(!call.is_finished(), "an invocation is over when the runtime asks for the next");

    let next = format!("{api}/invocation/next");
    let second = async {
        assert_eq!(call.await.unwrap(), Ok(b"the answer".to_vec()));
        assert_eq!(fake.lambda.instances()[0].state, InstanceState::Idle);
        // The task is returned, so that the test waits for it below.
        (fake.invoke("2"),)
    };
    let ((_, headers, event), (call,)) = tokio::join!(fake.call("GET", &next, ""), second);
    assert_eq!((event.as_str(), fake.lambda.instances().len()), ("2", 1));
    let id = headers["lambda-runtime-aws-request-id"].to_str().unwrap();
    assert_eq!(fake.call("POST", &format!("{api}/invocation/{id}/error"), "{\"errorType\":\"Odd\"}").await.0, 202);
    // It ends before it asks again: its answer counts.
    fake.lambda.kill(fake.lambda.instances()[0].pid);
    let expected = InvokeError::Unhandled { error_type: "Runtime.Odd".into(), body: "{\"errorType\":\"Odd\"}".into() };
    assert_eq!(call.await.unwrap(), Err(expected));
}

#[tokio::test]
async fn an_error_at_the_start_ends_the_instance() {
    let fake = Fake::new();
    let call = fake.invoke("{}");
    let api = fake.runtime_api(0).await;
    assert_eq!(fake.call("POST", &format!("{api}/init/error"), "no key").await.0, 202);
    let error = InvokeError::Unhandled { error_type: "Runtime.Odd".into(), body: "no key".into() };
    assert_eq!(call.await.unwrap(), Err(error));
    assert_eq!(fake.lambda.instances(), []);
}

#[tokio::test]
async fn a_runtime_that_hangs_up_while_it_is_idle_is_replaced_and_nothing_is_lost() {
    let fake = Fake::new();
    let call = fake.invoke("1");
    let api = fake.runtime_api(0).await;
    let next = format!("{api}/invocation/next");
    let id = fake.call("GET", &next, "").await.1["lambda-runtime-aws-request-id"].to_str().unwrap().to_owned();
    fake.call("POST", &format!("{api}/invocation/{id}/response"), "one").await;
    // It asks for the next invocation, and hangs up as soon as the first one is over.
    let asked = tokio::select! {
        answer = call => answer.unwrap(),
        _ = fake.call("GET", &next, "") => panic!("there is no second invocation"),
    };
    assert_eq!(asked, Ok(b"one".to_vec()));
    let first = fake.lambda.instances()[0].pid;
    tokio::time::sleep(Duration::from_millis(50)).await;

    let call = fake.invoke("2");
    let api = fake.runtime_api(1).await;
    let (_, headers, event) = fake.call("GET", &format!("{api}/invocation/next"), "").await;
    assert_eq!(event, "2");
    let id = headers["lambda-runtime-aws-request-id"].to_str().unwrap();
    fake.call("POST", &format!("{api}/invocation/{id}/response"), "two").await;
    fake.lambda.kill(fake.lambda.instances()[0].pid);
    assert_eq!(call.await.unwrap(), Ok(b"two".to_vec()));
    assert!(!crate::testing::is_alive(first));
}
