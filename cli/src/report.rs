//! `recourse report`: reports an issue with a completed transaction (IIMMPACT contract).

use std::collections::BTreeMap;
use std::time::Duration;

use clap::Args;
use recourse_store::Role;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::ending::{Ending, Failure};
use crate::output::{note, visible};
use crate::service::{Service, ServiceResponse};
use crate::settings::Settings;
use crate::signing_key::{Calling, Stamp, unaccepted};

/// The API's one call (vendor specification, IIMMPACT "Dispute Transaction").
const PATH: &str = "/v2/transactions/check";
/// How long a request waits for its answer.
const TIMEOUT: Duration = Duration::from_secs(10);
/// The beginning of references that staging answers without a transaction.
const SIMULATED: &str = "sim-";
/// How many characters of an answer that is not JSON are printed.
const MAX_SHOWN: usize = 2_000;

const ENDINGS: &str = "\
Examples:
  recourse report --refid 123456 --email user@example.com
  recourse report --trxid 50006 --email user@example.com --email shop@example.com
  recourse report --refid sim-duplicate

The refids sim-success, sim-duplicate, sim-refunded, sim-pending and sim-invalid need no
transaction. Only staging answers them, so the local demo's key for staging signs them.

The first line is the HTTP status and the outcome, such as `200 Success`. The message and the whole
answer follow.

Exit codes:
  0  200 Success: a case is open
  1  200 Failed: there is a case already, or the transaction cannot be reported
  2  refused: an unknown transaction, a bad address, a bad key
  3  no answer, or one that says to try again later; sent twice, a report opens one case";

/// Report an issue with a completed transaction
#[derive(Args)]
#[command(after_help = ENDINGS)]
pub(crate) struct Report {
    #[command(flatten)]
    about: About,
    /// Mail this address about the case; repeat for more
    #[arg(long = "email", value_name = "ADDRESS")]
    emails: Vec<String>,
    #[command(flatten)]
    calling: Calling,
}

#[derive(Args)]
#[group(required = true, multiple = false)]
struct About {
    /// The transaction, by your own reference of it
    #[arg(long, value_name = "REFID")]
    refid: Option<String>,
    /// The transaction, by the platform's id
    #[arg(long, value_name = "TRXID")]
    trxid: Option<String>,
}

/// The request's body (vendor specification, IIMMPACT "Dispute Transaction", "Request Body").
#[derive(Serialize)]
struct Body<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    refid: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    trxid: Option<&'a str>,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    user_email: &'a [String],
}

#[derive(Default, Deserialize)]
struct Answer {
    data: Option<Data>,
    error: Option<String>,
    message: Option<String>,
    #[serde(default)]
    errors: BTreeMap<String, Vec<String>>,
}

#[derive(Deserialize)]
struct Data {
    status: String,
    message: String,
}

impl Report {
    pub(crate) fn run(&self, settings: &Settings) -> Result<Ending, Failure> {
        let url = self.calling.service.address(settings)?;
        let options =
            if self.about.is_simulated() { self.calling.key.of_staging(settings) } else { self.calling.key.clone() };
        let key = options.key(settings, &url, Role::Client)?;
        let body = self.about.body(&self.emails)?;
        let headers = key.v1(Stamp::fresh()?, "POST", "", &body)?;
        let answer = Service::new(url, TIMEOUT).post(PATH, &headers, &body).map_err(|reason| {
            Failure::no_answer(reason)
                .then("A case may have been opened or not. Send the same report again: it opens no second case.")
        })?;
        let (shown, ending) = shown(&answer);
        self.calling.format.print(&shown, || shown.text())?;
        if let Some(hint) = unaccepted(&answer, Role::Client) {
            note(&hint);
        }
        Ok(ending)
    }
}

impl About {
    /// Whether staging answers this reference without a transaction.
    fn is_simulated(&self) -> bool {
        self.refid.as_ref().is_some_and(|refid| refid.starts_with(SIMULATED))
    }

    fn body(&self, emails: &[String]) -> Result<Vec<u8>, Failure> {
        let body = Body { refid: self.refid.as_deref(), trxid: self.trxid.as_deref(), user_email: emails };
        serde_json::to_vec(&body)
            .map_err(|error| Failure::refused(format!("the report cannot be written as JSON: {error}")))
    }
}

/// The answer as it is printed.
#[derive(Serialize)]
struct ReportOutput {
    status: u16,
    /// `Success` or `Failed`, or the error's name.
    outcome: Option<String>,
    /// The whole answer: JSON, or else its text.
    answer: Value,
    #[serde(skip)]
    lines: Vec<String>,
}

impl ReportOutput {
    fn text(&self) -> String {
        self.lines.join("\n")
    }
}

/// The answer as it is printed, and how the command ends.
fn shown(answer: &ServiceResponse) -> (ReportOutput, Ending) {
    let status = answer.status;
    let Ok(json) = serde_json::from_str::<Value>(&answer.body) else {
        let text: String = answer.body.lines().map(visible).collect::<Vec<_>>().join("\n");
        let text: String = text.trim().chars().take(MAX_SHOWN).collect();
        let lines = [answer.status_line(), text.clone()].into_iter().filter(|line| !line.is_empty()).collect();
        return (ReportOutput { status, outcome: None, answer: Value::String(text), lines }, ending(answer, None));
    };
    let known: Answer = serde_json::from_value(json.clone()).unwrap_or_default();
    let outcome = known.data.as_ref().map(|data| data.status.as_str());
    let result = outcome.or(known.error.as_deref());
    let mut lines = vec![match result {
        Some(result) => format!("{status} {}", visible(result)),
        None => answer.status_line(),
    }];
    let message = known.data.as_ref().map(|data| data.message.as_str()).or(known.message.as_deref());
    lines.extend(message.map(|message| visible(message).into_owned()));
    for (field, texts) in &known.errors {
        lines.extend(texts.iter().map(|text| format!("  {}", visible(&format!("{field}: {text}")))));
    }
    // What was read as JSON can be printed as JSON.
    lines.push(format!("\n{}", crate::output::json(&json).unwrap_or_default()));
    let ending = ending(answer, outcome);
    (ReportOutput { status, outcome: result.map(str::to_owned), answer: json, lines }, ending)
}

fn ending(answer: &ServiceResponse, outcome: Option<&str>) -> Ending {
    match (answer.status, outcome) {
        (200, Some("Success")) => Ending::Done,
        (200, Some("Failed")) => Ending::No,
        _ if answer.is_temporary() => Ending::NoAnswer,
        _ => Ending::Refused,
    }
}

#[cfg(test)]
mod tests;
