//! A server that sends whatever a test says.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// What a server does with a request, in order. Then it closes the connection.
#[derive(Clone, Debug)]
pub(super) enum Act {
    Send(String),
    /// Milliseconds.
    Wait(u64),
}

impl Act {
    pub(super) fn raw(text: &str) -> Self {
        Self::Send(text.to_owned())
    }
}

/// A request as it came.
#[derive(Clone, Debug)]
pub(super) struct Received {
    pub(super) line: String,
    pub(super) body: String,
}

pub(super) struct Server {
    port: u16,
    requests: Arc<Mutex<Vec<Received>>>,
    task: JoinHandle<()>,
}

impl Server {
    pub(super) async fn start(answer: impl Fn(&Received) -> Vec<Act> + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let requests = Arc::new(Mutex::new(Vec::new()));
        let (all, answer) = (requests.clone(), Arc::new(answer));
        let task = tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let (all, answer) = (all.clone(), answer.clone());
                tokio::spawn(async move {
                    let Some(request) = receive(&mut stream).await else { return };
                    let acts = answer(&request);
                    all.lock().unwrap().push(request);
                    for act in acts {
                        match act {
                            Act::Send(text) if stream.write_all(text.as_bytes()).await.is_err() => return,
                            Act::Send(_) => {}
                            Act::Wait(millis) => tokio::time::sleep(Duration::from_millis(millis)).await,
                        }
                    }
                });
            }
        });
        Self { port, requests, task }
    }

    /// Nothing listens at its port any longer.
    pub(super) async fn close(mut self) -> Self {
        self.task.abort();
        assert!((&mut self.task).await.unwrap_err().is_cancelled());
        self
    }

    pub(super) fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    pub(super) fn requests(&self) -> Vec<Received> {
        self.requests.lock().unwrap().clone()
    }
}

async fn receive(stream: &mut TcpStream) -> Option<Received> {
    let mut bytes = Vec::new();
    loop {
        let mut part = [0; 4096];
        let read = stream.read(&mut part).await.ok().filter(|read| *read > 0)?;
        bytes.extend_from_slice(&part[..read]);
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
        let length = head.lines().find_map(|line| line.strip_prefix("content-length: "))?;
        if body.len() >= length.parse().ok()? {
            return Some(Received { line: head.lines().next()?.to_owned(), body: body.to_owned() });
        }
    }
}

/// A complete answer; `headers` end with a line break each.
pub(super) fn http(status: u16, headers: &str, body: &str) -> Vec<Act> {
    let length = body.len();
    vec![Act::Send(format!(
        "HTTP/1.1 {status} x\r\ncontent-type: application/json\r\n{headers}content-length: {length}\r\n\r\n{body}"
    ))]
}

/// An answer of Converse with these blocks.
pub(super) fn answer(stop_reason: &str, blocks: &str) -> Vec<Act> {
    let usage = r#"{"inputTokens":1000,"outputTokens":234,"totalTokens":1234}"#;
    http(
        200,
        "",
        &format!(
            r#"{{"output":{{"message":{{"role":"assistant","content":{blocks}}}}},"stopReason":"{stop_reason}","usage":{usage},"metrics":{{"latencyMs":1}}}}"#
        ),
    )
}
