//! What a script of faults does to the deliveries of a staging account's endpoint, so that its
//! receiver can be tested. docs/sandbox.md has a recipe for each.
//!
//! A wrong signature and a duplicate are requests of their own, whose answers count for nothing:
//! the delivery itself is made as always, so no event is lost and no endpoint is disabled by it.

use std::time::Duration;

use recourse_dispute::environment::Environment;
use recourse_provider::Message;
use recourse_signing::Secret;
use recourse_store::{ClaimedDelivery, Delivery, DeliveryEnd, Fault, FaultTarget, StoreError};
use tokio::time::timeout;

use super::Webhooks;
use super::round::Run;
use crate::deliveries::DeliveryOutcome;

/// How long an event is held back, in milliseconds. The sweep after that delivers it.
const HOLD_MS: i64 = 20_000;
/// How long a request may take whose answer counts for nothing. Together with the delivery's own 15
/// seconds it ends before an invocation does.
const EXTRA: Duration = Duration::from_secs(5);

impl Webhooks {
    /// What goes wrong with this attempt. An event that was held back once has had its turn.
    pub(super) async fn scripted_fault(&self, run: &Run<'_>, delivery: &Delivery) -> Result<Option<Fault>, StoreError> {
        let endpoint = run.endpoint;
        if endpoint.environment != Environment::Staging || delivery.held {
            return Ok(None);
        }
        let Ok(token) = self.context.write_token() else { return Ok(None) };
        let target = FaultTarget::Webhook(endpoint.id.clone());
        let taken = self.store.take_fault(endpoint.environment, &target, &token, self.context.now()).await?;
        if let Some(fault) = taken {
            tracing::info!(delivery = %delivery.id(), fault = %fault, "a script of faults changes a delivery");
        }
        Ok(taken)
    }

    /// Holds an event back, and lets the later ones of its dispute pass it.
    pub(super) async fn hold(&self, run: &Run<'_>, claimed: &ClaimedDelivery) -> Result<DeliveryOutcome, StoreError> {
        let due = self.context.now().plus(HOLD_MS);
        if !self.store.end_delivery(claimed, DeliveryEnd::Held(due)).await? {
            return Ok(DeliveryOutcome::ClaimedByOther);
        }
        run.due_again(due);
        Ok(DeliveryOutcome::Behind)
    }

    /// Posts an event that is signed under a secret that nobody has.
    pub(super) async fn post_wrongly_signed(&self, run: &Run<'_>, delivery: &Delivery) {
        let secret = self.context.bytes::<32>().ok().and_then(|bytes| Secret::from_bytes(&bytes).ok());
        if let Some(secret) = secret {
            self.post_besides(run, delivery, &[secret]).await;
        }
    }

    /// Posts an event once more.
    pub(super) async fn post_again(&self, run: &Run<'_>, delivery: &Delivery) {
        self.post_besides(run, delivery, &run.secrets).await;
    }

    /// A request whose answer counts for nothing.
    async fn post_besides(&self, run: &Run<'_>, delivery: &Delivery, secrets: &[Secret]) {
        let message = Message { id: &delivery.event, body: &delivery.body };
        let post = self.client.post(&run.endpoint.url, secrets, message, self.context.now());
        let status = timeout(EXTRA, post).await.ok().and_then(Result::ok).map(|answer| answer.status);
        tracing::info!(delivery = %delivery.id(), status, "a request of a script of faults was sent");
    }
}
