//! HTTP Basic (RFC 7617): a key's id as the user, its secret as the password (Tutelar contract; the
//! Arbiter contract's token call).
//!
//! Nothing is signed here: who sees one request can send any other. TLS has to keep it.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use percent_encoding::percent_decode_str;
use zeroize::Zeroizing;

use crate::{BadSignature, Secret, is_key_id, mac};

/// The scheme before the base64, in any case.
const SCHEME: &str = "Basic";
/// More than the longest key id and any secret take; a longer text is not decoded.
const MAX_BYTES: usize = 1024;

/// A well-formed `Authorization` header. Nothing is verified yet.
#[derive(Clone)]
pub struct Authorization {
    /// The user: which key the caller says to have, `[A-Za-z0-9._~-]{1,64}`.
    pub key_id: String,
    password: Zeroizing<String>,
    /// What the password says to whoever decodes it as a form's value.
    decoded: Option<Zeroizing<String>>,
}

/// A header of another scheme or form. A header that was sent twice arrives joined by a comma and
/// is one of these.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("Authorization must be Basic and the base64 of a key id, a colon and its secret, and sent once")]
pub struct BadAuthorization;

impl Authorization {
    /// Reads the header's value.
    ///
    /// # Errors
    /// [`BadAuthorization`] when it is anything but `Basic <base64 of keyId:secret>`.
    pub fn parse(value: &str) -> Result<Self, BadAuthorization> {
        let (key_id, password) = split(value)?;
        if !is_key_id(&key_id) {
            return Err(BadAuthorization);
        }
        Ok(Self { key_id, password, decoded: None })
    }

    /// Reads the header's value as OAuth 2.0 has it: both parts may be encoded as a form's values
    /// are, each before the colon was put between them (RFC 6749, 2.3.1). Many clients do that, as
    /// many do not, and nothing in the header says which; so the password counts in either form.
    ///
    /// # Errors
    /// As [`Self::parse`].
    pub fn parse_oauth_client(value: &str) -> Result<Self, BadAuthorization> {
        let (sent_id, password) = split(value)?;
        // No key id has a character that a form encodes, but some clients encode `~`.
        let key_id = form_decoded(&sent_id).ok_or(BadAuthorization)?.to_string();
        if !is_key_id(&key_id) {
            return Err(BadAuthorization);
        }
        let decoded = form_decoded(&password);
        Ok(Self { key_id, password, decoded })
    }

    /// Whether the password is `secret`, the text as the client knows it. Takes the same time
    /// wherever it differs.
    ///
    /// Both are compared as their HMACs under the secret, so that not even their lengths are
    /// compared in variable time.
    ///
    /// # Errors
    /// [`BadSignature`] when it is not, and when `secret` is empty: with that one anybody could
    /// call.
    pub fn verify(&self, secret: &str) -> Result<(), BadSignature> {
        if self.verify_bytes(secret.as_bytes()) { Ok(()) } else { Err(BadSignature) }
    }

    /// The same for a secret that need not be text.
    pub(crate) fn verify_bytes(&self, secret: &[u8]) -> bool {
        let Ok(key) = Secret::from_bytes(secret) else { return false };
        let same = |password: &str| mac::same(&key, password.as_bytes(), secret);
        // Both, whatever the first one says.
        let (plain, decoded) = (same(&self.password), self.decoded.as_ref().is_some_and(|decoded| same(decoded)));
        plain || decoded
    }
}

/// The user and the password of a header's value.
fn split(value: &str) -> Result<(String, Zeroizing<String>), BadAuthorization> {
    let (scheme, encoded) = value.split_once(' ').ok_or(BadAuthorization)?;
    if !scheme.eq_ignore_ascii_case(SCHEME) || encoded.len() > MAX_BYTES {
        return Err(BadAuthorization);
    }
    let decoded = Zeroizing::new(STANDARD.decode(encoded.trim_matches(' ')).map_err(|_| BadAuthorization)?);
    let text = std::str::from_utf8(&decoded).map_err(|_| BadAuthorization)?;
    let (user, password) = text.split_once(':').ok_or(BadAuthorization)?;
    Ok((user.to_owned(), Zeroizing::new(password.to_owned())))
}

/// What a text says as a form's value; `None` where that is not UTF-8.
fn form_decoded(text: &str) -> Option<Zeroizing<String>> {
    let spaced = Zeroizing::new(text.replace('+', " "));
    let bytes = Zeroizing::new(percent_decode_str(&spaced).collect::<Vec<u8>>());
    std::str::from_utf8(&bytes).ok().map(|text| Zeroizing::new(text.to_owned()))
}

