//! People of an account, who sign in with a password. Only the hash of a password is stored.

use std::collections::BTreeMap;

use recourse_dispute::ids::{AccountId, UserName};
use recourse_dispute::time::UnixMillis;
use serde::{Deserialize, Serialize};

use super::{AccountEvent, AccountRecord, AuditContext};
use crate::error::StoreError;
use crate::items::{Item, item};
use crate::transact::{TransactionBuilder, WriteItem};
use crate::{Store, WriteToken, keys};

/// A person of an account who can sign in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    /// The person's name at the account.
    pub name: UserName,
    /// When the password was set, in milliseconds.
    pub set_at: UnixMillis,
}

/// What became of a password.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SetUserOutcome {
    /// It is set.
    Set,
    /// The user has one, and keeps it.
    Taken,
    /// There is no such account.
    NoAccount,
}

/// What became of a person who was to be removed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RemoveUserOutcome {
    /// The user is removed and cannot sign in any more.
    Removed,
    /// The account has no such user: nothing is written.
    NoUser,
    /// There is no such account.
    NoAccount,
}

#[derive(Serialize, Deserialize)]
struct StoredUser {
    name: UserName,
    account: AccountId,
    hash: String,
    set_at: UnixMillis,
}

impl AccountRecord {
    /// The people who can sign in, by their names. Every password and every removal is in the
    /// audit, written in the same transaction, so that this list is exact and needs no items of its
    /// own.
    #[must_use]
    pub fn users(&self) -> Vec<User> {
        let mut users = BTreeMap::new();
        for entry in &self.audit {
            match &entry.event {
                AccountEvent::PasswordSet(name) => {
                    users.insert(name.as_str(), User { name: name.clone(), set_at: entry.at });
                }
                AccountEvent::UserRemoved(name) => {
                    users.remove(name.as_str());
                }
                AccountEvent::Created
                | AccountEvent::Suspended
                | AccountEvent::Resumed
                | AccountEvent::KeyCreated(_)
                | AccountEvent::KeyRevoked(_)
                | AccountEvent::Changed(_)
                | AccountEvent::Configured
                | AccountEvent::ProviderSecretSet
                | AccountEvent::WebhookAdded(_)
                | AccountEvent::WebhookRotated(_)
                | AccountEvent::WebhookDisabled(_)
                | AccountEvent::WebhookEnabled(_)
                | AccountEvent::WebhookRemoved(_)
                | AccountEvent::FaultsSet(_)
                | AccountEvent::FaultsCleared(_) => {}
            }
        }
        users.into_values().collect()
    }
}

impl Store {
    /// Sets a user's password by its hash; where the user has one, only if `replace` says so.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn set_user(
        &self,
        account: &AccountId,
        name: &UserName,
        hash: &str,
        replace: bool,
        audit: &AuditContext,
        token: impl FnMut() -> WriteToken,
    ) -> Result<SetUserOutcome, StoreError> {
        let user =
            &StoredUser { name: name.clone(), account: account.clone(), hash: hash.to_owned(), set_at: audit.at };
        self.rounds("set_user", account, token, |token| async move {
            let Some(before) = self.stored_account(account).await? else { return Ok(Some(SetUserOutcome::NoAccount)) };
            let mut builder = TransactionBuilder::default();
            let condition = if replace {
                "attribute_not_exists(PK) OR attribute_exists(set_at)"
            } else {
                "attribute_not_exists(PK)"
            };
            let user = item(&keys::user(account, name), "user", user)?;
            builder.put(self, WriteItem::Credential, user, condition, Item::new())?;
            let event = AccountEvent::PasswordSet(name.clone());
            self.account_steps(&mut builder, &before, before.status, event, audit, &token)?;
            let taken = |item| (item == WriteItem::Credential).then_some(SetUserOutcome::Taken);
            self.commit(&token, builder, SetUserOutcome::Set, taken).await
        })
        .await
    }

    /// Deletes a user's password: from now on it is refused as a wrong one. An access token of the
    /// user is good until it expires.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn remove_user(
        &self,
        account: &AccountId,
        name: &UserName,
        audit: &AuditContext,
        token: impl FnMut() -> WriteToken,
    ) -> Result<RemoveUserOutcome, StoreError> {
        self.rounds("remove_user", account, token, |token| async move {
            let Some(before) = self.stored_account(account).await? else {
                return Ok(Some(RemoveUserOutcome::NoAccount));
            };
            if self.password_of(account, name).await?.is_none() {
                return Ok(Some(RemoveUserOutcome::NoUser));
            }
            let mut builder = TransactionBuilder::default();
            let user = keys::user(account, name);
            builder.delete(self, WriteItem::Credential, &user, "attribute_exists(PK)", Item::new())?;
            let event = AccountEvent::UserRemoved(name.clone());
            self.account_steps(&mut builder, &before, before.status, event, audit, &token)?;
            self.commit(&token, builder, RemoveUserOutcome::Removed, |_| None).await
        })
        .await
    }

    /// The hash of a user's password, if there is such a user.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn password_of(&self, account: &AccountId, name: &UserName) -> Result<Option<String>, StoreError> {
        Ok(self.get::<StoredUser>(&keys::user(account, name)).await?.map(|user| user.hash))
    }
}
