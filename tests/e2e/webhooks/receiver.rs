//! A receiver on this machine, which does whatever a test says.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use recourse_signing::webhook;
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use crate::harness::until;

/// What a receiver answers.
#[derive(Clone, Debug)]
pub(crate) enum Reply {
    /// This status, with more headers and a body.
    Answer(u16, Vec<(&'static str, String)>, String),
    /// Nothing, and the connection stays open.
    Hang,
    /// Nothing, and the connection ends.
    Close,
}

impl Reply {
    pub(crate) fn status(status: u16) -> Self {
        Self::Answer(status, Vec::new(), String::new())
    }
}

/// A request as it came, and what was answered.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: String,
    /// The status that was answered; 0 for none.
    pub(crate) answered: u16,
}

impl Request {
    /// A header that is there once.
    pub(crate) fn header(&self, name: &str) -> &str {
        let values: Vec<_> = self.headers.iter().filter(|(header, _)| header == name).collect();
        assert_eq!(values.len(), 1, "{name}: {self:?}");
        &values[0].1
    }

    pub(crate) fn id(&self) -> &str {
        self.header("webhook-id")
    }

    pub(crate) fn event(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }

    /// Whether one of its signatures is that of this secret.
    pub(crate) fn is_signed_by(&self, secret: &str) -> bool {
        let secret = webhook::parse_secret(secret).unwrap();
        let (id, time) = (self.id(), self.header("webhook-timestamp"));
        webhook::verify(&secret, id, time, self.body.as_bytes(), self.header("webhook-signature")).is_ok()
    }
}

type Answering = Box<dyn Fn(usize) -> Reply + Send>;

struct Shared {
    requests: Mutex<Vec<Request>>,
    reply: Mutex<Answering>,
    connections: Mutex<usize>,
}

/// A receiver. It answers each request by its place, from 0.
pub(crate) struct Receiver {
    port: u16,
    shared: Arc<Shared>,
    task: tokio::task::JoinHandle<()>,
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Receiver {
    pub(crate) async fn start(reply: impl Fn(usize) -> Reply + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let reply: Answering = Box::new(reply);
        let shared =
            Arc::new(Shared { requests: Mutex::default(), reply: Mutex::new(reply), connections: Mutex::new(0) });
        let accepting = Arc::clone(&shared);
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                *accepting.connections.lock().unwrap() += 1;
                tokio::spawn(serve(stream, Arc::clone(&accepting)));
            }
        });
        Self { port, shared, task }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://127.0.0.1:{}/hooks", self.port)
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// From now on it answers so.
    pub(crate) fn reply(&self, reply: impl Fn(usize) -> Reply + Send + 'static) {
        *self.shared.reply.lock().unwrap() = Box::new(reply);
    }

    /// What came so far.
    pub(crate) fn seen(&self) -> Vec<Request> {
        self.shared.requests.lock().unwrap().clone()
    }

    pub(crate) fn connections(&self) -> usize {
        *self.shared.connections.lock().unwrap()
    }

    /// What came, once there are `count` requests.
    pub(crate) async fn requests(&self, count: usize) -> Vec<Request> {
        until(&format!("{count} requests"), async || Some(self.seen()).filter(|seen| seen.len() >= count)).await
    }
}

async fn serve(mut stream: TcpStream, shared: Arc<Shared>) {
    let Some((headers, body)) = receive(&mut stream).await else { return };
    let reply = {
        let mut requests = shared.requests.lock().unwrap();
        let reply = (shared.reply.lock().unwrap())(requests.len());
        let answered = match &reply {
            Reply::Answer(status, ..) => *status,
            Reply::Hang | Reply::Close => 0,
        };
        requests.push(Request { headers, body, answered });
        reply
    };
    match reply {
        Reply::Answer(status, headers, body) => {
            let headers: String = headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
            let head = format!("HTTP/1.1 {status} Status\r\n{headers}content-length: {}\r\n\r\n", body.len());
            let _ = stream.write_all(format!("{head}{body}").as_bytes()).await;
            let _ = stream.flush().await;
        }
        Reply::Hang => tokio::time::sleep(Duration::from_secs(60)).await,
        Reply::Close => {}
    }
}

async fn receive(stream: &mut TcpStream) -> Option<(Vec<(String, String)>, String)> {
    let mut bytes = Vec::new();
    loop {
        let mut part = [0; 4096];
        let read = stream.read(&mut part).await.ok().filter(|read| *read > 0)?;
        bytes.extend_from_slice(&part[..read]);
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
        let headers: Vec<(String, String)> = head
            .lines()
            .filter_map(|line| line.split_once(": "))
            .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
            .collect();
        let length: usize = headers.iter().find(|(name, _)| name == "content-length")?.1.parse().ok()?;
        if body.len() >= length {
            return Some((headers, body.to_owned()));
        }
    }
}
