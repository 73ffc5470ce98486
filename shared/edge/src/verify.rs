//! Verifying that a caller has the secret of a key, at the same cost whether the key exists or not.
//!
//! The time of a refusal must not show which keys exist. So a refused request costs two reads and
//! one MAC, whatever was wrong: an unknown key is verified against a dummy secret, and a cached key
//! is read again. A good request of a cached key reads nothing.

use std::sync::Arc;

use recourse_dispute::ids::KeyId;
use recourse_store::Credential;

use crate::{App, ServiceError};

/// Stands in for the secret of an unknown key, so that its signature is computed, too. Like every
/// secret it is 32 bytes in base64. A request signed with it is refused: there is no such key.
const DUMMY_SECRET: &str = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";

impl App {
    /// The credential of a key, if `verify` says of its secret that the caller has it.
    ///
    /// # Errors
    /// [`ServiceError`], also as `verify` says.
    pub(crate) async fn verified(
        &self,
        key: &KeyId,
        verify: impl FnOnce(&str) -> Result<bool, ServiceError>,
    ) -> Result<Option<Arc<Credential>>, ServiceError> {
        let known = self.known_credential(key);
        let was_known = known.is_some();
        let credential = match known {
            Some(known) => Some(known),
            None => self.credential(key).await?,
        };
        let verified_credential = verified(credential, |credential| credential.secret.expose(), verify)?;
        if verified_credential.is_none() && was_known {
            self.store.credential(&self.sealer, key).await?;
        }
        Ok(verified_credential)
    }
}

/// The credential of a key, if `verify` says yes of its secret. `verify` is called once, also where
/// there is no credential.
fn verified<C>(
    known: Option<C>,
    secret: impl FnOnce(&C) -> &str,
    verify: impl FnOnce(&str) -> Result<bool, ServiceError>,
) -> Result<Option<C>, ServiceError> {
    let is_good = verify(known.as_ref().map_or(DUMMY_SECRET, secret))?;
    Ok(known.filter(|_| is_good))
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use recourse_signing::Secret;

    use super::*;

    /// The outcome, and which secrets a MAC was made with.
    fn asked(known: Option<&str>, answer: bool) -> (Option<&str>, Vec<String>) {
        let asked = RefCell::new(Vec::new());
        let verify = |secret: &str| {
            asked.borrow_mut().push(secret.to_owned());
            Ok(answer)
        };
        (verified(known, |secret| secret, verify).unwrap(), asked.into_inner())
    }

    #[test]
    fn a_mac_is_made_once_also_for_a_key_that_is_not_known() {
        assert_eq!(asked(Some("good"), true), (Some("good"), vec!["good".to_owned()]));
        assert_eq!(asked(Some("good"), false), (None, vec!["good".to_owned()]));
        assert_eq!(asked(None, false), (None, vec![DUMMY_SECRET.to_owned()]));
        assert_eq!(asked(None, true), (None, vec![DUMMY_SECRET.to_owned()]), "whoever signs with it is refused");
        let error = Err(ServiceError::Panicked);
        assert!(verified(None::<&str>, |secret| secret, |_| error).is_err());
    }

    #[test]
    fn the_dummy_secret_can_be_read_by_every_scheme() {
        assert!(Secret::from_base64(DUMMY_SECRET).is_ok() && Secret::from_text(DUMMY_SECRET).is_ok());
    }
}
