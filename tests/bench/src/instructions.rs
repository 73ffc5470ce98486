//! How many instructions a function executes for a report, counted by callgrind: a figure that does
//! not depend on what else the machine does.
//!
//! The process runs under valgrind beside a Runtime API of its own, which gives it so many events
//! and then one that no runtime takes: the process ends by itself, and callgrind writes its sum.
//! Two runs differ by a number of reports, and so do their sums.

use std::collections::VecDeque;
use std::path::Path;
use std::process::Stdio;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use axum::Router;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use http::{HeaderValue, StatusCode};
use recourse_test_harness::CLIENT;
use tokio::net::TcpListener;
use tokio::process::Command;
use tokio::time::timeout;

use crate::Result;
use crate::bed::Bed;
use crate::report::{self, Report};
use crate::sides::Side;

/// The stages of a report, in their order, as `recourse-stages` names them.
const STAGES: [&str; 5] = ["parse", "authenticate", "decide", "serialise", "answer"];
/// How many reports the shorter of two runs has, and how many more the longer one.
const FEW: usize = 20;
const MORE: usize = 100;
/// How long a run may take: valgrind is some fifty times slower than the processor.
const RUN: Duration = Duration::from_secs(120);
/// How long an event may take, in milliseconds: longer than under valgrind.
const DEADLINE_MS: u128 = 60_000;

/// What a side executes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Instructions {
    /// From the start of the process to its end without any event.
    pub start: f64,
    /// For one report.
    pub report: f64,
}

/// What the process is given, and how much of it was answered with success.
#[derive(Clone)]
struct Feed {
    events: Arc<Mutex<VecDeque<Vec<u8>>>>,
    accepted: Arc<AtomicUsize>,
}

/// Counts for a side; `None` where there is no valgrind.
///
/// # Errors
/// A report was not accepted, or the process does not end.
pub async fn of(bed: &Bed, side: Side) -> Result<Option<Instructions>> {
    if !has_valgrind().await {
        return Ok(None);
    }
    eprintln!("Instructions of {} ...", side.name());
    let start = run(bed, side, 0).await?;
    let few = run(bed, side, FEW).await?;
    let many = run(bed, side, FEW.saturating_add(MORE)).await?;
    Ok(Some(Instructions { start, report: (many - few) / MORE as f64 }))
}

/// The instructions of a process that answers so many reports.
async fn run(bed: &Bed, side: Side, reports: usize) -> Result<f64> {
    let (program, environment) = bed.program(side)?;
    let folder = program.parent().map(Path::to_owned).unwrap_or_default();
    let sums = folder.join("callgrind.out");
    let calls = bed.reports(reports).await?;
    let events = calls.iter().map(|report| report::event(&report.call())).collect::<Result<VecDeque<_>>>()?;
    let feed = Feed { events: Arc::new(Mutex::new(events)), accepted: Arc::default() };
    let routes = Router::new()
        .route("/2018-06-01/runtime/invocation/next", get(next))
        .route("/2018-06-01/runtime/invocation/{id}/response", post(answered))
        .with_state(feed.clone());
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?.to_string();
    let serving = tokio::spawn(async move { axum::serve(listener, routes).await });
    let mut command = callgrind(&sums);
    command.arg(&program).env_clear().envs(environment).env("AWS_LAMBDA_RUNTIME_API", address).current_dir(folder);
    command.env("PATH", std::env::var_os("PATH").unwrap_or_default());
    let ended = timeout(RUN, command.status()).await;
    serving.abort();
    let _how = ended.map_err(|_| format!("{} does not end under valgrind", side.name()))??;
    let accepted = feed.accepted.load(Ordering::Relaxed);
    if accepted != reports {
        return Err(format!("{} accepts {accepted} of {reports} reports under valgrind", side.name()).into());
    }
    read_total(&sums)
}

/// The instructions of each stage of a report, by what `recourse-stages` in `binaries` does; `None`
/// where there is no valgrind.
///
/// # Errors
/// A stage fails.
pub async fn stages(binaries: &Path, folder: &Path) -> Result<Option<Vec<(&'static str, f64)>>> {
    if !has_valgrind().await {
        return Ok(None);
    }
    let event = folder.join("event.json");
    std::fs::write(&event, report::event(&Report::numbered(0).call())?)?;
    let nothing = stage(binaries, folder, "none").await?;
    let mut found = Vec::new();
    for name in STAGES {
        eprintln!("Instructions of the stage {name} ...");
        found.push((name, (stage(binaries, folder, name).await? - nothing) / MORE as f64));
    }
    Ok(Some(found))
}

/// The instructions of a process that goes through one stage so many times.
async fn stage(binaries: &Path, folder: &Path, name: &str) -> Result<f64> {
    let sums = folder.join("callgrind.out");
    let mut command = callgrind(&sums);
    command.arg(binaries.join("recourse-stages")).arg(name).arg(MORE.to_string());
    command.arg(folder.join("event.json")).arg(CLIENT.secret);
    let status = timeout(RUN, command.status()).await.map_err(|_| format!("the stage {name} does not end"))??;
    if !status.success() {
        return Err(format!("recourse-stages {name}: {status}").into());
    }
    read_total(&sums)
}

async fn has_valgrind() -> bool {
    Command::new("valgrind").arg("--version").output().await.is_ok()
}

/// Callgrind, which writes its sum to a file, before the program that it runs.
fn callgrind(sums: &Path) -> Command {
    let mut command = Command::new("valgrind");
    command.arg("--tool=callgrind").arg(format!("--callgrind-out-file={}", sums.display()));
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).kill_on_drop(true);
    command
}

fn read_total(sums: &Path) -> Result<f64> {
    let text = std::fs::read_to_string(sums)?;
    Ok(total(&text).ok_or_else(|| format!("{} has no sum", sums.display()))?)
}

async fn next(State(feed): State<Feed>) -> Response {
    let event = feed.events.lock().unwrap_or_else(PoisonError::into_inner).pop_front();
    let Some(event) = event else { return end() };
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_millis());
    let deadline = now.saturating_add(DEADLINE_MS).to_string();
    let headers = [
        ("content-type", "application/json"),
        ("lambda-runtime-aws-request-id", "00000000-0000-4000-8000-000000000000"),
        ("lambda-runtime-deadline-ms", deadline.as_str()),
        ("lambda-runtime-invoked-function-arn", "arn:aws:lambda:us-east-1:000000000000:function:bench"),
        ("lambda-runtime-trace-id", "Root=1-00000000-000000000000000000000000"),
    ];
    (headers, event).into_response()
}

/// An invocation whose id is no text: the runtime gives up, and the process ends as from an error.
fn end() -> Response {
    let id = HeaderValue::from_bytes(b"\xff").unwrap_or_else(|_| HeaderValue::from_static("end"));
    ([("lambda-runtime-aws-request-id", id)], "{}").into_response()
}

async fn answered(State(feed): State<Feed>, answer: String) -> StatusCode {
    if answer.contains("Success") {
        feed.accepted.fetch_add(1, Ordering::Relaxed);
    }
    StatusCode::ACCEPTED
}

/// The sum in callgrind's file.
fn total(text: &str) -> Option<f64> {
    let sum = |name: &str| text.lines().find_map(|line| line.strip_prefix(name)?.trim().parse().ok());
    sum("totals:").or_else(|| sum("summary:"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sum_is_found_under_either_name() {
        assert_eq!(total("events: Ir\nfn=(1) x\n1 7\ntotals: 4500123\n"), Some(4_500_123.0));
        assert_eq!(total("summary: 12\n"), Some(12.0));
        assert_eq!(total("events: Ir\n"), None);
    }
}
