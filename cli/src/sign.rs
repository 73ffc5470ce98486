//! `recourse sign`: a signed request as a curl command, ready to paste.

mod api;
mod curl;
mod explain;
mod upload;

pub(crate) use api::TOKEN;

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use clap::{Args, ValueEnum};
use recourse_dispute::text::bytes_without_bom;
use recourse_store::Role;
use serde::Serialize;

use self::curl::{Curl, Data};
use self::explain::Explanation;
use self::upload::Upload;
use crate::ending::{Ending, Failure};
use crate::output::{note, say_exactly, say_json};
use crate::settings::Settings;
use crate::signing_key::{Calling, SigningKey, Stamp};

/// The content type of a request with a body.
const JSON: &str = "application/json";
/// The content type of a request for a token (RFC 6749).
const FORM: &str = "application/x-www-form-urlencoded";
/// The header by which the Connect API answers a repeated request as the first one.
const IDEMPOTENCE_KEY: &str = "X-GCS-Idempotence-Key";

const EXAMPLES: &str = "\
Examples:
  recourse sign POST /v2/transactions/check --data '{\"refid\":\"123456\"}'
  eval \"$(recourse sign GET /platform/v1/transactions/50001)\"
  recourse sign POST /files/v1/1001/disputes/7 --file evidence.pdf --idempotence-key upload-1
  recourse sign POST /v2/transactions/check --data '{\"refid\":\"123456\"}' --explain

A line is valid for the service's clock window, which is five minutes by default, and a line of the
scheme v1 only once. The Arbiter API takes a token instead of a signature. To get one, sign
POST /passport/oauth/token.";

/// Print a signed curl line
#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Sign {
    /// The HTTP method
    #[arg(ignore_case = true)]
    method: Method,
    /// The path and its query, percent-encoded
    #[arg(value_parser = target)]
    path: String,
    /// The JSON body
    #[arg(long, value_name = "BODY", conflicts_with = "data_file")]
    data: Option<String>,
    /// The file with the JSON body; curl reads it again when the line runs
    #[arg(long, value_name = "FILE", value_parser = file)]
    data_file: Option<String>,
    /// The file to upload to the Connect API; it is read when the line runs
    #[arg(long, value_name = "PATH", value_parser = file, conflicts_with_all = ["data", "data_file"])]
    file: Option<String>,
    /// The idempotence key for the Connect API
    #[arg(long, value_name = "KEY", value_parser = idempotence_key)]
    idempotence_key: Option<String>,
    /// How to sign; by default as the API of the path requires
    #[arg(long)]
    scheme: Option<Scheme>,
    /// Print what is signed and each header, step by step, instead of a curl line
    #[arg(long)]
    explain: bool,
    #[command(flatten)]
    calling: Calling,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
#[value(rename_all = "UPPER")]
enum Method {
    Get,
    Post,
    Put,
    Patch,
    Delete,
}

impl Method {
    fn name(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Scheme {
    /// X-Api-Key, X-Timestamp, X-Nonce, X-Signature: the IIMMPACT and Platform APIs
    V1,
    /// Date and Authorization: GCS v1HMAC: the Connect API
    Gcs,
    /// Authorization: Basic: the Tutelar API, and the Arbiter API's tokens
    Basic,
}

/// A signed request for a program. A body in a file is not part of it; `curl` shows how it is sent.
#[derive(Serialize)]
struct SignatureJson<'a> {
    method: &'static str,
    url: &'a str,
    headers: BTreeMap<&'static str, &'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    body: Option<&'a str>,
    curl: String,
}

impl<'a> SignatureJson<'a> {
    fn of(curl: &'a Curl<'a>) -> Self {
        Self {
            method: curl.method,
            url: &curl.url,
            headers: curl.headers.iter().map(|(name, value)| (*name, value.as_str())).collect(),
            body: match curl.data {
                Some(Data::Text(text)) => Some(text),
                Some(Data::File(_) | Data::Upload(_)) | None => None,
            },
            curl: curl.to_string(),
        }
    }
}

impl Sign {
    pub(crate) fn run(&self, settings: &Settings) -> Result<Ending, Failure> {
        let scheme = self.scheme.map_or_else(|| Scheme::of(&self.path), Ok)?;
        if scheme != Scheme::Gcs && (self.file.is_some() || self.idempotence_key.is_some()) {
            return Err(Failure::refused(
                "--file and --idempotence-key work with the Connect API's scheme alone, gcs.",
            ));
        }
        let url = self.calling.service.address(settings)?;
        let caller = if self.path.starts_with("/platform/") { Role::Platform } else { Role::Client };
        let key = self.calling.key.key(settings, &url, caller)?;
        let body = self.body()?;
        let stamp = Stamp::fresh()?;
        let upload = self.file.as_deref().map(|path| Upload::of(path, &stamp.nonce)).transpose()?;
        let curl = Curl {
            method: self.method.name(),
            url: format!("{}{}", url.as_str(), self.path),
            headers: self.headers(&key, scheme, stamp, body.as_deref(), upload.as_ref())?,
            data: upload.as_ref().map(Data::Upload).or(self.data()),
        };
        if scheme == Scheme::Basic {
            note("the line carries the secret itself, because HTTP Basic sends it");
        }
        if self.explain {
            let explanation = self.explanation(scheme, &curl.headers, body.as_deref());
            self.calling.format.print(&explanation, || explanation.text())?;
        } else if self.calling.format.is_json() {
            say_json(&SignatureJson::of(&curl))?;
        } else {
            say_exactly(&curl.to_string())?;
        }
        Ok(Ending::Done)
    }

