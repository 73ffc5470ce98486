//! Verifying that a caller has the secret of a key, at the same cost whether the key exists or not.
//!
//! The time of a refusal must not show which keys exist. So a refused request costs two reads and
//! the same MACs, whatever was wrong: an unknown key is verified against a dummy secret, and a
//! cached key is read again. A good request of a cached key reads nothing.
//!
//! A signature that does not fit is compared with those that known mistakes make, for the log line.
//! That is done for every refused signature, and for an unknown key with the dummy secret.

use std::sync::Arc;

use recourse_dispute::ids::KeyId;
use recourse_store::Credential;

use crate::caller_note::{note_credential, note_refusal};
use crate::{App, Refusal, ServiceError};

/// Stands in for the secret of an unknown key, so that its signature is computed, too. Like every
/// secret it is 32 bytes in base64. A request signed with it is refused: there is no such key.
const DUMMY_SECRET: &str = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";

impl App {
    /// The credential of a key, if `verify` says of its secret that the caller has it. The log line
    /// gets the key, its account and why it was refused.
    ///
    /// # Errors
    /// [`ServiceError`], also as `verify` says.
    pub(crate) async fn verified(
        &self,
        key: &KeyId,
        verify: impl FnOnce(&str) -> Result<Result<(), Refusal>, ServiceError>,
    ) -> Result<Option<Arc<Credential>>, ServiceError> {
        let known = self.known_credential(key);
        let was_known = known.is_some();
        let credential = match known {
            Some(known) => Ok(known),
            None => self.credential(key).await?,
        };
        if let Ok(credential) = &credential {
            note_credential(credential);
        }
        let verified = verified(credential, |credential| credential.secret.expose(), verify)?;
        if let Err(refusal) = &verified {
            note_refusal(*refusal);
            if was_known {
                self.store.look_up_key(&self.sealer, key).await?;
            }
        }
        Ok(verified.ok())
    }
}

/// The credential of a key, if `verify` says yes of its secret. `verify` is called once, also where
/// there is no credential.
fn verified<C>(
    known: Result<C, Refusal>,
    secret: impl FnOnce(&C) -> &str,
    verify: impl FnOnce(&str) -> Result<Result<(), Refusal>, ServiceError>,
) -> Result<Result<C, Refusal>, ServiceError> {
    let outcome = verify(known.as_ref().map_or(DUMMY_SECRET, secret))?;
    Ok(known.and_then(|known| outcome.map(|()| known)))
}

/// The reason that the log line gets of a signature that does not fit: the first of the mistakes
/// that explain it. A path in another encoding comes last, because the gateway decodes paths.
pub(crate) fn why(mistakes: Option<Vec<Refusal>>) -> Refusal {
    let mistakes = mistakes.unwrap_or_default();
    let own = mistakes.iter().find(|mistake| **mistake != Refusal::PathDecoded);
    own.or(mistakes.first()).copied().unwrap_or(Refusal::WrongSignature)
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use recourse_signing::Secret;

    use super::*;

    /// The outcome, and which secrets a MAC was made with.
    fn asked(known: Result<&str, Refusal>, answer: Result<(), Refusal>) -> (Result<&str, Refusal>, Vec<String>) {
        let asked = RefCell::new(Vec::new());
        let verify = |secret: &str| {
            asked.borrow_mut().push(secret.to_owned());
            Ok(answer)
        };
        (verified(known, |secret| secret, verify).unwrap(), asked.into_inner())
    }

    #[test]
    fn a_mac_is_made_once_also_for_a_key_that_is_not_known() {
        let (unknown, wrong) = (Err(Refusal::UnknownKey), Err(Refusal::WrongSignature));
        let dummy = || vec![DUMMY_SECRET.to_owned()];
        assert_eq!(asked(Ok("good"), Ok(())), (Ok("good"), vec!["good".to_owned()]));
        assert_eq!(asked(Ok("good"), wrong), (Err(Refusal::WrongSignature), vec!["good".to_owned()]));
        assert_eq!(asked(unknown, wrong), (unknown, dummy()));
        assert_eq!(asked(unknown, Ok(())), (unknown, dummy()), "whoever signs with it is refused");
        let error = Err(ServiceError::Panicked);
        assert!(verified(unknown, |secret| secret, |_| error).is_err());
    }

    #[test]
    fn the_dummy_secret_can_be_read_by_every_scheme() {
        assert!(Secret::from_base64(DUMMY_SECRET).is_ok() && Secret::from_text(DUMMY_SECRET).is_ok());
    }
}
