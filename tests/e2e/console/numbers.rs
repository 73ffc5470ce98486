//! Numbers: what is on the page and in the CSV is what happened, and costs the same whatever
//! happened.

use recourse_dispute::time::Day;
use serde_json::json;

use super::{A_MINUTE, is_secured, last_audit};
use crate::cli::{folder, recourse};
use crate::harness::{CLIENT, ConsoleClient, HttpResponse, Stack, options, run, until};

const PAGE: &str = "/console/numbers";
const CSV: &str = "/console/numbers.csv";

async fn page(browser: &ConsoleClient<'_>, query: &str) -> HttpResponse {
    let answer = browser.get(&format!("{PAGE}{query}")).await;
    assert_eq!(answer.status, 200, "{query}: {answer:?}");
    is_secured(&answer);
    answer
}

/// The rows of a CSV, without its header.
async fn rows(browser: &ConsoleClient<'_>, query: &str) -> Vec<Vec<String>> {
    let answer = browser.get(&format!("{CSV}{query}")).await;
    assert_eq!(answer.status, 200, "{query}: {answer:?}");
    assert!(answer.headers["content-type"].to_str().unwrap().starts_with("text/csv"));
    let mut lines = answer.text.split("\r\n").filter(|line| !line.is_empty());
    assert!(lines.next().unwrap().starts_with("environment,day,by,value,opened,answered,resolved,"));
    lines.map(|line| line.split(',').map(str::to_owned).collect()).collect()
}

/// The rows once they are these: value, opened, answered, resolved, and resolved without an agent.
async fn counted(browser: &ConsoleClient<'_>, by: &str, expected: &[[&str; 5]]) {
    until(&format!("{expected:?} by {by}"), async || {
        let rows = rows(browser, &format!("?by={by}")).await;
        let is = rows.iter().map(|row| [3, 4, 5, 6, 7].map(|column| row[column].as_str())).collect::<Vec<_>>();
        let is: Vec<_> = is.into_iter().filter(|row| row[1..] != ["0"; 4]).collect();
        (is == expected).then_some(())
    })
    .await;
}

/// Reads the page and the CSV, after a minute too.
pub(super) async fn everything(stack: &Stack) {
    let supervisor = stack.sign_in("supervisor").await;
    page(&supervisor, "").await;
    stack.cloud().clock.advance(A_MINUTE).unwrap();
    rows(&supervisor, "?by=agent").await;
}

#[test]
fn the_page_and_the_csv_say_what_happened() {
    run(async {
        let stack = Stack::start(options()).await;
        let supervisor = stack.sign_in("supervisor").await;
        let nothing = page(&supervisor, "?environment=staging").await;
        assert!(nothing.text.contains("Nothing was opened, answered or resolved in these days."), "{}", nothing.text);
        let (folder, mut cases) = (folder(), Vec::new());
        for _ in 0..3 {
            let paid = stack.transaction("acct_demo", "Succesful").await;
            stack.report(&CLIENT, &json!({ "refid": paid.refid, "user_email": [crate::harness::address()] })).await;
            cases.push(paid);
        }
        stack.upsert(&cases[0].later("Refund", 1)).await;
        let case = &cases[1].trxid;
        for words in [
            &["case", "reply", case, "--text", "We look into it.", "--by", "Bola"][..],
            &["case", "resolve", case, "--for", "customer", "--why", "It never came.", "--by", "Bola"],
        ] {
            let done = recourse(&stack, folder.path(), words).await;
            assert_eq!(done.code, 0, "{}{}", done.out, done.err);
        }
        counted(&supervisor, "all", &[["", "3", "1", "2", "1"]]).await;
        counted(&supervisor, "channel", &[["iimmpact", "3", "1", "2", "1"]]).await;
        counted(&supervisor, "agent", &[["", "2", "0", "1", "1"], ["Bola", "1", "1", "1", "0"]]).await;
        let outcomes =
            [["customer", "1", "1", "1", "0"], ["refunded", "1", "0", "1", "1"], ["unresolved", "1", "0", "0", "0"]];
        counted(&supervisor, "outcome", &outcomes).await;
        counted(&supervisor, "kind", &[["voucher", "3", "1", "2", "1"]]).await;

        let shown = page(&supervisor, "?by=agent").await;
        assert_eq!(last_audit(&stack).await, "Carol (supervisor): numbers, done");
        for text in ["Bola", "No agent", "50 %", "1 min", "<svg role=\"img\" aria-label=\"Opened and resolved, by day."]
        {
            assert!(shown.text.contains(text), "{text}: {}", shown.text);
        }
        assert_eq!(shown.text.matches("<figure").count(), 4);
        assert!(!shown.text.contains("style="), "the policy allows none");
        for by in ["channel", "kind", "reason", "outcome", "agent", "all", "nonsense"] {
            page(&supervisor, &format!("?by={by}")).await;
        }
        rows(&supervisor, "?by=reason").await;
        assert_eq!(last_audit(&stack).await, "Carol (supervisor): numbers_csv, done");
    });
}

#[test]
fn a_period_that_is_none_is_said_to_be_none() {
    run(async {
        let stack = Stack::start(options()).await;
        let agent = stack.sign_in("agent").await;
        let today = Day::of(stack.cloud().clock.now_millis());
        assert!(page(&agent, "").await.text.contains(&format!("value=\"{today}\"")));
        for (query, says) in [
            ("?from=2026-03-01&to=2026-02-01", "The first day is after the last one."),
            ("?from=2020-01-01&to=2026-02-01", "A page has at most 92 days."),
            ("?from=x", "A day is written as 2026-01-16."),
        ] {
            assert!(page(&agent, query).await.text.contains(says), "{query}");
            assert_eq!(agent.get(&format!("{CSV}{query}")).await.status, 400, "{query}");
        }
        assert_eq!(agent.get(&format!("{PAGE}?from=2026-01-01&from=2026-01-02")).await.status, 400);
        let out = stack.browser().get(CSV).await;
        assert_eq!((out.status, out.location()), (303, "/console/sign-in"));
    });
}

#[test]
fn the_page_costs_eight_queries_whatever_happened() {
    run(async {
        let stack = Stack::start(options()).await;
        let agent = stack.sign_in("agent").await;
        let cost = async || {
            page(&agent, "").await;
            stack.cloud().dynamodb.clear_calls();
            page(&agent, "").await;
            stack.dynamodb_calls("ConsoleNumbers")
        };
        let before = cost().await;
        assert_eq!(before[..3], ["GetItem", "GetItem", "PutItem"]);
        assert_eq!(before[3..], ["Query"; 8]);
        for _ in 0..5 {
            let paid = stack.transaction("acct_demo", "Succesful").await;
            stack.report(&CLIENT, &json!({ "trxid": paid.trxid })).await;
        }
        counted(&agent, "all", &[["", "5", "0", "0", "0"]]).await;
        assert_eq!(cost().await, before);
    });
}
