//! The keys of an account. A new secret is handed over once and stored sealed.

use recourse_dispute::ids::{AccountId, KeyId};
use recourse_store::{
    AuditContext, IssueKeyOutcome, NewCredential, RevokeKeyOutcome, Role, Sealer, SecretText, Store, StoreError,
    WriteToken,
};

use crate::accounts::Done;

/// A new key with its secret. Debug does not show that.
#[derive(Clone, Debug)]
pub struct NewKey {
    /// The public part.
    pub key: KeyId,
    /// The secret, which nobody is shown again.
    pub secret: SecretText,
}

/// The random bytes of a new key. There is no Debug, as the secret is made of them.
pub struct KeyBytes {
    /// Those of the public part. Whoever sends the same ones again gets no second key.
    pub id: [u8; 12],
    /// Those of the secret.
    pub secret: [u8; 32],
    /// Those under which the secret is sealed, once.
    pub nonce: [u8; 12],
}

/// Why a key is not made or revoked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// The store failed before there was anything to write, or while a key was revoked. Where that
    /// is temporary, the key may have been revoked.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The answer to the write of this key was lost. It may be there, and nobody has its secret.
    #[error("whether the key {0} was made is not known: {1}")]
    Lost(KeyId, StoreError),
    /// There is no such account.
    #[error("there is no such account")]
    NoAccount,
    /// The account has as many live keys of the role as it may have: these.
    #[error("the account has two live keys of this role already")]
    Full(Vec<KeyId>),
    /// There is, or was, a key of this id.
    #[error("the key {0} exists already")]
    Taken(KeyId),
    /// There is no such key.
    #[error("there is no such key")]
    NoKey,
    /// The random bytes make no key, which does not happen.
    #[error("the new key {0}")]
    BadId(String),
}

/// Makes a key for an account.
///
/// # Errors
/// [`KeyError`].
pub async fn create(
    store: &Store,
    sealer: &Sealer,
    (account, role): (&AccountId, Role),
    bytes: KeyBytes,
    audit: &AuditContext,
    token: impl FnMut() -> WriteToken,
) -> Result<NewKey, KeyError> {
    let known = store.account(account).await?.ok_or(KeyError::NoAccount)?;
    let key = role.key_id(known.environment, bytes.id).map_err(|rule| KeyError::BadId(rule.to_string()))?;
    let secret = SecretText::of(&bytes.secret);
    let new = NewCredential { key: &key, account, role, secret: secret.expose() };
    // Boxed: what writes it is nested deeply enough for the compiler.
    let issued = Box::pin(store.create_credential(sealer, &new, bytes.nonce, audit, token)).await;
    match issued {
        Ok(IssueKeyOutcome::Created) => Ok(NewKey { key, secret }),
        Ok(IssueKeyOutcome::Full(live)) => Err(KeyError::Full(live)),
        Ok(IssueKeyOutcome::NoAccount) => Err(KeyError::NoAccount),
        Ok(IssueKeyOutcome::Taken) => Err(KeyError::Taken(key)),
        Err(error) if error.is_temporary() => Err(KeyError::Lost(key, error)),
        Err(error) => Err(error.into()),
    }
}

/// Revokes a key for good, and erases its secret. Returns whose it is.
///
/// # Errors
/// [`KeyError`].
pub async fn revoke(
    store: &Store,
    key: &KeyId,
    audit: &AuditContext,
    token: impl FnMut() -> WriteToken,
) -> Result<(AccountId, Done), KeyError> {
    match store.revoke_credential(key, audit, token).await? {
        RevokeKeyOutcome::Revoked(account) => Ok((account, Done::Changed)),
        RevokeKeyOutcome::Already(account) => Ok((account, Done::Already)),
        RevokeKeyOutcome::NoKey => Err(KeyError::NoKey),
    }
}
