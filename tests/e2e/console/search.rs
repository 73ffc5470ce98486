//! Search: by everything that people know of a dispute, an address never in the address of a page,
//! and for the same calls among few disputes and among many.

use recourse_dispute::environment::Environment;
use recourse_dispute::time::Day;
use recourse_store::SearchKey;
use serde_json::json;

use super::{A_MINUTE, is_secured, last_audit};
use crate::harness::{CLIENT, ConsoleClient, HttpResponse, Stack, Transaction, address, options, run, unique, until};
use crate::raw;
use crate::tutelar;

const FORM: &str = "/console/search";

fn encoded(fields: &[(&str, &str)]) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.extend_pairs(fields);
    format!("{FORM}?{}", query.finish())
}

async fn page(browser: &ConsoleClient<'_>, fields: &[(&str, &str)]) -> HttpResponse {
    let answer = browser.get(&encoded(fields)).await;
    assert_eq!(answer.status, 200, "{fields:?}: {answer:?}");
    is_secured(&answer);
    answer
}

/// The case ids of a page of results, in order.
fn found(page: &HttpResponse) -> Vec<String> {
    let links = page.text.split("href=\"/console/cases/").skip(1);
    links.map(|rest| rest.split('"').next().unwrap().to_owned()).collect()
}

/// The page of results, once the worker has entered what is searched for.
async fn entered(browser: &ConsoleClient<'_>, fields: &[(&str, &str)], count: usize) -> HttpResponse {
    until(&format!("{count} results for {fields:?}"), async || {
        let page = page(browser, fields).await;
        (found(&page).len() == count).then_some(page)
    })
    .await
}

/// Searches for an address, as the form does.
async fn by_address(browser: &ConsoleClient<'_>, user: &str, more: &[(&str, &str)]) -> HttpResponse {
    browser.submit(FORM, FORM, &[&[("q", user)], more].concat()).await
}

/// A reported payment that has every kind of name: its customer, its case id, and itself.
async fn reported(stack: &Stack) -> (Transaction, String, String) {
    let (mut paid, user) = (Transaction::new("acct_demo", "Succesful"), address());
    paid.body["details"] =
        json!({ "type": "BillPayment", "reference": unique("reference"), "captures": [unique("capture")] });
    stack.upsert(&paid.body).await;
    let answer = stack.report(&CLIENT, &json!({ "refid": paid.refid, "user_email": [user] })).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    let case_id = stack.dispute(&paid.trxid).await.dispute.number.case_id();
    (paid, case_id, user)
}

/// Searches by every key, and makes the worker delete an entry that is no longer true.
pub(super) async fn everything(stack: &Stack) {
    let agent = stack.sign_in("agent").await;
    let (paid, case_id, user) = reported(stack).await;
    let (disputed, id) = tutelar::dispute(stack).await;
    let raised = stack.dispute(&disputed.trxid).await.dispute;
    let amount = raised.amount.grouped();
    until("the amount is entered", async || {
        let key = SearchKey::Amount(Environment::Production, raised.amount);
        let found = stack.store().find(&key, None, 25).await.unwrap();
        found.numbers.contains(&raised.number).then_some(())
    })
    .await;
    tutelar::update(stack, &id, &json!({ "disputeAmount": 12.25 })).await;
    entered(&agent, &[("q", "MYR 12.25")], 1).await;
    for text in [&paid.refid, &paid.trxid, &case_id, &amount] {
        page(&agent, &[("q", text)]).await;
    }
    by_address(&agent, &user, &[]).await;
    stack.cloud().clock.advance(A_MINUTE).unwrap();
    let other_token = agent.post(FORM, &[("q", "x"), ("csrf", "y")]).await;
    assert_eq!(other_token.status, 403);
}

