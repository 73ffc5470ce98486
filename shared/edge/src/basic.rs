//! Who sent a request that carries HTTP Basic: a key's id as the user, its secret as the password.
//!
//! HTTP Basic has no time and no nonce, so a request can be sent again; endpoints that change
//! something must allow for that.

use std::sync::Arc;

use recourse_dispute::ids::KeyId;
use recourse_signing::basic::{Authorization, BadAuthorization};
use recourse_signing::diagnosis;
use recourse_store::Credential;

use crate::caller_note::{note_claimed, note_refusal};
use crate::{App, Refusal, Request, ServiceError};

impl App {
    /// Whose key a request's `Authorization: Basic` names; `None` for everything that is not a good
    /// key with its secret, all alike. The key's role is for the endpoint to look at.
    ///
    /// # Errors
    /// A [`ServiceError`] where the credential could not be read.
    pub async fn authenticate_basic(&self, request: &Request) -> Result<Option<Arc<Credential>>, ServiceError> {
        self.with_secret(request, Authorization::parse).await
    }

    /// As [`Self::authenticate_basic`], of a client as OAuth 2.0 has it, which may have encoded its
    /// id and its secret as a form does before it put them together (RFC 6749, 2.3.1).
    ///
    /// # Errors
    /// As [`Self::authenticate_basic`].
    pub async fn oauth_client(&self, request: &Request) -> Result<Option<Arc<Credential>>, ServiceError> {
        self.with_secret(request, Authorization::parse_oauth_client).await
    }

    async fn with_secret(
        &self,
        request: &Request,
        parse: fn(&str) -> Result<Authorization, BadAuthorization>,
    ) -> Result<Option<Arc<Credential>>, ServiceError> {
        let Some(value) = request.header("authorization") else {
            note_refusal(Refusal::MissingHeader);
            return Ok(None);
        };
        let sent = parse(value).ok().and_then(|sent| Some((KeyId::parse(&sent.key_id).ok()?, sent)));
        let Some((key, sent)) = sent else {
            note_refusal(Refusal::MalformedHeader);
            return Ok(None);
        };
        note_claimed(key.as_str());
        let verify = |secret: &str| Ok(sent.verify(secret).is_ok());
        let known = self.verified(&key, verify, |secret| diagnosis::basic(secret, &sent)).await?;
        if let Some(credential) = &known {
            // HTTP Basic has no time that a clock could be wrong about.
            self.scripted_fault(credential.account.environment, &key).await?;
        }
        Ok(known)
    }
}
