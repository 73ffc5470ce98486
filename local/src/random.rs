//! Ids as AWS makes them. None of them is a secret, so a machine without randomness gets zeros
//! instead of an error.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE;
use data_encoding::{BASE32_NOPAD, HEXLOWER};
use std::time::{SystemTime, UNIX_EPOCH};

fn bytes<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    let _ = getrandom::fill(&mut bytes);
    bytes
}

/// A request id as Lambda makes it: a version 4 UUID.
pub(crate) fn uuid() -> String {
    let [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p] = bytes();
    let (version, variant) = (g & 0x0f | 0x40, i & 0x3f | 0x80);
    let parts = [&[a, b, c, d][..], &[e, f], &[version, h], &[variant, j], &[k, l, m, n, o, p]];
    parts.map(|part| HEXLOWER.encode(part)).join("-")
}

/// A request id as an HTTP API makes it: fifteen characters and an `=`.
pub(crate) fn gateway_request_id() -> String {
    BASE64_URL_SAFE.encode(bytes::<11>())
}

/// A request id as S3 makes it: sixteen letters and digits.
pub(crate) fn object_request_id() -> String {
    BASE32_NOPAD.encode(&bytes::<10>())
}

/// The id of a received mail as SES makes it: forty letters and digits.
pub(crate) fn received_id() -> String {
    BASE32_NOPAD.encode(&bytes::<25>()).to_lowercase()
}

/// The X-Ray trace that a request begins, as the gateway passes it to the function.
pub(crate) fn trace_root() -> String {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
    format!("Root=1-{now:08x}-{}", HEXLOWER.encode(&bytes::<12>()))
}

/// The X-Ray trace of an invocation, which is not sampled.
pub(crate) fn trace_id() -> String {
    format!("{};Parent={};Sampled=0", trace_root(), HEXLOWER.encode(&bytes::<8>()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_have_awss_form() {
        let id = uuid();
        assert_eq!(id.len(), 36);
        assert!(id.get(14..15) == Some("4") && id.get(19..20).is_some_and(|c| "89ab".contains(c)), "{id}");
        assert_ne!(uuid(), id);
        let id = gateway_request_id();
        assert!(id.len() == 16 && id.ends_with('='), "{id}");
        assert_eq!((object_request_id().len(), received_id().len()), (16, 40));
        let id = trace_id();
        assert!(id.len() == "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=0".len(), "{id}");
    }
}
