//! `recourse search`, and the texts of others on a terminal.

use recourse_dispute::ids::{CaptureId, Reference, TransactionType};
use serde_json::Value;

use super::*;

/// The case ids that a search finds, in order.
async fn found(tables: &Tables, words: &[&str]) -> Vec<String> {
    let (code, out, err) = tables.recourse(&[&["search"], words, &["--json"]].concat()).await;
    let found: Vec<Value> =
        serde_json::from_str(&out).map_err(|error| format!("{words:?}: {error}: {out}{err}")).unwrap();
    assert_eq!(code, i32::from(found.is_empty()), "{words:?}: {err}");
    let text = tables.recourse(&[&["search"], words].concat()).await.1;
    assert_eq!(text.lines().count(), found.len(), "{text}");
    found.iter().map(|dispute| dispute["case_id"].as_str().unwrap().to_owned()).collect()
}

/// Three disputes: two of production a day apart, one of staging with the first one's names.
async fn three() -> Tables {
    let mut tables = Tables::start().await;
    for (id, environment) in
        [("acct_a", Environment::Production), ("acct_b", Environment::Production), ("acct_s", Environment::Staging)]
    {
        tables.account(id, environment).await;
    }
    let mut facts = tables.upsert("unused", "acct_a", "unused").await;
    facts.trxid = Trxid::parse("50001").unwrap();
    facts.refid = Refid::parse("order-1").unwrap();
    facts.details.captures = vec![CaptureId::parse("capture-1").unwrap()];
    facts.details.transaction_type = TransactionType::parse("BillPayment").ok();
    facts.details.reference = Reference::parse("1286176").ok();
    let bank = Party { code: DomainCode::parse("FBN").unwrap(), name: "FBN".into(), reference: None, category: None };
    facts.parties.issuer = Some(bank);
    let first = tables.upsert_facts(facts).await;
    tables.open(&first, 551, live(), AT).await;
    let second = tables.upsert("50002", "acct_b", "order-2").await;
    tables.open(&second, 29, live(), AT.plus(24 * 60 * 60 * 1_000)).await;
    let staging = tables.upsert_in(Environment::Staging, "50001", "acct_s", "order-1").await;
    tables.open(&staging, 7, live(), AT).await;
    tables
}

