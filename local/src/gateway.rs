//! API Gateway: an HTTP API on one port, whose routes lead to functions.
//!
//! It behaves as the real HTTP API does with payload format 2.0, including its limits and the
//! bodies of its own answers. The pages of the local cloud are on the same port and come first. The
//! API answers on all other methods and paths.

mod answer;
pub(crate) mod decode;
mod event;
mod guard;
mod routing;

pub use guard::Gate;
pub use routing::{Match, RouteTable};

use crate::body::{self, Unread};
use crate::clock::Clock;
use crate::lambda::{InvokeError, Lambda, MAX_PAYLOAD};
use crate::lock::lock;
use crate::random;
use answer::Own;
use axum::Router;
use axum::body::Body;
use axum::extract::{ConnectInfo, Request};
use axum::middleware::from_fn_with_state;
use axum::serve::ListenerExt;
use http::request::Parts;
use http::{HeaderValue, Response};
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio::time::timeout;

/// How long a function may take to answer a request: the HTTP API's own limit.
pub const INTEGRATION_TIMEOUT: Duration = Duration::from_secs(30);

/// The largest sum of the request line and the header values, in bytes: the HTTP API's own limit.
pub const MAX_HEADERS: usize = 10_240;

/// The largest body that the HTTP API reads, in bytes. Later it refuses an event above
/// [`MAX_PAYLOAD`].
const MAX_BODY: usize = 10 * 1024 * 1024;

/// How long requests under way may take when the gateway is stopped.
const GRACE: Duration = Duration::from_secs(2);

/// A running gateway.
#[derive(Debug)]
pub struct Gateway {
    stop: oneshot::Sender<()>,
    serving: JoinHandle<()>,
    events: Arc<Mutex<Events>>,
}

/// Events by the keys of their routes.
type Events = BTreeMap<String, Vec<u8>>;

struct Api {
    /// The first of each route that was answered with success.
    events: Arc<Mutex<Events>>,
    routes: RouteTable,
    lambda: Lambda,
    port: u16,
    integration_timeout: Duration,
    clock: Clock,
}

impl Gateway {
    /// Serves `pages`, and behind them the API with these routes, on `listener`, all of it behind
    /// `gate`. A function has `integration_timeout` to answer: [`INTEGRATION_TIMEOUT`] except in
    /// tests.
    pub fn start(
        listener: TcpListener,
        pages: Router,
        routes: RouteTable,
        lambda: Lambda,
        integration_timeout: Duration,
        gate: Gate,
        clock: Clock,
    ) -> Gateway {
        let port = listener.local_addr().map(|address| address.port()).unwrap_or_default();
        let events = Arc::new(Mutex::new(Events::new()));
        let api = Arc::new(Api { events: events.clone(), routes, lambda, port, integration_timeout, clock });
        let to_api = move |client: ConnectInfo<SocketAddr>, request: Request| handle(api.clone(), client.0, request);
        let app = pages
            .fallback(to_api.clone())
            .method_not_allowed_fallback(to_api)
            .layer(from_fn_with_state(gate, guard::guard))
            .into_make_service_with_connect_info::<SocketAddr>();
        let listener = listener.tap_io(|stream| {
            // Without it an answer may wait for the acknowledgement of the one before.
            let _ = stream.set_nodelay(true);
        });
        let (stop, stopped) = oneshot::channel::<()>();
        let serving = tokio::spawn(async move {
            let until = async {
                let _ = stopped.await;
            };
            // Has no errors of its own: those of connections stay with them.
            let _ = axum::serve(listener, app).with_graceful_shutdown(until).await;
        });
        Gateway { stop, serving, events }
    }

    /// The first event of each route that was answered with success.
    pub(crate) fn events(&self) -> Events {
        lock(&self.events).clone()
    }

    /// Takes no more requests. Returns when those under way are answered or, after a while, cut
    /// off.
    pub async fn stop(mut self) {
        let _ = self.stop.send(());
        if timeout(GRACE, &mut self.serving).await.is_err() {
            self.serving.abort();
        }
    }
}

/// Answers a request that is not for a page.
async fn handle(api: Arc<Api>, client: SocketAddr, request: Request) -> Response<Body> {
    let request_id = random::gateway_request_id();
    let (parts, body) = request.into_parts();
    let mut response = match api.answer(&parts, body, client, &request_id).await {
        Ok(response) => response,
        Err(own) => own.response(),
    };
    if let Ok(id) = HeaderValue::from_str(&request_id) {
        response.headers_mut().insert("apigw-requestid", id);
    }
    response
}

impl Api {
    async fn answer(
        &self,
        request: &Parts,
        body: Body,
        client: SocketAddr,
        request_id: &str,
    ) -> Result<Response<Body>, Own> {
        // Read in any case: a client that is still sending does not read the answer.
        let body = body::read(body, MAX_BODY).await;
        if header_size(request) > MAX_HEADERS {
            return Err(Own::HeadersTooLarge);
        }
        let path = decode::path(request.uri.path()).ok_or(Own::BadRequest)?;
        let route = self.routes.find(request.method.as_str(), &path).ok_or(Own::NotFound)?;
        let body = body.map_err(|unread| match unread {
            Unread::TooLarge => Own::TooLarge,
            Unread::Broken => Own::BadRequest,
        })?;
        let setting = event::Setting { request_id, client, port: self.port, path: &path, now: self.clock.now() };
        let event = event::event(request, &body, &route, &setting).map_err(|_| Own::Failed)?;
        drop(body);
        if event.len() > MAX_PAYLOAD {
            return Err(Own::TooLarge);
        }
        let log = self.lambda.log();
        let stored = (!self.events().contains_key(route.key)).then(|| event.clone());
        match timeout(self.integration_timeout, self.lambda.invoke(route.function_id, event)).await {
            Ok(Ok(answer)) => {
                let response = answer::response(&answer).map_err(|problem| {
                    log.line(route.function_id, &problem);
                    Own::Failed
                })?;
                if let Some(event) = stored.filter(|_| response.status().is_success()) {
                    self.events().entry(route.key.to_owned()).or_insert(event);
                }
                Ok(response)
            }
            Ok(Err(InvokeError::TooLarge)) => Err(Own::TooLarge),
            Ok(Err(InvokeError::Stopping)) => Err(Own::Unavailable),
            Ok(Err(_)) => Err(Own::Failed),
            Err(_) => {
                let waited = self.integration_timeout.as_secs();
                log.line(
                    route.function_id,
                    &format!("the gateway answers 503: {} took longer than {waited} seconds", route.key),
                );
                Err(Own::Unavailable)
            }
        }
    }
}

impl Api {
    fn events(&self) -> MutexGuard<'_, Events> {
        lock(&self.events)
    }
}

/// The size of the request line and the header values, in bytes.
fn header_size(request: &Parts) -> usize {
    let target = request.uri.path_and_query().map_or(1, |target| target.as_str().len());
    let line = request.method.as_str().len() + target + " HTTP/1.1 ".len();
    request.headers.values().fold(line, |size, value| size.saturating_add(value.len()))
}

#[cfg(test)]
mod tests;
