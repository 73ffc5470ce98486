//! Who sent a request that carries HTTP Basic: a key's id as the user, its secret as the password.
//!
//! There is no time and no nonce in it, so a request can be sent again; endpoints that change something stand that.

use std::sync::Arc;

use recourse_dispute::ids::KeyId;
use recourse_signing::basic::Authorization;
use recourse_store::Credential;

use crate::{Desk, Fault, Request, Unauthorized};

impl Desk {
    /// Whose key a request's `Authorization: Basic` names. The key's role is for the endpoint to look at.
    ///
    /// # Errors
    /// [`Unauthorized::InvalidCredentials`] for everything that is not a good key with its secret, all alike; or a [`Fault`] where it could not
    /// be found out, each as the door's own refusal.
    pub async fn basic<R>(&self, request: &Request) -> Result<Arc<Credential>, R>
    where
        R: From<Unauthorized> + From<Fault>,
    {
        let refused = || R::from(Unauthorized::InvalidCredentials);
        let sent = request.header("authorization").and_then(|value| Authorization::parse(value).ok());
        let sent = sent.ok_or_else(refused)?;
        let key = KeyId::parse(&sent.key_id).map_err(|_| refused())?;
        let known = self.credential(&key).await;
        let credential = known.map_err(Fault::from)?.ok_or_else(refused)?;
        sent.verify(credential.secret.expose()).map_err(|_| refused())?;
        Ok(credential)
    }
}
