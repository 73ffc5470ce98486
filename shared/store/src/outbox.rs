//! Mails that were promised, and what became of them.
//!
//! A mail is written with the change that promises it, and stays with its dispute. Until it is sent (or given up) it also stands in a
//! sparse, sharded index by the time it is due; one that is given up or held back stands there too, in shards of its own by the time it ended, until
//! an operator has it tried again. Who sends it claims it first, by condition, for a limited time; what it writes afterwards
//! is fenced by that claim, so that a sender that was too slow changes nothing.

mod thread;

use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::types::{ReturnValue, ReturnValuesOnConditionCheckFailure};
use recourse_dispute::addresses::{MailAddress, Recipients};
use recourse_dispute::notice::Notice;
use recourse_dispute::number::DisputeNumber;
use recourse_dispute::time::UnixMillis;
use serde::{Deserialize, Serialize};

use crate::error::StoreError;
use crate::items::{Item, body, item, text, value};
use crate::keys::MAILS;
use crate::transact::{Step, Steps};
use crate::{AttemptId, Order, Store, keys};

pub use thread::Thread;

/// Over how many partitions of the index unsent mails are spread: a throttled index would hold up the table's own writes.
pub(crate) const SHARDS: u64 = 8;
/// The attribute in which a mail names the claim that holds it.
const CLAIMED_BY: &str = "claimed_by";
/// The name of the index.
const INDEX: &str = "outbox";

/// Versions from this one on are no dispute's: they are mails that stand beside its history and are numbered by what they are about. The next multiple
/// of it that has one digit more is never reached, so keys sort.
const ASIDE: u64 = 1_000_000_000;

/// Which mail: the dispute, and the version of it that promised the mail, or a number beside those.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct MailId {
    /// The dispute.
    pub number: DisputeNumber,
    /// The version of the dispute that the mail tells of; one of a thousand million or more is of no version.
    pub version: u64,
}

impl MailId {
    /// The mail of a dispute that is about `what`, and about no version of it.
    pub(crate) fn aside(number: DisputeNumber, what: u64) -> Self {
        Self { number, version: ASIDE + what % (9 * ASIDE) }
    }

    /// Whether it is about no version of its dispute.
    fn is_aside(self) -> bool {
        self.version >= ASIDE
    }
}

impl std::str::FromStr for MailId {
    type Err = ();

    /// Reads what `Display` writes.
    fn from_str(text: &str) -> Result<Self, ()> {
        let (number, version) = text.split_once('-').ok_or(())?;
        Ok(Self { number: number.parse().map_err(|_| ())?, version: version.parse().map_err(|_| ())? })
    }
}

impl std::fmt::Display for MailId {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "{}-{}", self.number, self.version)
    }
}

/// How far a mail has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum MailState {
    /// Waits to be sent.
    Pending,
    /// Somebody is sending it.
    Sending,
    /// SES has taken it.
    Sent,
    /// Held back: by a cap, or because none of its addresses is mailed any more.
    Held,
    /// Given up.
    Dead,
}

/// A mail as it is on record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mail {
    /// Which mail.
    pub id: MailId,
    /// What it says, and to whom.
    pub notice: Notice,
    /// How far it has come.
    pub mail_state: MailState,
    /// When it was promised.
    pub promised_at: UnixMillis,
    /// How often it was claimed.
    pub attempts: u32,
    /// When its state last changed.
    pub changed_at: UnixMillis,
    /// SES's id of it, once sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message_id: Option<String>,
    /// Why it is not sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Those of its addresses that it was not sent to, because they were marked.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub left_out: Vec<MailAddress>,
    /// That it counts under its caps; missing before it was counted, and when it did not go out and its counts were given back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub counted: Option<Counted>,
    /// Who had it tried again after it was given up or held back, oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub redriven: Vec<Redriven>,
}

/// Under which caps a mail counts, besides its account's.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counted {
    /// When it was counted, which says in which window.
    pub at: UnixMillis,
    /// Under whose caps it counts.
    pub addresses: Vec<MailAddress>,
    /// Those of its addresses that were at their cap: it is not sent to them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub capped: Vec<MailAddress>,
}

impl Mail {
    /// Those of its addresses that it is not sent to because they were at their cap.
    #[must_use]
    pub fn capped(&self) -> &[MailAddress] {
        self.counted.as_ref().map_or(&[], |counted| &counted.capped)
    }

