//! Searching among the disputes of a party or of some days: reading the party's list, or the lists
//! of all accounts for a range of days.
//!
//! Every dispute is in the list of the account that opened it, so the lists of all accounts contain
//! every dispute.

use std::collections::BTreeSet;

use recourse_dispute::addresses::MailAddress;
use recourse_dispute::dispute::Dispute;
use recourse_dispute::money::Money;
use recourse_dispute::text::Private;
use recourse_store::{DateRange, ListOwner, Store};

use super::{Search, SearchHits};
use crate::busy::Busy;
use crate::dispute::list::{cannot_be_read, domain, each_dispute, known};
use crate::ending::Failure;
use crate::output::note;

/// How many entries of a list are read at once: as many as one call reads disputes.
const PAGE: i32 = 100;

impl Search {
    /// The disputes that match all options.
    pub(super) async fn by_scan(
        &self,
        store: &Store,
        range: DateRange,
        amount: Option<Money>,
    ) -> Result<SearchHits, Failure> {
        let range = self.day.map_or(range, |(from, to)| DateRange { from: Some(from), to: Some(to) });
        let parties = self.parties(store, range).await?;
        let _busy = Busy::with("reading disputes");
        let (mut found, mut seen) = (SearchHits::default(), BTreeSet::new());
        for party in parties {
            let (mut after, mut of_party) = (None, 0);
            loop {
                let page = store.dispute_summaries(&party, range, after.as_deref(), PAGE).await?;
                for (number, error) in &page.unread {
                    found.unread += 1;
                    note(&cannot_be_read(*number, error));
                }
                let numbers: Vec<_> =
                    page.summaries.iter().map(|summary| summary.number).filter(|number| seen.insert(*number)).collect();
                let disputes = &mut found.disputes;
                found.unread += each_dispute(store, &numbers, |dispute| {
                    if self.matches(&dispute, amount) {
                        of_party += 1;
                        disputes.push(dispute);
                    }
                    Ok(())
                })
                .await?;
                after = page.next;
                // The newest of each list are enough for the newest of all.
                if after.is_none() || of_party >= self.limit {
                    break;
                }
            }
        }
        Ok(found)
    }

    /// Whose lists are read.
    async fn parties(&self, store: &Store, range: DateRange) -> Result<Vec<ListOwner>, Failure> {
        match (&self.account, &self.domain) {
            (Some(id), _) => one(store, ListOwner::Account(id.clone())).await,
            (None, Some(code)) => one(store, domain(store, code).await?).await,
            (None, None) if range.from.is_some() => {
                Ok(store.account_ids().await?.into_iter().map(ListOwner::Account).collect())
            }
            (None, None) => Err(Failure::refused(
                "a search for an address or an amount reads every dispute that it covers. Narrow it with --account, --domain, --day or --from.",
            )),
        }
    }

    pub(super) fn matches(&self, dispute: &Dispute, amount: Option<Money>) -> bool {
        self.takes_environment(dispute)
            && (amount.is_none() || !self.matched(dispute, amount).is_empty())
            && self.email.as_ref().is_none_or(|address| has_address(dispute, address))
    }
}

async fn one(store: &Store, party: ListOwner) -> Result<Vec<ListOwner>, Failure> {
    known(store, &party).await?;
    Ok(vec![party])
}

/// Whether a dispute has an address: among the recipients of its mail, the contacts that its opener
/// named, or in its details.
fn has_address(dispute: &Dispute, address: &MailAddress) -> bool {
    let claim = &dispute.claim;
    let known = dispute.recipients.iter().flat_map(|recipients| recipients.all());
    let known = known.chain(&claim.email).chain(&claim.reply_to);
    let details = &dispute.details;
    let detailed = [&details.customer.email, &details.merchant.email];
    known.into_iter().any(|known| known.is_same_mailbox(address))
        || detailed.into_iter().flatten().map(Private::expose).any(|text| text.eq_ignore_ascii_case(address.as_str()))
}

#[cfg(test)]
mod tests {
    use recourse_dispute::channels::tutelar::details::DisputeDetails;

    use super::*;
    use crate::dispute::example;

    #[test]
    fn an_address_is_found_among_recipients_contacts_and_details() {
        let address = |text| MailAddress::parse(text).unwrap();
        let mut dispute = example();
        for known in ["user@example.com", "USER@example.com", "disputes@demo-wallet.example"] {
            assert!(has_address(&dispute, &address(known)), "{known}");
        }
        assert!(!has_address(&dispute, &address("contact@example.com")));
        dispute.claim.reply_to = Some(address("contact@example.com"));
        dispute.details = DisputeDetails::default();
        dispute.details.customer.email = Some(Private::new("Johnson@example.com"));
        for known in ["contact@example.com", "johnson@example.com"] {
            assert!(has_address(&dispute, &address(known)), "{known}");
        }
    }
}
