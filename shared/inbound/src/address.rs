//! Who a mail is from and to, and the tokens of plus-addresses.
//!
//! An address counts when [`MailAddress`] takes it: printable ASCII, so nothing invisible is in one.
//! Names beside addresses are never read.

use mail_parser::HeaderValue;
use mail_parser::parsers::MessageStream;
use recourse_dispute::addresses::MailAddress;

use crate::fields::{Field, Fields};
use crate::limits::{MAX_RECIPIENTS, MAX_STRUCTURED};

/// The headers that name recipients, in the order their addresses are listed in.
const RECIPIENTS: [&str; 3] = ["To", "Cc", "Delivered-To"];
/// A token is at most this long, so that it fits a local part.
const MAX_TOKEN: usize = 62;

/// Who sent a mail, by its From.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum Sender {
    One(MailAddress),
    /// No From, or none with an address that can be read.
    Missing,
    /// More than one From, or more than one address in it (RFC 5322 allows several addresses; a
    /// person's mail has one).
    Several,
    /// One From with a local part alone, as some mail servers write it; in lower case.
    Local(String),
}

pub(crate) fn sender(fields: &Fields<'_>) -> Sender {
    let mut named = fields.named("From");
    let Some(field) = named.next() else { return Sender::Missing };
    if named.next().is_some() {
        return Sender::Several;
    }
    let mut found = Vec::new();
    let mut count = 0;
    each(field, |text| {
        count += 1;
        found.push(text.to_owned());
        count < 3
    });
    match found.as_slice() {
        [] => Sender::Missing,
        [one] => MailAddress::parse(one).map_or_else(|_| local(one), Sender::One),
        _ => Sender::Several,
    }
}

fn local(text: &str) -> Sender {
    if text.contains('@') || text.len() > 64 { Sender::Missing } else { Sender::Local(text.to_ascii_lowercase()) }
}

/// The recipients that headers name, each once, at most [`MAX_RECIPIENTS`].
pub(crate) fn recipients(fields: &Fields<'_>) -> Vec<MailAddress> {
    let mut found: Vec<MailAddress> = Vec::new();
    // Texts that are no address count too, so that a header full of them is not read to its end.
    let mut seen = 0;
    for name in RECIPIENTS {
        for field in fields.named(name) {
            if seen >= 4 * MAX_RECIPIENTS {
                return found;
            }
            each(field, |text| {
                seen += 1;
                if let Ok(address) = MailAddress::parse(text)
                    && !found.contains(&address)
                {
                    found.push(address);
                }
                found.len() < MAX_RECIPIENTS && seen < 4 * MAX_RECIPIENTS
            });
            if found.len() >= MAX_RECIPIENTS {
                return found;
            }
        }
    }
    found
}

/// Gives each address of a field, until the reader wants no more.
///
/// An address has to stand in the header as it is. One that only comes out of an encoded word
/// (RFC 2047 allows none in an address) is what somebody wants a name to be taken for.
fn each(field: &Field<'_>, mut read: impl FnMut(&str) -> bool) {
    let mut line = field.first(MAX_STRUCTURED);
    line.push('\n');
    if let HeaderValue::Address(addresses) = MessageStream::new(line.as_bytes()).parse_address() {
        for address in addresses.iter() {
            let Some(text) = address.address.as_deref().map(str::trim) else { continue };
            let shown = if line.contains(text) { text } else { "" };
            if !read(shown) {
                break;
            }
        }
    }
}

/// The tokens of those recipients that are plus-addresses of `reply`, each once, as they are written.
/// Case does not matter: local parts get lower-cased on the way.
pub(crate) fn tokens(recipients: &[MailAddress], reply: &MailAddress) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for address in recipients {
        if let Some(token) = token(address, reply)
            && !found.iter().any(|known| known.eq_ignore_ascii_case(token))
        {
            found.push(token.to_owned());
        }
    }
    found
}

fn token<'a>(address: &'a MailAddress, reply: &MailAddress) -> Option<&'a str> {
    let (local, domain) = address.as_str().rsplit_once('@')?;
    let (name, token) = local.split_once('+')?;
    let (own, own_domain) = reply.as_str().rsplit_once('@')?;
    let fits = (1..=MAX_TOKEN).contains(&token.len()) && token.bytes().all(|byte| byte.is_ascii_alphanumeric());
    (fits && name.eq_ignore_ascii_case(own) && domain.eq_ignore_ascii_case(own_domain)).then_some(token)
}

#[cfg(test)]
mod tests;
