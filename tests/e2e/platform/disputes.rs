//! Reading disputes back: of a transaction, of an account, of an environment, and one by its id.

use std::collections::BTreeSet;

use base64::Engine;
use recourse_dispute::number::DisputeNumber;
use serde_json::{Value, json};

use super::known;
use crate::harness::{
    CLIENT, Call, Connect, HttpResponse, PLATFORM, PLATFORM_STAGING, STAGING, Stack, Transaction, options, run, shared,
    until,
};

async fn list(stack: &Stack, query: &str) -> Value {
    let answer = stack.send(&Call::disputes(&PLATFORM, query)).await;
    assert_eq!(answer.status, 200, "{query}: {answer:?}");
    answer.json()
}

fn case_ids(page: &Value) -> Vec<String> {
    let disputes = page["disputes"].as_array().unwrap().iter();
    disputes.map(|dispute| dispute["case_id"].as_str().unwrap().to_owned()).collect()
}

/// All pages of a list, and how many they were.
async fn all(stack: &Stack, query: &str) -> (Vec<String>, usize) {
    let (mut found, mut pages, mut cursor) = (Vec::new(), 0, String::new());
    loop {
        let page = list(stack, &format!("{query}{cursor}")).await;
        pages += 1;
        found.extend(case_ids(&page));
        match page["next"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return (found, pages),
        }
    }
}

/// A new transaction that was reported, and the case id that the answer had.
async fn reported(stack: &Stack) -> (Transaction, String) {
    let transaction = stack.transaction("acct_demo", "Succesful").await;
    let answer = stack.report(&CLIENT, &json!({ "refid": transaction.refid })).await;
    (transaction, answer.headers["recourse-case-id"].to_str().unwrap().to_owned())
}

