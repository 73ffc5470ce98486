//! HMAC-SHA256 and its 32 bytes in base64, which the schemes have in common.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::Secret;

/// A signature as it was sent: 32 bytes. It has no comparison, only verification, so that nobody
/// compares it in variable time.
#[derive(Clone, Copy, Debug)]
pub struct Signature([u8; 32]);

/// The signature is not the one that this secret makes of this request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the signature does not fit the request")]
pub struct BadSignature;

impl Signature {
    /// Reads 32 bytes in base64: standard alphabet, padded.
    pub(crate) fn from_base64(text: &[u8]) -> Option<Self> {
        STANDARD.decode(text).ok()?.try_into().ok().map(Self)
    }

    /// Its bytes, for a verification.
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.0
    }
}

/// The HMAC-SHA256 of `text` under `secret`, to be finished or verified.
pub(crate) fn mac(secret: &Secret, text: &[u8]) -> Hmac<Sha256> {
    Hmac::<Sha256>::new(secret.block().into()).chain_update(text)
}

impl Secret {
    /// The HMAC-SHA256 of `message`.
    #[must_use]
    pub fn sign_bytes(&self, message: &[u8]) -> [u8; 32] {
        mac(self, message).finalize().into_bytes().into()
    }

    /// Whether `tag` is the HMAC-SHA256 of `message`, compared in constant time.
    #[must_use]
    pub fn verify_bytes(&self, message: &[u8], tag: &[u8]) -> bool {
        mac(self, message).verify_slice(tag).is_ok()
    }
}

/// Its 32 bytes in base64.
pub(crate) fn sign(secret: &Secret, text: &[u8]) -> String {
    STANDARD.encode(secret.sign_bytes(text))
}

/// Compares in constant time.
pub(crate) fn verify(secret: &Secret, text: &[u8], signature: &Signature) -> Result<(), BadSignature> {
    mac(secret, text).verify_slice(&signature.0).map_err(|_| BadSignature)
}

/// Whether two texts are the same, compared in constant time by their HMACs.
pub(crate) fn same(secret: &Secret, one: &[u8], other: &[u8]) -> bool {
    secret.verify_bytes(one, &secret.sign_bytes(other))
}

#[cfg(test)]
mod tests {
    use data_encoding::HEXLOWER;

    use super::*;

    /// RFC 4231, test cases 1, 2, 6 and 7: short keys, and keys longer than a block.
    #[test]
    fn is_hmac_sha256() {
        for (key, text, expected) in [
            (vec![0x0b; 20], "Hi There", "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"),
            (
                b"Jefe".to_vec(),
                "what do ya want for nothing?",
                "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
            ),
            (
                vec![0xaa; 131],
                "Test Using Larger Than Block-Size Key - Hash Key First",
                "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54",
            ),
            (
                vec![0xaa; 131],
                "This is a test using a larger than block-size key and a larger than block-size data. The key needs to be \
                 hashed before being used by the HMAC algorithm.",
                "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2",
            ),
        ] {
            let secret = Secret::from_bytes(&key).unwrap();
            let tag = secret.sign_bytes(text.as_bytes());
            assert_eq!(HEXLOWER.encode(&tag), expected);
            assert!(secret.verify_bytes(text.as_bytes(), &tag) && !secret.verify_bytes(b"another text", &tag));
        }
    }

    #[test]
    fn a_key_of_exactly_one_block_is_used_as_it_is() {
        let key: Vec<u8> = (0..64).collect();
        let plain = Hmac::<Sha256>::new_from_slice(&key).unwrap().chain_update(b"x").finalize().into_bytes();
        let own = mac(&Secret::from_bytes(&key).unwrap(), b"x").finalize().into_bytes();
        assert_eq!(own, plain);
    }

    #[test]
    fn a_signature_is_32_bytes_of_strict_base64() {
        let good = "cDjRvALYQuDu1y+gHKis37P2W59ReuhXIf655mtj49U=";
        assert!(Signature::from_base64(good.as_bytes()).is_some());
        for bad in [
            "",
            "cDjRvALYQuDu1y+gHKis37P2W59ReuhXIf655mtj49U",
            "cDjRvALYQuDu1y+gHKis37P2W59ReuhXIf655mtj49V=",
            "cDjRvALYQuDu1y-gHKis37P2W59ReuhXIf655mtj49U=",
            "cDjRvALYQuDu1y+gHKis37P2W59ReuhXIf655mtj49U= ",
            "cDjRvALYQuDu1y+gHKis37P2W59ReuhXIf655mtj4w==",
        ] {
            assert!(Signature::from_base64(bad.as_bytes()).is_none(), "{bad:?}");
        }
    }
}