const FIRST: &str = "RC-0000008t";
const SECOND: &str = "RC-0000000T";
const STAGING: &str = "RC-00000007";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_dispute_is_found_by_every_name_without_its_account() {
    let tables = three().await;
    for name in ["rc-0000008T", " RC-0000008t ", "DISPUTE_0000008t", "fbn00ii551", "551", "capture-1", "551-1"] {
        assert_eq!(found(&tables, &[name]).await, [FIRST], "{name}");
    }
    assert_eq!(found(&tables, &["1286176", "--type", "BillPayment"]).await, [FIRST]);
    assert_eq!(found(&tables, &[" order-2 "]).await, [SECOND]);
    // One refid and one trxid, in both environments.
    for name in ["order-1", "50001"] {
        assert_eq!(found(&tables, &[name]).await, [FIRST, STAGING], "{name}");
        assert_eq!(found(&tables, &[name, "--account", "acct_a"]).await, [FIRST], "{name}");
        assert_eq!(found(&tables, &[name, "--environment", "staging"]).await, [STAGING], "{name}");
    }
    for name in ["order-9", "RC-00000009", "-5"] {
        assert!(found(&tables, &[name]).await.is_empty(), "{name}");
    }
    let (_, _, err) = tables.recourse(&["search", "unused"]).await;
    assert!(err.contains("the transaction unused (refid unused of acct_a, production) has no dispute"), "{err}");
    let (code, _, err) = tables.recourse(&["search", "user@example.com"]).await;
    assert!(code == 1 && err.contains("--email"), "{err}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_address_an_amount_and_a_day_are_found_within_bounds() {
    let tables = three().await;
    let address = ["--email", "User@example.com"];
    assert_eq!(found(&tables, &[&address[..], &["--account", "acct_a"]].concat()).await, [FIRST]);
    assert_eq!(found(&tables, &[&address[..], &["--domain", "FBN"]].concat()).await, [FIRST]);
    assert_eq!(found(&tables, &[&address[..], &["--from", "2026-01-01"]].concat()).await, [SECOND, FIRST, STAGING]);
    assert_eq!(
        found(&tables, &[&address[..], &["--from", "2026-01-01", "--environment", "production"]].concat()).await,
        [SECOND, FIRST]
    );
    assert!(found(&tables, &["--email", "nobody@example.com", "--account", "acct_a"]).await.is_empty());
    // AT is 2026-01-16T02:00:00Z.
    assert_eq!(found(&tables, &["--day", "2026-01-16"]).await, [FIRST, STAGING]);
    assert_eq!(found(&tables, &["--day", "2026-01-17"]).await, [SECOND]);
    assert_eq!(found(&tables, &["--from", "2026-01-16T02:01", "--to", "2026-01-17"]).await, [SECOND]);
    assert_eq!(found(&tables, &["--day", "2026-01-16", "--limit", "1"]).await.len(), 1);
    let amount = |decimal| ["--amount", decimal, "--currency", "myr", "--day", "2026-01-17"];
    assert_eq!(found(&tables, &amount("50.00")).await, [SECOND]);
    assert!(found(&tables, &amount("50.01")).await.is_empty());
    let (_, out, _) = tables.recourse(&[&["search"][..], &amount("50.00")].concat()).await;
    assert!(out.ends_with("; matched the disputed and the paid amount\n"), "{out}");
    for which in ["disputed", "paid"] {
        let words = [&["search"][..], &amount("50.00"), &["--amount-is", which, "--json"]].concat();
        let (_, out, _) = tables.recourse(&words).await;
        let hits: Value = serde_json::from_str(&out).unwrap();
        assert_eq!(hits[0]["amount_matched"], serde_json::json!([which]), "{out}");
    }
    for (words, rule) in [
        (&["--amount", "5.001", "--currency", "MYR", "--day", "2026-01-17"][..], "as many decimals"),
        (&["--amount", "-5", "--currency", "MYR", "--day", "2026-01-17"], "must be a decimal number"),
        (
            &["--from", "2026-01-17", "--to", "2026-01-16"],
            "--from 2026-01-17T00:00:00Z is after --to 2026-01-16T23:59:59Z",
        ),
        (&["--amount", "5", "--currency", "MYR", "--amount-is", "mine", "--account", "acct_a"], "disputed, paid"),
        (&["  "], "must be a name"),
        (&["--domain", "NOPE"], "no account has the domain code NOPE"),
        (&["--account", "nope"], "no account has the id nope"),
    ] {
        let (code, out, err) = tables.recourse(&[&["search"], words].concat()).await;
        assert!(code == 2 && out.is_empty() && err.contains(rule), "{words:?}: {err}");
    }
}

/// What no party and no day narrows down is found by the entries, once a dispute is entered.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_address_and_an_amount_are_found_wherever_they_are() {
    let tables = three().await;
    let (address, amount) = (["--email", "User@example.com"], ["--amount", "50.00", "--currency", "myr"]);
    let (code, _, err) = tables.recourse(&["search", "--email", "user@example.com"]).await;
    assert!(code == 1 && err.contains("--from reads every dispute"), "{err}");
    let (code, out, _) = tables.run(&["recount", "--all"]).await;
    assert!(code == 0 && out.starts_with("3 disputes: 3 counted"), "{out}");
    for words in [&address[..], &amount] {
        assert_eq!(found(&tables, words).await, [SECOND, FIRST, STAGING], "{words:?}");
        assert_eq!(found(&tables, &[words, &["--environment", "staging"]].concat()).await, [STAGING]);
        assert_eq!(found(&tables, &[words, &["--to", "2026-01-16"]].concat()).await, [FIRST, STAGING]);
        assert_eq!(found(&tables, &[words, &["--limit", "1"]].concat()).await, [SECOND]);
    }
    assert_eq!(found(&tables, &[&address[..], &amount].concat()).await.len(), 3);
    assert!(found(&tables, &["--email", "nobody@example.com"]).await.is_empty());
    assert!(found(&tables, &["--amount", "50.01", "--currency", "MYR"]).await.is_empty());
    let (code, out, _) = tables.run(&["recount", "--all"]).await;
    assert!(code == 0 && out.starts_with("3 disputes: 0 counted, 3 counted before"), "{out}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_list_takes_days_and_prints_json() {
    let tables = three().await;
    let list = ["list", "--account", "acct_b", "--json"];
    let (_, out, _) = tables.run(&[&list[..], &["--from", "2026-01-17", "--to", "2026-01-17"]].concat()).await;
    let listed: Value = serde_json::from_str(&out).unwrap();
    assert_eq!((listed.as_array().unwrap().len(), &listed[0]["case_id"]), (1, &SECOND.into()));
    let (code, out, err) = tables.run(&[&list[..], &["--to", "2026-01-16"]].concat()).await;
    assert_eq!((code, out.as_str()), (0, "[]\n"), "{err}");
    let (_, out, _) = tables.run(&["export", "--account", "acct_a", "--json"]).await;
    let rows: Vec<Value> = out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let row = rows.first().unwrap();
    assert_eq!((rows.len(), &row["refid"], &row["amount"]), (1, &"order-1".into(), &"50.00".into()));
}

/// A product's name and a search text that would turn the direction of a line, wherever they are
/// printed.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn text_of_others_reaches_a_terminal_with_escapes_alone() {
    let mut tables = Tables::start().await;
    tables.account("acct_a", Environment::Production).await;
    let mut facts = tables.upsert("unused", "acct_a", "unused").await;
    facts.trxid = Trxid::parse("50001").unwrap();
    facts.refid = Refid::parse("order-1").unwrap();
    facts.product = Some("Wallet \u{202e}05\u{1b}[2J\nRC-0000008t  closed".to_owned());
    let facts = tables.upsert_facts(facts).await;
    tables.open(&facts, 551, live(), AT).await;
    for words in [
        &["dispute", "show", "551"][..],
        &["dispute", "show", "551", "--json"],
        &["dispute", "export", "--account", "acct_a"],
        &["dispute", "export", "--account", "acct_a", "--json"],
        &["search", "551"],
        &["search", "551", "--json"],
        &["search", "--account", "acct_a"],
        &["dispute", "show", "nobody\u{202e}s"],
    ] {
        let (_, out, err) = tables.recourse(words).await;
        for text in [&out, &err] {
            let hidden = ['\u{202e}', '\u{1b}'];
            assert!(!text.contains(hidden), "{words:?}: {text:?}");
        }
        if words.contains(&"show") {
            let escape = if words.ends_with(&["--json"]) { r"\u202e" } else { r"\u{202e}" };
            assert!((out + &err).contains(escape), "{words:?}");
        }
    }
    let (_, out, _) = tables.run(&["show", "551"]).await;
    assert!(out.contains(r"Wallet \u{202e}05\u{1b}[2J\nRC-0000008t  closed"), "{out}");
    let (_, json, _) = tables.run(&["show", "551", "--json"]).await;
    let json: Value = serde_json::from_str(&json).unwrap();
    assert_eq!(
        json["transaction"]["product"], "Wallet \u{202e}05\u{1b}[2J\nRC-0000008t  closed",
        "a program gets it unchanged"
    );
}