impl std::fmt::Debug for Authorization {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "Basic {}:[REDACTED]", self.key_id)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn header(user_and_password: &str) -> String {
        format!("Basic {}", STANDARD.encode(user_and_password))
    }

    #[test]
    fn the_example_of_rfc_7617_and_a_password_with_colons() {
        let read = Authorization::parse("Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==").unwrap();
        assert_eq!(read.key_id, "Aladdin");
        assert_eq!(read.verify("open sesame"), Ok(()));
        let colons = Authorization::parse(&header("key:a:b:")).unwrap();
        assert_eq!((colons.key_id.as_str(), colons.verify("a:b:")), ("key", Ok(())));
        assert!(Authorization::parse(&header("key:x").replace("Basic", "bASIC")).is_ok());
    }

    #[test]
    fn what_is_no_such_header() {
        let bad = [
            String::new(),
            "Basic".to_owned(),
            "Basic ".to_owned(),
            "Basic a2V5".to_owned(),
            "Basic a2V5OnNlY3JldA".to_owned(),
            "Basic /w==".to_owned(),
            "Bearer a2V5OnNlY3JldA==".to_owned(),
            format!("{0},{0}", header("key:secret")),
            header(":secret"),
            header("a key:secret"),
            header("a#b:secret"),
            header(&format!("key:{}", "x".repeat(MAX_BYTES))),
        ];
        for value in bad {
            assert_eq!(Authorization::parse(&value).unwrap_err(), BadAuthorization, "{value}");
        }
    }

    #[test]
    fn what_differs_is_refused_whatever_the_length_and_nothing_is_printed() {
        let read = Authorization::parse(&header("key:secret")).unwrap();
        for other in ["secre", "secret\0", "Secret", "secret ", "another one altogether"] {
            assert_eq!(read.verify(other), Err(BadSignature), "{other:?}");
        }
        let padded = Authorization::parse(&header("key:secret\0\0")).unwrap();
        assert_eq!(padded.verify("secret"), Err(BadSignature));
        assert_eq!(Authorization::parse(&header("key:")).unwrap().verify(""), Err(BadSignature));
        assert_eq!(format!("{read:?}"), "Basic key:[REDACTED]");
    }

    #[test]
    fn an_oauth_client_may_encode_both_parts_as_a_form_does() {
        let secret = "q+/x==";
        let read = |sent: &str| Authorization::parse_oauth_client(&header(sent));
        for sent in ["iimm~1:q+/x==", "iimm~1:q%2B%2Fx%3D%3D", "iimm~1:q%2b/x%3D%3d", "iimm%7E1:q%2B%2Fx%3D%3D"] {
            let read = read(sent).unwrap();
            assert_eq!((read.key_id.as_str(), read.verify(secret)), ("iimm~1", Ok(())), "{sent}");
        }
        for sent in ["key:q%252B%252Fx%253D%253D", "key:q+%2Fx%3D%3D", "key:q%2B%2Fx%3D", "key:", "key:q+/x==&a"] {
            assert_eq!(read(sent).unwrap().verify(secret), Err(BadSignature), "{sent}");
        }
        let spaced = read("key:two+words").unwrap();
        assert_eq!((spaced.verify("two words"), spaced.verify("two+words")), (Ok(()), Ok(())));
        for sent in ["a+key:x", "a%20key:x", "%ff:x", "a%3Akey:x", "%00:x"] {
            assert_eq!(read(sent).unwrap_err(), BadAuthorization, "{sent}");
        }
        assert_eq!(read("key:%ff").unwrap().verify("%ff"), Ok(()), "no form's value, so as it is");
        let plain = Authorization::parse(&header("key:q%2B%2Fx%3D%3D")).unwrap();
        assert_eq!(plain.verify(secret), Err(BadSignature), "elsewhere it is taken as it is");
    }

    proptest! {
        #[test]
        fn only_the_secret_itself_passes(sent in ".{0,80}", stored in ".{1,80}") {
            let read = Authorization::parse(&header(&format!("key:{sent}"))).unwrap();
            prop_assert_eq!(read.verify(&stored).is_ok(), sent == stored);
        }

        #[test]
        fn an_oauth_client_passes_in_both_forms_and_in_no_other(sent in ".{0,40}", stored in ".{1,40}") {
            let read = |password: &str| Authorization::parse_oauth_client(&header(&format!("key:{password}"))).unwrap();
            let encoded: String = stored.bytes().map(|byte| format!("%{byte:02X}")).collect();
            prop_assert!(read(&stored).verify(&stored).is_ok() && read(&encoded).verify(&stored).is_ok());
            let decoded = form_decoded(&sent).map(|decoded| decoded.to_string());
            prop_assert_eq!(read(&sent).verify(&stored).is_ok(), sent == stored || decoded == Some(stored));
        }

        #[test]
        fn no_header_panics(value in any::<String>()) {
            let _ = (Authorization::parse(&value), Authorization::parse_oauth_client(&value));
        }
    }
}
