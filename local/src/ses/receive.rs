//! Receiving: what SES does with a mail that comes in by SMTP.
//!
//! A rule is for an address, also with any `+label`, or for a domain ("Creating receipt rules" in
//! SES's guide). SES writes the mail to the rule's bucket, with headers of its own above the
//! sender's, and S3 makes an event of the object. What a server of SMTP would learn from the
//! envelope is read from the mail's headers, unless the caller says it.

use std::fmt;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use regex_lite::Regex;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc2822;

use super::address::parse;
use crate::random::{received_id, uuid};
use crate::template::{REGION, ReceiptRule};

/// The largest mail that SES writes to a bucket, in bytes, its own headers included.
pub const MAX_MAIL: usize = 40 * 1024 * 1024;

/// How many bytes at the beginning of a mail are searched for headers.
const MAX_HEADERS: usize = 1024 * 1024;

/// The headers that can name a recipient.
const RECIPIENTS: [&str; 6] = ["To", "Cc", "Bcc", "Delivered-To", "X-Original-To", "Envelope-To"];

/// One verdict of SES.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Verdict {
    /// The check passed.
    #[default]
    Pass,
    /// It failed.
    Fail,
    /// SES cannot say.
    Gray,
}

impl Verdict {
    /// The verdict of this name: `pass`, `fail` or `gray`.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        match name {
            "pass" => Some(Self::Pass),
            "fail" => Some(Self::Fail),
            "gray" => Some(Self::Gray),
            _ => None,
        }
    }

    /// As `X-SES-Spam-Verdict` has it.
    fn scanned(self) -> &'static str {
        match self {
            Self::Pass => "PASS",
            Self::Fail => "FAIL",
            Self::Gray => "GRAY",
        }
    }

    /// As `Authentication-Results` has it: a domain without a policy is neither.
    fn authenticated(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Fail => "fail",
            Self::Gray => "none",
        }
    }
}

/// What came with a mail over SMTP, and what SES found. Debug shows no address.
#[derive(Clone, Default)]
pub struct Envelope {
    /// MAIL FROM. An empty one is the null return path of a bounce. `None`: that of a `Return-Path`
    /// that is the mail's first header, or else the address in From.
    pub from: Option<String>,
    /// RCPT TO. Empty: the addresses in the mail's headers.
    pub to: Vec<String>,
    /// The verdict on spam.
    pub spam: Verdict,
    /// The verdict on viruses.
    pub virus: Verdict,
    /// The verdict on the domain in From. SPF and DKIM have the same.
    pub dmarc: Verdict,
}

impl fmt::Debug for Envelope {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { spam, virus, dmarc, .. } = self;
        out.debug_struct("Envelope")
            .field("spam", spam)
            .field("virus", virus)
            .field("dmarc", dmarc)
            .finish_non_exhaustive()
    }
}

/// A mail that SES received. Debug shows no address and no subject.
#[derive(Clone, PartialEq, Eq)]
pub struct ReceivedMail {
    /// The key of its object.
    pub object: String,
    /// When it came, Unix milliseconds.
    pub at: u64,
    /// MAIL FROM; empty for a bounce.
    pub from: String,
    /// The recipient that the rule is for.
    pub to: String,
    /// The subject, as its header has it.
    pub subject: String,
    /// The id of the mail that it answers, without angle brackets.
    pub in_reply_to: Option<String>,
    /// How many bytes the object has.
    pub bytes: usize,
}

impl fmt::Debug for ReceivedMail {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { object, bytes, .. } = self;
        out.debug_struct("ReceivedMail").field("object", object).field("bytes", bytes).finish_non_exhaustive()
    }
}

