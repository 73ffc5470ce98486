//! The mistakes at the v1 scheme.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use data_encoding::HEXLOWER;
use percent_encoding::percent_decode_str;
use sha2::{Digest, Sha256};

use super::find::{Depth, Edit, Given, Key, find};
use super::json::printed_again;
use super::{Refusal, Sent};
use crate::Secret;
use crate::v1::{NONCE, SIGNATURE, TIMESTAMP, canonical_query};

/// What a signature begins with.
const SCHEME: &str = "v1=";

// The parts of the signed text.
const VERSION: usize = 0;
const TIME: usize = 1;
const METHOD: usize = 3;
const QUERY: usize = 4;
const HASH: usize = 5;
const END: usize = 6;

/// What is wrong with the form of a signature, without a secret.
#[must_use]
pub fn malformed_v1(signature: &str) -> Refusal {
    let rest = signature.strip_prefix(SCHEME);
    match Given::read(rest.unwrap_or(signature.trim_start_matches("V1="))) {
        Some(Given { mistake: Some(mistake), .. }) => mistake,
        Some(_) if rest.is_none() => Refusal::SignaturePrefix,
        Some(_) | None => Refusal::MalformedHeader,
    }
}

/// The mistakes that explain the signature of a request of the v1 scheme; none where it is right.
/// `None` where no known mistake explains it, or headers of the signature are missing.
#[must_use]
pub fn v1(secret: &str, sent: &Sent<'_>, depth: Depth) -> Option<Vec<Refusal>> {
    let (timestamp, nonce, signature) = (sent.header(TIMESTAMP)?, sent.header(NONCE)?, sent.header(SIGNATURE)?);
    let of_scheme = signature.strip_prefix(SCHEME);
    let given = Given::read(of_scheme.unwrap_or(signature.trim_start_matches("V1=")))?;
    let keys: Vec<Key> = [
        Secret::from_base64(secret).ok().map(|secret| Key { secret, mistake: None }),
        Secret::from_text(secret).ok().map(|secret| Key { secret, mistake: Some(Refusal::SecretNotDecoded) }),
    ]
    .into_iter()
    .flatten()
    .collect();
    let parts: Vec<Vec<u8>> = [
        "v1:".to_owned(),
        format!("{timestamp}:"),
        format!("{nonce}:"),
        format!("{}:", sent.method),
        format!("{}:", canonical_query(sent.query)),
        hash(sent.body),
        String::new(),
    ]
    .map(String::into_bytes)
    .into();
    let edits = [in_time(timestamp), in_method(sent), in_query(sent), in_body(sent.body), in_frame()].concat();
    let mut found = find(&keys, &parts, &edits, &given, depth)?;
    if of_scheme.is_none() {
        found.push(Refusal::SignaturePrefix);
    }
    Some(found)
}

fn hash(body: &[u8]) -> String {
    STANDARD.encode(Sha256::digest(body))
}

fn in_time(timestamp: &str) -> Vec<Edit> {
    let seconds = timestamp.len().checked_sub(3).and_then(|end| timestamp.get(..end)).filter(|text| !text.is_empty());
    let texts = seconds.map(str::to_owned).into_iter().chain([format!("{timestamp}000")]);
    texts.map(|text| Edit::of(TIME, Refusal::Milliseconds, format!("{text}:"))).collect()
}

fn in_method(sent: &Sent<'_>) -> Vec<Edit> {
    let lower = sent.method.to_ascii_lowercase();
    vec![Edit::of(METHOD, Refusal::LowerCaseMethod, format!("{lower}:"))]
}

fn in_frame() -> Vec<Edit> {
    vec![
        Edit::of(VERSION, Refusal::VersionLeftOut, ""),
        Edit::of(END, Refusal::TrailingNewline, "\n"),
        Edit::of(END, Refusal::TrailingNewline, "\r\n"),
    ]
}

fn in_query(sent: &Sent<'_>) -> Vec<Edit> {
    let (path, query) = (sent.path, sent.query);
    let canonical = canonical_query(query);
    let mut signed = vec![
        (Refusal::PathSigned, path.to_owned()),
        (Refusal::PathSigned, sent.target()),
        (Refusal::PathSigned, format!("{path}:{canonical}")),
        (Refusal::PathSigned, format!("{path}?{canonical}")),
    ];
    signed.extend(sent.addresses().into_iter().map(|address| (Refusal::PathSigned, address)));
    if !query.is_empty() {
        let decoded = decoded(query);
        let plus = self::decoded(&query.replace('+', " "));
        signed.extend([
            (Refusal::UnsortedQuery, query.to_owned()),
            (Refusal::QueryLeftOut, String::new()),
            (Refusal::DecodedQuery, canonical_query(&decoded)),
            (Refusal::DecodedQuery, self::decoded(&canonical)),
            (Refusal::DecodedQuery, canonical_query(&plus)),
            (Refusal::DecodedQuery, self::decoded(&canonical.replace('+', " "))),
            (Refusal::DecodedQuery, decoded),
            (Refusal::DecodedQuery, plus),
        ]);
    }
    signed.retain(|(_, text)| *text != canonical);
    signed.into_iter().map(|(mistake, text)| Edit::of(QUERY, mistake, format!("{text}:"))).collect()
}

pub(super) fn decoded(text: &str) -> String {
    percent_decode_str(text).decode_utf8_lossy().into_owned()
}

fn in_body(body: &[u8]) -> Vec<Edit> {
    let line_end = |byte: &u8| matches!(byte, b'\n' | b'\r');
    let trimmed = body.iter().rposition(|byte| !line_end(byte)).map_or(0, |last| last + 1);
    let without = body.get(..trimmed).unwrap_or_default().to_vec();
    let mut bodies = vec![
        (Refusal::TrailingNewline, [body, b"\n"].concat()),
        (Refusal::TrailingNewline, [body, b"\r\n"].concat()),
        (Refusal::TrailingNewline, without),
        (Refusal::BodyChanged, body.trim_ascii().to_vec()),
        (Refusal::BodyChanged, Vec::new()),
    ];
    bodies.extend(printed_again(body).into_iter().map(|printed| (Refusal::BodyChanged, printed)));
    bodies.extend(std::str::from_utf8(body).into_iter().flat_map(|text| {
        let unix = text.replace("\r\n", "\n");
        [unix.replace('\n', "\r\n"), text.replace(['\r', '\n'], ""), unix]
            .map(|text| (Refusal::BodyChanged, text.into_bytes()))
    }));
    bodies.retain(|(_, other)| other != body);
    let mut edits: Vec<Edit> = bodies.into_iter().map(|(mistake, body)| Edit::of(HASH, mistake, hash(&body))).collect();
    edits.extend([
        Edit::of(HASH, Refusal::HexBodyHash, HEXLOWER.encode(&Sha256::digest(body))),
        Edit::of(HASH, Refusal::BodyNotHashed, body),
    ]);
    edits
}
