//! Ends what nobody acted on in time, reminds before that, and moves support cases: called every
//! minute by a schedule.

use lambda_runtime::{Error, LambdaEvent, run, service_fn};
use recourse_aws::Aws;
use recourse_dispute::time::UnixMillis;
use recourse_workers::SystemContext;
use recourse_workers::deadlines::Expire;
use serde_json::Value;

#[tokio::main(flavor = "current_thread")]
pub(crate) async fn main() -> Result<(), Error> {
    recourse_runtime::log();
    let expire = Expire::from_environment(&Aws::from_environment()?, SystemContext::real())?;
    let expire = &expire;
    run(service_fn(move |event: LambdaEvent<Value>| async move {
        let deadline = UnixMillis(i64::try_from(event.context.deadline).unwrap_or(i64::MAX));
        Ok::<_, Error>(expire.sweep(deadline).await?)
    }))
    .await
}
