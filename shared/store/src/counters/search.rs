//! The entries by which a search finds disputes: by an address, a refid, an amount, a day, or an id
//! that no pointer leads from.
//!
//! An entry is a key and nothing else: what a search shows, it reads from the disputes themselves.
//! An entry that is no longer true, such as that of an address that a merchant corrected, is
//! deleted.
//!
//! What needs no entry: a case id and every other form of a dispute's number, the id of a file or
//! of a mail, and a trxid, whose partition names its disputes.

use std::collections::BTreeSet;

use recourse_dispute::addresses::MailAddress;
use recourse_dispute::dispute::Dispute;
use recourse_dispute::environment::Environment;
use recourse_dispute::ids::Refid;
use recourse_dispute::money::Money;
use recourse_dispute::number::DisputeNumber;
use recourse_dispute::text::Private;
use recourse_dispute::time::Day;
use serde::{Deserialize, Serialize};

use super::{Part, Seen};
use crate::addresses::digest_of;
use crate::error::{StoreError, sdk};
use crate::items::{Item, body, item, text, value};
use crate::keys::{ItemKey, SK};
use crate::query::take;
use crate::support::CaseFile;
use crate::transact::{TransactionBuilder, WriteItem};
use crate::{Store, WriteToken, keys};

/// How many entries one transaction writes or deletes: DynamoDB takes a hundred items.
const AT_ONCE: usize = 90;
/// How many disputes one batch reads with their cases.
const BATCH: usize = 50;

/// What disputes are searched by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SearchKey {
    /// A mail address: of a recipient, of a contact, or in the details.
    Email(Environment, MailAddress),
    /// The account's own reference of the transaction, at whichever account.
    Refid(Environment, Refid),
    /// The disputed or the paid amount.
    Amount(Environment, Money),
    /// The day in UTC on which it was opened.
    Day(Environment, Day),
    /// A capture, the transaction's reference, or the merchant's own reference.
    Id(Environment, String),
}

impl SearchKey {
    fn partition(&self) -> String {
        match self {
            Self::Email(environment, address) => keys::search_partition("email", *environment, &digest_of(address)),
            Self::Refid(environment, refid) => keys::search_partition("refid", *environment, refid.as_str()),
            Self::Amount(environment, amount) => {
                keys::search_amount(*environment, amount.currency().code(), amount.minor())
            }
            Self::Day(environment, day) => keys::search_partition("day", *environment, &day.to_string()),
            Self::Id(environment, id) => keys::search_digest("id", *environment, id),
        }
    }

    /// All that a dispute is found by.
    #[must_use]
    pub fn all_of(dispute: &Dispute) -> Vec<Self> {
        let (facts, claim, details) = (&dispute.facts, &dispute.claim, &dispute.details);
        let environment = facts.environment;
        let written = [&details.customer.email, &details.merchant.email].into_iter().flatten();
        let written = written.filter_map(|text| MailAddress::parse_typed(Private::expose(text)).ok());
        let addresses = dispute.recipients.iter().flat_map(|recipients| recipients.all());
        let addresses = addresses.chain(&claim.email).chain(&claim.reply_to).cloned().chain(written);
        let addresses = addresses.filter(|address| !address.is_erased());
        let merchant = facts.parties.merchant.as_ref().and_then(|merchant| merchant.reference.clone());
        let reference = facts.details.reference.as_ref().map(ToString::to_string);
        let captures = facts.details.captures.iter().chain(&claim.capture).map(ToString::to_string);
        addresses
            .map(|address| Self::Email(environment, address))
            .chain([Self::Refid(environment, facts.refid.clone())])
            .chain([dispute.amount, facts.amount].map(|amount| Self::Amount(environment, amount)))
            .chain([Self::Day(environment, Day::of(dispute.opened_at))])
            .chain(captures.chain(reference).chain(merchant).map(|id| Self::Id(environment, id)))
            .collect()
    }
}

/// The marker: the entries that a dispute has.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Entered {
    /// Counts the writes of this marker, from 1.
    revision: u64,
    /// The version of the dispute whose entries these are; 0 until all of its first ones are
    /// written.
    version: u64,
    /// The partitions of the entries.
    partitions: BTreeSet<String>,
}

/// What an entry holds besides its key.
#[derive(Serialize)]
struct Entry {
    /// Which dispute it leads to, as the key says.
    case_id: String,
}

/// A dispute that a search found, and its case.
#[derive(Clone, Debug)]
pub struct FoundCase {
    /// The dispute.
    pub dispute: Dispute,
    /// Its case; `None` where nothing was written of it.
    pub case: Option<CaseFile>,
}

/// Some disputes that a search found, the newest first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FoundPage {
    /// The disputes.
    pub numbers: Vec<DisputeNumber>,
    /// Where the next ones begin, if there are any.
    pub next: Option<String>,
}

