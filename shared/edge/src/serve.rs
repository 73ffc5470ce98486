//! Running an endpoint as a Lambda function.

use std::panic::AssertUnwindSafe;
use std::time::Instant;

use futures_util::FutureExt;
use lambda_http::{Error, LambdaEvent, lambda_runtime, service_fn};

use crate::{Answer, Desk, Fault, Request, World};

/// A door, as far as its endpoints share it: what its refusals are, and what it says when we are to blame.
pub trait Door {
    /// The door's name in log lines.
    const NAME: &'static str;
    /// Why a call is not done, in the door's own terms.
    type Refusal: From<Fault>;

    /// The answer in the door's own form.
    fn answer(refusal: &Self::Refusal, desk: &Desk) -> Answer;

    /// The fault that a refusal stands for, if it is one.
    fn fault(refusal: &Self::Refusal) -> Option<&Fault>;
}

/// Runs `endpoint` as the function `call` of the door `D`, for as long as Lambda lets it.
///
/// # Errors
/// When the function's environment is not what template.yaml makes it, or Lambda's runtime cannot be reached.
pub async fn serve<D: Door>(
    call: &'static str,
    endpoint: impl AsyncFn(&Desk, &Request) -> Result<Answer, D::Refusal>,
) -> Result<(), Error> {
    lambda_http::tracing::init_default_subscriber();
    // A panic's own text may quote what it panicked on; where it happened is enough.
    std::panic::set_hook(Box::new(|panic| {
        tracing::error!(location = panic.location().map(tracing::field::display), "panicked");
    }));
    let desk = Desk::from_environment(World::real())?;
    desk.prepare().await;
    let (desk, endpoint) = (&desk, &endpoint);
    lambda_runtime::run(service_fn(move |event: LambdaEvent<Request>| async move {
        Ok::<_, Error>(handle::<D>(desk, call, &event.payload, endpoint).await.into_wire())
    }))
    .await
}

/// One request: answered whatever happens, with one line in the log.
async fn handle<D: Door>(
    desk: &Desk,
    call: &'static str,
    request: &Request,
    endpoint: &impl AsyncFn(&Desk, &Request) -> Result<Answer, D::Refusal>,
) -> Answer {
    let started = Instant::now();
    let work = AssertUnwindSafe(endpoint(desk, request)).catch_unwind();
    let (done, dynamodb_calls) = recourse_aws::counted(work).await;
    let done = done.unwrap_or_else(|_| Err(Fault::Broken("a panic".to_owned()).into()));
    let (answer, fault) = match &done {
        Ok(answer) => (answer.clone(), None),
        Err(refusal) => (D::answer(refusal, desk), D::fault(refusal)),
    };
    let duration_ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
    let (outcome, status) = (fault.map_or(answer.outcome(), Fault::outcome), answer.status());
    let dispute = answer.dispute().map(|number| number.case_id());
    match fault {
        None => tracing::info!(door = D::NAME, call, outcome, status, dispute, duration_ms, dynamodb_calls, "request"),
        Some(fault) => tracing::error!(
            door = D::NAME, call, outcome, status, dispute, duration_ms, dynamodb_calls, fault = %fault, "request"
        ),
    }
    answer
}
