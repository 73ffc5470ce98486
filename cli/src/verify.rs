//! `recourse verify`: whether a recorded request would be accepted, and which mistake was made if
//! not.
//!
//! **Invariant:** the secret is no argument and is never printed, and neither is the signature that
//! would be right. What is printed of a request has its invisible characters escaped.

mod curl_line;
mod files;
mod har;
mod judge;
mod recorded;
#[cfg(test)]
mod tests;

use std::path::PathBuf;

use clap::Args;
use recourse_dispute::ids::KeyId;
use recourse_dispute::time::UnixMillis;
use recourse_signing::clock::{UnixSeconds, Window};
use recourse_signing::diagnosis::Refusal;
use serde::Serialize;

use self::judge::{Judgement, Known, key_id, step};
use self::recorded::Recorded;
use crate::ending::{Ending, Failure};
use crate::input;
use crate::output::{Format, note, visible};
use crate::settings::Settings;
use crate::sign::Scheme;
use crate::system;
use crate::when;

/// The largest file with a request, in bytes: a body may have 6 MB, and a HAR has many of them.
const MAX_FILE: usize = 64 * 1024 * 1024;
/// The largest file with a secret, in bytes.
const MAX_SECRET: usize = 4 * 1024;

const EXAMPLES: &str = "\
Examples:
  recourse verify --curl request.sh
  recourse sign POST /v2/transactions/check --data '{}' | recourse verify --curl -
  recourse verify --har recorded.har --entry 3 --secret-file secret.txt
  recourse verify --headers headers.txt --body body.json --method POST --url https://example.com/v2/transactions/check

It ends with 0 where the request would be accepted and with 1 where not, and then prints a line
`reason: NAME`. cli/README.md lists the names. The secret comes from the deployment's tables by the
key's id, or from --secret-file.";

/// Say whether a recorded request would be accepted, and if not, why
#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Verify {
    #[command(flatten)]
    source: Source,
    /// The entry of the HAR, counted from 1; needed where it has several
    #[arg(long, value_name = "N", requires = "har")]
    entry: Option<usize>,
    /// The method, with --headers
    #[arg(long, value_name = "METHOD", requires = "headers")]
    method: Option<String>,
    /// The address that the request was sent to, with --headers
    #[arg(long, value_name = "URL", requires = "headers")]
    url: Option<String>,
    /// The file with the body, byte for byte, with --headers
    #[arg(long, value_name = "FILE", requires = "headers")]
    body: Option<PathBuf>,
    /// The file with the key's secret; - is standard input
    #[arg(long, value_name = "FILE")]
    secret_file: Option<PathBuf>,
    /// When the request arrived; now by default
    #[arg(long, value_name = "TIME", value_parser = when::from)]
    at: Option<UnixMillis>,
    /// The deployment's ClockWindowSeconds
    #[arg(long, value_name = "SECONDS", default_value = "300", value_parser = window)]
    window: Window,
    #[command(flatten)]
    format: Format,
}

#[derive(Args)]
#[group(required = true, multiple = false)]
struct Source {
    /// The file with a curl command; - is standard input
    #[arg(long, value_name = "FILE")]
    curl: Option<PathBuf>,
    /// The file with a HAR, as a browser or a proxy saves it
    #[arg(long, value_name = "FILE")]
    har: Option<PathBuf>,
    /// The file with the headers, one a line; the first line may be the request line
    #[arg(long, value_name = "FILE")]
    headers: Option<PathBuf>,
}

/// What is printed for a program.
#[derive(Serialize)]
struct VerdictJson<'a> {
    accepted: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'static str>,
    /// Further mistakes.
    also: Vec<&'static str>,
    method: &'a str,
    path: &'a str,
    scheme: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    key: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    account: Option<&'a str>,
    /// What Recourse verifies the signature over.
    #[serde(skip_serializing_if = "Option::is_none")]
    signed_text: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    body_hash: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<&'a str>,
}

impl Verify {
    pub(crate) fn run(self, settings: impl FnOnce() -> Result<Settings, Failure>) -> Result<Ending, Failure> {
        let is_stdin = |file: &Option<PathBuf>| file.as_ref().is_some_and(|file| file.as_os_str() == "-");
        let requests = [&self.source.curl, &self.source.har, &self.source.headers, &self.body];
        if requests.into_iter().chain([&self.secret_file]).filter(|file| is_stdin(file)).count() > 1 {
            return Err(Failure::refused("only one file can be standard input."));
        }
        // The clock of a local cloud may be ahead, and only the settings say so.
        let settings = settings();
        let request = self.request()?;
        let scheme = Scheme::of(&request.path)?;
        let id = key_id(scheme, &request);
        let known = self.known(settings, id.as_ref())?;
        let at = UnixSeconds(self.at.unwrap_or_else(system::now).seconds());
        let judgement = judge::judge(&request, scheme, &known, at, self.window);
        self.print(&request, scheme, id.as_ref(), &known, &judgement)?;
        Ok(if judgement.refusals.is_empty() { Ending::Done } else { Ending::No })
    }

