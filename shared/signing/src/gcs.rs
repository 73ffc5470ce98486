//! The GCS v1HMAC scheme: one `Authorization` header, over method, type, date, `X-GCS` headers and
//! target (Connect contract, "Authorization").
//!
//! Everything is verified as it was received: one SDK signs a `Content-Type` on a GET, another
//! sends none. The body is not signed and there is no nonce; [`parse_date`] and the clock window
//! refuse an old request. Without a body the content type may be that of a gateway:
//! [`verify_without_body`]. A gateway that decodes the path leaves open how it was sent:
//! [`sent_paths`].

mod date;

pub use date::{format_date, parse_date};

use std::borrow::Cow;

use percent_encoding::{AsciiSet, CONTROLS, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::{BadSignature, Secret, Signature, is_key_id, mac};

/// What the `Authorization` header begins with, before the key id.
pub const SCHEME: &str = "GCS v1HMAC:";

/// A well-formed `Authorization` header. Nothing is verified yet.
#[derive(Clone, Debug)]
pub struct Authorization {
    /// Which key says that it signed: `[A-Za-z0-9._~-]{1,64}`.
    pub key_id: String,
    /// The signature.
    pub signature: Signature,
}

/// A header of another scheme or form. A header that was sent twice arrives joined by a comma and
/// is one of these.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("Authorization must be GCS v1HMAC:, a key id, a colon and the base64 of 32 bytes, and sent once")]
pub struct BadAuthorization;

impl Authorization {
    /// Reads the header's value.
    ///
    /// # Errors
    /// [`BadAuthorization`] when it is anything but `GCS v1HMAC:<keyId>:<signature>`.
    pub fn parse(value: &str) -> Result<Self, BadAuthorization> {
        let (key_id, signature) =
            value.strip_prefix(SCHEME).and_then(|rest| rest.split_once(':')).ok_or(BadAuthorization)?;
        let signature = Signature::from_base64(signature.as_bytes()).ok_or(BadAuthorization)?;
        if is_key_id(key_id) { Ok(Self { key_id: key_id.to_owned(), signature }) } else { Err(BadAuthorization) }
    }
}

/// What is signed of a request.
#[derive(Clone, Copy, Debug)]
pub struct Parts<'a> {
    /// The method as it was sent, which in HTTP is upper case.
    pub method: &'a str,
    /// The `Content-Type` header as it was sent; empty when there was none.
    pub content_type: &'a str,
    /// The `Date` header as it was sent.
    pub date: &'a str,
    /// Headers by name and value. Those whose name starts with `X-GCS`, in any case, are signed;
    /// others may be among them.
    pub headers: &'a [(&'a str, &'a str)],
    /// The raw path, still encoded.
    pub path: &'a str,
    /// The raw query, still encoded, without its `?`; empty when there is none.
    pub query: &'a str,
}

impl Parts<'_> {
    /// The text that is signed, each line of it with a line feed: method, content type, date, the
    /// `X-GCS` headers, and the path with its query.
    #[must_use]
    pub fn string_to_sign(&self) -> String {
        let Self { method, content_type, date, headers, path, query } = self;
        let mark = if query.is_empty() { "" } else { "?" };
        format!("{method}\n{content_type}\n{date}\n{}{path}{mark}{query}\n", signed_headers(headers))
    }
}

/// The lines of the `X-GCS` headers among `headers`: names in lower case, sorted.
pub(crate) fn signed_headers(headers: &[(&str, &str)]) -> String {
    let mut signed: Vec<(String, &str)> = headers
        .iter()
        .map(|(name, value)| (name.to_ascii_lowercase(), value.trim_matches([' ', '\t'])))
        .filter(|(name, _)| name.starts_with("x-gcs"))
        .collect();
    signed.sort();
    signed.iter().map(|(name, value)| format!("{name}:{value}\n")).collect()
}

/// Makes the value of the `Authorization` header.
#[must_use]
pub fn sign(secret: &Secret, key_id: &str, parts: &Parts<'_>) -> String {
    format!("{SCHEME}{key_id}:{}", mac::sign(secret, parts.string_to_sign().as_bytes()))
}

/// Whether `signature` is the one of these parts under `secret`, in the same time wherever it
/// differs.
///
/// # Errors
/// [`BadSignature`] when it is not.
pub fn verify(secret: &Secret, parts: &Parts<'_>, signature: &Signature) -> Result<(), BadSignature> {
    mac::verify(secret, parts.string_to_sign().as_bytes(), signature)
}

/// What no path can have as it is (RFC 3986, 3.3).
const NOT_IN_A_PATH: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'#')
    .add(b'%')
    .add(b'<')
    .add(b'>')
    .add(b'?')
    .add(b'[')
    .add(b'\\')
    .add(b']')
    .add(b'^')
    .add(b'`')
    .add(b'{')
    .add(b'|')
    .add(b'}');
/// What encoders of the old standard encode: `~`, too (RFC 2396 as Java and PHP once read it).
const NOT_OLD_UNRESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'/');
/// What most encoders encode (RFC 3986, 2.3).
const NOT_UNRESERVED: &AsciiSet = &NOT_OLD_UNRESERVED.remove(b'~');

/// The forms in which a path can have been sent that a gateway has decoded, each once: as it is,
/// and as the usual encoders write it.
///
/// A signature is over the path as it was sent, and AWS's HTTP API hands a function the decoded one
/// alone. Every form leads to the same path, so a signature over one of them is over this path. The
/// number of forms depends on the path only. A client that encodes what no encoder does, such as
/// `%35` for `5`, cannot be verified.
#[must_use]
pub fn sent_paths(decoded: &str) -> Vec<Cow<'_, str>> {
    let mut paths = vec![Cow::Borrowed(decoded)];
    for set in [NOT_IN_A_PATH, NOT_UNRESERVED, NOT_OLD_UNRESERVED] {
        let path: Cow<'_, str> = utf8_percent_encode(decoded, set).into();
        if !paths.contains(&path) {
            paths.push(path);
        }
    }
    paths
}

/// Whether `signature` is what `secret` makes of these parts of a request without a body: with the
/// `Content-Type` that was received, or with none.
///
/// A client signs none where it sends none, and AWS's HTTP API hands a function a `Content-Type`
/// for a request whose `Content-Length` is 0 (Connect's submit and cancel). A type says nothing of
/// a body that is not there, so nothing is lost by it. Takes the same time wherever it differs.
///
/// # Errors
/// [`BadSignature`] when it is neither.
pub fn verify_without_body(secret: &Secret, parts: &Parts<'_>, signature: &Signature) -> Result<(), BadSignature> {
    let as_received = verify(secret, parts, signature);
    let without_type = verify(secret, &Parts { content_type: "", ..*parts }, signature);
    as_received.or(without_type)
}

#[cfg(test)]
mod tests;
