//! `recourse log`: the log lines of one request, by the id that its answer had.

use std::time::Duration;

use clap::Args;
use recourse_aws::is_request_id;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::ending::{Ending, Failure};
use crate::output::{Format, note, visible};
use crate::service::{Service, ServiceResponse, Where};
use crate::settings::Settings;

/// How long the local cloud may take to answer.
const TIMEOUT: Duration = Duration::from_secs(10);
/// How often a line is looked for that is not there yet, and the pause between.
const ATTEMPTS: u32 = 5;
const PAUSE: Duration = Duration::from_millis(200);

const EXAMPLES: &str = "\
Examples:
  recourse log JKJaXmPLvHcESHA=
  recourse log 5ded4dda-3a1f-4f0e-9b1e-2f6a5f0d9c11 --json

The id is the X-Request-Id of an answer, or the errorId of the Connect API. For a local cloud, its
log lines are printed. For a deployed stack, the query is printed that finds them in CloudWatch Logs
Insights.";

/// Find the log lines of a request by its id
#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Log {
    /// The request's id
    #[arg(value_parser = id)]
    id: String,
    #[command(flatten)]
    service: Where,
    #[command(flatten)]
    format: Format,
}

/// A log line, and which function wrote it.
#[derive(Deserialize, Serialize)]
struct Line {
    from: String,
    line: Map<String, Value>,
}

#[derive(Deserialize, Serialize)]
struct Lines {
    lines: Vec<Line>,
}

/// What is printed for a program where the stack is deployed.
#[derive(Serialize)]
struct QueryJson<'a> {
    query: &'a str,
}

impl Log {
    pub(crate) fn run(&self, settings: impl FnOnce() -> Result<Settings, Failure>) -> Result<Ending, Failure> {
        let address = settings().and_then(|settings| self.service.address(&settings)).ok();
        let Some(local) = address.filter(|url| url.is_loopback()) else { return self.print_query() };
        let found = self.find(&Service::new(local, TIMEOUT))?;
        if found.lines.is_empty() {
            let text = format!("no log line has the id {}. A local cloud keeps its last 10000 lines.", self.id);
            return Err(Failure { ending: Ending::No, text });
        }
        self.format.print(&found, || found.lines.iter().map(Line::text).collect::<Vec<_>>().join("\n"))?;
        Ok(Ending::Done)
    }

    /// The lines, or none. A line may come a moment after the answer of its request.
    fn find(&self, local: &Service) -> Result<Lines, Failure> {
        let path = format!("/log/{}", self.id);
        for attempt in 0..ATTEMPTS {
            if attempt > 0 {
                std::thread::sleep(PAUSE);
            }
            let found = read(&local.get(&path).map_err(Failure::no_answer)?)?;
            if !found.lines.is_empty() {
                return Ok(found);
            }
        }
        Ok(Lines { lines: Vec::new() })
    }

    fn print_query(&self) -> Result<Ending, Failure> {
        let query = query(&self.id);
        self.format.print(&QueryJson { query: &query }, || query.clone())?;
        note("run this in CloudWatch Logs Insights over the log group that the stack's output Log names");
        note("its line has an invocation_id: recourse log with that one finds the other lines of the call");
        Ok(Ending::Done)
    }
}

impl Line {
    /// The line for a person: the members that only CloudWatch reads are left out.
    fn text(&self) -> String {
        let fields = match self.line.get("fields") {
            Some(Value::Object(fields)) => fields,
            _ => &self.line,
        };
        let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        let first = ["level", "message"].map(|name| self.line.get(name).or(fields.get(name)).map(text));
        let rest = fields.iter().filter(|(name, _)| !["_aws", "level", "message"].contains(&name.as_str()));
        let rest = rest.map(|(name, value)| format!("{name}={}", visible(&text(value))));
        let words = [Some(visible(&self.from).into_owned())].into_iter().chain(first).flatten().chain(rest);
        words.collect::<Vec<_>>().join(" ")
    }
}

/// The query that finds the lines of a request, or of a call of a function, by its id.
fn query(id: &str) -> String {
    let names = ["request_id", "invocation_id", "span.requestId"];
    let any = names.map(|name| format!("{name} = \"{id}\"")).join(" or ");
    format!("fields @timestamp, @message\n| filter {any}\n| sort @timestamp asc")
}

fn read(answer: &ServiceResponse) -> Result<Lines, Failure> {
    let no_cloud = || {
        Failure::refused("the service at this address has no log to show: it is no local cloud. `make run` starts one.")
    };
    match answer.status {
        200 => serde_json::from_str(&answer.body).map_err(|_| no_cloud()),
        _ if answer.is_temporary() => Err(Failure::no_answer("the local cloud does not answer yet. Try again.")),
        _ => Err(no_cloud()),
    }
}

/// An id as answers have it, which may be in a query as it is.
fn id(text: &str) -> Result<String, &'static str> {
    if is_request_id(text) {
        Ok(text.to_owned())
    } else {
        Err("must be 1 to 64 letters, digits, _, - or =, such as the X-Request-Id of an answer")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_has_the_id_and_nothing_that_was_slipped_in() {
        let text = query(&id("JKJaXmPLvHcESHA=").unwrap());
        assert!(text.contains("request_id = \"JKJaXmPLvHcESHA=\" or invocation_id = \"JKJaXmPLvHcESHA=\""), "{text}");
        assert!(id("a\" or 1 = 1").is_err());
    }

    #[test]
    fn a_line_is_readable_whichever_kind_it_is() {
        let line = |text: &str| Line { from: "PlatformGet".to_owned(), line: serde_json::from_str(text).unwrap() };
        let metrics =
            line(r#"{"level":"INFO","message":"request","api":"platform","status":401,"_aws":{"Timestamp":1}}"#);
        assert_eq!(metrics.text(), "PlatformGet INFO request api=platform status=401");
        let other = line(r#"{"level":"WARN","fields":{"message":"slow","dispute":"RC-1"},"span":{"requestId":"1"}}"#);
        assert_eq!(other.text(), "PlatformGet WARN slow dispute=RC-1");
    }
}
