//! One-time links by which operators sign in.
//!
//! A link works once, for ten minutes, and only in the browser that asked for it: the link's item
//! has a digest of a value that this browser alone holds in a cookie. A link that another browser
//! opens stays as it is, because mail scanners open links.

use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::types::{ReturnValue, ReturnValuesOnConditionCheckFailure};
use recourse_dispute::notification::Notification;
use recourse_dispute::time::UnixMillis;
use serde::{Deserialize, Serialize};

use super::operator::{Operator, OperatorId};
use super::token::ConsoleToken;
use crate::error::StoreError;
use crate::items::{Item, body, item, text, value};
use crate::keys::ItemKey;
use crate::transact::{TransactOutcome, TransactionBuilder, WriteItem};
use crate::{MailId, Store, WriteToken, keys};

/// How long a link works: ten minutes.
pub const LINK_MS: i64 = 10 * 60 * 1000;
/// The attribute in which a link names the request that took it.
const TAKEN_BY: &str = "taken_by";

/// A link, with all that is needed to use it.
#[derive(Clone, Debug)]
pub struct SignInLink {
    /// What the link's address holds.
    pub token: ConsoleToken,
    /// What the cookie of the browser that asked holds.
    pub browser: ConsoleToken,
}

/// What became of a link that somebody opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TakeLinkOutcome {
    /// It is used up, and this operator may sign in.
    Taken(Box<Operator>),
    /// The browser is not the one that asked. The link is as before.
    OtherBrowser,
    /// There is no such link, or it was used, has run out, or its operator may not sign in any
    /// more.
    NotGood,
}

/// What became of something that counts once and in one browser.
pub(super) enum TakeOutcome {
    /// It is used up, by this request, and was this.
    Taken(Item),
    /// The browser is another one. It is as before.
    OtherBrowser,
    /// It is not there, was used, or has run out.
    NotGood,
}

/// What binds it.
#[derive(Deserialize)]
struct Bound {
    browser: String,
    good_until: UnixMillis,
}

/// A link as it is stored.
#[derive(Serialize, Deserialize)]
struct StoredLink {
    operator: OperatorId,
    /// The operator's count of ended sessions when the link was made.
    session_epoch: u64,
    /// A digest of what the browser that asked holds.
    browser: String,
    /// The first millisecond at which it works no more.
    good_until: UnixMillis,
    /// When DynamoDB may delete it, in seconds.
    expires_at: i64,
}

impl SignInLink {
    fn item(&self, operator: &Operator, now: UnixMillis) -> Result<Item, StoreError> {
        let until = now.plus(LINK_MS);
        let stored = StoredLink {
            operator: operator.id(),
            session_epoch: operator.session_epoch,
            browser: self.browser.digest(),
            good_until: until,
            expires_at: until.seconds() + 1,
        };
        item(&keys::link(&self.token.digest()), "link", &stored)
    }
}

impl Store {
    /// Creates a link of an operator without mailing it, as the local cloud does for its demo
    /// people.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn create_link(
        &self,
        operator: &Operator,
        link: &SignInLink,
        token: &WriteToken,
        now: UnixMillis,
    ) -> Result<(), StoreError> {
        let mut builder = TransactionBuilder::default();
        builder.create(self, WriteItem::Link, token.stamp(link.item(operator, now)?))?;
        self.send_link(builder, operator, token).await
    }

    /// Creates a link of an operator and enqueues the mail that has it, in one transaction.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn enqueue_sign_in(
        &self,
        operator: &Operator,
        link: &SignInLink,
        mail: &Notification,
        token: &WriteToken,
        now: UnixMillis,
    ) -> Result<MailId, StoreError> {
        let id = MailId::sign_in(&link.token.digest());
        let mut builder = TransactionBuilder::default();
        builder.create(self, WriteItem::Link, token.stamp(link.item(operator, now)?))?;
        self.enqueue(&mut builder, id, mail.clone(), now)?;
        self.send_link(builder, operator, token).await.map(|()| id)
    }

    async fn send_link(
        &self,
        builder: TransactionBuilder,
        operator: &Operator,
        token: &WriteToken,
    ) -> Result<(), StoreError> {
        match self.transact(token, builder).await? {
            TransactOutcome::Done => Ok(()),
            TransactOutcome::Refused(failed) => {
                Err(failed.impossible(format!("creating a link of {}", keys::operator(operator.id().as_str()))))
            }
        }
    }

    /// Uses a link up: of any number of requests at once, one has it. `token` is fresh for every
    /// request. Where the answer was lost and the SDK sent the write again, it shows that this
    /// request has the link.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn take_link(
        &self,
        link: &SignInLink,
        token: &WriteToken,
        now: UnixMillis,
    ) -> Result<TakeLinkOutcome, StoreError> {
        let key = keys::link(&link.token.digest());
        let taken: StoredLink = match self.take_once(&key, &link.browser, token, now).await? {
            TakeOutcome::Taken(item) => body(item)?,
            TakeOutcome::OtherBrowser => return Ok(TakeLinkOutcome::OtherBrowser),
            TakeOutcome::NotGood => return Ok(TakeLinkOutcome::NotGood),
        };
        let operator = self.operator_by_id(&taken.operator).await?;
        let may = |operator: &Operator| operator.is_active() && operator.session_epoch == taken.session_epoch;
        Ok(match operator.filter(may) {
            Some(operator) => TakeLinkOutcome::Taken(Box::new(operator)),
            None => TakeLinkOutcome::NotGood,
        })
    }

    /// Uses up an item that has the members `browser` and `good_until`, which counts once and in
    /// the browser of that digest.
    pub(super) async fn take_once(
        &self,
        key: &ItemKey,
        browser: &ConsoleToken,
        token: &WriteToken,
        now: UnixMillis,
    ) -> Result<TakeOutcome, StoreError> {
        let browser = browser.digest();
        let sent = self
            .client
            .update_item()
            .table_name(&self.tables.ephemeral)
            .set_key(Some(key.attributes()))
            .update_expression("SET taken_by = :token")
            .condition_expression(
                "attribute_exists(PK) AND browser = :browser AND good_until > :now AND attribute_not_exists(taken_by)",
            )
            .expression_attribute_values(":token", value(token.as_str())?)
            .expression_attribute_values(":browser", value(&browser)?)
            .expression_attribute_values(":now", value(now)?)
            .return_values(ReturnValue::AllNew)
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .send()
            .await;
        let error = match sent {
            Ok(taken) => return Ok(TakeOutcome::Taken(taken.attributes.unwrap_or_default())),
            Err(error) => error,
        };
        let Some(UpdateItemError::ConditionalCheckFailedException(refused)) = error.as_service_error() else {
            return Err(StoreError::from_sdk("UpdateItem", &error));
        };
        let Some(existing) = refused.item().cloned() else { return Ok(TakeOutcome::NotGood) };
        let was_taken = text(&existing, TAKEN_BY).map(|by| by == token.as_str());
        let bound: Bound = body(existing.clone())?;
        Ok(match was_taken {
            Some(true) => TakeOutcome::Taken(existing),
            None if bound.browser != browser && bound.good_until > now => TakeOutcome::OtherBrowser,
            _ => TakeOutcome::NotGood,
        })
    }
}