#[test]
fn a_dispute_is_found_by_all_that_people_know_of_it() {
    run(async {
        let stack = Stack::start(options()).await;
        let auditor = stack.sign_in("auditor").await;
        let empty = page(&auditor, &[]).await;
        assert!(empty.text.contains("RC-0000008t") && found(&empty).is_empty());
        let (paid, case_id, user) = reported(&stack).await;
        let by_refid = entered(&auditor, &[("q", &paid.refid)], 1).await;
        assert!(
            by_refid.text.contains("Read as a case number, a transaction id, a refid or a capture"),
            "{}",
            by_refid.text
        );
        assert!(by_refid.text.contains("MYR 1,550.00") && by_refid.text.contains("Steam Wallet 50"));
        assert_eq!(last_audit(&stack).await, "Dev (auditor): search, done");
        let number = stack.dispute(&paid.trxid).await.dispute.number;
        let details = &paid.body["details"];
        let (reference, capture) = (details["reference"].as_str().unwrap(), details["captures"][0].as_str().unwrap());
        let today = Day::of(stack.cloud().clock.now_millis()).to_string();
        for (text, read_as) in [
            (case_id.as_str(), "a case number"),
            (&case_id.to_uppercase(), "a case number"),
            (&number.tutelar_id(), "a case number"),
            (&number.to_string(), "a case number, a transaction id"),
            (&paid.trxid, "a transaction id"),
            (capture, "a capture or a reference"),
            (reference, "a capture or a reference"),
            ("MYR 1,550.00", "the amount MYR 1,550.00, disputed or paid"),
            ("1550 myr", "the amount MYR 1,550.00"),
            (&today, "on which it was opened"),
            ("today", "on which it was opened"),
        ] {
            let page = page(&auditor, &[("q", text)]).await;
            assert!(found(&page).contains(&case_id), "{text}: {}", page.text);
            assert!(page.text.contains(read_as), "{text}: {}", page.text);
        }
        let by_email = by_address(&auditor, &user.to_uppercase(), &[]).await;
        assert_eq!((by_email.status, found(&by_email)), (200, vec![case_id.clone()]), "{}", by_email.text);
        assert_eq!(last_audit(&stack).await, "Dev (auditor): search_email, done");
        // Two ways to one dispute are one result.
        let both = page(&auditor, &[("q", &number.to_string())]).await;
        assert_eq!(found(&both), [case_id]);
        // Nobody who is signed out.
        let out = stack.browser().get(&encoded(&[("q", &paid.refid)])).await;
        assert_eq!((out.status, out.location()), (303, "/console/sign-in"));
    });
}

#[test]
fn an_address_is_in_no_address_of_a_page_and_in_no_log_line() {
    run(async {
        let stack = Stack::start(options()).await;
        let agent = stack.sign_in("agent").await;
        let (paid, case_id, user) = reported(&stack).await;
        entered(&agent, &[("q", &paid.refid)], 1).await;
        let refused = page(&agent, &[("q", &user)]).await;
        assert!(found(&refused).is_empty() && refused.text.contains("Send it with the button."), "{}", refused.text);
        let answered = by_address(&agent, &user, &[]).await;
        assert_eq!((answered.status, found(&answered)), (200, vec![case_id]));
        let elsewhere = by_address(&agent, &user, &[("environment", "staging")]).await;
        assert!(found(&elsewhere).is_empty() && elsewhere.text.contains("No dispute in staging has this."));
        assert!(elsewhere.text.contains("Search in production"));
        for answer in [&answered, &elsewhere] {
            assert!(!answer.text.contains("?q="), "no link has it: {}", answer.text);
        }
        // What was meant as an address is treated like one, whatever else it can be.
        for typed in ["user@example", "user@example,com", "a@b@c", "order@7", "user\u{ff20}example.com"] {
            let answer = by_address(&agent, typed, &[]).await;
            assert_eq!(answer.status, 200, "{typed}: {answer:?}");
            assert!(!answer.text.contains("?q=") && answer.text.contains("Search in staging"), "{typed}: {answer:?}");
            assert_eq!(last_audit(&stack).await, "Aisyah (agent): search_email, done");
            let refused = page(&agent, &[("q", typed)]).await;
            assert!(refused.text.contains("Send it with the button."), "{typed}: {}", refused.text);
        }
        // Everything else is led to an address of its own.
        let led = by_address(&agent, &paid.refid, &[("environment", "production")]).await;
        assert_eq!((led.status, led.location().to_owned()), (303, encoded(&[("q", &paid.refid)])));
        // Refused without the token of the session, and audited.
        let forged = agent.post(FORM, &[("q", &user)]).await;
        assert_eq!(forged.status, 403);
        assert_eq!(last_audit(&stack).await, "Aisyah (agent): search, refused: csrf");
        let twice = agent.submit(FORM, FORM, &[("q", "a"), ("q", "b")]).await;
        assert_eq!(twice.status, 400);
        let log: String = stack.log().into_iter().map(|line| line.text + "\n").collect();
        assert!(!log.contains(&user) && log.contains("console"), "{log}");
    });
}

