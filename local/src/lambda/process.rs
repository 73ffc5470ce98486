//! A function's process: the environment Lambda gives it, its log, and how it ended.

use crate::clock::{Clock, VARIABLE};
use crate::log::LogSink;
use crate::policy::access_key;
use crate::template::{Function, REGION};
use rustix::process::{Pid, setpriority_process};
use std::io;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::net::unix::pipe;
use tokio::process::{Child, Command};
use tokio::task::JoinHandle;

/// The priority of a function that only schedules invoke, as `nice` has it: those that answer
/// requests are at 0, and 19 is the lowest.
const BACKGROUND_PRIORITY: i32 = 10;

/// The priority of a function that events invoke: nobody waits for its answer, and what came in
/// meanwhile makes its next batch larger. It has a third of the time of one that answers requests,
/// where both want all of it.
const EVENT_PRIORITY: i32 = 5;

/// Where functions find the AWS services that they call, and what time it is.
#[derive(Clone, Debug)]
pub struct Endpoints {
    /// DynamoDB, as in `http://127.0.0.1:4000`.
    pub dynamodb: String,
    /// KMS.
    pub kms: String,
    /// S3.
    pub s3: String,
    /// SES v2.
    pub ses: String,
    /// Bedrock's runtime.
    pub bedrock: String,
    /// EventBridge.
    pub eventbridge: String,
    /// The origin of the demo's provider, which functions may ask over plain HTTP.
    pub provider: String,
    /// What time it is.
    pub clock: Clock,
    /// Whether functions say why a request is not authenticated.
    pub hints: bool,
}

/// All that the processes of one function have in common.
#[derive(Debug)]
pub(super) struct Program {
    pub(super) function: Function,
    pub(super) binary: PathBuf,
    /// From which its deadlines are counted.
    pub(super) clock: Clock,
    environment: Vec<(String, String)>,
    log: LogSink,
}

impl Program {
    pub(super) fn new(function: Function, binaries: &Path, endpoints: &Endpoints, log: LogSink) -> Program {
        let id = &function.id;
        let mut environment: Vec<(String, String)> = function.environment.clone().into_iter().collect();
        let initialization = if function.at_once.is_some() { "lambda-managed-instances" } else { "on-demand" };
        let lambda = [
            ("_HANDLER", "bootstrap".to_owned()),
            ("AWS_ACCESS_KEY_ID", access_key(id)),
            ("AWS_DEFAULT_REGION", REGION.to_owned()),
            ("AWS_ENDPOINT_URL_BEDROCK_RUNTIME", endpoints.bedrock.clone()),
            ("AWS_ENDPOINT_URL_DYNAMODB", endpoints.dynamodb.clone()),
            ("AWS_ENDPOINT_URL_EVENTBRIDGE", endpoints.eventbridge.clone()),
            ("AWS_ENDPOINT_URL_KMS", endpoints.kms.clone()),
            ("AWS_ENDPOINT_URL_S3", endpoints.s3.clone()),
            ("AWS_ENDPOINT_URL_SESV2", endpoints.ses.clone()),
            ("AWS_EXECUTION_ENV", "AWS_Lambda_provided.al2023".to_owned()),
            ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", function.memory_mb.to_string()),
            ("AWS_LAMBDA_FUNCTION_NAME", id.clone()),
            ("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST".to_owned()),
            ("AWS_LAMBDA_INITIALIZATION_TYPE", initialization.to_owned()),
            ("AWS_LAMBDA_LOG_FORMAT", "JSON".to_owned()),
            ("AWS_LAMBDA_LOG_GROUP_NAME", format!("/aws/lambda/{id}")),
            ("AWS_LAMBDA_LOG_STREAM_NAME", "local".to_owned()),
            ("AWS_REGION", REGION.to_owned()),
            ("AWS_SECRET_ACCESS_KEY", "local".to_owned()),
            ("AWS_SESSION_TOKEN", "local".to_owned()),
            ("LAMBDA_TASK_ROOT", binaries.display().to_string()),
            ("RECOURSE_LOCAL_PROVIDER", endpoints.provider.clone()),
            ("TZ", ":UTC".to_owned()),
        ];
        environment.extend(lambda.map(|(name, value)| (name.to_owned(), value)));
        environment.extend(function.at_once.map(|most| ("AWS_LAMBDA_MAX_CONCURRENCY".to_owned(), most.to_string())));
        environment.extend(endpoints.hints.then(|| ("RECOURSE_LOCAL_HINTS".to_owned(), "on".to_owned())));
        environment.extend(endpoints.clock.file().map(|file| (VARIABLE.to_owned(), file.display().to_string())));
        Program { binary: binaries.join(&function.binary), clock: endpoints.clock.clone(), function, environment, log }
    }

    /// The binary and its environment; see [`super::Lambda::program`].
    pub(super) fn parts(&self) -> (PathBuf, Vec<(String, String)>) {
        (self.binary.clone(), self.environment.clone())
    }

