//! `worker-webhooks`: delivers events to webhook endpoints.
//!
//! `worker-counters` makes a delivery for each event and endpoint. The stream calls this worker for
//! each new one, and a schedule for all that are due. A conditional write claims a delivery for a
//! minute; the worker posts it once and writes how that ended, if it still holds the claim.
//!
//! | what happens | what becomes of the delivery |
//! |---|---|
//! | two workers want the same one | one claim holds; the other worker goes on |
//! | the worker dies before or after it posted | the lease runs out, and the sweep takes it again |
//! | the endpoint answers 200 to 299 | it is delivered |
//! | it answers anything else, or does not answer | retried by `schedule`, dead after ten times |
//! | the answer has a `Retry-After` | not before that, but within a day |
//! | it answers 410 | the endpoint is disabled and its owner is mailed, before the delivery ends |
//! | every delivery has failed for five days | the same |
//! | an earlier event of the dispute waits at this endpoint | it waits for that one |
//! | the endpoint does not answer in time | the endpoint's others wait for the next sweep |
//! | the endpoint's last delivery failed | the stream leaves it to the sweep |
//! | its name leads to an address that is not public | as if it had not answered |
//! | the endpoint's account is suspended | its deliveries wait until it is resumed |
//! | it gets everything, and its account has no live key of the Platform API | they wait for one |
//! | the endpoint's secrets cannot be opened | its deliveries wait, and the sweep is an error |
//! | a script of faults says so, in staging | it waits, is sent twice, or with a bad signature first |
//! | DynamoDB is out of reach | nothing is stored; the stream repeats the batch |
//!
//! A delivery may arrive twice, and is never lost while its endpoint is enabled and it is not dead:
//! receivers pass over ids that they know. A sweep begins behind the endpoints that had its places
//! a minute ago, so that none waits for long because others have much to do.

mod deliver;
mod round;
mod sandbox;
#[cfg(test)]
mod tests;

use recourse_aws::metrics::{EmfRecord, Unit};
use recourse_aws::{Aws, BadVariable};
use recourse_dispute::time::UnixMillis;
use recourse_provider::{BadTls, Client};
use recourse_store::{Sealer, Store, StoreError};

use crate::SystemContext;
use crate::deliveries::{DeliveryTrigger, Tally};
use crate::stream::BatchResponse;

/// How long before its own end an invocation begins no delivery: one attempt has 15 seconds.
const LAST_START_MS: i64 = 25_000;

/// The worker, with all it needs, made once when the function starts.
#[derive(Debug)]
pub struct Webhooks {
    /// Where the deliveries are.
    pub store: Store,
    /// Opens the secrets.
    pub sealer: Sealer,
    /// Posts to public addresses.
    pub client: Client,
    /// The clock and the entropy.
    pub context: SystemContext,
}

/// What the worker cannot start without.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum NoWebhooks {
    /// A variable is not set.
    #[error(transparent)]
    Missing(#[from] BadVariable),
    /// TLS cannot be set up.
    #[error(transparent)]
    Tls(#[from] BadTls),
}

impl Webhooks {
    /// The worker of a function, from its environment.
    ///
    /// # Errors
    /// [`NoWebhooks`].
    pub fn from_environment(aws: &Aws, context: SystemContext) -> Result<Self, NoWebhooks> {
        let (store, sealer) = (Store::from_environment(aws)?, Sealer::from_environment(aws)?);
        Ok(Self { store, sealer, client: Client::for_webhooks()?, context })
    }

    /// Opens the connections and unwraps the data key, while the function starts.
    pub async fn prepare(&self) {
        crate::prepare(&self.sealer, &self.store).await;
    }

    /// Does what an event asks for, and begins no delivery that Lambda would cut off at `deadline`.
    ///
    /// # Errors
    /// [`StoreError`] where the endpoints could not be read, or, in a sweep, what is due at one of
    /// them, its account or its secrets. The answer names each delivery of the stream that could
    /// not be reached.
    pub async fn handle(&self, trigger: &DeliveryTrigger, deadline: UnixMillis) -> Result<BatchResponse, StoreError> {
        let started = self.context.now();
        let until = deadline.plus(-LAST_START_MS);
        let mut tally = Tally::default();
        let work = async {
            match trigger {
                DeliveryTrigger::Stream(records) => self.batch(records, until, &mut tally).await,
                DeliveryTrigger::Sweep => self.sweep(until, &mut tally).await,
            }
        };
        let (done, dynamodb_calls) = recourse_aws::counted(work).await;
        // A sweep also reports how late the delivery is that has been due for longest at an
        // endpoint that works.
        let record = EmfRecord::new(if done.is_ok() { "INFO" } else { "ERROR" }, "webhooks")
            .with("worker", Some("webhooks"))
            .with("suspended", Some(tally.suspended))
            .metric("delivered", tally.delivered.into(), Unit::Count)
            .metric("disabled", tally.disabled.into(), Unit::Count);
        self.context.print_call(tally.record(record, trigger, done.is_ok(), dynamodb_calls), started);
        done.map(|()| trigger.answer(&tally.unreached))
    }
}
