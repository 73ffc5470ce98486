//! The demo's data: accounts written as an operator writes them, transactions told through the Platform API like any platform's, each by the
//! platform key of its account's environment.

use std::collections::HashMap;
use std::path::Path;

use axum::body::{Body, to_bytes};
use http::Request;
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use recourse_aws::{Aws, BadVariable};
use recourse_dispute::channels::tutelar::configuration::Configuration;
use recourse_dispute::environment::Environment;
use recourse_dispute::event::PerformedBy;
use recourse_dispute::ids::{AccountId, KeyId, UserName};
use recourse_dispute::lifecycle::Actor;
use recourse_dispute::text::without_bom;
use recourse_signing::{Secret, password, v1};
use recourse_store::{
    Account, AccountEvent, AuditContext, NewCredential, RegisterOutcome, Role, Sealer, Store, StoreError, WriteToken,
};
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::Cloud;

/// The most of an answer that is read, in bytes.
const MAX_ANSWER: usize = 1024 * 1024;

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
struct ImportResponse {
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
    /// The Platform API does not take the transactions.
    #[error("the Platform API refused the demo's transactions: {0}")]
    Refused(String),
}

/// Loads demo data into a running cloud, and opens it to everybody. What is there already stays as it is: an account's
/// configuration, a key that was revoked, a person who was removed.
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
    let operator = Operator { store: Store::from_environment(&aws)?, sealer: Sealer::from_environment(&aws)? };
    let by = PerformedBy { actor: Actor::Operator, name: "demo".to_owned() };
    let audit = AuditContext { by, at: cloud.clock.now_millis(), why: None };
    let mut environments = HashMap::new();
    let mut platforms = HashMap::new();
    let mut fresh = false;
    for account in &demo.accounts {
        fresh |= operator.fill(account, &audit).await?;
        environments.insert(account.account.id.clone(), account.account.environment);
        for key in account.keys.iter().filter(|key| key.role == Role::Platform) {
            platforms.insert(account.account.environment, key);
        }
    }
    let mut sent: HashMap<Environment, Vec<&RawValue>> = HashMap::new();
    for transaction in &demo.transactions {
        let named: DemoTransaction = serde_json::from_str(transaction.get()).map_err(|error| bad(&error))?;
        let environment = environments.get(&named.account);
        let environment = environment.ok_or_else(|| bad(&format!("there is no account {}", named.account)))?;
        sent.entry(*environment).or_default().push(transaction);
    }
    for (environment, transactions) in sent {
        let missing = || bad(&format!("no account of the environment {environment:?} has a key of the role platform"));
        let key = platforms.get(&environment).ok_or_else(missing)?;
        let done = if operator.is_good(key).await? {
            upsert(cloud, key, &transactions).await
        } else {
            Err(DemoError::Refused(format!("its key {} is not what the file says any more", key.id)))
        };
        match done {
            // They were told when the data was new, and an operator may do with it what he likes.
            Err(DemoError::Refused(why)) if !fresh => {
                cloud.lambda.log().line("demo", &format!("not sent again: {why}"))
            }
            done => done?,
        }
    }
    cloud.gate.open();
    Ok(())
}

/// What an operator has of the deployment.
struct Operator {
    store: Store,
    sealer: Sealer,
}

impl Operator {
    /// Makes of an account what was never there. Whether the account itself is new.
    async fn fill(&self, demo: &DemoAccount, audit: &AuditContext) -> Result<bool, DemoError> {
        let DemoAccount { account, keys, users, configuration } = demo;
        let fresh = self.store.create_account(account, audit, &token()?).await? == RegisterOutcome::Created;
        // A name that another account has by now leaves this one out.
        let Some(record) = self.store.account_record(&account.id).await? else { return Ok(false) };
        let happened = |event: &AccountEvent| record.audit.iter().any(|entry| entry.event == *event);
        let tokens = || WriteToken::new(random().unwrap_or_default());
        if let Some(configuration) = configuration.as_ref().filter(|_| !happened(&AccountEvent::Configured)) {
            configuration.check().map_err(|error| DemoError::File(error.to_string()))?;
            self.store.configure(&account.id, configuration, audit, tokens).await?;
        }
        for key in keys.iter().filter(|key| !record.keys.iter().any(|known| known.key == key.id)) {
            let new = NewCredential { key: &key.id, account: &account.id, role: key.role, secret: &key.secret };
            self.store.create_credential(&self.sealer, &new, random()?, audit, tokens).await?;
        }
        for DemoUser { username, password } in users {
            let was = [AccountEvent::PasswordSet(username.clone()), AccountEvent::UserRemoved(username.clone())];
            if !was.iter().any(happened) {
                let hash = password::hash(password, &random()?).map_err(|error| DemoError::File(error.to_string()))?;
                self.store.set_user(&account.id, username, &hash, false, audit, tokens).await?;
            }
        }
        Ok(fresh)
    }

    /// Whether a key is live, and its secret the file's.
    async fn is_good(&self, key: &DemoKey) -> Result<bool, DemoError> {
        let credential = self.store.credential(&self.sealer, &key.id).await?;
        Ok(credential.is_some_and(|credential| credential.secret.expose() == key.secret && credential.role == key.role))
    }
}

/// Tells the Platform API of the transactions, signed as it wants it.
async fn upsert(cloud: &Cloud, key: &DemoKey, transactions: &[&RawValue]) -> Result<(), DemoError> {
    let refused = |error: &dyn std::fmt::Display| DemoError::Refused(error.to_string());
    let transactions: Vec<_> = transactions.iter().map(|transaction| transaction.get()).collect();
    let body = format!(r#"{{"transactions":[{}]}}"#, transactions.join(","));
    let secret = Secret::from_base64(&key.secret).map_err(|error| refused(&error))?;
    let timestamp = cloud.clock.now().unix_timestamp().to_string();
    let nonce = format!("demo-{:032x}", u128::from_be_bytes(random()?));
    let parts = v1::Parts { timestamp: &timestamp, nonce: &nonce, method: "POST", query: "", body: body.as_bytes() };
    let pass = cloud.gate.pass();
    let request = Request::post(format!("{}/platform/v1/transactions", cloud.url))
        .header(pass.0, pass.1)
        .header("content-type", "application/json")
        .header(v1::API_KEY, key.id.as_str())
        .header(v1::TIMESTAMP, &timestamp)
        .header(v1::NONCE, &nonce)
        .header(v1::SIGNATURE, v1::sign(&secret, &parts))
        .body(Body::from(body))
        .map_err(|error| refused(&error))?;
    let client = Client::builder(TokioExecutor::new()).build_http::<Body>();
    let answer = client.request(request).await.map_err(|error| refused(&error))?;
    let answer = to_bytes(Body::new(answer.into_body()), MAX_ANSWER).await.map_err(|error| refused(&error))?;
    let sent: ImportResponse =
        serde_json::from_slice(&answer).map_err(|_| refused(&String::from_utf8_lossy(&answer)))?;
    match sent.results.iter().find(|result| result.get("status").is_some_and(|status| status == "invalid")) {
        Some(invalid) => Err(refused(invalid)),
        None => Ok(()),
    }
}

fn token() -> Result<WriteToken, DemoError> {
    random().map(WriteToken::new)
}

fn random<const N: usize>() -> Result<[u8; N], DemoError> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|error| DemoError::File(format!("no random bytes: {error}")))?;
    Ok(bytes)
}
