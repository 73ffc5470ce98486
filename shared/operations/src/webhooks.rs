//! Webhook endpoints: added, changed, removed, tried out, and what was delivered to them.
//!
//! A request may name itself by a [`RequestId`]. Sent again, because its answer was lost, it then
//! makes nothing twice: it gets the endpoint, or the secret, that it made the first time.

mod replay;
mod view;

use std::collections::BTreeSet;

use recourse_dispute::ids::AccountId;
use recourse_dispute::time::UnixMillis;
use recourse_dispute::webhook::{EventType, WebhookId};
use recourse_provider::ProviderError;
use recourse_signing::webhook;
use recourse_store::{
    AddWebhookOutcome, AuditContext, ChangeWebhookOutcome, DeliveryId, Endpoint, EndpointChange, NewWebhook, Sealer,
    SecretText, Store, StoreError, WriteToken,
};
use sha2::{Digest, Sha256};

use crate::accounts::Done;

pub use replay::{ReplayFilter, has_failed, replay, retained};
pub use view::{DeliveryView, EndpointView};

/// How many draws of a secret are made: fewer than three in four make none.
const MAX_DRAWS: usize = 200;
/// For how long a request that is sent again is shown the secret that it made, in milliseconds: a
/// day.
const SHOWN_MS: i64 = 24 * 60 * 60 * 1000;

/// Why something of an endpoint is not done.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WebhookError {
    /// The store failed. Where that is temporary, the change may have been written.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// There is no such account.
    #[error("there is no such account")]
    NoAccount,
    /// There is no such endpoint, or it was removed.
    #[error("there is no such webhook endpoint")]
    Unknown,
    /// As many endpoints are enabled as may be: of the account, or of the environment for those of
    /// the platform.
    #[error("as many webhook endpoints are enabled as may be")]
    Full,
    /// There is an endpoint of this id, which another request made.
    #[error("there is a webhook endpoint of this id already")]
    Taken,
    /// The endpoint is disabled.
    #[error("the webhook endpoint is disabled")]
    Disabled,
    /// The endpoint's account is suspended, or gets everything of its environment and has no live
    /// key of the Platform API any more.
    #[error("the account of the webhook endpoint gets no events at present")]
    NoEvents,
    /// A request that is sent again is not the one that was sent first, or what it made was changed
    /// since, or is older than a day.
    #[error("the request was done before, and is not done or shown again")]
    DoneBefore,
    /// More deliveries match than may be sent once more at a time: this many may.
    #[error("more than {0} deliveries match")]
    TooMany(usize),
}

/// Which request it is, by a digest: the same one is the same request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestId([u8; 32]);

impl RequestId {
    /// The request that these parts name, such as the caller, what is asked for, and a key that the
    /// caller chose.
    #[must_use]
    pub fn of(parts: &[&str]) -> Self {
        let mut whole = Sha256::new();
        for part in parts {
            whole.update(Sha256::digest(part));
        }
        Self(whole.finalize().into())
    }

    /// The id of the endpoint that the request makes.
    #[must_use]
    pub fn webhook_id(&self) -> WebhookId {
        let mut bytes = [0; 12];
        for (byte, digest) in bytes.iter_mut().zip(self.0) {
            *byte = digest;
        }
        WebhookId::new(bytes)
    }

    /// The digest as it is stored.
    #[must_use]
    pub fn text(&self) -> String {
        self.0.iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

/// A new secret, which every published verifier takes; `None` where none of the draws made one,
/// which does not happen.
///
/// # Errors
/// What `draw` fails with.
pub fn secret<E>(mut draw: impl FnMut() -> Result<[u8; 30], E>) -> Result<Option<String>, E> {
    for _ in 0..MAX_DRAWS {
        if let Some(secret) = webhook::portable_secret(&draw()?) {
            return Ok(Some(secret));
        }
    }
    Ok(None)
}

/// The rule that an address breaks, as in "must be ..".
#[must_use]
pub fn address_rule(error: ProviderError) -> &'static str {
    match error {
        ProviderError::PrivateAddress => "must be an address of the public internet",
        _ => {
            "must be https://, without user, password, fragment, blank, backslash or invisible character, and at most \
             2048 characters"
        }
    }
}

/// An endpoint that was not removed.
///
/// # Errors
/// [`WebhookError::Store`] and [`WebhookError::Unknown`].
pub async fn find(store: &Store, id: &WebhookId) -> Result<Endpoint, WebhookError> {
    let found = store.webhook(id).await?.filter(|endpoint| !endpoint.is_removed());
    found.ok_or(WebhookError::Unknown)
}

/// What a new endpoint is to be. There is no Debug, as it has the secret.
pub struct NewEndpoint<'a> {
    /// Whose it is.
    pub account: &'a AccountId,
    /// Where events are posted to. The caller has checked it.
    pub url: &'a str,
    /// Which events it gets; empty for all of them.
    pub events: BTreeSet<EventType>,
    /// Its secret.
    pub secret: &'a str,
    /// What the secret is sealed under: random, and used once.
    pub nonce: [u8; 12],
}

