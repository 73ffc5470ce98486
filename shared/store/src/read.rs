//! Reading, always strongly consistent.

use std::time::Duration;

use aws_sdk_dynamodb::types::KeysAndAttributes;
use recourse_dispute::configuration::Configuration;
use recourse_dispute::dispute::{Dispute, Event};
use recourse_dispute::environment::Environment;
use recourse_dispute::ids::{AccountId, Trxid};
use recourse_dispute::number::DisputeNumber;
use recourse_dispute::time::UnixMillis;
use recourse_dispute::transaction::Transaction;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::accounts::StoredConfiguration;
use crate::addresses::Feedback;
use crate::error::StoreError;
use crate::items::{Item, body, text};
use crate::keys::{DISPUTE, DISPUTES, EVENTS, FEEDBACK, Key, LIVE, MAILS, PK, SK, TRANSACTION};
use crate::open::LiveDispute;
use crate::outbox::Mail;
use crate::transactions::Stored;
use crate::{Store, keys};

/// How often what DynamoDB left out of a batch, for a throttle, is asked for again.
const MOST_BATCHES: usize = 5;
/// How long before that.
const BETWEEN_BATCHES: Duration = Duration::from_millis(50);

/// A dispute with all that is on record of it.
#[derive(Clone, Debug)]
pub struct Record {
    /// The dispute as it stands.
    pub dispute: Dispute,
    /// Its history, oldest first.
    pub events: Vec<Event>,
    /// Its mails, oldest first.
    pub mails: Vec<Mail>,
    /// What SES reported of them, by mail.
    pub feedback: Vec<Feedback>,
    /// The keys of mails and reports that this release cannot read, which is no reason to show nothing of the dispute.
    pub unread: Vec<String>,
}

/// A transaction with the numbers of its disputes.
#[derive(Clone, Debug)]
pub struct TransactionRecord {
    /// The transaction as it is known now.
    pub transaction: Transaction,
    /// Its disputes, the oldest first.
    pub disputes: Vec<DisputeNumber>,
    /// The one that holds its guard, if one does.
    pub live: Option<LiveDispute>,
}

#[derive(PartialEq, Eq, PartialOrd, Ord, Deserialize)]
struct Link {
    opened_at: UnixMillis,
    number: DisputeNumber,
}