    fn request(&self) -> Result<Recorded, Failure> {
        if let Some(file) = &self.source.curl {
            let text = input::read_text(file, MAX_FILE)?;
            return curl_line::read(&text, |path| read_body(path.as_ref()));
        }
        if let Some(file) = &self.source.har {
            return har::read(&input::read(file, MAX_FILE)?, self.entry);
        }
        let file = self.source.headers.as_deref().unwrap_or_else(|| "-".as_ref());
        let body = self.body.as_deref().map(read_body).transpose()?.unwrap_or_default();
        files::read(&input::read_text(file, MAX_FILE)?, self.method.as_deref(), self.url.as_deref(), body)
    }

    /// The secret of the key, from the file, or what the deployment knows of the key.
    fn known(&self, settings: Result<Settings, Failure>, id: Option<&KeyId>) -> Result<Known, Failure> {
        if let Some(file) = &self.secret_file {
            let text = input::read_text(file, MAX_SECRET)?;
            let secret = text.trim_end_matches(['\r', '\n']);
            return if secret.is_empty() {
                Err(input::refused(file, &"must have the secret"))
            } else {
                Ok(Known::Secret(secret.to_owned()))
            };
        }
        let Some(id) = id else { return Ok(Known::Nothing) };
        let (store, sealer) = settings?
            .store_and_sealer()
            .map_err(|failure| failure.then("Or pass the secret in a file: --secret-file FILE."))?;
        system::wait(async { Ok(Known::Key(store.look_up_key(&sealer, id).await?)) })
    }

    fn print(
        &self,
        request: &Recorded,
        scheme: Scheme,
        key: Option<&KeyId>,
        known: &Known,
        judgement: &Judgement,
    ) -> Result<(), Failure> {
        let (reason, also) = match judgement.refusals.split_first() {
            Some((first, rest)) => (Some(first), rest),
            None => (None, &[][..]),
        };
        let verdict = VerdictJson {
            accepted: reason.is_none(),
            reason: reason.map(|reason| reason.name()),
            also: also.iter().map(|refusal| refusal.name()).collect(),
            method: &request.method,
            path: &request.path,
            scheme: scheme.name(),
            key: key.map(KeyId::as_str),
            account: known.account(),
            signed_text: judgement.signed_text.as_deref(),
            body_hash: judgement.body_hash.as_deref(),
            detail: judgement.detail.as_deref(),
        };
        self.format.print(&verdict, || lines(&verdict, reason, also).join("\n"))?;
        if reason.is_none() && scheme == Scheme::V1 {
            note("a nonce is good once: if this request was sent before, the service answers replayed_nonce");
        }
        Ok(())
    }
}

/// The verdict for a person. Each value is on one line.
fn lines(verdict: &VerdictJson<'_>, reason: Option<&Refusal>, also: &[Refusal]) -> Vec<String> {
    let mut lines = Vec::new();
    let mut say = |name: &str, value: &str| lines.push(format!("{name}: {}", visible(value)));
    match reason {
        None => say("accepted", "the service would accept this request"),
        Some(refusal) => {
            say("reason", refusal.name());
            say("step", step(*refusal));
            say("fix", refusal.text());
        }
    }
    for refusal in also {
        say("also", &format!("{}: {}", refusal.name(), refusal.text()));
    }
    verdict.detail.iter().for_each(|detail| say("detail", detail));
    say("request", &format!("{} {}", verdict.method, verdict.path));
    say("scheme", verdict.scheme);
    verdict.key.iter().for_each(|key| say("key", key));
    verdict.account.iter().for_each(|account| say("account", account));
    verdict.signed_text.iter().for_each(|text| say("signed text", text));
    verdict.body_hash.iter().for_each(|hash| say("body hash", hash));
    lines
}

/// A body is sent as it is, also with a byte order mark. A curl line may be anybody's, and name a
/// device that has no end.
fn read_body(file: &std::path::Path) -> Result<Vec<u8>, Failure> {
    let body = input::read_as_it_is(file, MAX_FILE)?;
    if body.len() > MAX_FILE {
        return Err(input::refused(file, &"is larger than 64 MB, and no API takes that much"));
    }
    Ok(body)
}

fn window(text: &str) -> Result<Window, &'static str> {
    let seconds = text.parse().ok().and_then(Window::of);
    seconds.ok_or("must be a whole number of seconds, 900 at most")
}
