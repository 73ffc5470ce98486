//! The API key that signs a request: its public part, its secret, and the headers that it makes.

use clap::Args;
use recourse_dispute::ids::KeyId;
use recourse_signing::clock::UnixSeconds;
use recourse_signing::{BadSecret, Secret, gcs, v1};
use recourse_store::Role;

use crate::base_url::BaseUrl;
use crate::ending::Failure;
use crate::output::{Format, note};
use crate::service::{ServiceResponse, Where};
use crate::settings::Settings;
use crate::system;
use recourse_operations::labels;

/// Which key signs. For a service on this machine, and without `--key` and `--secret`, it is the
/// local demo's.
#[derive(Args, Clone)]
pub(crate) struct KeyOptions {
    /// The public part of the API key that signs [env: RECOURSE_KEY]
    #[arg(long, value_name = "KEY")]
    key: Option<String>,
    /// The key's secret; the environment is safer [env: RECOURSE_SECRET]
    #[arg(long, value_name = "SECRET")]
    secret: Option<String>,
    /// Sign with the local demo's key for staging
    #[arg(long, conflicts_with_all = ["key", "secret"])]
    staging: bool,
}

/// What every command needs that makes a signed call.
#[derive(Args)]
pub(crate) struct Calling {
    #[command(flatten)]
    pub(crate) service: Where,
    #[command(flatten)]
    pub(crate) key: KeyOptions,
    #[command(flatten)]
    pub(crate) format: Format,
}

/// A key of `make run`'s demo accounts and its secret. Both are public, and valid in a local cloud.
fn demo(caller: Role, is_staging: bool) -> (&'static str, &'static str) {
    match (caller, is_staging) {
        (Role::Client, false) => ("iimm_prod_demo", "ZGVtby1jbGllbnQtc2VjcmV0LWxvb3BiYWNrLW9ubHkh"),
        (Role::Client, true) => ("iimm_dev_demo", "ZGVtby1zdGFnaW5nLXNlY3JldC1sb29wYmFjay1vbmx5"),
        (Role::Platform, false) => ("platform_demo", "ZGVtby1wbGF0Zm9ybS1zZWNyZXQtbG9vcGJhY2sgISE="),
        (Role::Platform, true) => ("platform_dev_demo", "ZGVtby1zdGFnaW5nLXBsYXRmb3JtLWxvb3BiYWNrICE="),
    }
}

/// What to do where the service does not accept the key that signed; `None` for any other answer.
pub(crate) fn unaccepted(answer: &ServiceResponse, caller: Role) -> Option<String> {
    let role = labels::role(caller);
    (answer.status == 401 && answer.body.contains("\"invalid_credentials\"")).then(|| {
        format!(
            "The service does not accept this key: it may be revoked, its account suspended, or the secret another key's.\n\
             `recourse key list ACCOUNT` lists the keys of an account. `recourse key create ACCOUNT --role {role}` makes one;\n\
             export the RECOURSE_KEY and RECOURSE_SECRET that it prints."
        )
    })
}

/// A key that signs. Not `Debug`, because it has the secret.
pub(crate) struct SigningKey {
    id: KeyId,
    secret: String,
}

/// What makes each signature different.
pub(crate) struct Stamp {
    /// When the request says it was sent.
    pub(crate) at: UnixSeconds,
    /// A text that no other request of the key has.
    pub(crate) nonce: String,
}

impl Stamp {
    /// A stamp of now.
    pub(crate) fn fresh() -> Result<Self, Failure> {
        Ok(Self { at: UnixSeconds(system::now().seconds()), nonce: system::nonce()? })
    }
}

impl KeyOptions {
    /// The same options for a call that only staging answers: without a key, the local demo's key
    /// for staging signs.
    pub(crate) fn of_staging(&self, settings: &Settings) -> Self {
        let is_given = |flag: &Option<String>, name| flag.is_some() || settings.get(name).is_some();
        let is_given = is_given(&self.key, "RECOURSE_KEY") || is_given(&self.secret, "RECOURSE_SECRET");
        Self { staging: self.staging || !is_given, ..self.clone() }
    }

