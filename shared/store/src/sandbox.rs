//! Scripts of faults: what goes wrong on purpose for a client that tests its retries in staging.
//! Recourse-specific.
//!
//! A script belongs to an API key, or to a webhook endpoint. Each request of that key, and each
//! attempt of a delivery to that endpoint, takes the next step of it by one conditional write. So
//! two requests at once take two steps, and no step is taken twice. A request that ends after its
//! step was taken has used it up.
//!
//! **Invariant:** nothing of this is reachable in production. A script is stored for a key or an
//! endpoint of a staging account alone, and a step is taken in staging alone: in production,
//! [`Store::take_fault`] makes no call.

use std::fmt;
use std::str::FromStr;

use aws_sdk_dynamodb::operation::delete_item::DeleteItemError;
use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::types::{ReturnValue, ReturnValuesOnConditionCheckFailure};
use recourse_dispute::environment::Environment;
use recourse_dispute::ids::KeyId;
use recourse_dispute::time::UnixMillis;
use recourse_dispute::webhook::WebhookId;
use serde::{Deserialize, Serialize};

use crate::error::StoreError;
use crate::items::{Item, body, item, value};
use crate::keys::ItemKey;
use crate::retention::EXPIRES_AT;
use crate::{Store, WriteToken, keys};

/// How many steps a script may have.
pub const MAX_FAULTS: usize = 20;
/// For how many hours a script is good: one that was forgotten surprises nobody the next day.
pub const FAULT_HOURS: i64 = 12;
/// The longest delay, in seconds. Most functions have 15 seconds for a request.
pub const MAX_DELAY_SECONDS: u32 = 10;
/// The largest difference of a clock, in seconds: a day.
pub const MAX_SKEW_SECONDS: i64 = 86_400;

/// The attribute that names the request which took the last step.
const TAKEN_BY: &str = "taken_by";

/// What goes wrong with one request of a key, or with one attempt of a delivery.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Nothing.
    Pass,
    /// The answer takes this many seconds longer, 1 to [`MAX_DELAY_SECONDS`].
    Delay(u32),
    /// It is turned away with a 429 before anything is done.
    TooManyRequests,
    /// It is answered as an outage is, before anything is done.
    UnavailableBefore,
    /// It is done, and answered as an outage is.
    UnavailableAfter,
    /// It is done, and gets no answer.
    ResetAfter,
    /// Its time is checked with a clock that is this many seconds ahead of the true one; one that
    /// is behind has a number below 0.
    ClockSkew(i64),
    /// The event comes twice.
    Duplicate,
    /// The event is held back, so that later events of its dispute come before it.
    OutOfOrder,
    /// The event comes with a wrong signature first.
    BadSignature,
}

/// A text that is no fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "must be pass, delay=1 to delay=10 (seconds), 429, 503-before, 503-after, reset-after, skew=-86400 to \
     skew=86400 (seconds, not 0), and for a webhook endpoint pass, duplicate, out-of-order or bad-signature"
)]
pub struct InvalidFault;

impl fmt::Display for Fault {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Pass => out.write_str("pass"),
            Self::Delay(seconds) => write!(out, "delay={seconds}"),
            Self::TooManyRequests => out.write_str("429"),
            Self::UnavailableBefore => out.write_str("503-before"),
            Self::UnavailableAfter => out.write_str("503-after"),
            Self::ResetAfter => out.write_str("reset-after"),
            Self::ClockSkew(seconds) => write!(out, "skew={seconds}"),
            Self::Duplicate => out.write_str("duplicate"),
            Self::OutOfOrder => out.write_str("out-of-order"),
            Self::BadSignature => out.write_str("bad-signature"),
        }
    }
}

impl FromStr for Fault {
    type Err = InvalidFault;

