//! Everything between a delivery's claim and its stored result.

use std::sync::atomic::Ordering;

use recourse_dispute::notification::Notification;
use recourse_dispute::time::UnixMillis;
use recourse_provider::{Answer, Message, ProviderError};
use recourse_store::{ClaimedDelivery, DeliveryAttempt, DeliveryEnd, DeliveryId, Endpoint, Fault, StoreError};

use super::Webhooks;
use super::round::Run;
use crate::deliveries::{Claim, DeliveryOutcome, after_failure, claim, schedule};

/// How many characters of an answer's body are kept.
const MAX_KEPT: usize = 512;
/// The status by which an endpoint says that it wants no more.
const GONE: u16 = 410;

/// Why an endpoint is disabled, as a clause.
const ANSWERED_GONE: &str = "it answered 410 Gone";
const FAILED_FOR_DAYS: &str = "every delivery to it has failed for five days";

impl Webhooks {
    /// Claims a delivery, posts it, and stores how that ended.
    pub(super) async fn work(&self, run: &Run<'_>, id: &DeliveryId) -> DeliveryOutcome {
        match self.try_to_work(run, id).await {
            Ok(outcome) => outcome,
            Err(error) if error.is_temporary() => {
                tracing::warn!(delivery = %id, error = %error, "a delivery could not be worked on");
                DeliveryOutcome::Unreached
            }
            Err(error) => {
                tracing::error!(delivery = %id, error = %error, "a delivery cannot be worked on");
                DeliveryOutcome::Broken
            }
        }
    }

    async fn try_to_work(&self, run: &Run<'_>, id: &DeliveryId) -> Result<DeliveryOutcome, StoreError> {
        let claimed = match claim(&self.store, &self.context, id).await? {
            Claim::Claimed(claimed) => *claimed,
            Claim::Behind(due) => {
                run.due_again(due);
                return Ok(DeliveryOutcome::Behind);
            }
            Claim::ClaimedByOther => return Ok(DeliveryOutcome::ClaimedByOther),
            Claim::Unreached => return Ok(DeliveryOutcome::Unreached),
        };
        let fault = self.scripted_fault(run, &claimed.delivery).await?;
        if fault == Some(Fault::OutOfOrder) && claimed.delivery.dispute.is_some() {
            return self.hold(run, &claimed).await;
        }
        if fault == Some(Fault::BadSignature) {
            self.post_wrongly_signed(run, &claimed.delivery).await;
        }
        let twice = (fault == Some(Fault::Duplicate)).then(|| claimed.delivery.clone());
        let outcome = self.post(run, claimed).await?;
        if let Some(delivery) = twice.filter(|_| outcome == DeliveryOutcome::Delivered) {
            self.post_again(run, &delivery).await;
        }
        Ok(outcome)
    }

    async fn post(&self, run: &Run<'_>, claimed: ClaimedDelivery) -> Result<DeliveryOutcome, StoreError> {
        let begun = self.context.now();
        let message = Message { id: &claimed.delivery.event, body: &claimed.delivery.body };
        let answer = self.client.post(&run.endpoint.url, &run.secrets, message, begun).await;
        self.conclude(run, claimed, &answer, begun).await
    }

