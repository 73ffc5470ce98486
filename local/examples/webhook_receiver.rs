//! The receiver of docs/webhooks.md. It prints each event once.

use std::collections::HashSet;
use std::sync::{LazyLock, Mutex};
use std::time::SystemTime;

use axum::Router;
use axum::body::Bytes;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;

// The guide has these lines.
use base64::{Engine, prelude::BASE64_STANDARD as BASE64};
use ring::hmac;

fn verify(secret: &str, headers: &HeaderMap, body: &[u8], now: u64) -> Option<()> {
    let header = |name| headers.get(name)?.to_str().ok();
    let (id, time) = (header("webhook-id")?, header("webhook-timestamp")?);
    let key = hmac::Key::new(hmac::HMAC_SHA256, &BASE64.decode(secret.strip_prefix("whsec_")?).ok()?);
    let signed = [id.as_bytes(), b".", time.as_bytes(), b".", body].concat();
    let signatures = header("webhook-signature")?.split(' ').filter_map(|one| one.strip_prefix("v1,"));
    let mut signatures = signatures.filter_map(|one| BASE64.decode(one).ok());
    let is_new = time.parse::<u64>().ok()?.abs_diff(now) < 300;
    (is_new && signatures.any(|one| hmac::verify(&key, &signed, &one).is_ok())).then_some(())
}
// Until here.

static SEEN: LazyLock<Mutex<HashSet<String>>> = LazyLock::new(Mutex::default);

async fn receive(headers: HeaderMap, body: Bytes) -> StatusCode {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_secs();
    let secret = std::env::var("WEBHOOK_SECRET").unwrap_or_default();
    if verify(&secret, &headers, &body, now).is_none() {
        return StatusCode::UNAUTHORIZED;
    }
    let Ok(event) = serde_json::from_slice::<serde_json::Value>(&body) else { return StatusCode::BAD_REQUEST };
    let member = |name: &str| event.get(name).map(ToString::to_string).unwrap_or_default();
    if SEEN.lock().is_ok_and(|mut seen| seen.insert(member("id"))) {
        println!("{} {}", member("sequence"), member("type"));
    }
    StatusCode::NO_CONTENT
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> std::io::Result<()> {
    let port = std::env::var("PORT").ok().and_then(|port| port.parse().ok()).unwrap_or(9000_u16);
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", port)).await?;
    axum::serve(listener, Router::new().route("/", post(receive))).await
}
