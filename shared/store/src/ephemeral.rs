//! Items that expire: nonces, idempotence keys, caps. The code compares every expiry, because
//! DynamoDB deletes late.

use std::collections::BTreeMap;
use std::net::IpAddr;

use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::types::ReturnValuesOnConditionCheckFailure;
use recourse_dispute::addresses::MailAddress;
use recourse_dispute::ids::{AccountId, KeyId};
use recourse_dispute::time::UnixMillis;
use serde::{Deserialize, Serialize};

use crate::addresses::digest_of;
use crate::error::{StoreError, once, updated};
use crate::items::{Item, body, item, value};
use crate::keys::ItemKey;
use crate::transact::{FailedCondition, MAX_ATTEMPTS, TransactOutcome, TransactionBuilder, WriteItem};
use crate::{Store, WriteToken, keys};

/// How long an idempotence key counts: 24 hours (Connect contract, "Idempotence").
const IDEMPOTENCE_SECONDS: i64 = 24 * 60 * 60;
const DAY_SECONDS: i64 = 24 * 60 * 60;
const HOUR_SECONDS: i64 = 60 * 60;

/// There is no such item, or it has expired.
const FREE: &str = "attribute_not_exists(PK) OR expires_at < :now";

/// A signed request's nonce, to be used once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Nonce {
    /// The key that signed; nonces are unique per key across all endpoints, because paths are not
    /// signed (IIMMPACT contract).
    pub key: KeyId,
    /// The nonce as it was sent.
    pub nonce: String,
    /// Unix seconds after which the request's timestamp is outside of the clock window, so that a
    /// replay is refused by its timestamp.
    pub expires_at: i64,
}

/// What became of a nonce.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NonceUse {
    /// It was used for the first time.
    Fresh,
    /// It had been used before: the request is a replay.
    Replayed,
}

/// An idempotence key: the client declares all requests with this key to be one request (Connect
/// contract, "Idempotence").
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Idempotence {
    /// Whose key it is.
    pub merchant: String,
    /// The HTTP method it was sent with.
    pub method: String,
    /// The path it was sent to.
    pub path: String,
    /// The key.
    pub key: String,
    /// What the answer was and to what.
    pub answer: StoredResponse,
}

/// The first answer under an idempotence key, given again to every repeat.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredResponse {
    /// A digest of the request's body; the same key with another body is another request.
    pub fingerprint: String,
    /// When the first request came, in milliseconds.
    pub requested_at: UnixMillis,
    /// The HTTP status of the answer.
    pub status: u16,
    /// The body of the answer.
    pub body: String,
    /// Headers of the answer that are the API's own.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub headers: BTreeMap<String, String>,
}

