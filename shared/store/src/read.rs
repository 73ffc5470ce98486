//! Reading, always strongly consistent.

use std::borrow::Borrow;

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
use crate::error::StoreError;
use crate::items::{Item, body, text, value};
use crate::keys::{DISPUTE, DISPUTES, EVENTS, FEEDBACK, ItemKey, LIVE, MAILS, MESSAGES, SK, TRANSACTION};
use crate::open::LiveDispute;
use crate::outbox::OutboxMail;
use crate::query::{keep, take};
use crate::transactions::StoredTransaction;
use crate::{Store, keys};

/// A dispute with its history and its mails.
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

/// A dispute's record from the items of its partition, and the items that are no part of it; no
/// record where the dispute is not among them.
pub(crate) fn record_from(items: Vec<Item>) -> Result<(Option<DisputeRecord>, Vec<Item>), StoreError> {
    let (mut dispute, mut rest) = (None, Vec::new());
    let (mut events, mut mails, mut feedback, mut unread) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for item in items {
        match text(&item, SK) {
            Some(DISPUTE) => dispute = Some(body(item)?),
            Some(sk) if sk.starts_with(EVENTS) => events.push(body(item)?),
            Some(sk) if sk.starts_with(MAILS) => keep(item, &mut mails, &mut unread),
            Some(sk) if sk.starts_with(FEEDBACK) => keep(item, &mut feedback, &mut unread),
            _ => rest.push(item),
        }
    }
    Ok((dispute.map(|dispute| DisputeRecord { dispute, events, mails, feedback, unread }), rest))
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

    /// A dispute with its history and its mails. The messages of its case are not read, so that
    /// nobody can make a party's view slow by writing many mails.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn record_of(&self, number: DisputeNumber) -> Result<Option<DisputeRecord>, StoreError> {
        let before = Item::from([(":before".to_owned(), value(MESSAGES)?)]);
        let items = self.query_partition(&keys::dispute_partition(number), " AND SK < :before", before).await?;
        // A later release may store more with a dispute.
        let (record, _) = record_from(items)?;
        Ok(record)
    }

    /// A dispute with its history and its mails, if `may_see` allows the caller to see it. The
    /// dispute alone is read first. So a hidden dispute costs as much as a missing one, however
    /// long its history is.
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
        let thing = take(&mut found, key).map(body).transpose()?;
        let configuration = take(&mut found, &configuration).map(body::<StoredConfiguration>).transpose()?;
        Ok((thing, configuration.map(|stored| stored.configuration)))
    }
}
