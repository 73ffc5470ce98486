//! Whether a form was sent from a page of ours.

use recourse_edge::Request;

/// The origin that the request was sent to, such as `https://disputes.example.com`. `None` without
/// a host. API Gateway routes by the host and sets the scheme, so neither is the caller's choice.
#[must_use]
pub fn own_origin(request: &Request) -> Option<String> {
    let host = request.header("host").filter(|host| !host.is_empty())?;
    let scheme = if request.header("x-forwarded-proto") == Some("http") { "http" } else { "https" };
    Some(format!("{scheme}://{host}"))
}

/// Whether a browser says that one of our own pages sent the request. A program that is no browser
/// says nothing, and has no cookies of a browser either.
#[must_use]
pub fn is_same_origin(request: &Request) -> bool {
    let site = request.header("sec-fetch-site").is_none_or(|site| site == "same-origin");
    let origin = request.header("origin").is_none_or(|origin| own_origin(request).as_deref() == Some(origin));
    site && origin
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::visitor::testing::request;

    #[test]
    fn only_our_own_pages_send_forms() {
        let ours = [("host", "a.example"), ("x-forwarded-proto", "https")];
        let is = |more: &[(&str, &str)]| is_same_origin(&request("POST", &[&ours, more].concat(), &[], ""));
        assert!(is(&[]) && is(&[("sec-fetch-site", "same-origin")]) && is(&[("origin", "https://a.example")]));
        for foreign in [
            ("origin", "https://b.example"),
            ("origin", "http://a.example"),
            ("origin", "https://a.example:444"),
            ("origin", "null"),
            ("sec-fetch-site", "cross-site"),
            ("sec-fetch-site", "same-site"),
            ("sec-fetch-site", "none"),
        ] {
            assert!(!is(&[foreign]), "{foreign:?}");
        }
        assert!(!is_same_origin(&request("POST", &[("origin", "https://")], &[], "")), "there is no host");
    }
}
