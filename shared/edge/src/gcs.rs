//! Who sent a request that is signed by the GCS scheme (Connect contract, "Authorization").
//!
//! The scheme has no nonce and does not sign the body. The clock window around `Date` refuses an
//! old request. Within it, an idempotence key, which is signed, makes a repeat one request with the
//! first.

use std::sync::Arc;

use recourse_dispute::ids::KeyId;
use recourse_signing::Secret;
use recourse_signing::clock::UnixSeconds;
use recourse_signing::diagnosis::{self, Depth};
use recourse_signing::gcs::{self, Authorization, Parts};
use recourse_store::Credential;

use crate::caller_note::{note_claimed, note_refusal};
use crate::verify::why;
use crate::{App, Refusal, Request, ServiceError};

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
        let refused = |refusal, error: GcsAuthError| {
            note_refusal(refusal);
            error
        };
        let authorization = request.header("authorization");
        let authorization = authorization.ok_or_else(|| refused(Refusal::MissingHeader, GcsAuthError::Malformed))?;
        let malformed = || refused(diagnosis::malformed_gcs(authorization), GcsAuthError::Malformed);
        let authorization = Authorization::parse(authorization).map_err(|_| malformed())?;
        note_claimed(&authorization.key_id);
        let date = request.header("date").unwrap_or_default();
        let malformed = || refused(diagnosis::malformed_date(date), GcsAuthError::MalformedDate);
        let sent_at = gcs::parse_date(date).ok_or_else(malformed)?;
        let (window, now) = (self.settings.window, UnixSeconds(self.context.now().seconds()));
        let late = |_| refused(Refusal::StaleTimestamp, GcsAuthError::Stale(window.seconds));
        let check_time = |now| window.check(sent_at, now).map_err(late);
        check_time(now)?;
        let key = KeyId::parse(&authorization.key_id);
        let key = key.map_err(|_| refused(Refusal::MalformedHeader, GcsAuthError::Invalid))?;
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
            let key = Secret::from_text(secret);
            let key = key.map_err(|_| ServiceError::invariant("the stored secret is empty", &authorization.key_id))?;
            // Every form is tried, whichever fits: how long it takes says nothing.
            let fits = |path: &str| verify_parts(&key, &Parts { path, ..parts }, &authorization.signature).is_ok();
            Ok(paths.iter().fold(false, |found, path| fits(path) | found))
        };
        let diagnose = |secret: &str| why(diagnosis::gcs(secret, &request.sent(&headers), Depth::One));
        let credential = self.verified(&key, verify, diagnose).await?.ok_or(GcsAuthError::Invalid)?;
        let skew = self.scripted_fault(credential.account.environment, &key).await?;
        if skew != 0 {
            check_time(UnixSeconds(now.0.saturating_add(skew)))?;
        }
        Ok(credential)
    }
}
