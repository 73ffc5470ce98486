//! A small real function for the tests of the local cloud. It does what its event says, also bad
//! things.
//!
//! The event is `{"do": .., ..}`, or an event of the HTTP API with such a body. An event of the bus
//! is written to the log.

use lambda_runtime::{Error, LambdaEvent, service_fn};
use serde_json::{Value, json};
use std::time::Duration;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    match std::env::var("START").as_deref() {
        Ok("exit") => std::process::exit(7),
        Ok("slow") => tokio::time::sleep(Duration::from_millis(300)).await,
        _ => {}
    }
    lambda_runtime::run_concurrent(service_fn(handle)).await
}

async fn handle(LambdaEvent { payload, context }: LambdaEvent<Value>) -> Result<Value, Error> {
    let body = payload.get("body").and_then(Value::as_str).and_then(|body| serde_json::from_str::<Value>(body).ok());
    let order = body.as_ref().unwrap_or(&payload);
    if payload.get("detail").is_some() {
        println!("{payload}");
    }
    let number = |name: &str| order.get(name).and_then(Value::as_u64).unwrap_or_default();
    match order.get("do").and_then(Value::as_str).unwrap_or("echo") {
        "exit" => std::process::exit(i32::try_from(number("code"))?),
        "hang" => std::future::pending().await,
        "fail" => return Err("it failed as asked".into()),
        "wait" => tokio::time::sleep(Duration::from_millis(number("ms"))).await,
        "say" => println!("a line\n{}", order["text"].as_str().unwrap_or_default()),
        "answer" => return Ok(order["answer"].clone()),
        "fill" => return Ok(Value::String("x".repeat(usize::try_from(number("bytes"))?))),
        _ => {}
    }
    Ok(json!({
        "pid": std::process::id(),
        "event": payload,
        "request_id": context.request_id,
        "deadline": context.deadline,
        "arn": context.invoked_function_arn,
        "trace": context.xray_trace_id,
        "environment": std::env::vars().collect::<std::collections::BTreeMap<_, _>>(),
    }))
}
