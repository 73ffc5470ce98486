//! The embedded engine, `dynoxide`, on a thread of its own.
//!
//! It runs each request to its end on the thread that read it and holds one lock while it does, so more threads would only wait for
//! each other; and on a thread of its own it does not hold up the servers of this process.

use std::net::SocketAddr;
use std::path::Path;
use std::thread;
use std::time::Duration;

use dynoxide::Database;
use tokio::runtime;
use tokio::sync::oneshot;

use crate::loopback::{OPEN_PORT, StartError};

/// The database's file in the data folder.
const FILE: &str = "dynamodb.sqlite";

/// How long a stopping engine may take.
const GRACE: Duration = Duration::from_secs(2);

/// A running embedded engine; it ends when this is dropped.
#[derive(Debug)]
pub(super) struct Embedded {
    stop: oneshot::Sender<()>,
    thread: thread::JoinHandle<()>,
}

/// Starts the engine, in memory or in a file of `data`, and returns where it listens.
pub(super) fn start(data: Option<&Path>) -> Result<(SocketAddr, Embedded), StartError> {
    let database = open(data)?;
    let listener = std::net::TcpListener::bind(("127.0.0.1", 0)).map_err(StartError::io(OPEN_PORT))?;
    listener.set_nonblocking(true).map_err(StartError::io(OPEN_PORT))?;
    let address = listener.local_addr().map_err(StartError::io(OPEN_PORT))?;
    let runtime = runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(StartError::io("start the DynamoDB engine's thread"))?;
    let (stop, stopped) = oneshot::channel();
    let serve = move || {
        runtime.block_on(async move {
            let Ok(listener) = tokio::net::TcpListener::from_std(listener) else { return };
            // Sent or dropped, both mean that it is over.
            let over = async { drop(stopped.await) };
            let _ = dynoxide::server::serve_with_shutdown(listener, database, over).await;
        });
    };
    let thread = thread::Builder::new()
        .name("dynamodb".to_owned())
        .spawn(serve)
        .map_err(StartError::io("start the DynamoDB engine's thread"))?;
    Ok((address, Embedded { stop, thread }))
}

fn open(data: Option<&Path>) -> Result<Database, StartError> {
    let Some(folder) = data else { return Database::memory().map_err(|e| StartError::Unusable(e.to_string())) };
    std::fs::create_dir_all(folder).map_err(StartError::io(format!("make the folder {}", folder.display())))?;
    let path = folder.join(FILE);
    let name =
        path.to_str().ok_or_else(|| StartError::Unusable(format!("the path {} must be UTF-8", path.display())))?;
    Database::new(name).map_err(|e| StartError::Unusable(format!("{name} cannot be opened: {e}")))
}

impl Embedded {
    /// Ends the engine and waits until its file is closed.
    pub(super) async fn stop(self) {
        let Self { stop, thread } = self;
        let _ = stop.send(());
        let _ = tokio::time::timeout(GRACE, tokio::task::spawn_blocking(move || thread.join())).await;
    }
}
