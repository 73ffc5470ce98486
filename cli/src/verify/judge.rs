//! Whether a request would be accepted, in the order in which a person would look: the key, the
//! signature, the form of the headers, the time, and what the key is for.

use percent_encoding::percent_decode_str;
use recourse_dispute::ids::KeyId;
use recourse_signing::Secret;
use recourse_signing::basic::Authorization as Basic;
use recourse_signing::clock::{UnixSeconds, Window};
use recourse_signing::diagnosis::{self, Depth, Refusal, check_time};
use recourse_signing::gcs::{self, Authorization as Gcs};
use recourse_signing::v1::{self, HeaderError, SignedHeaders};
use recourse_store::{Account, KeyLookup, Role};

use super::recorded::Recorded;
use crate::sign::{Scheme, TOKEN};

/// What is known of the key that signed.
pub(super) enum Known {
    /// The secret alone, from a file.
    Secret(String),
    /// What the deployment knows.
    Key(KeyLookup),
    /// The request names no key, or something that can be none.
    Nothing,
}

impl Known {
    /// The account of the key.
    pub(super) fn account(&self) -> Option<&str> {
        match self {
            Self::Key(KeyLookup::Good(credential)) => Some(credential.account.id.as_str()),
            Self::Key(KeyLookup::Revoked(account) | KeyLookup::Suspended(account)) => Some(account.as_str()),
            Self::Key(KeyLookup::Unknown) | Self::Secret(_) | Self::Nothing => None,
        }
    }

    /// The secret, or why there is none in a request that has all headers.
    fn secret(&self) -> Result<&str, Refusal> {
        match self {
            Self::Secret(secret) => Ok(secret),
            Self::Key(KeyLookup::Good(credential)) => Ok(credential.secret.expose()),
            Self::Key(KeyLookup::Revoked(_)) => Err(Refusal::RevokedKey),
            Self::Key(KeyLookup::Suspended(_)) => Err(Refusal::SuspendedAccount),
            Self::Key(KeyLookup::Unknown) => Err(Refusal::UnknownKey),
            Self::Nothing => Err(Refusal::MalformedHeader),
        }
    }
}

/// What was found.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Judgement {
    /// Why the request is refused, the most telling reason first; none where it would be accepted.
    pub(super) refusals: Vec<Refusal>,
    /// What the signature has to be over.
    pub(super) signed_text: Option<String>,
    /// The hash of the body, where it is signed.
    pub(super) body_hash: Option<String>,
    /// Which header, and its rule.
    pub(super) detail: Option<String>,
}

impl Judgement {
    fn add(&mut self, refusal: Refusal) {
        if !self.refusals.contains(&refusal) {
            self.refusals.push(refusal);
        }
    }
}

/// The step of the check that a refusal is about.
pub(super) fn step(refusal: Refusal) -> &'static str {
    use Refusal as R;
    match refusal {
        R::MissingHeader | R::MalformedHeader | R::MalformedDate | R::SignaturePrefix => "the headers of the signature",
        R::StaleTimestamp | R::Milliseconds => "the time",
        R::UnknownKey | R::RevokedKey | R::SuspendedAccount => "the key",
        R::WrongRole | R::OtherMerchant | R::NoDomainCode => "what the key is for",
        R::SecretNotDecoded | R::SecretDecoded | R::WrongSecret => "the secret",
        R::HexSignature | R::Base64Form => "the encoding of the signature",
        R::BodyChanged | R::BodyNotHashed | R::HexBodyHash => "the hash of the body",
        R::PathSigned | R::UrlSigned | R::PathDecoded | R::QueryLeftOut | R::DecodedQuery | R::UnsortedQuery => {
            "the path and the query in the signed text"
        }
        R::BodySigned
        | R::TrailingNewline
        | R::LowerCaseMethod
        | R::VersionLeftOut
        | R::ContentType
        | R::GcsHeaders => "the signed text",
        R::InvalidToken => "the token",
        R::WrongSignature => "the signature",
    }
}

/// Whether the right signature was sent in another encoding.
fn is_of_encoding(refusal: &Refusal) -> bool {
    matches!(refusal, Refusal::HexSignature | Refusal::Base64Form)
}

