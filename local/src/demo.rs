//! The demo's data. Its accounts are written as an operator writes them. Its transactions are sent
//! to the Platform API as any platform's, by the platform key of their account's environment. Cases
//! to look at are made afterwards ([`make_cases`]).

mod calls;
mod cases;
mod past;

use std::collections::HashMap;
use std::path::Path;

use recourse_aws::{Aws, BadVariable};
use recourse_dispute::addresses::MailAddress;
use recourse_dispute::channels::tutelar::configuration::Configuration;
use recourse_dispute::environment::Environment;
use recourse_dispute::event::PerformedBy;
use recourse_dispute::ids::{AccountId, KeyId, Trxid, UserName};
use recourse_dispute::lifecycle::Actor;
use recourse_dispute::text::without_bom;
use recourse_signing::password;
use recourse_store::{
    Account, AccountEvent, AuditContext, NewCredential, NewOperator, OperatorRole, RegisterOutcome, Role, Sealer,
    Store, StoreError, WriteToken,
};
use serde::{Deserialize, Serialize};
use time::Date;

use crate::pages::DEMO_OPERATOR;
use crate::{Cloud, StartError};

pub use cases::make_cases;

use calls::{Call, Gateway};

/// What stands for the gateway's address in the file.
const URL: &str = "{url}";
/// Whose lines of the log those of this module are.
const DEMO: &str = "demo";

/// A file of demo data.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Demo {
    #[serde(default)]
    operators: Vec<DemoOperator>,
    accounts: Vec<DemoAccount>,
    transactions: Vec<DemoTransaction>,
}

/// Somebody who works in the console.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DemoOperator {
    email: MailAddress,
    name: String,
    role: OperatorRole,
}

/// A transaction; what else it has is for the Platform API to judge.
#[derive(Deserialize, Serialize)]
struct DemoTransaction {
    trxid: Trxid,
    account: AccountId,
    #[serde(skip_serializing_if = "Option::is_none")]
    occurred_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    updated_at: Option<String>,
    #[serde(flatten)]
    rest: serde_json::Map<String, serde_json::Value>,
}