    /// Starts a process whose runtime API is at `runtime_api` (`127.0.0.1:port`). It dies with its
    /// handle. The second value is the task that copies its standard output and error to the log.
    /// The task ends when nobody holds them open any more.
    pub(super) fn start(&self, runtime_api: &str) -> io::Result<(Child, JoinHandle<()>)> {
        self.spawn(Command::new(&self.binary), ("AWS_LAMBDA_RUNTIME_API", runtime_api))
    }

    /// Starts `command` in the function's environment and with this variable; see [`Self::start`].
    pub(super) fn spawn(&self, mut command: Command, variable: (&str, &str)) -> io::Result<(Child, JoinHandle<()>)> {
        // One pipe for both, so that lines come out in the order they were written.
        let (reader, writer) = io::pipe()?;
        let child = command
            .env_clear()
            .envs(self.environment.iter().map(|(name, value)| (name, value)))
            .env(variable.0, variable.1)
            .current_dir(self.binary.parent().unwrap_or(Path::new(".")))
            .stdin(Stdio::null())
            .stdout(writer.try_clone()?)
            .stderr(writer)
            // Ctrl-C in the terminal is for the local cloud, which then ends its functions itself.
            .process_group(0)
            .kill_on_drop(true)
            .spawn()?;
        if let Some(priority) = priority(&self.function) {
            yield_processor(&child, priority);
        }
        let lines = pipe::Receiver::from_owned_fd(reader.into())?;
        Ok((child, tokio::spawn(copy_log(lines, self.function.id.clone(), self.log.clone()))))
    }

    /// Writes a line of Lambda's own into the function's log.
    pub(super) fn say(&self, text: &str) {
        self.log.line(&self.function.id, text);
    }

    /// The message when the process cannot be started.
    pub(super) fn cannot_start(&self, error: &io::Error) -> String {
        let binary = self.binary.display();
        match error.kind() {
            io::ErrorKind::NotFound => {
                format!("there is no {binary}: build it with `cargo build --bin {}`", self.function.binary)
            }
            // "Too many open files" has no kind of its own.
            _ if error.raw_os_error() == Some(24) => {
                format!("cannot start {binary}: {error}; raise the limit with `ulimit -n 8192`")
            }
            _ => format!("cannot start {binary}: {error}"),
        }
    }
}

/// The priority of a function's processes; `None` is that of this process.
fn priority(function: &Function) -> Option<i32> {
    if function.is_background() {
        Some(BACKGROUND_PRIORITY)
    } else {
        function.is_called_by_events().then_some(EVENT_PRIORITY)
    }
}

/// Lets the processes of a higher priority go first. Where the system refuses that, the function
/// runs as all do.
fn yield_processor(child: &Child, priority: i32) {
    let pid = child.id().and_then(|pid| Pid::from_raw(i32::try_from(pid).ok()?));
    let _ = pid.map(|pid| setpriority_process(Some(pid), priority));
}

async fn copy_log(lines: pipe::Receiver, function: String, log: LogSink) {
    let mut lines = BufReader::new(lines);
    let mut line = Vec::new();
    while lines.read_until(b'\n', &mut line).await.is_ok_and(|n| n > 0) {
        log.line(&function, String::from_utf8_lossy(&line).trim_end());
        line.clear();
    }
}

/// How a process ended, in the words of Lambda's log: what follows "Runtime exited".
pub(super) fn how_it_ended(status: ExitStatus) -> String {
    match (status.code(), status.signal()) {
        (Some(0), _) => "without providing a reason".to_owned(),
        (Some(code), _) => format!("with error: exit status {code}"),
        (None, Some(signal)) => format!("with error: signal: {}", signal_name(signal)),
        (None, None) => format!("with error: {status}"),
    }
}

/// The signals' names as Lambda, which is written in Go, prints them.
fn signal_name(signal: i32) -> String {
    match signal {
        6 => "aborted".to_owned(),
        9 => "killed".to_owned(),
        11 => "segmentation fault".to_owned(),
        15 => "terminated".to_owned(),
        other => format!("signal {other}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::specimen;
    use serde_json::json;
    use std::time::Duration;

    #[test]
    fn who_answers_requests_goes_before_who_is_called_by_events() {
        let mut function = specimen("F", Duration::from_secs(1), &[], &[("GET", "/")]);
        assert_eq!(priority(&function), None);
        function.rules.push(json!({}));
        assert_eq!(priority(&function), None, "a client may wait for it");
        function.routes.clear();
        assert_eq!(priority(&function), Some(EVENT_PRIORITY));
        function.rules.clear();
        assert_eq!(priority(&function), None, "nothing but a caller of Lambda invokes it");
    }

    #[test]
    fn ends_are_named_as_lambda_names_them() {
        // A wait status holds the signal in its low byte and the exit code in the next.
        for (status, expected) in [
            (0, "without providing a reason"),
            (0x100, "with error: exit status 1"),
            (9, "with error: signal: killed"),
            (11, "with error: signal: segmentation fault"),
        ] {
            assert_eq!(how_it_ended(ExitStatus::from_raw(status)), expected);
        }
    }
}