#[test]
fn no_result_says_what_to_try_and_hostile_text_is_text() {
    run(async {
        let stack = Stack::start(options()).await;
        let agent = stack.sign_in("agent").await;
        let quiet = stack.transaction("acct_demo", "Succesful").await;
        let nobody = page(&agent, &[("q", &quiet.trxid)]).await;
        assert!(nobody.text.contains("Nobody has disputed it.") && nobody.text.contains("Search in staging"));
        for (text, says) in [
            ("MYR 1.005", "MYR has 2 decimals."),
            (&"x".repeat(300), "at most 254 letters"),
            ("RC-0000000", "No dispute in production has this."),
        ] {
            let page = page(&agent, &[("q", text)]).await;
            assert!(page.text.contains(says) && found(&page).is_empty(), "{text}: {}", page.text);
        }
        assert_eq!(agent.get(&encoded(&[("q", "x"), ("after", "DSP")])).await.status, 400);
        assert_eq!(agent.get(&format!("{FORM}?q={}", "x".repeat(5_000))).await.status, 400);
        // A day is read as a day, and can be looked up as a refid all the same.
        let day = page(&agent, &[("q", "2020-02-02")]).await;
        assert!(day.text.contains("Search it as a refid"), "{}", day.text);
        let chosen = page(&agent, &[("q", "2020-02-02"), ("as", "refid")]).await;
        assert!(chosen.text.contains("Read as a refid, in production"), "{}", chosen.text);

        let mut hostile = Transaction::new("acct_demo", "Succesful");
        hostile.body["product"] = json!("</td><script>alert(1)</script>");
        stack.upsert(&hostile.body).await;
        stack.report(&CLIENT, &json!({ "refid": hostile.refid })).await;
        let shown = entered(&agent, &[("q", &hostile.refid)], 1).await;
        assert!(!shown.text.contains("<script>alert"), "{}", shown.text);
        assert!(shown.text.contains("script&#62;alert") || shown.text.contains("script&gt;alert"), "{}", shown.text);
        let echoed = page(&agent, &[("q", "\"><img src=x onerror=alert(1)>")]).await;
        assert!(!echoed.text.contains("<img"), "{}", echoed.text);
    });
}

/// The operations and the read units of a search for an amount that `size` disputes have.
async fn cost(size: u64) -> (Vec<String>, Vec<String>) {
    let stack = Stack::start(options()).await;
    let agent = stack.sign_in("agent").await;
    let (paid, _, _) = reported(&stack).await;
    entered(&agent, &[("q", &paid.refid)], 1).await;
    let number = stack.dispute(&paid.trxid).await.dispute.number.get();
    let (endpoint, table) = (stack.cloud().dynamodb.endpoint(), raw::table(stack.cloud(), "DISPUTES_TABLE"));
    let entries: Vec<_> = raw::items(&endpoint, &table).await.into_iter().collect();
    let of_amount = entries.iter().find(|((pk, _), _)| pk.starts_with("FIND#amount#")).unwrap();
    let at: u64 = of_amount.0.1.split('#').next().unwrap().parse().unwrap();
    let dispute = entries.iter().find(|((pk, sk), _)| *pk == format!("DSP#{number}") && sk == "DSP").unwrap();
    for from in (1..size).step_by(12) {
        let copies = (from..(from + 12).min(size)).flat_map(|n| {
            let (mut entry, mut copy) = (of_amount.1.clone(), dispute.1.clone());
            let number = 5_000_000 + n;
            entry["SK"] = json!({ "S": format!("{:015}#{number:015}", at - n * 1_000) });
            copy["PK"] = json!({ "S": format!("DSP#{number}") });
            copy["number"] = json!({ "N": number.to_string() });
            copy["item"] = json!({ "S": "copy" });
            [entry, copy].map(|item| json!({ "PutRequest": { "Item": item } }))
        });
        let puts: Vec<_> = copies.collect();
        raw::call(&endpoint, "BatchWriteItem", &json!({ "RequestItems": { table.as_str(): puts } })).await;
    }
    let fields = [("q", "MYR 1550")];
    page(&agent, &fields).await;
    stack.cloud().dynamodb.clear_calls();
    let first = page(&agent, &fields).await;
    assert_eq!(found(&first).len(), 25);
    let calls = stack.dynamodb_calls("ConsoleSearch");
    let older = first.text.split("href=\"/console/search?").nth(1).unwrap().split('"').next().unwrap();
    stack.cloud().dynamodb.clear_calls();
    let second = agent.get(&format!("{FORM}?{}", older.replace("&#38;", "&").replace("&amp;", "&"))).await;
    assert!(found(&second).iter().all(|case_id| !found(&first).contains(case_id)));
    (calls, stack.dynamodb_calls("ConsoleSearch"))
}

#[test]
fn a_search_costs_the_same_among_few_and_among_many() {
    run(async {
        let few = cost(60).await;
        assert_eq!(few.0, ["GetItem", "GetItem", "PutItem", "Query", "BatchGetItem"]);
        assert_eq!(few, cost(3_000).await);
    });
}
