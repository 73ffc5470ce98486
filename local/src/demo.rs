//! The demo's data: accounts written as an operator writes them, transactions told through the platform door like any platform's, each by the
//! platform key of its account's environment.

use std::collections::HashMap;
use std::path::Path;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use axum::body::{Body, to_bytes};
use http::Request;
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use recourse_aws::{Aws, BadVariable};
use recourse_dispute::configuration::Configuration;
use recourse_dispute::dispute::By;
use recourse_dispute::environment::Environment;
use recourse_dispute::ids::{AccountId, KeyId, UserName};
use recourse_dispute::lifecycle::Actor;
use recourse_dispute::text::without_bom;
use recourse_dispute::time::UnixMillis;
use recourse_signing::{Secret, password, v1};
use recourse_store::{Account, AttemptId, NewCredential, Order, Role, Sealer, Store, StoreError};
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::Cloud;

/// The most of an answer that is read, in bytes.
const MOST_ANSWER: usize = 1024 * 1024;

/// A file of demo data.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Demo {
    accounts: Vec<DemoAccount>,
    transactions: Vec<Box<RawValue>>,
}

/// What of a transaction is looked at here.
#[derive(Deserialize)]
struct DemoTransaction {
    account: AccountId,
}

#[derive(Deserialize)]
struct DemoAccount {
    #[serde(flatten)]
    account: Account,
    keys: Vec<DemoKey>,
    users: Vec<DemoUser>,
    configuration: Option<Configuration>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DemoKey {
    id: KeyId,
    secret: String,
    role: Role,
}

/// A person of a bank; the password stands here in the clear, and in the table as its hash.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DemoUser {
    username: UserName,
    password: String,
}

#[derive(Deserialize)]
struct Told {
    results: Vec<serde_json::Value>,
}

/// Why demo data is not loaded.
#[derive(Debug, thiserror::Error)]
pub enum DemoError {
    /// The file is not there, or is no demo data.
    #[error("{0}")]
    File(String),
    /// What was just started does not say where it is.
    #[error(transparent)]
    Variable(#[from] BadVariable),
    /// DynamoDB or KMS does not take it.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The platform door does not take the transactions.
    #[error("the platform door did not take the demo's transactions: {0}")]
    Refused(String),
}

/// Loads demo data into a running cloud; what is there already stays as it is.
///
/// # Errors
/// [`DemoError`].
pub async fn load(cloud: &Cloud, path: &Path) -> Result<(), DemoError> {
    let bad = |error: &dyn std::fmt::Display| DemoError::File(format!("{}: {error}", path.display()));
    let json = std::fs::read_to_string(path).map_err(|error| bad(&error))?;
    let demo: Demo = serde_json::from_str(without_bom(&json)).map_err(|error| bad(&error))?;
    let environment = cloud.environment();
    let aws =
        Aws::with(move |name| environment.iter().find(|(known, _)| *known == name).map(|(_, value)| value.clone()))?;
    let (store, sealer) = (Store::from_environment(&aws)?, Sealer::from_environment(&aws)?);
    let by = By { actor: Actor::Operator, name: "demo".to_owned() };
    let order = Order { by, at: UnixMillis(i64::try_from(since_epoch().as_millis()).unwrap_or(i64::MAX)), why: None };
    let mut environments = HashMap::new();
    let mut platforms = HashMap::new();
    for DemoAccount { account, keys, users, configuration } in demo.accounts {
        store.create_account(&account, &order, &attempt()?).await?;
        environments.insert(account.id.clone(), account.environment);
        let attempts = || AttemptId::new(random().unwrap_or_default());
        if let Some(configuration) = configuration {
            configuration.check().map_err(|error| bad(&error))?;
            store.configure(&account.id, &configuration, &order, attempts).await?;
        }
        for key in keys {
            let new = NewCredential { key: &key.id, account: &account.id, role: key.role, secret: &key.secret };
            store.create_credential(&sealer, &new, random()?, &order, attempts).await?;
            if key.role == Role::Platform {
                platforms.insert(account.environment, key);
            }
        }
        for DemoUser { username, password } in users {
            let hash = password::hash(&password, &random()?).map_err(|error| bad(&error))?;
            let attempts = || AttemptId::new(random().unwrap_or_default());
            store.set_user(&account.id, &username, &hash, false, &order, attempts).await?;
        }
    }
    let mut told: HashMap<Environment, Vec<&RawValue>> = HashMap::new();
    for transaction in &demo.transactions {
        let named: DemoTransaction = serde_json::from_str(transaction.get()).map_err(|error| bad(&error))?;
        let environment = environments.get(&named.account);
        let environment = environment.ok_or_else(|| bad(&format!("there is no account {}", named.account)))?;
        told.entry(*environment).or_default().push(transaction);
    }
    for (environment, transactions) in told {
        let missing = || bad(&format!("no account of the environment {environment:?} has a key of the role platform"));
        tell(&cloud.url, platforms.get(&environment).ok_or_else(missing)?, &transactions).await?;
    }
    Ok(())
}

/// Tells the platform door of the transactions, signed as it wants it.
async fn tell(url: &str, key: &DemoKey, transactions: &[&RawValue]) -> Result<(), DemoError> {
    let refused = |error: &dyn std::fmt::Display| DemoError::Refused(error.to_string());
    let transactions: Vec<_> = transactions.iter().map(|transaction| transaction.get()).collect();
    let body = format!(r#"{{"transactions":[{}]}}"#, transactions.join(","));
    let secret = Secret::from_base64(&key.secret).map_err(|error| refused(&error))?;
    let timestamp = since_epoch().as_secs().to_string();
    let nonce = format!("demo-{:032x}", u128::from_be_bytes(random()?));
    let parts = v1::Parts { timestamp: &timestamp, nonce: &nonce, method: "POST", query: "", body: body.as_bytes() };
    let request = Request::post(format!("{url}/platform/v1/transactions"))
        .header("content-type", "application/json")
        .header(v1::API_KEY, key.id.as_str())
        .header(v1::TIMESTAMP, &timestamp)
        .header(v1::NONCE, &nonce)
        .header(v1::SIGNATURE, v1::sign(&secret, &parts))
        .body(Body::from(body))
        .map_err(|error| refused(&error))?;
    let client = Client::builder(TokioExecutor::new()).build_http::<Body>();
    let answer = client.request(request).await.map_err(|error| refused(&error))?;
    let answer = to_bytes(Body::new(answer.into_body()), MOST_ANSWER).await.map_err(|error| refused(&error))?;
    let told: Told = serde_json::from_slice(&answer).map_err(|_| refused(&String::from_utf8_lossy(&answer)))?;
    match told.results.iter().find(|result| result.get("status").is_some_and(|status| status == "invalid")) {
        Some(invalid) => Err(refused(invalid)),
        None => Ok(()),
    }
}

fn since_epoch() -> Duration {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default()
}

fn attempt() -> Result<AttemptId, DemoError> {
    random().map(AttemptId::new)
}

fn random<const N: usize>() -> Result<[u8; N], DemoError> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|error| DemoError::File(format!("no random bytes: {error}")))?;
    Ok(bytes)
}
