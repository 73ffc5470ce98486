//! Mail that comes in: raw at `POST /inbox/receive`, or as a customer's reply to a mail of the
//! inbox. Both go to SES, and from there the way of every mail: bucket, event, worker.

use std::convert::Infallible;

use axum::body::Bytes;
use http::header::{CONTENT_TYPE, LOCATION};
use http::{HeaderMap, HeaderValue, Response, StatusCode};
use multer::Multipart;
use serde_json::{Value, json};

use super::reply::{File, Reply};
use crate::clock::Clock;
use crate::gateway::decode::query as query_of;
use crate::loopback::{json as json_answer, plain};
use crate::ses::{AcceptedMail, Envelope, MAX_MAIL, ReceiveError, ReceivedMail, Ses, Verdict};

/// The largest body, in bytes: a mail of the largest size, and a form around it.
pub(super) const MAX_BYTES: usize = MAX_MAIL + 1024 * 1024;

const RULE: &str =
    "The query can have from= and to= with addresses, and spam=, virus= and dmarc= with pass, fail or gray.";

/// Why a request does not become a mail.
#[derive(Debug)]
enum Refused {
    /// The request is wrong.
    Request(String),
    /// SES does not take the mail.
    Mail(ReceiveError),
}

/// Takes a raw message, as SES would. A form of the inbox page has it as its file `mail`.
pub(super) async fn raw(ses: &Ses, query: &str, headers: &HeaderMap, body: Bytes) -> Response<axum::body::Body> {
    let is_form = media(headers).starts_with("multipart/form-data");
    let received = async {
        let envelope = envelope(query).ok_or_else(|| Refused::Request(RULE.to_owned()))?;
        let raw = if is_form { the_file(headers, body).await? } else { body };
        ses.receive(&raw, &envelope).map_err(Refused::Mail)
    };
    match received.await {
        Ok(_) if is_form => see_other("/inbox"),
        Ok(mail) => json_answer(StatusCode::ACCEPTED, "application/json", &json!({ "object": mail.object })),
        Err(refused) => refused.answer(),
    }
}

/// Takes the form "Reply as the customer" of a mail.
pub(super) async fn reply(
    ses: &Ses,
    clock: &Clock,
    mail: &AcceptedMail,
    headers: &HeaderMap,
    body: Bytes,
) -> Response<axum::body::Body> {
    let received = async {
        let mut reply = read_reply(headers, body).await?;
        if reply.from.is_empty() {
            reply.from = mail.to.first().cloned().unwrap_or_default();
        }
        if reply.text.trim().is_empty() && reply.files.is_empty() {
            return Err(Refused::Request("The reply has neither a text nor a file.".to_owned()));
        }
        ses.receive(&reply.to(mail, clock.now()), &Envelope::default()).map_err(Refused::Mail)
    };
    match received.await {
        Ok(_) => see_other(&format!("/inbox/{}#replies", mail.message_id)),
        Err(refused) => refused.answer(),
    }
}

/// The mails that came in, newest last.
pub(super) fn as_json(received: &[ReceivedMail]) -> Value {
    let mail = |mail: &ReceivedMail| {
        json!({
            "object": mail.object, "at": super::inbox::time_of(mail.at), "from": mail.from, "to": mail.to,
            "subject": mail.subject, "in_reply_to": mail.in_reply_to, "bytes": mail.bytes,
        })
    };
    received.iter().map(mail).collect()
}

impl Refused {
    fn answer(&self) -> Response<axum::body::Body> {
        match self {
            Self::Request(why) => plain(StatusCode::BAD_REQUEST, why),
            Self::Mail(error) => {
                let status = match error {
                    ReceiveError::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
                    ReceiveError::NoRule(_) => StatusCode::UNPROCESSABLE_ENTITY,
                    ReceiveError::BadAddress(_) => StatusCode::BAD_REQUEST,
                    ReceiveError::Storage(_) => StatusCode::INTERNAL_SERVER_ERROR,
                };
                plain(status, &error.to_string())
            }
        }
    }
}

/// What a query says of the envelope; `None` when it says something else.
fn envelope(query: &str) -> Option<Envelope> {
    let mut envelope = Envelope::default();
    for (name, value) in query_of(query) {
        match name.as_str() {
            "from" => envelope.from = Some(value),
            "to" => envelope.to = value.split(',').map(str::to_owned).collect(),
            "spam" => envelope.spam = Verdict::parse(&value)?,
            "virus" => envelope.virus = Verdict::parse(&value)?,
            "dmarc" => envelope.dmarc = Verdict::parse(&value)?,
            _ => return None,
        }
    }
    Some(envelope)
}

fn media(headers: &HeaderMap) -> &str {
    headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default()
}

fn parts(headers: &HeaderMap, body: Bytes) -> Result<Multipart<'static>, Refused> {
    let wrong = |error: multer::Error| Refused::Request(format!("The body must be a form with files: {error}."));
    let boundary = multer::parse_boundary(media(headers)).map_err(wrong)?;
    let body = futures_util::stream::once(async move { Ok::<_, Infallible>(body) });
    Ok(Multipart::new(body, boundary))
}

fn broken(error: multer::Error) -> Refused {
    Refused::Request(format!("The form cannot be read: {error}."))
}

/// The file `mail` of a form.
async fn the_file(headers: &HeaderMap, body: Bytes) -> Result<Bytes, Refused> {
    let mut parts = parts(headers, body)?;
    while let Some(part) = parts.next_field().await.map_err(broken)? {
        if part.name() == Some("mail") {
            return part.bytes().await.map_err(broken);
        }
    }
    Err(Refused::Request("The form has no file named mail.".to_owned()))
}

/// The fields `from` and `text`, and the files `files`. A browser sends a file without a name where
/// none was chosen.
async fn read_reply(headers: &HeaderMap, body: Bytes) -> Result<Reply, Refused> {
    let mut parts = parts(headers, body)?;
    let mut reply = Reply::default();
    while let Some(part) = parts.next_field().await.map_err(broken)? {
        let field = part.name().unwrap_or_default().to_owned();
        let name = part.file_name().map(str::to_owned).filter(|name| !name.is_empty());
        let media = part.content_type().map(ToString::to_string).unwrap_or_default();
        let bytes = part.bytes().await.map_err(broken)?;
        match field.as_str() {
            "from" => reply.from = String::from_utf8_lossy(&bytes).trim().to_owned(),
            "text" => reply.text = String::from_utf8_lossy(&bytes).into_owned(),
            "files" => reply.files.extend(name.map(|name| File { name, media, bytes: bytes.to_vec() })),
            _ => return Err(Refused::Request(format!("The form has no field {field:?}."))),
        }
    }
    Ok(reply)
}

fn see_other(place: &str) -> Response<axum::body::Body> {
    let mut answer = plain(StatusCode::SEE_OTHER, "");
    if let Ok(place) = HeaderValue::from_str(place) {
        answer.headers_mut().insert(LOCATION, place);
    }
    answer
}
