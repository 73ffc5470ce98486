//! The names of things, one type each, so that they cannot be mixed up.
//!
//! What a name may look like is the platform contract's "Limits"; ids that go into URLs and storage keys are `[A-Za-z0-9._~-]{1,64}`.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A text that breaks the rule of the name it was meant to be; the message states the rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct BadName(pub &'static str);

macro_rules! name {
    ($(#[$doc:meta])* $name:ident, $rule:path) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// Takes a text that keeps the rule of this name.
            ///
            /// # Errors
            /// [`BadName`] with the rule that was broken.
            pub fn parse(text: &str) -> Result<Self, BadName> {
                Self::try_from(text.to_owned())
            }

            /// The text itself.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl TryFrom<String> for $name {
            type Error = BadName;

            fn try_from(text: String) -> Result<Self, BadName> {
                $rule(&text)?;
                Ok(Self(text))
            }
        }

        impl From<$name> for String {
            fn from(name: $name) -> Self {
                name.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                out.write_str(&self.0)
            }
        }
    };
}

name! {
    /// The platform's id of a transaction: `[A-Za-z0-9._~-]{1,64}`, unique in the deployment.
    Trxid, url_safe
}
name! {
    /// A client's own reference of a transaction: 1 to 50 printable characters, unique within its account.
    Refid, refid
}
name! {
    /// An account of the deployment: `[A-Za-z0-9._~-]{1,64}`.
    AccountId, url_safe
}
name! {
    /// The public part of a credential: `[A-Za-z0-9._~-]{1,64}`.
    KeyId, url_safe
}
name! {
    /// A capture by which the Connect door knows a transaction: `[A-Za-z0-9._~-]{1,64}`.
    CaptureId, url_safe
}
name! {
    /// The Connect door's name of an account: `[A-Za-z0-9._~-]{1,64}`.
    MerchantId, url_safe
}
name! {
    /// The Arbiter door's name of a bank or merchant: `[A-Za-z0-9._~-]{1,64}`.
    DomainCode, url_safe
}
name! {
    /// A person of a bank, within its account: `[A-Za-z0-9._~-]{1,64}`, such as `First.Last`.
    UserName, url_safe
}
name! {
    /// A transaction's reference in its store (`details.reference`): 1 to 128 printable characters.
    Reference, printable_128
}

fn url_safe(text: &str) -> Result<(), BadName> {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"._~-".contains(&byte);
    if (1..=64).contains(&text.len()) && text.bytes().all(allowed) {
        Ok(())
    } else {
        Err(BadName("must be 1 to 64 characters of A-Z a-z 0-9 . _ ~ -"))
    }
}

fn refid(text: &str) -> Result<(), BadName> {
    if printable(text, 50) { Ok(()) } else { Err(BadName("must be 1 to 50 printable characters")) }
}

fn printable_128(text: &str) -> Result<(), BadName> {
    if printable(text, 128) { Ok(()) } else { Err(BadName("must be 1 to 128 printable characters")) }
}

/// Whether a text has 1 to `most` characters and no control character.
#[must_use]
pub fn printable(text: &str, most: usize) -> bool {
    !text.is_empty() && text.chars().count() <= most && !text.chars().any(char::is_control)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_of_names() {
        assert!(Trxid::parse(&"a".repeat(64)).is_ok());
        assert!(Trxid::parse("A.b_c~d-9").is_ok());
        for text in [String::new(), "a".repeat(65), "a b".into(), "a#b".into(), "é".into(), "a/b".into()] {
            assert!(Trxid::parse(&text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_refid_counts_characters_not_bytes() {
        assert!(Refid::parse(&"é".repeat(50)).is_ok());
        assert!(Refid::parse(&"é".repeat(51)).is_err());
        assert!(Refid::parse("a#b c").is_ok());
        assert!(Refid::parse("a\nb").is_err());
        assert!(Refid::parse("").is_err());
    }

    #[test]
    fn serde_keeps_the_rule() {
        assert!(serde_json::from_str::<Trxid>("\"50001\"").is_ok());
        assert!(serde_json::from_str::<Trxid>("\"a#b\"").is_err());
    }
}
