//! The sign-in by a mailed link, the session, and the sign-out.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use http::Request;
use recourse_dispute::addresses::MailAddress;
use recourse_dispute::event::PerformedBy;
use recourse_dispute::lifecycle::Actor;
use recourse_local::Options;
use recourse_local::dynamodb::Fault;
use recourse_store::{AuditContext, OperatorRole, WriteToken};

use super::{A_MINUTE, SOMEWHERE, audit_log, is_secured, is_signed_in, last_audit};
use crate::harness::{ConsoleClient, HttpResponse, SIGN_IN, Stack, options, run, shared};

pub(super) const AISYAH: &str = "aisyah@demo.recourse.example";
pub(super) const BEN: &str = "ben@demo.recourse.example";
/// An admin.
pub(super) const EVE: &str = "eve@demo.recourse.example";
pub(super) const SESSION: &str = "__Host-recourse";
pub(super) const BROWSER: &str = "__Host-recourse-sign-in";
const MINUTE: Duration = Duration::from_secs(60);

/// A cloud whose clock can be moved: under AWS's own emulator, functions have the machine's.
async fn movable() -> Stack {
    Stack::start(Options { emulator: None, ..options() }).await
}

pub(super) async fn ask(browser: &ConsoleClient<'_>, email: &str) -> HttpResponse {
    browser.post("/console/sign-in", &[("email", email)]).await
}

/// The path of the link in the last of `count` mails to an address.
pub(super) async fn mailed_link(stack: &Stack, email: &str, count: usize) -> String {
    let mail = stack.inbox(email, count).await.pop().unwrap();
    let text = mail.text.unwrap();
    let (_, rest) = text.split_once(stack.url()).unwrap_or_else(|| panic!("no link: {text}"));
    rest.split_whitespace().next().unwrap().to_owned()
}

fn audit(stack: &Stack) -> AuditContext {
    let by = PerformedBy { actor: Actor::Operator, name: "test".to_owned() };
    AuditContext { by, at: stack.cloud().clock.now_millis(), why: None }
}

/// Tokens that no other write has.
fn tokens() -> impl FnMut() -> WriteToken {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    || WriteToken::new(u128::from(NEXT.fetch_add(1, Ordering::Relaxed)).to_be_bytes())
}

/// Signs in by mail, which admins always may, looks around after a minute, and signs out.
pub(super) async fn everything(stack: &Stack) {
    let browser = stack.browser();
    ask(&browser, EVE).await;
    let link = mailed_link(stack, EVE, 1).await;
    browser.get(&link).await;
    stack.cloud().clock.advance(A_MINUTE).unwrap();
    let out = browser.submit(SOMEWHERE, "/console/sign-out", &[]).await;
    assert_eq!((out.status, out.location()), (303, "/console/sign-in"));
}

#[test]
fn a_mailed_link_signs_in_once_in_the_browser_that_asked() {
    run(async {
        let stack = Stack::start(options()).await;
        let browser = stack.browser();
        let form = browser.follow("/console").await;
        assert!(form.status == 200 && form.text.contains("name=\"email\""), "{form:?}");
        let asked = ask(&browser, AISYAH).await;
        assert_eq!((asked.status, asked.location()), (303, "/console/sign-in?sent"));
        let sent = browser.get(asked.location()).await;
        assert!(sent.text.contains("in this browser"), "{sent:?}");
        assert_eq!(last_audit(&stack).await, "Aisyah (agent): sign_in_link, done");

        let link = mailed_link(&stack, AISYAH, 1).await;
        assert!(link.starts_with("/console/link?token="), "{link}");
        // Another browser, and a program that opens the links of mails.
        let other = stack.browser();
        let with_own_request = stack.browser();
        ask(&with_own_request, BEN).await;
        for stranger in [&other, &with_own_request] {
            let refused = stranger.get(&link).await;
            assert_eq!(refused.status, 403);
            assert!(refused.text.contains("only in the browser"), "{refused:?}");
            assert!(stranger.cookie(SESSION).is_none());
            assert_eq!(last_audit(&stack).await, "nobody: sign_in, refused: other_browser");
        }
        let taken = browser.get(&link).await;
        assert_eq!((taken.status, taken.location()), (303, "/console/queue"), "{taken:?}");
        assert_eq!(last_audit(&stack).await, "Aisyah (agent): sign_in, done");
        assert!(browser.cookie(SESSION).is_some() && browser.cookie(BROWSER).is_none());
        assert!(is_signed_in(&browser).await);
        let page = browser.get(SOMEWHERE).await;
        assert!(page.text.contains("Aisyah") && page.text.contains("agent"), "{page:?}");

        // A second time, with the cookie that belonged to the link.
        let again = stack.browser();
        for set in asked.headers.get_all("set-cookie") {
            let (name, value) = set.to_str().unwrap().split(';').next().unwrap().split_once('=').unwrap();
            again.set_cookie(name, value);
        }
        let refused = again.get(&link).await;
        assert!(refused.status == 403 && refused.text.contains("was used"), "{refused:?}");
        assert!(again.cookie(SESSION).is_none());
        assert_eq!(last_audit(&stack).await, "nobody: sign_in, refused: link_not_good");
        let signed_in = browser.get("/console/sign-in").await;
        assert_eq!((signed_in.status, signed_in.location()), (303, "/console/queue"));
    });
}