/// Adds an endpoint.
///
/// # Errors
/// [`WebhookError`].
pub async fn add(
    store: &Store,
    sealer: &Sealer,
    id: WebhookId,
    new: NewEndpoint<'_>,
    audit: &AuditContext,
    tokens: impl FnMut() -> WriteToken,
) -> Result<Endpoint, WebhookError> {
    let NewEndpoint { account, url, events, secret, nonce } = new;
    let new = NewWebhook { id, account, url, events, secret };
    // Boxed: what writes it is nested deeply enough for the compiler.
    match Box::pin(store.add_webhook(sealer, &new, nonce, audit, tokens)).await? {
        AddWebhookOutcome::Added(endpoint) => Ok(*endpoint),
        AddWebhookOutcome::NoAccount => Err(WebhookError::NoAccount),
        AddWebhookOutcome::Full => Err(WebhookError::Full),
        AddWebhookOutcome::Taken => Err(WebhookError::Taken),
    }
}

/// An endpoint with the secret that a request gave it, which nobody is shown later. Debug does not
/// show it.
#[derive(Clone, Debug)]
pub struct Disclosed {
    /// The endpoint.
    pub endpoint: Endpoint,
    /// Its newest secret.
    pub secret: SecretText,
    /// Whether this request made it, or the same one that was sent before.
    pub is_new: bool,
}

/// As [`add`], for a request that may be sent again. Its id is that of the endpoint.
///
/// # Errors
/// [`WebhookError`]; [`WebhookError::DoneBefore`] where the request made an endpoint that is
/// another one, has another secret by now, is older than a day, or was removed.
pub async fn add_for(
    store: &Store,
    sealer: &Sealer,
    request: &RequestId,
    new: NewEndpoint<'_>,
    audit: &AuditContext,
    tokens: impl FnMut() -> WriteToken,
) -> Result<Disclosed, WebhookError> {
    let id = request.webhook_id();
    let (account, url, events) = (new.account.clone(), new.url.to_owned(), new.events.clone());
    let is_same = |made: &Endpoint| made.account == account && made.url == url && made.events == events;
    // Before anything that the endpoint itself may be in the way of, such as how many there are.
    let mut made = store.webhook(&id).await?;
    let mut is_new = false;
    if made.is_none() {
        match add(store, sealer, id.clone(), new, audit, tokens).await {
            Ok(endpoint) => (made, is_new) = (Some(endpoint), true),
            // The same request, sent twice at once: the other one may have made the last endpoint
            // that may be enabled.
            Err(error @ (WebhookError::Taken | WebhookError::Full)) => {
                made = store.webhook(&id).await?;
                if made.is_none() {
                    return Err(error);
                }
            }
            Err(error) => return Err(error),
        }
    }
    let made = made.filter(is_same).ok_or(WebhookError::DoneBefore)?;
    let is_first = made.secrets.first().is_some_and(|secret| secret.created_at == made.created_at);
    if !is_first {
        return Err(WebhookError::DoneBefore);
    }
    disclose(store, sealer, made, is_new, audit.at).await
}

/// Gives an endpoint a new secret, for a request that may be sent again. The one before signs on
/// for a day.
///
/// # Errors
/// [`WebhookError`]; [`WebhookError::DoneBefore`] where the request made a secret that is not the
/// newest any more, or is older than a day.
pub async fn rotate_for(
    store: &Store,
    sealer: &Sealer,
    (id, request): (&WebhookId, &RequestId),
    (secret, nonce): (&str, [u8; 12]),
    audit: &AuditContext,
    tokens: impl FnMut() -> WriteToken,
) -> Result<Disclosed, WebhookError> {
    let request = request.text();
    let change = EndpointChange::Rotate { secret, nonce, request: Some(&request) };
    let (endpoint, done) = change_endpoint(store, sealer, id, &change, audit, tokens).await?;
    let is_newest = endpoint.secrets.first().is_some_and(|newest| newest.request.as_ref() == Some(&request));
    if !is_newest {
        return Err(WebhookError::DoneBefore);
    }
    disclose(store, sealer, endpoint, done == Done::Changed, audit.at).await
}