    /// Who gets it: all but those that are left out. `None` when nobody is left.
    #[must_use]
    pub fn recipients(&self) -> Option<Recipients> {
        self.notice.recipients.without(|address| self.left_out.contains(address) || self.capped().contains(address))
    }

    /// Since when it is tried: since it was promised, or since an operator last had it tried again.
    #[must_use]
    pub fn tried_since(&self) -> UnixMillis {
        self.redriven.last().map_or(self.promised_at, |redriven| redriven.at)
    }
}

/// An operator's order to try a mail again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Redriven {
    /// When.
    pub at: UnixMillis,
    /// Who.
    pub by: String,
    /// Why, where it was said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
    /// What had become of the mail.
    pub was: MailState,
    /// And for what reason.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// What became of such an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Redriving {
    /// The mail waits to be sent; the next sweep takes it.
    Waits,
    /// It is not as the order found it: somebody else was first, or it is neither given up nor held back.
    Overtaken,
}

/// A mail in the index.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Waiting {
    /// Which mail.
    pub id: MailId,
    /// When it is due; of one that is given up or held back, when it ended.
    pub due: UnixMillis,
}

/// A mail that is ours to send, until the lease ends.
#[derive(Clone, Debug)]
pub struct ClaimedMail {
    /// The mail.
    pub mail: Mail,
    owner: AttemptId,
}

/// What became of a claim.
#[derive(Clone, Debug)]
pub enum Claim {
    /// It is ours.
    Claimed(Box<ClaimedMail>),
    /// It is somebody else's, not due, done, or not there.
    NotOurs,
}

/// What became of noting how a claim ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// It is on record.
    Noted,
    /// The claim is not ours any more, or was noted already by a call of ours whose answer was lost: nothing is written.
    NotOurs,
}

/// How a piece of sending ended.
enum End<'a> {
    Over { state: MailState, message_id: Option<&'a str>, reason: Option<&'a str> },
    Later { due: UnixMillis, reason: &'a str },
}

impl Store {
    /// Adds a mail that is promised.
    pub(crate) fn promise(
        &self,
        steps: &mut Steps,
        id: MailId,
        notice: &Notice,
        now: UnixMillis,
    ) -> Result<(), StoreError> {
        let mail = Mail {
            id,
            notice: notice.clone(),
            mail_state: MailState::Pending,
            promised_at: now,
            attempts: 0,
            changed_at: now,
            message_id: None,
            reason: None,
            left_out: Vec::new(),
            counted: None,
            redriven: Vec::new(),
        };
        let mut promised = item(&keys::mail(id.number, id.version), "mail", &mail)?;
        promised.insert("outbox_shard".to_owned(), value(shard(MailState::Pending, id))?);
        promised.insert("outbox_due".to_owned(), value(now)?);
        steps.create(self, Step::Record, promised)
    }

