//! Whether a caller may send the mail that it hands in.
//!
//! The resource is the identity that is verified: the address, or else its domain.

use axum::body::Bytes;
use http::{Request, StatusCode};
use serde::Deserialize;

use super::address::parse;
use super::request::Refusal;
use crate::policy::{Denied, FROM_ADDRESS, Iam, Use, signed_by};
use crate::template::{ACCOUNT, REGION};

#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Input {
    from_email_address: String,
}

/// The refusal of a mail that its caller may not send.
pub(super) fn denied(iam: &Iam, request: &Request<Bytes>, verified: &[String]) -> Option<Refusal> {
    let denied = iam.check(signed_by(request.headers()), || vec![used(request.body(), verified)]).err()?;
    let message = match &denied {
        Denied::Stranger => denied.to_string(),
        // In words of its own, unlike the other services.
        Denied::Forbidden { user, action, resource } => {
            format!("User `{user}' is not authorized to perform `{action}' on resource `{resource}'")
        }
    };
    Some(Refusal { status: StatusCode::FORBIDDEN, exception: denied.exception(), message })
}

fn used(body: &[u8], verified: &[String]) -> Use {
    let input: Input = serde_json::from_slice(body).unwrap_or_default();
    let address = parse(&input.from_email_address).unwrap_or(&input.from_email_address);
    let domain = address.rsplit_once('@').map_or(address, |(_, domain)| domain);
    let is_verified = |identity: &str| verified.iter().any(|known| known.eq_ignore_ascii_case(identity));
    let identity = if !is_verified(address) && is_verified(domain) { domain } else { address };
    Use {
        action: "ses:SendEmail".to_owned(),
        resource: format!("arn:aws:ses:{REGION}:{ACCOUNT}:identity/{identity}"),
        context: vec![(FROM_ADDRESS.to_owned(), address.to_owned())],
    }
}
