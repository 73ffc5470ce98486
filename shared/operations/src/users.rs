//! People of a bank, who sign in at the Arbiter API. Only the hash of a password is stored.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use recourse_dispute::ids::{AccountId, UserName};
use recourse_signing::password::{self, BadPassword};
use recourse_store::{AuditContext, RemoveUserOutcome, SetUserOutcome, Store, StoreError, WriteToken};

/// Why a person's password is not set, or the person not removed. Nothing was written.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UserError {
    /// The store failed. Where that is temporary, the change may have been written.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// There is no such account.
    #[error("there is no such account")]
    NoAccount,
    /// The account has no domain code, which its people sign in with.
    #[error("the account has no domain code, which its people sign in with")]
    NoDomain,
    /// The password cannot be one.
    #[error(transparent)]
    Password(#[from] BadPassword),
    /// The person has a password, which was not to be replaced.
    #[error("the person has a password already")]
    Taken,
    /// The account has nobody of this name.
    #[error("the account has nobody of this name")]
    NoUser,
}

/// A password out of random bytes.
#[must_use]
pub fn drawn_password(random: [u8; 18]) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(random)
}

/// Sets a person's password; where the person has one, only if `replace` says so.
///
/// # Errors
/// [`UserError`].
pub async fn set(
    store: &Store,
    (account, name): (&AccountId, &UserName),
    (password, salt): (&str, &[u8; 16]),
    replace: bool,
    audit: &AuditContext,
    token: impl FnMut() -> WriteToken,
) -> Result<(), UserError> {
    let known = store.account(account).await?.ok_or(UserError::NoAccount)?;
    if known.domain_code.is_none() {
        return Err(UserError::NoDomain);
    }
    let hash = password::hash(password, salt)?;
    match store.set_user(account, name, &hash, replace, audit, token).await? {
        SetUserOutcome::Set => Ok(()),
        SetUserOutcome::Taken => Err(UserError::Taken),
        SetUserOutcome::NoAccount => Err(UserError::NoAccount),
    }
}

/// Removes a person, whose password is then refused.
///
/// # Errors
/// [`UserError`].
pub async fn remove(
    store: &Store,
    account: &AccountId,
    name: &UserName,
    audit: &AuditContext,
    token: impl FnMut() -> WriteToken,
) -> Result<(), UserError> {
    match store.remove_user(account, name, audit, token).await? {
        RemoveUserOutcome::Removed => Ok(()),
        RemoveUserOutcome::NoUser => Err(UserError::NoUser),
        RemoveUserOutcome::NoAccount => Err(UserError::NoAccount),
    }
}
