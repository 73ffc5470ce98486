//! Sends enqueued mails: called by the table's stream, and every minute by a schedule.

use lambda_runtime::{Error, LambdaEvent, run, service_fn};
use recourse_aws::Aws;
use recourse_dispute::time::UnixMillis;
use recourse_workers::SystemContext;
use recourse_workers::outbox::{Outbox, OutboxTrigger};
use serde_json::Value;

#[tokio::main(flavor = "current_thread")]
pub(crate) async fn main() -> Result<(), Error> {
    recourse_runtime::log();
    let outbox = Outbox::from_environment(&Aws::from_environment()?, SystemContext::real())?;
    outbox.prepare().await;
    let outbox = &outbox;
    run(service_fn(move |event: LambdaEvent<Value>| async move {
        let deadline = UnixMillis(i64::try_from(event.context.deadline).unwrap_or(i64::MAX));
        Ok::<_, Error>(outbox.handle(&OutboxTrigger::read(&event.payload)?, deadline).await?)
    }))
    .await
}
