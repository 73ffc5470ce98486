//! Running an endpoint as a Lambda function.

use std::panic::AssertUnwindSafe;
use std::time::{Duration, Instant};

use futures_util::FutureExt;
use lambda_http::{Error, LambdaEvent};
use recourse_aws::metrics::{EmfRecord, Unit, by_call};
use recourse_store::Fault;
use tokio::time::timeout;

use crate::caller_note::{CallerNote, noted};
use crate::hint;
use crate::ignored::{HEADER, ignored};
use crate::sandbox::too_many_requests;
use crate::{ApiResponse, App, ChannelError, Refusal, Request, ServiceError, SystemContext};

/// The time that a function reserves for its answer. Without one, Lambda ends the function; on
/// Managed Instances it does not, and the work would go on for nobody.
const TO_ANSWER: Duration = Duration::from_millis(500);

/// The header with the request's id. API Gateway adds the same id as `Apigw-Requestid`.
const REQUEST_ID: &str = "x-request-id";

/// What the endpoints of an API share: its errors, and what it answers where the service failed.
pub trait Api {
    /// The API's name in log lines.
    const NAME: &'static str;
    /// Why a call is refused or fails, in the API's own terms.
    type Error: ChannelError;

    /// The answer in the API's own form.
    fn answer(error: &Self::Error, app: &App, request: &Request) -> ApiResponse;
}

/// Runs `endpoint` as the function `call` of the API `D`, until Lambda ends it. It answers as many
/// requests at once as Lambda gives it; see [`recourse_runtime::run`].
///
/// # Errors
/// Where the function's environment is not that of template.yaml, or Lambda's runtime cannot be
/// reached.
pub async fn serve<D: Api>(
    call: &'static str,
    endpoint: impl AsyncFn(&App, &Request) -> Result<ApiResponse, D::Error>,
) -> Result<(), Error> {
    run::<D>(call, None, endpoint).await
}

/// As [`serve`], for an API that ignores unknown members of a body: the answer to an authenticated
/// caller names them in `Recourse-Ignored-Members`. `members` are those that are read, each by its
/// path, such as `merchantDetails.name`.
///
/// # Errors
/// As [`serve`].
pub async fn serve_body<D: Api>(
    call: &'static str,
    members: &'static [&'static str],
    endpoint: impl AsyncFn(&App, &Request) -> Result<ApiResponse, D::Error>,
) -> Result<(), Error> {
    run::<D>(call, Some(members), endpoint).await
}

async fn run<D: Api>(
    call: &'static str,
    members: Option<&'static [&'static str]>,
    endpoint: impl AsyncFn(&App, &Request) -> Result<ApiResponse, D::Error>,
) -> Result<(), Error> {
    recourse_runtime::log();
    let app = App::from_environment(SystemContext::real())?;
    app.prepare().await;
    recourse_runtime::run(async |event: LambdaEvent<Request>| {
        let now = u64::try_from(app.context.now().0).unwrap_or(0);
        let time = Duration::from_millis(event.context.deadline.saturating_sub(now));
        let request = event.payload.invoked_as(&event.context.request_id);
        let answer = handle::<D>(&app, call, &request, time, &endpoint).await;
        let answer = match members {
            Some(members) => naming_ignored(answer, &request.body, members),
            None => answer,
        };
        answer.into_wire()
    })
    .await
}

/// Answers one request, whatever happens, within `time`, and writes one line to the log.
async fn handle<D: Api>(
    app: &App,
    call: &'static str,
    request: &Request,
    time: Duration,
    endpoint: &impl AsyncFn(&App, &Request) -> Result<ApiResponse, D::Error>,
) -> ApiResponse {
    let started = Instant::now();
    // In a box, or the types of the futures within each other are too deep for the compiler.
    let work = Box::pin(recourse_aws::counted(in_time(time, endpoint(app, request))));
    let ((done, dynamodb_calls), caller) = noted(work).await;
    let done = at_the_end(done, caller.fault);
    let (answer, error) = match &done {
        Ok(answer) => (answer.clone(), None),
        Err(refusal) if refusal.service_error() == Some(&ServiceError::OnPurpose(Fault::TooManyRequests)) => {
            (too_many_requests(), None)
        }
        Err(refusal) => (D::answer(refusal, app, request), refusal.service_error()),
    };
    let duration_ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
    let record = request_record(D::NAME, call, &answer, error, duration_ms, dynamodb_calls);
    app.context.print_record(naming_caller(record, request, &caller));
    let answer = answer.with_header(REQUEST_ID, request.id());
    match caller.refusal {
        Some(refusal) if hint::are_given() => answer.with_header(hint::HEADER, refusal.to_string()),
        _ => answer,
    }
}

/// What a fault on purpose makes of what an endpoint has done. A failure of the service itself
/// stays as it is: somebody has to look into it, in staging too.
fn at_the_end<E: ChannelError>(done: Result<ApiResponse, E>, fault: Option<Fault>) -> Result<ApiResponse, E> {
    let has_failed = done.as_ref().err().and_then(E::service_error).is_some_and(|error| !error.is_on_purpose());
    match fault.filter(|_| !has_failed) {
        Some(Fault::ResetAfter) => Ok(ApiResponse::none()),
        Some(fault @ Fault::UnavailableAfter) => Err(ServiceError::OnPurpose(fault).into()),
        _ => done,
    }
}

