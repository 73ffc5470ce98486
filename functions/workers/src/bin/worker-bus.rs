//! Puts events on the deployment's event bus: called by the ephemeral table's stream, and every
//! minute by a schedule.

use lambda_runtime::{Error, LambdaEvent, run, service_fn};
use recourse_aws::Aws;
use recourse_dispute::time::UnixMillis;
use recourse_workers::SystemContext;
use recourse_workers::bus::EventBus;
use recourse_workers::deliveries::DeliveryTrigger;
use serde_json::Value;

#[tokio::main(flavor = "current_thread")]
pub(crate) async fn main() -> Result<(), Error> {
    recourse_runtime::log();
    let bus = EventBus::from_environment(&Aws::from_environment()?, SystemContext::real())?;
    let bus = &bus;
    run(service_fn(move |event: LambdaEvent<Value>| async move {
        let deadline = UnixMillis(i64::try_from(event.context.deadline).unwrap_or(i64::MAX));
        Ok::<_, Error>(bus.handle(&DeliveryTrigger::read(&event.payload)?, deadline).await?)
    }))
    .await
}
