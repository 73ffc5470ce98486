//! Searching by a name, which is looked up by primary keys as every kind of name that it can be.

use recourse_dispute::environment::Environment;
use recourse_dispute::ids::{Reference, Trxid};
use recourse_dispute::transaction::Facts;
use recourse_operations::disputes_called;
use recourse_store::Store;

use super::{Search, SearchHits};
use crate::account;
use crate::busy::Busy;
use crate::dispute::list::each_dispute;
use crate::ending::Failure;
use crate::output::{note, visible};

const ENVIRONMENTS: [Environment; 2] = [Environment::Production, Environment::Staging];

impl Search {
    /// The disputes that have this name, and those of the transactions that have it.
    pub(super) async fn by_name(&self, store: &Store, name: &str) -> Result<SearchHits, Failure> {
        let _busy = Busy::with("looking the name up at every account");
        let mut found = SearchHits::default();
        if self.of_type.is_none() {
            for dispute in disputes_called(store, name).await? {
                found.add(dispute);
            }
        }
        for facts in self.transactions(store, name, &mut found).await? {
            self.add_disputes_of(store, &facts, &mut found).await?;
        }
        if found.disputes.is_empty() && name.contains('@') {
            note("--email searches for a mail address");
        }
        Ok(found)
    }

    /// The transactions with this trxid, refid or capture, or with this type and reference.
    async fn transactions(&self, store: &Store, name: &str, found: &mut SearchHits) -> Result<Vec<Facts>, Failure> {
        let mut transactions: Vec<Facts> = Vec::new();
        if let Some(of_type) = &self.of_type {
            let rule = |rule| Failure::refused(format!("the reference {rule}."));
            let reference = Reference::parse(name).map_err(rule)?;
            for environment in ENVIRONMENTS {
                transactions.extend(store.by_reference(environment, of_type, &reference).await?);
            }
            return Ok(transactions);
        }
        if let Ok(trxid) = Trxid::parse(name) {
            for environment in ENVIRONMENTS {
                transactions.extend(store.transaction(environment, &trxid).await?.map(|known| known.facts));
            }
        }
        if let Some(id) = &self.account {
            let account = store.account(id).await?.ok_or_else(|| account::unknown(id))?;
            transactions.retain(|facts| facts.account == account.id);
            transactions.extend(store.transactions_called(&[&account], name).await?);
        } else {
            let known = store.accounts().await?;
            for (id, error) in &known.unread {
                found.unread += 1;
                note(&format!("the account {id} cannot be read: {error}"));
            }
            let accounts: Vec<_> = known.accounts.iter().map(|(account, _)| account).collect();
            transactions.extend(store.transactions_called(&accounts, name).await?);
        }
        Ok(transactions)
    }

    async fn add_disputes_of(&self, store: &Store, facts: &Facts, found: &mut SearchHits) -> Result<(), Failure> {
        let record = store.transaction_record(facts.environment, &facts.trxid).await?;
        let numbers = record.map(|record| record.disputes).unwrap_or_default();
        if numbers.is_empty() {
            let (environment, refid) = (facts.environment.name(), visible(facts.refid.as_str()));
            let name = format!("{} (refid {refid} of {}, {environment})", facts.trxid, facts.account);
            note(&format!("the transaction {name} has no dispute"));
        }
        for numbers in numbers.chunks(100) {
            found.unread += each_dispute(store, numbers, |dispute| {
                found.disputes.push(dispute);
                Ok(())
            })
            .await?;
        }
        found.disputes.sort_by_key(|dispute| dispute.number);
        found.disputes.dedup_by_key(|dispute| dispute.number);
        Ok(())
    }
}
