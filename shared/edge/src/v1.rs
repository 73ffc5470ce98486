//! Who sent a request that is signed by the v1 scheme, as two APIs have it (IIMMPACT contract,
//! "Signing").
//!
//! The checks are in the order of the contract: headers present and well formed, clock window,
//! signature, nonce. Role, body and transaction are the endpoint's. Every authenticated request
//! uses up its nonce: an endpoint does so within its write, or by itself.

use std::sync::Arc;

use recourse_dispute::ids::KeyId;
use recourse_signing::Secret;
use recourse_signing::clock::{UnixSeconds, Window};
use recourse_signing::diagnosis::{self, Depth};
use recourse_signing::v1::{self, HeaderError, SignedHeaders};
use recourse_store::{Credential, Nonce, NonceUse};
use serde_json::json;

use crate::caller_note::{note_claimed, note_refusal};
use crate::verify::why;
use crate::{ApiResponse, App, Refusal, Request, ServiceError};

/// How long a nonce is stored after its timestamp leaves the longest window, for functions whose
/// clocks differ.
const NONCE_MARGIN_SECONDS: i64 = 60;

/// An authenticated request's sender, and its nonce, not used yet.
#[derive(Clone, Debug)]
pub struct AuthenticatedRequest {
    /// The key that signed, and its account.
    pub credential: Arc<Credential>,
    /// To be used up exactly once.
    pub nonce: Nonce,
}

/// Why a request is not authenticated. The codes are Recourse-specific; the contract leaves their
/// list open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum V1AuthError {
    /// A header is missing or malformed.
    Header(HeaderError),
    /// The timestamp is outside of the window, which is this many seconds either way.
    StaleTimestamp(u64),
    /// Unknown key, revoked key and wrong signature, all alike.
    InvalidCredentials,
    /// The nonce was used before.
    ReplayedNonce,
}

impl V1AuthError {
    /// The 401 that both APIs give: `error` and `message`.
    #[must_use]
    pub fn answer(&self) -> ApiResponse {
        let (code, message) = match self {
            Self::Header(error @ HeaderError::Missing(_)) => ("missing_header", format!("{error}.")),
            Self::Header(error @ HeaderError::Malformed { .. }) => ("malformed_header", format!("{error}.")),
            Self::StaleTimestamp(seconds) => {
                ("stale_timestamp", format!("X-Timestamp must be within {seconds} seconds of the current time."))
            }
            Self::InvalidCredentials => {
                ("invalid_credentials", "The API key or the signature is not valid.".to_owned())
            }
            Self::ReplayedNonce => {
                ("replayed_nonce", "X-Nonce was used before; every request needs a fresh one.".to_owned())
            }
        };
        ApiResponse::json(401, code, &json!({ "error": code, "message": message }))
    }

    /// The 403 that both APIs give to a key of the other role.
    #[must_use]
    pub fn forbidden(message: &str) -> ApiResponse {
        ApiResponse::json(403, "forbidden", &json!({ "error": "forbidden", "message": message }))
    }
}

impl ServiceError {
    /// The 500 or 503 that both APIs give.
    #[must_use]
    pub fn v1_answer(&self) -> ApiResponse {
        let message = if self.is_temporary() {
            "The service is temporarily unavailable. Please try again with a fresh signature, and back off."
        } else {
            "Server Error"
        };
        ApiResponse::json(self.status(), self.outcome(), &json!({ "message": message }))
    }
}

/// When a nonce may be deleted: after the longest window that can be configured, not the current
/// one. Otherwise widening the window would let a deleted nonce in again.
fn nonce_expires_at(sent_at: UnixSeconds) -> i64 {
    sent_at.0.saturating_add_unsigned(Window::LONGEST).saturating_add(NONCE_MARGIN_SECONDS)
}

