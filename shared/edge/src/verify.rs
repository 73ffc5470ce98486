//! Verifying that a caller has the secret of a key, at the same cost whether the key exists or not.
//!
//! The time of a refusal must not show which keys exist. So a refused request costs two reads and
//! the same MACs, whatever was wrong: an unknown key is verified against a dummy secret, and a
//! cached key is read again. A good request of a cached key reads nothing.
//!
//! A signature is compared with those that known mistakes make, for the log line. That is done for
//! every refusal, whatever its reason: also for a signature that fits the dummy secret, which
//! everybody knows.

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
    /// gets the key, its account and why the request is refused: the key itself, or what `diagnose`
    /// finds with its secret.
    ///
    /// # Errors
    /// [`ServiceError`], also as `verify` says.
    pub(crate) async fn verified(
        &self,
        key: &KeyId,
        verify: impl FnOnce(&str) -> Result<bool, ServiceError>,
        diagnose: impl FnOnce(&str) -> Refusal,
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
        let verified = verified(credential, |credential| credential.secret.expose(), verify, diagnose)?;
        if let Err(refusal) = &verified {
            note_refusal(*refusal);
            if was_known {
                self.store.look_up_key(&self.sealer, key).await?;
            }
        }
        Ok(verified.ok())
    }
}

/// The credential of a key, if `verify` says yes of its secret. Where there is no credential, both
/// get the dummy. `verify` is called once, and `diagnose` once for each refusal.
fn verified<C>(
    known: Result<C, Refusal>,
    secret: impl FnOnce(&C) -> &str,
    verify: impl FnOnce(&str) -> Result<bool, ServiceError>,
    diagnose: impl FnOnce(&str) -> Refusal,
) -> Result<Result<C, Refusal>, ServiceError> {
    let text = known.as_ref().map_or(DUMMY_SECRET, secret);
    if verify(text)? && known.is_ok() {
        return Ok(known);
    }
    let found = diagnose(text);
    Ok(known.and(Err(found)))
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

    /// The outcome, and what was done with which secret.
    fn asked(known: Result<&str, Refusal>, fits: bool) -> (Result<&str, Refusal>, Vec<String>) {
        let asked = RefCell::new(Vec::new());
        let verify = |secret: &str| {
            asked.borrow_mut().push(format!("verify {secret}"));
            Ok(fits)
        };
        let diagnose = |secret: &str| {
            asked.borrow_mut().push(format!("diagnose {secret}"));
            Refusal::WrongSignature
        };
        let outcome = verified(known, |secret| secret, verify, diagnose).unwrap();
        (outcome, asked.into_inner())
    }

    #[test]
    fn every_refusal_does_the_same_whatever_its_reason() {
        let both = |secret: &str| vec![format!("verify {secret}"), format!("diagnose {secret}")];
        assert_eq!(asked(Ok("good"), true), (Ok("good"), vec!["verify good".to_owned()]));
        assert_eq!(asked(Ok("good"), false), (Err(Refusal::WrongSignature), both("good")));
        for refusal in [Refusal::UnknownKey, Refusal::RevokedKey, Refusal::SuspendedAccount] {
            for fits in [false, true] {
                let expected = (Err(refusal), both(DUMMY_SECRET));
                assert_eq!(asked(Err(refusal), fits), expected, "whoever signs with the dummy is refused");
            }
        }
        let failed =
            verified(Ok("good"), |secret| secret, |_| Err(ServiceError::Panicked), |_| Refusal::WrongSignature);
        assert!(failed.is_err());
    }

    #[test]
    fn the_dummy_secret_can_be_read_by_every_scheme() {
        assert!(Secret::from_base64(DUMMY_SECRET).is_ok() && Secret::from_text(DUMMY_SECRET).is_ok());
    }
}
