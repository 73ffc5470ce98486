//! Scripts of faults: what goes wrong on purpose for a client that tests its retries in staging.
//! Recourse-specific.
//!
//! A script belongs to an API key, or to a webhook endpoint. Each request of that key, and each
//! attempt of a delivery to that endpoint, takes the next step of it by one conditional write. So
//! two requests at once take two steps, and no step is taken twice. A request that ends after its
//! step was taken has used it up. A script is stored and ended in one transaction with the entry of
//! that in the account's audit.
//!
//! **Invariant:** nothing of this is reachable in production. A script is stored for a key or an
//! endpoint of a staging account alone, and a step is taken in staging alone: in production,
//! [`Store::take_fault`] makes no call.

use std::fmt;
use std::str::FromStr;

use recourse_dispute::environment::Environment;
use recourse_dispute::ids::{AccountId, BadName, KeyId};
use recourse_dispute::stored_as_text;
use recourse_dispute::time::UnixMillis;
use recourse_dispute::webhook::WebhookId;
use serde::{Deserialize, Serialize};

use crate::error::StoreError;
use crate::items::{Item, body, item, value};
use crate::keys::ItemKey;
use crate::retention::EXPIRES_AT;
use crate::transact::{TransactionBuilder, WriteItem};
use crate::{AccountEvent, AuditContext, Store, WriteToken, keys};

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

/// Whose script it is. It is stored and shown as the id of the key or of the endpoint.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
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

impl FromStr for FaultTarget {
    type Err = BadName;

    fn from_str(text: &str) -> Result<Self, BadName> {
        WebhookId::parse(text).map(Self::Webhook).or_else(|_| KeyId::parse(text).map(Self::Key))
    }
}

stored_as_text!(FaultTarget, BadName, FaultTarget::from_str);

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
    /// How many steps are left, also where this release cannot read one.
    steps_left: usize,
    /// The write that stored it, which no other script has.
    stored_by: Option<String>,
}

impl FaultScript {
    /// Until when a script is good that is stored at this time, in whole seconds, as DynamoDB's
    /// expiry is.
    #[must_use]
    pub fn end(stored_at: UnixMillis) -> UnixMillis {
        UnixMillis(stored_at.seconds().saturating_add(FAULT_HOURS * 60 * 60).saturating_mul(1000))
    }
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

/// What became of a script that was to end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ClearFaultsOutcome {
    /// It is ended. This was left of it.
    Cleared(FaultScript),
    /// Its last step was taken meanwhile, or somebody else ended it. Nothing was written.
    Over,
    /// Somebody has stored another script since it was found, of which this is left. Nothing was
    /// written.
    Replaced(FaultScript),
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
    /// The token of the write that stored it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    write_token: Option<String>,
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
    fn script(self, now: UnixMillis) -> Option<FaultScript> {
        (self.steps_left > 0 && self.expires_at >= now.seconds()).then(|| FaultScript {
            left: self.left(),
            good_until: UnixMillis(self.expires_at.saturating_mul(1000)),
            steps_left: self.steps_left,
            stored_by: self.write_token,
        })
    }
}

