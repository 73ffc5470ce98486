//! The entries of the console's search: a dispute is found by everything that people know of it, in
//! its own environment, and by nothing that is no longer true.

use recourse_dispute::addresses::MailAddress;
use recourse_dispute::dispute::Dispute;
use recourse_dispute::environment::Environment;
use recourse_dispute::ids::{CaptureId, Reference, Refid};
use recourse_dispute::lifecycle::{Action, Actor};
use recourse_dispute::money::{Currency, Money};
use recourse_dispute::number::DisputeNumber;
use recourse_dispute::text::Private;
use recourse_dispute::time::Day;
use recourse_dispute::transaction::Status;
use recourse_store::{NoGuard, RecountOutcome, SearchKey};
use serde_json::json;

use crate::bench::Bench;
use crate::things::{NOW, number, opening, step_of, token, transaction};
use recourse_test_harness::run;

const ENVIRONMENTS: [Environment; 2] = [Environment::Production, Environment::Staging];

fn address(text: &str) -> MailAddress {
    MailAddress::parse(text).unwrap()
}

fn money(minor: u64) -> Money {
    Money::from_minor(minor, Currency::parse("NGN").unwrap())
}

/// Every key by which the dispute of [`known`] is found, in an environment.
fn keys(environment: Environment) -> Vec<SearchKey> {
    let id = |id: &str| SearchKey::Id(environment, id.to_owned());
    vec![
        SearchKey::Email(environment, address("user@customer.example")),
        SearchKey::Email(environment, address("USER@customer.example")),
        SearchKey::Email(environment, address("disputes@demo-wallet.example")),
        SearchKey::Email(environment, address("johnson@merchant.example")),
        SearchKey::Refid(environment, Refid::parse("ref 50001").unwrap()),
        SearchKey::Amount(environment, money(155_000)),
        SearchKey::Amount(environment, money(70_000)),
        SearchKey::Day(environment, Day::of(NOW)),
        id("capture-50001"),
        id("reference 50001"),
    ]
}

/// A dispute that has everything, as a merchant raised it.
async fn known(bench: &Bench) -> Dispute {
    let mut paid = transaction("50001", Status::Succesful);
    paid.facts.details.captures = vec![CaptureId::parse("capture-50001").unwrap()];
    paid.facts.details.reference = Some(Reference::parse("reference 50001").unwrap());
    paid.facts.details.transaction_type = Some("BillPayment".to_owned().try_into().unwrap());
    bench.upsert(&paid).await;
    let mut opening = opening(&paid);
    opening.dispute.amount = money(70_000);
    opening.dispute.details.customer.email = Some(Private::new(" Johnson@merchant.example"));
    bench.open(&opening).await;
    opening.dispute
}

async fn count(bench: &Bench, number: DisputeNumber) -> RecountOutcome {
    bench.store.recount(number, token).await.unwrap()
}

async fn found(bench: &Bench, key: &SearchKey) -> Vec<DisputeNumber> {
    bench.store.find(key, None, 25).await.unwrap().numbers
}

#[test]
fn a_dispute_is_found_by_all_that_people_know_of_it_in_its_environment_alone() {
    run(async {
        let bench = Bench::start().await;
        let dispute = known(&bench).await;
        for key in keys(Environment::Production) {
            assert!(found(&bench, &key).await.is_empty(), "{key:?}");
        }
        assert_eq!(count(&bench, dispute.number).await, RecountOutcome::Counted);
        for key in keys(Environment::Production) {
            assert_eq!(found(&bench, &key).await, [dispute.number], "{key:?}");
        }
        for key in keys(Environment::Staging) {
            assert!(found(&bench, &key).await.is_empty(), "{key:?}");
        }
        for environment in ENVIRONMENTS {
            for key in [
                SearchKey::Email(environment, address("nobody@customer.example")),
                SearchKey::Refid(environment, Refid::parse("ref 5000").unwrap()),
                SearchKey::Amount(environment, money(155_001)),
                SearchKey::Amount(environment, Money::from_minor(155_000, Currency::parse("MYR").unwrap())),
                SearchKey::Day(environment, Day::of(NOW.plus(-86_400_000))),
                SearchKey::Id(environment, "capture".to_owned()),
            ] {
                assert!(found(&bench, &key).await.is_empty(), "{key:?}");
            }
        }
        let entries = bench.keys().await.into_iter().filter(|key| key.starts_with("FIND#")).collect::<Vec<_>>();
        assert!(!entries.iter().any(|key| key.contains('@')), "{entries:?}");
        assert_eq!(count(&bench, dispute.number).await, RecountOutcome::Already);
    });
}

#[test]
fn what_is_no_longer_true_finds_nothing() {
    run(async {
        let bench = Bench::start().await;
        let dispute = known(&bench).await;
        count(&bench, dispute.number).await;
        let mut change = step_of(&dispute, Actor::Opener, Action::Update);
        change.dispute.details.customer.email = Some(Private::new("corrected@merchant.example"));
        change.dispute.amount = money(155_000);
        bench.store.change(&dispute, &change, &NoGuard, &token(), NOW).await.unwrap();
        assert_eq!(count(&bench, dispute.number).await, RecountOutcome::Counted);
        let environment = Environment::Production;
        for (key, expected) in [
            (SearchKey::Email(environment, address("johnson@merchant.example")), 0),
            (SearchKey::Email(environment, address("corrected@merchant.example")), 1),
            (SearchKey::Amount(environment, money(70_000)), 0),
            (SearchKey::Amount(environment, money(155_000)), 1),
            (SearchKey::Day(environment, Day::of(NOW)), 1),
        ] {
            assert_eq!(found(&bench, &key).await.len(), expected, "{key:?}");
        }
    });
}

