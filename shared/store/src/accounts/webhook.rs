//! Webhook endpoints of accounts: where their events are delivered, and the secrets that sign them.
//!
//! All endpoints of a deployment are in one partition, which is read as a whole: whoever hands out
//! an event needs those of the account and those of the platform. Their secrets are sealed.

use std::collections::BTreeSet;
use std::fmt;

use recourse_dispute::dispute::Dispute;
use recourse_dispute::environment::Environment;
use recourse_dispute::ids::{AccountId, DomainCode};
use recourse_dispute::lifecycle::Actor;
use recourse_dispute::notification::Notification;
use recourse_dispute::policy::visibility::Viewer;
use recourse_dispute::time::UnixMillis;
use recourse_dispute::webhook::{EventType, WebhookId};
use serde::{Deserialize, Serialize};

use super::{AccountEvent, AuditContext, KeyRecord, Role, SecretText};
use crate::error::{StoreError, updated};
use crate::items::{Item, body, item, value};
use crate::keys::ACCOUNT_KEYS;
use crate::query::keep;
use crate::transact::{TransactionBuilder, WriteItem};
use crate::{MailId, Retention, Sealer, Store, WriteToken, keys};

/// How many endpoints an account may have that are enabled.
pub const MAX_WEBHOOKS: usize = 5;
/// How many enabled endpoints of one environment may get everything of it: one event and its
/// deliveries are one transaction, which has at most 100 items.
const MAX_EVERYTHING: usize = 15;
/// For how many days an endpoint is kept that was removed: longer than its last delivery.
const REMOVED_DAYS: u32 = 31;
/// How many requests that rotated its secret an endpoint knows: the last ones.
const MAX_ROTATIONS: usize = 10;
/// How long a secret signs on beside the one that replaced it: a day.
pub const WEBHOOK_OVERLAP_MS: i64 = 24 * 60 * 60 * 1000;

/// Whether events are delivered to an endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EndpointState {
    /// They are.
    Enabled,
    /// They are not: what happens meanwhile makes no delivery, then or later.
    Disabled,
    /// It was removed. It has no secret any more, is in no list, and is kept for as long as its
    /// deliveries are, so that somebody can say whose they were.
    Removed,
}

/// A secret as it is stored. [`Store::webhook_secrets`] opens it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SealedWebhookSecret {
    #[serde(with = "serde_bytes")]
    sealed: Vec<u8>,
    /// When it was made.
    pub created_at: UnixMillis,
    /// The first moment at which it signs no more, once another one replaced it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub good_until: Option<UnixMillis>,
    /// Which request made it, as a digest, where that request may be sent again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request: Option<String>,
}

impl fmt::Debug for SealedWebhookSecret {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("[REDACTED]")
    }
}

/// An endpoint: an address that gets an account's events.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Endpoint {
    /// Its id.
    pub id: WebhookId,
    /// Whose it is.
    pub account: AccountId,
    /// The account's environment, of which it gets events.
    pub environment: Environment,
    /// Where events are posted to.
    #[serde(rename = "address")]
    pub url: String,
    /// Which events it gets; empty for all of them.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub events: BTreeSet<EventType>,
    /// Whether it gets the events of every account of its environment, as the payment platform's
    /// own account does.
    pub everything: bool,
    /// The account's name at the Arbiter API when the endpoint was added: by it, a bank is a party.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub domain: Option<DomainCode>,
    /// Whether events are delivered.
    pub endpoint_state: EndpointState,
    /// Why they are not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Its secrets, the newest first: two for a day after a rotation.
    pub secrets: Vec<SealedWebhookSecret>,
    /// The requests that rotated its secret last, as digests, the newest first: also of secrets
    /// that are gone, so that a request which comes late makes no other one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rotated_by: Vec<String>,
    /// When it was added.
    pub created_at: UnixMillis,
    /// When it was last enabled; at first when it was added. What happened before makes no delivery
    /// from then on, also what happened while it was disabled.
    pub enabled_at: UnixMillis,
    /// When it was last changed.
    pub changed_at: UnixMillis,
    /// Since when no delivery has succeeded, while its deliveries fail.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failing_since: Option<UnixMillis>,
    /// Counts the changes, from 1.
    pub version: u64,
}

