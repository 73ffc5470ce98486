//! Reading and judging a `SendEmail` request.

use http::StatusCode;
use serde::Deserialize;

use super::AcceptedMail;
use super::address::{is_verified, parse};
use super::headers;
use super::simulator::simulate;
use crate::template::REGION;

/// The most recipients of one mail: To, Cc and Bcc together.
const RECIPIENTS_MAX: usize = 50;

/// The most characters of a message tag's name, and of its value.
const TAG_MAX: usize = 256;

/// An error as SES answers it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct SesError {
    pub(super) status: StatusCode,
    pub(super) exception: &'static str,
    pub(super) message: String,
}

impl SesError {
    pub(super) fn bad_request(message: impl Into<String>) -> SesError {
        SesError { status: StatusCode::BAD_REQUEST, exception: "BadRequestException", message: message.into() }
    }

    pub(super) fn rejected(message: impl Into<String>) -> SesError {
        SesError { status: StatusCode::BAD_REQUEST, exception: "MessageRejected", message: message.into() }
    }

    pub(super) fn not_found(message: impl Into<String>) -> SesError {
        SesError { status: StatusCode::NOT_FOUND, exception: "NotFoundException", message: message.into() }
    }

    pub(super) fn throttled() -> SesError {
        let message = "Maximum sending rate exceeded.".to_owned();
        SesError { status: StatusCode::TOO_MANY_REQUESTS, exception: "TooManyRequestsException", message }
    }

    pub(super) fn server_error() -> SesError {
        let message = "The request has failed because of an internal error.".to_owned();
        SesError { status: StatusCode::INTERNAL_SERVER_ERROR, exception: "InternalServiceErrorException", message }
    }

    pub(super) fn unknown_operation() -> SesError {
        let message = "Only SendEmail, GetAccount and GetEmailIdentity are here.".to_owned();
        SesError { status: StatusCode::NOT_FOUND, exception: "UnknownOperationException", message }
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct SendEmail {
    from_email_address: Option<String>,
    #[serde(default)]
    destination: Destination,
    #[serde(default)]
    reply_to_addresses: Vec<String>,
    content: Option<Content>,
    #[serde(default)]
    email_tags: Vec<NameAndValue>,
    configuration_set_name: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Destination {
    to_addresses: Vec<String>,
    cc_addresses: Vec<String>,
    bcc_addresses: Vec<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Content {
    simple: Option<Simple>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Simple {
    subject: Text,
    body: Body,
    #[serde(default)]
    headers: Vec<NameAndValue>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Body {
    text: Option<Text>,
    html: Option<Text>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Text {
    data: String,
    charset: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct NameAndValue {
    name: String,
    value: String,
}

/// The first address in To of a request's `body`; empty if there is none.
pub(super) fn to(body: &[u8]) -> String {
    let request: Option<SendEmail> = serde_json::from_slice(body).ok();
    request.and_then(|request| request.destination.to_addresses.into_iter().next()).unwrap_or_default()
}

/// The mail of a request's `body`, without id and time, if SES accepts it from one of the
/// `verified` identities.
pub(super) fn read(body: &[u8], verified: &[String]) -> Result<AcceptedMail, SesError> {
    let request: SendEmail = serde_json::from_slice(body).map_err(|e| SesError::bad_request(e.to_string()))?;
    let from = request.from_email_address.ok_or_else(|| SesError::bad_request("FromEmailAddress is missing"))?;
    let sender = parse(&from).map_err(SesError::bad_request)?;
    let Destination { to_addresses: to, cc_addresses: cc, bcc_addresses: bcc } = request.destination;
    let recipients = || to.iter().chain(&cc).chain(&bcc);
    match recipients().count() {
        0 => return Err(SesError::bad_request("Destination has no recipient")),
        count if count > RECIPIENTS_MAX => return Err(SesError::bad_request("Recipient count exceeds 50.")),
        _ => {}
    }
    for address in recipients().chain(&request.reply_to_addresses) {
        parse(address).map_err(SesError::bad_request)?;
    }
    let simple = request.content.and_then(|content| content.simple);
    let simple = simple.ok_or_else(|| SesError::bad_request("Content must be Simple: nothing else is taken here"))?;
    let subject = plain(simple.subject, "Subject")?;
    if subject.chars().any(char::is_control) {
        return Err(SesError::bad_request("Subject contains a control character"));
    }
    let text = simple.body.text.map(|text| plain(text, "Body.Text")).transpose()?;
    let html = simple.body.html.map(|html| plain(html, "Body.Html")).transpose()?;
    if text.is_none() && html.is_none() {
        return Err(SesError::bad_request("Body has neither Text nor Html"));
    }
    let headers: Vec<(String, String)> = simple.headers.into_iter().map(|h| (h.name, h.value)).collect();
    headers::check(&headers).map_err(SesError::bad_request)?;
    let tags: Vec<(String, String)> = request.email_tags.into_iter().map(|t| (t.name, t.value)).collect();
    check_tags(&tags)?;
    if !is_verified(sender, verified) {
        return Err(SesError::rejected(format!(
            "Email address is not verified. The following identities failed the check in region {}: {from}",
            REGION.to_uppercase()
        )));
    }
    let reply_to = request.reply_to_addresses;
    let configuration_set = request.configuration_set_name;
    let simulated = to
        .iter()
        .chain(&cc)
        .chain(&bcc)
        .filter_map(|address| Some((address.clone(), simulate(address)?.word().to_owned())));
    Ok(AcceptedMail {
        message_id: String::new(),
        at: 0,
        of_demo: false,
        simulated: simulated.collect(),
        from,
        to,
        cc,
        bcc,
        reply_to,
        subject,
        text,
        html,
        headers,
        tags,
        configuration_set,
    })
}

/// The text of a part. Without a charset SES takes it for 7-bit ASCII, and would spoil other
/// characters.
fn plain(text: Text, part: &str) -> Result<String, SesError> {
    match text.charset {
        None if !text.data.is_ascii() => {
            Err(SesError::bad_request(format!("{part} is not ASCII and names no Charset; UTF-8 would be right")))
        }
        Some(charset) if !charset.eq_ignore_ascii_case("utf-8") => {
            Err(SesError::bad_request(format!("{part} names the Charset {charset}; only UTF-8 is taken here")))
        }
        _ => Ok(text.data),
    }
}

fn check_tags(tags: &[(String, String)]) -> Result<(), SesError> {
    let legal = |text: &str| {
        (1..=TAG_MAX).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-')
    };
    match tags.iter().find(|(name, value)| !legal(name) || !legal(value)) {
        None => Ok(()),
        Some((name, _)) => Err(SesError::bad_request(format!(
            "The message tag {name:?} is wrong: name and value are 1 to 256 ASCII letters, digits, _ or -"
        ))),
    }
}
