//! Where the functions run: the local cloud's Lambda, DynamoDB and KMS, without the rest of it.
//!
//! No stream is read and no policy is checked, so that nothing but the function at hand uses the
//! processor. There is one account, with one key, and as many transactions as reports are wanted.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use recourse_aws::Aws;
use recourse_dispute::environment::Environment;
use recourse_dispute::event::PerformedBy;
use recourse_dispute::ids::{AccountId, KeyId, Refid, Trxid};
use recourse_dispute::lifecycle::Actor;
use recourse_dispute::money::{Currency, Money};
use recourse_dispute::time::UnixMillis;
use recourse_dispute::transaction::{Facts, Kind, Parties, Status, Transaction, TransactionDetails};
use recourse_local::LogSink;
use recourse_local::clock::Clock;
use recourse_local::dynamodb::{DynamoDb, Engine};
use recourse_local::kms::Kms;
use recourse_local::lambda::{Endpoints, Lambda};
use recourse_local::template::{Function, REGION, Table, Template};
use recourse_store::{Account, AuditContext, NewCredential, Role, Sealer, Store, WriteToken};
use recourse_test_harness::raw::{self, Items};
use recourse_test_harness::{CLIENT, REPORT};
use serde_json::{Value, json};

use crate::Result;
use crate::report::{self, Report};
use crate::sides::Side;

/// The account that reports, and its address.
const ACCOUNT: &str = "acct_demo";
const ADDRESS: &str = "disputes@demo-wallet.example";
/// The table of Powertools.
const IDEMPOTENCY_TABLE: &str = "recourse-peer-idempotency";
/// The file with what `iimmpact-report` writes, for the bare loop.
const ITEMS: &str = "peer-loop/items.json";
/// How many transactions are written at once: DynamoDB takes 25 items, and each has two.
const BATCH: usize = 12;
/// How long to wait for a process to end.
const END: Duration = Duration::from_millis(5);

/// A place to measure in.
pub struct Bed {
    dynamodb: DynamoDb,
    kms: Kms,
    functions: BTreeMap<Side, Function>,
    binaries: PathBuf,
    lambda: Lambda,
    tables: [String; 2],
    /// The items of the first transaction, as text: all others are copies of it.
    first: Vec<String>,
    next: AtomicU64,
}

impl Bed {
    /// Starts it, with the functions of these sides; `binaries` has a folder with a `bootstrap` for
    /// each. Invokes ours once, to learn what it writes.
    ///
    /// # Errors
    /// What is missing, or the first answer of ours where it is not a success.
    pub async fn start(root: &Path, binaries: &Path, sides: &[Side]) -> Result<Self> {
        let binaries = std::path::absolute(binaries)?;
        let parameters = BTreeMap::from([("SupportProcess".to_owned(), "off".to_owned())]);
        let template = Template::read(root, &parameters)?;
        let report = template.functions.iter().find(|function| function.id == REPORT);
        let report = report.ok_or("template.yaml has no function IimmpactReport")?;
        let dynamodb = DynamoDb::start(&Engine::Embedded, None, &tables(&template)).await?;
        let kms = Kms::start(None).await?;
        let nothing = "http://127.0.0.1:9".to_owned();
        let endpoints = Endpoints {
            dynamodb: dynamodb.endpoint(),
            kms: kms.endpoint(),
            s3: nothing.clone(),
            ses: nothing.clone(),
            bedrock: nothing.clone(),
            eventbridge: nothing.clone(),
            provider: nothing,
            clock: Clock::unmoved(),
            hints: false,
        };
        let functions: BTreeMap<_, _> = sides.iter().map(|side| (*side, function(report, *side, &binaries))).collect();
        let list: Vec<Function> = functions.values().cloned().collect();
        let lambda = Lambda::new(&list, &binaries, &endpoints, None, LogSink::buffered());
        let table =
            |name: &str| report.environment.get(name).cloned().ok_or_else(|| format!("no {name} in template.yaml"));
        let tables = [table("DISPUTES_TABLE")?, table("EPHEMERAL_TABLE")?];
        let first = seed(report, &endpoints, &tables).await?;
        let next = AtomicU64::new(1);
        let bed = Self { dynamodb, kms, functions, binaries, lambda, tables, first, next };
        bed.capture().await?;
        Ok(bed)
    }

    /// So many transactions that nobody has reported yet.
    ///
    /// # Errors
    /// None of its own: DynamoDB here takes what it is given.
    pub async fn reports(&self, count: usize) -> Result<Vec<Report>> {
        let mut reports = Vec::with_capacity(count);
        while reports.len() < count {
            let mut puts = Vec::new();
            for _ in 0..BATCH.min(count.saturating_sub(reports.len())) {
                let report = Report::numbered(self.next.fetch_add(1, Ordering::Relaxed));
                for item in &self.first {
                    let item: Value = serde_json::from_str(&report.rename(item))?;
                    puts.push(json!({ "PutRequest": { "Item": item } }));
                }
                reports.push(report);
            }
            let request = json!({ "RequestItems": { self.disputes_table(): puts } });
            raw::call(&self.dynamodb.endpoint(), "BatchWriteItem", &request).await;
        }
        Ok(reports)
    }

