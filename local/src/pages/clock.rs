//! The clock over HTTP: `GET /clock` shows the time here, `POST /clock` moves it forward.
//!
//! A move waits for the functions that run, at most ten seconds. A form of the first page sends
//! `advance=19d`, a program sends JSON. A request that another web page makes a browser send is
//! refused ([`super::origin`]).

use std::time::Duration;

use axum::body::{Body, Bytes};
use http::header::{CONTENT_TYPE, LOCATION};
use http::{HeaderMap, HeaderValue, Response, StatusCode};
use serde::Deserialize;
use serde_json::json;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::clock::{Clock, to_the_second};
use crate::loopback::{json as json_answer, plain};

/// How long a move waits for the functions that run. A function that hangs does not hold it up.
const PATIENCE: Duration = Duration::from_secs(10);

const RULE: &str = "The body must be JSON, either {\"advance\": \"19d\"} with a duration above 0 of w, d, h, m and s, such as 1d12h, or \
                    {\"to\": \"2030-01-31T12:00:00Z\"} with a time (RFC 3339).";

/// How far, in one of two ways.
#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Move {
    Advance(String),
    To(String),
}

/// What time it is, and how far the clock was moved.
pub(super) fn show(clock: &Clock) -> Response<Body> {
    let sent = json!({ "now": now(clock), "moved_by_seconds": clock.moved_by().as_secs() });
    json_answer(StatusCode::OK, "application/json", &sent)
}

/// Moves the clock as `body` says.
pub(super) async fn change(clock: &Clock, headers: &HeaderMap, body: &Bytes) -> Response<Body> {
    let media = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let is_form = media.starts_with("application/x-www-form-urlencoded");
    let wanted = if is_form {
        let text = std::str::from_utf8(body).unwrap_or_default();
        text.strip_prefix("advance=").map(|duration| Move::Advance(duration.to_owned()))
    } else {
        serde_json::from_slice(body).ok()
    };
    let _guard = clock.between_invocations(PATIENCE).await;
    let moved = match wanted {
        Some(Move::Advance(text)) => duration(&text).map(|duration| clock.advance(duration)),
        Some(Move::To(text)) => OffsetDateTime::parse(&text, &Rfc3339).ok().map(|time| clock.advance_to(time)),
        None => None,
    };
    match moved {
        None => plain(StatusCode::BAD_REQUEST, RULE),
        Some(Err(error)) => plain(StatusCode::CONFLICT, &format!("{error}.")),
        Some(Ok(())) if is_form => {
            let mut answer = plain(StatusCode::SEE_OTHER, "");
            answer.headers_mut().insert(LOCATION, HeaderValue::from_static("/#clock"));
            answer
        }
        Some(Ok(())) => show(clock),
    }
}

/// The time, to the second.
pub(super) fn now(clock: &Clock) -> String {
    to_the_second(clock.now())
}

/// A duration of days, hours and so on: `19d`, `1d12h`.
pub(crate) fn duration(text: &str) -> Option<Duration> {
    let mut rest = text.trim();
    let mut sum = Duration::ZERO;
    while !rest.is_empty() {
        let (number, after) = rest.split_at(rest.find(|c: char| !c.is_ascii_digit())?);
        let mut characters = after.chars();
        let unit: u64 = match characters.next()? {
            'w' => 7 * 24 * 60 * 60,
            'd' => 24 * 60 * 60,
            'h' => 60 * 60,
            'm' => 60,
            's' => 1,
            _ => return None,
        };
        sum = sum.checked_add(Duration::from_secs(number.parse::<u64>().ok()?.checked_mul(unit)?))?;
        rest = characters.as_str();
    }
    (sum > Duration::ZERO).then_some(sum)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations() {
        for (text, seconds) in
            [("19d", 1_641_600), ("1d12h", 129_600), ("2w", 1_209_600), ("90m", 5_400), (" 5s ", 5), ("0d1s", 1)]
        {
            assert_eq!(duration(text), Some(Duration::from_secs(seconds)), "{text}");
        }
        for text in
            ["", "0s", "19", "d", "-1d", "1y", "1d 2h", "1.5d", "99999999999999999999d", "9999999999999999w", "1\u{e9}"]
        {
            assert_eq!(duration(text), None, "{text}");
        }
    }
}