impl Endpoint {
    /// Whether events are delivered to it.
    #[must_use]
    pub fn is_enabled(&self) -> bool {
        self.endpoint_state == EndpointState::Enabled
    }

    /// Whether it was removed.
    #[must_use]
    pub fn is_removed(&self) -> bool {
        self.endpoint_state == EndpointState::Removed
    }

    /// Whether it gets events of this type.
    #[must_use]
    pub fn wants(&self, event: EventType) -> bool {
        self.events.is_empty() || self.events.contains(&event)
    }

    /// In which roles its account looks at a dispute; in none where the dispute is not its own.
    #[must_use]
    pub fn viewer(&self, dispute: &Dispute) -> Viewer {
        if self.everything && dispute.facts.environment == self.environment {
            return Viewer::new(vec![Actor::Platform]);
        }
        dispute.viewer(&self.account, self.domain.as_ref(), self.environment)
    }

    /// The secrets that sign at `now`, the newest first.
    pub fn live(&self, now: UnixMillis) -> impl Iterator<Item = &SealedWebhookSecret> {
        self.secrets.iter().filter(move |secret| secret.good_until.is_none_or(|until| until > now))
    }
}

/// An endpoint to be added. There is no Debug, as it has the secret.
pub struct NewWebhook<'a> {
    /// Its id.
    pub id: WebhookId,
    /// Whose it is.
    pub account: &'a AccountId,
    /// Where events are posted to.
    pub url: &'a str,
    /// Which events it gets; empty for all of them.
    pub events: BTreeSet<EventType>,
    /// The secret, as its owner will know it.
    pub secret: &'a str,
}

/// What became of a new endpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AddWebhookOutcome {
    /// It is there.
    Added(Box<Endpoint>),
    /// There is no such account.
    NoAccount,
    /// The account, or the environment for the platform's endpoints, has as many that are enabled
    /// as it may have.
    Full,
    /// There is an endpoint of this id already.
    Taken,
}

/// What an operator does to an endpoint. There is no Debug, as it may have a secret.
pub enum EndpointChange<'a> {
    /// It gets another secret. The one before signs on for a day.
    Rotate {
        /// The secret.
        secret: &'a str,
        /// What it is sealed under: random, and used once.
        nonce: [u8; 12],
        /// The digest of the request, where that may be sent again: it is stored with the secret.
        /// Where it is one of the last ten such requests, nothing changes.
        request: Option<&'a str>,
    },
    /// It gets no events, for this reason.
    Disable(&'a str),
    /// It gets events again.
    Enable,
    /// It gets no events, for good, and its secrets are erased.
    Remove,
}

/// What became of a change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ChangeWebhookOutcome {
    /// It is written; the endpoint as it is now.
    Changed(Box<Endpoint>),
    /// It was so already; nothing is written.
    Already(Box<Endpoint>),
    /// There is no such endpoint, or it was removed.
    NoWebhook,
    /// It cannot be enabled beside those that are.
    Full,
}

/// Whether one more endpoint cannot be enabled beside those that are.
fn is_full(endpoints: &[Endpoint], account: &AccountId, environment: Environment, everything: bool) -> bool {
    let enabled = || endpoints.iter().filter(|endpoint| endpoint.is_enabled());
    let own = enabled().filter(|endpoint| endpoint.account == *account).count();
    let all = enabled().filter(|endpoint| endpoint.everything && endpoint.environment == environment).count();
    own >= MAX_WEBHOOKS || (everything && all >= MAX_EVERYTHING)
}

