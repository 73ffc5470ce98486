//! How many disputes a domain has, by category and status: sharded counters, maintained from the
//! stream of the table.
//!
//! **Invariant:** a dispute is counted once, by its current status, however often and in whatever
//! order its changes come. A marker next to the dispute stores what was last counted. The marker
//! and the counters change in one transaction: the counter of the marker goes down, the counter of
//! the current status goes up.

use recourse_dispute::channels::arbiter::arbiter_status;
use recourse_dispute::dispute::Dispute;
use recourse_dispute::environment::Environment;
use recourse_dispute::ids::DomainCode;
use recourse_dispute::lifecycle::Category;
use recourse_dispute::number::DisputeNumber;
use serde::{Deserialize, Serialize};

use crate::error::StoreError;
use crate::items::{Item, body, item, value};
use crate::transact::{TransactionBuilder, WriteItem};
use crate::{Store, WriteToken, keys};

/// How many items the counts of a domain are spread over, so that simultaneous changes do not
/// conflict on one.
const SHARDS: u64 = 8;

/// What is counted of a dispute.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Counted {
    /// The version of the dispute that this is of.
    version: u64,
    /// The counter that it is in; `None` while the Arbiter API does not show it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    cell: Option<String>,
}

/// What became of a count.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RecountOutcome {
    /// It is counted by its current status, and was not before.
    Counted,
    /// It was counted already, or does not exist.
    Already,
    /// This release cannot read the stored dispute, for this reason. Trying again does not help.
    /// Other disputes are not affected.
    Unreadable(String),
}

/// The counter of a category and a status: `n_chargeback_pre_arbitration`.
fn cell(category: Category, status: &str) -> String {
    format!("n_{}_{}", category.name(), status).to_lowercase().replace(' ', "_")
}

impl Store {
    /// Counts a dispute by its current status, unless it is counted already.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn recount(
        &self,
        number: DisputeNumber,
        token: impl FnMut() -> WriteToken,
    ) -> Result<RecountOutcome, StoreError> {
        self.rounds("recount", number.case_id(), token, |token| self.recount_once(number, token)).await
    }

    /// `None` where somebody else counted the dispute meanwhile.
    async fn recount_once(
        &self,
        number: DisputeNumber,
        token: WriteToken,
    ) -> Result<Option<RecountOutcome>, StoreError> {
        let (dispute, before) = (self.item(&keys::dispute(number)).await?, self.item(&keys::counted(number)).await?);
        let read = dispute
            .map(body::<Dispute>)
            .transpose()
            .and_then(|dispute| Ok((dispute, before.map(body::<Counted>).transpose()?)));
        let (dispute, before) = match read {
            Ok((Some(dispute), before)) => (dispute, before),
            Ok((None, _)) => return Ok(Some(RecountOutcome::Already)),
            Err(error) => return Ok(Some(RecountOutcome::Unreadable(error.to_string()))),
        };
        if before.as_ref().is_some_and(|before| before.version >= dispute.version) {
            return Ok(Some(RecountOutcome::Already));
        }
        let status = arbiter_status(dispute.state, dispute.category);
        let now = status.map(|status| cell(dispute.category, status));
        let after = Counted { version: dispute.version, cell: now };
        let mut builder = TransactionBuilder::default();
        let marker = token.stamp(item(&keys::counted(number), "counted", &after)?);
        match &before {
            Some(before) => {
                let seen = Item::from([(":version".to_owned(), value(before.version)?)]);
                builder.put(self, WriteItem::Record, marker, "version = :version", seen)?;
            }
            None => builder.create(self, WriteItem::Record, marker)?,
        }
        let was = before.and_then(|before| before.cell);
        if was != after.cell {
            self.shift(&mut builder, &dispute, was.as_deref(), after.cell.as_deref())?;
        }
        self.commit(&token, builder, RecountOutcome::Counted, |_| None).await
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
