//! Who sent a request that carries HTTP Basic: a key's id as the user, its secret as the password.
//!
//! HTTP Basic has no time and no nonce, so a request can be sent again; endpoints that change
//! something must allow for that.

use std::sync::Arc;

use recourse_dispute::ids::KeyId;
use recourse_signing::basic::Authorization;
use recourse_store::Credential;

use crate::{App, Request, ServiceError};

impl App {
    /// Whose key a request's `Authorization: Basic` names; `None` for everything that is not a good
    /// key with its secret, all alike. The key's role is for the endpoint to look at.
    ///
    /// # Errors
    /// A [`ServiceError`] where the credential could not be read.
    pub async fn authenticate_basic(&self, request: &Request) -> Result<Option<Arc<Credential>>, ServiceError> {
        let sent = request.header("authorization").and_then(|value| Authorization::parse(value).ok());
        self.with_secret(sent).await
    }

    /// As [`Self::authenticate_basic`], of a client as OAuth 2.0 has it, which may have encoded its
    /// id and its secret as a form does before it put them together (RFC 6749, 2.3.1).
    ///
    /// # Errors
    /// As [`Self::authenticate_basic`].
    pub async fn oauth_client(&self, request: &Request) -> Result<Option<Arc<Credential>>, ServiceError> {
        let sent = request.header("authorization").and_then(|value| Authorization::parse_oauth_client(value).ok());
        self.with_secret(sent).await
    }

    async fn with_secret(&self, sent: Option<Authorization>) -> Result<Option<Arc<Credential>>, ServiceError> {
        let Some(sent) = sent else { return Ok(None) };
        let Ok(key) = KeyId::parse(&sent.key_id) else { return Ok(None) };
        self.verified(&key, |secret| Ok(sent.verify(secret).is_ok())).await
    }
}