impl Store {
    /// Stores a script for a key or an endpoint of a staging account, where none has steps left.
    /// The account's audit gets an entry in the same transaction. The caller checks the script's
    /// length and what [`FaultTarget::takes`].
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn set_faults(
        &self,
        target: &FaultTarget,
        steps: &[Fault],
        audit: &AuditContext,
        token: impl FnMut() -> WriteToken,
    ) -> Result<SetFaultsOutcome, StoreError> {
        self.rounds("set_faults", target, token, |token| async move {
            let owner = self.owner_of_target(target).await?;
            let Some((account, true)) = owner else { return Ok(Some(SetFaultsOutcome::Unknown)) };
            let mut builder = TransactionBuilder::default();
            let event = AccountEvent::FaultsSet(target.clone());
            match self.audited(&mut builder, &account, event, audit, &token).await?.map(|owner| owner.environment) {
                None => return Ok(Some(SetFaultsOutcome::Unknown)),
                Some(Environment::Production) => return Ok(Some(SetFaultsOutcome::NotStaging)),
                Some(Environment::Staging) => {}
            }
            let now = audit.at.seconds();
            let script = StoredScript {
                steps: steps.iter().map(Fault::to_string).collect(),
                steps_left: steps.len(),
                expires_at: FaultScript::end(audit.at).seconds(),
                write_token: None,
            };
            let mut stored = token.stamp(item(&target.key(), "faults", &script)?);
            stored.insert(TAKEN_BY.to_owned(), value("nobody")?);
            let condition = format!("attribute_not_exists(PK) OR {EXPIRES_AT} < :now OR steps_left = :none");
            let values = Item::from([(":now".to_owned(), value(now)?), (":none".to_owned(), value(0)?)]);
            builder.put(self, WriteItem::Faults, stored, &condition, values)?;
            let running = |refused: WriteItem| (refused == WriteItem::Faults).then_some(SetFaultsOutcome::Running);
            self.commit(&token, builder, SetFaultsOutcome::Set, running).await
        })
        .await
    }

    /// Whose the key or the endpoint is, and whether it can have a script: a key that was revoked
    /// and an endpoint that was removed get nothing, and the event bus takes no step.
    async fn owner_of_target(&self, target: &FaultTarget) -> Result<Option<(AccountId, bool)>, StoreError> {
        match target {
            FaultTarget::Key(key) => self.owner_of_key(key).await,
            FaultTarget::Webhook(webhook) => {
                let endpoint = self.webhook(webhook).await?;
                Ok(endpoint.map(|found| {
                    let takes_steps = !found.is_removed() && !found.id.is_bus();
                    (found.account, takes_steps)
                }))
            }
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

    /// Ends the script that was found, also where steps of it are taken meanwhile. Another script
    /// that somebody has stored since then stays. The account's audit gets an entry in the same
    /// transaction.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn clear_faults(
        &self,
        target: &FaultTarget,
        found: &FaultScript,
        audit: &AuditContext,
        token: impl FnMut() -> WriteToken,
    ) -> Result<ClearFaultsOutcome, StoreError> {
        self.rounds("clear_faults", target, token, |token| async move {
            let Some(script) = self.faults(target, audit.at).await? else {
                return Ok(Some(ClearFaultsOutcome::Over));
            };
            if script.stored_by != found.stored_by {
                return Ok(Some(ClearFaultsOutcome::Replaced(script)));
            }
            let missing = || StoreError::invariant("the account of a script of faults is missing", target);
            let (account, _) = self.owner_of_target(target).await?.ok_or_else(missing)?;
            let mut builder = TransactionBuilder::default();
            let event = AccountEvent::FaultsCleared(target.clone());
            self.audited(&mut builder, &account, event, audit, &token).await?.ok_or_else(missing)?;
            // What is left is in the condition, too, so that it is what is said of the script.
            let mut values = Item::from([(":left".to_owned(), value(script.steps_left)?)]);
            let condition = match &script.stored_by {
                Some(stored_by) => {
                    values.insert(":stored_by".to_owned(), value(stored_by)?);
                    "steps_left = :left AND write_token = :stored_by"
                }
                None => "steps_left = :left AND attribute_not_exists(write_token)",
            };
            builder.delete(self, WriteItem::Faults, &target.key(), condition, values)?;
            self.commit(&token, builder, ClearFaultsOutcome::Cleared(script), |_| None).await
        })
        .await
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
            write_token: None,
        };
        assert_eq!(script(2).taken(), Some(Fault::TooManyRequests));
        assert_eq!(script(1).taken(), Some(Fault::Pass));
        assert_eq!((script(0).taken(), script(3).taken(), script(4).taken()), (None, None, None));
        assert_eq!(script(3).left(), [Fault::TooManyRequests, Fault::Pass]);
        assert!(script(0).left().is_empty());
        assert_eq!(script(0).script(UnixMillis(0)), None);
        // A step that another release takes is one that can be ended here.
        assert!(script(1).script(UnixMillis(0)).unwrap().left.is_empty());
    }
}