/// Why SES does not take a mail, as its server answers over SMTP.
#[derive(Debug, thiserror::Error)]
pub enum ReceiveError {
    /// It is larger than SES takes.
    #[error("552 5.3.4 Message too big for system: at most {MAX_MAIL} bytes, with the headers that SES adds")]
    TooLarge,
    /// No rule is for any of its recipients.
    #[error("550 5.1.1 Requested action not taken: mailbox unavailable. {0}")]
    NoRule(String),
    /// An address of the envelope is none.
    #[error("501 5.1.3 Bad address: {0}")]
    BadAddress(&'static str),
    /// The bucket cannot be written.
    #[error("451 4.3.0 The bucket cannot be written: {0}")]
    Storage(#[from] std::io::Error),
}

/// Takes a mail at this time, in Unix milliseconds. `place` writes the object: bucket, key and
/// bytes.
pub(super) fn receive<T>(
    raw: &[u8],
    envelope: &Envelope,
    rules: &[ReceiptRule],
    at: u64,
    place: impl FnOnce(&str, &str, &[u8]) -> std::io::Result<T>,
) -> Result<(ReceivedMail, T), ReceiveError> {
    for address in envelope.to.iter().chain(envelope.from.as_ref().filter(|from| !from.is_empty())) {
        let bare = parse(address).map_err(ReceiveError::BadAddress)?;
        if bare != address {
            return Err(ReceiveError::BadAddress("without a name and without angle brackets"));
        }
    }
    if raw.len() > MAX_MAIL {
        return Err(ReceiveError::TooLarge);
    }
    let on_the_wire = with_line_ends(raw);
    let (return_path, raw) = without_return_path(&on_the_wire);
    let headers = Headers::read(raw);
    let (rule, to) = matching(rules, &envelope.to, &headers)?;
    let author = headers.first("From").and_then(|from| last_address(&from));
    let from = envelope.from.clone().or(return_path).or_else(|| author.clone()).unwrap_or_default();
    let id = received_id();
    let mut object = stamp(&id, &from, &to, author.as_deref(), envelope, at).into_bytes();
    object.extend_from_slice(raw);
    if object.len() > MAX_MAIL {
        return Err(ReceiveError::TooLarge);
    }
    let mail = ReceivedMail {
        object: format!("{}{id}", rule.prefix),
        at,
        from,
        to,
        subject: headers.first("Subject").unwrap_or_default(),
        in_reply_to: headers.first("In-Reply-To").map(|id| id.trim_matches(['<', '>']).to_owned()),
        bytes: object.len(),
    };
    let placed = place(&rule.bucket, &mail.object, &object)?;
    Ok((mail, placed))
}

/// The mail as SMTP carries it. A file whose lines end as on Unix gets the line ends of SMTP.
fn with_line_ends(raw: &[u8]) -> std::borrow::Cow<'_, [u8]> {
    if raw.windows(2).any(|two| two == b"\r\n") || !raw.contains(&b'\n') {
        return raw.into();
    }
    let mut sent = Vec::with_capacity(raw.len().saturating_add(raw.len() / 32));
    for line in raw.split_inclusive(|byte| *byte == b'\n') {
        match line.strip_suffix(b"\n") {
            Some(text) => {
                sent.extend_from_slice(text);
                sent.extend_from_slice(b"\r\n");
            }
            None => sent.extend_from_slice(line),
        }
    }
    sent.into()
}

/// The address in a `Return-Path` that is the first header, and the mail without it: SES writes its
/// own.
fn without_return_path(raw: &[u8]) -> (Option<String>, &[u8]) {
    let end = raw.windows(2).position(|two| two == b"\r\n");
    let line = end.and_then(|end| raw.get(..end)).and_then(|line| std::str::from_utf8(line).ok());
    let Some(((name, value), end)) = line.and_then(|line| line.split_once(':')).zip(end) else { return (None, raw) };
    if !name.eq_ignore_ascii_case("return-path") {
        return (None, raw);
    }
    let address = value.trim().trim_matches(['<', '>']);
    let is_one = address.is_empty() || parse(address) == Ok(address);
    let rest = raw.get(end.saturating_add(2)..).unwrap_or_default();
    (is_one.then(|| address.to_owned()), rest)
}

/// The headers of a mail: names and unfolded values, in their order.
struct Headers(Vec<(String, String)>);

impl Headers {
    fn read(raw: &[u8]) -> Self {
        let head = raw.get(..raw.len().min(MAX_HEADERS)).unwrap_or_default();
        let text = String::from_utf8_lossy(head);
        let text = text.split_once("\r\n\r\n").map_or(&*text, |(head, _)| head);
        let mut headers: Vec<(String, String)> = Vec::new();
        for line in text.split("\r\n") {
            if let (true, Some((_, value))) = (line.starts_with([' ', '\t']), headers.last_mut()) {
                value.push(' ');
                value.push_str(line.trim());
            } else if let Some((name, value)) = line.split_once(':') {
                headers.push((name.trim_end().to_owned(), value.trim().to_owned()));
            }
        }
        Self(headers)
    }

    fn all<'a>(&'a self, wanted: &'a str) -> impl Iterator<Item = &'a str> {
        let named = self.0.iter().filter(move |(name, _)| name.eq_ignore_ascii_case(wanted));
        named.map(|(_, value)| value.as_str())
    }

