//! The queue: agents take cases from it, supervisors hand them over, and whoever is second is told.

mod bench;

use recourse_dispute::channel::Channel;
use recourse_local::Options;
use recourse_store::{QueueFilter, QueueView};
use recourse_support::case::State;
use serde_json::{Value, json};

use super::{A_MINUTE, audit_log};
use crate::deadlines::opened_through;
use crate::harness::{ConsoleClient, HttpResponse, Stack, run, until};
use crate::raw;
use crate::support::case::{Case, mailed, receive, reported_about, reported_many, unhurried};
use crate::support::eml::Eml;

/// The function behind the page.
const QUEUE: &str = "ConsoleQueue";
const PAGE: &str = "/console/queue";
const WITH_CUSTOMER: &str = "/console/queue?list=waiting_for_customer";

/// Time limits that no test reaches, and mail that comes in.
fn options() -> Options {
    unhurried()
}

/// Cases that wait for the customer.
async fn asked(stack: &Stack, count: usize) -> Vec<Case> {
    let cases = reported_many(stack, "voucher", count).await;
    stack.sweep().await;
    for case in &cases {
        assert_eq!(case.state(stack).await.0, "waiting_for_customer");
    }
    cases
}

/// Cases that wait for any agent: a supervisor gave them back.
async fn waiting(stack: &Stack, count: usize) -> Vec<Case> {
    let cases = asked(stack, count).await;
    let carol = stack.sign_in("supervisor").await;
    let given = hand_over(&carol, WITH_CUSTOMER, &cases.iter().collect::<Vec<_>>(), "nobody").await;
    assert_eq!(given.text.matches("It waits for any agent now.").count(), count, "{given:?}");
    cases
}

/// What a page has between two texts.
fn between<'a>(page: &'a HttpResponse, before: &str, after: &str) -> &'a str {
    let rest = page.text.split_once(before).unwrap_or_else(|| panic!("no {before}: {page:?}")).1;
    rest.split_once(after).unwrap().0
}

fn submission(page: &HttpResponse) -> &str {
    between(page, "name=\"submission\" value=\"", "\"")
}

/// What a tick of a case sends.
fn tick(page: &HttpResponse, case: &Case) -> String {
    format!("{}.{}", case.id, between(page, &format!("value=\"{}.", case.id), "\""))
}

/// The cases that a page lists, in its order.
fn listed(page: &HttpResponse) -> Vec<String> {
    let rows = page.text.split("<td><a href=\"/console/cases/").skip(1);
    rows.map(|row| row.split_once('"').unwrap().0.to_owned()).collect()
}

/// Sends the form of a page with these boxes ticked.
async fn order(browser: &ConsoleClient<'_>, page: &HttpResponse, at: &str, fields: &[(&str, &str)]) -> HttpResponse {
    let ours = [("csrf", page.csrf()), ("submission", submission(page))];
    browser.post(at, &[&ours, fields].concat()).await
}

async fn hand_over(browser: &ConsoleClient<'_>, at: &str, cases: &[&Case], to: &str) -> HttpResponse {
    let page = browser.get(at).await;
    let ticks: Vec<String> = cases.iter().map(|case| tick(&page, case)).collect();
    let mut fields = vec![("do", "assign"), ("to", to)];
    fields.extend(ticks.iter().map(|tick| ("case", tick.as_str())));
    order(browser, &page, at, &fields).await
}

async fn take(browser: &ConsoleClient<'_>, page: &HttpResponse, case: &Case) -> HttpResponse {
    order(browser, page, PAGE, &[("take", &case.id)]).await
}

/// Whose a case is, as the command line prints it.
async fn owner(stack: &Stack, case: &Case) -> Option<String> {
    case.record(stack).await.case.unwrap().agent().map(|name| name.as_str().to_owned())
}

