//! Who a mail is from and to, and the tokens of plus-addresses.
//!
//! An address counts when [`MailAddress`] takes it: printable ASCII, so nothing invisible is in
//! one. A name beside an address decides nothing: it is read of the sender alone, so that it can be
//! hidden.

use mail_parser::parsers::MessageStream;
use mail_parser::{Address, HeaderValue};
use recourse_dispute::addresses::MailAddress;

use crate::fields::{Field, Fields};
use crate::limits::{MAX_RECIPIENTS, MAX_SENDER_NAME, MAX_STRUCTURED};
use crate::subject::one_line;

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
    // A group of addresses has no one sender, and its name can look like one.
    let Some(found) = listed(field) else { return Sender::Missing };
    let one = match found.as_slice() {
        [] => return Sender::Missing,
        [one] => one,
        _ => return Sender::Several,
    };
    // `x@bank.test <a@b.test>`: what is shown is not what sent it.
    if bare(&field.first(MAX_STRUCTURED)).iter().any(|other| other != one) {
        return Sender::Several;
    }
    MailAddress::parse(one).map_or_else(|_| local(one), Sender::One)
}

/// The name beside the sender's address, decoded and on one line; none where it has none.
pub(crate) fn sender_name(fields: &Fields<'_>) -> Option<String> {
    let mut line = fields.named("From").next()?.first(MAX_STRUCTURED);
    line.push('\n');
    let HeaderValue::Address(addresses) = MessageStream::new(line.as_bytes()).parse_address() else { return None };
    let name = one_line(addresses.first()?.name.as_deref()?, MAX_SENDER_NAME);
    Some(name).filter(|name| !name.is_empty())
}

/// The addresses of a From, three at most; `None` when they are in groups.
fn listed(field: &Field<'_>) -> Option<Vec<String>> {
    let mut found = Vec::new();
    let is_list = each(field, |text| {
        found.push(text.to_owned());
        found.len() < 3
    });
    is_list.then_some(found)
}

/// What looks like an address outside quotes, comments and encoded words.
fn bare(value: &str) -> Vec<String> {
    let mut shown = String::new();
    let (mut depth, mut is_quoted, mut is_escaped) = (0_usize, false, false);
    for letter in value.chars() {
        let was_escaped = std::mem::take(&mut is_escaped);
        match letter {
            '\\' if is_quoted || depth > 0 => is_escaped = !was_escaped,
            '"' if depth == 0 && !was_escaped => is_quoted = !is_quoted,
            '(' if !is_quoted && !was_escaped => depth += 1,
            ')' if !is_quoted && !was_escaped => depth = depth.saturating_sub(1),
            letter if !is_quoted && depth == 0 => shown.push(letter),
            _ => {}
        }
    }
    let words = shown.split(|letter: char| letter.is_whitespace() || matches!(letter, '<' | '>' | ',' | ';' | ':'));
    words
        .filter(|word| word.contains('@') && !(word.starts_with("=?") && word.ends_with("?=")))
        .map(str::to_owned)
        .collect()
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

/// Gives each address of a field, until the reader wants no more. Whether it is a plain list.
///
/// An address has to be in the header as it is. One that only comes out of an encoded word
/// (RFC 2047 allows none in an address) is what somebody wants a name to be taken for.
fn each(field: &Field<'_>, mut read: impl FnMut(&str) -> bool) -> bool {
    let mut line = field.first(MAX_STRUCTURED);
    line.push('\n');
    let HeaderValue::Address(addresses) = MessageStream::new(line.as_bytes()).parse_address() else { return true };
    for address in addresses.iter() {
        let Some(text) = address.address.as_deref().map(str::trim) else { continue };
        let shown = if line.contains(text) { text } else { "" };
        if !read(shown) {
            break;
        }
    }
    matches!(addresses, Address::List(_))
}

/// The tokens of those recipients that are plus-addresses of `reply`, each once, as they are
/// written. Case does not matter: local parts get lower-cased on the way.
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
