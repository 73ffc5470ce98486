//! How a signature is made, step by step: `recourse sign --explain`.

use std::collections::BTreeMap;

use recourse_dispute::text::visible;
use recourse_signing::{gcs, v1};
use serde::Serialize;

use super::{IDEMPOTENCE_KEY, Scheme};

/// The steps of a signature. The secret is no part of them, except in the header of HTTP Basic.
#[derive(Serialize)]
pub(super) struct Explanation<'a> {
    scheme: &'static str,
    /// Which bytes are the key of the HMAC.
    #[serde(rename = "hmac_key")]
    key: &'static str,
    /// What is signed; none where nothing is.
    #[serde(skip_serializing_if = "Option::is_none")]
    signed_text: Option<String>,
    body_bytes: usize,
    /// The base64 of the body's SHA-256, where it is a part of what is signed.
    #[serde(skip_serializing_if = "Option::is_none")]
    body_hash: Option<String>,
    headers: BTreeMap<&'static str, &'a str>,
}

impl<'a> Explanation<'a> {
    /// Explains the headers of a request that are made already.
    pub(super) fn of(
        scheme: Scheme,
        method: &str,
        path: &str,
        query: &str,
        headers: &'a [(&'static str, String)],
        body: Option<&[u8]>,
    ) -> Self {
        let value = |name: &str| {
            let found = headers.iter().find(|(known, _)| *known == name);
            found.map_or("", |(_, value)| value.as_str())
        };
        let body = body.unwrap_or_default();
        let (key, signed_text, body_hash) = match scheme {
            Scheme::V1 => {
                let parts = v1::Parts { timestamp: value(v1::TIMESTAMP), nonce: value(v1::NONCE), method, query, body };
                ("the secret, decoded from base64", Some(parts.canonical()), Some(parts.body_hash()))
            }
            Scheme::Gcs => {
                let idempotence = [(IDEMPOTENCE_KEY, value(IDEMPOTENCE_KEY))];
                let idempotence: Vec<_> = idempotence.into_iter().filter(|(_, key)| !key.is_empty()).collect();
                let (content_type, date) = (value("Content-Type"), value("Date"));
                let parts = gcs::Parts { method, content_type, date, headers: &idempotence, path, query };
                ("the text of the secret, not decoded", Some(parts.string_to_sign()), None)
            }
            Scheme::Basic => ("none: nothing is signed, and the secret itself is sent", None, None),
        };
        let headers = headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
        Self { scheme: scheme.name(), key, signed_text, body_bytes: body.len(), body_hash, headers }
    }

    /// The steps for a person, each on one line. Line feeds are shown as `\n`.
    pub(super) fn text(&self) -> String {
        let mut lines = vec![format!("scheme: {}", self.scheme), format!("HMAC key: {}", self.key)];
        lines.extend(self.signed_text.iter().map(|text| format!("signed text: {}", visible(text))));
        lines.push(format!("body: {} bytes", self.body_bytes));
        lines.extend(self.body_hash.iter().map(|hash| format!("body hash: {hash}  (base64 of its SHA-256)")));
        lines.extend(self.headers.iter().map(|(name, value)| format!("{name}: {}", visible(value))));
        lines.join("\n")
    }
}
