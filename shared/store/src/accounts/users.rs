//! People of an account, who sign in with a password; only its hash is kept.

use recourse_dispute::ids::{AccountId, UserName};
use recourse_dispute::time::UnixMillis;
use serde::{Deserialize, Serialize};

use super::{AccountEvent, MOST_ROUNDS, Order, overtaken};
use crate::error::StoreError;
use crate::items::{Item, item};
use crate::transact::{Ran, Refused, Step, Steps};
use crate::{AttemptId, Store, keys};

/// What became of a password.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UserSet {
    /// It is set.
    Set,
    /// The user has one, and keeps it.
    Taken,
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
        order: &Order,
        mut attempt: impl FnMut() -> AttemptId,
    ) -> Result<UserSet, StoreError> {
        let user = StoredUser { name: name.clone(), account: account.clone(), hash: hash.to_owned(), set_at: order.at };
        for round in 0..MOST_ROUNDS {
            let attempt = attempt();
            let Some(before) = self.stored_account(account).await? else { return Ok(UserSet::NoAccount) };
            let mut steps = Steps::default();
            let condition =
                if replace { "attribute_not_exists(PK) OR attribute_exists(hash)" } else { "attribute_not_exists(PK)" };
            steps.put(
                self,
                Step::Credential,
                item(&keys::user(account, name), "user", &user)?,
                condition,
                Item::new(),
            )?;
            let event = AccountEvent::PasswordSet(name.clone());
            self.account_steps(&mut steps, &before, before.standing, event, order, &attempt)?;
            match self.transact(&attempt, steps).await? {
                Ran::Done => return Ok(UserSet::Set),
                Ran::Refused(Refused { step: Step::Credential, .. }) => return Ok(UserSet::Taken),
                Ran::Refused(_) => tokio::time::sleep(attempt.wait(round)).await,
            }
        }
        Err(overtaken("set_user"))
    }

    /// The hash of a user's password, if there is such a user.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn password_of(&self, account: &AccountId, name: &UserName) -> Result<Option<String>, StoreError> {
        Ok(self.get::<StoredUser>(&keys::user(account, name)).await?.map(|user| user.hash))
    }
}
