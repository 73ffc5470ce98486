//! Counts disputes and enters them for searches: called by the table's stream.

use lambda_runtime::{Error, LambdaEvent, run, service_fn};
use recourse_aws::Aws;
use recourse_workers::SystemContext;
use recourse_workers::counters::Index;
use serde_json::Value;

#[tokio::main(flavor = "current_thread")]
pub(crate) async fn main() -> Result<(), Error> {
    recourse_runtime::log();
    let index = Index::from_environment(&Aws::from_environment()?, SystemContext::real())?;
    let index = &index;
    run(service_fn(move |event: LambdaEvent<Value>| async move { Ok::<_, Error>(index.handle(&event.payload).await?) }))
        .await
}