#[derive(Deserialize)]
struct DemoAccount {
    #[serde(flatten)]
    account: Account,
    keys: Vec<DemoKey>,
    users: Vec<DemoUser>,
    configuration: Option<Configuration>,
    /// What questions to its provider are signed with. A data folder keeps the first one.
    provider_secret: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DemoKey {
    id: KeyId,
    secret: String,
    role: Role,
}

/// A person of a bank. The file has the password in the clear, the table its hash.
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
    /// A variable of the cloud that was just started is missing or wrong.
    #[error(transparent)]
    Variable(#[from] BadVariable),
    /// DynamoDB or KMS does not take it.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// An API does not take what the demo sends.
    #[error("the demo is refused: {0}")]
    Refused(String),
    /// The functions of the past do not start.
    #[error(transparent)]
    Start(#[from] StartError),
}

/// Loads demo data into a running cloud, and opens it to everybody. Existing data stays as it is:
/// an account's configuration, a revoked key, a removed user, a transaction.
///
/// # Errors
/// [`DemoError`].
pub async fn load(cloud: &Cloud, path: &Path) -> Result<(), DemoError> {
    let bad = |error: &dyn std::fmt::Display| DemoError::File(format!("{}: {error}", path.display()));
    let demo = read(path, &cloud.url)?;
    let (operator, audit) = (Operator::of(cloud)?, audit(cloud));
    for person in &demo.operators {
        operator.employ(person, &audit).await?;
    }
    let mut accounts = HashMap::new();
    let mut platforms = HashMap::new();
    for account in &demo.accounts {
        let is_new = operator.fill(account, &audit).await?;
        accounts.insert(account.account.id.clone(), (account.account.environment, is_new));
        for key in account.keys.iter().filter(|key| key.role == Role::Platform) {
            platforms.insert(account.account.environment, key);
        }
    }
    let today = cloud.clock.now().date();
    let mut missing: HashMap<Environment, Vec<DemoTransaction>> = HashMap::new();
    for mut transaction in demo.transactions {
        let account = accounts.get(&transaction.account);
        let (environment, is_new) =
            *account.ok_or_else(|| bad(&format!("there is no account {}", transaction.account)))?;
        let missing = missing.entry(environment).or_default();
        if is_new || operator.store.transaction(environment, &transaction.trxid).await?.is_none() {
            let times = [&mut transaction.occurred_at, &mut transaction.updated_at];
            for time in times.into_iter().flatten() {
                *time = dated(time, today).unwrap_or_else(|| time.clone());
            }
            missing.push(transaction);
        }
    }
    for (environment, transactions) in missing {
        let no_key = || bad(&format!("no account of the environment {environment:?} has a key of the role platform"));
        let key = platforms.get(&environment).ok_or_else(no_key)?;
        let done = if operator.is_good(key).await? {
            upsert(cloud, key, &transactions).await
        } else {
            Err(DemoError::Refused(format!("its key {} is revoked, or has another secret than in the file", key.id)))
        };
        match done {
            // They were sent when the data was new, and an operator may do with it what he likes.
            Err(DemoError::Refused(why)) if accounts.values().all(|(_, is_new)| !is_new) => {
                cloud.lambda.log().line(DEMO, &format!("transactions are not sent again: {why}"))
            }
            done => done?,
        }
    }
    // A second load of the same cloud finds the same tables.
    let _ = cloud.demo_store.set(operator.store);
    cloud.gate.open();
    Ok(())
}

fn read(path: &Path, url: &str) -> Result<Demo, DemoError> {
    let bad = |error: &dyn std::fmt::Display| DemoError::File(format!("{}: {error}", path.display()));
    let json = std::fs::read_to_string(path).map_err(|error| bad(&error))?.replace(URL, url);
    serde_json::from_str(without_bom(&json)).map_err(|error| bad(&error))
}

/// The settings of the cloud.
fn aws(cloud: &Cloud) -> Result<Aws, BadVariable> {
    let environment = cloud.environment();
    Aws::with(move |name| environment.iter().find(|(known, _)| *known == name).map(|(_, value)| value.clone()))
}

/// Who makes the demo's data, and when.
fn audit(cloud: &Cloud) -> AuditContext {
    let by = PerformedBy { actor: Actor::Operator, name: DEMO_OPERATOR.to_owned() };
    AuditContext { by, at: cloud.clock.now_millis(), why: None }
}

/// The time that the file gives relative to the day of loading: `D-3T08:04:20Z` is a time three
/// days before it. So the demo's payments are recent ones. `None` for any other text.
fn dated(text: &str, today: Date) -> Option<String> {
    let (days, time) = text.strip_prefix("D-")?.split_once('T')?;
    let day = today.checked_sub(time::Duration::days(days.parse().ok()?))?;
    Some(format!("{day}T{time}"))
}

/// What an operator has of the deployment.
struct Operator {
    store: Store,
    sealer: Sealer,
    /// The gateway's address, at which the demo's provider is asked over plain HTTP.
    url: String,
}

impl Operator {
    fn of(cloud: &Cloud) -> Result<Self, DemoError> {
        let aws = aws(cloud)?;
        let (store, sealer) = (Store::from_environment(&aws)?, Sealer::from_environment(&aws)?);
        Ok(Self { store, sealer, url: cloud.url.clone() })
    }

    /// Creates somebody who works in the console, unless there is or was somebody at the address.
    /// When another one has the name by now, this one is left out.
    async fn employ(&self, person: &DemoOperator, audit: &AuditContext) -> Result<(), DemoError> {
        if self.store.operator(&person.email).await?.is_none() {
            let name = person.name.clone().try_into().map_err(|error| DemoError::File(format!("a name {error}")))?;
            let new = NewOperator { email: person.email.clone(), name, role: person.role, reuse_name: false };
            let tokens = || WriteToken::new(random().unwrap_or_default());
            self.store.create_operator(&new, audit, tokens).await?;
        }
        Ok(())
    }

    /// Makes what an account never had. Returns whether the account itself is new.
    async fn fill(&self, demo: &DemoAccount, audit: &AuditContext) -> Result<bool, DemoError> {
        let DemoAccount { account, keys, users, configuration, provider_secret } = demo;
        let fresh = self.store.create_account(account, audit, &token()?).await? == RegisterOutcome::Created;
        // When another account has its name by now, this one is left out.
        let Some(record) = self.store.account_record(&account.id).await? else { return Ok(false) };
        let happened = |event: &AccountEvent| record.audit.iter().any(|entry| entry.event == *event);
        let tokens = || WriteToken::new(random().unwrap_or_default());
        if let Some(configuration) = configuration.as_ref().filter(|_| !happened(&AccountEvent::Configured)) {
            let mut elsewhere = configuration.clone();
            elsewhere.support.providers.retain(|_, address| !address.starts_with(&self.url));
            elsewhere.check().map_err(|error| DemoError::File(error.to_string()))?;
            self.store.configure(&account.id, configuration, audit, tokens).await?;
        }
        if let Some(secret) = provider_secret.as_ref().filter(|_| !happened(&AccountEvent::ProviderSecretSet)) {
            self.store.set_provider_secret(&self.sealer, &account.id, secret, random()?, audit, tokens).await?;
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

    /// Whether a key is live and has the file's secret and role.
    async fn is_good(&self, key: &DemoKey) -> Result<bool, DemoError> {
        let credential = self.store.credential(&self.sealer, &key.id).await?;
        Ok(credential.is_some_and(|credential| credential.secret.expose() == key.secret && credential.role == key.role))
    }
}

/// Sends the transactions to the Platform API, signed by its scheme.
async fn upsert(cloud: &Cloud, key: &DemoKey, transactions: &[DemoTransaction]) -> Result<(), DemoError> {
    if transactions.is_empty() {
        return Ok(());
    }
    let body = serde_json::json!({ "transactions": transactions });
    let gateway = Gateway { url: &cloud.url, pass: Some(cloud.gate.pass()), now: cloud.clock.now().unix_timestamp() };
    let answer = gateway.v1(key, Call::json("POST", "/platform/v1/transactions", &body)).await?;
    let sent = ImportResponse::deserialize(&answer).map_err(|_| DemoError::Refused(answer.to_string()))?;
    match sent.results.iter().find(|result| result.get("status").is_some_and(|status| status == "invalid")) {
        Some(invalid) => Err(DemoError::Refused(invalid.to_string())),
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_can_be_given_relative_to_the_day_of_loading() {
        let today = Date::from_calendar_date(2026, time::Month::March, 2).unwrap();
        assert_eq!(dated("D-3T08:04:20Z", today).as_deref(), Some("2026-02-27T08:04:20Z"));
        for text in ["2026-01-15T03:10:00Z", "D-xT00:00:00Z", "D-3", ""] {
            assert_eq!(dated(text, today), None, "{text}");
        }
    }
}