/// What the audit log has of an action, oldest first: who, of which case, and what became of it.
async fn audited(stack: &Stack, action: &str) -> Vec<(String, Option<String>, String)> {
    let entries = audit_log(stack).await.into_iter().rev().filter(|entry| entry.action == action);
    let entries = entries.map(|entry| {
        let who = entry.operator.map(|by| by.name.as_str().to_owned()).unwrap_or_default();
        (who, entry.case.map(|case| case.case_id()), entry.outcome.to_string())
    });
    entries.collect()
}

/// Waits until the index, which may lag behind the table, has these cases in a state.
async fn indexed(stack: &Stack, state: State, count: usize) {
    let filter = QueueFilter::of(QueueView::State(state));
    until(&format!("{count} cases are {state:?}"), async || {
        (stack.store().queue(&filter, None, 50).await.unwrap().rows.len() == count).then_some(())
    })
    .await;
}

#[test]
fn of_two_agents_who_take_one_case_the_second_is_told() {
    run(async {
        let stack = Stack::start(options()).await;
        let cases = waiting(&stack, 3).await;
        let (aisyah, ben) = (stack.sign_in_as("Aisyah").await, stack.sign_in_as("Ben").await);
        let (pages, case) = ((aisyah.get(PAGE).await, ben.get(PAGE).await), &cases[0]);
        let first = take(&aisyah, &pages.0, case).await;
        assert_eq!(first.status, 200, "{first:?}");
        assert!(first.text.contains("You have it now."), "{first:?}");
        let second = take(&ben, &pages.1, case).await;
        assert_eq!(second.status, 409, "{second:?}");
        assert!(second.text.contains("Aisyah has it. Nothing was done."), "{second:?}");
        assert_eq!(owner(&stack, case).await.as_deref(), Some("Aisyah"));
        let version = case.record(&stack).await.case.unwrap().version;
        let again = take(&aisyah, &pages.0, case).await;
        assert!(again.status == 200 && again.text.contains("You had it already."), "{again:?}");
        assert_eq!(case.record(&stack).await.case.unwrap().version, version, "nothing is written");
        let mine = aisyah.get("/console/queue?list=mine").await;
        assert_eq!(listed(&mine), std::slice::from_ref(&case.id));
        assert!(listed(&ben.get("/console/queue?list=mine").await).is_empty());

        // Both at once: one has it, and the other one is told who.
        let case = &cases[1];
        let (one, other) = tokio::join!(take(&aisyah, &pages.0, case), take(&ben, &pages.1, case));
        let mut statuses = [one.status, other.status];
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 409], "{one:?} {other:?}");
        let winner = if one.status == 200 { "Aisyah" } else { "Ben" };
        assert_eq!(owner(&stack, case).await.as_deref(), Some(winner));
        let told = if one.status == 200 { &other } else { &one };
        assert!(told.text.contains(&format!("{winner} has it. Nothing was done.")), "{told:?}");

        let log: Vec<_> = audited(&stack, "take").await.into_iter().map(|(who, _, outcome)| (who, outcome)).collect();
        let entry = |who: &str, outcome: &str| (who.to_owned(), outcome.to_owned());
        assert_eq!(log[..3], [entry("Aisyah", "done"), entry("Ben", "refused: held"), entry("Aisyah", "done")]);
        assert_eq!(log[3..].iter().filter(|(_, outcome)| outcome == "done").count(), 1, "{log:?}");
    });
}