    /// Stores how an attempt ended that was begun then, and what that says of the endpoint.
    ///
    /// An endpoint that answers 410 is disabled before the delivery ends. A worker that dies
    /// between the two leaves a claim that runs out, so the 410 is not lost.
    pub(super) async fn conclude(
        &self,
        run: &Run<'_>,
        mut claimed: ClaimedDelivery,
        answer: &Result<Answer, ProviderError>,
        begun: UnixMillis,
    ) -> Result<DeliveryOutcome, StoreError> {
        let now = self.context.now();
        claimed.delivery.tried(attempt(answer, begun, self.context.since(begun)));
        let delivery = &claimed.delivery;
        let is_test = delivery.dispute.is_none();
        let is_gone = !is_test && matches!(answer, Ok(Answer { status: GONE, .. }));
        let is_disabled = is_gone && self.disable(run, ANSWERED_GONE, None, now).await?;
        let end = match answer {
            Ok(answer) if (200..300).contains(&answer.status) => DeliveryEnd::Delivered,
            // An event that tries an endpoint out is sent once.
            _ if is_test || is_disabled => DeliveryEnd::Dead,
            answer => {
                let header = answer.as_ref().ok().and_then(|answer| answer.retry_after.as_deref());
                let not_before = header.and_then(|header| schedule::retry_after(header, now));
                after_failure(&self.context, delivery.tries, not_before, now)
            }
        };
        let status = answer.as_ref().ok().map(|answer| answer.status);
        let error = answer.as_ref().err().map(|error| error.code());
        let outcome = DeliveryOutcome::of(end);
        tracing::info!(delivery = %delivery.id(), outcome = ?outcome, tries = delivery.tries, status, error, "a delivery was made");
        if !self.store.end_delivery(&claimed, end).await? {
            return Ok(DeliveryOutcome::ClaimedByOther);
        }
        if let DeliveryEnd::Later(due) = end {
            run.due_again(due);
        }
        if *answer == Err(ProviderError::Late) {
            // Its others would wait as long, and hold a place that other endpoints need.
            run.is_over.store(true, Ordering::Relaxed);
        }
        if end == DeliveryEnd::Delivered {
            self.note_success(run, now).await?;
        } else if !is_test && !is_disabled {
            self.note_failure(run, now).await?;
        }
        Ok(outcome)
    }

    /// Notes that the endpoint works, where it had failed.
    async fn note_success(&self, run: &Run<'_>, now: UnixMillis) -> Result<(), StoreError> {
        if run.is_failing.swap(false, Ordering::Relaxed) {
            self.store.webhook_works(&run.endpoint.id, now).await?;
        }
        Ok(())
    }

    /// Notes that the endpoint fails, and disables it where it has failed for too long.
    async fn note_failure(&self, run: &Run<'_>, now: UnixMillis) -> Result<(), StoreError> {
        if !run.is_failing.swap(true, Ordering::Relaxed) {
            return self.store.webhook_fails(&run.endpoint.id, now).await;
        }
        match run.endpoint.failing_since.filter(|since| schedule::is_over(*since, now)) {
            Some(since) => self.disable(run, FAILED_FOR_DAYS, Some(since), now).await.map(drop),
            None => Ok(()),
        }
    }

    /// Disables an endpoint, and enqueues the mail to its owner with that. Returns whether this run
    /// has disabled it: not where it is another than the one that the run has read.
    async fn disable(
        &self,
        run: &Run<'_>,
        reason: &str,
        failing_since: Option<UnixMillis>,
        now: UnixMillis,
    ) -> Result<bool, StoreError> {
        let endpoint = run.endpoint;
        run.is_over.store(true, Ordering::Relaxed);
        let owner = self.store.account(&endpoint.account).await?;
        let owner = owner.filter(|owner| owner.environment.sends_mail());
        let mail = owner.and_then(|owner| {
            Notification::webhook_disabled(&owner.id, &owner.email, &endpoint.id, host(endpoint), reason)
        });
        let Ok(token) = self.context.write_token() else { return Ok(false) };
        if self.store.give_up_webhook(endpoint, reason, failing_since, mail.as_ref(), &token, now).await? {
            run.is_disabled.store(true, Ordering::Relaxed);
            let account = &endpoint.account;
            tracing::warn!(webhook = %endpoint.id, %account, reason, "a webhook endpoint was disabled");
        }
        Ok(run.is_disabled.load(Ordering::Relaxed))
    }
}

/// The host of an endpoint: the rest of its address may hold a secret.
fn host(endpoint: &Endpoint) -> &str {
    let rest = endpoint.url.split_once("://").map_or(endpoint.url.as_str(), |(_, rest)| rest);
    rest.split(['/', '?', '#']).next().unwrap_or_default()
}

fn attempt(answer: &Result<Answer, ProviderError>, at: UnixMillis, duration_ms: u64) -> DeliveryAttempt {
    let text = |answer: &Answer| -> String { String::from_utf8_lossy(&answer.body).chars().take(MAX_KEPT).collect() };
    DeliveryAttempt {
        at,
        status: answer.as_ref().ok().map(|answer| answer.status),
        error: answer.as_ref().err().map(|error| error.code().to_owned()),
        answer: answer.as_ref().ok().map(text).filter(|text| !text.is_empty()),
        duration_ms,
    }
}