/// Whether an account with this key gets everything of its environment.
fn is_live_platform(key: &KeyRecord) -> bool {
    key.role == Role::Platform && key.is_live()
}

/// The endpoint as a change makes it, and what the account's audit says of that. `sealed` is the
/// secret of a rotation.
fn changed(before: &Endpoint, change: &EndpointChange<'_>, sealed: &[u8], at: UnixMillis) -> (Endpoint, AccountEvent) {
    let id = before.id.clone();
    let mut after = Endpoint { version: before.version + 1, changed_at: at, ..before.clone() };
    let event = match change {
        EndpointChange::Rotate { request, .. } => {
            let request = request.map(str::to_owned);
            let known = before.rotated_by.iter().cloned();
            after.rotated_by = request.clone().into_iter().chain(known).take(MAX_ROTATIONS).collect();
            let until = at.plus(WEBHOOK_OVERLAP_MS);
            let older = before.live(at).next().cloned();
            let older = older.map(|older| SealedWebhookSecret { good_until: Some(until), ..older });
            let newer = SealedWebhookSecret { sealed: sealed.to_vec(), created_at: at, good_until: None, request };
            after.secrets = std::iter::once(newer).chain(older).collect();
            AccountEvent::WebhookRotated(id)
        }
        EndpointChange::Disable(reason) => {
            (after.endpoint_state, after.reason) = (EndpointState::Disabled, Some((*reason).to_owned()));
            AccountEvent::WebhookDisabled(id)
        }
        EndpointChange::Enable => {
            after.endpoint_state = EndpointState::Enabled;
            (after.reason, after.failing_since, after.enabled_at) = (None, None, at);
            AccountEvent::WebhookEnabled(id)
        }
        EndpointChange::Remove => {
            after.endpoint_state = EndpointState::Removed;
            (after.reason, after.failing_since, after.secrets) = (None, None, Vec::new());
            AccountEvent::WebhookRemoved(id)
        }
    };
    (after, event)
}

/// What binds a secret to its endpoint.
fn purpose(id: &WebhookId) -> String {
    format!("webhook#{id}")
}