    fn from_str(text: &str) -> Result<Self, InvalidFault> {
        Ok(match text {
            "pass" => Self::Pass,
            "429" => Self::TooManyRequests,
            "503-before" => Self::UnavailableBefore,
            "503-after" => Self::UnavailableAfter,
            "reset-after" => Self::ResetAfter,
            "duplicate" => Self::Duplicate,
            "out-of-order" => Self::OutOfOrder,
            "bad-signature" => Self::BadSignature,
            _ => match text.split_once('=').ok_or(InvalidFault)? {
                ("delay", seconds) => {
                    let seconds: u32 = seconds.parse().map_err(|_| InvalidFault)?;
                    if !(1..=MAX_DELAY_SECONDS).contains(&seconds) {
                        return Err(InvalidFault);
                    }
                    Self::Delay(seconds)
                }
                ("skew", seconds) => {
                    let seconds: i64 = seconds.parse().map_err(|_| InvalidFault)?;
                    if seconds == 0 || seconds.unsigned_abs() > MAX_SKEW_SECONDS.unsigned_abs() {
                        return Err(InvalidFault);
                    }
                    Self::ClockSkew(seconds)
                }
                _ => return Err(InvalidFault),
            },
        })
    }
}

/// Whose script it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FaultTarget {
    /// The requests of a key, at every API.
    Key(KeyId),
    /// The deliveries to a webhook endpoint.
    Webhook(WebhookId),
}

impl fmt::Display for FaultTarget {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Key(key) => write!(out, "{key}"),
            Self::Webhook(webhook) => write!(out, "{webhook}"),
        }
    }
}

impl FaultTarget {
    fn key(&self) -> ItemKey {
        match self {
            Self::Key(key) => keys::faults("key", key.as_str()),
            Self::Webhook(webhook) => keys::faults("webhook", webhook.as_str()),
        }
    }

    /// Whether a fault can happen here: a request is no event.
    #[must_use]
    pub fn takes(&self, fault: Fault) -> bool {
        match fault {
            Fault::Pass => true,
            Fault::Delay(_)
            | Fault::TooManyRequests
            | Fault::UnavailableBefore
            | Fault::UnavailableAfter
            | Fault::ResetAfter
            | Fault::ClockSkew(_) => matches!(self, Self::Key(_)),
            Fault::Duplicate | Fault::OutOfOrder | Fault::BadSignature => matches!(self, Self::Webhook(_)),
        }
    }
}

/// What is left of a script.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FaultScript {
    /// The steps that were not taken yet, in their order.
    pub left: Vec<Fault>,
    /// Until when it is good.
    pub good_until: UnixMillis,
}

/// What became of a script.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SetFaultsOutcome {
    /// It is stored. The next request takes its first step.
    Set,
    /// There is no such key that is good, or no such endpoint.
    Unknown,
    /// It belongs to a production account. Nothing was written.
    NotStaging,
    /// A script still has steps. Nothing was written.
    Running,
}

/// A script as it is stored.
#[derive(Serialize, Deserialize)]
struct StoredScript {
    /// Every step, in the form that an operator writes.
    steps: Vec<String>,
    /// How many of the last ones were not taken yet.
    steps_left: usize,
    /// When it is over, in Unix seconds.
    expires_at: i64,
}

/// How often a key did something.
#[derive(Deserialize)]
struct Turns {
    turns: u64,
}

impl StoredScript {
    /// The step that was taken when this much is left.
    fn taken(&self) -> Option<Fault> {
        let at = self.steps.len().checked_sub(self.steps_left)?.checked_sub(1)?;
        self.steps.get(at)?.parse().ok()
    }

    fn left(&self) -> Vec<Fault> {
        let taken = self.steps.len().saturating_sub(self.steps_left);
        self.steps.iter().skip(taken).filter_map(|step| step.parse().ok()).collect()
    }

    /// What is left of it, where something is at this time.
    fn script(&self, now: UnixMillis) -> Option<FaultScript> {
        let left = self.left();
        let good_until = UnixMillis(self.expires_at.saturating_mul(1000));
        (!left.is_empty() && self.expires_at >= now.seconds()).then_some(FaultScript { left, good_until })
    }
}