/// Adds what an item says, or its key to those that cannot be read.
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
    pub async fn record_of(&self, number: DisputeNumber) -> Result<Option<Record>, StoreError> {
        self.record_if(number, |_| true).await
    }

    /// As [`Self::record_of`], of a dispute that the caller may see. Of any other one nothing else is
    /// read: it costs one call, as a dispute that is not there does, however long its history is.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn record_if(
        &self,
        number: DisputeNumber,
        may_see: impl Fn(&Dispute) -> bool,
    ) -> Result<Option<Record>, StoreError> {
        let mut dispute = None;
        let (mut events, mut mails, mut feedback, mut unread) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        let mut pages = Pages::new(self, keys::dispute_partition(number), None, Order::Ascending);
        while let Some(page) = pages.next().await? {
            for item in page {
                match text(&item, SK) {
                    // By its sort key it is the first item of all.
                    Some(DISPUTE) => match body(item)? {
                        read if may_see(&read) => dispute = Some(read),
                        _ => return Ok(None),
                    },
                    Some(sk) if sk.starts_with(EVENTS) => events.push(body(item)?),
                    Some(sk) if sk.starts_with(MAILS) => keep(item, &mut mails, &mut unread),
                    Some(sk) if sk.starts_with(FEEDBACK) => keep(item, &mut feedback, &mut unread),
                    // A later release may keep more with a dispute than this one knows.
                    _ => {}
                }
            }
        }
        Ok(dispute.map(|dispute| Record { dispute, events, mails, feedback, unread }))
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
        self.transaction_record_if(environment, trxid, |_| true).await
    }

    /// As [`Self::transaction_record`], of a transaction that the caller may see. Of any other one
    /// nothing else is read: it costs one call, as a transaction that is not there does.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn transaction_record_if(
        &self,
        environment: Environment,
        trxid: &Trxid,
        may_see: impl Fn(&Transaction) -> bool,
    ) -> Result<Option<TransactionRecord>, StoreError> {
        let mut transaction = None;
        let (mut links, mut live) = (Vec::<Link>::new(), None);
        // By its sort key the transaction is the last item of all.
        let mut pages = Pages::new(self, keys::transaction_partition(environment, trxid), None, Order::Descending);
        while let Some(page) = pages.next().await? {
            for item in page {
                match text(&item, SK) {
                    Some(TRANSACTION) => match body::<Stored>(item)?.transaction() {
                        read if may_see(&read) => transaction = Some(read),
                        _ => return Ok(None),
                    },
                    Some(LIVE) => live = Some(body(item)?),
                    Some(sk) if sk.starts_with(DISPUTES) => links.push(body(item)?),
                    _ => {}
                }
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
        let (stored, configuration) = self.with_configuration::<Stored>(&key, account).await?;
        Ok((stored.map(Stored::transaction), configuration))
    }

    async fn with_configuration<T: DeserializeOwned>(
        &self,
        key: &Key,
        account: &AccountId,
    ) -> Result<(Option<T>, Option<Configuration>), StoreError> {
        let configuration = keys::configuration(account);
        let mut found = self.batch([key, &configuration]).await?;
        let mut take = |key: &Key| {
            let at =
                found.iter().position(|item| text(item, PK) == Some(&key.pk) && text(item, SK) == Some(&key.sk))?;
            Some(found.swap_remove(at))
        };
        let thing = take(key).map(body).transpose()?;
        let configuration = take(&configuration).map(body::<StoredConfiguration>).transpose()?;
        Ok((thing, configuration.map(|stored| stored.configuration)))
    }

    pub(crate) async fn get<T: DeserializeOwned>(&self, key: &Key) -> Result<Option<T>, StoreError> {
        self.item(key).await?.map(body).transpose()
    }

    /// An item of the disputes table as it is stored.
    pub(crate) async fn item(&self, key: &Key) -> Result<Option<Item>, StoreError> {
        let got = self
            .client
            .get_item()
            .table_name(&self.tables.disputes)
            .set_key(Some(key.attributes()))
            .consistent_read(true)
            .send()
            .await
            .map_err(|error| StoreError::from_sdk("GetItem", &error))?;
        Ok(got.item)
    }

    /// Those of at most 100 items that are there, in no particular order: one call, or more of them where DynamoDB leaves some for later.
    pub(crate) async fn batch<'k>(&self, keys: impl IntoIterator<Item = &'k Key>) -> Result<Vec<Item>, StoreError> {
        let mut wanted = keys.into_iter().map(Key::attributes).collect::<Vec<_>>();
        let mut items = Vec::new();
        for attempt in 0..MOST_BATCHES {
            if wanted.is_empty() {
                return Ok(items);
            }
            if attempt > 0 {
                tokio::time::sleep(BETWEEN_BATCHES).await;
            }
            let asked = KeysAndAttributes::builder().set_keys(Some(std::mem::take(&mut wanted))).consistent_read(true);
            let asked = asked.build().map_err(|error| StoreError::Broken(error.to_string()))?;
            let got = self.client.batch_get_item().request_items(&self.tables.disputes, asked).send().await;
            let got = got.map_err(|error| StoreError::from_sdk("BatchGetItem", &error))?;
            items.extend(got.responses.unwrap_or_default().into_values().flatten());
            wanted.extend(got.unprocessed_keys.unwrap_or_default().into_values().flat_map(|left| left.keys));
        }
        let context = "DynamoDB leaves items for later again and again".to_owned();
        if wanted.is_empty() { Ok(items) } else { Err(StoreError::Unavailable { operation: "BatchGetItem", context }) }
    }

    /// Every item of a partition of the disputes table, or those whose sort key begins with `prefix`, in the order of their sort keys.
    pub(crate) async fn partition(&self, pk: &str, prefix: Option<&str>) -> Result<Vec<Item>, StoreError> {
        let mut pages = Pages::new(self, pk.to_owned(), prefix, Order::Ascending);
        let mut items = Vec::new();
        while let Some(page) = pages.next().await? {
            items.extend(page);
        }
        Ok(items)
    }
}

/// The order of a partition's sort keys in which it is read.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Order {
    Ascending,
    Descending,
}

/// A partition of the disputes table, a page at a time.
struct Pages<'a> {
    store: &'a Store,
    pk: String,
    prefix: Option<&'a str>,
    order: Order,
    /// Where the next page begins; `None` once there is none.
    next: Option<Begin>,
}

/// Where a page begins.
enum Begin {
    AtFirst,
    After(Item),
}

impl<'a> Pages<'a> {
    fn new(store: &'a Store, pk: String, prefix: Option<&'a str>, order: Order) -> Self {
        Self { store, pk, prefix, order, next: Some(Begin::AtFirst) }
    }

    async fn next(&mut self) -> Result<Option<Vec<Item>>, StoreError> {
        let from = match self.next.take() {
            None => return Ok(None),
            Some(Begin::AtFirst) => None,
            Some(Begin::After(key)) => Some(key),
        };
        let mut query = self
            .store
            .client
            .query()
            .table_name(&self.store.tables.disputes)
            .consistent_read(true)
            .scan_index_forward(self.order == Order::Ascending)
            .expression_attribute_values(":pk", crate::items::value(&self.pk)?)
            .set_exclusive_start_key(from);
        query = match self.prefix {
            Some(prefix) => query
                .key_condition_expression("PK = :pk AND begins_with(SK, :prefix)")
                .expression_attribute_values(":prefix", crate::items::value(prefix)?),
            None => query.key_condition_expression("PK = :pk"),
        };
        let page = query.send().await.map_err(|error| StoreError::from_sdk("Query", &error))?;
        self.next = page.last_evaluated_key.map(Begin::After);
        Ok(Some(page.items.unwrap_or_default()))
    }
}