#[test]
fn links_of_one_browser_all_work_and_ask_for_nothing_of_another_spelling() {
    run(async {
        let stack = Stack::start(options()).await;
        let browser = stack.browser();
        ask(&browser, AISYAH).await;
        let first = mailed_link(&stack, AISYAH, 1).await;
        ask(&browser, &format!(" {} ", AISYAH.to_uppercase())).await;
        let second = mailed_link(&stack, AISYAH, 2).await;
        assert_ne!(first, second);
        assert_eq!(browser.get(&first).await.status, 303, "the mail that came first");
        assert!(is_signed_in(&browser).await);
        for text in ["", "x", "a@", "a@b@c", "aisyah@demo.recourse.example\nbcc: x@y.example"] {
            let answer = ask(&browser, text).await;
            assert_eq!(answer.status, 400, "{text}");
        }
        for path in ["/console/link", "/console/link?token=", "/console/link?token=x", "/console/link?x=1&token=y"] {
            assert_eq!(stack.browser().get(path).await.status, 403, "{path}");
        }
    });
}

#[test]
fn a_link_works_for_ten_minutes() {
    run(async {
        let stack = movable().await;
        let (browser, other) = (stack.browser(), stack.browser());
        ask(&browser, AISYAH).await;
        ask(&other, BEN).await;
        let (in_time, late) = (mailed_link(&stack, AISYAH, 1).await, mailed_link(&stack, BEN, 1).await);
        stack.cloud().clock.advance(9 * MINUTE).unwrap();
        assert_eq!(browser.get(&in_time).await.status, 303);
        stack.cloud().clock.advance(MINUTE).unwrap();
        let refused = other.get(&late).await;
        assert!(refused.status == 403 && refused.text.contains("10 minutes are over"), "{refused:?}");
        assert_eq!(last_audit(&stack).await, "nobody: sign_in, refused: link_not_good");
    });
}

#[test]
fn a_session_ends_after_half_an_hour_without_use_and_after_twelve_hours() {
    run(async {
        let stack = movable().await;
        let clock = &stack.cloud().clock;
        let (idle, busy) = (stack.sign_in("agent").await, stack.sign_in("auditor").await);
        let look = Request::get(SOMEWHERE).header("recourse-look", "whatever");
        for _ in 0..29 {
            clock.advance(MINUTE).unwrap();
        }
        assert_eq!(idle.send(look, Vec::new()).await.status, 404, "a page that looks again by itself");
        assert!(is_signed_in(&busy).await);
        clock.advance(2 * MINUTE).unwrap();
        assert!(!is_signed_in(&idle).await, "and does not make the session longer");
        assert!(is_signed_in(&busy).await);
        // Twelve hours after the sign-in, of which 31 minutes are over.
        for _ in 0..34 {
            clock.advance(20 * MINUTE).unwrap();
            assert!(is_signed_in(&busy).await);
        }
        clock.advance(9 * MINUTE).unwrap();
        assert!(!is_signed_in(&busy).await);
    });
}

