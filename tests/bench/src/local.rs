//! The local cloud, with one binary for each function as an earlier commit has it: how many reports
//! it takes a second, and how much memory it needs for many disputes.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

use recourse_test_harness::{CLIENT, Call, PLATFORM, Transaction, raw};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::process::{Child, Command};
use tokio::task::JoinSet;
use tokio::time::sleep;

use crate::Result;
use crate::client::Http;
use crate::process;
use crate::progress::Progress;

/// How many transactions one import has.
const IMPORT: usize = 25;
/// How many disputes are written at once: DynamoDB takes 25 items, and each has two.
const BATCH: usize = 12;
/// How often to ask whether the cloud answers, and how many times.
const ASK: Duration = Duration::from_millis(250);
const ASKED: usize = 1_200;

/// A local cloud that runs.
struct Cloud {
    process: Child,
    http: Http,
    root: PathBuf,
}

impl Cloud {
    /// Starts `recourse-local` of a folder, with the functions beside it and the template of
    /// `root`. Data is in memory.
    async fn start(binaries: &Path, root: &Path) -> Result<Self> {
        // The port of a listener that is closed again: the cloud takes no socket.
        let port = TcpListener::bind("127.0.0.1:0").await?.local_addr()?.port();
        let mut command = Command::new(binaries.join("recourse-local"));
        command.arg("--root").arg(root).arg("--binaries").arg(binaries);
        command.env("PORT", port.to_string()).env("DEMO_CASES", "off").env_remove("DATA").env_remove("ENGINE");
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).kill_on_drop(true);
        let process = command.spawn()?;
        let http = Http::new(format!("http://127.0.0.1:{port}"));
        let mut cloud = Self { process, http, root: root.to_owned() };
        for _ in 0..ASKED {
            if cloud.http.get("/health").await.is_ok_and(|(status, _)| status == 200) {
                return Ok(cloud);
            }
            if let Some(status) = cloud.process.try_wait()? {
                return Err(format!("recourse-local of {} ended: {status}", binaries.display()).into());
            }
            sleep(ASK).await;
        }
        Err(format!("recourse-local of {} does not answer", binaries.display()).into())
    }

    /// So many transactions that the Platform API has stored.
    async fn transactions(&self, count: usize) -> Result<Vec<Transaction>> {
        let mut all = Vec::with_capacity(count);
        while all.len() < count {
            let some: Vec<_> = (0..IMPORT).map(|_| Transaction::new("acct_demo", "Succesful")).collect();
            let bodies: Vec<Value> = some.iter().map(|transaction| transaction.body.clone()).collect();
            let (status, body) = self.http.send(&Call::import(&PLATFORM, &bodies)).await?;
            if status != 200 {
                return Err(format!("the import of transactions: {status} {body}").into());
            }
            all.extend(some);
        }
        all.truncate(count);
        Ok(all)
    }

    /// A variable of the environment that the cloud wrote for the command line.
    fn variable(&self, name: &str) -> Result<String> {
        let path = self.root.join(".recourse.env");
        let text = std::fs::read_to_string(&path)?;
        let value = |name: &str| {
            let line =
                text.lines().find_map(|line| line.strip_prefix("export ")?.strip_prefix(name)?.strip_prefix('='));
            line.map(|value| value.trim_matches('\'').to_owned())
        };
        if value("RECOURSE_URL").as_deref() != Some(self.http.url()) {
            return Err(format!("{} is of another cloud that runs: stop that one", path.display()).into());
        }
        Ok(value(name).ok_or_else(|| format!("{} has no {name}", path.display()))?)
    }

    async fn stop(mut self) -> Result<()> {
        // SIGTERM would let it remove its file; it is written anew by the next one.
        self.process.kill().await?;
        let _ = std::fs::remove_file(self.root.join(".recourse.env"));
        Ok(())
    }
}

