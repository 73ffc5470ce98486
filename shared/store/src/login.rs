//! Login attempts of a user: how many were wrong in a quarter of an hour, and how many passwords
//! are being verified.
//!
//! **Invariant:** each login attempt is recorded before the password is verified. So at most
//! [`LoginThrottle::max_wrong`] and [`LoginThrottle::max_at_once`] together of any number of
//! concurrent attempts are wrong in one window.
//!
//! An attempt whose function died never ends: it counts as being verified until its window is over.

use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::types::ReturnValuesOnConditionCheckFailure;
use recourse_dispute::ids::{AccountId, UserName};
use recourse_dispute::time::UnixMillis;
use serde::Deserialize;

use crate::error::{StoreError, once, updated};
use crate::items::{Item, body, value};
use crate::keys::ItemKey;
use crate::{Store, keys};

/// How long a window is: a quarter of an hour. Windows begin at whole multiples of it (UTC).
const WINDOW_SECONDS: i64 = 15 * 60;

/// Whose passwords are tried, whether there is such a user or not, and how often they may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LoginThrottle<'a> {
    /// The account.
    pub account: &'a AccountId,
    /// Its user.
    pub user: &'a UserName,
    /// How many wrong ones lock the user until the window is over.
    pub max_wrong: u32,
    /// How many are looked at at the same time.
    pub max_at_once: u32,
}

/// How a login attempt begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Admission {
    /// The password is to be looked at.
    Open,
    /// Too many were wrong: whatever the password is, the attempt is a wrong one.
    Locked,
    /// Too many are under way.
    Contended,
}

/// How a login attempt ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LoginOutcome {
    /// The password was right.
    Good,
    /// It was not.
    Wrong,
    /// The user was locked when it began.
    Locked,
}

#[derive(Deserialize)]
struct StoredCount {
    #[serde(default)]
    count: u32,
}

impl LoginThrottle<'_> {
    fn key(&self, window: i64) -> ItemKey {
        // No account's id has a slash in it.
        keys::cap("passwords", &format!("{}/{}", self.account, self.user), window)
    }
}

fn window(now: UnixMillis) -> i64 {
    now.seconds().div_euclid(WINDOW_SECONDS)
}

impl Store {
    /// Begins an attempt at `now`.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn begin_login(&self, throttle: &LoginThrottle<'_>, now: UnixMillis) -> Result<Admission, StoreError> {
        let window = window(now);
        let sent = self
            .client
            .update_item()
            .table_name(&self.tables.ephemeral)
            .set_key(Some(throttle.key(window).attributes()))
            .update_expression("ADD under_way :one SET expires_at = :expires_at")
            .condition_expression(
                "(attribute_not_exists(#count) OR #count < :max_wrong) \
                 AND (attribute_not_exists(under_way) OR under_way < :max_at_once)",
            )
            .expression_attribute_names("#count", "count")
            .expression_attribute_values(":one", value(1)?)
            .expression_attribute_values(":max_wrong", value(throttle.max_wrong)?)
            .expression_attribute_values(":max_at_once", value(throttle.max_at_once)?)
            .expression_attribute_values(":expires_at", value((window + 2) * WINDOW_SECONDS)?)
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .send()
            .await;
        let Err(error) = sent else { return Ok(Admission::Open) };
        match error.as_service_error() {
            Some(UpdateItemError::ConditionalCheckFailedException(refused)) => {
                let stored: StoredCount = body(refused.item().cloned().unwrap_or_default())?;
                Ok(if stored.count >= throttle.max_wrong { Admission::Locked } else { Admission::Contended })
            }
            _ => Err(StoreError::from_sdk("UpdateItem", &error)),
        }
    }

    /// Ends an attempt that began at `began`, unless its window is long over. It is one write, sent
    /// once: a second one would count twice.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn end_login(
        &self,
        throttle: &LoginThrottle<'_>,
        ended: LoginOutcome,
        began: UnixMillis,
    ) -> Result<(), StoreError> {
        let (wrong, less) = match ended {
            LoginOutcome::Good => (0, -1),
            LoginOutcome::Wrong => (1, -1),
            LoginOutcome::Locked => (1, 0),
        };
        let values = Item::from([(":wrong".to_owned(), value(wrong)?), (":less".to_owned(), value(less)?)]);
        let sent = self
            .client
            .update_item()
            .table_name(&self.tables.ephemeral)
            .set_key(Some(throttle.key(window(began)).attributes()))
            .update_expression("ADD #count :wrong, under_way :less")
            // An item that was deleted after its expiry must not come back without one.
            .condition_expression("attribute_exists(PK)")
            .expression_attribute_names("#count", "count")
            .set_expression_attribute_values(Some(values))
            .customize()
            .config_override(once())
            .send()
            .await;
        updated(sent).map(drop)
    }
}
