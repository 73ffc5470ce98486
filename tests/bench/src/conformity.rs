//! The test that every side passes before it is measured: the same HTTP requests, the same answers.
//!
//! A report is accepted once. Refused are: the same request again, another report of the same
//! transaction, a wrong signature, a nonce that was used, and a time outside of the window. What is
//! refused for its signature or its time writes nothing, and an accepted report wrote its lock, its
//! history and one mail.

use std::slice;

use axum::Router;
use recourse_local::clock::Clock;
use recourse_local::gateway::{Gate, Gateway, INTEGRATION_TIMEOUT, RouteTable};
use recourse_test_harness::{CLIENT, Call, DemoKey, STRANGER, now};
use serde_json::Value;
use tokio::net::TcpListener;

use crate::Result;
use crate::bed::Bed;
use crate::client::Http;
use crate::report::Report;
use crate::sides::Side;

/// Longer ago than the window, which is 300 seconds.
const STALE_S: u64 = 400;

/// Checks a side.
///
/// # Errors
/// The first answer or item that is not as it should be.
pub async fn check(bed: &Bed, side: Side) -> Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let http = Http::new(format!("http://{}", listener.local_addr()?));
    let routes = RouteTable::new(slice::from_ref(bed.function(side)?));
    let (lambda, gate) = (bed.lambda().clone(), Gate::new(true));
    let gateway = Gateway::start(listener, Router::new(), routes, lambda, INTEGRATION_TIMEOUT, gate, Clock::unmoved());
    let checked = check_at(bed, side, &http).await;
    gateway.stop().await;
    checked.map_err(|error| format!("{}: {error}", side.name()).into())
}

async fn check_at(bed: &Bed, side: Side, http: &Http) -> Result<()> {
    let reports = bed.reports(2).await?;
    let [report, other] = reports.as_slice() else { return Err("there are no two transactions".into()) };

    let forged = Call { key: DemoKey { id: CLIENT.id, secret: STRANGER.secret }, ..report.call() };
    expect("a wrong signature", http, &forged, 401, "/error", "invalid_credentials").await?;
    let late = Call { timestamp: now().saturating_sub(STALE_S).to_string(), ..report.call() };
    expect("a stale clock", http, &late, 401, "/error", "stale_timestamp").await?;
    if items(bed, report).await > 1 {
        return Err("a refused request was written".into());
    }

    let call = report.call();
    expect("a report", http, &call, 200, "/data/status", "Success").await?;
    expect("the same request again", http, &call, 401, "/error", "replayed_nonce").await?;
    expect("another report of it", http, &report.call(), 200, "/data/status", "Failed").await?;
    let replay = Call { nonce: call.nonce.clone(), ..other.call() };
    expect("a nonce that was used", http, &replay, 401, "/error", "replayed_nonce").await?;
    expect("a report of another", http, &other.call(), 200, "/data/status", "Success").await?;
    wrote(bed, side, report).await
}

/// How many items a transaction has.
async fn items(bed: &Bed, report: &Report) -> usize {
    let partition = format!("TXN#production#{}", report.trxid);
    bed.disputes().await.keys().filter(|(pk, _)| *pk == partition).count()
}

/// Checks that an accepted report has its lock, one dispute with its history, and one mail.
async fn wrote(bed: &Bed, side: Side, report: &Report) -> Result<()> {
    let all = bed.disputes().await;
    let partition = format!("TXN#production#{}", report.trxid);
    let of_transaction: Vec<&str> = all.keys().filter(|(pk, _)| *pk == partition).map(|(_, sk)| sk.as_str()).collect();
    let numbers: Vec<&&str> = of_transaction.iter().filter(|sk| sk.starts_with("DSP#")).collect();
    let ([number], true) = (numbers.as_slice(), of_transaction.contains(&"LIVE")) else {
        return Err(format!("an accepted report has no lock or not one dispute: {of_transaction:?}").into());
    };
    let of_dispute: Vec<&str> = all.keys().filter(|(pk, _)| pk == **number).map(|(_, sk)| sk.as_str()).collect();
    for kind in ["DSP", "EVT#", "MAIL#"] {
        if of_dispute.iter().filter(|sk| sk.starts_with(kind)).count() != 1 {
            return Err(format!("{} wrote not one {kind}: {of_dispute:?}", side.name()).into());
        }
    }
    Ok(())
}

/// Sends a call, and checks the status and one member of the answer.
async fn expect(what: &str, http: &Http, call: &Call, status: u16, pointer: &str, value: &str) -> Result<()> {
    let (answered, body) = http.send(call).await?;
    let found: Value = serde_json::from_str(&body).unwrap_or_default();
    if answered == status && found.pointer(pointer).and_then(Value::as_str) == Some(value) {
        return Ok(());
    }
    Err(format!("{what}: {answered} {body}, and not {status} with {value} at {pointer}").into())
}
