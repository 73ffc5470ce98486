//! Lambda: functions as processes, as many instances of each as there are requests at once.
//!
//! Each instance is the deployed binary, started on first use under a Lambda Runtime API of its
//! own. It has one invocation at a time. When all instances of a function are busy, one more
//! starts, until [`CONCURRENCY`] invocations run. An idle instance ends after [`IDLE`]. A process
//! that exits, is killed, or does not answer in time is discarded, and its invocation ends in
//! Lambda's own error.
//!
//! A function with [`Function::at_once`] runs as on Lambda Managed Instances: a process has so many
//! invocations at once, and none of them ends it by its timeout (`managed`).

mod emulator;
mod error;
mod failures;
mod fleet;
mod instance;
mod managed;
mod message;
mod process;
mod roster;
mod runtime_api;

pub use error::InvokeError;
pub(crate) use failures::failed_items;
pub use fleet::InstanceInfo;
pub use process::Endpoints;
pub use roster::InstanceState;

use crate::clock::Clock;
use crate::log::LogSink;
use crate::random;
use crate::template::Function;
use axum::body::Bytes;
use emulator::Emulator;
use fleet::Fleet;
use message::{Job, Outcome};
use process::Program;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{Semaphore, oneshot};

/// The largest event and the largest answer, in bytes: 6 MiB, Lambda's limit for synchronous
/// invocations.
pub const MAX_PAYLOAD: usize = 6 * 1024 * 1024;

/// How many invocations run at once, in all functions together: Lambda's default for an account.
pub const CONCURRENCY: usize = 1000;

/// How long an idle instance lives. Lambda publishes no number. Every minute's schedules find their
/// instance again.
pub const IDLE: Duration = Duration::from_secs(150);

/// The functions of one template. Cheap to clone; clones are handles to the same functions.
#[derive(Clone)]
pub struct Lambda(Arc<Inner>);

struct Inner {
    fleets: BTreeMap<String, Fleet>,
    /// Of all functions, or none.
    emulators: BTreeMap<String, Emulator>,
    free: Semaphore,
    clock: Clock,
    log: LogSink,
}

/// Whether [`Lambda::kill`] found what it was to kill.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kill {
    /// SIGKILL was sent.
    Sent,
    /// No instance has this process id.
    NoSuchInstance,
}

impl Lambda {
    /// The functions, with their binaries in `binaries` and the AWS services at `endpoints`. With
    /// an `emulator` they run under the Runtime Interface Emulator. Nothing is started yet.
    pub fn new(
        functions: &[Function],
        binaries: &Path,
        endpoints: &Endpoints,
        emulator: Option<&Path>,
        log: LogSink,
    ) -> Lambda {
        Lambda::with_idle(functions, binaries, endpoints, emulator, log, IDLE)
    }

    /// The same, with idle instances that live for `idle`.
    pub(crate) fn with_idle(
        functions: &[Function],
        binaries: &Path,
        endpoints: &Endpoints,
        emulator: Option<&Path>,
        log: LogSink,
        idle: Duration,
    ) -> Lambda {
        // A process starts in a folder of its own, so its path must not depend on the current one.
        let binaries = std::path::absolute(binaries).unwrap_or_else(|_| binaries.to_owned());
        // The emulator has one invocation at a time.
        let at_once = |function: &Function| if emulator.is_some() { None } else { function.at_once };
        let program = |function: &Function| {
            let function = Function { at_once: at_once(function), ..function.clone() };
            Program::new(function, &binaries, endpoints, log.clone())
        };
        let fleet = |function: &Function| (function.id.clone(), Fleet::new(program(function), idle));
        let fleets = functions.iter().map(fleet).collect();
        let emulated = |emulator: &Path| {
            let one = |function: &Function| (function.id.clone(), Emulator::new(program(function), emulator));
            functions.iter().map(one).collect()
        };
        let emulators = emulator.map(emulated).unwrap_or_default();
        let (free, clock) = (Semaphore::new(CONCURRENCY), endpoints.clock.clone());
        Lambda(Arc::new(Inner { fleets, emulators, free, clock, log }))
    }

    /// Invokes a function and waits for its answer. The invocation goes on if the caller stops
    /// waiting.
    ///
    /// # Errors
    /// Whatever keeps Lambda from an answer. A failure of the function is also in its log.
    pub async fn invoke(&self, function_id: &str, payload: Vec<u8>) -> Result<Vec<u8>, InvokeError> {
        let fleet = self.0.fleets.get(function_id).ok_or_else(|| InvokeError::Unknown(function_id.to_owned()))?;
        if payload.len() > MAX_PAYLOAD {
            return Err(InvokeError::TooLarge);
        }
        let _invocation = self.0.clock.invocation().await;
        let _running = self.0.free.try_acquire().map_err(|_| InvokeError::Throttled)?;
        let event = Bytes::from(payload);
        if let Some(emulator) = self.0.emulators.get(function_id) {
            return emulator.invoke(event).await;
        }
        loop {
            let (outcome, end) = oneshot::channel();
            let job = Job { request_id: random::uuid(), trace_id: random::trace_id(), event: event.clone(), outcome };
            fleet.give(job)?;
            match end.await {
                Ok(Outcome::Answer(answer)) => return Ok(answer.into()),
                Ok(Outcome::Failed(error)) => return Err(error),
                Ok(Outcome::NotHandedOver) => {}
                Err(_) => return Err(InvokeError::Stopping),
            }
        }
    }

    /// The binary of a function and the environment of its processes, but for
    /// `AWS_LAMBDA_RUNTIME_API`: for a process that something else starts. `None` where there is no
    /// such function.
    pub fn program(&self, function_id: &str) -> Option<(PathBuf, Vec<(String, String)>)> {
        self.0.fleets.get(function_id).map(|fleet| fleet.program().parts())
    }

    /// The instances of all functions, those of one function the oldest first.
    pub fn instances(&self) -> Vec<InstanceInfo> {
        self.0.fleets.values().flat_map(|fleet| fleet.instances()).collect()
    }

    /// Sends SIGKILL to the instance with this process id, as a host that fails would.
    pub fn kill(&self, pid: u32) -> Kill {
        if self.0.fleets.values().any(|fleet| fleet.kill(pid)) { Kill::Sent } else { Kill::NoSuchInstance }
    }

    /// The log that the functions write to.
    pub fn log(&self) -> &LogSink {
        &self.0.log
    }

    /// Kills all instances and returns when their processes have ended. Later invocations are
    /// refused.
    pub async fn stop(&self) {
        for emulator in self.0.emulators.values() {
            emulator.stop().await;
        }
        for fleet in self.0.fleets.values() {
            fleet.stop().await;
        }
    }
}

#[cfg(test)]
mod managed_tests;
#[cfg(test)]
mod protocol_tests;
#[cfg(test)]
mod tests;
