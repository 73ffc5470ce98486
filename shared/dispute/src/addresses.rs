//! Mail addresses: which texts are one, and who of a case is in To and who in Cc.
//!
//! **Invariant:** a [`MailAddress`] is printable ASCII without spaces, quotes, brackets, commas or
//! controls, so a header can hold it as it is.

mod recipients;

pub use recipients::{AddressError, Recipients};

use idna::uts46::{AsciiDenyList, DnsLength, Hyphens, Uts46};
use serde::Deserialize;
use std::fmt;

/// A whole address is at most this long (RFC 5321 with erratum 1690: a path of 256 less its angle
/// brackets).
const MAX_ADDRESS: usize = 254;
/// A local part is at most this long (RFC 5321, 4.5.3.1.1).
const MAX_LOCAL: usize = 64;
/// The domain of the addresses that stand for erased ones. No mail reaches it (RFC 6761, 6.4).
const ERASED: &str = "erased.invalid";

/// An address that mail can be sent to: `local@domain`, the local part as given, the domain in
/// lower case and in punycode.
///
/// Two addresses are equal when their local parts are the same letter for letter and their domains
/// are the same host name. [`MailAddress::is_same_mailbox`] says whether mail to both reaches one
/// mailbox. Debug prints no address.
#[derive(Clone, PartialEq, Eq, Hash, Deserialize)]
#[serde(try_from = "String")]
pub struct MailAddress(String);

/// Why a text is no address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadAddress {
    /// No `@`, or an empty text.
    #[error("must be a mail address of the form name@domain")]
    NoAt,
    /// White space within it.
    #[error("must not have white space in it")]
    WhiteSpace,
    /// A part before the `@` that a mail program could take for an encoded word (RFC 2047) and
    /// show as something else.
    #[error("must not have an encoded word such as =?utf-8?q?name?= before the @")]
    EncodedWord,
    /// The part before the last `@`.
    #[error(
        "the part before the @ must be 1 to 64 letters, digits or !#$%&'*+-/=?^_`{{|}}~, with single dots between them"
    )]
    Local,
    /// The part after the last `@`.
    #[error("the part after the @ must be a host name with at least one dot, such as example.com")]
    Domain,
    /// Longer than mail allows.
    #[error("must be at most 254 characters long")]
    TooLong,
}

impl MailAddress {
    /// Reads an address as a person typed it: white space at its ends is left out.
    ///
    /// # Errors
    /// As [`Self::parse`].
    pub fn parse_typed(text: &str) -> Result<Self, BadAddress> {
        Self::parse(text.trim())
    }

    /// Reads an address. Nothing is trimmed: a space at either end is an error. A domain in another
    /// script is read as a browser reads it (UTS #46) and kept in punycode.
    ///
    /// # Errors
    /// [`BadAddress`] names the part that is wrong and what would be right.
    pub fn parse(text: &str) -> Result<Self, BadAddress> {
        let (local, domain) = text.rsplit_once('@').ok_or(BadAddress::NoAt)?;
        if text.contains(char::is_whitespace) {
            return Err(BadAddress::WhiteSpace);
        }
        if local.split_once("=?").is_some_and(|(_, rest)| rest.contains("?=")) {
            return Err(BadAddress::EncodedWord);
        }
        if !is_dot_atom(local) || local.len() > MAX_LOCAL {
            return Err(BadAddress::Local);
        }
        let address = format!("{local}@{}", host(domain).ok_or(BadAddress::Domain)?);
        if address.len() > MAX_ADDRESS { Err(BadAddress::TooLong) } else { Ok(Self(address)) }
    }

    /// The address as it is written in a header.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The address that stands for one that was erased. Nothing leads from it to the person.
    #[must_use]
    pub fn erased(id: u64) -> Self {
        Self(format!("erased-{id:016x}@{ERASED}"))
    }

    /// Whether it stands for an address that was erased: it is never mailed, and nobody writes from
    /// it.
    #[must_use]
    pub fn is_erased(&self) -> bool {
        self.0.rsplit_once('@').is_some_and(|(_, domain)| domain == ERASED)
    }

    /// Whether mail to both reaches one mailbox: they are the same in any case. Hardly any server
    /// distinguishes the case of a local part, and nobody who writes one address in many ways may
    /// get one mail in many copies.
    #[must_use]
    pub fn is_same_mailbox(&self, other: &Self) -> bool {
        self.0.eq_ignore_ascii_case(&other.0)
    }
}

impl fmt::Debug for MailAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MailAddress([REDACTED])")
    }
}

stored_as_text!(MailAddress, BadAddress, MailAddress::parse, |address| address.as_str());

/// RFC 5322 `dot-atom-text`: no quoted local parts, which almost nobody has and many servers
/// misread.
fn is_dot_atom(local: &str) -> bool {
    let atext = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~".contains(&byte);
    local.split('.').all(|atom| !atom.is_empty() && atom.bytes().all(atext))
}

/// The domain in ASCII, if it is a host name: labels of letters, digits and inner hyphens, at most
/// 63 each and 253 together, at least two, the last one not a number (so no IP address).
fn host(domain: &str) -> Option<String> {
    // Strict processing takes time that grows with the text, and no host name is longer in UTF-8
    // than this many bytes.
    if domain.len() > 4 * 253 {
        return None;
    }
    let ascii = Uts46::new()
        .to_ascii(domain.as_bytes(), AsciiDenyList::STD3, Hyphens::CheckFirstLast, DnsLength::Verify)
        .ok()?;
    let (_, last) = ascii.rsplit_once('.')?;
    if last.bytes().all(|byte| byte.is_ascii_digit()) { None } else { Some(ascii.into_owned()) }
}

#[cfg(test)]
mod tests;