#[test]
fn a_session_ends_everywhere_when_the_operator_is_changed_and_a_role_holds_at_once() {
    run(async {
        let stack = Stack::start(options()).await;
        let store = stack.store();
        let email = MailAddress::parse(AISYAH).unwrap();
        let (first, second) = (stack.sign_in_as("Aisyah").await, stack.sign_in_as("Aisyah").await);
        ask(&second, AISYAH).await;
        let link = mailed_link(&stack, AISYAH, 1).await;
        store.set_operator_role(&email, OperatorRole::Auditor, None, &audit(&stack), tokens()).await.unwrap();
        let changed = store.operator(&email).await.unwrap().unwrap();
        assert_eq!(changed.role, OperatorRole::Auditor);
        let page = first.get(SOMEWHERE).await;
        assert!(page.text.contains("auditor"), "the same session: {page:?}");
        store.end_operator_sessions(&email, &audit(&stack), tokens()).await.unwrap();
        assert!(!is_signed_in(&first).await && !is_signed_in(&second).await);
        assert_eq!(second.get(&link).await.status, 403, "nor does a link of before");

        let third = stack.sign_in_as("Aisyah").await;
        assert!(is_signed_in(&third).await);
        store.remove_operator(&email, None, &audit(&stack), tokens()).await.unwrap();
        assert!(!is_signed_in(&third).await);
        let links = stack.get("/console/demo-links.json").await.text;
        assert!(!links.contains("Aisyah") && links.contains("Ben"), "{links}");
    });
}

#[test]
fn a_form_that_no_page_of_the_console_sent_is_refused_and_audited() {
    run(async {
        let stack = Stack::start(options()).await;
        let browser = stack.sign_in("agent").await;
        let own = stack.url().to_owned();
        let csrf = browser.get(SOMEWHERE).await.csrf().to_owned();
        let other = stack.sign_in("auditor").await.get(SOMEWHERE).await.csrf().to_owned();
        let out = || Request::post("/console/sign-out");
        let ours = || out().header("origin", &own).header("sec-fetch-site", "same-origin");
        for (why, request, fields) in [
            ("csrf", ours(), vec![]),
            ("csrf", ours(), vec![("csrf", "")]),
            ("csrf", ours(), vec![("csrf", other.as_str())]),
            ("origin", out().header("origin", "https://evil.example"), vec![("csrf", csrf.as_str())]),
            ("origin", out().header("origin", "null"), vec![("csrf", csrf.as_str())]),
            ("origin", out().header("sec-fetch-site", "cross-site"), vec![("csrf", csrf.as_str())]),
            ("origin", out().header("sec-fetch-site", "same-site"), vec![("csrf", csrf.as_str())]),
        ] {
            let refused = browser.post_with(request, &fields).await;
            assert_eq!(refused.status, 403, "{why}");
            is_secured(&refused);
            assert_eq!(last_audit(&stack).await, format!("Aisyah (agent): sign_in, refused: {why}"));
        }
        let foreign = Request::post("/console/sign-in").header("origin", "https://evil.example");
        assert_eq!(stack.browser().post_with(foreign, &[("email", AISYAH)]).await.status, 403);
        assert_eq!(last_audit(&stack).await, "nobody: sign_in, refused: origin");
        assert!(stack.mails_to(AISYAH).is_empty() && is_signed_in(&browser).await);

        let out = browser.post("/console/sign-out", &[("csrf", &csrf)]).await;
        assert_eq!((out.status, out.location()), (303, "/console/sign-in"));
        assert_eq!(last_audit(&stack).await, "Aisyah (agent): sign_out, done");
        assert!(browser.cookie(SESSION).is_none() && !is_signed_in(&browser).await);
    });
}

#[test]
fn a_session_that_was_signed_out_of_is_over_wherever_its_cookie_is() {
    run(async {
        let stack = Stack::start(options()).await;
        let browser = stack.sign_in("agent").await;
        let session = browser.cookie(SESSION).unwrap();
        let csrf = browser.get(SOMEWHERE).await.csrf().to_owned();
        assert_eq!(browser.post("/console/sign-out", &[("csrf", &csrf)]).await.status, 303);
        let copy = stack.browser();
        copy.set_cookie(SESSION, &session);
        assert!(!is_signed_in(&copy).await);
        for wrong in ["", "x", session.get(1..).unwrap(), &format!("{session}A"), &session.to_uppercase()] {
            let forged = stack.browser();
            forged.set_cookie(SESSION, wrong);
            assert!(!is_signed_in(&forged).await, "{wrong}");
        }
        assert_eq!(copy.post("/console/sign-out", &[]).await.status, 303, "there is nothing to sign out of");
    });
}

