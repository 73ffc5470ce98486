//! HTTP servers on loopback whose handler may also cut the connection instead of answering.
//!
//! DynamoDB's front and the services beside it are such servers. A server listens on 127.0.0.1
//! only and reads a whole request before the handler sees it. Whatever its clients do, it is gone
//! about a second after it is stopped or its last handle is dropped.

use std::error::Error;
use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::sync::Mutex;
use std::time::Duration;

use axum::body::{Body, Bytes};
use http::{Request, Response, StatusCode};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::timeout;

use crate::body::{self, Unread};
use crate::lock::lock;

/// The largest request that any service here reads, in bytes: DynamoDB's own limit.
const BODY_LIMIT: usize = 16 * 1024 * 1024;

/// How long a stopping server waits for the requests it is still handling.
const GRACE: Duration = Duration::from_secs(1);

/// Why a service did not start; which one it was, its caller says.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The system refused something: a port, a file, a process.
    #[error("cannot {what}: {source}")]
    Io {
        /// What was tried, as in "cannot ...".
        what: String,
        /// The system's answer.
        source: io::Error,
    },
    /// Something that it needs is missing or cannot be used.
    #[error("{0}")]
    Unusable(String),
    /// The engine behind the service refused to set up a table, or to show its stream.
    #[error(transparent)]
    Engine(Box<dyn Error + Send + Sync>),
}

impl StartError {
    /// For `map_err`: the system refused `what`, as in "cannot {what}".
    pub(crate) fn io(what: impl Into<String>) -> impl FnOnce(io::Error) -> Self {
        let what = what.into();
        move |source| Self::Io { what, source }
    }
}

/// What was tried when a port could not be had.
pub(crate) const OPEN_PORT: &str = "open a port on 127.0.0.1";

/// What a handler does with a request.
#[derive(Debug)]
pub(crate) enum Reply {
    /// It answers.
    Answer(Response<Body>),
    /// It closes the connection without an answer.
    Cut,
}

/// The error that makes hyper close a connection without an answer.
#[derive(Debug, thiserror::Error)]
#[error("the connection is cut on purpose")]
struct Cut;

/// A running server.
#[derive(Debug)]
pub(crate) struct Server {
    address: SocketAddr,
    stop: watch::Sender<bool>,
    /// Taken by who stops it first.
    accepting: Mutex<Option<JoinHandle<()>>>,
}

impl Server {
    /// Starts a server on a free port of 127.0.0.1.
    ///
    /// # Errors
    /// No port can be opened.
    pub(crate) async fn start<H, F>(handler: H) -> Result<Self, StartError>
    where
        H: Fn(Request<Bytes>) -> F + Clone + Send + Sync + 'static,
        F: Future<Output = Reply> + Send + 'static,
    {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.map_err(StartError::io(OPEN_PORT))?;
        let address = listener.local_addr().map_err(StartError::io(OPEN_PORT))?;
        let (stop, stopped) = watch::channel(false);
        let accepting = Mutex::new(Some(tokio::spawn(accept(listener, handler, stopped))));
        Ok(Self { address, stop, accepting })
    }

    /// Where it listens, as `http://127.0.0.1:port`.
    pub(crate) fn endpoint(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Stops accepting, closes idle connections, gives running requests a second, and returns when
    /// all are closed.
    pub(crate) async fn stop(&self) {
        // A failure does not matter: then the server has already ended.
        let _ = self.stop.send(true);
        let accepting = lock(&self.accepting).take();
        if let Some(accepting) = accepting {
            let _ = accepting.await;
        }
    }
}

async fn accept<H, F>(listener: TcpListener, handler: H, mut stopped: watch::Receiver<bool>)
where
    H: Fn(Request<Bytes>) -> F + Clone + Send + Sync + 'static,
    F: Future<Output = Reply> + Send + 'static,
{
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            // Also when the handle was dropped: then nobody needs the server any more.
            _ = stopped.changed() => break,
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => { connections.spawn(connection(stream, handler.clone(), stopped.clone())); }
                // Out of file handles, most likely: waiting is all that helps.
                Err(_) => tokio::time::sleep(Duration::from_millis(10)).await,
            },
            Some(_) = connections.join_next() => {}
        }
    }
    drop(listener);
    let _ = timeout(GRACE, async { while connections.join_next().await.is_some() {} }).await;
    connections.shutdown().await;
}

async fn connection<H, F>(stream: TcpStream, handler: H, mut stopped: watch::Receiver<bool>)
where
    H: Fn(Request<Bytes>) -> F + Clone + Send + Sync + 'static,
    F: Future<Output = Reply> + Send + 'static,
{
    // Small answers leave at once; without it each may wait for the peer's acknowledgement.
    let _ = stream.set_nodelay(true);
    let service = service_fn(move |request: Request<Incoming>| {
        let handler = handler.clone();
        async move {
            let (head, body) = request.into_parts();
            let reply = match body::read(Body::new(body), BODY_LIMIT).await {
                Ok(body) => handler(Request::from_parts(head, body)).await,
                Err(Unread::TooLarge) => Reply::Answer(plain(StatusCode::PAYLOAD_TOO_LARGE, "the body is over 16 MiB")),
                Err(Unread::Broken) => Reply::Answer(plain(StatusCode::BAD_REQUEST, "the body was cut short")),
            };
            match reply {
                Reply::Answer(answer) => Ok(answer),
                Reply::Cut => Err(Cut),
            }
        }
    });
    let serving = http1::Builder::new().serve_connection(TokioIo::new(stream), service);
    let mut serving = std::pin::pin!(serving);
    tokio::select! {
        _ = serving.as_mut() => return,
        _ = stopped.changed() => serving.as_mut().graceful_shutdown(),
    }
    let _ = serving.await;
}

/// An answer of plain text.
pub(crate) fn plain(status: StatusCode, text: &str) -> Response<Body> {
    let mut answer = Response::new(Body::from(text.to_owned()));
    *answer.status_mut() = status;
    answer
}

/// An answer of JSON in AWS's content type `content_type`.
pub(crate) fn json(status: StatusCode, content_type: &'static str, value: &serde_json::Value) -> Response<Body> {
    let mut answer = plain(status, &value.to_string());
    answer.headers_mut().insert(http::header::CONTENT_TYPE, http::HeaderValue::from_static(content_type));
    answer
}
