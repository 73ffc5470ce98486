//! The signatures of the Standard Webhooks specification, version 1.0.0: an HMAC-SHA256 over id,
//! time and body.
//!
//! Recourse signs the questions that it asks a provider, and the events that it delivers to webhook
//! endpoints; whoever gets them verifies them. The body is signed as it is sent. An id and a time
//! without a full stop keep the three apart.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::Mac;
use zeroize::Zeroizing;

use crate::{BadSecret, BadSignature, Secret, Signature, mac};

/// The header with the id, which stays the same when a request is sent again.
pub const ID: &str = "webhook-id";
/// The header with the time of sending, in Unix seconds.
pub const TIMESTAMP: &str = "webhook-timestamp";
/// The header with the signatures.
pub const SIGNATURE: &str = "webhook-signature";

/// What a secret begins with.
const SECRET: &str = "whsec_";
/// What a signature of this scheme begins with.
const SCHEME: &str = "v1,";

/// A secret as its text: `whsec_` and base64. It is the secret itself, so it goes to its owner
/// alone.
#[must_use]
pub fn secret_text(bytes: &[u8; 32]) -> String {
    format!("{SECRET}{}", *Zeroizing::new(STANDARD.encode(bytes)))
}

/// A secret that every published verifier takes, or `None` where other random bytes are to be
/// drawn: libraries disagree about missing padding and about the URL-safe alphabet. So the bytes
/// are a multiple of three, and their base64 must have neither `+` nor `/`. That holds for more
/// than a quarter of all draws.
#[must_use]
pub fn portable_secret(bytes: &[u8; 30]) -> Option<String> {
    let text = format!("{SECRET}{}", *Zeroizing::new(STANDARD.encode(bytes)));
    (!text.contains(['+', '/'])).then_some(text)
}

/// Reads a secret of 24 to 64 bytes: `whsec_` and base64 (standard alphabet, padded).
///
/// # Errors
/// [`BadSecret`] with the rule.
pub fn parse_secret(text: &str) -> Result<Secret, BadSecret> {
    let encoded = text.strip_prefix(SECRET).ok_or(BadSecret::NotOfWebhook)?;
    let bytes = Zeroizing::new(STANDARD.decode(encoded).map_err(|_| BadSecret::NotBase64)?);
    if !(24..=64).contains(&bytes.len()) {
        return Err(BadSecret::WebhookLength);
    }
    Secret::from_bytes(&bytes)
}

/// Makes the value of the header [`SIGNATURE`]. The id must not contain a full stop, or the
/// signature does not verify.
#[must_use]
pub fn sign(secret: &Secret, id: &str, timestamp: i64, body: &[u8]) -> String {
    format!("{SCHEME}{}", mac::sign(secret, &signed(id, &timestamp.to_string(), body)))
}

/// Whether one of the signatures in `header`, which spaces separate, is the one of this request,
/// in the same time wherever it differs. Signatures of other schemes are passed over.
///
/// Whether `timestamp` is near the clock is the caller's to check: [`crate::clock::Window`].
///
/// # Errors
/// [`BadSignature`] when none is, or when id or time cannot be signed.
pub fn verify(secret: &Secret, id: &str, timestamp: &str, body: &[u8], header: &str) -> Result<(), BadSignature> {
    let is_time = !timestamp.is_empty() && timestamp.bytes().all(|byte| byte.is_ascii_digit());
    if id.is_empty() || id.contains('.') || !is_time {
        return Err(BadSignature);
    }
    let expected = mac::mac(secret, &signed(id, timestamp, body));
    let given = header.split(' ').filter_map(|one| Signature::from_base64(one.strip_prefix(SCHEME)?.as_bytes()));
    // All of them are compared, so the time does not tell which one fits.
    let fitting = given.filter(|signature| expected.clone().verify_slice(signature.bytes()).is_ok()).count();
    if fitting > 0 { Ok(()) } else { Err(BadSignature) }
}