impl Store {
    /// Stores a script for a key or an endpoint of a staging account, where none has steps left.
    /// The caller checks its length and what [`FaultTarget::takes`].
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn set_faults(
        &self,
        target: &FaultTarget,
        steps: &[Fault],
        token: &WriteToken,
        now: UnixMillis,
    ) -> Result<SetFaultsOutcome, StoreError> {
        let environment = match target {
            FaultTarget::Key(key) => self.environment_of_key(key).await?,
            FaultTarget::Webhook(webhook) => {
                // An endpoint that was removed gets nothing, and the event bus takes no step.
                let endpoint = self.webhook(webhook).await?.filter(|found| !found.is_removed() && !found.id.is_bus());
                endpoint.map(|endpoint| endpoint.environment)
            }
        };
        match environment {
            None => return Ok(SetFaultsOutcome::Unknown),
            Some(Environment::Production) => return Ok(SetFaultsOutcome::NotStaging),
            Some(Environment::Staging) => {}
        }
        let script = StoredScript {
            steps: steps.iter().map(Fault::to_string).collect(),
            steps_left: steps.len(),
            expires_at: now.seconds().saturating_add(FAULT_HOURS * 60 * 60),
        };
        let mut stored = item(&target.key(), "faults", &script)?;
        stored.insert(TAKEN_BY.to_owned(), value("nobody")?);
        let values = Item::from([(":now".to_owned(), value(now.seconds())?), (":none".to_owned(), value(0)?)]);
        let sent = self
            .client
            .put_item()
            .table_name(&self.tables.ephemeral)
            .set_item(Some(token.stamp(stored)))
            .condition_expression(format!("attribute_not_exists(PK) OR {EXPIRES_AT} < :now OR steps_left = :none"))
            .set_expression_attribute_values(Some(values))
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .send()
            .await;
        let Err(error) = sent else { return Ok(SetFaultsOutcome::Set) };
        match error.as_service_error() {
            // The answer to this very write was lost, and the SDK sent it again.
            Some(PutItemError::ConditionalCheckFailedException(refused)) if token.wrote(refused.item()) => {
                Ok(SetFaultsOutcome::Set)
            }
            Some(PutItemError::ConditionalCheckFailedException(_)) => Ok(SetFaultsOutcome::Running),
            _ => Err(StoreError::from_sdk("PutItem", &error)),
        }
    }

