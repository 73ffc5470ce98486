//! The official DynamoDB Local as a child process.

use std::net::SocketAddr;
use std::path::Path;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use serde_json::json;
use tokio::process::{Child, Command};
use tokio::time::{Instant, sleep};

use super::client::EngineClient;
use crate::loopback::{OPEN_PORT, StartError};

const JAR: &str = "DynamoDBLocal.jar";
const LIBRARIES: &str = "DynamoDBLocal_lib";

/// How long it may take until it answers; two seconds are usual.
const PATIENCE: Duration = Duration::from_secs(60);

/// How often it is started anew when it ends at once, which is what it does when another program was quicker to take its port.
const STARTS: u32 = 3;

/// A running DynamoDB Local; it is killed when this is dropped.
#[derive(Debug)]
pub(super) struct Official(Child);

/// Starts DynamoDB Local from `dir`, in memory, waits until it answers, and returns where it listens.
pub(super) async fn start(dir: &Path) -> Result<(SocketAddr, Official), StartError> {
    for part in [JAR, LIBRARIES] {
        if !dir.join(part).exists() {
            return Err(StartError::Unusable(format!(
                "{} is not in {}: DynamoDB Local's folder holds {JAR} and {LIBRARIES}",
                part,
                dir.display()
            )));
        }
    }
    let mut ended = None;
    for _ in 0..STARTS {
        // The port is free now; DynamoDB Local cannot choose one by itself.
        let free = std::net::TcpListener::bind(("127.0.0.1", 0))
            .and_then(|l| l.local_addr())
            .map_err(StartError::io(OPEN_PORT))?;
        let mut child = spawn(dir, free.port())?;
        match answers(&mut child, free).await? {
            None => return Ok((free, Official(child))),
            Some(status) => ended = Some(status),
        }
    }
    let status = ended.map_or_else(String::new, |s| format!(" ({s})"));
    Err(StartError::Unusable(format!(
        "DynamoDB Local ended before it answered{status}; it needs Java 17 or later: java -jar {} -inMemory -sharedDb shows why",
        dir.join(JAR).display()
    )))
}

fn spawn(dir: &Path, port: u16) -> Result<Child, StartError> {
    let mut libraries = std::ffi::OsString::from("-Djava.library.path=");
    libraries.push(dir.join(LIBRARIES));
    let mut command = Command::new("java");
    command.arg(libraries).arg("-jar").arg(dir.join(JAR));
    command.args(["-inMemory", "-sharedDb", "-disableTelemetry", "-port", &port.to_string()]);
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).kill_on_drop(true);
    command.spawn().map_err(|e| {
        StartError::Unusable(format!("java cannot be started: {e}; DynamoDB Local needs Java 17 on the PATH"))
    })
}

/// Waits for the first answer at `address`: `None`, or how the child ended before.
async fn answers(child: &mut Child, address: SocketAddr) -> Result<Option<ExitStatus>, StartError> {
    let client = EngineClient::new(address.to_string());
    let deadline = Instant::now() + PATIENCE;
    while Instant::now() < deadline {
        if let Ok(Some(status)) = child.try_wait() {
            return Ok(Some(status));
        }
        if client.call("ListTables", &json!({})).await.is_ok() {
            return Ok(None);
        }
        sleep(Duration::from_millis(50)).await;
    }
    Err(StartError::Unusable(format!("DynamoDB Local has not answered for {} seconds", PATIENCE.as_secs())))
}

impl Official {
    /// Kills it and waits until it is gone.
    pub(super) async fn stop(mut self) {
        let _ = self.0.kill().await;
    }
}
