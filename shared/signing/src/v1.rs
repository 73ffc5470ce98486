//! The v1 scheme: four headers and an HMAC over time, nonce, method, query and body (IIMMPACT
//! contract, "Signing").
//!
//! The checks are in the order of the contract: headers present and well formed
//! ([`SignedHeaders::parse`]), clock window ([`Window`](crate::clock::Window)), signature
//! ([`verify`]), and then the nonce, which the store uses up. Neither path nor host is signed.

mod headers;

pub use headers::{API_KEY, HeaderError, NONCE, SIGNATURE, SignedHeaders, TIMESTAMP};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};

use crate::{BadSignature, Secret, Signature, mac};

/// What is signed of a request.
#[derive(Clone, Copy, Debug)]
pub struct Parts<'a> {
    /// The `X-Timestamp` header as it was sent: Unix seconds, in digits.
    pub timestamp: &'a str,
    /// The `X-Nonce` header.
    pub nonce: &'a str,
    /// The method as it was sent, which in HTTP is upper case.
    pub method: &'a str,
    /// The raw query, still encoded, without its `?`; empty when there is none.
    pub query: &'a str,
    /// The exact bytes of the body, not JSON that was parsed and printed again.
    pub body: &'a [u8],
}

impl Parts<'_> {
    /// The text that is signed:
    /// `"v1:" TIMESTAMP ":" NONCE ":" METHOD ":" QUERY ":" BODY_HASH`.
    #[must_use]
    pub fn canonical(&self) -> String {
        let Self { timestamp, nonce, method, query, .. } = self;
        format!("v1:{timestamp}:{nonce}:{method}:{}:{}", canonical_query(query), self.body_hash())
    }

    /// The base64 of the body's SHA-256. An empty body is hashed too.
    #[must_use]
    pub fn body_hash(&self) -> String {
        STANDARD.encode(Sha256::digest(self.body))
    }
}

/// The raw query with its `key=value` pairs in the order of their keys, then of their values;
/// nothing is decoded or encoded. Clients disagree on whether values are encoded before signing;
/// the Recourse-specific rule is to take them as they were sent.
pub(crate) fn canonical_query(raw: &str) -> String {
    let mut pairs: Vec<&str> = raw.split('&').collect();
    // By key, not by whole pair: `page=1` sorts before `page2=1` although `2` sorts before `=`.
    pairs.sort_by_key(|pair| pair.split_once('=').unwrap_or((pair, "")));
    pairs.join("&")
}

/// Makes the value of the `X-Signature` header.
#[must_use]
pub fn sign(secret: &Secret, parts: &Parts<'_>) -> String {
    format!("v1={}", mac::sign(secret, parts.canonical().as_bytes()))
}

/// Whether `signature` is the one of these parts under `secret`, in the same time wherever it
/// differs.
///
/// # Errors
/// [`BadSignature`] when it is not.
pub fn verify(secret: &Secret, parts: &Parts<'_>, signature: &Signature) -> Result<(), BadSignature> {
    mac::verify(secret, parts.canonical().as_bytes(), signature)
}

#[cfg(test)]
mod tests;