impl Store {
    /// Every webhook endpoint of the deployment, strongly consistent: usually one page. One that
    /// was removed is left out, and so is one that this release cannot read.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn webhooks(&self) -> Result<Vec<Endpoint>, StoreError> {
        let mut endpoints = self.destinations().await?;
        endpoints.retain(|endpoint| !endpoint.id.is_bus());
        Ok(endpoints)
    }

    /// Everything that events are handed out to: the webhook endpoints, as [`Self::webhooks`] has
    /// them, and the deployment's event bus, once for each environment.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn destinations(&self) -> Result<Vec<Endpoint>, StoreError> {
        let (mut endpoints, mut unread) = (Vec::new(), Vec::new());
        for stored in self.partition(keys::WEBHOOKS, None).await? {
            keep(stored, &mut endpoints, &mut unread);
        }
        endpoints.retain(|endpoint: &Endpoint| !endpoint.is_removed());
        for id in unread {
            tracing::error!(webhook = id, "this release cannot read a webhook endpoint; it gets no events");
        }
        Ok(endpoints)
    }

    /// An endpoint; one that was removed, too, for as long as its deliveries are kept.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn webhook(&self, id: &WebhookId) -> Result<Option<Endpoint>, StoreError> {
        self.get(&keys::webhook(id)).await
    }

    /// Adds an endpoint to an account. That of an account with a live key of the Platform API gets
    /// everything of its environment. The secret is sealed under `nonce`, which is random and used
    /// once.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn add_webhook(
        &self,
        sealer: &Sealer,
        new: &NewWebhook<'_>,
        nonce: [u8; 12],
        audit: &AuditContext,
        mut token: impl FnMut() -> WriteToken,
    ) -> Result<AddWebhookOutcome, StoreError> {
        if self.stored_account(new.account).await?.is_none() {
            return Ok(AddWebhookOutcome::NoAccount);
        }
        let sealed = sealer.seal(self, new.secret.as_bytes(), &purpose(&new.id), nonce, &token()).await?;
        let sealed = &sealed;
        self.rounds("add_webhook", new.account, token, |token| async move {
            let Some((before, keys_of_account, _)) = self.stored_record(new.account).await? else {
                return Ok(Some(AddWebhookOutcome::NoAccount));
            };
            let environment = before.account.environment;
            let everything = keys_of_account.iter().any(is_live_platform);
            if is_full(&self.webhooks().await?, new.account, environment, everything) {
                return Ok(Some(AddWebhookOutcome::Full));
            }
            let secret =
                SealedWebhookSecret { sealed: sealed.clone(), created_at: audit.at, good_until: None, request: None };
            let endpoint = Endpoint {
                id: new.id.clone(),
                account: new.account.clone(),
                environment,
                url: new.url.to_owned(),
                events: new.events.clone(),
                everything,
                domain: before.account.domain_code.clone(),
                endpoint_state: EndpointState::Enabled,
                reason: None,
                secrets: vec![secret],
                rotated_by: Vec::new(),
                created_at: audit.at,
                enabled_at: audit.at,
                changed_at: audit.at,
                failing_since: None,
                version: 1,
            };
            let mut builder = TransactionBuilder::default();
            let event = AccountEvent::WebhookAdded(new.id.clone());
            self.account_steps(&mut builder, &before, before.status, event, audit, &token)?;
            let stored = token.stamp(item(&keys::webhook(&new.id), "webhook", &endpoint)?);
            builder.create(self, WriteItem::Record, stored)?;
            let taken = |refused: WriteItem| (refused == WriteItem::Record).then_some(AddWebhookOutcome::Taken);
            self.commit(&token, builder, AddWebhookOutcome::Added(Box::new(endpoint)), taken).await
        })
        .await
    }

    /// Changes an endpoint for an operator.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn change_webhook(
        &self,
        sealer: &Sealer,
        id: &WebhookId,
        change: &EndpointChange<'_>,
        audit: &AuditContext,
        mut token: impl FnMut() -> WriteToken,
    ) -> Result<ChangeWebhookOutcome, StoreError> {
        // The bus is switched by its parameter alone.
        if id.is_bus() {
            return Ok(ChangeWebhookOutcome::NoWebhook);
        }
        let sealed = match change {
            EndpointChange::Rotate { secret, nonce, .. } => {
                sealer.seal(self, secret.as_bytes(), &purpose(id), *nonce, &token()).await?
            }
            EndpointChange::Disable(_) | EndpointChange::Enable | EndpointChange::Remove => Vec::new(),
        };
        let sealed = &sealed;
        self.rounds("change_webhook", id, token, |token| async move {
            let Some(before) = self.webhook(id).await? else { return Ok(Some(ChangeWebhookOutcome::NoWebhook)) };
            if before.is_removed() {
                let is_done = matches!(change, EndpointChange::Remove);
                let outcome = if is_done {
                    ChangeWebhookOutcome::Already(Box::new(before))
                } else {
                    ChangeWebhookOutcome::NoWebhook
                };
                return Ok(Some(outcome));
            }
            if let EndpointChange::Rotate { request: Some(request), .. } = change
                && before.rotated_by.iter().any(|known| known == request)
            {
                return Ok(Some(ChangeWebhookOutcome::Already(Box::new(before))));
            }
            let Some(account) = self.stored_account(&before.account).await? else {
                return Err(StoreError::invariant("the account of a webhook endpoint is missing", id));
            };
            let (after, event) = changed(&before, change, sealed, audit.at);
            if after.endpoint_state == before.endpoint_state && after.secrets == before.secrets {
                return Ok(Some(ChangeWebhookOutcome::Already(Box::new(before))));
            }
            if matches!(change, EndpointChange::Enable) {
                let Endpoint { account, environment, everything, .. } = &before;
                if is_full(&self.webhooks().await?, account, *environment, *everything) {
                    return Ok(Some(ChangeWebhookOutcome::Full));
                }
            }
            let mut builder = TransactionBuilder::default();
            self.account_steps(&mut builder, &account, account.status, event, audit, &token)?;
            let mut stored = token.stamp(item(&keys::webhook(id), "webhook", &after)?);
            if after.is_removed() {
                Retention::expire(&mut stored, Some(REMOVED_DAYS), audit.at)?;
            }
            // What the worker notes meanwhile does not make another version.
            let mut values = Item::from([(":version".to_owned(), value(before.version)?)]);
            let condition = match before.failing_since {
                None => "version = :version AND attribute_not_exists(failing_since)",
                Some(since) => {
                    values.insert(":since".to_owned(), value(since)?);
                    "version = :version AND failing_since = :since"
                }
            };
            builder.put(self, WriteItem::Record, stored, condition, values)?;
            self.commit(&token, builder, ChangeWebhookOutcome::Changed(Box::new(after)), |_| None).await
        })
        .await
    }

    /// Opens the secrets that sign at `now`, the newest first: one, or two for a day after a
    /// rotation.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn webhook_secrets(
        &self,
        sealer: &Sealer,
        endpoint: &Endpoint,
        now: UnixMillis,
    ) -> Result<Vec<SecretText>, StoreError> {
        let mut opened = Vec::new();
        for secret in endpoint.live(now) {
            let bytes = sealer.open(self, &secret.sealed, &purpose(&endpoint.id)).await?;
            opened.push(SecretText::of_bytes(&bytes, keys::webhook(&endpoint.id))?);
        }
        Ok(opened)
    }

    /// Whether an endpoint's account may get events at present: it is active, and has a live key of
    /// the Platform API where the endpoint gets everything of its environment. Strongly consistent.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn may_get_events(&self, endpoint: &Endpoint) -> Result<bool, StoreError> {
        // It is the deployment's own.
        if endpoint.id.is_bus() {
            return Ok(true);
        }
        if self.active_account(&endpoint.account).await?.is_none() {
            return Ok(false);
        }
        if !endpoint.everything {
            return Ok(true);
        }
        for stored in self.partition(&keys::account(&endpoint.account).pk, Some(ACCOUNT_KEYS)).await? {
            if is_live_platform(&body(stored)?) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Notes that a delivery to an endpoint failed at `now`, unless it is noted that one did
    /// before.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn webhook_fails(&self, id: &WebhookId, now: UnixMillis) -> Result<(), StoreError> {
        let condition = "endpoint_state = :enabled AND attribute_not_exists(failing_since)";
        let values =
            Item::from([(":now".to_owned(), value(now)?), (":enabled".to_owned(), value(EndpointState::Enabled)?)]);
        self.update_webhook(id, "SET failing_since = :now", condition, values).await
    }

    /// Notes that a delivery to an endpoint succeeded at `now`, where one had failed before. One
    /// that failed later, as another worker noted, stays noted.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn webhook_works(&self, id: &WebhookId, now: UnixMillis) -> Result<(), StoreError> {
        let values = Item::from([(":now".to_owned(), value(now)?)]);
        self.update_webhook(id, "REMOVE failing_since", "failing_since <= :now", values).await
    }

    async fn update_webhook(
        &self,
        id: &WebhookId,
        update: &str,
        condition: &str,
        values: Item,
    ) -> Result<(), StoreError> {
        let sent = self
            .client
            .update_item()
            .table_name(&self.tables.disputes)
            .set_key(Some(keys::webhook(id).attributes()))
            .update_expression(update)
            .condition_expression(condition)
            .set_expression_attribute_values(Some(values))
            .send()
            .await;
        updated(sent).map(drop)
    }

    /// Disables an endpoint for the worker and enqueues the mail to its owner, in one transaction,
    /// where the endpoint is still of the version that the worker read. With `failing_since`, no
    /// delivery may have succeeded since then either. Returns whether it did.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn give_up_webhook(
        &self,
        endpoint: &Endpoint,
        reason: &str,
        failing_since: Option<UnixMillis>,
        mail: Option<&Notification>,
        token: &WriteToken,
        now: UnixMillis,
    ) -> Result<bool, StoreError> {
        let mut values = Item::from([
            (":disabled".to_owned(), value(EndpointState::Disabled)?),
            (":enabled".to_owned(), value(EndpointState::Enabled)?),
            (":reason".to_owned(), value(reason)?),
            (":now".to_owned(), value(now)?),
            (":version".to_owned(), value(endpoint.version)?),
            (":next".to_owned(), value(endpoint.version + 1)?),
            (":token".to_owned(), value(token.as_str())?),
        ]);
        let update = "SET endpoint_state = :disabled, reason = :reason, changed_at = :now, version = :next, \
                      write_token = :token REMOVE failing_since";
        let mut condition = "endpoint_state = :enabled AND version = :version".to_owned();
        if let Some(since) = failing_since {
            condition.push_str(" AND failing_since = :since");
            values.insert(":since".to_owned(), value(since)?);
        }
        let mut builder = TransactionBuilder::default();
        builder.update(self, WriteItem::Record, &keys::webhook(&endpoint.id), update, &condition, values)?;
        if let Some(mail) = mail {
            let id = MailId::webhook(&endpoint.id, endpoint.version);
            self.enqueue(&mut builder, id, mail.clone(), now)?;
        }
        Ok(self.commit(token, builder, true, |_| Some(false)).await?.unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn endpoint(events: &[EventType]) -> Endpoint {
        let secret = |at, until: Option<i64>| SealedWebhookSecret {
            sealed: vec![1],
            created_at: UnixMillis(at),
            good_until: until.map(UnixMillis),
            request: None,
        };
        Endpoint {
            id: WebhookId::new([1; 12]),
            account: AccountId::parse("acct_demo").unwrap(),
            environment: Environment::Production,
            url: "https://client.example/hooks".to_owned(),
            events: events.iter().copied().collect(),
            everything: false,
            domain: None,
            endpoint_state: EndpointState::Enabled,
            reason: None,
            secrets: vec![secret(20, None), secret(10, Some(100))],
            rotated_by: Vec::new(),
            created_at: UnixMillis(10),
            enabled_at: UnixMillis(10),
            changed_at: UnixMillis(20),
            failing_since: None,
            version: 2,
        }
    }

    #[test]
    fn an_endpoint_is_read_as_it_was_stored_and_shows_no_secret() {
        let before = endpoint(&[EventType::DisputeDecided]);
        let stored = item(&keys::webhook(&before.id), "webhook", &before).unwrap();
        assert_eq!(body::<Endpoint>(stored).unwrap(), before);
        assert!(format!("{before:?}").contains("[REDACTED]"));
    }

    #[test]
    fn without_a_filter_it_gets_every_event() {
        assert!(EventType::ALL.into_iter().all(|event| endpoint(&[]).wants(event)));
        let some = endpoint(&[EventType::CaseResolved]);
        let wanted: Vec<_> = EventType::ALL.into_iter().filter(|event| some.wants(*event)).collect();
        assert_eq!(wanted, [EventType::CaseResolved]);
    }

    #[test]
    fn a_secret_that_was_replaced_signs_until_its_time_is_up() {
        let endpoint = endpoint(&[]);
        let live = |now| endpoint.live(UnixMillis(now)).map(|secret| secret.created_at.0).collect::<Vec<_>>();
        assert_eq!((live(99), live(100)), (vec![20, 10], vec![20]));
    }
}
