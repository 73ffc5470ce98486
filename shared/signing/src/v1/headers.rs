//! The four headers of a signed request.

use super::Parts;
use crate::clock::UnixSeconds;
use crate::{Signature, is_key_id};

/// The header with the key's public id.
pub const API_KEY: &str = "X-Api-Key";
/// The header with the time of sending, in Unix seconds.
pub const TIMESTAMP: &str = "X-Timestamp";
/// The header with what no other request of the key has.
pub const NONCE: &str = "X-Nonce";
/// The header with the signature.
pub const SIGNATURE: &str = "X-Signature";

/// The headers of a signed request, well formed. Nothing is verified yet.
#[derive(Clone, Debug)]
pub struct SignedHeaders {
    /// Which key says that it signed: `[A-Za-z0-9._~-]{1,64}`.
    pub key_id: String,
    /// What may be there once in the clock window for this key: 16 to 128 characters.
    pub nonce: String,
    /// The signature.
    pub signature: Signature,
    /// The digits as they were sent, since they are signed so, leading zeros included.
    timestamp: String,
    sent_at: UnixSeconds,
}

/// Why the headers are no signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HeaderError {
    /// A header is not there.
    #[error("{0} is missing")]
    Missing(&'static str),
    /// A header is there and is not what it should be. A header that was sent twice arrives joined
    /// by a comma, which none of the four may hold.
    #[error("{header} must be {rule}")]
    Malformed {
        /// Its name.
        header: &'static str,
        /// What would be right.
        rule: &'static str,
    },
}

impl SignedHeaders {
    /// Reads the four headers, each through `header`, by the names of this module's constants. All
    /// have to be present before the form of any is checked.
    ///
    /// The lengths of nonce and signature are those of the contract. Recourse-specific are: a
    /// timestamp has 1 to 15 digits; a nonce is of visible ASCII without `,` (a header that was
    /// sent twice) and `:` (the separator of what is signed); a key id is of the characters that
    /// need no encoding in a URL.
    ///
    /// # Errors
    /// [`HeaderError`] for the first header that is missing, else for the first that is malformed.
    pub fn parse<'a>(header: impl Fn(&'static str) -> Option<&'a [u8]>) -> Result<Self, HeaderError> {
        let present = |name| header(name).ok_or(HeaderError::Missing(name));
        let key_id = present(API_KEY)?;
        let timestamp = present(TIMESTAMP)?;
        let nonce = present(NONCE)?;
        let signature = present(SIGNATURE)?;

        let malformed = |header, rule| HeaderError::Malformed { header, rule };
        let key_id =
            text(key_id, is_key_id).ok_or(malformed(API_KEY, "1 to 64 letters, digits or ._~-, and sent once"))?;
        let (timestamp, sent_at) = text(timestamp, is_timestamp)
            .and_then(|digits| Some((digits, digits.parse().map(UnixSeconds).ok()?)))
            .ok_or(malformed(TIMESTAMP, "Unix seconds in 1 to 15 digits, and sent once"))?;
        let nonce = text(nonce, is_nonce)
            .ok_or(malformed(NONCE, "16 to 128 visible ASCII characters other than , and :, and sent once"))?;
        let signature = signature
            .strip_prefix(b"v1=")
            .and_then(Signature::from_base64)
            .ok_or(malformed(SIGNATURE, "v1= and the base64 of 32 bytes, and sent once"))?;
        Ok(Self {
            key_id: key_id.to_owned(),
            nonce: nonce.to_owned(),
            signature,
            timestamp: timestamp.to_owned(),
            sent_at,
        })
    }

    /// When the request says it was sent.
    #[must_use]
    pub fn sent_at(&self) -> UnixSeconds {
        self.sent_at
    }

    /// What was signed of a request with these headers; see [`Parts`] for the three.
    #[must_use]
    pub fn parts<'a>(&'a self, method: &'a str, query: &'a str, body: &'a [u8]) -> Parts<'a> {
        Parts { timestamp: &self.timestamp, nonce: &self.nonce, method, query, body }
    }
}

fn text(bytes: &[u8], is_right: impl Fn(&str) -> bool) -> Option<&str> {
    std::str::from_utf8(bytes).ok().filter(|text| is_right(text))
}

fn is_timestamp(text: &str) -> bool {
    (1..=15).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_nonce(text: &str) -> bool {
    (16..=128).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic() && byte != b',' && byte != b':')
}

#[cfg(test)]
mod tests;
