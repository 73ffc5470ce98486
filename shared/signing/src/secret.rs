//! The key that two sides share.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};
use std::fmt;
use zeroize::Zeroizing;

/// The block of SHA-256, in bytes.
const BLOCK: usize = 64;

/// A shared secret, ready as an HMAC-SHA256 key. It is wiped from memory when dropped, and `Debug`
/// does not show it.
#[derive(Clone)]
pub struct Secret {
    /// The key as RFC 2104 wants it: filled up with zeros to a block, or hashed first when it is
    /// longer. Boxed, since a move would leave a copy behind.
    block: Box<Zeroizing<[u8; BLOCK]>>,
}

/// A text that is no secret. It does not say which.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadSecret {
    /// With an empty key anybody could sign.
    #[error("a secret must not be empty")]
    Empty,
    /// Not base64.
    #[error("a secret must be base64 in the standard alphabet, with padding")]
    NotBase64,
    /// Without the mark of a webhook's secret.
    #[error("a webhook's secret must begin with whsec_")]
    NotOfWebhook,
    /// Too short or too long for a webhook.
    #[error("a webhook's secret must be 24 to 64 bytes in base64")]
    WebhookLength,
}

impl Secret {
    /// A secret that is written in base64 and used decoded, as the v1 scheme has it.
    ///
    /// # Errors
    /// [`BadSecret`] when the text is not base64 (standard alphabet, padded) or decodes to nothing.
    pub fn from_base64(text: &str) -> Result<Self, BadSecret> {
        let bytes = Zeroizing::new(STANDARD.decode(text).map_err(|_| BadSecret::NotBase64)?);
        Self::from_bytes(&bytes)
    }

    /// A secret whose text itself is the key, as the GCS scheme has it, also when it looks like
    /// base64.
    ///
    /// # Errors
    /// [`BadSecret::Empty`].
    pub fn from_text(text: &str) -> Result<Self, BadSecret> {
        Self::from_bytes(text.as_bytes())
    }

    /// A secret of plain bytes.
    ///
    /// # Errors
    /// [`BadSecret::Empty`].
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, BadSecret> {
        if bytes.is_empty() {
            return Err(BadSecret::Empty);
        }
        let mut block = Box::new(Zeroizing::new([0; BLOCK]));
        if bytes.len() > BLOCK {
            fill(&mut block, &*Zeroizing::new(<[u8; 32]>::from(Sha256::digest(bytes))));
        } else {
            fill(&mut block, bytes);
        }
        Ok(Self { block })
    }

    pub(crate) fn block(&self) -> &[u8; BLOCK] {
        &self.block
    }
}

fn fill(block: &mut [u8; BLOCK], bytes: &[u8]) {
    for (place, byte) in block.iter_mut().zip(bytes) {
        *place = *byte;
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[REDACTED]")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_nothing() {
        let secret = Secret::from_text("hunter2").unwrap();
        assert_eq!(format!("{secret:?} {:?}", Some(&secret)), "[REDACTED] Some([REDACTED])");
    }

    #[test]
    fn says_what_a_secret_must_be() {
        for (text, error) in [
            ("", BadSecret::Empty),
            ("MDEy!", BadSecret::NotBase64),
            ("MDE", BadSecret::NotBase64),
            ("MDF=", BadSecret::NotBase64),
            ("MD_-", BadSecret::NotBase64),
            (" MDEy", BadSecret::NotBase64),
        ] {
            assert_eq!(Secret::from_base64(text).unwrap_err(), error, "{text:?}");
        }
        assert_eq!(Secret::from_text("").unwrap_err(), BadSecret::Empty);
        assert_eq!(Secret::from_bytes(&[]).unwrap_err(), BadSecret::Empty);
    }
}