#[test]
fn a_search_has_pages_the_newest_first() {
    run(async {
        let bench = Bench::start().await;
        let key = SearchKey::Email(Environment::Production, address("user@customer.example"));
        let mut numbers = Vec::new();
        for n in 0..5 {
            let paid = transaction(&format!("5000{n}"), Status::Succesful);
            bench.upsert(&paid).await;
            let mut opening = opening(&paid);
            opening.dispute.opened_at = NOW.plus(n * 1000);
            bench.open(&opening).await;
            count(&bench, opening.dispute.number).await;
            numbers.insert(0, opening.dispute.number);
        }
        let (mut read, mut after) = (Vec::new(), None);
        for expected in [2, 2, 1] {
            let page = bench.store.find(&key, after.as_deref(), 2).await.unwrap();
            assert_eq!(page.numbers.len(), expected);
            read.extend(page.numbers);
            after = page.next;
        }
        assert_eq!((&read, after), (&numbers, None));
        let page = bench.store.find(&key, None, 5).await.unwrap();
        assert_eq!((page.numbers.len(), page.next), (5, None), "no page is empty");
        let strange = bench.store.find(&key, Some("~"), 5).await.unwrap();
        assert_eq!(strange.numbers.len(), 5);
        // With their cases, in the order that was asked for; what is missing is left out.
        numbers.push(number());
        let (cases, unread) = bench.store.found_cases(&numbers).await.unwrap();
        let read: Vec<_> = cases.iter().map(|found| found.dispute.number).collect();
        assert_eq!((&read[..], unread.len()), (&numbers[..5], 0));
        let spoiled = json!({ "PK": { "S": format!("DSP#{}", numbers[0]) }, "SK": { "S": "DSP" } });
        bench.put(&spoiled).await;
        let (cases, unread) = bench.store.found_cases(&numbers).await.unwrap();
        assert_eq!((cases.len(), unread), (4, vec![numbers[0]]));
    });
}

/// More addresses than one transaction takes would be an error, and then none of them would be
/// found.
#[test]
fn a_dispute_with_as_many_names_as_there_can_be_is_found_by_each() {
    run(async {
        let bench = Bench::start().await;
        let mut paid = transaction("50001", Status::Succesful);
        paid.facts.details.captures = (0..20).map(|n| CaptureId::parse(&format!("capture-{n}")).unwrap()).collect();
        bench.upsert(&paid).await;
        let mut opening = opening(&paid);
        let many: Vec<String> = (0..49).map(|n| format!("user{n}@customer.example")).collect();
        let account = address("disputes@demo-wallet.example");
        opening.dispute.recipients = recourse_dispute::addresses::Recipients::parse(&many, &account).ok();
        opening.dispute.claim.email = Some(address("contact@customer.example"));
        opening.dispute.claim.reply_to = Some(address("reply@customer.example"));
        bench.open(&opening).await;
        count(&bench, opening.dispute.number).await;
        for text in many.iter().map(String::as_str).chain(["contact@customer.example", "reply@customer.example"]) {
            let key = SearchKey::Email(Environment::Production, address(text));
            assert_eq!(found(&bench, &key).await, [opening.dispute.number], "{text}");
        }
        for n in 0..20 {
            let key = SearchKey::Id(Environment::Production, format!("capture-{n}"));
            assert_eq!(found(&bench, &key).await, [opening.dispute.number]);
        }
    });
}

/// One query and one batch, of as many read units, whether five disputes or two thousand have what
/// is searched for.
#[test]
fn a_search_costs_the_same_among_few_and_among_many() {
    run(async {
        let mut costs = Vec::new();
        for size in [60_u64, 3_000] {
            let bench = Bench::alone().await;
            let dispute = known(&bench).await;
            count(&bench, dispute.number).await;
            let entry = bench.disputes().await.into_iter().find(|((pk, _), _)| pk.starts_with("FIND#day#")).unwrap();
            for n in 1..size {
                let mut copy = entry.1.clone();
                let (at, number) = (NOW.0 - i64::try_from(n).unwrap(), dispute.number.get());
                copy["SK"] = json!({ "S": format!("{at:015}#{number:015}") });
                bench.put(&copy).await;
            }
            bench.db.clear_calls();
            let key = SearchKey::Day(Environment::Production, Day::of(NOW));
            let page = bench.store.find(&key, None, 25).await.unwrap();
            assert_eq!((page.numbers.len(), page.next.is_some()), (25, true));
            bench.store.found_cases(&page.numbers).await.unwrap();
            let units = bench.read_units(&entry.0.0, 26).await;
            assert!(units > 0.0);
            costs.push((bench.operations(), units));
        }
        assert_eq!(costs[0], costs[1]);
        assert_eq!(costs[0].0[..2], ["Query", "BatchGetItem"]);
    });
}
