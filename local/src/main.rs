//! `recourse-local`: the whole of Recourse on this machine, until Ctrl-C.

use clap::error::ErrorKind;
use clap::{CommandFactory, Parser, ValueEnum};
use recourse_local::dynamodb::Engine;
use recourse_local::template::Template;
use recourse_local::{Cloud, LogSink, Options, StartError, demo};
use std::collections::BTreeMap;
use std::error::Error;
use std::ffi::OsString;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use tokio::signal::unix::{SignalKind, signal};

/// As the functions have it: a request is read and written several times on its way to the engine.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Runs all of Recourse on this machine: the API, its functions, DynamoDB, KMS and SES. Loopback
/// only.
#[derive(Parser)]
#[command(name = "recourse-local", version)]
struct Arguments {
    /// The port of the API and of the pages.
    #[arg(long, env = "PORT", default_value_t = 3000)]
    port: u16,
    /// Store data in this folder, so that it outlasts the process.
    #[arg(long, env = "DATA", value_name = "DIR")]
    data: Option<OsString>,
    /// The folder with template.yaml and openapi.yaml.
    #[arg(long, default_value = ".", value_name = "DIR")]
    root: PathBuf,
    /// The folder with the functions' binaries.
    #[arg(long, default_value = "target/debug", value_name = "DIR")]
    binaries: PathBuf,
    /// A parameter of template.yaml and its value. Give it once for each parameter that you set.
    #[arg(long = "parameter", value_name = "NAME=VALUE", value_parser = parameter)]
    parameters: Vec<(String, String)>,
    /// Whether the demo gets cases to look at in the console.
    #[arg(long, env = "DEMO_CASES", default_value = "on")]
    demo_cases: Switch,
    /// Which DynamoDB.
    #[arg(long, env = "ENGINE", default_value = "embedded")]
    engine: EngineName,
    /// The folder with DynamoDBLocal.jar and DynamoDBLocal_lib.
    #[arg(long, env = "DYNAMODB_LOCAL_DIR", value_name = "DIR", required_if_eq("engine", "dynamodb-local"))]
    dynamodb_local_dir: Option<PathBuf>,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Switch {
    On,
    Off,
}

#[derive(Clone, Copy, ValueEnum)]
enum EngineName {
    /// Built in.
    Embedded,
    /// The official DynamoDB Local, which needs Java 17.
    DynamodbLocal,
}

fn parameter(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or("it must be Name=value")?;
    Ok((name.to_owned(), value.to_owned()))
}

/// The parameters by their names. One that is given twice ends the program: nobody can say which
/// value is meant.
fn by_name(given: Vec<(String, String)>) -> BTreeMap<String, String> {
    let mut parameters = BTreeMap::new();
    for (name, value) in given {
        if let Some(first) = parameters.get(&name) {
            let twice = format!("--parameter {name} is given twice, as {first:?} and as {value:?}: give it once");
            Arguments::command().error(ErrorKind::ArgumentConflict, twice).exit();
        }
        parameters.insert(name, value);
    }
    parameters
}

/// What is set here unless it is given: a local cloud receives mail, somebody is mailed when a case
/// waits too long, and the queue of transactions is the demo platform's.
const DEFAULTS: [(&str, &str); 3] = [
    ("InboundMail", "on"),
    ("SupervisorAddresses", "supervisors@platform.example"),
    ("IngestAccount", "acct_platform"),
];

/// These parameters, with the defaults of this machine for those that the template has.
fn with_defaults(root: &Path, mut given: BTreeMap<String, String>) -> Result<BTreeMap<String, String>, StartError> {
    for (name, value) in DEFAULTS {
        if !given.contains_key(name) && Template::declares(root, name)? {
            given.insert(name.to_owned(), value.to_owned());
        }
    }
    Ok(given)
}

#[tokio::main]
async fn main() -> ExitCode {
    match run(Arguments::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("recourse-local: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(arguments: Arguments) -> Result<(), Box<dyn Error>> {
    // Before anything is started, so that a signal at any time ends what was.
    let mut stop = Stop::listen().map_err(|source| StartError::Io { what: "listen for signals".to_owned(), source })?;
    // An empty DATA= is how make says that there is none.
    let data = arguments.data.filter(|data| !data.is_empty()).map(PathBuf::from);
    let engine = match (arguments.engine, arguments.dynamodb_local_dir) {
        (EngineName::DynamodbLocal, Some(dir)) => Engine::DynamoDbLocal { dir },
        _ => Engine::Embedded,
    };
    let file = |name: &str| Some(arguments.root.join(name)).filter(|path| path.is_file());
    let demo = file("local/demo.json");
    let cases = file("local/demo-cases.json").filter(|_| arguments.demo_cases == Switch::On);
    let options = Options {
        port: Some(arguments.port),
        data: data.clone(),
        binaries: arguments.binaries,
        engine,
        emulator: None,
        parameters: with_defaults(&arguments.root, by_name(arguments.parameters))?,
        log: LogSink::stderr(),
        hints: true,
        sweep: true,
        demo: demo.clone(),
        environment_file: Some(arguments.root.join(".recourse.env")),
        root: arguments.root,
    };
    let cloud = tokio::select! {
        cloud = Cloud::start(options) => cloud?,
        () = stop.asked() => return Ok(()),
    };
    if let Some(demo) = &demo
        && let Err(error) = demo::load(&cloud, demo).await
    {
        cloud.stop().await;
        return Err(error.into());
    }
    say(&greeting(&cloud, data.as_deref()));
    if let Some(first) = cloud.environment_of() {
        let url = &cloud.url;
        say(&format!(
            "The command line in this folder stays with {first}, which was here first: .recourse.env is still its file.\n\
             Put `RECOURSE_URL={url}` before recourse report, sign and transaction import to reach this one.\n"
        ));
    }
    let made = async {
        if let Some((demo, cases)) = demo.as_deref().zip(cases.as_deref()) {
            make_cases(&cloud, demo, cases).await;
        }
        std::future::pending::<()>().await
    };
    tokio::select! {
        () = stop.asked() => {}
        () = made => {}
    }
    say("\nStopping.");
    cloud.stop().await;
    Ok(())
}

/// Makes the demo's cases, while everything runs already.
async fn make_cases(cloud: &Cloud, demo: &Path, cases: &Path) {
    match demo::make_cases(cloud, demo, cases).await {
        Ok(None) => {}
        Ok(Some(0)) => eprintln!("recourse-local: there are no cases to look at: the log says why"),
        Ok(Some(count)) => say(&format!("\nThe demo has {count} cases to look at: {}/console\n", cloud.url)),
        Err(error) => eprintln!("recourse-local: there are no cases to look at: {error}"),
    }
}

/// Prints a line. A closed standard output is no reason to end.
fn say(text: &str) {
    let _ = writeln!(std::io::stdout().lock(), "{text}");
}

/// The message when everything runs.
fn greeting(cloud: &Cloud, data: Option<&Path>) -> String {
    let url = &cloud.url;
    let stored = match data {
        Some(data) => format!("Data is stored in {}.", data.display()),
        None => "Data ends with it; DATA=dir stores it.".to_owned(),
    };
    format!(
        "\nRecourse runs on {url}\n\n  \
           start here   {url}/\n  \
           console      {url}/console\n  \
           inbox        {url}/inbox\n  \
           API page     {url}/docs\n\n  \
           DynamoDB     {}\n  \
           KMS          {}\n  \
           S3           {}\n  \
           SES          {}\n  \
           SQS          {}\n  \
           Bedrock      {}\n  \
           EventBridge  {}\n\n\
         {stored} Ctrl-C stops it.\n",
        cloud.dynamodb.endpoint(),
        cloud.kms.endpoint(),
        cloud.s3.endpoint(),
        cloud.ses.endpoint(),
        cloud.sqs.endpoint(),
        cloud.bedrock.endpoint(),
        cloud.eventbridge.endpoint(),
    )
}

/// The signals that ask for an end: Ctrl-C, `kill`, and a terminal that is closed.
struct Stop([tokio::signal::unix::Signal; 3]);

impl Stop {
    fn listen() -> std::io::Result<Stop> {
        Ok(Stop([signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?, signal(SignalKind::hangup())?]))
    }

    /// Returns when one of them has come.
    async fn asked(&mut self) {
        let [interrupt, terminate, hangup] = &mut self.0;
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
            _ = hangup.recv() => {}
        }
    }
}
