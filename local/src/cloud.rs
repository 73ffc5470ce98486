//! The whole of it: starts what template.yaml says on one machine, and stops it without a trace.

mod environment;

use crate::StartError;
use crate::bedrock::Bedrock;
use crate::bus::Bus;
use crate::clock::Clock;
use crate::data_lock::DataLock;
use crate::dynamodb::DynamoDb;
use crate::eventbridge::EventBridge;
use crate::gateway::{Gate, Gateway, INTEGRATION_TIMEOUT, RouteTable};
use crate::kms::Kms;
use crate::lambda::{Endpoints, InvokeError, Lambda};
use crate::options::Options;
use crate::pages::{self, DemoCases, DemoLinks, DemoStore, FunctionRow, PagesState};
use crate::policy::Iam;
use crate::provider::Provider;
use crate::s3::S3;
use crate::schedule::{self, Schedules};
use crate::ses::Ses;
use crate::sqs::{Sqs, mapping};
use crate::streams::{Pump, StreamError};
use crate::template::{Function, Template};
use futures_util::future::BoxFuture;
use recourse_dispute::text::bytes_without_bom;
use std::collections::{BTreeMap, BTreeSet};
use std::io::ErrorKind;
use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::OwnedRwLockWriteGuard;

/// How often a stream is read while new records are likely.
const STREAM_POLL: Duration = Duration::from_millis(100);

/// A running local cloud.
pub struct Cloud {
    /// Where clients send their requests, as in `http://127.0.0.1:3000`.
    pub url: String,
    /// DynamoDB.
    pub dynamodb: DynamoDb,
    /// KMS.
    pub kms: Kms,
    /// S3, with the evidence.
    pub s3: S3,
    /// SES, with the mails that were sent.
    pub ses: Ses,
    /// SQS, with the queues.
    pub sqs: Sqs,
    /// Bedrock, whose model does what a test chooses.
    pub bedrock: Bedrock,
    /// EventBridge's API, with the events that were put.
    pub eventbridge: EventBridge,
    /// The demo's provider.
    pub provider: Provider,
    /// What the functions may do, and what they did of it.
    pub iam: Arc<Iam>,
    /// EventBridge's default bus.
    pub bus: Bus,
    /// The functions.
    pub lambda: Lambda,
    /// What template.yaml says.
    pub template: Template,
    /// What time it is here.
    pub clock: Clock,
    pub(crate) gate: Gate,
    pub(crate) demo_store: DemoStore,
    pub(crate) demo_cases: DemoCases,
    pub(crate) endpoints: Endpoints,
    pub(crate) binaries: PathBuf,
    gateway: Gateway,
    pumps: Vec<Pump>,
    schedules: Option<Schedules>,
    environment_file: Option<PathBuf>,
    environment_of: Option<String>,
    /// Held until everything is stopped.
    data_lock: Option<DataLock>,
}