    fn explanation<'a>(
        &self,
        scheme: Scheme,
        headers: &'a [(&'static str, String)],
        body: Option<&[u8]>,
    ) -> Explanation<'a> {
        let (path, query) = self.path.split_once('?').unwrap_or((&self.path, ""));
        Explanation::of(scheme, self.method.name(), path, query, headers, body)
    }

    /// The bytes that are signed.
    fn body(&self) -> Result<Option<Vec<u8>>, Failure> {
        let Some(file) = &self.data_file else { return Ok(self.data.clone().map(String::into_bytes)) };
        let body = std::fs::read(file).map_err(|error| Failure::refused(format!("{file} cannot be read: {error}")))?;
        if bytes_without_bom(&body).len() < body.len() {
            // curl sends the file as it is.
            return Err(Failure::refused(format!(
                "{file} begins with a byte order mark, which curl would send. Save the file without one."
            )));
        }
        Ok(Some(body))
    }

    fn data(&self) -> Option<Data<'_>> {
        match (&self.data, &self.data_file) {
            (Some(text), _) => Some(Data::Text(text)),
            (None, Some(file)) => Some(Data::File(file)),
            (None, None) => None,
        }
    }

    fn headers(
        &self,
        key: &SigningKey,
        scheme: Scheme,
        stamp: Stamp,
        body: Option<&[u8]>,
        upload: Option<&Upload>,
    ) -> Result<Vec<(&'static str, String)>, Failure> {
        let (path, query) = self.path.split_once('?').unwrap_or((&self.path, ""));
        let of_body = if path == TOKEN { FORM } else { JSON };
        let content_type = upload.map(Upload::content_type).or(body.map(|_| of_body.to_owned()));
        let method = self.method.name();
        let idempotence = self.idempotence_key.as_deref().map(|key| (IDEMPOTENCE_KEY, key));
        let mut headers = match scheme {
            Scheme::V1 => key.v1(stamp, method, query, body.unwrap_or_default())?.to_vec(),
            Scheme::Gcs => {
                let content_type = content_type.as_deref().unwrap_or_default();
                key.gcs(stamp.at, method, content_type, idempotence.as_slice(), path, query)?.to_vec()
            }
            Scheme::Basic => vec![("Authorization", format!("Basic {}", BASE64.encode(key.user_and_password())))],
        };
        headers.extend(idempotence.map(|(name, key)| (name, key.to_owned())));
        headers.extend(content_type.map(|content_type| ("Content-Type", content_type)));
        Ok(headers)
    }
}

/// A path as it is signed and sent, without characters that curl or a server would encode.
fn target(text: &str) -> Result<String, &'static str> {
    let sendable = text.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'#');
    if text.starts_with('/') && sendable {
        Ok(text.to_owned())
    } else {
        Err(
            "must begin with / and be percent-encoded, such as /v2/transactions/check or /v1/9991/payments/50%20001/disputes",
        )
    }
}

/// A file that can be read twice.
fn file(text: &str) -> Result<String, &'static str> {
    if text == "-" {
        Err("must be a file, because curl reads it again after it was signed")
    } else {
        Ok(text.to_owned())
    }
}

/// An idempotence key as the API takes it, without space at its ends, which a header would lose.
fn idempotence_key(text: &str) -> Result<String, &'static str> {
    let sendable = text.trim() == text && text.bytes().all(|byte| byte.is_ascii_graphic() || byte == b' ');
    if sendable && (1..=40).contains(&text.len()) {
        Ok(text.to_owned())
    } else {
        Err("must be 1 to 40 printable ASCII characters, without a space at either end")
    }
}

#[cfg(test)]
mod tests;