#[test]
fn a_stranger_gets_the_same_answer_for_the_same_work() {
    run(async {
        let stack = Stack::start(options()).await;
        ask(&stack.browser(), "warm@stranger.example").await;
        let mut answers = Vec::new();
        for email in [AISYAH, "nobody@stranger.example"] {
            stack.cloud().dynamodb.clear_calls();
            let mut answer = ask(&stack.browser(), email).await.without_ids();
            let calls = stack.dynamodb_calls(SIGN_IN);
            let cookie = answer.headers.remove("set-cookie").unwrap().to_str().unwrap().to_owned();
            answers.push((answer, calls, cookie.len()));
        }
        assert_eq!(answers[0], answers[1]);
        assert_eq!(
            answers[0].1,
            ["UpdateItem", "UpdateItem", "UpdateItem", "GetItem", "PutItem", "TransactWriteItems"]
        );
        assert_eq!(last_audit(&stack).await, "nobody: sign_in_link, refused: unknown_address");
        stack.inbox(AISYAH, 1).await;
        assert!(stack.mails_to("nobody@stranger.example").is_empty());
    });
}

#[test]
fn links_are_limited_by_address_and_by_source() {
    run(async {
        let stack = Stack::start(options()).await;
        let (browser, own) = (stack.browser(), stack.browser());
        ask(&own, BEN).await;
        own.get(&mailed_link(&stack, BEN, 1).await).await;
        for _ in 0..6 {
            let answer = ask(&browser, AISYAH).await;
            assert_eq!((answer.status, answer.location()), (303, "/console/sign-in?sent"));
        }
        assert_eq!(last_audit(&stack).await, "Aisyah (agent): sign_in_link, refused: too_many");
        assert_eq!(stack.inbox(AISYAH, 5).await.len(), 5);
        ask(&browser, BEN).await;
        stack.inbox(BEN, 2).await;
        assert_eq!(stack.mails_to(AISYAH).len(), 5, "the sixth is not mailed");
        // A page of somebody else's that asks counts for who is made to ask.
        let foreign = || Request::post("/console/sign-in").header("origin", "https://evil.example");
        let refused = stack.browser().post_with(foreign(), &[("email", BEN)]).await;
        assert_eq!(refused.status, 403);
        // Sixty in an hour from one source, of which nine are used.
        for n in 0..51 {
            assert_eq!(ask(&browser, &format!("{n}@stranger.example")).await.status, 303, "{n}");
        }
        let entries = audit_log(&stack).await.len();
        let refused = ask(&browser, BEN).await;
        assert_eq!((refused.status, &refused.headers["retry-after"]), (429, &"3600".parse().unwrap()));
        is_secured(&refused);
        let refused = stack.browser().post_with(foreign(), &[("email", BEN)]).await;
        assert_eq!(refused.status, 429);
        assert_eq!(audit_log(&stack).await.len(), entries, "which costs no entry");
        // Ben's own browser is not kept out by what others of its network do.
        assert_eq!(ask(&own, BEN).await.status, 303);
        stack.inbox(BEN, 3).await;
        assert_eq!(ask(&own, AISYAH).await.status, 429);
    });
}

#[test]
fn nobody_who_asks_for_links_keeps_an_operator_out_of_a_browser_that_signed_in_before() {
    run(async {
        let stack = Stack::start(options()).await;
        let (own, shared_with_ben) = (stack.browser(), stack.browser());
        ask(&own, AISYAH).await;
        own.get(&mailed_link(&stack, AISYAH, 1).await).await;
        assert!(is_signed_in(&own).await);
        own.submit(SOMEWHERE, "/console/sign-out", &[]).await;
        ask(&shared_with_ben, BEN).await;
        shared_with_ben.get(&mailed_link(&stack, BEN, 1).await).await;
        // Somebody uses up what the address has.
        let stranger = stack.browser();
        for _ in 0..5 {
            ask(&stranger, AISYAH).await;
        }
        assert_eq!(last_audit(&stack).await, "Aisyah (agent): sign_in_link, refused: too_many");
        assert_eq!(stack.inbox(AISYAH, 5).await.len(), 5);
        // A browser is known for its own operator alone.
        ask(&shared_with_ben, AISYAH).await;
        assert_eq!(last_audit(&stack).await, "Aisyah (agent): sign_in_link, refused: too_many");
        for links in 6..11 {
            ask(&own, AISYAH).await;
            let link = mailed_link(&stack, AISYAH, links).await;
            assert_eq!(last_audit(&stack).await, "Aisyah (agent): sign_in_link, done");
            if links == 6 {
                assert_eq!(own.get(&link).await.status, 303);
                assert!(is_signed_in(&own).await);
            }
        }
        ask(&own, AISYAH).await;
        assert_eq!(last_audit(&stack).await, "Aisyah (agent): sign_in_link, refused: too_many", "it has a limit, too");
        let known = own.cookie("__Host-recourse-known").unwrap();
        for table in ["DISPUTES_TABLE", "EPHEMERAL_TABLE"] {
            for ((pk, _), item) in stack.items(table).await {
                assert!(!pk.contains(&known) && !item.to_string().contains(&known), "{pk}");
            }
        }
    });
}