/// A limit on how often something may happen to one subject in a window of time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cap<'a> {
    /// Mails that one account's cases cause.
    MailsOfAccount(&'a AccountId),
    /// Mails that one address gets, in whatever spelling.
    MailsToAddress(&'a MailAddress),
    /// Sign-in links that are mailed to one operator, in whatever spelling of the address.
    LinksToAddress(&'a MailAddress),
    /// The same, as far as one source asked for them.
    LinksToAddressFrom(&'a MailAddress, IpAddr),
    /// The same, as far as one browser asked for them, which is known by this id.
    LinksToAddressIn(&'a MailAddress, &'a str),
    /// Sign-in links that are asked for from one source: an address of IPv4, or a network of 64
    /// bits of IPv6, of which one subscriber has all addresses.
    LinksFromSource(IpAddr),
    /// Sign-ins at the identity provider that are begun from one source, as above.
    SignInsFromSource(IpAddr),
}

impl Cap<'_> {
    /// How long a window is, in seconds; windows begin at whole multiples of it (UTC).
    fn window(&self) -> i64 {
        match self {
            Self::MailsOfAccount(_) | Self::MailsToAddress(_) => DAY_SECONDS,
            Self::LinksToAddress(_)
            | Self::LinksToAddressFrom(..)
            | Self::LinksToAddressIn(..)
            | Self::LinksFromSource(_)
            | Self::SignInsFromSource(_) => HOUR_SECONDS,
        }
    }

    fn key(&self, window: i64) -> ItemKey {
        match self {
            Self::MailsOfAccount(account) => keys::cap("mails-of-account", account.as_str(), window),
            Self::MailsToAddress(address) => keys::cap("mails-to-address", &digest_of(address), window),
            Self::LinksToAddress(address) => keys::cap("links-to-address", &digest_of(address), window),
            Self::LinksToAddressFrom(address, source) => {
                keys::cap("links-to-address-from", &both(address, &network(*source)), window)
            }
            Self::LinksToAddressIn(address, browser) => {
                keys::cap("links-to-address-in", &both(address, browser), window)
            }
            Self::LinksFromSource(source) => keys::cap("links-from-source", &keys::digest(&network(*source)), window),
            Self::SignInsFromSource(source) => {
                keys::cap("sign-ins-from-source", &keys::digest(&network(*source)), window)
            }
        }
    }
}

/// The digest of an address together with who asks.
fn both(address: &MailAddress, asker: &str) -> String {
    keys::digest(&format!("{} {asker}", digest_of(address)))
}

/// The network that counts as one source.
fn network(source: IpAddr) -> String {
    match source.to_canonical() {
        IpAddr::V4(source) => source.to_string(),
        IpAddr::V6(source) => {
            let [a, b, c, d, ..] = source.segments();
            format!("{a:x}:{b:x}:{c:x}:{d:x}::/64")
        }
    }
}

/// What a cap says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CapOutcome {
    /// Counted, and within the limit.
    Within,
    /// The limit is reached; nothing was counted.
    Over,
}

/// When an item of the ephemeral table expires.
#[derive(Deserialize)]
struct Lasting {
    expires_at: i64,
}

impl TransactionBuilder {
    pub(crate) fn spend_nonce(
        &mut self,
        store: &Store,
        nonce: &Nonce,
        token: &WriteToken,
        now: UnixMillis,
    ) -> Result<(), StoreError> {
        let (item, values) = nonce.item(token, now)?;
        self.put(store, WriteItem::Nonce, item, FREE, values)
    }

    pub(crate) fn store_response(
        &mut self,
        store: &Store,
        idempotence: &Idempotence,
        token: &WriteToken,
        now: UnixMillis,
    ) -> Result<(), StoreError> {
        let Idempotence { merchant, method, path, key, answer } = idempotence;
        let mut item = item(&keys::idempotence(merchant, method, path, key), "idempotence", answer)?;
        item.insert("expires_at".to_owned(), value(now.seconds() + IDEMPOTENCE_SECONDS)?);
        let now = Item::from([(":now".to_owned(), value(now.seconds())?)]);
        self.put(store, WriteItem::Idempotence, token.stamp(item), FREE, now)
    }
}

impl Nonce {
    fn item(&self, token: &WriteToken, now: UnixMillis) -> Result<(Item, Item), StoreError> {
        let mut item = item(&keys::nonce(&self.key, &self.nonce), "nonce", &serde_json::json!({}))?;
        item.insert("expires_at".to_owned(), value(self.expires_at)?);
        Ok((token.stamp(item), Item::from([(":now".to_owned(), value(now.seconds())?)])))
    }
}

impl Store {
    /// Uses up a nonce by a write of its own, for a request that writes nothing else.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn use_nonce(&self, nonce: &Nonce, token: &WriteToken, now: UnixMillis) -> Result<NonceUse, StoreError> {
        let (item, values) = nonce.item(token, now)?;
        let mut attempts_made = 0;
        loop {
            let sent = self
                .client
                .put_item()
                .table_name(&self.tables.ephemeral)
                .set_item(Some(item.clone()))
                .condition_expression(FREE)
                .set_expression_attribute_values(Some(values.clone()))
                .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
                .send()
                .await;
            let Err(error) = sent else { return Ok(NonceUse::Fresh) };
            attempts_made += 1;
            match error.as_service_error() {
                Some(PutItemError::ConditionalCheckFailedException(refused)) => {
                    // The item is of this request: its answer was lost, and the SDK sent the write
                    // again.
                    let was_written = token.wrote(refused.item());
                    return Ok(if was_written { NonceUse::Fresh } else { NonceUse::Replayed });
                }
                // The same request, sent twice at once, is being written by another function.
                Some(PutItemError::TransactionConflictException(_)) if attempts_made < MAX_ATTEMPTS => {
                    tokio::time::sleep(token.wait(attempts_made)).await;
                }
                _ => return Err(StoreError::from_sdk("PutItem", &error)),
            }
        }
    }

    /// Stores the response of a request that writes nothing else, under its idempotence key.
    /// Returns the first response where the key has one.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn store_response(
        &self,
        idempotence: &Idempotence,
        token: &WriteToken,
        now: UnixMillis,
    ) -> Result<Option<StoredResponse>, StoreError> {
        let mut builder = TransactionBuilder::default();
        builder.store_response(self, idempotence, token, now)?;
        match self.transact(token, builder).await? {
            TransactOutcome::Done => Ok(None),
            TransactOutcome::Refused(FailedCondition { existing: Some(first), .. }) => body(first).map(Some),
            TransactOutcome::Refused(failed) => {
                let Idempotence { merchant, key, .. } = idempotence;
                Err(failed.impossible(format!("storing the response of request {key} of {merchant}")))
            }
        }
    }

    /// The response that is stored under an idempotence key, for a repeat that would otherwise be
    /// refused because of what the first request changed.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn stored_response(
        &self,
        merchant: &str,
        method: &str,
        path: &str,
        key: &str,
        now: UnixMillis,
    ) -> Result<Option<StoredResponse>, StoreError> {
        let key = keys::idempotence(merchant, method, path, key);
        let Some(item) = self.ephemeral_item(&key).await? else { return Ok(None) };
        let Lasting { expires_at } = body(item.clone())?;
        if expires_at < now.seconds() { Ok(None) } else { body(item).map(Some) }
    }

    /// Counts one more under a cap, unless `limit` is reached.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn count(&self, cap: &Cap<'_>, limit: u32, now: UnixMillis) -> Result<CapOutcome, StoreError> {
        if limit == 0 {
            return Ok(CapOutcome::Over);
        }
        let window = now.seconds().div_euclid(cap.window());
        let key = cap.key(window);
        let sent = self
            .client
            .update_item()
            .table_name(&self.tables.ephemeral)
            .set_key(Some(key.attributes()))
            .update_expression("ADD #count :one SET expires_at = :expires_at")
            .condition_expression("attribute_not_exists(#count) OR #count < :limit")
            .expression_attribute_names("#count", "count")
            .expression_attribute_values(":one", value(1)?)
            .expression_attribute_values(":limit", value(limit)?)
            .expression_attribute_values(":expires_at", value((window + 2) * cap.window())?)
            .send()
            .await;
        Ok(if updated(sent)? { CapOutcome::Within } else { CapOutcome::Over })
    }

    /// Takes back a count of [`Self::count`] made at `counted_at`, if its window has one. It is
    /// sent once: where the answer is lost, nobody knows whether it was written, and taken back
    /// twice it would let one too many through.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn uncount(&self, cap: &Cap<'_>, counted_at: UnixMillis) -> Result<(), StoreError> {
        let key = cap.key(counted_at.seconds().div_euclid(cap.window()));
        let sent = self
            .client
            .update_item()
            .table_name(&self.tables.ephemeral)
            .set_key(Some(key.attributes()))
            .update_expression("ADD #count :less")
            .condition_expression("#count > :none")
            .expression_attribute_names("#count", "count")
            .expression_attribute_values(":less", value(-1)?)
            .expression_attribute_values(":none", value(0)?)
            .customize()
            .config_override(once())
            .send()
            .await;
        updated(sent).map(drop)
    }
}
