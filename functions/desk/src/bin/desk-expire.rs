//! Ends what nobody acted on in time, and reminds before that: called every minute by a schedule.

use lambda_runtime::{Error, LambdaEvent, run, service_fn};
use recourse_aws::Aws;
use recourse_desk::World;
use recourse_desk::expire::Expire;
use recourse_dispute::time::UnixMillis;
use serde_json::Value;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    lambda_runtime::tracing::init_default_subscriber();
    // A panic's own text may quote what it panicked on; where it happened is enough.
    std::panic::set_hook(Box::new(|panic| {
        tracing::error!(location = panic.location().map(tracing::field::display), "panicked");
    }));
    let expire = Expire::from_environment(&Aws::from_environment()?, World::real())?;
    let expire = &expire;
    run(service_fn(move |event: LambdaEvent<Value>| async move {
        expire.sweep(UnixMillis(i64::try_from(event.context.deadline).unwrap_or(i64::MAX))).await;
        Ok::<_, Error>(())
    }))
    .await
}
