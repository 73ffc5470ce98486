//! `GET /health`: that the API routes and that functions start, of which version and commit and for what.
//!
//! For monitors and for whoever has just deployed, so it wants no signature. It reads nothing: what anybody may ask must not cost reads, and
//! whether DynamoDB, KMS and SES do their part is what the alarms watch, on real requests.

use lambda_runtime::{Error, LambdaEvent, run, service_fn};
use serde_json::{Value, json};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let environment = environment(std::env::var("ENVIRONMENT").ok())?;
    let answer = &answer(&environment);
    run(service_fn(move |_: LambdaEvent<Value>| async move { Ok::<_, Error>(answer.clone()) })).await
}

/// What the deployment is for, or what is missing, in the words of the other functions.
fn environment(value: Option<String>) -> Result<String, &'static str> {
    value.filter(|value| !value.is_empty()).ok_or("the environment variable ENVIRONMENT is not set")
}

/// The commit that this was built from, as the Makefile tells the compiler: 40 digits, with `-dirty` after them where files were changed since.
const COMMIT: &str = match option_env!("RECOURSE_COMMIT") {
    Some(commit) if !commit.is_empty() => commit,
    _ => "unknown",
};

/// The answer in API Gateway's payload format 2.0. A cache would tell of a version that is gone.
fn answer(environment: &str) -> Value {
    let version = env!("CARGO_PKG_VERSION");
    let body = json!({ "status": "ok", "version": version, "commit": COMMIT, "environment": environment });
    json!({
        "statusCode": 200,
        "headers": { "content-type": "application/json", "cache-control": "no-store" },
        "body": body.to_string(),
        "isBase64Encoded": false,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_missing_is_named() {
        assert_eq!(environment(Some("staging".to_owned())).as_deref(), Ok("staging"));
        for missing in [None, Some(String::new())] {
            assert_eq!(environment(missing), Err("the environment variable ENVIRONMENT is not set"));
        }
    }
}
