//! The mistakes at the GCS v1HMAC scheme.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use sha2::{Digest, Sha256};

use super::find::{Depth, Edit, Given, Key, find};
use super::v1::decoded;
use super::{Refusal, Sent};
use crate::Secret;
use crate::gcs::{SCHEME, sent_paths, signed_headers};

// The parts of the signed text.
const METHOD: usize = 0;
const CONTENT_TYPE: usize = 1;
const HEADERS: usize = 3;
const TARGET: usize = 4;
const END: usize = 5;

/// The mistakes that explain the signature of a request of the GCS scheme; none where it is right.
/// `None` where no known mistake explains it, or `Authorization` is of another form.
#[must_use]
pub fn gcs(secret: &str, sent: &Sent<'_>, depth: Depth) -> Option<Vec<Refusal>> {
    let authorization = sent.header("authorization")?;
    let (_, signature) = authorization.strip_prefix(SCHEME)?.split_once(':')?;
    let given = Given::read(signature)?;
    let mut keys = Vec::new();
    let mut add = |secret: Option<Secret>, mistake| keys.extend(secret.map(|secret| Key { secret, mistake }));
    add(Secret::from_text(secret).ok(), None);
    add(Secret::from_base64(secret).ok(), Some(Refusal::SecretDecoded));
    add(Secret::from_text(&format!("{secret}\n")).ok(), Some(Refusal::TrailingNewline));
    let date = sent.header("date").unwrap_or_default();
    let content_type = sent.header("content-type").unwrap_or_default();
    let parts: Vec<Vec<u8>> = [
        format!("{}\n", sent.method),
        format!("{content_type}\n"),
        format!("{date}\n"),
        signed_headers(sent.headers),
        sent.target(),
        "\n".to_owned(),
    ]
    .map(String::into_bytes)
    .into();
    let lower = format!("{}\n", sent.method.to_ascii_lowercase());
    let method = vec![Edit::of(METHOD, Refusal::LowerCaseMethod, lower)];
    let edits = [method, in_type(content_type), in_headers(sent), in_target(sent), in_end(sent.body)].concat();
    find(&keys, &parts, &edits, &given, depth)
}

/// What is wrong with the form of an `Authorization`, without a secret.
#[must_use]
pub fn malformed_gcs(authorization: &str) -> Refusal {
    let signature = authorization.strip_prefix(SCHEME).and_then(|rest| rest.split_once(':'));
    let given = signature.and_then(|(_, signature)| Given::read(signature));
    given.and_then(|given| given.mistake).unwrap_or(Refusal::MalformedHeader)
}

/// What is wrong with a `Date` that cannot be read.
#[must_use]
pub fn malformed_date(date: &str) -> Refusal {
    let is_milliseconds = (12..=14).contains(&date.len()) && date.bytes().all(|byte| byte.is_ascii_digit());
    if is_milliseconds { Refusal::Milliseconds } else { Refusal::MalformedDate }
}

fn in_type(sent: &str) -> Vec<Edit> {
    let bare = sent.split(';').next().unwrap_or_default().trim();
    let types = ["", bare, "application/json", "application/json; charset=utf-8", "application/json;charset=UTF-8"];
    let others = types.into_iter().filter(|other| *other != sent);
    others.map(|other| Edit::of(CONTENT_TYPE, Refusal::ContentType, format!("{other}\n"))).collect()
}

fn in_headers(sent: &Sent<'_>) -> Vec<Edit> {
    let is_signed = |name: &str| name.to_ascii_lowercase().starts_with("x-gcs");
    let as_sent: Vec<_> = sent.headers.iter().filter(|(name, _)| is_signed(name)).collect();
    if as_sent.is_empty() {
        return Vec::new();
    }
    let lines = |colon: &str| as_sent.iter().map(|(name, value)| format!("{name}{colon}{value}\n")).collect::<String>();
    let lower: String =
        as_sent.iter().map(|(name, value)| format!("{}:{value}\n", name.to_ascii_lowercase())).collect();
    let right = signed_headers(sent.headers);
    let mut forms = vec![String::new(), lines(":"), lines(": "), right.replacen(':', ": ", as_sent.len()), lower];
    forms.retain(|form| *form != right);
    forms.into_iter().map(|form| Edit::of(HEADERS, Refusal::GcsHeaders, form)).collect()
}

fn in_target(sent: &Sent<'_>) -> Vec<Edit> {
    let (path, query) = (sent.path, sent.query);
    let mark = if query.is_empty() { "" } else { "?" };
    let whole = |path: &str, query: &str| format!("{path}{mark}{query}");
    let mut targets: Vec<_> = sent.addresses().into_iter().map(|address| (Refusal::UrlSigned, address)).collect();
    targets.extend(sent.header("host").map(|host| (Refusal::UrlSigned, format!("{host}{}", sent.target()))));
    let plain = decoded(path);
    targets.push((Refusal::PathDecoded, whole(&plain, query)));
    targets.extend(sent_paths(&plain).into_iter().map(|path| (Refusal::PathDecoded, whole(&path, query))));
    if !query.is_empty() {
        let decoded_query = decoded(query);
        let encoded_again = |pair: &str| {
            let encoded = |text: &str| utf8_percent_encode(&decoded(text), NON_ALPHANUMERIC).to_string();
            pair.split_once('=').map_or_else(|| encoded(pair), |(k, v)| format!("{}={}", encoded(k), encoded(v)))
        };
        let again = query.split('&').map(encoded_again).collect::<Vec<_>>().join("&");
        targets.extend([
            (Refusal::QueryLeftOut, path.to_owned()),
            (Refusal::DecodedQuery, whole(path, &decoded_query)),
            (Refusal::DecodedQuery, whole(path, &decoded(&query.replace('+', " ")))),
            (Refusal::DecodedQuery, whole(path, &again)),
            (Refusal::UnsortedQuery, whole(path, &crate::v1::canonical_query(query))),
        ]);
    }
    let right = sent.target();
    targets.retain(|(_, target)| *target != right);
    targets.into_iter().map(|(mistake, target)| Edit::of(TARGET, mistake, target)).collect()
}

fn in_end(body: &[u8]) -> Vec<Edit> {
    let newlines = ["", "\n\n", "\r\n"].map(|end| Edit::of(END, Refusal::TrailingNewline, end));
    let hash = STANDARD.encode(Sha256::digest(body));
    let bodies: [Vec<u8>; 4] = [
        [b"\n", body].concat(),
        [b"\n", body, b"\n"].concat(),
        format!("\n{hash}").into_bytes(),
        format!("\n{hash}\n").into_bytes(),
    ];
    let bodies = bodies.into_iter().filter(|_| !body.is_empty());
    newlines.into_iter().chain(bodies.map(|end| Edit::of(END, Refusal::BodySigned, end))).collect()
}
