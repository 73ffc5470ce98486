//! Reading, always strongly consistent.

use std::borrow::Borrow;
use std::time::Duration;

use aws_sdk_dynamodb::error::BuildError;
use aws_sdk_dynamodb::types::KeysAndAttributes;
use recourse_dispute::channels::tutelar::configuration::Configuration;
use recourse_dispute::dispute::Dispute;
use recourse_dispute::environment::Environment;
use recourse_dispute::event::HistoryEntry;
use recourse_dispute::ids::{AccountId, Trxid};
use recourse_dispute::number::DisputeNumber;
use recourse_dispute::time::UnixMillis;
use recourse_dispute::transaction::Transaction;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::accounts::StoredConfiguration;
use crate::addresses::DeliveryFeedback;
use crate::error::{StoreError, sdk};
use crate::items::{Item, body, text};
use crate::keys::{DISPUTE, DISPUTES, EVENTS, FEEDBACK, ItemKey, LIVE, MAILS, PK, SK, TRANSACTION};
use crate::open::LiveDispute;
use crate::outbox::OutboxMail;
use crate::transactions::StoredTransaction;
use crate::{Store, keys};

/// How many calls are made at most for a batch of which DynamoDB leaves some items unprocessed.
const MAX_BATCHES: usize = 5;
/// How long to wait before each further call.
const BETWEEN_BATCHES: Duration = Duration::from_millis(50);

/// A dispute with all that is on record of it.
#[derive(Clone, Debug)]
pub struct DisputeRecord {
    /// The dispute.
    pub dispute: Dispute,
    /// Its history, oldest first.
    pub events: Vec<HistoryEntry>,
    /// Its mails, oldest first.
    pub mails: Vec<OutboxMail>,
    /// What SES reported of them, by mail.
    pub feedback: Vec<DeliveryFeedback>,
    /// The keys of mails and reports that this release cannot read; the rest is shown all the same.
    pub unread: Vec<String>,
}

impl Borrow<Dispute> for DisputeRecord {
    fn borrow(&self) -> &Dispute {
        &self.dispute
    }
}

/// A transaction with the numbers of its disputes.
#[derive(Clone, Debug)]
pub struct TransactionRecord {
    /// The transaction as it is known now.
    pub transaction: Transaction,
    /// Its disputes, the oldest first.
    pub disputes: Vec<DisputeNumber>,
    /// The one that holds the active-dispute lock, if one does.
    pub live: Option<LiveDispute>,
}

#[derive(PartialEq, Eq, PartialOrd, Ord, Deserialize)]
struct Link {
    opened_at: UnixMillis,
    number: DisputeNumber,
}

/// Adds the content of an item, or its key to those that cannot be read.
fn keep<T: DeserializeOwned>(item: Item, read: &mut Vec<T>, unread: &mut Vec<String>) {
    let key = text(&item, SK).unwrap_or_default().to_owned();
    match body(item) {
        Ok(said) => read.push(said),
        Err(_) => unread.push(key),
    }
}