/// The key that a request names; `None` where it names none.
pub(super) fn key_id(scheme: Scheme, request: &Recorded) -> Option<KeyId> {
    let id = match scheme {
        Scheme::V1 => request.header(v1::API_KEY)?.to_owned(),
        Scheme::Gcs => {
            let rest = request.header("authorization")?.strip_prefix(gcs::SCHEME)?;
            rest.split_once(':')?.0.to_owned()
        }
        Scheme::Basic => basic_of(request)?.key_id,
    };
    KeyId::parse(&id).ok()
}

fn basic_of(request: &Recorded) -> Option<Basic> {
    let header = request.header("authorization")?;
    if request.path == TOKEN { Basic::parse_oauth_client(header).ok() } else { Basic::parse(header).ok() }
}

/// Judges a request that arrives at this time, with the deployment's clock window.
pub(super) fn judge(request: &Recorded, scheme: Scheme, known: &Known, at: UnixSeconds, window: Window) -> Judgement {
    let mut judgement = match scheme {
        Scheme::V1 => of_v1(request, known, at, window),
        Scheme::Gcs => of_gcs(request, known, at, window),
        Scheme::Basic => of_basic(request, known),
    };
    if let Known::Key(KeyLookup::Good(credential)) = known {
        let is_platform = request.path.starts_with("/platform/");
        if (credential.role == Role::Platform) != is_platform {
            judgement.add(Refusal::WrongRole);
        } else if let Some(refusal) = not_theirs(request, scheme, &credential.account) {
            judgement.add(refusal);
        }
    }
    judgement
}

/// Why a good key is not for the path.
fn not_theirs(request: &Recorded, scheme: Scheme, account: &Account) -> Option<Refusal> {
    let merchant = || {
        let path = request.path.strip_prefix("/files").unwrap_or(&request.path);
        path.strip_prefix("/v1/").and_then(|rest| rest.split('/').next()).unwrap_or_default()
    };
    match scheme {
        Scheme::Gcs if account.merchant_id.as_ref().is_none_or(|id| id.as_str() != merchant()) => {
            Some(Refusal::OtherMerchant)
        }
        Scheme::Basic if request.path == TOKEN && account.domain_code.is_none() => Some(Refusal::NoDomainCode),
        Scheme::V1 | Scheme::Gcs | Scheme::Basic => None,
    }
}

fn of_v1(request: &Recorded, known: &Known, at: UnixSeconds, window: Window) -> Judgement {
    let mut judgement = Judgement::default();
    let read = SignedHeaders::parse(|name| request.header(name).map(str::as_bytes));
    if let Err(error @ HeaderError::Missing(_)) = read {
        judgement.add(Refusal::MissingHeader);
        judgement.detail = Some(format!("{error}."));
        return judgement;
    }
    let header = |name| request.header(name).unwrap_or_default();
    let (method, query, body) = (request.method.as_str(), request.query.as_str(), request.body.as_slice());
    let parts = v1::Parts { timestamp: header(v1::TIMESTAMP), nonce: header(v1::NONCE), method, query, body };
    judgement.signed_text = Some(parts.canonical());
    judgement.body_hash = Some(parts.body_hash());
    let mut fits = true;
    match known.secret() {
        Err(refusal) => judgement.add(refusal),
        Ok(text) => {
            let secret = Secret::from_base64(text).ok();
            let is_good = match (&read, &secret) {
                (Ok(headers), Some(secret)) => v1::verify(secret, &parts, &headers.signature).is_ok(),
                _ => false,
            };
            let found = if is_good {
                Some(Vec::new())
            } else {
                diagnosis::v1(text, &request.sent(&request.headers()), Depth::Two)
            };
            fits = found.is_some();
            found.unwrap_or_default().into_iter().for_each(|mistake| judgement.add(mistake));
        }
    }
    if let Err(error @ HeaderError::Malformed { header: name, .. }) = read {
        // A signature in another encoding is malformed, and has been explained.
        let is_explained = name == v1::SIGNATURE && fits;
        if !is_explained {
            let of_signature = diagnosis::malformed_v1(header(v1::SIGNATURE));
            judgement.add(if name == v1::SIGNATURE { of_signature } else { Refusal::MalformedHeader });
            judgement.detail = Some(format!("{error}."));
        }
    }
    let digits = header(v1::TIMESTAMP);
    if let Some(sent_at) = digits.parse().ok().filter(|_| digits.bytes().all(|byte| byte.is_ascii_digit()))
        && let Err(refusal) = check_time(window, UnixSeconds(sent_at), at)
    {
        judgement.add(refusal);
    }
    if !fits {
        // A recording may say how long the body was that its sender sent.
        let length = request.header("content-length").and_then(|length| length.parse::<usize>().ok());
        if length.is_some_and(|length| length != body.len()) {
            judgement.add(Refusal::BodyChanged);
        }
        judgement.add(Refusal::WrongSignature);
    }
    judgement
}

