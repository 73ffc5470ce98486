//! `worker-bus`: puts events on the deployment's EventBridge bus.
//!
//! `worker-counters` makes a delivery for each event and for the bus, as it does for a webhook
//! endpoint. The stream calls this worker for each new one, and a schedule for all that are due. A
//! conditional write claims a delivery for a minute. The worker puts up to ten at once, each of
//! another dispute, and writes for each one how that ended, if it still holds the claim.
//!
//! | what happens | what becomes of the deliveries |
//! |---|---|
//! | two workers want the same one | one claim holds; the other worker goes on |
//! | the worker dies before or after it put them | the leases run out, and a sweep takes them |
//! | EventBridge takes an entry | it is delivered |
//! | EventBridge refuses an entry | retried as a webhook's delivery is, dead after ten times |
//! | the whole call fails, is throttled or gets no answer | the same, for each of its entries |
//! | an earlier event of the dispute waits | it waits for that one |
//! | the parameter `EventBus` is empty | nothing is put, and no more deliveries are made |
//! | DynamoDB is out of reach | nothing is stored; the stream repeats the batch |
//!
//! An event may be put twice, and never not at all while it is not dead: rules and their targets
//! pass over ids that they know. EventBridge itself promises no order.
//!
//! The first thing that a sweep does is to follow the parameter: the bus is added to what events
//! are handed out to, or taken out.

mod put;
mod round;

use recourse_aws::metrics::{EmfRecord, Unit};
use recourse_aws::{Aws, BadVariable};
use recourse_dispute::time::UnixMillis;
use recourse_store::{Store, StoreError};

use crate::SystemContext;
use crate::deliveries::{DeliveryTrigger, Tally};
use crate::stream::BatchResponse;

pub use put::Bus;

/// How long before its own end an invocation begins no call: one takes four seconds, and as much
/// for DynamoDB.
const LAST_START_MS: i64 = 12_000;

/// The worker, with all it needs, made once when the function starts.
#[derive(Debug)]
pub struct EventBus {
    /// Where the deliveries are.
    pub store: Store,
    /// The bus, where the deployment has one.
    pub bus: Option<Bus>,
    /// The clock and the entropy.
    pub context: SystemContext,
}

impl EventBus {
    /// The worker of a function, from its environment.
    ///
    /// # Errors
    /// [`BadVariable`].
    pub fn from_environment(aws: &Aws, context: SystemContext) -> Result<Self, BadVariable> {
        Ok(Self { store: Store::from_environment(aws)?, bus: Bus::from_environment(aws)?, context })
    }

    /// Does what an event asks for, and begins no call that Lambda would cut off at `deadline`.
    ///
    /// # Errors
    /// [`StoreError`] where the destinations, or what is due, could not be read. The answer names
    /// each delivery of the stream that could not be reached.
    pub async fn handle(&self, trigger: &DeliveryTrigger, deadline: UnixMillis) -> Result<BatchResponse, StoreError> {
        let started = self.context.now();
        let until = deadline.plus(-LAST_START_MS);
        let mut tally = Tally::default();
        let work = async {
            match trigger {
                DeliveryTrigger::Stream(records) => {
                    let ids = records.iter().map(|record| record.id.clone());
                    self.batch(ids, until, &mut tally).await;
                    Ok(())
                }
                DeliveryTrigger::Sweep => self.sweep(until, &mut tally).await,
            }
        };
        let (done, dynamodb_calls) = recourse_aws::counted(work).await;
        // A sweep also reports for how long the event has waited that waits longest of those that
        // are due: since it was handed out, or last replayed.
        let record = EmfRecord::new(if done.is_ok() { "INFO" } else { "ERROR" }, "bus")
            .with("worker", Some("bus"))
            .metric("put", tally.delivered.into(), Unit::Count);
        self.context.print_call(tally.record(record, trigger, done.is_ok(), dynamodb_calls), started);
        done.map(|()| trigger.answer(&tally.unreached))
    }
}
