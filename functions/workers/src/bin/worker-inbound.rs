//! Takes the event of a received mail: called by EventBridge.

use lambda_runtime::{Error, LambdaEvent, run, service_fn};
use serde_json::Value;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    recourse_runtime::log();
    run(service_fn(move |event: LambdaEvent<Value>| async move {
        let key = event.payload.pointer("/detail/object/key").and_then(Value::as_str).unwrap_or_default();
        tracing::info!(key, "received");
        Ok::<_, Error>(())
    }))
    .await
}