fn signed(id: &str, timestamp: &str, body: &[u8]) -> Vec<u8> {
    [id.as_bytes(), b".", timestamp.as_bytes(), b".", body].concat()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::flip;
    use proptest::prelude::*;

    /// The vector of the specification's reference libraries (standard-webhooks/standard-webhooks,
    /// `sign function works` in libraries/javascript/src/webhook.test.ts and in the others).
    const SECRET_TEXT: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    const MESSAGE: &str = "msg_p5jXN8AQM9LWM0D4loKWxJek";
    const SENT: i64 = 1_614_265_330;
    const BODY: &[u8] = br#"{"test": 2432232314}"#;
    const SIGNED: &str = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";

    fn check(header: &str) -> Result<(), BadSignature> {
        verify(&parse_secret(SECRET_TEXT).unwrap(), MESSAGE, "1614265330", BODY, header)
    }

    #[test]
    fn makes_and_verifies_the_specifications_vector() {
        assert_eq!(sign(&parse_secret(SECRET_TEXT).unwrap(), MESSAGE, SENT, BODY), SIGNED);
        assert_eq!(check(SIGNED), Ok(()));
    }

    /// As `multi sig payload is valid` of the same libraries has it.
    #[test]
    fn one_of_several_signatures_is_enough() {
        let other = "v1,Ceo5qEr07ixe2NLpvHk3FH9bwy/WavXrAFQ/9tdO6mc=";
        let asymmetric = "v1a,hnO3f9T8Ytu9HwrXslvumlUpqtNVqkhqw/enGzPCXe5BdqzCInXqYXFymVJaA7AZdpXwVLPo3mNl8EM+m7TBAg==";
        assert_eq!(check(&format!("{other} {asymmetric} {SIGNED} {other}")), Ok(()));
        for header in [
            String::new(),
            "v1,".to_owned(),
            other.to_owned(),
            format!("{other} {asymmetric}"),
            SIGNED.replace("v1,", "v2,"),
            SIGNED.replace("v1,", "v1="),
            SIGNED.replace("v1,", ""),
            SIGNED.trim_end_matches('=').to_owned(),
            SIGNED.chars().take(8).collect(),
            format!("{SIGNED},{SIGNED}"),
        ] {
            assert_eq!(check(&header), Err(BadSignature), "{header}");
        }
    }

    #[test]
    fn a_full_stop_shifts_nothing_from_one_part_into_the_next() {
        let secret = parse_secret(SECRET_TEXT).unwrap();
        let header = sign(&secret, "a.1", 2, b"x");
        for (id, timestamp, body) in [("a.1", "2", "x"), ("a", "1.2", "x"), ("a", "1", "2.x"), ("", "2", "x")] {
            let verified = verify(&secret, id, timestamp, body.as_bytes(), &header);
            assert_eq!(verified.is_ok(), (id, timestamp, body) == ("a", "1", "2.x"), "{id} {timestamp} {body}");
        }
        for timestamp in ["", "+1", "-1", "1 ", "0x1", "١"] {
            let header = format!("v1,{}", mac::sign(&secret, &signed("a", timestamp, b"x")));
            assert_eq!(verify(&secret, "a", timestamp, b"x", &header), Err(BadSignature), "{timestamp}");
        }
    }

    #[test]
    fn says_what_a_webhooks_secret_must_be() {
        let of = |bytes: usize| format!("whsec_{}", STANDARD.encode(vec![7; bytes]));
        for (text, error) in [
            ("", BadSecret::NotOfWebhook),
            ("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", BadSecret::NotOfWebhook),
            ("WHSEC_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", BadSecret::NotOfWebhook),
            ("whsk_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", BadSecret::NotOfWebhook),
            ("whsec_", BadSecret::WebhookLength),
            ("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaS", BadSecret::NotBase64),
            ("whsec_ MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", BadSecret::NotBase64),
            (&of(23), BadSecret::WebhookLength),
            (&of(65), BadSecret::WebhookLength),
        ] {
            assert_eq!(parse_secret(text).unwrap_err(), error, "{text}");
        }
        assert!(parse_secret(&of(24)).is_ok() && parse_secret(&of(64)).is_ok());
    }

    #[test]
    fn a_portable_secret_needs_no_padding_and_one_alphabet() {
        let text = portable_secret(&[7; 30]).unwrap();
        assert_eq!(text.len(), SECRET.len() + 40);
        assert!(text.strip_prefix(SECRET).unwrap().bytes().all(|byte| byte.is_ascii_alphanumeric()));
        assert!(parse_secret(&text).is_ok());
        assert_eq!((portable_secret(&[0xff; 30]), portable_secret(&[0xfb; 30])), (None, None));
    }

    proptest! {
        #[test]
        fn what_was_signed_verifies_and_nothing_near_it(
            bytes in prop::array::uniform32(any::<u8>()),
            id in "[A-Za-z0-9_-]{1,40}",
            timestamp in 0_i64..=253_402_300_799,
            body in prop::collection::vec(any::<u8>(), 1..200),
            bit in any::<prop::sample::Index>(),
        ) {
            let secret = parse_secret(&secret_text(&bytes)).unwrap();
            let header = sign(&secret, &id, timestamp, &body);
            let time = timestamp.to_string();
            prop_assert_eq!(verify(&secret, &id, &time, &body, &header), Ok(()));
            prop_assert_eq!(verify(&secret, &id, &time, &flip::bytes(&body, bit), &header), Err(BadSignature));
            prop_assert_eq!(verify(&secret, &flip::text(&id, bit), &time, &body, &header), Err(BadSignature));
            prop_assert_eq!(verify(&secret, &id, &flip::text(&time, bit), &body, &header), Err(BadSignature));
            prop_assert_eq!(verify(&secret, &id, &time, &body, &flip::text(&header, bit)), Err(BadSignature));
            let other = parse_secret(&secret_text(&flip::bytes(&bytes, bit).try_into().unwrap())).unwrap();
            prop_assert_eq!(verify(&other, &id, &time, &body, &header), Err(BadSignature));
        }

        #[test]
        fn never_panics(secret: String, id: String, timestamp: String, body: Vec<u8>, header: String) {
            let _ = parse_secret(&secret);
            let key = parse_secret(SECRET_TEXT).unwrap();
            prop_assert_eq!(verify(&key, &id, &timestamp, &body, &header), Err(BadSignature));
        }
    }
}