#[test]
fn a_browser_beyond_its_own_limit_is_a_source_like_any_other() {
    run(async {
        let stack = Stack::start(options()).await;
        let own = stack.browser();
        ask(&own, AISYAH).await;
        own.get(&mailed_link(&stack, AISYAH, 1).await).await;
        // Five of its own, and what its source still has of five.
        for links in 2..11 {
            assert_eq!(ask(&own, AISYAH).await.status, 303);
            assert_eq!(last_audit(&stack).await, "Aisyah (agent): sign_in_link, done", "{links}");
        }
        for _ in 0..2 {
            assert_eq!(ask(&own, AISYAH).await.status, 303);
            assert_eq!(last_audit(&stack).await, "Aisyah (agent): sign_in_link, refused: too_many");
        }
        assert_eq!(stack.inbox(AISYAH, 10).await.len(), 10);
        // Sixty attempts in an hour from one source, of which seven are used.
        for n in 0..53 {
            assert_eq!(ask(&own, AISYAH).await.status, 303, "{n}");
        }
        assert_eq!(ask(&own, AISYAH).await.status, 429);
    });
}

#[test]
fn a_form_of_another_site_ends_no_session_and_shows_no_draft() {
    run(async {
        let stack = Stack::start(options()).await;
        let draft = [("text", "Somebody else wrote this.")];
        for path in ["/console/cases/RC-00000001", "/console/sign-out", "/console/settings/accounts"] {
            // A browser leaves the cookie out.
            for (name, value) in [("origin", "https://evil.example"), ("sec-fetch-site", "cross-site")] {
                let answer = stack.browser().post_with(Request::post(path).header(name, value), &draft).await;
                assert!([303, 401].contains(&answer.status), "{path}: {answer:?}");
                assert!(!answer.headers.contains_key("set-cookie"), "{path}: {answer:?}");
                assert!(!answer.text.contains(draft[0].1), "{path}: {answer:?}");
            }
        }
        // What a page of ours sent is shown, and a session that is over goes.
        let browser = stack.browser();
        browser.set_cookie(SESSION, "over");
        let answer = browser.post("/console/cases/RC-00000001", &draft).await;
        assert_eq!(answer.status, 401, "{answer:?}");
        assert!(answer.text.contains(draft[0].1) && browser.cookie(SESSION).is_none(), "{answer:?}");
    });
}

#[test]
fn every_answer_has_the_headers_of_security() {
    run(async {
        let stack = shared().await;
        let (signed_in, stranger) = (stack.sign_in("agent").await, stack.browser());
        let page = signed_in.get(SOMEWHERE).await;
        assert_eq!(page.status, 404);
        for path in ["/console", "/console/sign-in", "/console/sign-in?sent", "/console/link?token=x", SOMEWHERE] {
            is_secured(&stranger.get(path).await);
            is_secured(&signed_in.get(path).await);
        }
        is_secured(&signed_in.post("/console/sign-out", &[]).await);
        is_secured(&stranger.post("/console/sign-in", &[]).await);
        let assets: Vec<_> = page.text.split('"').filter(|text| text.starts_with("/console/assets/")).collect();
        assert_eq!(assets.len(), 2, "{assets:?}");
        for asset in assets {
            let answer = stranger.get(asset).await;
            is_secured(&answer);
            assert_eq!(answer.headers["cache-control"], "public, max-age=31536000, immutable");
        }
        assert!(!page.text.contains("style=") && !page.text.contains("<style") && !page.text.contains("javascript:"));
        let scripts = page.text.matches("<script").count();
        assert_eq!(scripts, page.text.matches("<script src=\"/console/assets/").count(), "no script is in a page");
        is_secured(&stranger.get("/console/assets/unknown-00.css").await);
    });
}