    /// The function of a side.
    ///
    /// # Errors
    /// The bed was started without it.
    pub fn function(&self, side: Side) -> Result<&Function> {
        Ok(self.functions.get(&side).ok_or_else(|| not_started(side))?)
    }

    /// The Lambda that runs them.
    #[must_use]
    pub fn lambda(&self) -> &Lambda {
        &self.lambda
    }

    /// Every item of the disputes table.
    pub async fn disputes(&self) -> Items {
        raw::items(&self.dynamodb.endpoint(), self.disputes_table()).await
    }

    /// Reports a transaction to a side. Returns the time from the event to the answer, in seconds.
    ///
    /// # Errors
    /// There was no answer, or not that of a success.
    pub async fn report(&self, side: Side, report: &Report) -> Result<f64> {
        let event = report::event(&report.call())?;
        let started = Instant::now();
        let answer = self.lambda.invoke(side.id(), event).await?;
        let took = started.elapsed().as_secs_f64();
        let answer: Value = serde_json::from_slice(&answer)?;
        if answer.get("statusCode").and_then(Value::as_u64) != Some(200) {
            return Err(format!("{} answers a report with {answer}", side.name()).into());
        }
        Ok(took)
    }

    /// The processes of a side.
    #[must_use]
    pub fn processes(&self, side: Side) -> Vec<u32> {
        let instances = self.lambda.instances().into_iter();
        instances.filter(|instance| instance.function == side.id()).map(|instance| instance.pid).collect()
    }

    /// Ends the processes of a side, and returns when they have ended.
    pub async fn end(&self, side: Side) {
        for pid in self.processes(side) {
            self.lambda.kill(pid);
        }
        while !self.processes(side).is_empty() {
            tokio::time::sleep(END).await;
        }
    }

    /// The program of a side, and the environment that Lambda gives it, for a process that is
    /// started without Lambda.
    ///
    /// # Errors
    /// As [`Self::function`].
    pub fn program(&self, side: Side) -> Result<(PathBuf, Vec<(String, String)>)> {
        Ok(self.lambda.program(side.id()).ok_or_else(|| not_started(side))?)
    }

    /// Stops all of it.
    pub async fn stop(self) {
        self.lambda.stop().await;
        self.kms.stop().await;
        self.dynamodb.stop().await;
    }

    fn disputes_table(&self) -> &str {
        let [disputes, _] = &self.tables;
        disputes
    }

    /// Writes down which items ours writes for one report, for the bare loop.
    async fn capture(&self) -> Result<()> {
        let reports = self.reports(1).await?;
        let report = reports.first().ok_or("there is no transaction")?;
        let (endpoint, [disputes, ephemeral]) = (self.dynamodb.endpoint(), &self.tables);
        let before = raw::items(&endpoint, disputes).await;
        let call = report.call();
        let answer = self.lambda.invoke(Side::Ours.id(), report::event(&call)?).await?;
        let answer = String::from_utf8_lossy(&answer);
        if !answer.contains("Success") {
            let log: Vec<String> = self.lambda.log().lines().into_iter().map(|line| line.text).collect();
            return Err(format!("iimmpact-report answers {answer}; its log: {}", log.join("\n")).into());
        }
        let written: Vec<Value> = raw::items(&endpoint, disputes)
            .await
            .into_iter()
            .filter(|(key, _)| !before.contains_key(key))
            .map(|(_, item)| item)
            .collect();
        let key =
            |item: &Value, name: &str| item.pointer(&format!("/{name}/S")).and_then(Value::as_str).map(str::to_owned);
        let of_dispute = written.iter().find(|item| key(item, "SK").as_deref() == Some("DSP"));
        let number = of_dispute.and_then(|item| key(item, "PK")?.strip_prefix("DSP#").map(str::to_owned));
        let nonces: Vec<Value> = raw::items(&endpoint, ephemeral).await.into_values().collect();
        let captured = json!({
            "disputes": written, "ephemeral": nonces,
            "number": number.ok_or("iimmpact-report wrote no dispute")?, "trxid": report.trxid, "nonce": call.nonce,
        });
        let path = self.binaries.join(ITEMS);
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder)?;
        }
        Ok(std::fs::write(path, captured.to_string())?)
    }
}

fn not_started(side: Side) -> String {
    format!("{} was not started", side.name())
}