    /// Takes the next step of a script; `None` where there is no step left. `token` is fresh for
    /// each request or attempt, and shows that a step whose answer was lost is this one's. In
    /// production there is none, and no call is made.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn take_fault(
        &self,
        environment: Environment,
        target: &FaultTarget,
        token: &WriteToken,
        now: UnixMillis,
    ) -> Result<Option<Fault>, StoreError> {
        if environment != Environment::Staging {
            return Ok(None);
        }
        let values = Item::from([
            (":less".to_owned(), value(-1)?),
            (":none".to_owned(), value(0)?),
            (":now".to_owned(), value(now.seconds())?),
            (":token".to_owned(), value(token.as_str())?),
        ]);
        let update = self
            .client
            .update_item()
            .table_name(&self.tables.ephemeral)
            .set_key(Some(target.key().attributes()))
            .update_expression(format!("ADD steps_left :less SET {TAKEN_BY} = :token"))
            .condition_expression(format!("steps_left > :none AND {EXPIRES_AT} >= :now AND {TAKEN_BY} <> :token"))
            .set_expression_attribute_values(Some(values));
        let script = token.update(update, TAKEN_BY).await?.map(body::<StoredScript>).transpose()?;
        Ok(script.and_then(|script| script.taken()).filter(|fault| target.takes(*fault)))
    }

    /// Whether this is the first, third and so on request of this kind by a key in staging.
    /// `token` is fresh for each request, and shows that a turn whose answer was lost is this
    /// one's. In production it is always false, and no call is made.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn is_odd_turn(
        &self,
        environment: Environment,
        key: &KeyId,
        kind: &'static str,
        token: &WriteToken,
        now: UnixMillis,
    ) -> Result<bool, StoreError> {
        if environment != Environment::Staging {
            return Ok(false);
        }
        let expires_at = now.seconds().saturating_add(FAULT_HOURS * 60 * 60);
        let values = Item::from([
            (":one".to_owned(), value(1)?),
            (":token".to_owned(), value(token.as_str())?),
            (":expires_at".to_owned(), value(expires_at)?),
        ]);
        let update = self
            .client
            .update_item()
            .table_name(&self.tables.ephemeral)
            .set_key(Some(keys::turns(key, kind).attributes()))
            .update_expression(format!("ADD turns :one SET {TAKEN_BY} = :token, {EXPIRES_AT} = :expires_at"))
            .condition_expression(format!("attribute_not_exists({TAKEN_BY}) OR {TAKEN_BY} <> :token"))
            .set_expression_attribute_values(Some(values));
        let counted = token.update(update, TAKEN_BY).await?.map(body::<Turns>).transpose()?;
        Ok(counted.is_some_and(|counted| counted.turns % 2 == 1))
    }

    /// What is left of a script; `None` where no step is.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn faults(&self, target: &FaultTarget, now: UnixMillis) -> Result<Option<FaultScript>, StoreError> {
        let stored = self.ephemeral_item(&target.key()).await?.map(body::<StoredScript>).transpose()?;
        Ok(stored.and_then(|stored| stored.script(now)))
    }

    /// Ends a script. Returns what was left of it, if anything was.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn clear_faults(&self, target: &FaultTarget, now: UnixMillis) -> Result<Option<FaultScript>, StoreError> {
        let sent = self
            .client
            .delete_item()
            .table_name(&self.tables.ephemeral)
            .set_key(Some(target.key().attributes()))
            .condition_expression("attribute_exists(PK)")
            .return_values(ReturnValue::AllOld)
            .send()
            .await;
        let ended = match sent {
            Ok(ended) => ended.attributes,
            Err(error) => match error.as_service_error() {
                // There is none, or this call ended it and its answer was lost.
                Some(DeleteItemError::ConditionalCheckFailedException(_)) => None,
                _ => return Err(StoreError::from_sdk("DeleteItem", &error)),
            },
        };
        Ok(ended.map(body::<StoredScript>).transpose()?.and_then(|stored| stored.script(now)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_is_read_as_it_is_written() {
        for text in [
            "pass",
            "delay=1",
            "delay=10",
            "429",
            "503-before",
            "503-after",
            "reset-after",
            "skew=-86400",
            "skew=600",
            "duplicate",
            "out-of-order",
            "bad-signature",
        ] {
            assert_eq!(text.parse::<Fault>().map(|fault| fault.to_string()), Ok(text.to_owned()));
        }
        for text in ["", "Pass", "delay", "delay=0", "delay=11", "delay=-1", "delay=1s", "skew=0", "skew=86401", "503"]
        {
            assert_eq!(text.parse::<Fault>(), Err(InvalidFault), "{text}");
        }
        assert_eq!(format!("skew={}", i64::MIN).parse::<Fault>(), Err(InvalidFault));
    }

    #[test]
    fn a_request_has_no_fault_of_a_delivery_nor_the_other_way_round() {
        let key = FaultTarget::Key(KeyId::parse("iimm_dev_demo").unwrap());
        let webhook = FaultTarget::Webhook(WebhookId::new([1; 12]));
        for (fault, of_key, of_webhook) in [
            (Fault::Pass, true, true),
            (Fault::Delay(1), true, false),
            (Fault::ClockSkew(-5), true, false),
            (Fault::ResetAfter, true, false),
            (Fault::Duplicate, false, true),
            (Fault::BadSignature, false, true),
        ] {
            assert_eq!((key.takes(fault), webhook.takes(fault)), (of_key, of_webhook), "{fault}");
        }
    }

    #[test]
    fn a_step_is_the_one_before_those_that_are_left() {
        let script = |steps_left| StoredScript {
            steps: vec!["429".to_owned(), "pass".to_owned(), "of another release".to_owned()],
            steps_left,
            expires_at: 0,
        };
        assert_eq!(script(2).taken(), Some(Fault::TooManyRequests));
        assert_eq!(script(1).taken(), Some(Fault::Pass));
        assert_eq!((script(0).taken(), script(3).taken(), script(4).taken()), (None, None, None));
        assert_eq!(script(3).left(), [Fault::TooManyRequests, Fault::Pass]);
        assert!(script(0).left().is_empty());
    }
}
