//! How many disputes a domain has, by category and status: sharded counters.
//!
//! The counter of the marker goes down, the counter of the current status goes up.

use recourse_dispute::channels::arbiter::arbiter_status;
use recourse_dispute::dispute::Dispute;
use recourse_dispute::environment::Environment;
use recourse_dispute::ids::DomainCode;
use recourse_dispute::lifecycle::Category;
use serde::{Deserialize, Serialize};

use super::{Part, Seen};
use crate::error::StoreError;
use crate::items::{Item, item, value};
use crate::transact::{TransactionBuilder, WriteItem};
use crate::{Store, WriteToken, keys};

/// How many items the counts of a domain are spread over, so that simultaneous changes do not
/// conflict on one.
const SHARDS: u64 = 8;

/// What is counted of a dispute.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Counted {
    /// The version of the dispute that this is of.
    version: u64,
    /// The counter that it is in; `None` while the Arbiter API does not show it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    cell: Option<String>,
}

/// The counter of a category and a status: `n_chargeback_pre_arbitration`.
fn cell(category: Category, status: &str) -> String {
    format!("n_{}_{}", category.name(), status).to_lowercase().replace(' ', "_")
}

impl Store {
    /// The transaction that counts a dispute by its current status.
    pub(super) fn count_status(&self, seen: &Seen, token: &WriteToken) -> Result<Part, StoreError> {
        let Seen { dispute, counted: before, .. } = seen;
        match before {
            Some(before) if before.version > dispute.version => return Ok(Part::Again),
            Some(before) if before.version == dispute.version => return Ok(Part::Done),
            _ => {}
        }
        let status = arbiter_status(dispute.state, dispute.category);
        let now = status.map(|status| cell(dispute.category, status));
        let after = Counted { version: dispute.version, cell: now };
        let mut builder = TransactionBuilder::default();
        let marker = token.stamp(item(&keys::counted(dispute.number), "counted", &after)?);
        match before {
            Some(before) => {
                let seen = Item::from([(":version".to_owned(), value(before.version)?)]);
                builder.put(self, WriteItem::Record, marker, "version = :version", seen)?;
            }
            None => builder.create(self, WriteItem::Record, marker)?,
        }
        let was = before.as_ref().and_then(|before| before.cell.as_deref());
        if was != after.cell.as_deref() {
            self.shift(&mut builder, dispute, was, after.cell.as_deref())?;
        }
        Ok(Part::Write(builder))
    }

    /// Moves one from a counter to another, for every domain that is a party.
    fn shift(
        &self,
        builder: &mut TransactionBuilder,
        dispute: &Dispute,
        from: Option<&str>,
        to: Option<&str>,
    ) -> Result<(), StoreError> {
        let shard = dispute.number.get() % SHARDS;
        for domain in dispute.facts.parties.domain_codes() {
            let mut values =
                Item::from([(":counter".to_owned(), value("counter")?), (":schema".to_owned(), value(1)?)]);
            let mut add = Vec::new();
            if let Some(from) = from {
                add.push(format!("{from} :less"));
                values.insert(":less".to_owned(), value(-1)?);
            }
            if let Some(to) = to {
                add.push(format!("{to} :more"));
                values.insert(":more".to_owned(), value(1)?);
            }
            let update = format!("ADD {} SET #item = :counter, #schema = :schema", add.join(", "));
            let condition = "attribute_not_exists(PK) OR #item = :counter";
            builder.update(
                self,
                WriteItem::Record,
                &keys::counter(dispute.facts.environment, domain, shard),
                &update,
                condition,
                values,
            )?;
        }
        Ok(())
    }

    /// How many disputes of a domain in an environment the counters have, of a category and a
    /// status where these are named. The counts are a few seconds old at most.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn counted(
        &self,
        environment: Environment,
        domain: &DomainCode,
        category: Option<Category>,
        status: Option<&str>,
    ) -> Result<u64, StoreError> {
        let wanted: Vec<_> = (0..SHARDS).map(|shard| keys::counter(environment, domain, shard)).collect();
        let categories = Category::ALL.into_iter().filter(|known| category.is_none_or(|category| category == *known));
        let cells: Vec<String> = categories
            .flat_map(|category| category.statuses().into_iter().map(move |status| (category, status)))
            .filter(|(_, known)| status.is_none_or(|status| status == *known))
            .map(|(category, status)| cell(category, status))
            .collect();
        let shards = self.batch(&wanted).await?;
        let number = |shard: &Item, cell: &String| -> i64 {
            shard.get(cell).and_then(|count| count.as_n().ok()).and_then(|count| count.parse().ok()).unwrap_or(0)
        };
        let sum: i64 = shards.iter().flat_map(|shard| cells.iter().map(|cell| number(shard, cell))).sum();
        Ok(u64::try_from(sum).unwrap_or(0))
    }
}