impl Cloud {
    /// Starts everything. When this returns, requests are answered; with demo data, once that is
    /// loaded ([`crate::demo::load`]).
    ///
    /// # Errors
    /// What is missing or taken, in words for the caller. What had been started is ended.
    pub async fn start(options: Options) -> Result<Cloud, StartError> {
        let template = Template::read(&options.root, &options.parameters)?;
        check_binaries(&template.functions, &options.binaries)?;
        let demo = options.demo.as_deref().map(read_json).transpose()?;
        if let Some(data) = &options.data {
            std::fs::create_dir_all(data)
                .map_err(StartError::io(format!("make the data folder {}", data.display())))?;
        }
        let data = options.data.as_deref();
        let data_lock = data.map(DataLock::take).transpose()?;
        let clock = Clock::open(data).map_err(StartError::io("read the clock"))?;
        let listener = bind(options.port).await?;
        let port = listener.local_addr().map_err(StartError::io("open a port"))?.port();
        let url = format!("http://127.0.0.1:{port}");
        if let Some(lock) = &data_lock {
            lock.reached_at(&url)?;
        }

        let dynamodb =
            DynamoDb::start(&options.engine, data, &template.tables).await.map_err(StartError::service("DynamoDB"))?;
        let kms = Kms::start(data).await.map_err(StartError::service("KMS"))?;
        let buckets: Vec<String> = template.buckets.iter().map(|bucket| bucket.name.clone()).collect();
        let s3 = S3::start(&buckets, data).await.map_err(StartError::service("S3"))?;
        let ses = Ses::start(senders(&template.functions), data).await.map_err(StartError::service("SES"))?;
        let sqs = Sqs::start(&template.queues).await.map_err(StartError::service("SQS"))?;
        let bedrock = Bedrock::start().await.map_err(StartError::service("Bedrock"))?;
        let eventbridge = EventBridge::start().await.map_err(StartError::service("EventBridge"))?;
        let iam = Arc::new(Iam::new(&template.functions));
        dynamodb.guard(&iam, &template.tables);
        dynamodb.yield_by(template.functions.iter().filter(|function| function.is_background()));
        kms.guard(&iam);
        s3.guard(&iam);
        ses.guard(&iam);
        sqs.guard(&iam);
        bedrock.guard(&iam);
        eventbridge.guard(&iam);
        ses.set_clock(&clock);
        eventbridge.set_clock(&clock);
        let endpoints = Endpoints {
            dynamodb: dynamodb.endpoint(),
            kms: kms.endpoint(),
            s3: s3.endpoint(),
            ses: ses.endpoint(),
            bedrock: bedrock.endpoint(),
            eventbridge: eventbridge.endpoint(),
            provider: url.clone(),
            // Under AWS's emulator, functions get the time of the machine's own clock.
            clock: if options.emulator.is_some() { Clock::unmoved() } else { clock.clone() },
            hints: options.hints,
        };
        let emulator = options.emulator.as_deref();
        let lambda = Lambda::new(&template.functions, &options.binaries, &endpoints, emulator, options.log.clone());
        let bus = Bus::new(&template.functions, &template.queue_rules, &lambda, &sqs)?;
        ses.publish(&template.configuration_sets, &bus);
        eventbridge.publish(&bus);
        s3.publish(&template.buckets, &bus, &clock);
        ses.receive_by(&template.receipt_rules, &s3);
        let sources = || template.functions.iter().flat_map(|f| f.streams.iter().map(|source| (&f.id, source)));
        for (function, source) in sources() {
            dynamodb.progress().expect(&source.table, function);
        }
        let mut pumps = Vec::new();
        for (function, source) in sources() {
            let invoke = invoker(&lambda, function);
            let pump = Pump::start(&dynamodb, source, function, STREAM_POLL, options.log.clone(), invoke).await;
            pumps.push(pump.map_err(StartError::service("a stream"))?);
        }
        for function in &template.functions {
            for source in &function.queues {
                pumps.push(mapping::start(&sqs, source, queue_invoker(&lambda, &function.id)));
            }
        }
        let schedules = options.sweep.then(|| Schedules::start(&template.functions, &lambda, &clock));
        let (demo_store, demo_cases) = (DemoStore::default(), DemoCases::default());
        let provider = Provider::new(demo.as_ref().and_then(provider_secret));
        let pages = pages::routes(PagesState {
            url: url.clone(),
            ses: ses.clone(),
            eventbridge: eventbridge.clone(),
            openapi: options.root.join("openapi.yaml"),
            functions: template.functions.iter().map(row).collect(),
            endpoints: [
                ("DynamoDB", &endpoints.dynamodb),
                ("KMS", &endpoints.kms),
                ("S3", &endpoints.s3),
                ("SES", &endpoints.ses),
                ("SQS", &sqs.endpoint()),
                ("Bedrock", &endpoints.bedrock),
                ("EventBridge", &endpoints.eventbridge),
            ]
            .map(|(name, url)| (name.to_owned(), url.clone()))
            .to_vec(),
            demo,
            demo_store: demo_store.clone(),
            demo_cases: demo_cases.clone(),
            demo_links: DemoLinks::default(),
            clock: clock.clone(),
            provider: provider.clone(),
            log: options.log.clone(),
        });
        let gate = Gate::new(options.demo.is_none());
        let routes = RouteTable::new(&template.functions);
        let patience = INTEGRATION_TIMEOUT;
        let gateway = Gateway::start(listener, pages, routes, lambda.clone(), patience, gate.clone(), clock.clone());
        let mut cloud = Cloud {
            url,
            dynamodb,
            kms,
            s3,
            ses,
            sqs,
            bedrock,
            eventbridge,
            provider,
            iam,
            bus,
            lambda,
            template,
            clock,
            gate,
            demo_store,
            demo_cases,
            endpoints,
            binaries: options.binaries,
            gateway,
            pumps,
            schedules,
            environment_file: options.environment_file,
            environment_of: None,
            data_lock,
        };
        match cloud.write_environment().await {
            Ok(()) => Ok(cloud),
            Err(error) => {
                cloud.stop().await;
                Err(error)
            }
        }
    }

    /// The address of another cloud that was here first, if the environment file is that one's.
    #[must_use]
    pub fn environment_of(&self) -> Option<&str> {
        self.environment_of.as_deref()
    }

    /// Runs all schedules of a function now, one after the other.
    ///
    /// # Errors
    /// The first failure; [`InvokeError::Unknown`] when there is no such function or it has no
    /// schedule.
    pub async fn run_schedule(&self, function_id: &str) -> Result<(), InvokeError> {
        let function = self.template.functions.iter().find(|f| f.id == function_id && !f.schedules.is_empty());
        let function = function.ok_or_else(|| InvokeError::Unknown(function_id.to_owned()))?;
        for schedule in &function.schedules {
            schedule::run(function_id, schedule, &self.lambda).await?;
        }
        Ok(())
    }

    /// Holds up the schedules that run by themselves while the guard lives.
    pub(crate) async fn hold_schedules(&self) -> Option<OwnedRwLockWriteGuard<()>> {
        match &self.schedules {
            Some(schedules) => Some(schedules.hold().await),
            None => None,
        }
    }

