//! Takes mails that came in to their cases: called by EventBridge for each object of a mail.

use lambda_runtime::{Error, LambdaEvent, run, service_fn};
use recourse_aws::Aws;
use recourse_workers::SystemContext;
use recourse_workers::inbound::{InboundEvent, InboundWorker};
use serde_json::Value;

#[tokio::main(flavor = "current_thread")]
pub(crate) async fn main() -> Result<(), Error> {
    recourse_runtime::log();
    let worker = InboundWorker::from_environment(&Aws::from_environment()?, SystemContext::real())?;
    worker.prepare().await;
    let worker = &worker;
    run(service_fn(move |event: LambdaEvent<Value>| async move {
        Ok::<_, Error>(worker.handle(&InboundEvent::read(&event.payload)?).await?)
    }))
    .await
}
