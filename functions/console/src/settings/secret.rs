//! The answer that has a new secret, once.

use askama::Template;
use recourse_edge::ApiResponse;

use super::SettingsRequest;
use crate::{Frame, Nav, html};

#[derive(Template)]
#[template(path = "settings-secret.html")]
struct SecretPage<'a> {
    frame: Frame,
    title: &'a str,
    /// Each with its name and its value.
    values: Vec<(&'static str, &'a str)>,
    account: &'a str,
}

/// The page with new credentials of an account. No other page ever has their secret.
pub(super) fn page(
    request: &SettingsRequest<'_>,
    title: &str,
    account: &str,
    values: Vec<(&'static str, &str)>,
) -> ApiResponse {
    let frame = request.visitor.frame(title, Nav::Settings);
    html(200, "created", &SecretPage { frame, title, values, account })
}
