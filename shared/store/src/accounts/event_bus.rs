//! The deployment's event bus as a destination of events, beside the webhook endpoints.
//!
//! It is one destination for each environment, under an id of its own ([`WebhookId::bus`]), in the
//! partition of the endpoints. So whoever hands out events reads both with one query. It gets all
//! events of its environment in the payment platform's view, as an endpoint of the platform's own
//! account does. It has no secret, since nothing is signed.
//!
//! `worker-bus` adds it when the parameter `EventBus` names a bus, and disables it when the
//! parameter is empty. What happened before, or in between, is not handed out to it.

use std::collections::BTreeSet;

use recourse_dispute::environment::Environment;
use recourse_dispute::ids::AccountId;
use recourse_dispute::time::UnixMillis;
use recourse_dispute::webhook::WebhookId;

use super::{Endpoint, EndpointState};
use crate::error::StoreError;
use crate::items::{Item, item, value};
use crate::transact::{TransactionBuilder, WriteItem};
use crate::{Store, WriteToken, keys};

/// Why it gets no events.
const IS_OFF: &str = "the parameter EventBus is empty";

impl Store {
    /// Has the events of an environment handed out to the bus of this ARN, or to none. `before` is
    /// the destination as it was read. Returns whether something was written: where somebody else
    /// changed it since, nothing is.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn set_event_bus(
        &self,
        before: Option<&Endpoint>,
        environment: Environment,
        bus: Option<&str>,
        now: UnixMillis,
        token: &WriteToken,
    ) -> Result<bool, StoreError> {
        let Some(after) = changed(before, environment, bus, now) else { return Ok(false) };
        let stored = token.stamp(item(&keys::webhook(&after.id), "webhook", &after)?);
        let mut builder = TransactionBuilder::default();
        match before {
            None => builder.create(self, WriteItem::Record, stored)?,
            Some(before) => {
                let version = Item::from([(":version".to_owned(), value(before.version)?)]);
                builder.put(self, WriteItem::Record, stored, "version = :version", version)?;
            }
        }
        Ok(self.commit(token, builder, true, |_| Some(false)).await?.unwrap_or_default())
    }
}

/// The destination as it is to be; `None` where it is so already.
fn changed(
    before: Option<&Endpoint>,
    environment: Environment,
    bus: Option<&str>,
    now: UnixMillis,
) -> Option<Endpoint> {
    let enabled = before.filter(|before| before.is_enabled());
    let Some(bus) = bus else {
        return enabled.map(|before| Endpoint {
            endpoint_state: EndpointState::Disabled,
            reason: Some(IS_OFF.to_owned()),
            changed_at: now,
            version: before.version + 1,
            ..before.clone()
        });
    };
    if enabled.is_some_and(|before| before.url == bus) {
        return None;
    }
    Some(Endpoint {
        id: WebhookId::bus(environment),
        account: AccountId::event_bus(),
        environment,
        url: bus.to_owned(),
        events: BTreeSet::new(),
        everything: true,
        domain: None,
        endpoint_state: EndpointState::Enabled,
        reason: None,
        secrets: Vec::new(),
        rotated_by: Vec::new(),
        created_at: before.map_or(now, |before| before.created_at),
        // Another bus goes on where the one before ended.
        enabled_at: enabled.map_or(now, |before| before.enabled_at),
        changed_at: now,
        failing_since: None,
        version: before.map_or(0, |before| before.version) + 1,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const BUS: &str = "arn:aws:events:us-east-1:000000000000:event-bus/a";

    fn change(before: Option<&Endpoint>, bus: Option<&str>, at: i64) -> Option<Endpoint> {
        changed(before, Environment::Staging, bus, UnixMillis(at))
    }

    #[test]
    fn it_follows_the_parameter_and_begins_when_it_is_switched_on() {
        assert_eq!(change(None, None, 5), None);
        let first = change(None, Some(BUS), 10).unwrap();
        assert_eq!((first.id.as_str(), first.version, first.enabled_at), ("bus_staging", 1, UnixMillis(10)));
        assert!(first.is_enabled() && first.everything && first.secrets.is_empty());
        assert_eq!(change(Some(&first), Some(BUS), 20), None, "it is so already");

        let other = change(Some(&first), Some("arn:other"), 20).unwrap();
        assert_eq!((other.url.as_str(), other.version, other.enabled_at), ("arn:other", 2, UnixMillis(10)));
        let off = change(Some(&first), None, 30).unwrap();
        assert_eq!((off.is_enabled(), off.reason.as_deref(), off.version), (false, Some(IS_OFF), 2));
        assert_eq!(change(Some(&off), None, 40), None);
        let again = change(Some(&off), Some(BUS), 50).unwrap();
        assert!(again.is_enabled() && again.reason.is_none());
        assert_eq!((again.version, again.created_at), (3, UnixMillis(10)));
        assert_eq!(again.enabled_at, UnixMillis(50), "what happened meanwhile is left out");
    }
}
