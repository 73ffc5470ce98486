//! Marks the addresses that SES reports bounces and complaints of: called by EventBridge.

use lambda_runtime::{Error, LambdaEvent, run, service_fn};
use recourse_aws::Aws;
use recourse_store::Store;
use recourse_workers::SystemContext;
use recourse_workers::feedback::{FeedbackWorker, SesEvent};
use serde_json::Value;

#[tokio::main(flavor = "current_thread")]
pub(crate) async fn main() -> Result<(), Error> {
    recourse_runtime::log();
    let feedback =
        FeedbackWorker { store: Store::from_environment(&Aws::from_environment()?)?, context: SystemContext::real() };
    let feedback = &feedback;
    run(service_fn(move |event: LambdaEvent<Value>| async move {
        Ok::<_, Error>(feedback.handle(&SesEvent::read(&event.payload)?).await?)
    }))
    .await
}
