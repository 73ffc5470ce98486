//! What SES found about a mail when it received it.
//!
//! SES writes its headers above the sender's. Only the block at the top counts: from the first
//! header up to the first that SES does not write, or to `X-SES-RECEIPT`, which ends SES's
//! verdicts. A sender can write the same headers, but only below. Of each header the topmost
//! counts.

use recourse_dispute::addresses::MailAddress;

use crate::fields::{Field, Fields};

/// One verdict.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Verdict {
    /// It passed.
    Pass,
    /// It failed.
    Fail,
    /// SES looked, and cannot say: `GRAY`, `none`, `neutral`, `softfail`.
    Gray,
    /// SES did not look, could not, or says nothing that can be relied on.
    #[default]
    Unknown,
}

/// SES's verdicts. Each is [`Verdict::Unknown`] where the header is missing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Verdicts {
    /// `X-SES-Spam-Verdict`.
    pub spam: Verdict,
    /// `X-SES-Virus-Verdict`.
    pub virus: Verdict,
    /// DMARC (RFC 7489) of the domain in From. A pass for another domain than that of the sender is
    /// [`Verdict::Unknown`].
    pub dmarc: Verdict,
    /// SPF of the envelope sender.
    pub spf: Verdict,
    /// DKIM: a pass when at least one signature passed. It says nothing about whose.
    pub dkim: Verdict,
}

impl Verdicts {
    /// Whether SES found the mail to be spam or to hold a virus.
    #[must_use]
    pub fn is_unwanted(&self) -> bool {
        self.spam == Verdict::Fail || self.virus == Verdict::Fail
    }

    /// Whether a check failed: the mail is unwanted, or it does not come from the domain in From. A
    /// domain that publishes no rule has not failed.
    #[must_use]
    pub fn has_failed(&self) -> bool {
        self.is_unwanted() || self.dmarc == Verdict::Fail
    }
}

/// What SES writes at the top, from its documentation and from mails it stored.
const WRITTEN_BY_SES: [&str; 7] = [
    "Return-Path",
    "Received",
    "X-SES-Spam-Verdict",
    "X-SES-Virus-Verdict",
    "Received-SPF",
    "Authentication-Results",
    "X-SES-RECEIPT",
];

pub(crate) fn verdicts(fields: &Fields<'_>, from: Option<&MailAddress>) -> Verdicts {
    let block = block(fields.all());
    let first = |name: &str| block.iter().find(|field| field.is(name)).map(|field| field.first(100));
    let mut found = Verdicts {
        spam: scan(first("X-SES-Spam-Verdict")),
        virus: scan(first("X-SES-Virus-Verdict")),
        ..Verdicts::default()
    };
    if let Some(field) = block.iter().find(|field| field.is("Authentication-Results")) {
        authentication(&field.first(8 * 1024), from, &mut found);
    }
    found
}

/// The fields that SES wrote. It adds one Received; a second is the sender's.
fn block<'a, 'b>(fields: &'b [Field<'a>]) -> &'b [Field<'a>] {
    let mut received = 0;
    let end = fields.iter().position(|field| {
        received += usize::from(field.is("Received"));
        received > 1 || field.is("X-SES-RECEIPT") || !WRITTEN_BY_SES.iter().any(|name| field.is(name))
    });
    fields.get(..end.unwrap_or(fields.len())).unwrap_or_default()
}

fn scan(value: Option<String>) -> Verdict {
    match value.as_deref().map(str::trim) {
        Some("PASS") => Verdict::Pass,
        Some("FAIL") => Verdict::Fail,
        Some("GRAY") => Verdict::Gray,
        _ => Verdict::Unknown,
    }
}

/// Reads `amazonses.com; spf=pass (..) ..; dkim=pass ..; dmarc=pass header.from=..` (RFC 8601).
///
/// The same header has a server's name and an envelope's address, and a sender chooses them.
/// So a method that comes twice with different results is worth nothing, but for DKIM, where each
/// signature has a result.
fn authentication(value: &str, from: Option<&MailAddress>, found: &mut Verdicts) {
    let Some(parts) = statements(value) else { return };
    let mut parts = parts.iter();
    let server = parts.next().and_then(|server| server.split_whitespace().next());
    if !server.is_some_and(|server| server.eq_ignore_ascii_case("amazonses.com")) {
        return;
    }
    let (mut spf, mut dkim, mut dmarc) = (Vec::new(), Vec::new(), Vec::new());
    for part in parts {
        let mut tokens = part.split_whitespace();
        let Some((method, result)) = tokens.next().and_then(|token| token.split_once('=')) else { continue };
        let verdict = result_of(result);
        match method.to_ascii_lowercase().as_str() {
            "spf" => spf.push(verdict),
            "dkim" => dkim.push(verdict),
            "dmarc" => {
                let domain = tokens.find_map(|token| token.strip_prefix("header.from="));
                let is_other = domain.zip(from).is_some_and(|(domain, from)| !is_domain_of(from, domain));
                dmarc.push(if is_other && verdict == Verdict::Pass { Verdict::Unknown } else { verdict });
            }
            _ => {}
        }
    }
    found.spf = agreed(&spf);
    found.dmarc = agreed(&dmarc);
    found.dkim = if dkim.contains(&Verdict::Pass) { Verdict::Pass } else { dkim.first().copied().unwrap_or_default() };
}

/// Whether a domain, in its own script or in punycode, is that of an address.
fn is_domain_of(from: &MailAddress, domain: &str) -> bool {
    let other = MailAddress::parse(&format!("x@{domain}"));
    let domain_of = |address: &MailAddress| address.as_str().rsplit_once('@').map(|(_, domain)| domain.to_owned());
    other.is_ok_and(|other| domain_of(&other) == domain_of(from))
}

fn agreed(results: &[Verdict]) -> Verdict {
    match results.split_first() {
        Some((first, rest)) if rest.iter().all(|other| other == first) => *first,
        _ => Verdict::Unknown,
    }
}

fn result_of(result: &str) -> Verdict {
    match result.to_ascii_lowercase().as_str() {
        "pass" => Verdict::Pass,
        "fail" | "hardfail" => Verdict::Fail,
        "none" | "neutral" | "softfail" | "policy" => Verdict::Gray,
        _ => Verdict::Unknown,
    }
}

/// The text between semicolons, without comments; `None` when a quote or a comment never ends.
fn statements(value: &str) -> Option<Vec<String>> {
    let mut parts = vec![String::new()];
    let (mut depth, mut quoted, mut escaped) = (0_usize, false, false);
    for letter in value.chars() {
        let was_escaped = std::mem::take(&mut escaped);
        match letter {
            '\\' if !was_escaped && (quoted || depth > 0) => escaped = true,
            '"' if !was_escaped && depth == 0 => quoted = !quoted,
            '(' if !was_escaped && !quoted => depth += 1,
            ')' if !was_escaped && !quoted && depth > 0 => depth -= 1,
            ';' if !quoted && depth == 0 => parts.push(String::new()),
            _ if depth == 0 => {
                // What a quote holds is one token, never a statement.
                let shown = if quoted && letter.is_whitespace() { '_' } else { letter };
                if let Some(part) = parts.last_mut() {
                    part.push(shown);
                }
            }
            _ => {}
        }
    }
    (depth == 0 && !quoted).then_some(parts)
}

#[cfg(test)]
mod tests;
