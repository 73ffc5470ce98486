//! Delivers events to webhook endpoints: called by the ephemeral table's stream, and every minute
//! by a schedule.

use lambda_runtime::{Error, LambdaEvent, run, service_fn};
use recourse_aws::Aws;
use recourse_dispute::time::UnixMillis;
use recourse_workers::SystemContext;
use recourse_workers::deliveries::DeliveryTrigger;
use recourse_workers::webhooks::Webhooks;
use serde_json::Value;

#[tokio::main(flavor = "current_thread")]
pub(crate) async fn main() -> Result<(), Error> {
    recourse_runtime::log();
    let webhooks = Webhooks::from_environment(&Aws::from_environment()?, SystemContext::real())?;
    webhooks.prepare().await;
    let webhooks = &webhooks;
    run(service_fn(move |event: LambdaEvent<Value>| async move {
        let deadline = UnixMillis(i64::try_from(event.context.deadline).unwrap_or(i64::MAX));
        Ok::<_, Error>(webhooks.handle(&DeliveryTrigger::read(&event.payload)?, deadline).await?)
    }))
    .await
}
