//! A file by a presigned address: S3 accepts what was signed, and nothing else.

use serde_json::{Value, json};

use super::{Check, Client};
use crate::ending::Failure;
use crate::output::visible;
use crate::service::ServiceResponse;
use crate::signing_key::Stamp;

/// The smallest file that begins and ends as a PDF does.
const FILE: &[u8] = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n";
const JSON: &str = "application/json";
const CHECK: &str = "presigned put";

/// Opens a draft about `payment`, uploads a file wrongly and rightly, and cancels the draft.
pub(super) fn presigned(client: &Client, merchant: &str, payment: &str) -> Result<Check, Failure> {
    let contact = json!({ "contactPerson": "recourse doctor", "emailAddress": "success@simulator.amazonses.com" });
    let draft = signed(client, &format!("/v1/{merchant}/payments/{payment}/dispute"), Some(&contact))?;
    let dispute = match draft {
        Ok(reply) if reply.status == 201 => text(&reply, "id"),
        Ok(reply) => {
            let found = format!("a draft about the payment is answered {}", reply.status);
            return Ok(Check::wrong(CHECK, found, "Name another payment, of this account and with no open dispute"));
        }
        Err(reason) => return Ok(unreached(&reason)),
    };
    let Some(dispute) = dispute else {
        return Ok(Check::wrong(CHECK, "the draft has no id", "Is RECOURSE_URL this release?"));
    };
    let check = put(client, merchant, &dispute)?;
    let cancelled = signed(client, &format!("/v1/{merchant}/disputes/{dispute}/cancel"), None)?;
    Ok(match cancelled {
        Ok(reply) if reply.status == 200 => check,
        _ => Check::wrong(
            CHECK,
            format!("the draft {dispute} is not cancelled"),
            "Cancel it: until then no other draft can be opened about the payment",
        ),
    })
}

/// Uploads the file first with a media type that was not signed, which must fail, and then with the
/// signed one.
fn put(client: &Client, merchant: &str, dispute: &str) -> Result<Check, Failure> {
    let file = json!({ "fileName": "doctor.pdf", "fileType": "application/pdf", "fileSize": FILE.len() });
    let start = signed(client, &format!("/files/v1/{merchant}/disputes/{dispute}/uploads"), Some(&file))?;
    let start: Value = match start {
        Ok(reply) if reply.status == 201 => serde_json::from_str(&reply.body).unwrap_or_default(),
        Ok(reply) => {
            return Ok(Check::wrong(
                CHECK,
                format!("an upload is answered {}", reply.status),
                "See ApiServerErrors in docs/runbook.md",
            ));
        }
        Err(reason) => return Ok(unreached(&reason)),
    };
    let url = start.get("url").and_then(Value::as_str).unwrap_or_default();
    let said = start.get("headers").and_then(Value::as_object).into_iter().flatten();
    // HTTP sends the length itself.
    let right: Vec<(&str, String)> = said
        .filter(|(name, _)| !name.eq_ignore_ascii_case("content-length"))
        .filter_map(|(name, value)| Some((name.as_str(), value.as_str()?.to_owned())))
        .collect();
    let wrong: Vec<(&str, String)> = right
        .iter()
        .map(|(name, value)| {
            (*name, if name.eq_ignore_ascii_case("content-type") { "text/html".to_owned() } else { value.clone() })
        })
        .collect();
    let status =
        |headers: &[(&str, String)]| client.service.request("PUT", url, headers, Some(FILE)).map(|reply| reply.status);
    Ok(match (status(&wrong), status(&right)) {
        (Ok(403), Ok(200)) => Check::ok(CHECK, "S3 accepts what was signed, and refuses another content type"),
        (Ok(wrong), Ok(right)) => Check::wrong(
            CHECK,
            format!("another content type is answered {wrong}, what was signed {right}"),
            "They should be 403 and 200: look at the bucket's policy, and whether the functions' clock is right",
        ),
        (Err(reason), _) | (_, Err(reason)) => unreached(&reason),
    })
}

/// A signed POST with JSON, or without a body.
fn signed(client: &Client, path: &str, body: Option<&Value>) -> Result<Result<ServiceResponse, String>, Failure> {
    let content_type = if body.is_some() { JSON } else { "" };
    let mut headers = client.key.gcs(Stamp::fresh()?.at, "POST", content_type, &[], path, "")?.to_vec();
    headers.extend(body.map(|_| ("Content-Type", JSON.to_owned())));
    let body = body.map(Value::to_string);
    Ok(client.service.request("POST", path, &headers, body.as_deref().map(str::as_bytes)))
}

fn text(reply: &ServiceResponse, member: &str) -> Option<String> {
    let body: Value = serde_json::from_str(&reply.body).ok()?;
    body.get(member)?.as_str().map(str::to_owned)
}

fn unreached(reason: &str) -> Check {
    Check::wrong(CHECK, visible(reason), "Check RECOURSE_URL, and that this machine reaches S3")
}