impl Store {
    /// The transaction that makes a dispute's entries what they are to be.
    pub(super) fn enter_searches(&self, seen: &Seen, token: &WriteToken) -> Result<Part, StoreError> {
        let Seen { dispute, entered, .. } = seen;
        let before = entered.clone().unwrap_or_default();
        if before.version > dispute.version {
            return Ok(Part::Again);
        }
        if before.version == dispute.version {
            return Ok(Part::Done);
        }
        let wanted: BTreeSet<String> = SearchKey::all_of(dispute).iter().map(SearchKey::partition).collect();
        let more = wanted.difference(&before.partitions).map(|partition| (partition, true));
        let changes: Vec<_> =
            more.chain(before.partitions.difference(&wanted).map(|partition| (partition, false))).collect();
        let is_all = changes.len() <= AT_ONCE;
        let mut after = Entered { revision: before.revision + 1, ..before.clone() };
        if is_all {
            after.version = dispute.version;
        }
        let mut entries = TransactionBuilder::default();
        for (partition, is_new) in changes.into_iter().take(AT_ONCE) {
            let key = keys::search_entry(partition, dispute.opened_at, dispute.number);
            let (case_id, condition) = (dispute.number.case_id(), "attribute_not_exists(PK) OR case_id = :case");
            let same = Item::from([(":case".to_owned(), value(&case_id)?)]);
            if is_new {
                after.partitions.insert(partition.clone());
                // The marker says what there is; an entry is the same whoever writes it.
                let entry = item(&key, "search-entry", &Entry { case_id })?;
                entries.put(self, WriteItem::Record, entry, condition, same)?;
            } else {
                after.partitions.remove(partition);
                entries.delete(self, WriteItem::Record, &key, condition, same)?;
            }
        }
        let mut builder = TransactionBuilder::default();
        let marker = token.stamp(item(&keys::entered(dispute.number), "entered", &after)?);
        if before.revision == 0 {
            builder.create(self, WriteItem::Record, marker)?;
        } else {
            let revision = Item::from([(":revision".to_owned(), value(before.revision)?)]);
            builder.put(self, WriteItem::Record, marker, "revision = :revision", revision)?;
        }
        builder.append(entries);
        Ok(if is_all { Part::Write(builder) } else { Part::WriteSome(builder) })
    }

    /// The disputes that have this, the newest first, at most `most` of them after the place where
    /// the last page ended: one query of so many small items, however many disputes there are. The
    /// entries are a few seconds behind the disputes.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn find(&self, key: &SearchKey, after: Option<&str>, most: u8) -> Result<FoundPage, StoreError> {
        let (partition, most) = (key.partition(), usize::from(most));
        let start = after.map(|sk| ItemKey { pk: partition.clone(), sk: sk.to_owned() }.attributes());
        let query = self.client.query().table_name(&self.tables.disputes).consistent_read(true);
        let query = query.key_condition_expression("PK = :pk").expression_attribute_values(":pk", value(&partition)?);
        // One more shows whether there is a next page.
        let limit = i32::try_from(most + 1).unwrap_or(i32::MAX);
        let sending = Box::pin(query.scan_index_forward(false).limit(limit).set_exclusive_start_key(start).send());
        let found = sending.await.map_err(sdk("Query"))?.items.unwrap_or_default();
        let entries: Vec<_> = found.iter().filter_map(|entry| text(entry, SK)).collect();
        let last = most.checked_sub(1).and_then(|last| entries.get(last)).filter(|_| entries.len() > most);
        Ok(FoundPage {
            next: last.map(|sk| (*sk).to_owned()),
            numbers: entries.iter().take(most).filter_map(|sk| keys::number_of_entry(sk)).collect(),
        })
    }

    /// These disputes with their cases, at most fifty, in this order: one batch. Those that this
    /// release cannot read are named apart.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn found_cases(
        &self,
        numbers: &[DisputeNumber],
    ) -> Result<(Vec<FoundCase>, Vec<DisputeNumber>), StoreError> {
        let numbers = numbers.get(..BATCH).unwrap_or(numbers);
        let wanted: Vec<_> =
            numbers.iter().flat_map(|number| [keys::dispute(*number), keys::support_case(*number)]).collect();
        let mut items = self.batch(&wanted).await?;
        let (mut found, mut unread) = (Vec::new(), Vec::new());
        for number in numbers {
            let Some(dispute) = take(&mut items, &keys::dispute(*number)) else { continue };
            let case = take(&mut items, &keys::support_case(*number)).map(body).transpose();
            match (body(dispute), case) {
                (Ok(dispute), Ok(case)) => found.push(FoundCase { dispute, case }),
                _ => unread.push(*number),
            }
        }
        Ok((found, unread))
    }
}
