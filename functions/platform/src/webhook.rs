//! Webhook endpoints as the platform manages them: what is asked for, and who may ask.
//!
//! A platform key manages the endpoints of every account of its environment. One of the other
//! environment is answered as one that does not exist, before anything else about it is read.

mod list;

use std::collections::BTreeSet;

use recourse_dispute::event::PerformedBy;
use recourse_dispute::ids::AccountId;
use recourse_dispute::json::echoed;
use recourse_dispute::lifecycle::Actor;
use recourse_dispute::time::UnixMillis;
use recourse_dispute::webhook::{EventType, WebhookId};
use recourse_edge::{
    ApiResponse, App, AuthenticatedRequest, BodyReader, BodyRules, FieldErrors, Request, ServiceError,
};
use recourse_operations::webhooks::{self, Disclosed, EndpointView, ReplayFilter, WebhookError};
use recourse_provider::check_receiver;
use recourse_store::{AuditContext, Endpoint};
use serde::Serialize;

use crate::transaction::TWICE;
use crate::{ApiError, environment};

pub use list::{DeliveryQuery, EndpointPage, EndpointQuery};

/// The most bytes of a body: an address has at most 2048 characters.
const MAX_BYTES: usize = 8 * 1024;
const BODY: BodyRules = BodyRules { max_bytes: MAX_BYTES, empty_is_absent: false, numbers_are_texts: false };
/// How many events one call sends once more at most: as many as it can within its time.
pub const MAX_REPLAYED: usize = 500;
/// The longest id of an event, in characters.
const MAX_EVENT: usize = 64;

fn body(request: &Request) -> Result<BodyReader<'_>, ApiError> {
    BODY.read(&request.body).map_err(|error| ApiError::InvalidRequest(FieldErrors::unreadable(&error, TWICE)))
}

/// Ends a body of which every known member was taken.
fn end(left: &BodyReader<'_>, errors: &mut FieldErrors) {
    for name in left.names() {
        errors.add(&echoed(name), "is not a field of this call.");
    }
}

/// Refuses a body with members, at a call that has none.
///
/// # Errors
/// [`ApiError::InvalidRequest`].
pub fn no_body(request: &Request) -> Result<(), ApiError> {
    if request.body.is_empty() {
        return Ok(());
    }
    let mut errors = FieldErrors::default();
    end(&body(request)?, &mut errors);
    if errors.is_empty() { Ok(()) } else { Err(ApiError::InvalidRequest(errors)) }
}

/// An endpoint to be added.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AddRequest {
    /// Whose it is; `None` for the caller's own account.
    pub account: Option<AccountId>,
    /// Where events are posted to: an address that events may be delivered to, as far as its text
    /// tells.
    pub url: String,
    /// Which events it gets; empty for all of them.
    pub events: BTreeSet<EventType>,
}

impl AddRequest {
    /// Reads a body.
    ///
    /// # Errors
    /// [`ApiError::InvalidRequest`] with all that is wrong.
    pub fn read(request: &Request) -> Result<Self, ApiError> {
        let mut fields = body(request)?;
        let mut errors = FieldErrors::default();
        let account = errors.check_sent(fields.take("account").parsed(AccountId::parse));
        let url = errors.check(fields.take("url").required(|text| {
            check_receiver(text).map_err(webhooks::address_rule)?;
            Ok::<_, &'static str>(text.to_owned())
        }));
        let names = errors.check_sent(fields.take("events").plain::<Vec<String>>("must be an array of event types"));
        let mut events = BTreeSet::new();
        for name in names.unwrap_or_default() {
            let Some(event) = EventType::parse(&name) else {
                errors
                    .add("events", format!("each must be one of {}.", EventType::ALL.map(EventType::name).join(", ")));
                break;
            };
            events.insert(event);
        }
        end(&fields, &mut errors);
        match url.filter(|_| errors.is_empty()) {
            Some(url) => Ok(Self { account, url, events }),
            None => Err(ApiError::InvalidRequest(errors)),
        }
    }
}

/// Reads what is to be sent once more.
///
/// # Errors
/// [`ApiError::InvalidRequest`] with all that is wrong.
pub fn read_replay(request: &Request) -> Result<ReplayFilter, ApiError> {
    let mut fields = body(request)?;
    let mut errors = FieldErrors::default();
    let event = errors.check_sent(fields.take("event").parsed(event));
    let since = errors.check_sent(fields.take("since").parsed(UnixMillis::parse));
    let until = errors.check_sent(fields.take("until").parsed(UnixMillis::parse));
    let failed = errors.check_sent(fields.take("failed").plain::<bool>("must be true or false"));
    let failed = failed.unwrap_or_default();
    end(&fields, &mut errors);
    if errors.is_empty() && event.is_none() && since.is_none() && !failed {
        errors.add("body", "must have event, since or failed as true.");
    } else if errors.is_empty() && until.is_some() && since.is_none() {
        errors.add("until", "needs since.");
    } else if since.zip(until).is_some_and(|(since, until)| since > until) {
        errors.add("until", "must not be before since.");
    }
    if errors.is_empty() {
        Ok(ReplayFilter { event, since, until, failed })
    } else {
        Err(ApiError::InvalidRequest(errors))
    }
}

