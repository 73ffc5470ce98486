//! `recourse-local` as a process: what it says, and what it leaves behind when it ends.
#![expect(clippy::unwrap_used, reason = "what cannot go on here fails the test")]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

const TEMPLATE: &str = "
AWSTemplateFormatVersion: '2010-09-09'
Transform: AWS::Serverless-2016-10-31
Parameters: { Brand: { Type: String, Default: Recourse, MaxLength: 20 } }
Resources:
  Specimen:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: target/lambda/specimen/
      Timeout: 30
      Environment: { Variables: { BRAND: !Ref Brand } }
      Events:
        Do: { Type: HttpApi, Properties: { Method: POST, Path: /do } }
";

struct Local {
    process: Child,
    greeting: String,
    root: tempfile::TempDir,
}

impl Local {
    fn command(root: &Path, port: u16) -> Command {
        let examples = Path::new(env!("CARGO_BIN_EXE_recourse-local")).parent().unwrap().join("examples");
        let mut command = Command::new(env!("CARGO_BIN_EXE_recourse-local"));
        for variable in ["PORT", "DATA", "ENGINE", "DYNAMODB_LOCAL_DIR"] {
            command.env_remove(variable);
        }
        command.arg("--root").arg(root).arg("--binaries").arg(examples).arg("--port").arg(port.to_string());
        command
    }

    /// Starts it on a free port and reads what it says until all of it is said.
    fn start() -> Local {
        Local::start_with(&[])
    }

    fn start_with(arguments: &[&str]) -> Local {
        let root = tempfile::tempdir().unwrap();
        std::fs::write(root.path().join("template.yaml"), TEMPLATE).unwrap();
        let mut process = Local::command(root.path(), 0).args(arguments).stdout(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(process.stdout.take().unwrap());
        let mut greeting = String::new();
        while !greeting.contains("Ctrl-C stops it.") {
            assert_ne!(lines.read_line(&mut greeting).unwrap(), 0, "it ended: {greeting}");
        }
        // Dropped here: it is nobody's business to read on.
        Local { process, greeting, root }
    }

    fn environment_file(&self) -> PathBuf {
        self.root.path().join(".recourse.env")
    }

    fn address(&self) -> String {
        let environment = std::fs::read_to_string(self.environment_file()).unwrap();
        let line = environment.lines().find_map(|line| line.strip_prefix("export RECOURSE_URL=http://")).unwrap();
        line.to_owned()
    }

    /// Has the function do something; the connection, to read the answer from.
    fn order(&self, order: &str) -> TcpStream {
        let mut stream = TcpStream::connect(self.address()).unwrap();
        let head = "POST /do HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nConnection: close";
        write!(stream, "{head}\r\nContent-Length: {}\r\n\r\n{order}", order.len()).unwrap();
        stream
    }

    /// What the function answers.
    fn answer(&self) -> serde_json::Value {
        let mut answer = String::new();
        self.order("{}").read_to_string(&mut answer).unwrap();
        let (_, body) = answer.split_once("\r\n\r\n").unwrap();
        serde_json::from_str(body).unwrap()
    }

    /// Has the function answer, and returns the process id of its instance.
    fn instance(&self) -> u32 {
        u32::try_from(self.answer().get("pid").unwrap().as_u64().unwrap()).unwrap()
    }

    fn signal(&self, signal: &str) {
        assert!(Command::new("kill").args([signal, &self.process.id().to_string()]).status().unwrap().success());
    }
}

impl Drop for Local {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn is_alive(pid: u32) -> bool {
    Command::new("kill").args(["-0", &pid.to_string()]).stderr(Stdio::null()).status().unwrap().success()
}

fn within(limit: Duration, what: &str, mut holds: impl FnMut() -> bool) {
    let end = Instant::now() + limit;
    while !holds() {
        assert!(Instant::now() < end, "not within {limit:?}: {what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn it_says_where_everything_is() {
    let local = Local::start();
    let url = format!("http://{}", local.address());
    for line in
        [format!("Recourse runs on {url}"), format!("inbox        {url}/inbox"), format!("API page     {url}/docs")]
    {
        assert!(local.greeting.contains(&line), "{line} in {}", local.greeting);
    }
}

#[test]
fn a_signal_to_stop_leaves_nothing_behind() {
    for signal in ["-INT", "-TERM", "-HUP"] {
        let mut local = Local::start();
        let instance = local.instance();
        // One that never ends by itself.
        let _busy = local.order(r#"{"do":"hang"}"#);
        local.signal(signal);
        let mut status = None;
        within(Duration::from_secs(5), "it ends", || {
            status = local.process.try_wait().unwrap();
            status.is_some()
        });
        assert!(status.unwrap().success(), "{signal}: {status:?}");
        assert!(!is_alive(instance) && !local.environment_file().exists(), "{signal}");
    }
}

#[test]
fn functions_do_not_outlive_a_local_cloud_that_is_killed() {
    let mut local = Local::start();
    let instance = local.instance();
    assert!(is_alive(instance));
    local.signal("-KILL");
    local.process.wait().unwrap();
    within(Duration::from_secs(5), "the function's process ends", || !is_alive(instance));
}

#[test]
fn parameters_of_the_template_are_set() {
    let local = Local::start_with(&["--parameter", "Brand=Ours = yours"]);
    assert_eq!(local.answer().pointer("/environment/BRAND").unwrap(), "Ours = yours");
    for (given, expected) in [
        (&["--parameter", "Band=x"][..], "there is no such parameter; there are Brand"),
        (&["--parameter", "Brand"], "Name=value"),
        (&["--parameter", "Brand=a name of far too many"], "breaks the rule MaxLength 20"),
        (&["--parameter", "Brand=a", "--parameter", "Brand=b"], "Brand is given twice, as \"a\" and as \"b\""),
    ] {
        let refused = Local::command(local.root.path(), 0).args(given).output().unwrap();
        assert!(!refused.status.success());
        let text = String::from_utf8(refused.stderr).unwrap();
        assert!(text.contains(expected), "{text}");
    }
}

#[test]
fn a_taken_port_is_one_line() {
    let local = Local::start();
    let port = local.address().rsplit(':').next().unwrap().parse::<u16>().unwrap();
    let second = Local::command(local.root.path(), port).output().unwrap();
    assert!(!second.status.success());
    let next = port.wrapping_add(1);
    let expected = format!(
        "recourse-local: port {port} is taken: choose another one with PORT=, for example `make run PORT={next}`\n"
    );
    assert_eq!(String::from_utf8(second.stderr).unwrap(), expected);
    assert!(local.environment_file().exists());
}