/// What is wrong with a header of the signature.
fn malformed(error: HeaderError, request: &Request) -> Refusal {
    match error {
        HeaderError::Missing(_) => Refusal::MissingHeader,
        HeaderError::Malformed { header: v1::SIGNATURE, .. } => {
            diagnosis::malformed_v1(request.header(v1::SIGNATURE).unwrap_or_default())
        }
        HeaderError::Malformed { .. } => Refusal::MalformedHeader,
    }
}

impl App {
    /// Who sent a request, by its headers, its time and its signature.
    ///
    /// # Errors
    /// [`V1AuthError`], or a [`ServiceError`] where the credential could not be read, each as the
    /// API's own error.
    pub async fn authenticate_v1<R>(&self, request: &Request) -> Result<AuthenticatedRequest, R>
    where
        R: From<V1AuthError> + From<ServiceError>,
    {
        let headers = SignedHeaders::parse(|name| request.header(name).map(str::as_bytes)).map_err(|error| {
            note_refusal(malformed(error, request));
            V1AuthError::Header(error)
        })?;
        note_claimed(&headers.key_id);
        let (window, now) = (self.settings.window, UnixSeconds(self.context.now().seconds()));
        let sent_at = headers.sent_at();
        let check_time = |now| {
            diagnosis::check_time(window, sent_at, now).map_err(|refusal| {
                note_refusal(refusal);
                V1AuthError::StaleTimestamp(window.seconds)
            })
        };
        check_time(now)?;
        let key = KeyId::parse(&headers.key_id).map_err(|_| {
            note_refusal(Refusal::MalformedHeader);
            V1AuthError::InvalidCredentials
        })?;
        let parts = headers.parts(&request.method, &request.query, &request.body);
        let verify = |text: &str| {
            let secret = Secret::from_base64(text);
            let secret = secret.map_err(|_| ServiceError::invariant("the stored secret is not base64", &key))?;
            Ok(v1::verify(&secret, &parts, &headers.signature).is_ok())
        };
        let diagnose = |text: &str| {
            let sent: Vec<_> = request.headers().collect();
            why(diagnosis::v1(text, &request.sent(&sent), Depth::One))
        };
        let credential = self.verified(&key, verify, diagnose).await?.ok_or(V1AuthError::InvalidCredentials)?;
        let skew = self.scripted_fault(credential.account.environment, &key).await?;
        if skew != 0 {
            check_time(UnixSeconds(now.0.saturating_add(skew)))?;
        }
        let nonce = Nonce { key, nonce: headers.nonce.clone(), expires_at: nonce_expires_at(sent_at) };
        Ok(AuthenticatedRequest { credential, nonce })
    }

    /// Uses up the nonce of a request that writes nothing else.
    ///
    /// # Errors
    /// [`V1AuthError::ReplayedNonce`], or a [`ServiceError`], each as the API's own error.
    pub async fn use_nonce<R>(&self, signed: &AuthenticatedRequest) -> Result<(), R>
    where
        R: From<V1AuthError> + From<ServiceError>,
    {
        let token = self.context.write_token().map_err(ServiceError::from)?;
        match self.store.use_nonce(&signed.nonce, &token, self.context.now()).await.map_err(ServiceError::from)? {
            NonceUse::Fresh => Ok(()),
            NonceUse::Replayed => Err(V1AuthError::ReplayedNonce.into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Widening the window must not admit a request whose nonce was deleted under the narrow one.
    #[test]
    fn a_nonce_outlives_its_request_under_every_window_that_may_be_configured() {
        let sent_at = UnixSeconds(1_764_547_200);
        let until = nonce_expires_at(sent_at);
        for seconds in [30, 300, Window::LONGEST] {
            let window = Window::of(seconds).unwrap();
            assert!(window.check(sent_at, UnixSeconds(until - NONCE_MARGIN_SECONDS + 1)).is_err(), "{seconds}");
        }
        assert_eq!(until, sent_at.0 + 960);
        assert_eq!(nonce_expires_at(UnixSeconds(i64::MAX)), i64::MAX);
    }
}
