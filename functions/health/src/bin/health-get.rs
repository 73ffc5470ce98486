//! `GET /health`: that the API routes and that functions start, of which version and commit and for
//! what.
//!
//! For monitors and for operators after a deployment, so it needs no signature. It makes no AWS
//! call, as a call that anybody may make must not cost reads. Whether DynamoDB, KMS and SES work is
//! watched by the alarms, on real requests.

use lambda_runtime::{Error, LambdaEvent, run_concurrent, service_fn};
use serde_json::{Value, json};

#[tokio::main(flavor = "current_thread")]
pub(crate) async fn main() -> Result<(), Error> {
    let environment = environment(std::env::var("ENVIRONMENT").ok())?;
    let answer = answer(&environment);
    run_concurrent(service_fn(move |_: LambdaEvent<Value>| std::future::ready(Ok::<_, Error>(answer.clone())))).await
}

/// What the deployment is for, or what is missing, as the other functions say it.
fn environment(value: Option<String>) -> Result<String, &'static str> {
    value.filter(|value| !value.is_empty()).ok_or("the environment variable ENVIRONMENT is not set")
}

/// The commit that this was built from, as the Makefile passes it to the compiler: 40 digits, with
/// `-dirty` after them where files had been changed since.
const COMMIT: &str = match option_env!("RECOURSE_COMMIT") {
    Some(commit) if !commit.is_empty() => commit,
    _ => "unknown",
};

/// The answer in API Gateway's payload format 2.0. It forbids caching, as a cached answer could be
/// of an old version.
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