    /// Whether `--staging` is given: the local demo's staging account calls.
    pub(crate) fn is_staging(&self) -> bool {
        self.staging
    }

    /// The key for calls to `url`, from flags and settings. A failure never shows the secret.
    pub(crate) fn key(&self, settings: &Settings, url: &BaseUrl, caller: Role) -> Result<SigningKey, Failure> {
        let id = self.key.clone().or_else(|| settings.get("RECOURSE_KEY"));
        let secret = self.secret.clone().or_else(|| settings.get("RECOURSE_SECRET"));
        let (id, secret) = match (id, secret) {
            (Some(id), _) if self.staging => {
                return Err(Failure::refused(format!(
                    "--staging signs with the local demo's key, and RECOURSE_KEY is {id}. Unset it, or leave --staging out."
                )));
            }
            (Some(id), Some(secret)) => (id, secret),
            (None, None) if url.is_loopback() => {
                let (id, secret) = demo(caller, self.staging);
                note(&format!("signing with the local demo's key {id}"));
                (id.to_owned(), secret.to_owned())
            }
            (None, None) if self.staging => {
                return Err(Failure::refused(
                    "--staging signs with the local demo's key, and the service is elsewhere. Leave it out, and set RECOURSE_KEY and RECOURSE_SECRET.",
                ));
            }
            (None, None) => {
                return Err(Failure::refused("the API key is missing. Set RECOURSE_KEY and RECOURSE_SECRET."));
            }
            (None, Some(_)) => {
                return Err(Failure::refused(
                    "RECOURSE_SECRET is given without a key. Pass --key or set RECOURSE_KEY.",
                ));
            }
            (Some(id), None) => {
                return Err(Failure::refused(format!(
                    "the key {id} is given without its secret. Set RECOURSE_SECRET."
                )));
            }
        };
        let id = KeyId::parse(&id).map_err(|rule| Failure::refused(format!("the key {rule}")))?;
        Ok(SigningKey { id, secret })
    }
}

impl SigningKey {
    /// Key and secret as HTTP Basic sends them, in the clear.
    pub(crate) fn user_and_password(&self) -> String {
        format!("{}:{}", self.id, self.secret)
    }

    /// The four headers of the v1 scheme (IIMMPACT contract, "Signing"). `query` is raw and without
    /// its `?`.
    pub(crate) fn v1(
        &self,
        stamp: Stamp,
        method: &str,
        query: &str,
        body: &[u8],
    ) -> Result<[(&'static str, String); 4], Failure> {
        let secret = Secret::from_base64(&self.secret).map_err(|rule| self.unusable(rule))?;
        let timestamp = stamp.at.0.to_string();
        let parts = v1::Parts { timestamp: &timestamp, nonce: &stamp.nonce, method, query, body };
        let signature = v1::sign(&secret, &parts);
        Ok([
            (v1::API_KEY, self.id.to_string()),
            (v1::TIMESTAMP, timestamp),
            (v1::NONCE, stamp.nonce),
            (v1::SIGNATURE, signature),
        ])
    }

    /// The two headers of the GCS v1HMAC scheme (Connect contract, "Authorization"). `headers` are
    /// the other signed headers of the request.
    pub(crate) fn gcs(
        &self,
        at: UnixSeconds,
        method: &str,
        content_type: &str,
        headers: &[(&str, &str)],
        path: &str,
        query: &str,
    ) -> Result<[(&'static str, String); 2], Failure> {
        let secret = Secret::from_text(&self.secret).map_err(|rule| self.unusable(rule))?;
        let date = gcs::format_date(at)
            .ok_or_else(|| Failure::refused("the time of this machine has no date to sign: set its clock"))?;
        let parts = gcs::Parts { method, content_type, date: &date, headers, path, query };
        let authorization = gcs::sign(&secret, self.id.as_str(), &parts);
        Ok([("Date", date), ("Authorization", authorization)])
    }

    fn unusable(&self, rule: BadSecret) -> Failure {
        Failure::refused(format!("the secret of the key {} cannot sign: {rule}", self.id))
    }
}

#[cfg(test)]
mod tests;