#[test]
fn several_cases_at_once_have_a_result_each() {
    run(async {
        let stack = Stack::start(options()).await;
        let cases = waiting(&stack, 4).await;
        let (ben, carol) = (stack.sign_in_as("Ben").await, stack.sign_in("supervisor").await);
        let page = carol.get(PAGE).await;
        assert_eq!(listed(&page).len(), 4, "{page:?}");
        // Ben takes the first one, and the customer writes in the second one, while Carol looks.
        take(&ben, &ben.get(PAGE).await, &cases[0]).await;
        receive(&stack, &cases[1].mail("Any news?"), "").await;
        let ticks: Vec<String> = cases[..3].iter().map(|case| tick(&page, case)).collect();
        let mut fields = vec![("do", "assign"), ("to", "Aisyah")];
        fields.extend(ticks.iter().map(|tick| ("case", tick.as_str())));
        let answer = order(&carol, &page, PAGE, &fields).await;
        assert_eq!(answer.status, 409, "{answer:?}");
        assert_eq!(answer.text.matches("Something happened since the page was shown.").count(), 2, "{answer:?}");
        assert_eq!(answer.text.matches("Aisyah has it now.").count(), 1, "{answer:?}");
        let owners = [owner(&stack, &cases[0]).await, owner(&stack, &cases[1]).await, owner(&stack, &cases[2]).await];
        assert_eq!(owners, [Some("Ben".to_owned()), None, Some("Aisyah".to_owned())]);
        // The same form once more, as by a second click, does nothing twice.
        let version = cases[2].record(&stack).await.case.unwrap().version;
        let twice = order(&carol, &page, PAGE, &fields).await;
        assert_eq!(twice.text.matches("Aisyah has it now.").count(), 1, "{twice:?}");
        assert_eq!(cases[2].record(&stack).await.case.unwrap().version, version);
        // An agent takes several; one of them is somebody else's.
        let page = ben.get(PAGE).await;
        let ticks: Vec<String> = cases[1..].iter().map(|case| tick(&page, case)).collect();
        let mut fields = vec![("do", "take")];
        fields.extend(ticks.iter().map(|tick| ("case", tick.as_str())));
        let answer = order(&ben, &page, PAGE, &fields).await;
        assert_eq!(answer.text.matches("You have it now.").count(), 2, "{answer:?}");
        assert_eq!(answer.text.matches("Aisyah has it. Nothing was done.").count(), 1, "{answer:?}");
        let log = audited(&stack, "assign").await;
        let of = |case: &Case| {
            let found = log.iter().filter(|(_, of, _)| of.as_deref() == Some(&case.id));
            found.map(|(.., outcome)| outcome.as_str()).collect::<Vec<_>>()
        };
        assert_eq!(of(&cases[0]), ["refused: changed"; 2]);
        assert_eq!(of(&cases[2]), ["done"; 2]);
        let nothing = order(&ben, &page, PAGE, &[("do", "take")]).await;
        assert!(nothing.status == 200 && nothing.text.contains("No case was ticked"), "{nothing:?}");
    });
}

