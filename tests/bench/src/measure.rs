//! What is measured of the functions. Sides take turns, so that the machine's other work affects
//! all of them alike.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::Stdio;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::net::TcpListener;
use tokio::process::Command;
use tokio::task::JoinSet;
use tokio::time::timeout;

use crate::Result;
use crate::bed::Bed;
use crate::process;
use crate::progress::Progress;
use crate::sides::Side;

/// What was measured of each side, in the order of the rounds.
pub type Samples = BTreeMap<Side, Vec<f64>>;

/// The longest that a process may take to ask for its first invocation.
const START: Duration = Duration::from_secs(20);

/// What one side used for a number of reports.
#[derive(Clone, Debug, Default)]
pub struct Warm {
    /// The time of each report, in seconds.
    pub times: Vec<f64>,
    /// The processor time of one report, in seconds: one value for each part of the run.
    pub cpu: Vec<f64>,
    /// The largest memory of the process, in bytes.
    pub memory: f64,
}

/// What was measured of many clients that reported at once.
#[derive(Clone, Debug, Default)]
pub struct Round {
    /// The time of each report, in seconds.
    pub times: Vec<f64>,
    /// The time from the first report to the last answer, in seconds.
    pub took: f64,
}

/// The time from the start of a process to its first request for an invocation, in seconds, so many
/// times for each side.
///
/// # Errors
/// A process does not start, or does not ask.
pub async fn first_polls(bed: &Bed, sides: &[Side], rounds: usize) -> Result<Samples> {
    let mut samples = Samples::new();
    let mut progress = Progress::new("From the start of a process to its first poll", rounds);
    for _ in 0..rounds {
        for side in sides {
            let (program, environment) = bed.program(*side)?;
            samples.entry(*side).or_default().push(first_poll(program, environment).await?);
        }
        progress.tick();
    }
    Ok(samples)
}

/// Starts a process beside a Runtime API that never has an event, and ends it once it has asked.
async fn first_poll(program: PathBuf, environment: Vec<(String, String)>) -> Result<f64> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?.to_string();
    let folder = program.parent().map(PathBuf::from).unwrap_or_default();
    let mut command = Command::new(&program);
    command.env_clear().envs(environment).env("AWS_LAMBDA_RUNTIME_API", address).current_dir(folder);
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).kill_on_drop(true);
    let started = Instant::now();
    let mut process = command.spawn()?;
    timeout(START, asked(&listener))
        .await
        .map_err(|_| format!("{} does not ask for an event", program.display()))??;
    let took = started.elapsed().as_secs_f64();
    process.kill().await?;
    Ok(took)
}

/// Waits for the first request for an invocation.
async fn asked(listener: &TcpListener) -> Result<()> {
    loop {
        let (stream, _) = listener.accept().await?;
        let mut line = String::new();
        BufReader::new(stream).read_line(&mut line).await?;
        if line.contains("/runtime/invocation/next") {
            return Ok(());
        }
    }
}

/// The time from an event for which no process runs to its answer, in seconds, so many times for
/// each side.
///
/// # Errors
/// A report that is not answered with success.
pub async fn first_answers(bed: &Bed, sides: &[Side], rounds: usize) -> Result<Samples> {
    let mut samples = Samples::new();
    let mut progress = Progress::new("From the start of a process to its first answered report", rounds);
    for _ in 0..rounds {
        for (side, report) in sides.iter().zip(bed.reports(sides.len()).await?) {
            bed.end(*side).await;
            samples.entry(*side).or_default().push(bed.report(*side, &report).await?);
        }
        progress.tick();
    }
    Ok(samples)
}

/// Reports by one client, in parts of so many: the time of each, the processor time and the memory.
/// Each side has one process, which has answered before.
///
/// # Errors
/// As [`first_answers`].
pub async fn one_client(bed: &Bed, sides: &[Side], parts: usize, part: usize) -> Result<BTreeMap<Side, Warm>> {
    let mut found: BTreeMap<Side, Warm> = BTreeMap::new();
    for side in sides {
        bed.end(*side).await;
        for report in bed.reports(WARM_UP).await? {
            bed.report(*side, &report).await?;
        }
    }
    let mut progress = Progress::new("Reports by one client", parts);
    for _ in 0..parts {
        let before = sides.iter().map(|side| process::cpu(only_process(bed, *side)?)).collect::<Result<Vec<_>>>()?;
        // By single reports, so that what comes next to each other is a pair.
        for _ in 0..part {
            for (side, report) in sides.iter().zip(bed.reports(sides.len()).await?) {
                let took = bed.report(*side, &report).await?;
                found.entry(*side).or_default().times.push(took);
            }
        }
        for (side, before) in sides.iter().zip(before) {
            let used = process::cpu(only_process(bed, *side)?)?.saturating_sub(before);
            found.entry(*side).or_default().cpu.push(used.as_secs_f64() / part as f64);
        }
        progress.tick();
    }
    for side in sides {
        found.entry(*side).or_default().memory = process::peak_memory(only_process(bed, *side)?)? as f64;
    }
    Ok(found)
}

/// How many reports a process answers before it counts as warm.
const WARM_UP: usize = 20;

fn only_process(bed: &Bed, side: Side) -> Result<u32> {
    match bed.processes(side).as_slice() {
        [pid] => Ok(*pid),
        others => Err(format!("{} has {} processes, and not one", side.name(), others.len()).into()),
    }
}

/// Reports by many clients at once, so many times for each side.
///
/// # Errors
/// As [`first_answers`].
pub async fn many_clients(
    bed: &Arc<Bed>,
    sides: &[Side],
    clients: usize,
    rounds: usize,
    each: usize,
) -> Result<BTreeMap<Side, Vec<Round>>> {
    let mut found: BTreeMap<Side, Vec<Round>> = BTreeMap::new();
    // The first round starts the processes and does not count.
    let mut progress = Progress::new(format!("Reports by {clients} clients"), rounds.saturating_add(1));
    for round in 0..=rounds {
        for side in sides {
            let measured = at_once(bed, *side, clients, each).await?;
            if round > 0 {
                found.entry(*side).or_default().push(measured);
            }
        }
        progress.tick();
    }
    Ok(found)
}

/// What so many clients report at once.
async fn at_once(bed: &Arc<Bed>, side: Side, clients: usize, each: usize) -> Result<Round> {
    let mut prepared = Vec::with_capacity(clients);
    for _ in 0..clients {
        prepared.push(bed.reports(each).await?);
    }
    let (mut running, started) = (JoinSet::new(), Instant::now());
    for reports in prepared {
        let bed = Arc::clone(bed);
        running.spawn(async move {
            let mut times = Vec::with_capacity(reports.len());
            for report in &reports {
                times.push(bed.report(side, report).await?);
            }
            Result::Ok(times)
        });
    }
    let mut times = Vec::new();
    while let Some(ended) = running.join_next().await {
        times.extend(ended??);
    }
    Ok(Round { times, took: started.elapsed().as_secs_f64() })
}