/// An endpoint with its newest secret, where that is not older than a day.
async fn disclose(
    store: &Store,
    sealer: &Sealer,
    endpoint: Endpoint,
    is_new: bool,
    now: UnixMillis,
) -> Result<Disclosed, WebhookError> {
    let made_at = endpoint.secrets.first().map(|secret| secret.created_at);
    if !is_new && made_at.is_none_or(|made_at| made_at.plus(SHOWN_MS) < now) {
        return Err(WebhookError::DoneBefore);
    }
    let secrets = store.webhook_secrets(sealer, &endpoint, now).await?;
    let secret = secrets.into_iter().next().ok_or(WebhookError::DoneBefore)?;
    Ok(Disclosed { endpoint, secret, is_new })
}

/// Changes an endpoint. Returns it as it is now, and whether there was something to change.
///
/// # Errors
/// [`WebhookError`].
pub async fn change_endpoint(
    store: &Store,
    sealer: &Sealer,
    id: &WebhookId,
    change: &EndpointChange<'_>,
    audit: &AuditContext,
    tokens: impl FnMut() -> WriteToken,
) -> Result<(Endpoint, Done), WebhookError> {
    match Box::pin(store.change_webhook(sealer, id, change, audit, tokens)).await? {
        ChangeWebhookOutcome::Changed(endpoint) => Ok((*endpoint, Done::Changed)),
        ChangeWebhookOutcome::Already(endpoint) => Ok((*endpoint, Done::Already)),
        ChangeWebhookOutcome::NoWebhook => Err(WebhookError::Unknown),
        ChangeWebhookOutcome::Full => Err(WebhookError::Full),
    }
}

/// Removes an endpoint for good, and gives up what waits at it. What was delivered can be read for
/// its 30 days. Where it ends half way, removing it again goes on.
///
/// # Errors
/// [`WebhookError`].
pub async fn remove(
    store: &Store,
    sealer: &Sealer,
    id: &WebhookId,
    audit: &AuditContext,
    tokens: impl FnMut() -> WriteToken,
) -> Result<(Endpoint, Done), WebhookError> {
    let removed = change_endpoint(store, sealer, id, &EndpointChange::Remove, audit, tokens).await?;
    // After that: the endpoint gets no new ones any more, except of an event that is being handed
    // out right now, which nobody sends.
    Box::pin(store.give_up_deliveries(id)).await?;
    Ok(removed)
}

/// Adds an event that tries an endpoint out, which is sent once. `random` makes the event's id.
///
/// # Errors
/// [`WebhookError::Store`], [`WebhookError::Disabled`] and [`WebhookError::NoEvents`].
pub async fn test(
    store: &Store,
    endpoint: &Endpoint,
    random: [u8; 16],
    now: UnixMillis,
    token: &WriteToken,
) -> Result<DeliveryId, WebhookError> {
    if !endpoint.is_enabled() {
        return Err(WebhookError::Disabled);
    }
    if !store.may_get_events(endpoint).await? {
        return Err(WebhookError::NoEvents);
    }
    let event = format!("evt_test_{:032x}", u128::from_be_bytes(random));
    Ok(store.test_webhook(endpoint, &event, now, token).await?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_is_the_same_where_each_of_its_parts_is() {
        let request = RequestId::of(&["acct_platform", "key-1"]);
        assert_eq!(request, RequestId::of(&["acct_platform", "key-1"]));
        for other in [&["acct_platform", "key-2"][..], &["acct_platformkey", "-1"], &["acct_platform", "key-1", ""]] {
            assert_ne!(RequestId::of(other).webhook_id(), request.webhook_id(), "{other:?}");
        }
        assert_eq!(request.text().len(), 64);
        assert!(request.text().starts_with(request.webhook_id().as_str().trim_start_matches("we_")));
    }

    #[test]
    fn a_secret_is_drawn_until_every_verifier_takes_it() {
        let mut draws = 0_u8;
        let made = secret(|| {
            draws += 1;
            // Base64 of the first one has only slashes.
            Ok::<_, ()>(if draws == 1 { [0xff; 30] } else { [draws; 30] })
        });
        let made = made.unwrap().unwrap();
        assert!(draws > 1 && made.starts_with("whsec_") && !made.contains(['/', '+']), "{made}");
        assert_eq!(secret(|| Ok::<_, ()>([0xff; 30])), Ok(None));
        assert_eq!(secret(|| Err::<[u8; 30], _>("no random bytes")), Err("no random bytes"));
    }

    #[test]
    fn the_rule_that_an_address_breaks_is_stated() {
        assert!(address_rule(ProviderError::PrivateAddress).contains("public internet"));
        assert!(address_rule(ProviderError::BadUrl).starts_with("must be https://"));
    }
}
