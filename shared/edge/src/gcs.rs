//! Who sent a request that is signed by the GCS scheme (Connect contract, "Authorization").
//!
//! The scheme has no nonce and does not sign the body. The clock window around `Date` refuses an
//! old request. Within it, an idempotence key, which is signed, makes a repeat one request with the
//! first.

use std::sync::Arc;

use recourse_dispute::ids::KeyId;
use recourse_signing::clock::UnixSeconds;
use recourse_signing::gcs::{self, Authorization, Parts};
use recourse_signing::{Secret, clock};
use recourse_store::Credential;

use crate::{App, Request, ServiceError};

/// Why a request is not authenticated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GcsAuthError {
    /// `Authorization` is missing, sent twice, or malformed.
    Malformed,
    /// `Date` is missing, sent twice, or malformed.
    MalformedDate,
    /// The `Date` is outside of the window, which is this many seconds either way.
    Stale(u64),
    /// Unknown key, revoked key and wrong signature, all alike.
    Invalid,
}

impl From<clock::Stale> for GcsAuthError {
    fn from(stale: clock::Stale) -> Self {
        Self::Stale(stale.seconds)
    }
}

impl App {
    /// Whose key signed a request, by its headers, its time and its signature, over method, target
    /// and headers exactly as they were received.
    ///
    /// API Gateway may add a content type to a request without a body. So the signature of such a
    /// request may be over that type or over an empty line.
    ///
    /// API Gateway decodes the path, so the signature may be over any form in which encoders write
    /// the path ([`gcs::sent_paths`]).
    ///
    /// # Errors
    /// [`GcsAuthError`], or a [`ServiceError`] where the credential could not be read, each as the
    /// API's own error.
    pub async fn authenticate_gcs<R>(&self, request: &Request) -> Result<Arc<Credential>, R>
    where
        R: From<GcsAuthError> + From<ServiceError>,
    {
        let authorization = request.header("authorization").and_then(|value| Authorization::parse(value).ok());
        let authorization = authorization.ok_or(GcsAuthError::Malformed)?;
        let date = request.header("date").unwrap_or_default();
        let sent_at = gcs::parse_date(date).ok_or(GcsAuthError::MalformedDate)?;
        let now = self.context.now();
        self.settings.window.check(sent_at, UnixSeconds(now.seconds())).map_err(GcsAuthError::from)?;
        let key = KeyId::parse(&authorization.key_id).map_err(|_| GcsAuthError::Invalid)?;
        let headers: Vec<_> = request.headers().collect();
        let parts = Parts {
            method: &request.method,
            content_type: request.header("content-type").unwrap_or_default(),
            date,
            headers: &headers,
            path: &request.path,
            query: &request.query,
        };
        let verify_parts = if request.body.is_empty() { gcs::verify_without_body } else { gcs::verify };
        let paths = gcs::sent_paths(&request.path);
        let verify = |secret: &str| {
            let secret = Secret::from_text(secret);
            let secret = secret.map_err(|_| ServiceError::invariant("the stored secret is empty", &key))?;
            // Every form is tried, whichever fits: how long it takes says nothing.
            let fits = |path: &str| verify_parts(&secret, &Parts { path, ..parts }, &authorization.signature).is_ok();
            Ok(paths.iter().fold(false, |found, path| fits(path) | found))
        };
        Ok(self.verified(&key, verify).await?.ok_or(GcsAuthError::Invalid)?)
    }
}
