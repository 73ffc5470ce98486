//! Who may call, and about whose transactions.

use recourse_dispute::ids::AccountId;
use recourse_edge::{Desk, Fault, Request, Signed};
use recourse_store::Role;

use crate::Refusal;

/// Authenticates a request, uses up its nonce, and admits only the platform's own keys.
///
/// These calls are no hot path, so the nonce is a write of its own here, before anything else is looked at.
///
/// # Errors
/// [`Refusal`].
pub async fn caller(desk: &Desk, request: &Request) -> Result<Signed, Refusal> {
    let caller = desk.signed::<Refusal>(request).await?;
    desk.use_nonce::<Refusal>(&caller).await?;
    match caller.credential.role {
        Role::Platform => Ok(caller),
        Role::Client => Err(Refusal::Forbidden),
    }
}

/// Whether a caller may speak of an account's transactions, and hear of them: the account is there, and of the environment of the key's own account.
/// So a staging key does not reach production, and a misspelt account takes no trxid.
///
/// A read, kept for a minute, and no condition of the write: every word about an account would meet every other one at the account's item. It
/// holds all the same, because an account is never removed and never changes its environment.
///
/// # Errors
/// [`Fault`].
pub async fn reaches(desk: &Desk, caller: &Signed, account: &AccountId) -> Result<bool, Fault> {
    let account = desk.account(account).await?;
    Ok(account.is_some_and(|account| account.environment == caller.credential.account.environment))
}