    /// For each route, by its key, the first event that a function answered with success: what API
    /// Gateway would have sent.
    #[must_use]
    pub fn events(&self) -> BTreeMap<String, Vec<u8>> {
        self.gateway.events()
    }

    /// Stops everything: takes no more requests, ends the functions' processes, removes the
    /// environment file.
    pub async fn stop(self) {
        self.remove_environment();
        if let Some(schedules) = &self.schedules {
            schedules.stop();
        }
        // The functions before what waits for them.
        self.lambda.stop().await;
        for pump in self.pumps {
            pump.stop().await;
        }
        self.gateway.stop().await;
        self.eventbridge.stop().await;
        self.bedrock.stop().await;
        self.sqs.stop().await;
        self.ses.stop().await;
        self.s3.stop().await;
        self.kms.stop().await;
        self.dynamodb.stop().await;
        drop(self.data_lock);
    }
}

/// Opens the gateway's port.
async fn bind(port: Option<u16>) -> Result<TcpListener, StartError> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, port.unwrap_or(0))).await.map_err(|error| match (error.kind(), port) {
        (ErrorKind::AddrInUse, Some(port)) => StartError::PortTaken(port),
        _ => StartError::Io { what: "open the gateway's port".to_owned(), source: error },
    })
}

/// Finds all missing binaries at once.
fn check_binaries(functions: &[Function], binaries: &Path) -> Result<(), StartError> {
    let missing: BTreeSet<_> =
        functions.iter().map(|f| &f.binary).filter(|binary| !binaries.join(binary).is_file()).cloned().collect();
    if missing.is_empty() {
        return Ok(());
    }
    Err(StartError::BinariesMissing { missing: missing.into_iter().collect(), binaries: binaries.to_owned() })
}

fn read_json(path: &Path) -> Result<serde_json::Value, StartError> {
    let what = format!("read {}", path.display());
    let text = std::fs::read(path).map_err(StartError::io(what.clone()))?;
    serde_json::from_slice(bytes_without_bom(&text)).map_err(std::io::Error::from).map_err(StartError::io(what))
}

/// The secret that questions to the demo's provider are signed with: that of the first account of
/// the demo's data that has one.
fn provider_secret(demo: &serde_json::Value) -> Option<&str> {
    let accounts = demo.get("accounts")?.as_array()?;
    accounts.iter().find_map(|account| account.get("provider_secret")?.as_str())
}

/// The addresses that functions send from, which SES is to have verified.
fn senders(functions: &[Function]) -> Vec<String> {
    let senders: BTreeSet<_> = functions.iter().filter_map(|f| f.environment.get("MAIL_FROM")).cloned().collect();
    senders.into_iter().collect()
}

/// How a stream calls its function.
fn invoker(
    lambda: &Lambda,
    function_id: &str,
) -> impl Fn(Vec<u8>) -> BoxFuture<'static, Result<Vec<u8>, StreamError>> + use<> {
    let (lambda, function_id) = (lambda.clone(), function_id.to_owned());
    move |event| {
        let (lambda, function_id) = (lambda.clone(), function_id.clone());
        Box::pin(async move {
            lambda.invoke(&function_id, event).await.map_err(|error| match error {
                InvokeError::Throttled
                | InvokeError::NotStarted(_)
                | InvokeError::Stopping
                | InvokeError::Unknown(_) => StreamError::NotReached(error.to_string()),
                InvokeError::TooLarge
                | InvokeError::Unhandled { .. }
                | InvokeError::TimedOut { .. }
                | InvokeError::ExitedEarly { .. }
                | InvokeError::ResponseTooLarge => StreamError::Failed(error.to_string()),
            })
        })
    }
}

/// How a queue calls its function. Lambda logs why a call failed.
fn queue_invoker(
    lambda: &Lambda,
    function_id: &str,
) -> impl Fn(Vec<u8>) -> BoxFuture<'static, Option<Vec<u8>>> + Clone + use<> {
    let (lambda, function_id) = (lambda.clone(), function_id.to_owned());
    move |event| {
        let (lambda, function_id) = (lambda.clone(), function_id.clone());
        Box::pin(async move { lambda.invoke(&function_id, event).await.ok() })
    }
}

/// A function, as the index page shows it.
fn row(function: &Function) -> FunctionRow {
    let routes = function.routes.iter().map(|route| route.key.clone());
    let streams = function.streams.iter().map(|source| format!("stream of {}", source.table));
    let queues = function.queues.iter().map(|source| format!("queue {}", source.queue));
    let schedules = function.schedules.iter().map(|schedule| format!("every {} s", schedule.every.as_secs()));
    let rules = function.rules.iter().map(|_| "rule of the event bus".to_owned());
    FunctionRow {
        id: function.id.clone(),
        binary: function.binary.clone(),
        routes: routes.chain(streams).chain(queues).chain(schedules).chain(rules).collect(),
    }
}

#[cfg(test)]
mod tests;