/// The template's tables without their streams, and that of Powertools.
fn tables(template: &Template) -> Vec<Table> {
    let mut tables = template.tables.clone();
    for table in &mut tables {
        table.has_stream = false;
        if let Some(create) = table.create.as_object_mut() {
            create.remove("StreamSpecification");
        }
    }
    tables.push(Table {
        id: "PeerIdempotencyTable".to_owned(),
        name: IDEMPOTENCY_TABLE.to_owned(),
        create: json!({
            "TableName": IDEMPOTENCY_TABLE,
            "AttributeDefinitions": [{ "AttributeName": "id", "AttributeType": "S" }],
            "KeySchema": [{ "AttributeName": "id", "KeyType": "HASH" }],
            "BillingMode": "PAY_PER_REQUEST",
        }),
        ttl_attribute: Some("expiration".to_owned()),
        has_stream: false,
        recoverable: false,
    });
    tables
}

/// The function of a side: that of the report with another binary and what a peer needs besides.
fn function(report: &Function, side: Side, binaries: &Path) -> Function {
    let mut environment = report.environment.clone();
    let mut set = |name: &str, value: String| environment.insert(name.to_owned(), value);
    if let Some(nonce) = side.nonce() {
        set("NONCE", nonce.to_owned());
        set("IDEMPOTENCY_TABLE", IDEMPOTENCY_TABLE.to_owned());
        let key = json!({ "secret": CLIENT.secret, "account": ACCOUNT, "environment": "production", "email": ADDRESS });
        set("API_KEYS", json!({ CLIENT.id: key }).to_string());
        set("AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED", "true".to_owned());
    }
    if side == Side::Loop {
        set("ITEMS", binaries.join(ITEMS).display().to_string());
    }
    let (id, binary) = (side.id().to_owned(), format!("{}/bootstrap", side.folder()));
    Function { id, binary, environment, at_once: side.at_once(), ..report.clone() }
}

/// Makes the account, its key and the first transaction; returns the items of that.
async fn seed(report: &Function, endpoints: &Endpoints, tables: &[String; 2]) -> Result<Vec<String>> {
    let mut environment = report.environment.clone();
    let more = [
        ("AWS_REGION", REGION),
        ("AWS_ACCESS_KEY_ID", "LOCALtests"),
        ("AWS_SECRET_ACCESS_KEY", "local"),
        ("AWS_ENDPOINT_URL_DYNAMODB", endpoints.dynamodb.as_str()),
        ("AWS_ENDPOINT_URL_KMS", endpoints.kms.as_str()),
    ];
    environment.extend(more.map(|(name, value)| (name.to_owned(), value.to_owned())));
    let aws = Aws::with(move |name| environment.get(name).cloned())?;
    let (store, sealer) = (Store::from_environment(&aws)?, Sealer::from_environment(&aws)?);

    let now = UnixMillis(i64::try_from(SystemTime::now().duration_since(UNIX_EPOCH)?.as_millis())?);
    let by = |actor| PerformedBy { actor, name: "bench".to_owned() };
    let audit = AuditContext { by: by(Actor::Operator), at: now, why: None };
    let account: Account = serde_json::from_value(
        json!({ "id": ACCOUNT, "name": "Demo", "environment": "production", "email": ADDRESS }),
    )?;
    store.create_account(&account, &audit, &token()).await?;
    let (key, id) = (KeyId::parse(CLIENT.id)?, AccountId::parse(ACCOUNT)?);
    let new = NewCredential { key: &key, account: &id, role: Role::Client, secret: CLIENT.secret };
    store.create_credential(&sealer, &new, random()?, &audit, token).await?;

    let first = Report::numbered(0);
    let facts = Facts {
        environment: Environment::Production,
        trxid: Trxid::parse(&first.trxid)?,
        account: id,
        refid: Refid::parse(&first.refid)?,
        product: Some("Steam Wallet 50".to_owned()),
        amount: Money::from_minor(155_000, Currency::parse("MYR")?),
        occurred_at: now.plus(-60_000),
        parties: Parties::default(),
        details: TransactionDetails::default(),
    };
    let transaction =
        Transaction { facts, status: Status::Succesful, kind: Kind::Voucher, updated_at: now.plus(-50_000).into() };
    store.upsert_transaction(&transaction, &by(Actor::Platform), now, token).await?;
    let [disputes, _] = tables;
    let items = raw::items(&endpoints.dynamodb, disputes).await.into_values().map(|item| item.to_string());
    Ok(items.filter(|item| item.contains(&first.trxid)).collect())
}

/// A write token that nothing else has.
fn token() -> WriteToken {
    WriteToken::new(random().unwrap_or_default())
}

fn random<const N: usize>() -> Result<[u8; N]> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes)?;
    Ok(bytes)
}
