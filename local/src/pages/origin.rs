//! Whether a request that changes something comes from here: a browser says which page sent it.
//!
//! A program sends no `Origin` and is answered. A page of another origin is refused, and so is one
//! without an origin (`null`): a sandboxed frame, such as the one around a mail.

use axum::extract::Request;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::header::{HOST, ORIGIN};
use http::{HeaderMap, Method, StatusCode};

const FOREIGN: &str = "Another page sent this. The pages' forms take what is sent from here alone.";

/// Passes on requests that change nothing, and those that were sent from here.
pub(super) async fn guard(request: Request, next: Next) -> Response {
    let looks = [Method::GET, Method::HEAD].contains(request.method());
    if looks || is_own(request.headers()) {
        next.run(request).await
    } else {
        (StatusCode::FORBIDDEN, FOREIGN).into_response()
    }
}

fn is_own(headers: &HeaderMap) -> bool {
    let text = |name: &str| headers.get(name).map(|value| value.to_str().unwrap_or("?"));
    let host = text(HOST.as_str()).unwrap_or_default();
    let from_here = text(ORIGIN.as_str()).is_none_or(|origin| origin == format!("http://{host}"));
    from_here && text("sec-fetch-site").is_none_or(|site| site == "same-origin" || site == "none")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_of_another_page_is_refused() {
        let headers = |pairs: &[(&str, &str)]| -> HeaderMap {
            let host = [("host", "127.0.0.1:3000")];
            let all = host.iter().chain(pairs);
            all.map(|(name, value)| (name.parse::<http::HeaderName>().unwrap(), value.parse().unwrap())).collect()
        };
        for own in [
            &[][..],
            &[("origin", "http://127.0.0.1:3000")],
            &[("origin", "http://127.0.0.1:3000"), ("sec-fetch-site", "same-origin")],
            &[("sec-fetch-site", "none")],
        ] {
            assert!(is_own(&headers(own)), "{own:?}");
        }
        for other in [
            &[("origin", "null")][..],
            &[("origin", "https://evil.example")],
            &[("origin", "http://127.0.0.1:3001")],
            &[("origin", "http://localhost:3000")],
            &[("sec-fetch-site", "cross-site")],
            &[("sec-fetch-site", "same-site")],
            &[("origin", "http://127.0.0.1:3000"), ("sec-fetch-site", "cross-site")],
        ] {
            assert!(!is_own(&headers(other)), "{other:?}");
        }
    }
}
