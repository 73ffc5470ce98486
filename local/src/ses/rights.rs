//! Whether a caller may send the mail that it hands in.
//!
//! A mail with headers of its own needs `ses:SendEmail` and `ses:SendRawEmail`: AWS does not say
//! which of them it asks for then, and a policy has to hold either way. The resources are the
//! identity that is verified, the address or else its domain, and the configuration set that the
//! mail names.

use axum::body::Bytes;
use http::{Request, StatusCode};
use serde::Deserialize;
use serde::de::IgnoredAny;

use super::address::parse;
use super::request::SesError;
use crate::policy::{Denied, Iam, Use, signed_by};
use crate::template::policy::FROM_ADDRESS;
use crate::template::{ACCOUNT, REGION};

#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Input {
    from_email_address: String,
    configuration_set_name: Option<String>,
    content: Content,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Content {
    simple: Simple,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Simple {
    headers: Vec<IgnoredAny>,
}

/// The refusal of a mail that its caller may not send.
pub(super) fn denied(iam: &Iam, request: &Request<Bytes>, verified: &[String]) -> Option<SesError> {
    let denied = iam.check(signed_by(request.headers()), || used(request.body(), verified)).err()?;
    Some(refusal(&denied))
}

/// The refusal of a question that its caller may not ask: an operator's, of the account as a whole.
pub(super) fn denied_to_look(iam: &Iam, request: &Request<Bytes>) -> Option<SesError> {
    let action = match request.uri().path() {
        "/v2/email/account" => "ses:GetAccount",
        "/" => "ses:DescribeActiveReceiptRuleSet",
        _ => "ses:GetEmailIdentity",
    };
    let wanted = || vec![Use { action: action.to_owned(), resource: "*".to_owned(), context: Vec::new() }];
    iam.check(signed_by(request.headers()), wanted).err().map(|denied| refusal(&denied))
}

fn refusal(denied: &Denied) -> SesError {
    let message = match denied {
        Denied::Stranger => denied.to_string(),
        // In words of its own, unlike the other services.
        Denied::Forbidden { user, action, resource } => {
            format!("User `{user}' is not authorized to perform `{action}' on resource `{resource}'")
        }
    };
    SesError { status: StatusCode::FORBIDDEN, exception: denied.exception(), message }
}

fn used(body: &[u8], verified: &[String]) -> Vec<Use> {
    let input: Input = serde_json::from_slice(body).unwrap_or_default();
    let address = parse(&input.from_email_address).unwrap_or(&input.from_email_address);
    let domain = address.rsplit_once('@').map_or(address, |(_, domain)| domain);
    let is_verified = |identity: &str| verified.iter().any(|known| known.eq_ignore_ascii_case(identity));
    let identity = if !is_verified(address) && is_verified(domain) { domain } else { address };
    let set = input.configuration_set_name.map(|name| format!("configuration-set/{name}"));
    let resources: Vec<String> = std::iter::once(format!("identity/{identity}")).chain(set).collect();
    let raw = (!input.content.simple.headers.is_empty()).then_some("ses:SendRawEmail");
    let actions = std::iter::once("ses:SendEmail").chain(raw);
    let used = actions.flat_map(|action| {
        resources.iter().map(move |resource| Use {
            action: action.to_owned(),
            resource: format!("arn:aws:ses:{REGION}:{ACCOUNT}:{resource}"),
            context: vec![(FROM_ADDRESS.to_owned(), address.to_owned())],
        })
    });
    used.collect()
}
