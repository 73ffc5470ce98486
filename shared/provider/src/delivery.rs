//! An event that is delivered to an address that an account chose.

use http::header::{CONTENT_TYPE, HOST, USER_AGENT};
use http::{HeaderValue, Request};
use http_body_util::Full;
use hyper::body::Bytes;
use recourse_dispute::time::UnixMillis;
use recourse_signing::{Secret, webhook};

use crate::ProviderError;
use crate::target::Target;

/// The longest body of an event, in bytes.
const MAX_BODY: usize = 65_536;

/// A request of the Standard Webhooks specification.
#[derive(Clone, Copy, Debug)]
pub struct Message<'a> {
    /// The header `webhook-id`: it must not contain a full stop.
    pub id: &'a str,
    /// The JSON, which is signed as it is sent.
    pub body: &'a str,
}

/// What was answered. Debug does not show the body.
#[derive(Clone, PartialEq, Eq)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// The header `Retry-After`, where it is there and text.
    pub retry_after: Option<String>,
    /// The beginning of the body, at most 64 KB.
    pub body: Vec<u8>,
}

impl std::fmt::Debug for Answer {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Answer").field("status", &self.status).finish_non_exhaustive()
    }
}

/// The request, signed under each of `secrets`: a receiver takes whichever it knows.
pub(crate) fn request(
    message: Message<'_>,
    target: &Target,
    secrets: &[Secret],
    now: UnixMillis,
) -> Result<Request<Full<Bytes>>, ProviderError> {
    let Message { id, body } = message;
    if body.len() > MAX_BODY || id.contains('.') || secrets.is_empty() {
        return Err(ProviderError::Unsendable);
    }
    let signed: Vec<_> =
        secrets.iter().map(|secret| webhook::sign(secret, id, now.seconds(), body.as_bytes())).collect();
    let mut signatures = HeaderValue::try_from(signed.join(" ")).map_err(|_| ProviderError::Unsendable)?;
    signatures.set_sensitive(true);
    Request::post(&target.path)
        .header(HOST, &target.authority)
        .header(USER_AGENT, "Recourse")
        .header(CONTENT_TYPE, "application/json")
        .header(webhook::ID, id)
        .header(webhook::TIMESTAMP, now.seconds())
        .header(webhook::SIGNATURE, signatures)
        .body(Full::new(Bytes::copy_from_slice(body.as_bytes())))
        .map_err(|_| ProviderError::Unsendable)
}