fn event(text: &str) -> Result<String, &'static str> {
    let is_event = (1..=MAX_EVENT).contains(&text.len())
        && text.starts_with("evt_")
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    if is_event { Ok(text.to_owned()) } else { Err("must be the id of an event, such as evt_551_3") }
}

/// An endpoint with its newest secret, for an answer. There is no Debug, as it has the secret.
#[derive(Serialize)]
struct WithSecret<'a> {
    endpoint: EndpointView<'a>,
    secret: &'a str,
    /// Until when the secret before signs, too.
    #[serde(skip_serializing_if = "Option::is_none")]
    other_secret_until: Option<String>,
}

/// The answer with a secret, which no other answer has.
#[must_use]
pub fn to_disclosure(status: u16, outcome: &'static str, disclosed: &Disclosed, now: UnixMillis) -> ApiResponse {
    let until = disclosed.endpoint.secrets.iter().find_map(|secret| secret.good_until).filter(|until| *until > now);
    let body = WithSecret {
        endpoint: EndpointView::of(&disclosed.endpoint, now),
        secret: disclosed.secret.expose(),
        other_secret_until: until.map(UnixMillis::iso8601),
    };
    ApiResponse::json(status, outcome, &body).with_header("cache-control", "no-store")
}

/// Who changes an endpoint now, for the audit of its account.
#[must_use]
pub fn audit(app: &App, caller: &AuthenticatedRequest) -> AuditContext {
    let by = PerformedBy { actor: Actor::Platform, name: caller.credential.key.to_string() };
    AuditContext { by, at: app.context.now(), why: None }
}

/// A new secret, which every published verifier takes.
///
/// # Errors
/// [`ApiError::Service`].
pub fn secret(app: &App) -> Result<String, ApiError> {
    let none = || ServiceError::invariant("no random bytes make a secret of a webhook endpoint", "webhook");
    let made = webhooks::secret(|| app.context.bytes())?;
    Ok(made.ok_or_else(none)?)
}

/// The endpoint that the path names, removed or not, where it is of the caller's environment.
///
/// # Errors
/// [`ApiError::NoEndpoint`] and [`ApiError::Service`].
pub async fn owned(app: &App, caller: &AuthenticatedRequest, request: &Request) -> Result<Endpoint, ApiError> {
    let id = WebhookId::parse(request.parameter("id")).map_err(|_| ApiError::NoEndpoint)?;
    let found = app.store.webhook(&id).await?;
    // The event bus has deliveries as an endpoint has, and is none.
    let is_seen = |endpoint: &Endpoint| !id.is_bus() && endpoint.environment == environment(caller);
    found.filter(is_seen).ok_or(ApiError::NoEndpoint)
}

/// As [`owned`], of an endpoint that was not removed.
///
/// # Errors
/// As [`owned`].
pub async fn endpoint(app: &App, caller: &AuthenticatedRequest, request: &Request) -> Result<Endpoint, ApiError> {
    let owned = owned(app, caller, request).await?;
    if owned.is_removed() { Err(ApiError::NoEndpoint) } else { Ok(owned) }
}

/// Why something of an endpoint is not done, in the API's words.
#[must_use]
pub fn webhook_error(error: WebhookError) -> ApiError {
    match error {
        WebhookError::Store(error) => error.into(),
        WebhookError::NoAccount => {
            ApiError::InvalidRequest(FieldErrors::one("account", "must be an account of your key's environment."))
        }
        WebhookError::Unknown => ApiError::NoEndpoint,
        WebhookError::Full => ApiError::Refused("As many webhook endpoints are enabled as may be. Disable one."),
        WebhookError::Disabled => ApiError::Refused("The webhook endpoint is disabled. Enable it first."),
        WebhookError::NoEvents => ApiError::Refused("The account of the webhook endpoint gets no events at present."),
        WebhookError::Taken | WebhookError::DoneBefore => ApiError::Refused(
            "This Idempotency-Key was used more than a day ago, for another request, or for what was changed since. Use \
             another key.",
        ),
        WebhookError::TooMany(most) => {
            let rule = format!("must match at most {most} events. Ask for a shorter time.");
            ApiError::InvalidRequest(FieldErrors::one("body", rule))
        }
    }
}

#[cfg(test)]
mod tests;
