//! The event that a function gets for a request: payload format 2.0 of API Gateway's HTTP API.

use super::decode::query;
use super::routing::Match;
use crate::template::ACCOUNT;
use axum::body::Bytes;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use http::header::{CONTENT_LENGTH, CONTENT_TYPE, COOKIE, HOST, USER_AGENT};
use http::request::Parts;
use http::{HeaderMap, HeaderValue};
use serde::Serialize;
use std::collections::BTreeMap;
use std::net::SocketAddr;
use time::OffsetDateTime;
use time::macros::format_description;

/// Headers that are about the connection to the gateway and go no further.
const NOT_PASSED_ON: [&str; 9] = [
    "connection",
    "cookie",
    "expect",
    "keep-alive",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
];

/// The type of a body of length 0 whose sender named none.
const EMPTY_BODY_TYPE: &str = "application/octet-stream";

/// What the gateway knows besides the request.
pub(super) struct Setting<'a> {
    /// The id that the answer carries too.
    pub request_id: &'a str,
    /// The client.
    pub client: SocketAddr,
    /// The port of the gateway.
    pub port: u16,
    /// The request's path, decoded.
    pub path: &'a str,
    /// When the request came.
    pub now: OffsetDateTime,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct HttpApiEvent<'a> {
    version: &'static str,
    route_key: &'a str,
    raw_path: &'a str,
    raw_query_string: &'a str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    cookies: Vec<String>,
    headers: &'a BTreeMap<&'a str, String>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    query_string_parameters: BTreeMap<String, String>,
    request_context: Context<'a>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    path_parameters: &'a BTreeMap<&'a str, String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    body: Option<&'a str>,
    is_base64_encoded: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Context<'a> {
    account_id: &'static str,
    api_id: &'static str,
    domain_name: &'a str,
    domain_prefix: &'a str,
    http: Http<'a>,
    request_id: &'a str,
    route_key: &'a str,
    stage: &'static str,
    time: String,
    time_epoch: i128,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Http<'a> {
    method: &'a str,
    path: &'a str,
    protocol: &'static str,
    source_ip: String,
    user_agent: &'a str,
}

/// The event for a request, as JSON.
pub(super) fn event(
    request: &Parts,
    body: &Bytes,
    route: &Match<'_>,
    setting: &Setting<'_>,
) -> Result<Vec<u8>, serde_json::Error> {
    let query_string = request.uri.query().unwrap_or_default();
    let headers = headers(&request.headers, body.len(), setting);
    let host = headers.get(HOST.as_str()).map(String::as_str).unwrap_or_default();
    let domain_name = host.rsplit_once(':').map_or(host, |(name, _port)| name);
    // JSON carries a body as text only if it is UTF-8, whatever its type says.
    let text = is_text(request.headers.get(CONTENT_TYPE)).then(|| std::str::from_utf8(body).ok()).flatten();
    let encoded = if text.is_none() && !body.is_empty() { Some(BASE64_STANDARD.encode(body)) } else { None };
    serde_json::to_vec(&HttpApiEvent {
        version: "2.0",
        route_key: route.key,
        raw_path: setting.path,
        raw_query_string: query_string,
        cookies: cookies(&request.headers),
        query_string_parameters: query(query_string),
        request_context: Context {
            account_id: ACCOUNT,
            api_id: "localapi",
            domain_name,
            domain_prefix: domain_name.split('.').next().unwrap_or_default(),
            http: Http {
                method: request.method.as_str(),
                path: setting.path,
                protocol: "HTTP/1.1",
                source_ip: setting.client.ip().to_string(),
                user_agent: headers.get(USER_AGENT.as_str()).map(String::as_str).unwrap_or_default(),
            },
            request_id: setting.request_id,
            route_key: route.key,
            stage: "$default",
            time: common_log_time(setting.now),
            time_epoch: setting.now.unix_timestamp_nanos() / 1_000_000,
        },
        path_parameters: &route.parameters,
        body: encoded.as_deref().or(text.filter(|text| !text.is_empty())),
        is_base64_encoded: encoded.is_some(),
        headers: &headers,
    })
}

/// The headers that the function gets: names in lower case, repeated ones joined by commas, and the
/// gateway's own.
fn headers<'a>(sent: &'a HeaderMap, body_length: usize, setting: &Setting<'_>) -> BTreeMap<&'a str, String> {
    let mut headers = BTreeMap::<&str, String>::new();
    for (name, value) in sent {
        if NOT_PASSED_ON.contains(&name.as_str()) {
            continue;
        }
        let value = text(value);
        headers
            .entry(name.as_str())
            .and_modify(|values| {
                values.push(',');
                values.push_str(&value);
            })
            .or_insert(value);
    }
    // The real service is known to add a type to an empty body that was sent without one.
    if body_length == 0 && sent.get(CONTENT_LENGTH).is_some_and(|length| length == "0") {
        headers.entry(CONTENT_TYPE.as_str()).or_insert_with(|| EMPTY_BODY_TYPE.to_owned());
    }
    headers.insert(CONTENT_LENGTH.as_str(), body_length.to_string());
    let client = setting.client.ip();
    headers
        .entry("x-forwarded-for")
        .and_modify(|chain| chain.push_str(&format!(", {client}")))
        .or_insert_with(|| client.to_string());
    headers.insert("x-forwarded-port", setting.port.to_string());
    headers.insert("x-forwarded-proto", "http".to_owned());
    headers.entry("x-amzn-trace-id").or_insert_with(crate::random::trace_root);
    headers
}

/// The cookies, which have a place of their own in the event.
fn cookies(sent: &HeaderMap) -> Vec<String> {
    let values = sent.get_all(COOKIE).into_iter().map(text);
    values
        .flat_map(|value| value.split(';').map(|cookie| cookie.trim().to_owned()).collect::<Vec<_>>())
        .filter(|c| !c.is_empty())
        .collect()
}

/// A header's value. One that is not UTF-8 is read as Latin-1, which HTTP once said it was.
fn text(value: &HeaderValue) -> String {
    match std::str::from_utf8(value.as_bytes()) {
        Ok(text) => text.to_owned(),
        Err(_) => value.as_bytes().iter().copied().map(char::from).collect(),
    }
}

/// Whether a body of this content type is passed as text. Only these types are, neither forms nor a
/// body without a type: the real service was seen to do so.
fn is_text(content_type: Option<&HeaderValue>) -> bool {
    let Some(content_type) = content_type.and_then(|value| value.to_str().ok()) else { return false };
    let essence = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    essence.starts_with("text/")
        || ["application/json", "application/javascript", "application/xml"].contains(&essence.as_str())
}

/// As in `12/Mar/2020:19:03:58 +0000`.
fn common_log_time(now: OffsetDateTime) -> String {
    let format = format_description!("[day]/[month repr:short]/[year]:[hour]:[minute]:[second] +0000");
    now.format(format).unwrap_or_default()
}

#[cfg(test)]
mod tests;
