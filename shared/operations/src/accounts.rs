//! Accounts: made, changed, suspended, resumed, and shown with what was done to them.

use recourse_dispute::ids::AccountId;
use recourse_store::{
    Account, AccountEvent, AccountField, AccountRecord, AccountStatus, AmendOutcome, Amendment, AuditContext,
    RegisterOutcome, SetStatusOutcome, Store, StoreError, WriteToken,
};

/// Why an account is not made, changed or shown. Nothing was written.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AccountError {
    /// The store failed. Where that is temporary, the change may have been written.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// There is no such account.
    #[error("there is no such account")]
    Unknown,
    /// There is an account of this id.
    #[error("there is an account of this id already")]
    Exists,
    /// The id stands for the event bus.
    #[error("this id stands for the event bus, and no account can have it: choose another one")]
    Reserved,
    /// Another account has the merchant id.
    #[error("another account has this merchant id")]
    MerchantTaken,
    /// Another account has the domain code.
    #[error("another account has this domain code")]
    DomainTaken,
    /// The account has another one of these, for good.
    #[error("the account has another {}, which cannot be changed", field(*.0))]
    Fixed(AccountField),
}

/// Whether there was something to change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Done {
    /// It is changed.
    Changed,
    /// It was so before, and nothing is written.
    Already,
}

/// Makes an account.
///
/// # Errors
/// [`AccountError`].
pub async fn create(
    store: &Store,
    account: &Account,
    audit: &AuditContext,
    token: &WriteToken,
) -> Result<(), AccountError> {
    match store.create_account(account, audit, token).await? {
        RegisterOutcome::Created => Ok(()),
        RegisterOutcome::Taken => Err(AccountError::Exists),
        RegisterOutcome::Reserved => Err(AccountError::Reserved),
        RegisterOutcome::DomainTaken => Err(AccountError::DomainTaken),
        RegisterOutcome::MerchantTaken => Err(AccountError::MerchantTaken),
    }
}

/// Sets an account's address or names: all that is named, or nothing.
///
/// # Errors
/// [`AccountError`].
pub async fn set(
    store: &Store,
    id: &AccountId,
    amendment: &Amendment,
    audit: &AuditContext,
    token: impl FnMut() -> WriteToken,
) -> Result<Done, AccountError> {
    match store.amend_account(id, amendment, audit, token).await? {
        AmendOutcome::Changed => Ok(Done::Changed),
        AmendOutcome::Already => Ok(Done::Already),
        AmendOutcome::Fixed(field) => Err(AccountError::Fixed(field)),
        AmendOutcome::MerchantTaken => Err(AccountError::MerchantTaken),
        AmendOutcome::DomainTaken => Err(AccountError::DomainTaken),
        AmendOutcome::NoAccount => Err(AccountError::Unknown),
    }
}

/// Suspends an account or resumes it.
///
/// # Errors
/// [`AccountError`].
pub async fn set_status(
    store: &Store,
    id: &AccountId,
    status: AccountStatus,
    audit: &AuditContext,
    token: impl FnMut() -> WriteToken,
) -> Result<Done, AccountError> {
    match store.set_status(id, status, audit, token).await? {
        SetStatusOutcome::Changed => Ok(Done::Changed),
        SetStatusOutcome::Already => Ok(Done::Already),
        SetStatusOutcome::NoAccount => Err(AccountError::Unknown),
    }
}

/// An account with its keys and its audit.
///
/// # Errors
/// [`AccountError`].
pub async fn record(store: &Store, id: &AccountId) -> Result<AccountRecord, AccountError> {
    store.account_record(id).await?.ok_or(AccountError::Unknown)
}

/// The name of a field, for a person.
#[must_use]
pub fn field(field: AccountField) -> &'static str {
    match field {
        AccountField::Email => "registered address",
        AccountField::MerchantId => "merchant id",
        AccountField::DomainCode => "domain code",
    }
}

/// What was done to an account, after who did it.
#[must_use]
pub fn did(event: &AccountEvent) -> String {
    match event {
        AccountEvent::Created => "created the account".to_owned(),
        AccountEvent::Suspended => "suspended it".to_owned(),
        AccountEvent::Resumed => "resumed it".to_owned(),
        AccountEvent::KeyCreated(key) => format!("created the key {key}"),
        AccountEvent::KeyRevoked(key) => format!("revoked the key {key}"),
        AccountEvent::PasswordSet(user) => format!("set the password of {user}"),
        AccountEvent::UserRemoved(user) => format!("removed {user}"),
        AccountEvent::Changed(fields) => {
            format!("set its {}", fields.iter().copied().map(field).collect::<Vec<_>>().join(" and its "))
        }
        AccountEvent::Configured => "set its configuration".to_owned(),
        AccountEvent::ProviderSecretSet => "set the secret of its provider".to_owned(),
        AccountEvent::WebhookAdded(webhook) => format!("added the webhook endpoint {webhook}"),
        AccountEvent::WebhookRotated(webhook) => format!("rotated the secret of the webhook endpoint {webhook}"),
        AccountEvent::WebhookDisabled(webhook) => format!("disabled the webhook endpoint {webhook}"),
        AccountEvent::WebhookEnabled(webhook) => format!("enabled the webhook endpoint {webhook}"),
        AccountEvent::WebhookRemoved(webhook) => format!("removed the webhook endpoint {webhook}"),
        AccountEvent::FaultsSet(target) => format!("let {target} fail on purpose, by a script"),
        AccountEvent::FaultsCleared(target) => format!("ended the script by which {target} failed on purpose"),
    }
}