#[test]
fn a_transaction_and_a_case_id_lead_to_a_dispute() {
    run(async {
        let stack = Stack::start(options()).await;
        let (transaction, case_id) = reported(&stack).await;
        let trxid = transaction.trxid.as_str();
        let one = async |id: &str| stack.send(&Call::dispute(&PLATFORM, id)).await;
        let dispute = one(&case_id).await.json();
        assert_eq!(known(&stack, trxid).await["disputes"], json!([dispute]));
        let is =
            ["case_id", "trxid", "account", "channel", "status", "stage"].map(|name| dispute[name].as_str().unwrap());
        assert_eq!(is, [case_id.as_str(), trxid, "acct_demo", "iimmpact", "Inquiry", "first"]);
        assert_eq!((&dispute["is_open"], dispute.get("closing")), (&json!(true), None));
        // The end of the transaction ends it, and it stays with its transaction.
        stack.upsert(&transaction.later("Refund", 1)).await;
        let ended = one(&case_id).await.json();
        assert_eq!((&ended["is_open"], &ended["closing"]), (&json!(false), &json!("refunded")), "{ended}");
        assert_eq!(known(&stack, trxid).await["disputes"], json!([ended]));

        // A draft is its opener's and the account's alone, by whatever it is asked for.
        let draft = stack.draft().await;
        let number: DisputeNumber = draft.parse().unwrap();
        let record = stack.store().dispute(number).await.unwrap().unwrap();
        assert!(known(&stack, record.facts.trxid.as_str()).await.get("disputes").is_none());
        let nobodys = one("RC-zzzzzzz0").await;
        assert_eq!((nobodys.status, nobodys.text.as_str()), (404, r#"{"message":"No dispute has this id."}"#));
        let alike = |answer: HttpResponse| assert_eq!(answer.without_ids(), nobodys.without_ids());
        let other_views = [number.case_id(), draft, number.tutelar_id()];
        let nonsense = ["RC-", "RC-00000000", "%00"];
        for id in other_views.iter().map(String::as_str).chain(nonsense) {
            alike(one(id).await);
        }
        // So is what the other environment has, and who is no platform is refused.
        alike(stack.send(&Call::dispute(&PLATFORM_STAGING, &case_id)).await);
        assert_eq!(stack.send(&Call::dispute(&CLIENT, &case_id)).await.status, 403);
        assert_eq!(stack.send(&Call::disputes(&STAGING, "")).await.status, 403);

        // Once the draft is submitted it is shown, with its end. A report does not end by itself.
        assert_eq!(stack.connect(Connect::submit(&number.to_string())).await.status, 200);
        let submitted = one(&number.case_id()).await.json();
        assert!(submitted["status_ends_at"].is_string(), "{submitted}");
        assert!(dispute.get("status_ends_at").is_none(), "{dispute}");
    });
}

#[test]
fn a_list_has_every_dispute_once_whatever_the_page() {
    run(async {
        let stack = Stack::start(options()).await;
        let mut expected = BTreeSet::new();
        for _ in 0..5 {
            expected.insert(reported(&stack).await.1);
        }
        let draft: DisputeNumber = stack.draft().await.parse().unwrap();
        let submitted = stack.draft().await;
        assert_eq!(stack.connect(Connect::submit(&submitted)).await.status, 200);
        let submitted = submitted.parse::<DisputeNumber>().unwrap().case_id();
        expected.insert(submitted.clone());
        stack.report(&STAGING, &json!({ "refid": "staging-1" })).await;

        // An account's list is never late.
        for limit in [1, 2, 5, 100] {
            let (found, pages) = all(&stack, &format!("account=acct_demo&limit={limit}")).await;
            let different: BTreeSet<_> = found.iter().cloned().collect();
            assert_eq!((found.len(), &different), (expected.len(), &expected), "{limit}: {found:?}");
            assert!(pages >= expected.len() / limit, "{limit}: {pages}");
        }
        // That of the environment comes from the stream.
        until("the entries of the day", async || {
            (all(&stack, "limit=100").await.0.len() == expected.len()).then_some(())
        })
        .await;
        for limit in [1, 2, 100] {
            let (found, _) = all(&stack, &format!("limit={limit}")).await;
            let different: BTreeSet<_> = found.iter().cloned().collect();
            assert_eq!((found.len(), &different), (expected.len(), &expected), "{limit}: {found:?}");
        }
        for (query, count) in [
            ("channel=connect", 1),
            ("channel=iimmpact", 5),
            ("channel=tutelar", 0),
            ("open=true", 6),
            ("open=false", 0),
            ("account=acct_demo&channel=connect", 1),
            ("account=acct_stranger", 0),
            ("account=acct_staging", 0),
            ("account=no-such-account", 0),
            ("to=2026-01-01", 0),
            ("account=acct_demo&to=2026-01-01", 0),
        ] {
            assert_eq!(all(&stack, query).await.0.len(), count, "{query}");
        }
        assert_eq!(all(&stack, "channel=connect").await.0, [submitted]);
        assert!(!expected.contains(&draft.case_id()));
        let staging = stack.send(&Call::disputes(&PLATFORM_STAGING, "account=acct_staging")).await.json();
        assert_eq!(case_ids(&staging).len(), 1, "{staging}");
        let foreign = stack.send(&Call::disputes(&PLATFORM_STAGING, "account=acct_demo")).await.json();
        assert_eq!(foreign, json!({ "disputes": [], "next": null }));
    });
}

/// The place in a cursor may be that of a draft, which the platform does not see.
#[test]
fn a_cursor_says_nothing_and_cannot_be_made() {
    run(async {
        let stack = Stack::start(options()).await;
        reported(&stack).await;
        let draft: DisputeNumber = stack.draft().await.parse().unwrap();
        // The draft is the newest, so the first page of one has nothing, and its cursor the draft.
        let page = list(&stack, "account=acct_demo&limit=1").await;
        assert_eq!(page["disputes"], json!([]));
        let next = page["next"].as_str().unwrap().to_owned();
        assert!(next.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte)), "{next}");
        let sealed = base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(&next).unwrap();
        let number = draft.to_string();
        assert!(!sealed.windows(number.len()).any(|part| part == number.as_bytes()), "{next}");
        let first = if next.starts_with('A') { "B" } else { "A" };
        let opened_at = stack.store().dispute(draft).await.unwrap().unwrap().opened_at.0;
        for made in [format!("{first}{}", next.get(1..).unwrap()), format!("{opened_at:015}~{number}"), "A".repeat(60)]
        {
            let refused = stack.send(&Call::disputes(&PLATFORM, &format!("account=acct_demo&cursor={made}"))).await;
            assert_eq!(super::errors(&refused, 400), ["cursor"], "{made}");
        }
        let rest = list(&stack, &format!("account=acct_demo&limit=1&cursor={next}")).await;
        assert_eq!(case_ids(&rest).len(), 1, "{rest}");
        // A place outside of the range is no failure: the days of the usual range move.
        for days in ["from=2025-12-01&to=2026-01-01", "from=9999-01-01&to=9999-12-31"] {
            let page = list(&stack, &format!("account=acct_demo&{days}&cursor={next}")).await;
            assert_eq!(page, json!({ "disputes": [], "next": null }), "{days}");
        }
    });
}

#[test]
fn a_query_is_refused_with_all_that_is_wrong() {
    run(async {
        let stack = shared().await;
        let refused = stack.send(&Call::disputes(&PLATFORM, "colour=blue&limit=0&from=2026-02-30&cursor=x")).await;
        assert_eq!(super::errors(&refused, 400), ["colour", "cursor", "from", "limit"]);
        assert_eq!(refused.json()["message"], "The query is not valid.");
    });
}
