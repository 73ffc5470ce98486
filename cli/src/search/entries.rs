//! Searching for an address or an amount wherever it is, by the entries of the console's search.

use recourse_dispute::environment::Environment;
use recourse_dispute::money::Money;
use recourse_store::{DateRange, SearchKey, Store};

use super::{Search, SearchHits};
use crate::busy::Busy;
use crate::dispute::list::each_dispute;
use crate::ending::Failure;
use crate::output::note;

const ENVIRONMENTS: [Environment; 2] = [Environment::Production, Environment::Staging];
/// How many entries are read at once: as many as one call reads disputes.
const PAGE: u8 = 100;

impl Search {
    /// The disputes that match all options.
    pub(super) async fn by_entries(
        &self,
        store: &Store,
        range: DateRange,
        amount: Option<Money>,
    ) -> Result<SearchHits, Failure> {
        let _busy = Busy::with("looking it up");
        let mut found = SearchHits::default();
        for environment in ENVIRONMENTS {
            let email = self.email.clone().map(|address| SearchKey::Email(environment, address));
            let amount_key = amount.map(|amount| SearchKey::Amount(environment, amount));
            let is_wanted = self.environment.is_none_or(|wanted| environment == wanted.into());
            let Some(key) = email.or(amount_key).filter(|_| is_wanted) else { continue };
            let (mut after, mut of_environment) = (None, 0);
            loop {
                let page = store.find(&key, after.as_deref(), PAGE).await?;
                let disputes = &mut found.disputes;
                found.unread += each_dispute(store, &page.numbers, |dispute| {
                    if self.matches(&dispute, amount) && range.to.is_none_or(|to| dispute.opened_at <= to) {
                        of_environment += 1;
                        disputes.push(dispute);
                    }
                    Ok(())
                })
                .await?;
                after = page.next;
                // The newest of each environment are enough for the newest of all.
                if after.is_none() || of_environment >= self.limit {
                    break;
                }
            }
        }
        if found.disputes.is_empty() {
            note("--from reads every dispute since a day, also one that was not entered for searches yet");
        }
        Ok(found)
    }
}
