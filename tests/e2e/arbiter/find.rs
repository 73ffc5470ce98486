//! Finding disputes: every filter, pages, counts, and how much is read for a page.

use recourse_dispute::environment::Environment;
use serde_json::{Value, json};

use super::bank::{FBN, GTB, User, code_of, log_of, paid};
use crate::harness::{Stack, options, run, until};
use crate::raw;

async fn found(stack: &Stack, user: &User, query: &str) -> (u64, Vec<String>) {
    let answer = user.get(stack, &format!("/disputes{query}")).await;
    assert_eq!(answer.status, 200, "{query} {answer:?}");
    let json: Value = answer.json();
    let codes = json["content"].as_array().unwrap().iter().map(|one| one["logCode"].as_str().unwrap().to_owned());
    (json["count"].as_u64().unwrap(), codes.collect())
}

async fn counted(stack: &Stack, user: &User, query: &str, count: u64) {
    until(&format!("{count} in the counters for {query}"), async || {
        (found(stack, user, query).await.0 == count).then_some(())
    })
    .await;
}

#[test]
fn every_filter_finds_what_it_says() {
    run(async {
        let stack = Stack::start(options()).await;
        let (fbn, gtb) = (FBN.sign_in(&stack).await, GTB.sign_in(&stack).await);
        let mut codes = Vec::new();
        for category in ["Chargeback", "Chargeback", "Refund"] {
            codes.push(code_of(&fbn.log(&stack, &log_of(&paid(&stack).await, category)).await));
        }
        gtb.put(&stack, &codes[1], "REPRESENTMENT").await;
        let [first, second, third] = [&codes[0], &codes[1], &codes[2]].map(String::clone);
        let newest = vec![third.clone(), second.clone(), first.clone()];
        let date = |at: &Value| at.as_str().unwrap().replace('T', "%20").get(..21).unwrap().to_owned();
        let logged = fbn.get(&stack, &format!("/disputes/{first}")).await.json();
        let (created, ends) = (date(&logged["createdOn"]), date(&logged["statusScheduledEndDate"]));
        for (query, expected) in [
            ("?issuerCode=FBN".to_owned(), newest.clone()),
            ("?acquirerCode=GTB".to_owned(), newest.clone()),
            ("?issuerCode=GTB".to_owned(), vec![]),
            ("?merchantCode=AIRTEL".to_owned(), vec![]),
            ("?region=Nowhere".to_owned(), vec![]),
            ("?issuerCode=FBN&category=refund".to_owned(), vec![third.clone()]),
            ("?issuerCode=FBN&status=Representment".to_owned(), vec![second.clone()]),
            ("?createdStartDate=2020-01-01%2000:00:00".to_owned(), newest.clone()),
            ("?createdEndDate=2020-01-01%2000:00:00".to_owned(), vec![]),
            ("?createdEndDate=1969-12-31%2023:59:59".to_owned(), vec![]),
            ("?createdStartDate=0001-01-01%2000:00:00".to_owned(), newest.clone()),
            ("?createdStartDate=0001-01-01%2000:00:00&createdEndDate=9999-12-31%2023:59:59".to_owned(), newest.clone()),
            ("?createdStartDate=2030-01-01%2000:00:00&createdEndDate=2020-01-01%2000:00:00".to_owned(), vec![]),
            (format!("?createdEndDate={created}&logCode={first}"), vec![first.clone()]),
            (format!("?expiryEndDate={ends}&logCode={first}"), vec![first.clone()]),
            ("?expiryEndDate=2020-01-01%2000:00:00".to_owned(), vec![]),
            (
                "?transactionStartDate=2026-01-16%2002:00:00&transactionEndDate=2026-01-16%2002:00:00".to_owned(),
                newest.clone(),
            ),
            ("?transactionStartDate=2026-01-16%2002:00:01".to_owned(), vec![]),
            (format!("?logCode={second}"), vec![second.clone()]),
            (format!("?logCode={second}&category=Refund"), vec![]),
            ("?issuerCode=FBN&pageSize=2".to_owned(), newest[..2].to_vec()),
            ("?issuerCode=FBN&pageSize=2&pageNum=2".to_owned(), vec![first.clone()]),
            ("?issuerCode=FBN&pageSize=2&pageNum=3".to_owned(), vec![]),
        ] {
            let (count, codes) = found(&stack, &fbn, &query).await;
            assert_eq!(codes, expected, "{query}");
            let all = if query.contains("pageSize") { 3 } else { expected.len() };
            assert_eq!(count, u64::try_from(all).unwrap(), "{query}");
        }
        for (query, count, expected) in [
            ("", 3, newest.clone()),
            ("?status=Chargeback", 1, vec![first.clone()]),
            ("?status=REPRESENTMENT", 1, vec![second.clone()]),
            ("?category=Chargeback", 2, vec![second.clone(), first.clone()]),
            ("?category=Chargeback&status=Representment", 1, vec![second.clone()]),
            ("?category=Fraud", 0, vec![]),
            ("?pageSize=1&pageNum=2", 3, vec![second.clone()]),
        ] {
            counted(&stack, &gtb, query, count).await;
            assert_eq!(found(&stack, &gtb, query).await.1, expected, "{query}");
        }
        for signed in ["-2019-01-01%2000:00:00", "%2B2019-01-01%2000:00:00"] {
            assert_eq!(fbn.get(&stack, &format!("/disputes?createdEndDate={signed}")).await.status, 400, "{signed}");
        }
        let wrong = fbn.get(&stack, "/disputes?pageSize=101&status=open").await;
        assert_eq!((wrong.status, wrong.json()["errors"].as_array().unwrap().len()), (400, 2));
    });
}