fn of_gcs(request: &Recorded, known: &Known, at: UnixSeconds, window: Window) -> Judgement {
    let mut judgement = Judgement::default();
    let Some(header) = request.header("authorization") else {
        judgement.add(Refusal::MissingHeader);
        judgement.detail = Some("Authorization is missing.".to_owned());
        return judgement;
    };
    let date = request.header("date").unwrap_or_default();
    let headers = request.headers();
    let parts = gcs::Parts {
        method: &request.method,
        content_type: request.header("content-type").unwrap_or_default(),
        date,
        headers: &headers,
        path: &request.path,
        query: &request.query,
    };
    judgement.signed_text = Some(parts.string_to_sign());
    let read = Gcs::parse(header);
    let mut fits = true;
    match known.secret() {
        Err(refusal) => judgement.add(refusal),
        Ok(text) => {
            let secret = Secret::from_text(text).ok();
            let is_good = match (&read, &secret) {
                (Ok(sent), Some(secret)) => is_accepted(secret, &parts, sent, request.body.is_empty()),
                _ => false,
            };
            let found =
                if is_good { Some(Vec::new()) } else { diagnosis::gcs(text, &request.sent(&headers), Depth::Two) };
            fits = found.is_some();
            found.unwrap_or_default().into_iter().for_each(|mistake| judgement.add(mistake));
        }
    }
    if let Err(error) = read
        && !(fits && judgement.refusals.iter().any(is_of_encoding))
    {
        judgement.add(diagnosis::malformed_gcs(header));
        judgement.detail = Some(format!("{error}."));
    }
    match gcs::parse_date(date) {
        None => judgement.add(diagnosis::malformed_date(date)),
        Some(sent_at) if window.check(sent_at, at).is_err() => judgement.add(Refusal::StaleTimestamp),
        Some(_) => {}
    }
    if !fits {
        judgement.add(Refusal::WrongSignature);
    }
    judgement
}

/// Whether the service accepts the signature: over any form of the path that leads to the same one,
/// and without a body over any content type or none.
fn is_accepted(secret: &Secret, parts: &gcs::Parts<'_>, sent: &Gcs, is_empty: bool) -> bool {
    let verify = if is_empty { gcs::verify_without_body } else { gcs::verify };
    let decoded = percent_decode_str(parts.path).decode_utf8_lossy();
    let fits = |path: &str| verify(secret, &gcs::Parts { path, ..*parts }, &sent.signature).is_ok();
    gcs::sent_paths(&decoded).iter().any(|path| fits(path))
}

fn of_basic(request: &Recorded, known: &Known) -> Judgement {
    let mut judgement = Judgement::default();
    if request.header("authorization").is_none() {
        judgement.add(Refusal::MissingHeader);
        judgement.detail = Some("Authorization is missing.".to_owned());
        return judgement;
    }
    let Some(sent) = basic_of(request) else {
        judgement.add(Refusal::MalformedHeader);
        judgement.detail =
            Some("Authorization must be Basic and the base64 of a key id, a colon and its secret.".to_owned());
        return judgement;
    };
    match known.secret() {
        Err(refusal) => judgement.add(refusal),
        Ok(secret) if sent.verify(secret).is_err() => judgement.add(diagnosis::basic(secret, &sent)),
        Ok(_) => {}
    }
    judgement
}