    /// Claims a mail for `lease_ms`: one that waits and is due, or whose last claim ran out. A mail nobody has tried yet is always due.
    ///
    /// `owner` is fresh for every claim. It tells our own claim, whose answer was lost and which the client behind this call sent again,
    /// from somebody else's, so that each claim counts as one attempt.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn claim(
        &self,
        id: MailId,
        owner: &AttemptId,
        now: UnixMillis,
        lease_ms: i64,
    ) -> Result<Claim, StoreError> {
        let sent = self
            .client
            .update_item()
            .table_name(&self.tables.disputes)
            .set_key(Some(keys::mail(id.number, id.version).attributes()))
            .update_expression(
                "SET mail_state = :sending, claimed_by = :owner, attempts = attempts + :one, changed_at = :now, outbox_due = :lease",
            )
            .condition_expression(
                "mail_state IN (:pending, :sending) AND (attempts = :zero OR outbox_due <= :now)",
            )
            .set_expression_attribute_values(Some(Item::from([
                (":sending".to_owned(), value(MailState::Sending)?),
                (":pending".to_owned(), value(MailState::Pending)?),
                (":owner".to_owned(), value(owner.as_str())?),
                (":zero".to_owned(), value(0)?),
                (":one".to_owned(), value(1)?),
                (":now".to_owned(), value(now)?),
                (":lease".to_owned(), value(now.plus(lease_ms))?),
            ])))
            .return_values(ReturnValue::AllNew)
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .send()
            .await;
        let claimed = match sent {
            Ok(claimed) => claimed.attributes.unwrap_or_default(),
            Err(error) => match error.as_service_error() {
                Some(UpdateItemError::ConditionalCheckFailedException(refused)) => match refused.item() {
                    Some(stood) if text(stood, CLAIMED_BY) == Some(owner.as_str()) => stood.clone(),
                    _ => return Ok(Claim::NotOurs),
                },
                _ => return Err(StoreError::from_sdk("UpdateItem", &error)),
            },
        };
        Ok(Claim::Claimed(Box::new(ClaimedMail { mail: body(claimed)?, owner: owner.clone() })))
    }

    /// Notes that SES has taken a mail, and whom it left out.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn sent(&self, claimed: &ClaimedMail, message_id: &str, now: UnixMillis) -> Result<Ended, StoreError> {
        self.end(claimed, End::Over { state: MailState::Sent, message_id: Some(message_id), reason: None }, now).await
    }

    /// Gives a mail up.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn dead(&self, claimed: &ClaimedMail, reason: &str, now: UnixMillis) -> Result<Ended, StoreError> {
        self.end(claimed, End::Over { state: MailState::Dead, message_id: None, reason: Some(reason) }, now).await
    }

    /// Holds a mail back for a cap.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn held(&self, claimed: &ClaimedMail, reason: &str, now: UnixMillis) -> Result<Ended, StoreError> {
        self.end(claimed, End::Over { state: MailState::Held, message_id: None, reason: Some(reason) }, now).await
    }

    /// Puts a mail back to be sent later. That it was counted stays with it.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn later(
        &self,
        claimed: &ClaimedMail,
        due: UnixMillis,
        reason: &str,
        now: UnixMillis,
    ) -> Result<Ended, StoreError> {
        self.end(claimed, End::Later { due, reason }, now).await
    }

    /// Writes how a claim ended, unless it is not ours any more; then whoever has it by now writes its own end.
    async fn end(&self, claimed: &ClaimedMail, end: End<'_>, now: UnixMillis) -> Result<Ended, StoreError> {
        let mail = &claimed.mail;
        let mut values = Item::from([
            (":owner".to_owned(), value(claimed.owner.as_str())?),
            (":sending".to_owned(), value(MailState::Sending)?),
            (":now".to_owned(), value(now)?),
        ]);
        let mut set = vec!["mail_state = :state", "changed_at = :now"];
        let mut remove = vec![CLAIMED_BY];
        let (state, reason) = match end {
            End::Over { state, message_id, reason } => {
                if state == MailState::Sent {
                    remove.extend(["outbox_shard", "outbox_due"]);
                } else {
                    set.extend(["outbox_shard = :shard", "outbox_due = :now"]);
                    values.insert(":shard".to_owned(), value(shard(state, mail.id))?);
                }
                if let Some(message_id) = message_id {
                    set.push("message_id = :message_id");
                    values.insert(":message_id".to_owned(), value(message_id)?);
                }
                (state, reason)
            }
            End::Later { due, reason } => {
                set.push("outbox_due = :due");
                values.insert(":due".to_owned(), value(due)?);
                (MailState::Pending, Some(reason))
            }
        };
        values.insert(":state".to_owned(), value(state)?);
        let left_out = Some(&mail.left_out).filter(|left_out| state == MailState::Sent && !left_out.is_empty());
        // What does not go out does not count.
        let counted = mail.counted.as_ref().filter(|_| !matches!(state, MailState::Held | MailState::Dead));
        for (name, setting, is) in [
            ("reason", "reason = :reason", reason.map(value).transpose()?),
            ("left_out", "left_out = :left_out", left_out.map(value).transpose()?),
            ("counted", "counted = :counted", counted.map(value).transpose()?),
        ] {
            match is {
                Some(is) => {
                    set.push(setting);
                    values.insert(format!(":{name}"), is);
                }
                None => remove.push(name),
            }
        }
        let sent = self
            .client
            .update_item()
            .table_name(&self.tables.disputes)
            .set_key(Some(keys::mail(claimed.mail.id.number, claimed.mail.id.version).attributes()))
            .update_expression(format!("SET {} REMOVE {}", set.join(", "), remove.join(", ")))
            .condition_expression("mail_state = :sending AND claimed_by = :owner")
            .set_expression_attribute_values(Some(values))
            .send()
            .await;
        match sent {
            Ok(_) => Ok(Ended::Noted),
            Err(error) => match error.as_service_error() {
                Some(UpdateItemError::ConditionalCheckFailedException(_)) => Ok(Ended::NotOurs),
                _ => Err(StoreError::from_sdk("UpdateItem", &error)),
            },
        }
    }

    /// Mails that are due, at most `most` of each shard, by the index: it may name one that is done by now, which a claim then refuses.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn due(&self, now: UnixMillis, most: i32) -> Result<Vec<Waiting>, StoreError> {
        self.indexed(MailState::Pending, now, most).await
    }

    /// Mails of a state by the index, oldest first within each shard and at most `most` of each, up to a time. Of [`MailState::Pending`] are those
    /// that are being sent, too; of [`MailState::Sent`] there is none.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn indexed(&self, state: MailState, until: UnixMillis, most: i32) -> Result<Vec<Waiting>, StoreError> {
        let mut found = Vec::new();
        for place in 0..SHARDS {
            let page = self
                .client
                .query()
                .table_name(&self.tables.disputes)
                .index_name(INDEX)
                .key_condition_expression("outbox_shard = :shard AND outbox_due <= :until")
                .expression_attribute_values(":shard", value(shard_at(state, place))?)
                .expression_attribute_values(":until", value(until)?)
                .limit(most)
                .send()
                .await
                .map_err(|error| StoreError::from_sdk("Query", &error))?;
            found.extend(page.items.unwrap_or_default().into_iter().filter_map(Waiting::of));
        }
        Ok(found)
    }

    /// A mail.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn mail(&self, id: MailId) -> Result<Option<Mail>, StoreError> {
        self.get(&keys::mail(id.number, id.version)).await
    }

    /// Has a mail that is given up or held back tried again, if it still is as `mail` says. Its caps are not counted again: an operator decided.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn redrive(&self, mail: &Mail, order: &Order) -> Result<Redriving, StoreError> {
        if !matches!(mail.mail_state, MailState::Dead | MailState::Held) {
            return Ok(Redriving::Overtaken);
        }
        let Order { by, at, why } = order.clone();
        let redriven = Redriven { at, by: by.name, why, was: mail.mail_state, reason: mail.reason.clone() };
        let sent = self
            .client
            .update_item()
            .table_name(&self.tables.disputes)
            .set_key(Some(keys::mail(mail.id.number, mail.id.version).attributes()))
            .update_expression(
                "SET mail_state = :pending, changed_at = :now, outbox_shard = :shard, outbox_due = :now, \
                 redriven = list_append(if_not_exists(redriven, :none), :one)",
            )
            .condition_expression("mail_state = :was AND changed_at = :since")
            .set_expression_attribute_values(Some(Item::from([
                (":pending".to_owned(), value(MailState::Pending)?),
                (":now".to_owned(), value(at)?),
                (":shard".to_owned(), value(shard(MailState::Pending, mail.id))?),
                (":none".to_owned(), value(Vec::<Redriven>::new())?),
                (":one".to_owned(), value([&redriven])?),
                (":was".to_owned(), value(mail.mail_state)?),
                (":since".to_owned(), value(mail.changed_at)?),
            ])))
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .send()
            .await;
        let Err(error) = sent else { return Ok(Redriving::Waits) };
        match error.as_service_error() {
            // Our own order stands there when its answer was lost and the client behind this call sent it again.
            Some(UpdateItemError::ConditionalCheckFailedException(refused)) => Ok(match refused.item() {
                Some(stood) if body::<Mail>(stood.clone())?.redriven.last() == Some(&redriven) => Redriving::Waits,
                _ => Redriving::Overtaken,
            }),
            _ => Err(StoreError::from_sdk("UpdateItem", &error)),
        }
    }
}

impl MailId {
    /// Reads the key of a mail's item.
    #[must_use]
    pub fn from_key(pk: &str, sk: &str) -> Option<Self> {
        let number = keys::number_of(pk)?;
        let version = sk.strip_prefix(MAILS)?.parse().ok()?;
        Some(Self { number, version })
    }
}

impl Waiting {
    fn of(mut item: Item) -> Option<Self> {
        let id = MailId::from_key(text(&item, keys::PK)?, text(&item, keys::SK)?)?;
        let due = serde_dynamo::from_attribute_value(item.remove("outbox_due")?).ok()?;
        Some(Self { id, due })
    }
}

/// The index's partition in which a mail of this state stands.
fn shard(state: MailState, id: MailId) -> String {
    shard_at(state, id.number.get() % SHARDS)
}

pub(crate) fn shard_at(state: MailState, place: u64) -> String {
    match state {
        MailState::Pending | MailState::Sending | MailState::Sent => place.to_string(),
        MailState::Held => format!("held-{place}"),
        MailState::Dead => format!("dead-{place}"),
    }
}