    fn first(&self, wanted: &str) -> Option<String> {
        self.all(wanted).next().map(str::to_owned)
    }
}

/// The last thing in a header that SES takes for an address.
fn last_address(value: &str) -> Option<String> {
    let mut words = value.split([' ', '\t', '<', '>', ',', ';', '"', '(', ')']);
    words.rfind(|word| parse(word) == Ok(word)).map(str::to_owned)
}

/// The first rule that is for a recipient, and that recipient.
fn matching<'a>(
    rules: &'a [ReceiptRule],
    to: &[String],
    headers: &Headers,
) -> Result<(&'a ReceiptRule, String), ReceiveError> {
    let no_rule = |why: &str| ReceiveError::NoRule(why.to_owned());
    if rules.is_empty() {
        return Err(no_rule("No receipt rule is active: the parameter InboundMail is off."));
    }
    for rule in rules {
        for recipient in &rule.recipients {
            let pattern = recipient_pattern(recipient);
            let found = if to.is_empty() {
                let pattern = Regex::new(&format!("{BEFORE}({pattern}){AFTER}"));
                let pattern = pattern.map_err(|error| no_rule(&error.to_string()))?;
                let mut values = RECIPIENTS.iter().flat_map(|name| headers.all(name));
                values.find_map(|value| Some(pattern.captures(value)?.get(1)?.as_str().to_owned()))
            } else {
                let pattern = Regex::new(&format!("^(?:{pattern})$")).map_err(|error| no_rule(&error.to_string()))?;
                to.iter().find(|address| pattern.is_match(address)).cloned()
            };
            if let Some(found) = found {
                return Ok((rule, found));
            }
        }
    }
    let known: Vec<&str> = rules.iter().flat_map(|rule| &rule.recipients).map(String::as_str).collect();
    Err(no_rule(&format!("No receipt rule is for a recipient of it; there are rules for {}.", known.join(", "))))
}

/// What cannot stand before an address that begins there, and after one that ends there.
const BEFORE: &str = "(?:^|[^A-Za-z0-9.!#$%&'*+/=?^_`{|}~-])";
const AFTER: &str = "(?:$|[^A-Za-z0-9.-])";

/// The addresses that a rule's recipient is for, in any case: an address with and without a label,
/// or all addresses of a domain.
fn recipient_pattern(recipient: &str) -> String {
    let escaped = |text: &str| -> String {
        text.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_string() } else { format!("\\{c}") }).collect()
    };
    let text = "[A-Za-z0-9.!#$%&'*/=?^_`{|}~+-]";
    match recipient.rsplit_once('@') {
        Some((local, domain)) => format!(r"(?i:{}(?:\+{text}*)?@{})", escaped(local), escaped(domain)),
        None => format!(r"(?i:{text}+@{})", escaped(recipient)),
    }
}

/// The headers that SES writes above a mail, in its order.
fn stamp(id: &str, from: &str, to: &str, author: Option<&str>, envelope: &Envelope, at: u64) -> String {
    let domain_of = |address: &str| address.rsplit_once('@').map(|(_, domain)| domain.to_owned());
    let host = domain_of(from).map_or_else(|| "localhost".to_owned(), |domain| format!("mail.{domain}"));
    let result = envelope.dmarc.authenticated();
    let spf = match envelope.dmarc {
        Verdict::Pass => "designates 127.0.0.1 as permitted sender",
        Verdict::Fail => "does not designate 127.0.0.1 as permitted sender",
        Verdict::Gray => "has no policy",
    };
    let comment = format!("(spfCheck: domain of {host} {spf})");
    let client = format!("client-ip=127.0.0.1; envelope-from={from}; helo={host};");
    // Without an author there is no domain that a signature or a policy could be of.
    let author = author.and_then(domain_of);
    let author = author.map_or_else(
        || "dkim=none;\r\n dmarc=none;".to_owned(),
        |domain| format!("dkim={result} header.i=@{domain};\r\n dmarc={result} header.from={domain};"),
    );
    let lines = [
        format!("Return-Path: <{from}>"),
        format!("Received: from {host} ({host} [127.0.0.1])"),
        format!(" by inbound-smtp.{REGION}.amazonaws.com with SMTP id {id}"),
        format!(" for {to};"),
        format!(" {} (UTC)", date(at)),
        format!("X-SES-Spam-Verdict: {}", envelope.spam.scanned()),
        format!("X-SES-Virus-Verdict: {}", envelope.virus.scanned()),
        format!("Received-SPF: {result} {comment} {client}"),
        "Authentication-Results: amazonses.com;".to_owned(),
        format!(" spf={result} {comment} {client}"),
        format!(" {author}"),
        format!("X-SES-RECEIPT: {}", BASE64_STANDARD.encode(uuid())),
    ];
    lines.map(|line| line + "\r\n").concat()
}

/// A time as mail headers have it.
fn date(at: u64) -> String {
    let seconds = i64::try_from(at / 1_000).unwrap_or_default();
    OffsetDateTime::from_unix_timestamp(seconds).ok().and_then(|at| at.format(&Rfc2822).ok()).unwrap_or_default()
}

#[cfg(test)]
mod tests;