#[test]
fn the_cookies_are_of_this_host_alone_and_for_no_script() {
    run(async {
        let stack = shared().await;
        let asked = ask(&stack.browser(), "cookies@stranger.example").await;
        let cookie = asked.headers["set-cookie"].to_str().unwrap();
        assert!(cookie.starts_with("__Host-recourse-sign-in="), "{cookie}");
        for part in ["Path=/", "Secure", "HttpOnly", "SameSite=Lax"] {
            assert!(cookie.split("; ").any(|sent| sent == part), "{cookie}");
        }
        assert!(!cookie.contains("Domain"), "{cookie}");
    });
}

#[test]
fn what_the_audit_log_does_not_have_is_not_done() {
    run(async {
        let stack = Stack::start(options()).await;
        let (browser, signed_in) = (stack.browser(), stack.sign_in("agent").await);
        let page = signed_in.get(SOMEWHERE).await;
        ask(&browser, AISYAH).await;
        let link = mailed_link(&stack, AISYAH, 1).await;
        for fault in [Fault::Unreachable, Fault::ServerError] {
            stack.cloud().dynamodb.set_fault_of(SIGN_IN, fault);
            for answer in [
                browser.get(&link).await,
                signed_in.post("/console/sign-out", &[("csrf", page.csrf())]).await,
                ask(&stack.browser(), BEN).await,
            ] {
                assert_eq!(answer.status, 503, "{fault:?}");
                is_secured(&answer);
                assert!(answer.text.contains("try again"), "{answer:?}");
            }
            stack.cloud().dynamodb.set_fault_of(SIGN_IN, Fault::None);
        }
        assert!(browser.cookie(SESSION).is_none());
        assert!(is_signed_in(&signed_in).await);
        assert_eq!(browser.get(&link).await.status, 303, "the link is as it was");
    });
}

/// The log of the functions and the keys of the tables name nobody.
#[test]
fn no_log_line_and_no_key_has_an_address_or_a_token() {
    run(async {
        let stack = Stack::start(options()).await;
        let browser = stack.browser();
        ask(&browser, AISYAH).await;
        ask(&browser, "secret@stranger.example").await;
        let link = mailed_link(&stack, AISYAH, 1).await;
        let binding = browser.cookie(BROWSER).unwrap();
        browser.get(&link).await;
        let session = browser.cookie(SESSION).unwrap();
        browser.submit(SOMEWHERE, "/console/sign-out", &[]).await;
        let lines = stack.request_lines(SIGN_IN, 5).await;
        assert!(lines.iter().all(|line| line["api"] == "console" && line["call"] == "sign-in"), "{lines:?}");
        let token = link.rsplit_once('=').unwrap().1;
        for secret in [AISYAH, "secret@", token, &binding, &session, "127.0.0.1"] {
            for line in stack.log() {
                assert!(!line.text.contains(secret), "{secret} in {}", line.text);
            }
            for table in ["DISPUTES_TABLE", "EPHEMERAL_TABLE"] {
                for ((pk, sk), _) in stack.items(table).await {
                    let is_source = secret == "127.0.0.1" && pk.starts_with("CAP#");
                    assert!(is_source || !pk.contains(secret) && !sk.contains(secret), "{secret} in {pk} {sk}");
                }
            }
        }
        for (_, item) in stack.items("EPHEMERAL_TABLE").await {
            let item = item.to_string();
            assert!(!item.contains(token) && !item.contains(&binding) && !item.contains(&session), "{item}");
        }
    });
}

#[test]
fn a_demo_link_signs_in_once() {
    run(async {
        let stack = shared().await;
        let links = stack.get("/console/demo-links.json").await.json();
        let roles: Vec<_> = links.as_array().unwrap().iter().map(|link| link["role"].as_str().unwrap()).collect();
        assert_eq!(roles, ["agent", "agent", "supervisor", "auditor", "admin"]);
        let address = links[0]["url"].as_str().unwrap().strip_prefix(stack.url()).unwrap().to_owned();
        let browser = stack.browser();
        let page = browser.follow(&address).await;
        assert!(page.status == 404 || page.status == 200, "the queue: {page:?}");
        assert!(is_signed_in(&browser).await);
        assert_eq!(stack.browser().get(&address).await.status, 410);
        let start = stack.get("/").await.text;
        assert!(start.contains("/console/demo-links/") && start.contains("Sign in as Carol"));
    });
}
