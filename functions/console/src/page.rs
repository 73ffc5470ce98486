//! Answers: pages, and where a browser is led to.
//!
//! **Invariant:** every answer of the console has the same headers of security. A page loads
//! nothing from elsewhere, runs no script but the console's own, and is in nobody's frame.

use askama::Template;
use recourse_edge::ApiResponse;

/// What a page may load, without the origin of evidence.
const POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; \
                      form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// A page.
#[must_use]
pub fn html(status: u16, outcome: &'static str, template: &impl Template) -> ApiResponse {
    with_policy(status, outcome, template, &format!("{POLICY}; img-src 'self'"))
}

/// A page that shows pictures and documents from the bucket of evidence, whose `origin` is the
/// beginning of their presigned addresses up to the path.
#[must_use]
pub fn html_with_files(status: u16, outcome: &'static str, template: &impl Template, origin: &str) -> ApiResponse {
    with_policy(status, outcome, template, &format!("{POLICY}; img-src 'self' {origin}; frame-src 'self' {origin}"))
}

fn with_policy(status: u16, outcome: &'static str, template: &impl Template, policy: &str) -> ApiResponse {
    match template.render() {
        Ok(body) => secured(ApiResponse::html(status, outcome, body)).with_header("content-security-policy", policy),
        Err(_) => secured(ApiResponse::html(500, "unprintable", String::new())),
    }
}

/// Leads the browser to a page, by GET.
#[must_use]
pub fn see_other(location: &str, outcome: &'static str) -> ApiResponse {
    secured(ApiResponse::html(303, outcome, String::new())).with_header("location", location)
}

/// A file that the browser stores, such as a table as CSV. `name` is of letters, digits, `.` and
/// `-`.
#[must_use]
pub fn attachment(media: &str, name: &str, outcome: &'static str, text: String) -> ApiResponse {
    let shown = format!("attachment; filename=\"{name}\"");
    secured(ApiResponse::text(200, outcome, media, text)).with_header("content-disposition", shown)
}

/// The headers that every answer has.
pub(crate) fn secured(answer: ApiResponse) -> ApiResponse {
    answer
        .with_header("cache-control", "no-store")
        .with_header("content-security-policy", "default-src 'none'; frame-ancestors 'none'")
        .with_header("cross-origin-opener-policy", "same-origin")
        .with_header("cross-origin-resource-policy", "same-origin")
        // Not `no-referrer`: with that one, browsers send `Origin: null` with the forms of our own
        // pages. No other origin gets a referrer.
        .with_header("referrer-policy", "same-origin")
        .with_header("strict-transport-security", "max-age=31536000")
        .with_header("x-content-type-options", "nosniff")
        .with_header("x-frame-options", "DENY")
}