/// The record with the ids of the request, with who called, and with why that was refused.
fn naming_caller(record: EmfRecord, request: &Request, caller: &CallerNote) -> EmfRecord {
    let some = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
    record
        .with("request_id", some(request.id()))
        .with("invocation_id", some(request.invocation_id()))
        .with("key", caller.key.clone())
        .with("account", caller.account.clone())
        .with("refusal", caller.refusal.map(Refusal::name))
        .with("fault", caller.fault.map(|fault| fault.to_string()))
}

/// The answer with the names of the ignored members of the body. A caller who is not authenticated
/// learns nothing of how a body is read.
fn naming_ignored(answer: ApiResponse, body: &[u8], members: &[&str]) -> ApiResponse {
    if matches!(answer.status(), 401 | 403 | 500..) {
        return answer;
    }
    match ignored(body, members) {
        Some(names) => answer.with_header(HEADER, names),
        None => answer,
    }
}

/// The result of `work`, or a [`ServiceError`] where it panics or leaves no time to answer.
async fn in_time<T, R: From<ServiceError>>(time: Duration, work: impl Future<Output = Result<T, R>>) -> Result<T, R> {
    let time = time.saturating_sub(TO_ANSWER);
    match timeout(time, AssertUnwindSafe(work).catch_unwind()).await {
        Ok(Ok(done)) => done,
        Ok(Err(_)) => Err(ServiceError::Panicked.into()),
        Err(_) => Err(ServiceError::TimedOut { after_ms: u64::try_from(time.as_millis()).unwrap_or(u64::MAX) }.into()),
    }
}

