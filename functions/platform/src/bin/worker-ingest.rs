//! Stores the transactions that a queue brings: called by the queue's event source mapping.

use lambda_http::{Error, LambdaEvent, lambda_runtime, service_fn};
use recourse_dispute::time::UnixMillis;
use recourse_edge::SystemContext;
use recourse_platform::ingest::{Ingest, QueueEvent};

#[tokio::main(flavor = "current_thread")]
pub(crate) async fn main() -> Result<(), Error> {
    recourse_runtime::log();
    let ingest = Ingest::from_environment(SystemContext::real())?;
    let ingest = &ingest;
    lambda_runtime::run(service_fn(move |event: LambdaEvent<QueueEvent>| async move {
        let deadline = UnixMillis(i64::try_from(event.context.deadline).unwrap_or(i64::MAX));
        Ok::<_, Error>(ingest.handle(&event.payload, deadline).await)
    }))
    .await
}