#[test]
fn a_role_that_may_not_and_a_form_of_nobodys_are_refused_and_audited() {
    run(async {
        let stack = Stack::start(options()).await;
        let cases = waiting(&stack, 1).await;
        let (agent, auditor) = (stack.sign_in_as("Ben").await, stack.sign_in("auditor").await);
        let page = auditor.get(PAGE).await;
        assert_eq!(listed(&page), [cases[0].id.clone()], "an auditor reads all");
        for offered in ["type=\"checkbox\"", ">Take<", "Hand over"] {
            assert!(!page.text.contains(offered), "{offered}");
        }
        let before = cases[0].record(&stack).await.case.unwrap().version;
        let forms: [(&ConsoleClient<'_>, &[(&str, &str)]); 2] =
            [(&auditor, &[("take", &cases[0].id)]), (&agent, &[("do", "assign"), ("to", "Aisyah")])];
        for (browser, fields) in forms {
            let page = browser.get(PAGE).await;
            let refused = order(browser, &page, PAGE, fields).await;
            assert_eq!(refused.status, 403, "{refused:?}");
        }
        let page = agent.get(PAGE).await;
        let without = agent.post(PAGE, &[("submission", submission(&page)), ("take", &cases[0].id)]).await;
        assert_eq!(without.status, 403, "{without:?}");
        let foreign = http::Request::post(PAGE).header("origin", "https://evil.example");
        let foreign = agent.post_with(foreign, &[("csrf", page.csrf()), ("take", &cases[0].id)]).await;
        assert_eq!(foreign.status, 403, "{foreign:?}");
        let nobody = stack.browser().post(PAGE, &[("csrf", page.csrf()), ("take", &cases[0].id)]).await;
        assert_eq!(nobody.status, 401, "{nobody:?}");
        for fields in [
            &[("take", "RC-1")][..],
            &[("take", "RC-00000000")],
            &[("do", "explode")],
            &[("do", "take"), ("case", "RC-0000008t")],
            &[("do", "take"), ("case", "RC-0000008t.x")],
            &[],
        ] {
            let bad = order(&agent, &page, PAGE, fields).await;
            assert_eq!(bad.status, 400, "{fields:?}: {bad:?}");
        }
        let carol = stack.sign_in("supervisor").await;
        let page = carol.get(PAGE).await;
        for to in ["", "Dev", "Nobody at all", "aisyah"] {
            let bad = order(&carol, &page, PAGE, &[("do", "assign"), ("to", to)]).await;
            assert_eq!(bad.status, 400, "{to}: {bad:?}");
        }
        let page = agent.get(PAGE).await;
        let missing = order(&agent, &page, PAGE, &[("take", "RC-0000008t")]).await;
        assert!(missing.status == 200 && missing.text.contains("There is no such case."), "{missing:?}");
        assert_eq!(cases[0].record(&stack).await.case.unwrap().version, before);
        let outcomes: Vec<_> =
            audited(&stack, "queue").await.into_iter().map(|(who, _, outcome)| (who, outcome)).collect();
        for refused in
            [("Dev", "refused: role"), ("Ben", "refused: role"), ("Ben", "refused: csrf"), ("Ben", "refused: origin")]
        {
            let (who, outcome) = refused;
            assert!(outcomes.contains(&(who.to_owned(), outcome.to_owned())), "{refused:?}: {outcomes:?}");
        }
    });
}

#[test]
fn each_list_has_its_cases_and_filters_leave_some_out() {
    run(async {
        let stack = Stack::start(options()).await;
        let vouchers = asked(&stack, 2).await;
        let bills = reported_many(&stack, "bill", 1).await;
        stack.sweep().await;
        let mut disputes = Vec::new();
        for channel in [Channel::Arbiter, Channel::Tutelar, Channel::Connect] {
            disputes.push(opened_through(&stack, channel).await);
        }
        let (ben, carol) = (stack.sign_in_as("Ben").await, stack.sign_in("supervisor").await);
        let handed = hand_over(&carol, WITH_CUSTOMER, &[&vouchers[0], &bills[0]], "Ben").await;
        assert_eq!(handed.text.matches("Ben has it now.").count(), 2, "{handed:?}");
        let page = async |query: &str| {
            let page = ben.get(&format!("{PAGE}{query}")).await;
            assert_eq!(page.status, 200, "{query}: {page:?}");
            let mut listed = listed(&page);
            listed.sort();
            listed
        };
        let ids = |cases: &[&Case]| {
            let mut ids: Vec<_> = cases.iter().map(|case| case.id.clone()).collect();
            ids.sort();
            ids
        };
        let both = ids(&[&vouchers[0], &bills[0]]);
        assert_eq!(page("").await, both, "what waits for an agent comes first");
        assert_eq!(page("?list=mine").await, both);
        assert_eq!(page("?kind=bill").await, ids(&[&bills[0]]));
        assert_eq!(page("?list=mine&kind=voucher").await, ids(&[&vouchers[0]]));
        assert_eq!(page("?owner=Ben").await, both);
        assert!(page("?owner=Aisyah").await.is_empty());
        assert!(page("?owner=nobody").await.is_empty());
        assert!(page("?environment=staging").await.is_empty());
        assert_eq!(page("?environment=production&channel=iimmpact").await, both);
        assert_eq!(page("?list=waiting_for_customer").await, ids(&[&vouchers[1]]));
        for none in ["new", "waiting_for_provider", "answered", "resolved"] {
            assert!(page(&format!("?list={none}")).await.is_empty(), "{none}");
        }
        let mut others: Vec<_> = disputes.iter().map(|dispute| dispute.number.case_id()).collect();
        others.sort();
        assert_eq!(page("?list=disputes").await, others);
        assert_eq!(page("?list=disputes&channel=tutelar").await, [disputes[1].number.case_id()]);
        for wrong in ["?list=all", "?kind=x", "?after=1", "?owner=a%0Ab"] {
            assert_eq!(ben.get(&format!("{PAGE}{wrong}")).await.status, 400, "{wrong}");
        }
        assert_eq!(stack.browser().get(PAGE).await.location(), "/console/sign-in");

        // A mail to a dispute without a process waits for an agent, until one replies.
        let mut mails = Vec::new();
        for dispute in &disputes {
            mailed(&stack, dispute.number).await;
            let to = dispute.recipients.as_ref().unwrap().to().as_str().to_owned();
            mails.extend(stack.mails_to(&to).into_iter().take(1).map(|mail| (dispute, to.clone(), mail)));
        }
        let (dispute, to, first) = mails.remove(0);
        receive(&stack, &Eml::new(&to, &first.reply_to[0], "Re: the dispute", "And now?"), "").await;
        indexed(&stack, State::WaitingForAgent, 3).await;
        let shown = ben.get(PAGE).await;
        assert!(listed(&shown).contains(&dispute.number.case_id()), "{shown:?}");
        assert!(shown.text.contains("A mail came in that no process answers."), "{shown:?}");
        assert!(!shown.text.contains(&format!("value=\"{}", dispute.number.case_id())), "there is nothing to take");
        let taken = order(&ben, &shown, PAGE, &[("take", &dispute.number.case_id())]).await;
        assert!(taken.text.contains("Not done:") && taken.text.contains("no support process"), "{taken:?}");
    });
}

/// The token with which a page looks again.
fn look_token(page: &HttpResponse) -> &str {
    between(page, "data-look=\"", "\"")
}

#[test]
fn the_page_looks_again_for_its_rows_alone_and_that_is_no_view() {
    run(async {
        let stack = Stack::start(Options { emulator: None, ..options() }).await;
        let cases = waiting(&stack, 2).await;
        let (aisyah, ben) = (stack.sign_in_as("Aisyah").await, stack.sign_in_as("Ben").await);
        let whole = ben.get(PAGE).await;
        assert_eq!(between(&whole, "data-at=\"", "\""), "/console/queue?list=waiting_for_agent");
        let views = async || audited(&stack, "queue").await.len();
        let before = views().await;
        let look = |token: &str| http::Request::get(PAGE).header("recourse-look", token);
        let token = look_token(&whole).to_owned();
        let rows = ben.send(look(&token), Vec::new()).await;
        assert_eq!((rows.status, listed(&rows), look_token(&rows)), (200, listed(&whole), token.as_str()));
        // The browser compares what it gets with what is there. Times in words may have moved on.
        let part = |page: &HttpResponse| {
            let rows = between(page, "<div id=\"rows\" ", "</div>").to_owned();
            let rows = rows.split_once('>').unwrap().1.to_owned();
            rows.split('>').filter(|text| !text.contains("left</")).collect::<String>()
        };
        assert!(rows.text.starts_with("<div id=\"rows\" ") && part(&rows) == part(&whole), "{rows:?}");
        take(&aisyah, &aisyah.get(PAGE).await, &cases[0]).await;
        let before_look = views().await;
        assert!(ben.send(look(&token), Vec::new()).await.text.contains("<bdi>Aisyah</bdi>"), "what is new is there");
        assert_eq!((views().await, before_look > before), (before_look, true), "it is no new view");
        let nobody = stack.browser().send(look(&token), Vec::new()).await;
        assert_eq!((nobody.status, nobody.location()), (303, "/console/sign-in"));

        // What says that it is a look, and is none, is a view like any other.
        let mine = look_token(&ben.get("/console/queue?list=mine").await).to_owned();
        let of_aisyah = look_token(&aisyah.get(PAGE).await).to_owned();
        let mut viewed = views().await;
        for forged in ["live", "", &mine, &of_aisyah, &format!("9{token}")] {
            let page = ben.send(look(forged), Vec::new()).await;
            assert!(page.status == 200 && page.text.contains("<!doctype html>"), "{forged}: {page:?}");
            viewed += 1;
            assert_eq!(views().await, viewed, "{forged}");
        }
        // After ten minutes, a look is a view once, and brings the next token.
        stack.cloud().clock.advance(std::time::Duration::from_secs(600)).unwrap();
        let rows = ben.send(look(&token), Vec::new()).await;
        assert!(rows.text.starts_with("<div id=\"rows\" ") && look_token(&rows) != token, "{rows:?}");
        assert_eq!(views().await, viewed + 1);
        ben.send(look(look_token(&rows)), Vec::new()).await;
        assert_eq!(views().await, viewed + 1);
    });
}

/// What others wrote is text, whatever it is.
#[test]
fn hostile_products_and_references_are_text() {
    run(async {
        let stack = Stack::start(options()).await;
        let hostile = [
            "<script>alert(1)</script>",
            "\"><img src=x onerror=alert(1)>",
            "<svg onload=alert(1)>",
            "' or 1=1 --",
            "{{ frame.csrf }}",
            "javascript:alert(1)",
            "</textarea></title><b>x",
            "&lt;b&gt;&#60;",
        ];
        let transactions = hostile.iter().map(|product| {
            let mut transaction = crate::harness::Transaction::new("acct_demo", "Succesful");
            transaction.body["product"] = json!(product);
            transaction
        });
        let cases = reported_about(&stack, transactions.collect()).await;
        stack.sweep().await;
        let agent = stack.sign_in("agent").await;
        // The automation mails nobody about a product that looks like an address: an agent does.
        let pages = [agent.get(WITH_CUSTOMER).await, agent.get(PAGE).await];
        assert_eq!(pages.iter().flat_map(listed).count(), cases.len(), "{pages:?}");
        let text = pages.map(|page| page.text).concat();
        for tag in ["<script>alert", "<img", "<svg", "<b>x", "</textarea>", "onerror=alert(1)>"] {
            assert!(!text.contains(tag), "{tag}: {text}");
        }
        for shown in ["script&#62;alert(1)", "{{ frame.csrf }}", "&#38;lt;b&#38;gt;", "javascript:alert(1)"] {
            assert!(text.contains(shown), "{shown}: {text}");
        }
    });
}

/// Copies a case and its dispute, as many times, under other numbers.
async fn copy(stack: &Stack, case: &Case, count: u64) {
    let (endpoint, table) = (stack.cloud().dynamodb.endpoint(), raw::table(stack.cloud(), "DISPUTES_TABLE"));
    let streamless = json!({ "TableName": table, "StreamSpecification": { "StreamEnabled": false } });
    raw::call(&endpoint, "UpdateTable", &streamless).await;
    let read = async |sk: &str| {
        let key = json!({ "PK": { "S": format!("DSP#{}", case.number) }, "SK": { "S": sk } });
        raw::call(&endpoint, "GetItem", &json!({ "TableName": table, "Key": key })).await["Item"].clone()
    };
    let (dispute, support) = (read("DSP").await, read("SUP").await);
    let numbers: Vec<u64> = (0..count).map(|n| 1_000_000 + n).collect();
    for numbers in numbers.chunks(12) {
        let of = |item: &Value, number: &u64| {
            let mut item = item.clone();
            item["PK"] = json!({ "S": format!("DSP#{number}") });
            item["number"] = json!({ "N": number.to_string() });
            if let Some(shard) = item["queue_shard"]["S"].as_str() {
                let state = shard.rsplit_once('-').unwrap().0;
                item["queue_shard"] = json!({ "S": format!("{state}-{}", number % 4) });
            }
            json!({ "PutRequest": { "Item": item } })
        };
        let puts: Vec<Value> = numbers.iter().flat_map(|number| [of(&dispute, number), of(&support, number)]).collect();
        raw::call(&endpoint, "BatchWriteItem", &json!({ "RequestItems": { table.as_str(): puts } })).await;
    }
}

/// What a page costs: its calls, and about how much they read.
async fn cost(stack: &Stack, browser: &ConsoleClient<'_>, query: &str) -> (Vec<String>, usize, usize) {
    stack.cloud().dynamodb.clear_calls();
    let page = browser.get(&format!("{PAGE}{query}")).await;
    assert_eq!((page.status, listed(&page).len()), (200, 50), "{page:?}");
    let mut calls = stack.dynamodb_calls(QUEUE);
    // The use of the session is noted once a minute.
    calls.retain(|call| call != "UpdateItem");
    (calls, stack.cloud().dynamodb.answered(QUEUE), page.bytes.len())
}

#[test]
fn a_page_costs_the_same_with_few_cases_and_with_many() {
    run(async {
        let mut costs = Vec::new();
        for count in [250, 3_000] {
            let stack = Stack::start(options()).await;
            let cases = waiting(&stack, 1).await;
            let ben = stack.sign_in_as("Ben").await;
            take(&ben, &ben.get(PAGE).await, &cases[0]).await;
            copy(&stack, &cases[0], count).await;
            // The first page of a function costs what it remembers.
            cost(&stack, &ben, "").await;
            costs.push([
                cost(&stack, &ben, "").await,
                cost(&stack, &ben, "?list=mine").await,
                cost(&stack, &ben, "?environment=production").await,
            ]);
            stack.stop().await;
        }
        for (few, many) in costs[0].iter().zip(&costs[1]) {
            assert_eq!(few.0, many.0, "the same calls");
            assert!(many.1 * 100 <= few.1 * 101, "about as much is read: {} and {}", few.1, many.1);
            assert!(many.2 <= 60_000, "{} bytes of HTML", many.2);
        }
        let session = ["GetItem", "GetItem"];
        let (operators, audit, rows) =
            (["Query", "BatchGetItem"], ["PutItem"], ["Query", "Query", "Query", "Query", "BatchGetItem"]);
        let whole: Vec<&str> = session.into_iter().chain(operators).chain(audit).chain(rows).collect();
        assert_eq!(costs[1][0].0, whole);
        assert_eq!(costs[1][2].0, whole, "a filter that leaves nothing out");
        assert_eq!(costs[1][1].0.len(), whole.len() - 3, "one partition: {:?}", costs[1][1].0);
    });
}

/// Makes the function do all that it is for, at least once.
pub(super) async fn everything(stack: &Stack) {
    let cases = asked(stack, 2).await;
    let (carol, ben) = (stack.sign_in("supervisor").await, stack.sign_in_as("Ben").await);
    let given = hand_over(&carol, WITH_CUSTOMER, &cases.iter().collect::<Vec<_>>(), "nobody").await;
    assert_eq!(given.status, 200, "{given:?}");
    let page = carol.get(PAGE).await;
    assert_eq!(take(&ben, &ben.get(PAGE).await, &cases[0]).await.status, 200);
    let too_late =
        order(&carol, &page, PAGE, &[("do", "assign"), ("to", "Aisyah"), ("case", &tick(&page, &cases[0]))]).await;
    assert_eq!(too_late.status, 409, "{too_late:?}");
    stack.cloud().clock.advance(A_MINUTE).unwrap();
    for list in ["mine", "disputes"] {
        assert_eq!(carol.get(&format!("{PAGE}?list={list}")).await.status, 200);
    }
}