/// The request's log record, which is also its metrics: by API, and by API and call unless
/// that is turned off. It has no value of the request.
fn request_record(
    api: &'static str,
    call: &'static str,
    answer: &ApiResponse,
    error: Option<&ServiceError>,
    duration_ms: u64,
    dynamodb_calls: u32,
) -> EmfRecord {
    let status = answer.status();
    let outcome = error.map_or(answer.outcome(), ServiceError::outcome);
    let count = |holds: bool| u64::from(holds);
    // A fault on purpose is nothing to look into.
    let on_purpose = error.is_some_and(ServiceError::is_on_purpose);
    let record = EmfRecord::new(if error.is_some() && !on_purpose { "ERROR" } else { "INFO" }, "request")
        .with("api", Some(api))
        .with("call", Some(call))
        .with("outcome", Some(outcome))
        .with("status", Some(status))
        .with("dispute", answer.dispute().map(|number| number.case_id()))
        .with("error_code", error.map(ServiceError::code))
        .with("error", error.map(ServiceError::log_text))
        .metric("requests", 1, Unit::Count)
        .metric("duration_ms", duration_ms, Unit::Milliseconds)
        .metric("dynamodb_calls", dynamodb_calls.into(), Unit::Count)
        .metric("errors_5xx", count(status >= 500 && !on_purpose), Unit::Count)
        .metric("errors_4xx", count((400..500).contains(&status)), Unit::Count)
        .metric("duplicates", count(outcome == "duplicate"), Unit::Count);
    let record = match answer.stale_updates() {
        Some(stale) => record.metric("stale_updates", stale, Unit::Count),
        None => record,
    };
    let record = if by_call() { record.by(["api", "call"]) } else { record };
    record.by(["api"])
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn read(answer: &ApiResponse, error: Option<&ServiceError>) -> Value {
        serde_json::from_str(&request_record("iimmpact", "report", answer, error, 12, 3).text(0)).unwrap()
    }

    async fn panics() -> Result<(), ServiceError> {
        panic!("on purpose")
    }

    /// An error of an API: one of the service, or another.
    #[derive(Clone, Debug, PartialEq, Eq)]
    enum TestError {
        Refused,
        Service(ServiceError),
    }

    crate::from_service_errors!(TestError);

    #[test]
    fn a_fault_at_the_end_replaces_every_answer_but_a_failure_of_the_service() {
        let (answer, refused) = (Ok(ApiResponse::json(200, "x", &json!({}))), Err(TestError::Refused));
        let failed: Result<ApiResponse, _> = Err(TestError::Service(ServiceError::Panicked));
        let earlier = Err(TestError::Service(ServiceError::OnPurpose(Fault::TooManyRequests)));
        let unavailable = Err(TestError::Service(ServiceError::OnPurpose(Fault::UnavailableAfter)));
        for done in [&answer, &refused, &earlier] {
            assert_eq!(at_the_end(done.clone(), Some(Fault::UnavailableAfter)), unavailable);
            assert_eq!(at_the_end(done.clone(), Some(Fault::ResetAfter)), Ok(ApiResponse::none()));
            for fault in [None, Some(Fault::Pass), Some(Fault::Delay(1)), Some(Fault::ClockSkew(5))] {
                assert_eq!(at_the_end(done.clone(), fault), *done);
            }
        }
        for fault in [Fault::UnavailableAfter, Fault::ResetAfter] {
            assert_eq!(at_the_end(failed.clone(), Some(fault)), failed, "{fault}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn an_endpoint_that_panics_or_hangs_is_answered_in_time() {
        let (time, started) = (Duration::from_secs(15), tokio::time::Instant::now());
        let slow = in_time(time, std::future::pending::<Result<(), ServiceError>>()).await;
        assert!(matches!(slow, Err(ServiceError::TimedOut { after_ms: 14_500 })), "{slow:?}");
        assert_eq!(started.elapsed(), Duration::from_millis(14_500));
        let panicked = in_time(time, panics()).await;
        assert!(matches!(panicked, Err(ServiceError::Panicked)), "{panicked:?}");
        assert!(in_time(time, async { Ok::<_, ServiceError>(()) }).await.is_ok());
    }

    #[test]
    fn an_authenticated_caller_learns_which_members_were_not_read() {
        let named = |status, body: &[u8]| {
            let answer = naming_ignored(ApiResponse::json(status, "x", &json!({})), body, &["refid"]);
            answer.header(HEADER).map(str::to_owned)
        };
        let body = br#"{"refid": "1", "refId": "2"}"#;
        assert_eq!((named(200, body).as_deref(), named(422, body).as_deref()), (Some("refId"), Some("refId")));
        assert_eq!((named(401, body), named(403, body), named(503, body)), (None, None, None));
        assert_eq!(named(200, br#"{"refid": "1"}"#), None);
    }

    #[test]
    fn a_line_names_the_request_and_its_caller_and_no_metric_is_by_them() {
        let event = json!({ "requestContext": { "http": { "method": "GET" }, "requestId": "JKJaXmPLvHcESHA=" } });
        let request: Request = serde_json::from_value(event).unwrap();
        let request = request.invoked_as("5ded4dda");
        let answer = ApiResponse::json(401, "invalid_credentials", &json!({}));
        let caller = CallerNote {
            key: Some("iimm_prod_demo".to_owned()),
            account: Some("acct_demo".to_owned()),
            refusal: Some(Refusal::SecretNotDecoded),
            fault: Some(Fault::Delay(2)),
        };
        let line = |caller: &CallerNote| -> Value {
            let record = request_record("iimmpact", "report", &answer, None, 1, 2);
            serde_json::from_str(&naming_caller(record, &request, caller).text(0)).unwrap()
        };
        let named = line(&caller);
        let fields = ["request_id", "invocation_id", "key", "account", "refusal"].map(|name| named[name].clone());
        assert_eq!(fields, ["JKJaXmPLvHcESHA=", "5ded4dda", "iimm_prod_demo", "acct_demo", "secret_not_decoded"]);
        assert_eq!(named["fault"], "delay=2");
        assert_eq!(named["_aws"]["CloudWatchMetrics"][0]["Dimensions"], json!([["api", "call"], ["api"]]));
        let nobody = line(&CallerNote::default());
        assert!(["key", "account", "refusal", "fault"].iter().all(|name| nobody.get(name).is_none()), "{nobody}");
    }

    #[test]
    fn the_outcome_of_a_request_is_counted() {
        let duplicate = read(&ApiResponse::json(200, "duplicate", &json!({})), None);
        assert_eq!(
            (&duplicate["requests"], &duplicate["duplicates"], &duplicate["errors_4xx"], &duplicate["errors_5xx"]),
            (&json!(1), &json!(1), &json!(0), &json!(0))
        );
        assert_eq!(duplicate["level"], "INFO");
        assert!(duplicate.get("stale_updates").is_none(), "only what takes updates counts them");
        let imported = read(&ApiResponse::json(200, "imported", &json!({})).counting_stale_updates(7), None);
        assert_eq!(imported["stale_updates"], 7);
        let metrics = imported["_aws"]["CloudWatchMetrics"][0]["Metrics"].as_array().unwrap();
        assert!(metrics.iter().any(|metric| metric["Name"] == "stale_updates"), "{imported}");
        let refused = read(&ApiResponse::json(401, "replayed_nonce", &json!({})), None);
        assert_eq!((&refused["errors_4xx"], &refused["errors_5xx"]), (&json!(1), &json!(0)));
        let error = ServiceError::Files { operation: "GetObject", context: "out of reach".to_owned() };
        let failed = read(&ApiResponse::json(503, "x", &json!({})), Some(&error));
        assert_eq!(
            (&failed["errors_5xx"], &failed["outcome"], &failed["level"]),
            (&json!(1), &json!("unavailable"), &json!("ERROR"))
        );
        assert_eq!(
            (&failed["error"], &failed["error_code"]),
            (&json!("GetObject: out of reach"), &json!("files_unavailable"))
        );
        assert_eq!(failed["_aws"]["CloudWatchMetrics"][0]["Dimensions"], json!([["api", "call"], ["api"]]));
    }
}
