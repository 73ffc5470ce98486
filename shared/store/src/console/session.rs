//! Sessions of the console: who is signed in, and for how long.
//!
//! A session ends half an hour after its last use, and twelve hours after it began. That it was
//! used is written at most once a minute, so it may end up to a minute early. The code compares
//! every time, because DynamoDB deletes late.

use aws_sdk_dynamodb::operation::delete_item::DeleteItemError;
use recourse_dispute::time::UnixMillis;
use serde::{Deserialize, Serialize};

use super::operator::{Operator, OperatorId};
use super::token::SessionToken;
use crate::error::{StoreError, updated};
use crate::items::{Item, body, item, value};
use crate::transact::{TransactOutcome, TransactionBuilder, WriteItem};
use crate::{Store, WriteToken, keys};

/// How long a session lasts after its last use: half an hour.
pub const SESSION_IDLE_MS: i64 = 30 * 60 * 1000;
/// How long a session lasts at most: twelve hours.
pub const SESSION_MAX_MS: i64 = 12 * 60 * 60 * 1000;
/// How long it is at least between two writes that a session was used.
const TOUCH_MS: i64 = 60 * 1000;

/// A session of an operator.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    digest: String,
    stored: StoredSession,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct StoredSession {
    operator: OperatorId,
    /// The operator's count of ended sessions when it began.
    session_epoch: u64,
    began: UnixMillis,
    used_at: UnixMillis,
    /// When DynamoDB may delete it, in seconds.
    expires_at: i64,
}

impl StoredSession {
    /// The first millisecond at which it is over, if it is not used again.
    fn until(&self) -> UnixMillis {
        self.used_at.plus(SESSION_IDLE_MS).min(self.began.plus(SESSION_MAX_MS))
    }
}

impl Session {
    /// The digest of the session's token, to which forms are bound. It does not let anybody sign
    /// in.
    #[must_use]
    pub fn digest(&self) -> &str {
        &self.digest
    }

    /// When it began.
    #[must_use]
    pub fn began(&self) -> UnixMillis {
        self.stored.began
    }

    /// When it was last used, as far as that is written.
    #[must_use]
    pub fn used_at(&self) -> UnixMillis {
        self.stored.used_at
    }
}

impl Store {
    /// Begins a session of an operator, who was just read.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn begin_session(
        &self,
        operator: &Operator,
        session: &SessionToken,
        token: &WriteToken,
        now: UnixMillis,
    ) -> Result<Session, StoreError> {
        let mut stored = StoredSession {
            operator: operator.id(),
            session_epoch: operator.session_epoch,
            began: now,
            used_at: now,
            expires_at: 0,
        };
        stored.expires_at = stored.until().seconds() + 1;
        let digest = session.digest();
        let mut builder = TransactionBuilder::default();
        builder.create(self, WriteItem::Session, token.stamp(item(&keys::session(&digest), "session", &stored)?))?;
        match self.transact(token, builder).await? {
            TransactOutcome::Done => Ok(Session { digest, stored }),
            TransactOutcome::Refused(failed) => {
                let key = keys::operator(operator.id().as_str());
                Err(failed.impossible(format!("beginning a session of {key}")))
            }
        }
    }

    /// A session and its operator, both read at once. `None` where the session is not there or is
    /// over, or the operator may not sign in any more.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn session(
        &self,
        session: &SessionToken,
        now: UnixMillis,
    ) -> Result<Option<(Session, Operator)>, StoreError> {
        let digest = session.digest();
        let (stored, operator) =
            tokio::try_join!(self.stored_session(&digest), self.operator_by_id(session.operator()))?;
        let (Some(stored), Some(operator)) = (stored, operator) else { return Ok(None) };
        let is_good = stored.operator == operator.id()
            && stored.session_epoch == operator.session_epoch
            && operator.is_active()
            && now < stored.until();
        Ok(is_good.then_some((Session { digest, stored }, operator)))
    }

    async fn stored_session(&self, digest: &str) -> Result<Option<StoredSession>, StoreError> {
        self.ephemeral_item(&keys::session(digest)).await?.map(body).transpose()
    }

    /// Notes that a session was used, at most once a minute. A session that was ended meanwhile
    /// stays ended.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn touch_session(&self, session: &Session, now: UnixMillis) -> Result<(), StoreError> {
        let before = &session.stored;
        if now < before.used_at.plus(TOUCH_MS) {
            return Ok(());
        }
        let after = StoredSession { used_at: now, ..before.clone() };
        let sent = self
            .client
            .update_item()
            .table_name(&self.tables.ephemeral)
            .set_key(Some(keys::session(&session.digest).attributes()))
            .update_expression("SET used_at = :now, expires_at = :expires_at")
            .condition_expression("attribute_exists(PK) AND used_at < :now")
            .set_expression_attribute_values(Some(Item::from([
                (":now".to_owned(), value(now)?),
                (":expires_at".to_owned(), value(after.until().seconds() + 1)?),
            ])))
            .send()
            .await;
        updated(sent).map(drop)
    }

    /// Ends a session.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn end_session(&self, session: &Session) -> Result<(), StoreError> {
        let sent = self
            .client
            .delete_item()
            .table_name(&self.tables.ephemeral)
            .set_key(Some(keys::session(&session.digest).attributes()))
            .condition_expression("attribute_exists(PK)")
            .send()
            .await;
        let Err(error) = sent else { return Ok(()) };
        match error.as_service_error() {
            // Somebody ended it before, or this call did and its answer was lost.
            Some(DeleteItemError::ConditionalCheckFailedException(_)) => Ok(()),
            _ => Err(StoreError::from_sdk("DeleteItem", &error)),
        }
    }
}
