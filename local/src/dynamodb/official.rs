//! The official DynamoDB Local as a child process.

use std::net::SocketAddr;
use std::path::Path;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use serde_json::json;
use tokio::process::{Child, Command};
use tokio::time::{Instant, sleep};

use super::client::{EngineClient, EngineError};
use crate::loopback::{OPEN_PORT, StartError};

const JAR: &str = "DynamoDBLocal.jar";
const LIBRARIES: &str = "DynamoDBLocal_lib";

/// How long it may take until it answers; two seconds are usual.
const PATIENCE: Duration = Duration::from_secs(60);

/// How many starts are tried. It ends at once when another program was quicker to take its port.
const STARTS: u32 = 3;

/// How many rounds warm it up.
const WARM_UP: u32 = 8;

/// A running DynamoDB Local; it is killed when this is dropped.
#[derive(Debug)]
pub(super) struct Official(Child);

/// Starts DynamoDB Local from `dir`, in memory, waits until it answers, and returns where it
/// listens.
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
            None => {
                warm_up(&EngineClient::new(free.to_string())).await?;
                return Ok((free, Official(child)));
            }
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

/// Makes each kind of call a few times on a table of its own, and deletes the table.
///
/// The first transaction of a Java virtual machine takes a second or two, longer than a function
/// waits for its answer.
async fn warm_up(client: &EngineClient) -> Result<(), EngineError> {
    let (table, key) = ("recourse-warm-up", json!({"PK": {"S": "k"}}));
    let create = json!({
        "TableName": table, "BillingMode": "PAY_PER_REQUEST",
        "AttributeDefinitions": [{"AttributeName": "PK", "AttributeType": "S"}],
        "KeySchema": [{"AttributeName": "PK", "KeyType": "HASH"}],
    });
    client.call("CreateTable", &create).await?;
    for _ in 0..WARM_UP {
        let put = json!({"TableName": table, "Item": key, "ConditionExpression": "attribute_not_exists(absent)"});
        client.call("TransactWriteItems", &json!({"TransactItems": [{"Put": put}]})).await?;
        client.call("PutItem", &put).await?;
        client.call("GetItem", &json!({"TableName": table, "Key": key, "ConsistentRead": true})).await?;
        client.call("BatchGetItem", &json!({"RequestItems": {table: {"Keys": [key]}}})).await?;
        let query = json!({
            "TableName": table, "KeyConditionExpression": "PK = :k", "ExpressionAttributeValues": {":k": {"S": "k"}},
        });
        client.call("Query", &query).await?;
        let update = json!({
            "TableName": table, "Key": key, "UpdateExpression": "SET warm = :n",
            "ExpressionAttributeValues": {":n": {"N": "1"}},
        });
        client.call("UpdateItem", &update).await?;
    }
    client.call("DeleteTable", &json!({"TableName": table})).await.map(drop)
}

impl Official {
    /// Kills it and waits for its end.
    pub(super) async fn stop(mut self) {
        let _ = self.0.kill().await;
    }
}
