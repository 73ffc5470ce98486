//! What a browser or a mail holds so that its owner is known, and the digest that is stored of it.

use std::fmt;

use data_encoding::{BASE64URL_NOPAD, HEXLOWER};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use super::operator::OperatorId;

/// How many characters the 32 bytes of a token have.
const LENGTH: usize = 43;

/// A secret of 32 random bytes: of a sign-in link, or of the browser that asked for it. Debug does
/// not show it.
#[derive(Clone)]
pub struct ConsoleToken(Zeroizing<String>);

/// The error for a text that cannot be a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("is not a token of the console")]
pub struct InvalidToken;

impl ConsoleToken {
    /// Makes a token of 32 random bytes.
    #[must_use]
    pub fn new(random: [u8; 32]) -> Self {
        Self(Zeroizing::new(BASE64URL_NOPAD.encode(&random)))
    }

    /// Reads what [`Self::reveal`] wrote.
    ///
    /// # Errors
    /// [`InvalidToken`] for anything but 43 characters of base64url that stand for 32 bytes.
    pub fn parse(text: &str) -> Result<Self, InvalidToken> {
        let is_token = text.len() == LENGTH && BASE64URL_NOPAD.decode(text.as_bytes()).is_ok();
        if is_token { Ok(Self(Zeroizing::new(text.to_owned()))) } else { Err(InvalidToken) }
    }

    /// The token, for the mail or the cookie that it goes into.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// What is stored of it.
    pub(super) fn digest(&self) -> String {
        digest(&self.0)
    }
}

impl fmt::Debug for ConsoleToken {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("ConsoleToken([REDACTED])")
    }
}

/// What the cookie of a session holds: the operator's id and a secret, with a dot between them. The
/// id lets session and operator be read at the same time. Debug shows neither.
#[derive(Clone)]
pub struct SessionToken {
    operator: OperatorId,
    text: Zeroizing<String>,
}

impl SessionToken {
    /// Makes the token of an operator's session of 32 random bytes.
    #[must_use]
    pub fn new(operator: &OperatorId, random: [u8; 32]) -> Self {
        let text = format!("{}.{}", operator.as_str(), ConsoleToken::new(random).reveal());
        Self { operator: operator.clone(), text: Zeroizing::new(text) }
    }

    /// Reads what [`Self::reveal`] wrote.
    ///
    /// # Errors
    /// [`InvalidToken`].
    pub fn parse(text: &str) -> Result<Self, InvalidToken> {
        let (operator, secret) = text.split_once('.').ok_or(InvalidToken)?;
        ConsoleToken::parse(secret)?;
        let operator = OperatorId::parse(operator).ok_or(InvalidToken)?;
        Ok(Self { operator, text: Zeroizing::new(text.to_owned()) })
    }

    /// The token, for the cookie that it goes into.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.text
    }

    /// Whose session it says it is.
    pub(super) fn operator(&self) -> &OperatorId {
        &self.operator
    }

    /// What is stored of it. It covers the operator's id, so nobody can put another one in.
    pub(super) fn digest(&self) -> String {
        digest(&self.text)
    }
}

impl fmt::Debug for SessionToken {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("SessionToken([REDACTED])")
    }
}

fn digest(text: &str) -> String {
    HEXLOWER.encode(&Sha256::digest(text))
}

#[cfg(test)]
mod tests {
    use recourse_dispute::addresses::MailAddress;

    use super::*;

    #[test]
    fn a_token_is_read_as_it_was_written_and_not_shown() {
        let token = ConsoleToken::new([7; 32]);
        assert_eq!(ConsoleToken::parse(token.reveal()).unwrap().digest(), token.digest());
        assert_ne!(ConsoleToken::new([8; 32]).digest(), token.digest());
        assert!(!format!("{token:?}").contains(token.reveal()));
        let short = token.reveal().get(1..).unwrap();
        for text in ["", short, &format!("{short}!"), &format!("{}=", token.reveal()), &"A".repeat(44)] {
            assert!(ConsoleToken::parse(text).is_err(), "{text}");
        }
        // The last character has two bits too many: only one spelling is the token.
        assert!(ConsoleToken::parse(&format!("{}B", "A".repeat(42))).is_err());
    }

    #[test]
    fn a_session_token_names_its_operator_and_is_not_shown() {
        let operator = OperatorId::of(&MailAddress::parse("Agent@demo.example").unwrap());
        let token = SessionToken::new(&operator, [7; 32]);
        let read = SessionToken::parse(token.reveal()).unwrap();
        assert_eq!((read.operator(), read.digest()), (&operator, token.digest()));
        assert!(!format!("{token:?}").contains(operator.as_str()));
        let other = OperatorId::of(&MailAddress::parse("other@demo.example").unwrap());
        assert_ne!(SessionToken::new(&other, [7; 32]).digest(), token.digest());
        let secret = ConsoleToken::new([7; 32]);
        for text in ["", ".", secret.reveal(), &format!(".{}", secret.reveal()), &format!("xyz.{}", secret.reveal())] {
            assert!(SessionToken::parse(text).is_err(), "{text}");
        }
        assert!(SessionToken::parse(&token.reveal().to_uppercase()).is_err());
    }
}
