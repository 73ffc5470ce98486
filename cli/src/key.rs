//! The API key that signs: its public part and its secret, and the headers that it makes.

use clap::Args;
use recourse_dispute::ids::KeyId;
use recourse_signing::clock::UnixSeconds;
use recourse_signing::{BadSecret, Secret, gcs, v1};

use crate::ending::Failure;
use crate::environment::Settings;
use crate::output::note;
use crate::service::BaseUrl;
use crate::system;

/// The keys of `make run`'s demo accounts: public, known to the local cloud alone, and good for nothing else.
const DEMO_CLIENT: (&str, &str) = ("iimm_prod_demo", "ZGVtby1jbGllbnQtc2VjcmV0LWxvb3BiYWNrLW9ubHkh");
const DEMO_PLATFORM: (&str, &str) = ("platform_demo", "ZGVtby1wbGF0Zm9ybS1zZWNyZXQtbG9vcGJhY2sgISE=");
const DEMO_STAGING_CLIENT: (&str, &str) = ("iimm_dev_demo", "ZGVtby1zdGFnaW5nLXNlY3JldC1sb29wYmFjay1vbmx5");
const DEMO_STAGING_PLATFORM: (&str, &str) = ("platform_dev_demo", "ZGVtby1zdGFnaW5nLXBsYXRmb3JtLWxvb3BiYWNrICE=");

/// Which key signs. Against the local cloud and with neither of the two given, the demo's does.
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

/// Whose calls are signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Caller {
    /// A client's, at any API of a client.
    Client,
    /// The payment platform's, at the Platform API.
    Platform,
}

/// The local demo's key for calls of `caller` in an environment.
fn demo(caller: Caller, is_staging: bool) -> (&'static str, &'static str) {
    match (caller, is_staging) {
        (Caller::Client, false) => DEMO_CLIENT,
        (Caller::Client, true) => DEMO_STAGING_CLIENT,
        (Caller::Platform, false) => DEMO_PLATFORM,
        (Caller::Platform, true) => DEMO_STAGING_PLATFORM,
    }
}

/// A key that signs. Not `Debug`: it has the secret.
pub(crate) struct SigningKey {
    id: KeyId,
    secret: String,
}

/// What makes a signature one of a kind.
pub(crate) struct Stamp {
    /// When the request says it was sent.
    pub(crate) at: UnixSeconds,
    /// What no other request of the key has.
    pub(crate) nonce: String,
}

impl Stamp {
    /// A stamp of now.
    ///
    /// # Errors
    /// [`Failure`] when the system has no random bytes.
    pub(crate) fn fresh() -> Result<Self, Failure> {
        Ok(Self { at: UnixSeconds(system::now().seconds()), nonce: system::nonce()? })
    }
}

impl KeyOptions {
    /// The same options for a call that only staging answers: where no key is given, the local
    /// demo's for staging signs.
    pub(crate) fn of_staging(&self, environment: &Settings) -> Self {
        let is_given = |flag: &Option<String>, name| flag.is_some() || environment.get(name).is_some();
        let is_given = is_given(&self.key, "RECOURSE_KEY") || is_given(&self.secret, "RECOURSE_SECRET");
        Self { staging: self.staging || !is_given, ..self.clone() }
    }

    /// Whether the local demo's staging account calls.
    pub(crate) fn is_staging(&self) -> bool {
        self.staging
    }

    /// The key for calls to `url`, out of flags and settings.
    ///
    /// # Errors
    /// [`Failure`] says what is missing or malformed, and never shows the secret.
    pub(crate) fn key(&self, environment: &Settings, url: &BaseUrl, caller: Caller) -> Result<SigningKey, Failure> {
        let id = self.key.clone().or_else(|| environment.get("RECOURSE_KEY"));
        let secret = self.secret.clone().or_else(|| environment.get("RECOURSE_SECRET"));
        let (id, secret) = match (id, secret) {
            (Some(id), _) if self.staging => {
                return Err(Failure::refused(format!(
                    "--staging means the local demo's key, and RECOURSE_KEY is {id}. Unset it, or leave --staging out."
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
                    "--staging means the local demo's key, and the service is elsewhere. Set RECOURSE_KEY and RECOURSE_SECRET.",
                ));
            }
            (None, None) => return Err(Failure::refused("no API key is given. Set RECOURSE_KEY and RECOURSE_SECRET.")),
            (None, Some(_)) => {
                return Err(Failure::refused("a secret is given and no key. Pass --key or set RECOURSE_KEY."));
            }
            (Some(id), None) => {
                return Err(Failure::refused(format!("the key {id} is given and no secret. Set RECOURSE_SECRET.")));
            }
        };
        let id = KeyId::parse(&id).map_err(|rule| Failure::refused(format!("the key {rule}")))?;
        Ok(SigningKey { id, secret })
    }
}

impl SigningKey {
    /// Key and secret as HTTP Basic has them. It is the secret itself.
    pub(crate) fn user_and_password(&self) -> String {
        format!("{}:{}", self.id, self.secret)
    }

    /// The four headers of the v1 scheme (IIMMPACT contract, "Signing"); `query` is raw and without its `?`.
    ///
    /// # Errors
    /// [`Failure`] when the secret is not one of this scheme.
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

    /// The two headers of the GCS v1HMAC scheme (Connect contract, "Authorization"). `headers` are those of the request that are signed, too.
    ///
    /// # Errors
    /// [`Failure`] when the secret is empty, or the time has no date.
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
        let date = gcs::format_date(at).ok_or_else(|| Failure::refused("the system's clock is not set"))?;
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