/// How many reports a second a cloud takes of so many clients, each of which sends `each`.
///
/// # Errors
/// It does not start, or a report is not accepted.
pub async fn reports_a_second(binaries: &Path, root: &Path, clients: usize, each: usize) -> Result<f64> {
    let cloud = Cloud::start(binaries, root).await?;
    // The first reports start the processes.
    report(&cloud, clients, 3).await?;
    let took = report(&cloud, clients, each).await?;
    cloud.stop().await?;
    Ok(clients.saturating_mul(each) as f64 / took.as_secs_f64())
}

/// How long so many clients take to send so many reports each.
async fn report(cloud: &Cloud, clients: usize, each: usize) -> Result<Duration> {
    let transactions = cloud.transactions(clients.saturating_mul(each)).await?;
    let mut running = JoinSet::new();
    let started = Instant::now();
    for some in transactions.chunks(each) {
        let refids: Vec<String> = some.iter().map(|transaction| transaction.refid.clone()).collect();
        let http = cloud.http.clone();
        running.spawn(async move {
            for refid in refids {
                let (status, body) = http.send(&Call::report(&CLIENT, &json!({ "refid": refid }))).await?;
                if status != 200 {
                    return Err(format!("a report: {status} {body}").into());
                }
            }
            Result::Ok(())
        });
    }
    while let Some(ended) = running.join_next().await {
        ended??;
    }
    Ok(started.elapsed())
}

/// The memory that a cloud has in use with so many disputes, in bytes.
///
/// # Errors
/// As [`reports_a_second`], or another cloud runs in `root`.
pub async fn memory_with(binaries: &Path, root: &Path, disputes: usize) -> Result<u64> {
    let cloud = Cloud::start(binaries, root).await?;
    report(&cloud, 1, 1).await?;
    let (endpoint, table) = (cloud.variable("AWS_ENDPOINT_URL_DYNAMODB")?, cloud.variable("DISPUTES_TABLE")?);
    let items = raw::items(&endpoint, &table).await;
    let first = items.iter().find(|((pk, sk), _)| pk.starts_with("DSP#") && sk == "DSP");
    let ((partition, _), dispute) = first.ok_or("the report wrote no dispute")?;
    let number = partition.trim_start_matches("DSP#");
    let listed = items.iter().find(|((pk, sk), _)| pk.starts_with("PTY#account#") && sk.ends_with(number));
    let (_, line) = listed.ok_or("the report is in no list")?;
    // Workers would begin to read what is written, and are not what is measured.
    let streamless = json!({ "TableName": table, "StreamSpecification": { "StreamEnabled": false } });
    raw::call(&endpoint, "UpdateTable", &streamless).await;
    let templates = [dispute.to_string(), line.to_string()];
    let mut progress = Progress::new(format!("Writing {disputes} disputes"), disputes.div_ceil(BATCH));
    for from in (0..disputes).step_by(BATCH) {
        let mut puts = Vec::new();
        for n in from..disputes.min(from.saturating_add(BATCH)) {
            let other = numbered(number, n);
            for template in &templates {
                let item: Value = serde_json::from_str(&template.replace(number, &other))?;
                puts.push(json!({ "PutRequest": { "Item": item } }));
            }
        }
        raw::call(&endpoint, "BatchWriteItem", &json!({ "RequestItems": { table.as_str(): puts } })).await;
        progress.tick();
    }
    let pid = cloud.process.id().ok_or("recourse-local ended")?;
    let memory = process::memory(pid, "VmRSS")?;
    cloud.stop().await?;
    Ok(memory)
}

/// The `n`th number with as many digits as `like`.
fn numbered(like: &str, n: usize) -> String {
    format!("8{n:0width$}", width = like.len().saturating_sub(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_the_digits_of_the_first_one() {
        assert_eq!((numbered("123456789", 42).as_str(), numbered("123456789", 0).as_str()), ("800000042", "800000000"));
    }
}
