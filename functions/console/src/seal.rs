//! What the pages of a session carry and nobody else can make: the token of its forms, and seals.

use data_encoding::BASE64URL_NOPAD;
use recourse_edge::{App, ServiceError};
use recourse_signing::Secret;

/// What the key of all of it is derived for.
const PURPOSE: &str = "console csrf";

/// The seals of one session.
#[derive(Clone)]
pub(crate) struct Seals {
    key: Secret,
    /// The digest of the session's token.
    session: String,
    csrf: String,
}

impl Seals {
    /// Those of a session, by the digest of its token.
    pub(crate) async fn of(app: &App, session: &str) -> Result<Self, ServiceError> {
        let key = app.derived(PURPOSE).await?;
        let empty = |_| ServiceError::invariant("the key of the forms' tokens is empty", PURPOSE);
        Ok(Self::new(Secret::from_bytes(&key).map_err(empty)?, session))
    }

    fn new(key: Secret, session: &str) -> Self {
        let csrf = BASE64URL_NOPAD.encode(&key.sign_bytes(session.as_bytes()));
        Self { key, session: session.to_owned(), csrf }
    }

    /// The token of the forms, so that no page of anybody else can send one.
    pub(crate) fn csrf(&self) -> &str {
        &self.csrf
    }

    /// Whether a form has the token, compared in constant time.
    pub(crate) fn is_csrf(&self, sent: &str) -> bool {
        self.verifies(self.session.as_bytes(), sent)
    }

    /// The seal of these texts, for one purpose.
    pub(crate) fn seal(&self, purpose: &str, parts: &[&str]) -> String {
        BASE64URL_NOPAD.encode(&self.key.sign_bytes(&self.sealed(purpose, parts)))
    }

    /// Whether a text is the seal of these, compared in constant time.
    pub(crate) fn is_sealed(&self, purpose: &str, parts: &[&str], seal: &str) -> bool {
        self.verifies(&self.sealed(purpose, parts), seal)
    }

    fn verifies(&self, message: &[u8], sent: &str) -> bool {
        let tag = BASE64URL_NOPAD.decode(sent.as_bytes());
        tag.is_ok_and(|tag| self.key.verify_bytes(message, &tag))
    }

    /// Each part behind its length. So no two lists are the same bytes, and none is what the token
    /// of the forms is made of.
    fn sealed(&self, purpose: &str, parts: &[&str]) -> Vec<u8> {
        let mut bytes = Vec::new();
        for part in [self.session.as_str(), purpose].into_iter().chain(parts.iter().copied()) {
            bytes.extend(u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
            bytes.extend(part.as_bytes());
        }
        bytes
    }
}

impl std::fmt::Debug for Seals {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("Seals([REDACTED])")
    }
}

#[cfg(test)]
pub(crate) mod testing {
    use super::{Seals, Secret};

    /// The seals of a session, under a key of the tests.
    pub(crate) fn seals(session: &str) -> Seals {
        Seals::new(Secret::from_bytes(b"key").unwrap(), session)
    }
}

#[cfg(test)]
mod tests {
    use super::testing::seals;
    use super::*;

    #[test]
    fn a_form_has_the_token_of_its_session_alone() {
        let ours = seals("session");
        assert!(ours.is_csrf(seals("session").csrf()));
        let other_key = Seals::new(Secret::from_bytes(b"other").unwrap(), "session");
        for other in ["", "AAAA", seals("other").csrf(), other_key.csrf(), &ours.seal("", &[])] {
            assert!(!ours.is_csrf(other), "{other}");
        }
        assert!(!format!("{ours:?}").contains(ours.csrf()));
    }

    #[test]
    fn a_seal_is_of_its_session_its_purpose_and_its_parts() {
        let ours = seals("session");
        let seal = ours.seal("a", &["b", "c"]);
        assert!(ours.is_sealed("a", &["b", "c"], &seal));
        for (purpose, parts) in [("a", &["bc"][..]), ("a", &["b", "c", ""]), ("b", &["b", "c"]), ("a", &["c", "b"])] {
            assert!(!ours.is_sealed(purpose, parts, &seal), "{purpose} {parts:?}");
        }
        assert!(!seals("other").is_sealed("a", &["b", "c"], &seal));
        assert!(!ours.is_sealed("a", &["b", "c"], "") && !ours.is_sealed("a", &["b", "c"], ours.csrf()));
    }
}