impl Store {
    /// A dispute.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn dispute(&self, number: DisputeNumber) -> Result<Option<Dispute>, StoreError> {
        self.get(&keys::dispute(number)).await
    }

    /// These disputes, at most a hundred, in this order.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn disputes(&self, numbers: &[DisputeNumber]) -> Result<Vec<Dispute>, StoreError> {
        let wanted: Vec<_> = numbers.iter().map(|number| keys::dispute(*number)).collect();
        let got = self.batch(&wanted).await?.into_iter().map(body);
        let mut got = got.collect::<Result<Vec<Dispute>, _>>()?;
        got.sort_by_key(|dispute| numbers.iter().position(|number| *number == dispute.number));
        Ok(got)
    }

    /// A dispute with its history and its mails.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn record_of(&self, number: DisputeNumber) -> Result<Option<DisputeRecord>, StoreError> {
        let mut dispute = None;
        let (mut events, mut mails, mut feedback, mut unread) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        for item in self.partition(&keys::dispute_partition(number), None).await? {
            match text(&item, SK) {
                Some(DISPUTE) => dispute = Some(body(item)?),
                Some(sk) if sk.starts_with(EVENTS) => events.push(body(item)?),
                Some(sk) if sk.starts_with(MAILS) => keep(item, &mut mails, &mut unread),
                Some(sk) if sk.starts_with(FEEDBACK) => keep(item, &mut feedback, &mut unread),
                // A later release may store more with a dispute.
                _ => {}
            }
        }
        Ok(dispute.map(|dispute| DisputeRecord { dispute, events, mails, feedback, unread }))
    }

    /// A dispute with its history and its mails, for a caller who may see it by `may_see`. The
    /// dispute alone is read first, so that one that the caller may not see costs as much as one
    /// that does not exist, however long its history is.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn record_for(
        &self,
        number: DisputeNumber,
        may_see: impl Fn(&Dispute) -> bool,
    ) -> Result<Option<DisputeRecord>, StoreError> {
        match self.dispute(number).await? {
            Some(dispute) if may_see(&dispute) => self.record_of(number).await,
            Some(_) | None => Ok(None),
        }
    }

    /// A transaction and its disputes.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn transaction_record(
        &self,
        environment: Environment,
        trxid: &Trxid,
    ) -> Result<Option<TransactionRecord>, StoreError> {
        let mut transaction = None;
        let (mut links, mut live) = (Vec::<Link>::new(), None);
        for item in self.partition(&keys::transaction_partition(environment, trxid), None).await? {
            match text(&item, SK) {
                Some(TRANSACTION) => transaction = Some(body::<StoredTransaction>(item)?.transaction()),
                Some(LIVE) => live = Some(body(item)?),
                Some(sk) if sk.starts_with(DISPUTES) => links.push(body(item)?),
                _ => {}
            }
        }
        links.sort();
        let disputes = links.into_iter().map(|link| link.number).collect();
        Ok(transaction.map(|transaction| TransactionRecord { transaction, disputes, live }))
    }

    /// A dispute, and the configuration of an account, in one read.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn dispute_and_configuration(
        &self,
        number: DisputeNumber,
        account: &AccountId,
    ) -> Result<(Option<Dispute>, Option<Configuration>), StoreError> {
        self.with_configuration(&keys::dispute(number), account).await
    }

    /// A transaction, and the configuration of an account, in one read.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn transaction_and_configuration(
        &self,
        environment: Environment,
        trxid: &Trxid,
        account: &AccountId,
    ) -> Result<(Option<Transaction>, Option<Configuration>), StoreError> {
        let key = keys::transaction(environment, trxid);
        let (stored, configuration) = self.with_configuration::<StoredTransaction>(&key, account).await?;
        Ok((stored.map(StoredTransaction::transaction), configuration))
    }

    async fn with_configuration<T: DeserializeOwned>(
        &self,
        key: &ItemKey,
        account: &AccountId,
    ) -> Result<(Option<T>, Option<Configuration>), StoreError> {
        let configuration = keys::configuration(account);
        let mut found = self.batch([key, &configuration]).await?;
        let mut take = |key: &ItemKey| {
            let at =
                found.iter().position(|item| text(item, PK) == Some(&key.pk) && text(item, SK) == Some(&key.sk))?;
            Some(found.swap_remove(at))
        };
        let thing = take(key).map(body).transpose()?;
        let configuration = take(&configuration).map(body::<StoredConfiguration>).transpose()?;
        Ok((thing, configuration.map(|stored| stored.configuration)))
    }

    pub(crate) async fn get<T: DeserializeOwned>(&self, key: &ItemKey) -> Result<Option<T>, StoreError> {
        self.item(key).await?.map(body).transpose()
    }

    /// An item of the disputes table as it is stored.
    pub(crate) async fn item(&self, key: &ItemKey) -> Result<Option<Item>, StoreError> {
        let got = self
            .client
            .get_item()
            .table_name(&self.tables.disputes)
            .set_key(Some(key.attributes()))
            .consistent_read(true)
            .send()
            .await
            .map_err(sdk("GetItem"))?;
        Ok(got.item)
    }

    /// Those of at most 100 items that exist, in no particular order: one call, or more where
    /// DynamoDB leaves some unprocessed.
    pub(crate) async fn batch<'k>(&self, keys: impl IntoIterator<Item = &'k ItemKey>) -> Result<Vec<Item>, StoreError> {
        let mut wanted = keys.into_iter().map(ItemKey::attributes).collect::<Vec<_>>();
        let (mut items, all) = (Vec::new(), wanted.len());
        for call in 0..MAX_BATCHES {
            if wanted.is_empty() {
                return Ok(items);
            }
            if call > 0 {
                tokio::time::sleep(BETWEEN_BATCHES).await;
            }
            let asked = KeysAndAttributes::builder().set_keys(Some(std::mem::take(&mut wanted))).consistent_read(true);
            let malformed = |error: BuildError| StoreError::Malformed {
                operation: "BatchGetItem",
                context: format!("building the keys: {error}"),
            };
            let asked = asked.build().map_err(malformed)?;
            let got = self.client.batch_get_item().request_items(&self.tables.disputes, asked).send().await;
            let got = got.map_err(sdk("BatchGetItem"))?;
            items.extend(got.responses.unwrap_or_default().into_values().flatten());
            wanted.extend(got.unprocessed_keys.unwrap_or_default().into_values().flat_map(|left| left.keys));
        }
        if wanted.is_empty() {
            return Ok(items);
        }
        let context = format!("{} of {all} items still unprocessed after {MAX_BATCHES} calls", wanted.len());
        Err(StoreError::Unavailable { operation: "BatchGetItem", context })
    }

    /// At most `limit` entries of an index of the disputes table, in its order, and where the next
    /// ones begin, if there are any.
    pub(crate) async fn query_index(
        &self,
        index: &str,
        condition: &str,
        values: Item,
        limit: i32,
        from: Option<Item>,
    ) -> Result<(Vec<Item>, Option<Item>), StoreError> {
        let query = self.client.query().table_name(&self.tables.disputes).index_name(index);
        let query = query.key_condition_expression(condition).set_expression_attribute_values(Some(values));
        // Boxed, as the future of `transact`.
        let sending = Box::pin(query.limit(limit).set_exclusive_start_key(from).send());
        let page = sending.await.map_err(sdk("Query"))?;
        Ok((page.items.unwrap_or_default(), page.last_evaluated_key))
    }

    /// Every item of a partition of the disputes table, or those whose sort key begins with
    /// `prefix`, in the order of their sort keys.
    pub(crate) async fn partition(&self, pk: &str, prefix: Option<&str>) -> Result<Vec<Item>, StoreError> {
        let mut items = Vec::new();
        let mut from = None;
        loop {
            let mut query = self
                .client
                .query()
                .table_name(&self.tables.disputes)
                .consistent_read(true)
                .expression_attribute_values(":pk", crate::items::value(pk)?)
                .set_exclusive_start_key(from);
            query = match prefix {
                Some(prefix) => query
                    .key_condition_expression("PK = :pk AND begins_with(SK, :prefix)")
                    .expression_attribute_values(":prefix", crate::items::value(prefix)?),
                None => query.key_condition_expression("PK = :pk"),
            };
            let page = query.send().await.map_err(sdk("Query"))?;
            items.extend(page.items.unwrap_or_default());
            from = page.last_evaluated_key;
            if from.is_none() {
                return Ok(items);
            }
        }
    }
}