#[test]
fn a_change_is_counted_once_and_what_is_not_shown_is_not() {
    run(async {
        let stack = Stack::start(options()).await;
        let (fbn, gtb) = (FBN.sign_in(&stack).await, GTB.sign_in(&stack).await);
        let code = code_of(&fbn.log(&stack, &log_of(&paid(&stack).await, "Chargeback")).await);
        counted(&stack, &fbn, "?status=Chargeback", 1).await;
        gtb.put(&stack, &code, "ACCEPT").await;
        counted(&stack, &fbn, "?status=Accepted", 1).await;
        assert_eq!(found(&stack, &fbn, "").await.0, 1);
        let fbns = recourse_store::ListOwner::Domain(Environment::Production, "FBN".to_owned().try_into().unwrap());
        let number = stack.store().dispute_summaries(&fbns, recourse_store::DateRange::default(), None, 10);
        let number = number.await.unwrap().summaries[0].number;
        // However often a record of the stream comes by.
        for n in 0..3_u128 {
            let counted = stack.store().recount(number, || recourse_store::WriteToken::new(n.to_be_bytes())).await;
            assert_eq!(counted.unwrap(), recourse_store::RecountOutcome::Already);
        }
        assert_eq!(found(&stack, &fbn, "?status=Accepted").await.0, 1);
    });
}

/// Puts this many entries into FBN's list. Each is a copy of its newest one, a millisecond newer
/// than the one before.
async fn many_disputes(stack: &Stack, size: u64) {
    let (endpoint, table) = (stack.cloud().dynamodb.endpoint(), stack.cloud().environment());
    let table = table.into_iter().find(|(name, _)| *name == "DISPUTES_TABLE").unwrap().1;
    let items = stack.items("DISPUTES_TABLE").await;
    let newest = items.iter().rfind(|((pk, _), _)| pk == "PTY#domain#production#FBN").unwrap().1;
    let at: u64 = newest["opened_at"]["N"].as_str().unwrap().parse().unwrap();
    for from in (1..=size).step_by(25) {
        let puts = (from..(from + 25).min(size + 1)).map(|n| {
            let (mut line, number) = (newest.clone(), 1_000_000 + n);
            line["SK"] = json!({ "S": format!("{:015}#{number:015}", at + n) });
            line["opened_at"] = json!({ "N": (at + n).to_string() });
            line["number"] = json!({ "N": number.to_string() });
            json!({ "PutRequest": { "Item": line } })
        });
        let puts: Vec<_> = puts.collect();
        raw::call(&endpoint, "BatchWriteItem", &json!({ "RequestItems": { table.as_str(): puts } })).await;
    }
}

/// What is rare is not looked for a line at a time.
#[test]
fn a_rare_status_is_found_in_a_few_reads_whatever_the_page() {
    run(async {
        let stack = Stack::start(options()).await;
        let (fbn, gtb) = (FBN.sign_in(&stack).await, GTB.sign_in(&stack).await);
        let rare = code_of(&fbn.log(&stack, &log_of(&paid(&stack).await, "Refund")).await);
        gtb.put(&stack, &rare, "DECLINE").await;
        code_of(&fbn.log(&stack, &log_of(&paid(&stack).await, "Chargeback")).await);
        many_disputes(&stack, 1_200).await;
        for query in ["?status=Declined&pageSize=1", "?status=Declined", "?category=Refund&pageSize=1"] {
            counted(&stack, &fbn, query, 1).await;
            stack.cloud().dynamodb.clear_calls();
            assert_eq!(found(&stack, &fbn, query).await.1, std::slice::from_ref(&rare), "{query}");
            let calls = stack.dynamodb_calls("ArbiterQuery");
            let queries = calls.iter().filter(|call| *call == "Query").count();
            assert!((1..=4).contains(&queries) && calls.len() == queries + 2, "{query}: {calls:?}");
        }
    });
}

/// What is filtered is counted exactly as far as is read, and past that it says so.
#[test]
fn a_query_reads_ten_thousand_disputes_and_refuses_one_more() {
    run(async {
        let stack = Stack::start(options()).await;
        let fbn = FBN.sign_in(&stack).await;
        code_of(&fbn.log(&stack, &log_of(&paid(&stack).await, "Chargeback")).await);
        many_disputes(&stack, 9_999).await;
        assert_eq!(found(&stack, &fbn, "?issuerCode=FBN&pageSize=1").await.0, 10_000);
        many_disputes(&stack, 1).await;
        let refused = fbn.get(&stack, "/disputes?issuerCode=FBN&pageSize=1").await;
        let error = &refused.json()["errors"][0];
        assert_eq!((refused.status, &error["field"]), (400, &json!("createdStartDate")));
        assert_eq!(error["message"], "A query reads at most 10000 disputes; narrow the dates.");
    });
}

/// The cost of a first page is bounded by the page, not by the list.
#[test]
fn a_first_page_reads_no_more_than_a_page() {
    run(async {
        let stack = Stack::start(options()).await;
        let fbn = FBN.sign_in(&stack).await;
        for _ in 0..6 {
            code_of(&fbn.log(&stack, &log_of(&paid(&stack).await, "Refund")).await);
        }
        for query in ["?pageSize=2", "?pageSize=2&status=Refund"] {
            found(&stack, &fbn, query).await;
            stack.cloud().dynamodb.clear_calls();
            assert_eq!(found(&stack, &fbn, query).await.1.len(), 2);
            assert_eq!(stack.dynamodb_calls("ArbiterQuery"), ["BatchGetItem", "Query", "BatchGetItem"], "{query}");
        }
        assert_eq!(json!(found(&stack, &fbn, "?pageSize=2&pageNum=3").await.1.len()), json!(2));
    });
}
