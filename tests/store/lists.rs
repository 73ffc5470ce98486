//! The lists of a party's disputes, a page at a time.

use recourse_dispute::transaction::Status;
use recourse_store::{DateRange, ListOwner, OpenOutcome, UpsertOutcome};

use crate::bench::Bench;
use crate::things::{NOW, account, opening, transaction};
use recourse_test_harness::run;

/// A range that ends today is another one tomorrow, so a place of today's may be outside of it.
#[test]
fn a_list_goes_on_within_its_range_wherever_the_last_page_ended() {
    run(async {
        let bench = Bench::start().await;
        for (trxid, at) in [("50001", 5_000), ("50002", 6_000), ("50003", 7_000)] {
            let transaction = transaction(trxid, Status::Succesful);
            assert_eq!(bench.upsert(&transaction).await, UpsertOutcome::Created);
            let mut opening = opening(&transaction);
            opening.dispute.opened_at = NOW.plus(at);
            assert!(matches!(bench.open(&opening).await, OpenOutcome::Opened(_)));
        }
        let owner = ListOwner::Account(account("acct_demo"));
        let page = async |range: (i64, i64), after: Option<&str>, most| {
            let range = DateRange { from: Some(NOW.plus(range.0)), to: Some(NOW.plus(range.1)) };
            let page = bench.store.dispute_summaries(&owner, range, after, most).await.unwrap();
            let (summaries, next) = page.all().unwrap();
            let times: Vec<_> = summaries.iter().map(|summary| summary.opened_at.0 - NOW.0).collect();
            (times, next)
        };
        let (first, next) = page((0, 9_000), None, 2).await;
        assert_eq!(first, [7_000, 6_000]);
        let (rest, end) = page((0, 9_000), next.as_deref(), 2).await;
        assert_eq!((rest, end), (vec![5_000], None));
        let late = next.unwrap();
        assert_eq!(page((6_500, 9_000), Some(&late), 9).await, (Vec::new(), None), "it is before the range");
        assert_eq!(page((0, 5_500), Some(&late), 9).await.0, [5_000], "it is after the range");
        assert_eq!(page((6_000, 6_000), Some(&late), 9).await, (Vec::new(), None), "it is the only one of the range");
        let whole = bench.store.dispute_summaries(&owner, DateRange::default(), Some(&late), 9).await.unwrap();
        assert_eq!(whole.summaries.len(), 1, "a list without ends has every place");
    });
}
