//! HTTP Basic (RFC 7617): a key's id as the user, its secret as the password (Tutelar contract; the Arbiter contract's token call).
//!
//! Nothing is signed here: who sees one request can send any other. TLS has to keep it.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use zeroize::Zeroizing;

use crate::{BadSignature, Secret, is_key_id, mac};

/// What stands before the base64, in any case.
const SCHEME: &str = "Basic";
/// More than the longest key id and any secret of ours take; what is longer is not decoded.
const MOST_BYTES: usize = 1024;

/// A well-formed `Authorization` header. Nothing is verified yet.
#[derive(Clone)]
pub struct Authorization {
    /// The user: which key the caller says to have, `[A-Za-z0-9._~-]{1,64}`.
    pub key_id: String,
    password: Zeroizing<String>,
}

/// A header of another scheme or form; one that was sent twice arrives joined by a comma and is such a one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("Authorization must be Basic and the base64 of a key id, a colon and its secret, and sent once")]
pub struct BadAuthorization;

impl Authorization {
    /// Reads the header's value.
    ///
    /// # Errors
    /// [`BadAuthorization`] when it is anything but `Basic <base64 of keyId:secret>`.
    pub fn parse(value: &str) -> Result<Self, BadAuthorization> {
        let (scheme, encoded) = value.split_once(' ').ok_or(BadAuthorization)?;
        if !scheme.eq_ignore_ascii_case(SCHEME) || encoded.len() > MOST_BYTES {
            return Err(BadAuthorization);
        }
        let decoded = Zeroizing::new(STANDARD.decode(encoded.trim_matches(' ')).map_err(|_| BadAuthorization)?);
        let text = std::str::from_utf8(&decoded).map_err(|_| BadAuthorization)?;
        let (key_id, password) = text.split_once(':').ok_or(BadAuthorization)?;
        if !is_key_id(key_id) {
            return Err(BadAuthorization);
        }
        Ok(Self { key_id: key_id.to_owned(), password: Zeroizing::new(password.to_owned()) })
    }

    /// Whether the password is `secret`, the text as the client knows it. Takes the same time wherever it differs.
    ///
    /// Both are compared as their HMACs under the secret, so that not even their lengths are compared in variable time.
    ///
    /// # Errors
    /// [`BadSignature`] when it is not, and when `secret` is empty: with that one anybody could call.
    pub fn verify(&self, secret: &str) -> Result<(), BadSignature> {
        let key = Secret::from_text(secret).map_err(|_| BadSignature)?;
        mac::same(&key, self.password.as_bytes(), secret.as_bytes())
    }
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
            header(&format!("key:{}", "x".repeat(MOST_BYTES))),
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

    proptest! {
        #[test]
        fn only_the_secret_itself_passes(sent in ".{0,80}", stored in ".{1,80}") {
            let read = Authorization::parse(&header(&format!("key:{sent}"))).unwrap();
            prop_assert_eq!(read.verify(&stored).is_ok(), sent == stored);
        }

        #[test]
        fn no_header_panics(value in any::<String>()) {
            let _ = Authorization::parse(&value);
        }
    }
}
