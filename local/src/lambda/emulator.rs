//! A function under AWS's own Runtime Interface Emulator instead of the Runtime API here.
//!
//! The official base images and `sam local` put the emulator around a function. It fails when it
//! gets several invocations at once, so they wait for each other. Nothing else differs from
//! [`super`] for the caller. It is for tests: it proves that our binaries work with another Runtime
//! API.

use super::error::InvokeError;
use super::process::Program;
use axum::body::{Body, Bytes, to_bytes};
use http::{Request, StatusCode};
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use serde_json::Value as Json;
use std::io;
use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};
use std::time::Duration;
use tokio::net::TcpStream;
use tokio::process::{Child, Command};
use tokio::sync::Mutex;
use tokio::time::{sleep, timeout};

/// How long the emulator may take to listen.
const START: Duration = Duration::from_secs(10);

/// One function's emulator.
pub(super) struct Emulator {
    program: Program,
    emulator: PathBuf,
    running: Mutex<Option<Running>>,
}

struct Running {
    child: Child,
    url: String,
}

impl Emulator {
    pub(super) fn new(program: Program, emulator: &Path) -> Emulator {
        Emulator { program, emulator: emulator.to_owned(), running: Mutex::new(None) }
    }

    /// Invokes the function. Starts it if it does not run.
    pub(super) async fn invoke(&self, event: Bytes) -> Result<Vec<u8>, InvokeError> {
        let mut running = self.running.lock().await;
        let url = match running.as_ref() {
            Some(running) => running.url.clone(),
            None => {
                let started = self.start().await.map_err(|error| InvokeError::NotStarted(error.to_string()))?;
                running.insert(started).url.clone()
            }
        };
        let failed = |body: String| InvokeError::Unhandled { error_type: "Emulator".to_owned(), body };
        let request = Request::post(url).body(Body::from(event)).map_err(|error| failed(error.to_string()))?;
        let client = Client::builder(TokioExecutor::new()).build_http();
        let answer = client.request(request).await.map_err(|error| failed(error.to_string()))?;
        let (head, body) = answer.into_parts();
        let body = to_bytes(Body::new(body), super::MAX_PAYLOAD).await.map_err(|error| failed(error.to_string()))?;
        judged(head.status, body).map_err(failed)
    }

    async fn start(&self) -> io::Result<Running> {
        let (invocations, runtime_api) = (free_address()?, free_address()?);
        let mut command = Command::new(&self.emulator);
        command.args(["--runtime-interface-emulator-address", &invocations, "--runtime-api-address", &runtime_api]);
        command.arg(&self.program.binary);
        let seconds = self.program.function.timeout.as_secs().to_string();
        let (child, _log) = self.program.spawn(command, ("AWS_LAMBDA_FUNCTION_TIMEOUT", &seconds))?;
        let listening = async {
            while TcpStream::connect(&invocations).await.is_err() {
                sleep(Duration::from_millis(20)).await;
            }
        };
        timeout(START, listening).await.map_err(|_| io::Error::other("the emulator does not listen"))?;
        Ok(Running { child, url: format!("http://{invocations}/2015-03-31/functions/function/invocations") })
    }

    /// Kills the emulator. The function's process ends by itself without its runtime API.
    pub(super) async fn stop(&self) {
        if let Some(mut running) = self.running.lock().await.take() {
            let _ = running.child.kill().await;
        }
    }
}

/// The function's answer out of the emulator's, or what went wrong.
///
/// An error of the function comes with status 200, and only its members show it. A function that
/// cannot start is a 502 without a body, and one that takes too long is a 200 with a sentence. An
/// answer of our functions is always JSON.
fn judged(status: StatusCode, body: Bytes) -> Result<Vec<u8>, String> {
    let text = || format!("{status}: {}", String::from_utf8_lossy(&body));
    match serde_json::from_slice::<Json>(&body) {
        Ok(sent) if status.is_success() && sent.get("errorType").is_none() => Ok(body.into()),
        _ => Err(text()),
    }
}

/// An address that nothing listened on just now: the emulator does not take a socket.
fn free_address() -> io::Result<String> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_functions_own_answer_is_one() {
        let judge = |status, body: &'static str| judged(StatusCode::from_u16(status).unwrap(), Bytes::from(body));
        for answer in [r#"{"statusCode":200}"#, "null", "{}"] {
            assert_eq!(judge(200, answer), Ok(answer.as_bytes().to_vec()));
        }
        for (status, body) in [
            (502, ""),
            (200, ""),
            (200, "Task timed out after 3.00 seconds"),
            (200, r#"{"errorType":"Runtime.ExitError","errorMessage":"it fell over"}"#),
            (500, r#"{"statusCode":200}"#),
        ] {
            let error = judge(status, body).unwrap_err();
            assert!(error.starts_with(&status.to_string()) && error.ends_with(body), "{error}");
        }
    }
}
