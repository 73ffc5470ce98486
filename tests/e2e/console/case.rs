//! The page of a case, as agents, supervisors and auditors use it.

use std::time::Duration;

use futures_util::future::join_all;
use http::Request;
use recourse_local::Options;
use recourse_local::dynamodb::Fault;
use recourse_store::WriteToken;
use serde_json::json;

use super::{A_MINUTE, audit_log, is_secured, last_audit};
use crate::harness::{Connect, ConsoleClient, EVIDENCE, HttpResponse, Stack, Transaction, run};
use crate::support::case::{Case, mailed, receive, reported_about, unhurried, voucher_case, wire_id};
use crate::support::eml::photo;
use crate::tutelar;

/// A page of a case.
fn page_of(case: &str) -> String {
    format!("/console/cases/{case}")
}

/// The value of the first hidden field of this name.
#[track_caller]
fn hidden(page: &HttpResponse, name: &str) -> String {
    let rest =
        page.text.split_once(&format!("name=\"{name}\" value=\"")).unwrap_or_else(|| panic!("{name}: {page:?}")).1;
    rest.split_once('"').unwrap().0.to_owned()
}

/// What every form of the page has.
fn marks(page: &HttpResponse) -> [(&'static str, String); 3] {
    ["csrf", "seen", "submission"].map(|name| (name, hidden(page, name)))
}

/// The fields of a form of this page.
fn form(page: &HttpResponse, fields: &[(&'static str, &str)]) -> Vec<(&'static str, String)> {
    let fields = fields.iter().map(|(name, value)| (*name, (*value).to_owned()));
    marks(page).into_iter().chain(fields).collect()
}

async fn send(browser: &ConsoleClient<'_>, path: &str, fields: &[(&'static str, String)]) -> HttpResponse {
    let fields: Vec<_> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
    browser.post(path, &fields).await
}

/// Opens the case and sends one of its forms.
async fn order(browser: &ConsoleClient<'_>, case: &str, fields: &[(&'static str, &str)]) -> HttpResponse {
    let page = browser.get(&page_of(case)).await;
    assert_eq!(page.status, 200, "{page:?}");
    send(browser, &page_of(case), &form(&page, fields)).await
}

#[track_caller]
fn is_done(answer: &HttpResponse, case: &str, code: &str) {
    assert_eq!((answer.status, answer.location()), (303, format!("{}?done={code}", page_of(case)).as_str()));
}

/// How many mails of a case have these words.
fn replies(stack: &Stack, case: &Case, words: &str) -> usize {
    let texts = case.mails(stack).into_iter().filter_map(|mail| mail.text);
    texts.filter(|text| text.contains(words)).count()
}

/// The address that a file's link leads to, and what is there.
async fn file(stack: &Stack, browser: &ConsoleClient<'_>, link: &str) -> (String, HttpResponse) {
    let led = browser.get(link).await;
    assert_eq!(led.status, 303, "{led:?}");
    is_secured(&led);
    let address = led.location().to_owned();
    let got = stack.to(Request::get(&address).body(Vec::new()).unwrap()).await;
    (address, got)
}

/// The links to files of a page.
fn file_links(page: &HttpResponse) -> Vec<String> {
    let parts = page.text.split("href=\"").skip(1).filter_map(|rest| rest.split_once('"'));
    let mut links: Vec<_> = parts.map(|(link, _)| link.to_owned()).filter(|link| link.contains("/files/")).collect();
    links.dedup();
    links
}

/// An evidence file of a Connect dispute, by its case id and the link to it.
async fn with_evidence(stack: &Stack, name: &str, media: &str, content: &[u8]) -> (String, String) {
    let dispute = stack.draft().await;
    let attached = stack.connect(Connect::upload(&dispute, name, media, content)).await;
    assert_eq!(attached.status, 201, "{attached:?}");
    let number: recourse_dispute::number::DisputeNumber = dispute.parse().unwrap();
    let file = stack.evidence(&dispute).await.remove(0);
    let case = number.case_id();
    let link = format!("{}/files/{}", page_of(&case), file.id);
    (case, link)
}

/// Waits until the mails of a case are sent, and a second more: the history counts in seconds.
async fn settled(stack: &Stack, case: &Case) {
    mailed(stack, case.number).await;
    tokio::time::sleep(Duration::from_millis(1_100)).await;
}

/// A worker claims the task of a case. So its version moves, and nobody has to know.
async fn claimed(stack: &Stack, case: &Case) {
    let store = stack.store();
    let mut snapshot = store.support_snapshot(case.number).await.unwrap().unwrap();
    let (token, now) = (WriteToken::new([9; 16]), stack.cloud().clock.now_millis());
    let work = store.claim_work(&mut snapshot, 60_000, &token, now).await.unwrap();
    assert!(work.is_some(), "a worker has something to do");
}

/// What the timeline of a page says, without its elements.
fn timeline(page: &HttpResponse) -> String {
    let (_, list) = page.text.split_once("<ol class=\"timeline\">").unwrap();
    let (list, _) = list.split_once("</ol>").unwrap();
    let text: String = list.split('<').map(|part| part.split_once('>').map_or(part, |(_, text)| text)).collect();
    // An id of an account is a name.
    text.replace("iimm_prod_demo", "the account").replace("acct_demo", "the account")
}

/// Nothing in a timeline is for machines, such as `intent:objection`, `customer_silent` or
/// `2026-01-16T02:00:00Z`.
#[track_caller]
fn is_in_words(timeline: &str) {
    let characters: Vec<char> = timeline.chars().collect();
    for part in characters.windows(3) {
        let [before, mark, after] = part else { continue };
        let joins = ['_', ':', '>'].contains(mark) && before.is_ascii_lowercase() && after.is_ascii_lowercase();
        let is_time = *mark == 'T' && before.is_ascii_digit() && after.is_ascii_digit();
        assert!(!joins && !is_time, "{before}{mark}{after}: {timeline}");
    }
}

/// Makes the function of the page do everything that it is for.
pub(super) async fn everything(stack: &Stack) {
    let mut transaction = Transaction::new("acct_demo", "Succesful");
    transaction.body["kind"] = "voucher".into();
    transaction.body["parties"] = json!({ "issuer": { "code": "FBN", "name": "FIRST BANK OF NIGERIA" } });
    let case = reported_about(stack, vec![transaction]).await.remove(0);
    stack.sweep().await;
    receive(stack, &case.mail("Here it is.").file("a.png", "image/png", &photo()), "").await;
    let evidence = case.record(stack).await.record.dispute.claim.evidence.remove(0);
    let key = format!("evidence/{}", evidence.object);
    stack.cloud().s3.tag(EVIDENCE, &key, "GuardDutyMalwareScanStatus", "NO_THREATS_FOUND");
    let supervisor = stack.sign_in("supervisor").await;
    // A session that is used after a minute is written again.
    stack.cloud().clock.advance(A_MINUTE).unwrap();
    let page = supervisor.get(&page_of(&case.id)).await;
    let link = file_links(&page).remove(0);
    let (_, picture) = file(stack, &supervisor, &link).await;
    assert_eq!(picture.status, 200);
    is_done(&order(&supervisor, &case.id, &[("do", "take")]).await, &case.id, "take");
    let reply = [("do", "reply"), ("text", "We look into it."), ("confirmed", "yes")];
    is_done(&order(&supervisor, &case.id, &reply).await, &case.id, "reply");
    assert_eq!(send(&supervisor, &page_of(&case.id), &form(&page, &reply)).await.status, 409);
    let resolve = [("do", "resolve"), ("side", "customer"), ("text", "never delivered")];
    is_done(&order(&supervisor, &case.id, &resolve).await, &case.id, "resolve");
}

#[test]
fn an_agent_works_a_case_from_the_picture_to_the_end() {
    run(async {
        let stack = Stack::start(unhurried()).await;
        let case = voucher_case(&stack).await;
        receive(&stack, &case.mail("Here is my voucher.").file("voucher.png", "image/png", &photo()), "").await;
        let agent = stack.sign_in_as("Aisyah").await;
        let page = agent.get(&page_of(&case.id)).await;
        assert_eq!(page.status, 200, "{page:?}");
        is_secured(&page);
        assert_eq!(last_audit(&stack).await, "Aisyah (agent): case, done");
        for shown in [
            case.id.as_str(),
            "Here is my voucher.",
            "Please send us a photo",
            &case.user,
            case.transaction.trxid.as_str(),
            "A worker asks the provider",
            "voucher.png",
            "Take the case",
            "withdraw it, which leads to: withdrawn",
        ] {
            assert!(page.text.contains(shown), "{shown}: {}", page.text);
        }
        let policy = page.headers["content-security-policy"].to_str().unwrap();
        assert!(
            policy.contains("img-src 'self' http://127.0.0.1:") && policy.contains("frame-src 'self' "),
            "{policy}"
        );

        let link = file_links(&page).remove(0);
        let (address, picture) = file(&stack, &agent, &link).await;
        assert!(address.contains("response-content-disposition=inline"), "{address}");
        assert_eq!((picture.status, picture.headers["content-type"].to_str().unwrap()), (200, "image/png"));
        assert_eq!(last_audit(&stack).await, "Aisyah (agent): file, done");

        is_done(&order(&agent, &case.id, &[("do", "take")]).await, &case.id, "take");
        assert_eq!(last_audit(&stack).await, "Aisyah (agent): take, done");
        let page = agent.get(&format!("{}?done=take", page_of(&case.id))).await;
        assert!(page.text.contains("You have the case.") && page.text.contains(">yours<"), "{}", page.text);
        for shown in
            ["It stopped", "An agent took the case.", "No agent acted in time, so the supervisors were mailed."]
        {
            assert!(page.text.contains(shown), "{shown}: {}", page.text);
        }

        let words = "Hello,\n\nwe have sent you another voucher.";
        let preview = send(&agent, &format!("{}/preview", page_of(&case.id)), &form(&page, &[("text", words)])).await;
        assert_eq!(preview.status, 200, "{preview:?}");
        for shown in [&case.user, "A message about your report", "we have sent you another voucher."] {
            assert!(preview.text.contains(shown), "{shown}: {}", preview.text);
        }
        assert_eq!(replies(&stack, &case, "another voucher"), 0);
        let confirmed = form(&preview, &[("do", "reply"), ("text", words), ("confirmed", "yes")]);
        is_done(&send(&agent, &page_of(&case.id), &confirmed).await, &case.id, "reply");
        mailed(&stack, case.number).await;
        let mail = case.mails(&stack).pop().unwrap();
        assert!(mail.text.as_deref().unwrap().contains("we have sent you another voucher."));
        assert_eq!(mail.to, [case.user.as_str()]);
        assert!(mail.headers.iter().any(|(name, value)| name == "References" && value.contains(&wire_id(&case.first))));

        let note = [("do", "note"), ("text", "The biller confirmed it\nby phone.")];
        is_done(&order(&agent, &case.id, &note).await, &case.id, "note");
        let resolve = [("do", "resolve"), ("side", "customer"), ("text", "the code never worked")];
        is_done(&order(&agent, &case.id, &resolve).await, &case.id, "resolve");
        case.is(&stack, "resolved", "agent_resolved").await;
        let page = agent.get(&page_of(&case.id)).await;
        for shown in [">resolved<", "note by Aisyah", "The biller confirmed it\nby phone.", "the code never worked"] {
            assert!(page.text.contains(shown), "{shown}: {}", page.text);
        }
        assert!(!page.text.contains("Take the case") && !page.text.contains("Resolve for good"), "{}", page.text);
        let timeline = timeline(&page);
        is_in_words(&timeline);
        for said in ["1 file was accepted", "a photo is there", "An agent took the case. Now waiting for an agent."] {
            assert!(timeline.contains(said), "{said}: {timeline}");
        }
        mailed(&stack, case.number).await;
        assert_eq!(replies(&stack, &case, "by phone"), 0, "a note is in no mail");
    });
}

#[test]
fn of_two_agents_at_once_one_is_told_what_the_other_did() {
    run(async {
        let stack = Stack::start(unhurried()).await;
        let case = voucher_case(&stack).await;
        // What was before is sent, and a second older than what the agents do.
        settled(&stack, &case).await;
        let (aisyah, ben) = (stack.sign_in_as("Aisyah").await, stack.sign_in_as("Ben").await);
        let path = page_of(&case.id);
        let (first, second) = (aisyah.get(&path).await, ben.get(&path).await);
        let reply = |text| [("do", "reply"), ("text", text), ("confirmed", "yes")];
        is_done(&send(&aisyah, &path, &form(&first, &reply("Aisyah wrote this."))).await, &case.id, "reply");
        let told = send(&ben, &path, &form(&second, &reply("Ben wrote <b>that</b>."))).await;
        assert_eq!(told.status, 409, "{told:?}");
        is_secured(&told);
        assert_eq!(last_audit(&stack).await, "Ben (agent): reply, refused: changed");
        for shown in [
            "Nothing was done",
            "Aisyah wrote this.",
            "An agent replied to the customer.",
            "Ben wrote &#60;b&#62;that&#60;/b&#62;.",
        ] {
            assert!(told.text.contains(shown), "{shown}: {}", told.text);
        }
        assert!(!told.text.contains("Please send us a photo"), "only what is new: {}", told.text);
        mailed(&stack, case.number).await;
        assert_eq!((replies(&stack, &case, "Aisyah wrote"), replies(&stack, &case, "Ben wrote")), (1, 0));
        // Ben has seen it now, and sends his all the same.
        is_done(&send(&ben, &path, &form(&told, &reply("Ben wrote that."))).await, &case.id, "reply");

        // At the very same time.
        settled(&stack, &case).await;
        let pages = [aisyah.get(&path).await, ben.get(&path).await];
        let forms = pages.iter().map(|page| form(page, &reply("Both at once.")));
        let forms: Vec<_> = [&aisyah, &ben].into_iter().zip(forms).collect();
        let sent = join_all(forms.iter().map(|(browser, form)| send(browser, &path, form))).await;
        let mut statuses: Vec<_> = sent.iter().map(|answer| answer.status).collect();
        statuses.sort_unstable();
        assert_eq!(statuses, [303, 409]);
        mailed(&stack, case.number).await;
        assert_eq!(replies(&stack, &case, "Both at once."), 1);
    });
}

#[test]
fn a_form_that_is_sent_twice_is_one_mail() {
    run(async {
        let stack = Stack::start(unhurried()).await;
        let case = voucher_case(&stack).await;
        let agent = stack.sign_in("agent").await;
        let path = page_of(&case.id);
        let page = agent.get(&path).await;
        let reply = form(&page, &[("do", "reply"), ("text", "Once only."), ("confirmed", "yes")]);
        for sent in join_all((0..4).map(|_| send(&agent, &path, &reply))).await {
            is_done(&sent, &case.id, "reply");
        }
        // The case moves on, and the browser sends the old form again.
        is_done(&order(&agent, &case.id, &[("do", "note"), ("text", "Later.")]).await, &case.id, "note");
        is_done(&send(&agent, &path, &reply).await, &case.id, "reply");
        // With other words it is another form, of a page that is too old.
        let other = form(&page, &[("do", "reply"), ("text", "Twice."), ("confirmed", "yes")]);
        let told = send(&agent, &path, &other).await;
        assert!(told.status == 409 && told.text.contains("Twice."), "{told:?}");
        mailed(&stack, case.number).await;
        assert_eq!((replies(&stack, &case, "Once only."), replies(&stack, &case, "Twice.")), (1, 0));
        let log = audit_log(&stack).await;
        let replies = log.iter().filter(|entry| entry.action == "reply");
        let mut outcomes: Vec<_> = replies.map(|entry| entry.outcome.to_string()).collect();
        outcomes.sort_unstable();
        assert_eq!(outcomes.iter().filter(|outcome| *outcome == "done").count(), 1, "{outcomes:?}");
    });
}

#[test]
fn an_auditor_reads_a_case_and_changes_nothing() {
    run(async {
        let stack = Stack::start(unhurried()).await;
        let case = voucher_case(&stack).await;
        let (auditor, agent) = (stack.sign_in("auditor").await, stack.sign_in("agent").await);
        let path = page_of(&case.id);
        let page = auditor.get(&path).await;
        assert!(page.status == 200 && page.text.contains("Please send us a photo"), "{page:?}");
        for offered in ["value=\"reply\"", "value=\"take\"", "value=\"note\"", "value=\"resolve\"", "value=\"assign\""]
        {
            assert!(!page.text.contains(offered), "{offered}");
        }
        let found = auditor.submit(&path, &path, &[("do", "find"), ("q", "PHOTO")]).await;
        assert!(found.status == 200 && found.text.contains("<mark>photo</mark>"), "{}", found.text);
        let before = case.record(&stack).await.case;
        let agents_page = agent.get(&path).await;
        let (seen, submission) = (hidden(&agents_page, "seen"), hidden(&agents_page, "submission"));
        for fields in [
            &[("do", "take")][..],
            &[("do", "release")],
            &[("do", "assign"), ("to", "Ben")],
            &[("do", "reply"), ("text", "x"), ("confirmed", "yes")],
            &[("do", "note"), ("text", "x")],
            &[("do", "resolve"), ("side", "customer"), ("text", "x")],
            &[("do", "template"), ("template", "ask_details")],
        ] {
            let marks = [("seen", seen.as_str()), ("submission", submission.as_str())];
            let refused = auditor.submit(&path, &path, &[fields, &marks].concat()).await;
            assert_eq!(refused.status, 403, "{fields:?}: {refused:?}");
            assert_eq!(last_audit(&stack).await, "Dev (auditor): case, refused: role");
        }
        let refused = auditor.submit(&path, &format!("{path}/preview"), &[("text", "x")]).await;
        assert_eq!(refused.status, 403);
        // An agent may not give a case to somebody, and a form of nobody is none.
        let given = order(&agent, &case.id, &[("do", "assign"), ("to", "Ben")]).await;
        assert_eq!(given.status, 403, "{given:?}");
        let foreign = agent.post(&path, &[("do", "take"), ("seen", &seen), ("submission", &submission)]).await;
        assert_eq!(foreign.status, 403);
        assert_eq!(last_audit(&stack).await, "Aisyah (agent): case, refused: csrf");
        let nobody = stack.browser().get(&path).await;
        assert_eq!((nobody.status, nobody.location()), (303, "/console/sign-in"));
        assert_eq!(case.record(&stack).await.case, before);
        // A supervisor may.
        let supervisor = stack.sign_in("supervisor").await;
        is_done(&order(&supervisor, &case.id, &[("do", "assign"), ("to", "Ben")]).await, &case.id, "assign");
        let unknown = order(&supervisor, &case.id, &[("do", "assign"), ("to", "Dev")]).await;
        assert_eq!(unknown.status, 400, "an auditor works on no case");
        let page = agent.get(&path).await;
        assert!(page.text.contains("Take it from <bdi>Ben</bdi>"), "{}", page.text);
        is_done(&order(&agent, &case.id, &[("do", "take")]).await, &case.id, "take");
        is_done(&order(&agent, &case.id, &[("do", "release")]).await, &case.id, "release");
        case.is(&stack, "waiting_for_agent", "agent_released").await;
    });
}

#[test]
fn what_is_hostile_is_shown_as_text() {
    run(async {
        let stack = Stack::start(unhurried()).await;
        let mut transaction = Transaction::new("acct_demo", "Succesful");
        transaction.body["kind"] = "voucher".into();
        transaction.body["product"] = "<script>alert('product')</script>".into();
        let case = reported_about(&stack, vec![transaction]).await.remove(0);
        let texts = [
            "<script>alert('text')</script>",
            "<svg onload=alert(1)>",
            "\" onmouseover=\"alert(2)",
            "</div></article><h1>You won</h1>",
            "abc\u{202e}gnp.exe",
            "red \u{1b}[31m and \u{9b}2J",
            "{{ 7 * 7 }} {% raw %}",
            "&lt;b&gt; stays",
            "zero\u{200b}width",
        ];
        for text in texts {
            let mail = case.mail(text).with("From", &format!("\"<img src=x onerror=alert(3)>\" <{}>", case.user));
            receive(&stack, &mail.file("<svg onload=alert(4)>.png", "image/png", &photo()), "").await;
        }
        let agent = stack.sign_in("agent").await;
        let noted = order(&agent, &case.id, &[("do", "note"), ("text", "<img src=x onerror=alert(5)>")]).await;
        is_done(&noted, &case.id, "note");
        let path = page_of(&case.id);
        let found = agent.submit(&path, &path, &[("do", "find"), ("q", "<script>")]).await;
        let told = agent.get(&path).await;
        for page in [&found, &told] {
            assert_eq!(page.status, 200);
            for raw in [
                "<script>alert",
                "<svg",
                "<img src=x",
                "<h1>You",
                "\u{202e}",
                "\u{1b}",
                "\u{9b}",
                "\u{200b}",
                "\" onmouseover",
            ] {
                assert!(!page.text.contains(raw), "{raw:?}: {}", page.text);
            }
            for shown in
                ["&#60;script&#62;alert(&#39;text&#39;)", "abcgnp.exe", "{{ 7 * 7 }}", "&#38;lt;b&#38;gt; stays"]
            {
                assert!(page.text.contains(shown), "{shown}: {}", page.text);
            }
        }
        assert!(found.text.contains("<mark>&#60;script&#62;</mark>"), "{}", found.text);
    });
}

#[test]
fn files_are_shown_only_where_nothing_can_run_and_only_those_of_the_case() {
    run(async {
        let stack = Stack::start(unhurried()).await;
        let agent = stack.sign_in("agent").await;
        let pdf = b"%PDF-1.7\n1 0 obj\n".as_slice();
        let html = b"<html><script>alert(1)</script></html>".as_slice();
        let zip = b"PK\x03\x04\x14\x00\x00\x00".as_slice();
        let mut cases = Vec::new();
        for (name, media, content, shown) in [
            ("a.pdf", "application/pdf", pdf, "application/pdf"),
            ("a.txt", "text/plain", html, "text/plain; charset=utf-8"),
            ("a.zip", "application/zip", zip, ""),
        ] {
            let (case, link) = with_evidence(&stack, name, media, content).await;
            let (address, got) = file(&stack, &agent, &link).await;
            let header = |name: &str| got.headers[name].to_str().unwrap().to_owned();
            if shown.is_empty() {
                assert!(header("content-disposition").starts_with("attachment;"), "{got:?}");
            } else {
                assert_eq!(header("content-type"), shown, "{address}");
                assert!(header("content-disposition").starts_with("inline;"), "{got:?}");
                let (_, got) = file(&stack, &agent, &format!("{link}?download")).await;
                assert!(got.headers["content-disposition"].to_str().unwrap().starts_with("attachment;"), "{got:?}");
            }
            let page = agent.get(&page_of(&case)).await;
            assert_eq!(page.text.contains("<iframe"), !shown.is_empty(), "{}", page.text);
            cases.push((case, link));
        }
        let foreign = cases[1].1.rsplit_once('/').unwrap().1;
        for missing in [
            format!("{}/files/{foreign}", page_of(&cases[0].0)),
            format!("{}/files/1-{}", page_of(&cases[0].0), "ab".repeat(16)),
            page_of("RC-zzzzzzzz"),
            page_of("nothing"),
            page_of("..%2f..%2fqueue"),
        ] {
            let answer = agent.get(&missing).await;
            assert_eq!(answer.status, 404, "{missing}: {answer:?}");
            is_secured(&answer);
        }
        // A draft is not an operator's to decide, and has no support process.
        let page = agent.get(&page_of(&cases[0].0)).await;
        assert!(
            page.text.contains("has no support process") && !page.text.contains("Resolve for good"),
            "{}",
            page.text
        );
    });
}

#[test]
fn a_dispute_of_a_bank_shows_what_others_may_do_and_takes_notes_and_a_decision() {
    run(async {
        let stack = Stack::start(Options { emulator: None, ..unhurried() }).await;
        let mut transaction = Transaction::new("acct_demo", "Succesful");
        transaction.body["parties"] = json!({
            "issuer": { "code": "FBN", "name": "FIRST BANK OF NIGERIA" },
            "acquirer": { "code": "GTB", "name": "GUARANTY TRUST BANK" },
        });
        transaction.body["kind"] = "other".into();
        let case = reported_about(&stack, vec![transaction]).await.remove(0);
        let agent = stack.sign_in("agent").await;
        let page = agent.get(&page_of(&case.id)).await;
        for shown in [
            "the acquirer GTB",
            "(Arbiter API)",
            "accept the claim, which leads to: closed in the customer&#39;s favour",
        ] {
            assert!(page.text.contains(shown), "{shown}: {}", page.text);
        }
        assert!(!page.text.contains("value=\"accept\""), "what only a bank may do is not offered");
        is_done(&order(&agent, &case.id, &[("do", "note"), ("text", "Called GTB.")]).await, &case.id, "note");
        let without = order(&agent, &case.id, &[("do", "resolve"), ("side", "nobody"), ("text", "x")]).await;
        assert_eq!(without.status, 400);
        let resolve = [("do", "resolve"), ("side", "merchant"), ("text", "redeemed on 16 January")];
        is_done(&order(&agent, &case.id, &resolve).await, &case.id, "resolve");
        let again = order(&agent, &case.id, &resolve).await;
        assert_eq!(again.status, 422, "{again:?}");
        assert!(again.text.contains("The dispute is closed, and nothing waits for an agent."), "{}", again.text);
        assert_eq!(last_audit(&stack).await, "Aisyah (agent): resolve, refused: refused");
    });
}

/// Mail about a merchant's own dispute goes to the account. Who takes that for the customer would
/// write to the wrong one.
#[test]
fn a_page_says_who_alone_gets_a_reply_and_leads_to_the_disputes_of_its_customer() {
    run(async {
        let stack = Stack::start(unhurried()).await;
        let case = voucher_case(&stack).await;
        let agent = stack.sign_in("agent").await;
        let page = agent.get(&page_of(&case.id)).await;
        assert!(page.text.contains("Your words to the customer;"), "{}", page.text);
        let fields = ["csrf", "q", "environment"].map(|name| (name, hidden(&page, name)));
        assert_eq!((fields[1].1.as_str(), fields[2].1.as_str()), (case.user.as_str(), "production"));
        let found = send(&agent, "/console/search", &fields).await;
        assert!(found.status == 200 && found.text.contains("Read as a mail address"), "{found:?}");
        assert_eq!(last_audit(&stack).await, "Aisyah (agent): search_email, done");

        let (disputed, _) = tutelar::dispute(&stack).await;
        let number = stack.dispute(&disputed.trxid).await.dispute.number;
        let page = agent.get(&page_of(&number.case_id())).await;
        assert!(page.text.contains("Your words to <bdi>disputes@demo-wallet.example</bdi> alone"), "{}", page.text);
        assert_eq!(hidden(&page, "q"), "johnson.a@ippopay.com");
    });
}

#[test]
fn templates_warnings_and_rules_come_before_the_mail() {
    run(async {
        let stack = Stack::start(unhurried()).await;
        let case = voucher_case(&stack).await;
        let agent = stack.sign_in("agent").await;
        let path = page_of(&case.id);
        let drafted =
            order(&agent, &case.id, &[("do", "template"), ("template", "ask_details"), ("text", "Dear customer,")]);
        let drafted = drafted.await;
        assert_eq!(drafted.status, 200, "{drafted:?}");
        assert!(drafted.text.contains(">Dear customer,\n\nHello,\n\nThank you for your report"), "{}", drafted.text);
        let unknown = order(&agent, &case.id, &[("do", "template"), ("template", "delivered")]).await;
        assert_eq!(unknown.status, 400, "nothing was delivered");

        let promise = [("do", "reply"), ("text", "You will get a refund tomorrow.")];
        let held = order(&agent, &case.id, &promise).await;
        assert!(held.status == 200 && held.text.contains("Not sent yet."), "{held:?}");
        assert!(held.text.contains("The text says that money comes back"), "{}", held.text);
        assert_eq!(replies(&stack, &case, "refund tomorrow"), 0);
        let back =
            send(&agent, &path, &form(&held, &[("do", "edit"), ("text", "You will get a refund tomorrow.")])).await;
        assert!(back.text.contains(">You will get a refund tomorrow.</textarea>"), "{}", back.text);
        // What a page of ours has not shown is not confirmed, nor is another text.
        let seen = hidden(&held, "confirmed");
        for (text, confirmed) in [
            ("You will get a refund tomorrow.", "yes"),
            ("You will get a refund tomorrow.", ""),
            ("You will get a refund today.", &seen),
        ] {
            let reply = [("do", "reply"), ("text", text), ("confirmed", confirmed)];
            let held = send(&agent, &path, &form(&held, &reply)).await;
            assert!(held.status == 200 && held.text.contains("Not sent yet."), "{text} {confirmed}: {held:?}");
        }
        assert_eq!(replies(&stack, &case, "refund"), 0);
        let confirmed = [("do", "reply"), ("text", "You will get a refund tomorrow."), ("confirmed", &*seen)];
        is_done(&send(&agent, &path, &form(&held, &confirmed)).await, &case.id, "reply");

        for text in ["Your card 4111 1111 1111 1111 is blocked.", ""] {
            let refused = order(&agent, &case.id, &[("do", "reply"), ("text", text), ("confirmed", "yes")]).await;
            assert_eq!(refused.status, 422, "{refused:?}");
            assert!(refused.text.contains("Not done.") && refused.text.contains(&format!(">{text}</textarea>")));
        }
        for broken in [("seen", "1-2"), ("submission", "x"), ("do", "delete")] {
            let page = agent.get(&path).await;
            let mut fields = form(&page, &[("do", "take")]);
            fields.iter_mut().filter(|(name, _)| *name == broken.0).for_each(|(_, value)| broken.1.clone_into(value));
            assert_eq!(send(&agent, &path, &fields).await.status, 400, "{broken:?}");
        }
    });
}

#[test]
fn a_warning_is_seen_before_the_mail_leaves_whatever_happened_meanwhile() {
    run(async {
        let stack = Stack::start(unhurried()).await;
        let case = voucher_case(&stack).await;
        receive(&stack, &case.mail("Here it is.").file("a.png", "image/png", &photo()), "").await;
        mailed(&stack, case.number).await;
        let agent = stack.sign_in("agent").await;
        let path = page_of(&case.id);
        let page = agent.get(&path).await;
        claimed(&stack, &case).await;
        // The case moved, and nothing happened that an agent has to know: a reply would go out.
        let promise = [("do", "reply"), ("text", "You will get a refund tomorrow.")];
        let held = send(&agent, &path, &form(&page, &promise)).await;
        assert!(held.status == 200 && held.text.contains("Not sent yet."), "{held:?}");
        assert_eq!(replies(&stack, &case, "refund tomorrow"), 0);
        let seen = hidden(&held, "confirmed");
        let confirmed = [("do", "reply"), ("text", "You will get a refund tomorrow."), ("confirmed", &*seen)];
        is_done(&send(&agent, &path, &form(&held, &confirmed)).await, &case.id, "reply");
        mailed(&stack, case.number).await;
        assert_eq!(replies(&stack, &case, "refund tomorrow"), 1);
    });
}

#[test]
fn an_agent_gives_back_an_own_case_alone() {
    run(async {
        let stack = Stack::start(unhurried()).await;
        let case = voucher_case(&stack).await;
        let (aisyah, ben) = (stack.sign_in_as("Aisyah").await, stack.sign_in_as("Ben").await);
        let supervisor = stack.sign_in("supervisor").await;
        // Of the automation, of another agent, and of nobody. No page offers it.
        let release = [("do", "release")];
        let refused = order(&aisyah, &case.id, &release).await;
        assert!(refused.status == 422 && refused.text.contains("You do not have the case."), "{refused:?}");
        assert_eq!(last_audit(&stack).await, "Aisyah (agent): release, refused: refused");
        is_done(&order(&ben, &case.id, &[("do", "take")]).await, &case.id, "take");
        let refused = order(&aisyah, &case.id, &release).await;
        assert!(refused.status == 422 && refused.text.contains("Ben has the case."), "{refused:?}");
        assert_eq!(last_audit(&stack).await, "Aisyah (agent): release, refused: held");
        // A form from when it was her own case does not help her.
        is_done(&order(&aisyah, &case.id, &[("do", "take")]).await, &case.id, "take");
        let own = aisyah.get(&page_of(&case.id)).await;
        is_done(&order(&ben, &case.id, &[("do", "take")]).await, &case.id, "take");
        assert_eq!(send(&aisyah, &page_of(&case.id), &form(&own, &release)).await.status, 409);
        case.is(&stack, "waiting_for_agent", "agent_took").await;
        is_done(&order(&ben, &case.id, &release).await, &case.id, "release");
        case.is(&stack, "waiting_for_agent", "agent_released").await;
        let refused = order(&aisyah, &case.id, &release).await;
        assert_eq!(refused.status, 422, "{refused:?}");
        // Whoever gives cases to others may take them back, too.
        is_done(&order(&ben, &case.id, &[("do", "take")]).await, &case.id, "take");
        is_done(&order(&supervisor, &case.id, &release).await, &case.id, "release");
    });
}

/// What no page offers is refused, whoever sends it: each order of a case that is over, and one of
/// a dispute without the process.
#[test]
fn what_no_page_offers_is_refused() {
    run(async {
        let stack = Stack::start(unhurried()).await;
        let case = voucher_case(&stack).await;
        let admin = stack.sign_in("admin").await;
        let resolve = [("do", "resolve"), ("side", "customer"), ("text", "never delivered")];
        is_done(&order(&admin, &case.id, &resolve).await, &case.id, "resolve");
        let (dispute, _) = with_evidence(&stack, "a.txt", "text/plain", b"a").await;
        let before = case.record(&stack).await.case;
        for fields in [
            &[("do", "take")][..],
            &[("do", "release")],
            &[("do", "assign"), ("to", "Ben")],
            &[("do", "resolve"), ("side", "customer"), ("text", "x")],
        ] {
            for id in [&case.id, &dispute] {
                let refused = order(&admin, id, fields).await;
                assert_eq!(refused.status, 422, "{id} {fields:?}: {refused:?}");
                assert!(last_audit(&stack).await.ends_with("refused: refused"), "{id} {fields:?}");
            }
        }
        let removed = order(&admin, &case.id, &[("do", "assign"), ("to", "Dev")]).await;
        assert_eq!(removed.status, 400, "an auditor works on no case");
        assert_eq!(case.record(&stack).await.case, before);
    });
}

#[test]
fn a_file_that_is_not_given_out_is_not_in_the_audit_log() {
    run(async {
        let mut options = unhurried();
        options.parameters.insert("MalwareScan".to_owned(), "on".to_owned());
        let stack = Stack::start(options).await;
        let agent = stack.sign_in("agent").await;
        let (case, link) = with_evidence(&stack, "a.txt", "text/plain", b"a").await;
        let views = async || audit_log(&stack).await.iter().filter(|entry| entry.action == "file").count();
        assert_eq!((agent.get(&link).await.status, views().await), (404, 0), "it is not scanned yet");
        let number = recourse_dispute::number::DisputeNumber::from_any_view(&case).unwrap();
        let object = stack.store().dispute(number).await.unwrap().unwrap().claim.evidence.remove(0).object;
        let tagged = |value| {
            let key = format!("evidence/{object}");
            stack.cloud().s3.tag(EVIDENCE, &key, "GuardDutyMalwareScanStatus", value);
        };
        tagged("THREATS_FOUND");
        assert_eq!((agent.get(&link).await.status, views().await), (404, 0));
        tagged("NO_THREATS_FOUND");
        assert_eq!((agent.get(&link).await.status, views().await), (303, 1));
    });
}

#[test]
fn an_order_whose_outcome_is_not_known_is_called_that() {
    run(async {
        let stack = Stack::start(unhurried()).await;
        let case = voucher_case(&stack).await;
        mailed(&stack, case.number).await;
        let agent = stack.sign_in("agent").await;
        let path = page_of(&case.id);
        let page = agent.get(&path).await;
        stack.cloud().dynamodb.set_fault_of("ConsoleCase", Fault::LoseAnswer { times: 1_000 });
        let note = form(&page, &[("do", "note"), ("text", "Was it stored?")]);
        let answer = send(&agent, &path, &note).await;
        stack.cloud().dynamodb.set_fault_of("ConsoleCase", Fault::None);
        assert_eq!(answer.status, 503, "{answer:?}");
        is_secured(&answer);
        let says = "What you ordered may be done or not. Please look before you try again.";
        assert!(answer.text.contains(says) && !answer.text.contains("Nothing was"), "{answer:?}");
        assert_eq!(last_audit(&stack).await, "Aisyah (agent): note, attempted");
        // It was, once; and the same form does not store it again.
        is_done(&send(&agent, &path, &note).await, &case.id, "note");
        assert_eq!(agent.get(&path).await.text.matches("Was it stored?").count(), 1);
    });
}

#[test]
fn who_is_slower_gets_back_what_was_written() {
    run(async {
        let stack = Stack::start(unhurried()).await;
        let case = voucher_case(&stack).await;
        settled(&stack, &case).await;
        let (aisyah, ben) = (stack.sign_in_as("Aisyah").await, stack.sign_in_as("Ben").await);
        let path = page_of(&case.id);
        for (fields, kept) in [
            (
                &[("do", "resolve"), ("side", "merchant"), ("text", "redeemed <b>")][..],
                "value=\"redeemed &#60;b&#62;\"",
            ),
            (&[("do", "note"), ("text", "called them")][..], ">called them</textarea>"),
            (&[("do", "reply"), ("text", "we look into it")][..], ">we look into it</textarea>"),
        ] {
            let page = ben.get(&path).await;
            is_done(&order(&aisyah, &case.id, &[("do", "note"), ("text", "I am faster.")]).await, &case.id, "note");
            let told = send(&ben, &path, &form(&page, fields)).await;
            assert!(told.status == 409 && told.text.contains(kept), "{fields:?}: {told:?}");
            let mut back = vec![("do", "edit"), ("of", fields[0].1)];
            back.extend(fields.iter().filter(|(name, _)| *name != "do"));
            let page = send(&ben, &path, &form(&told, &back)).await;
            assert!(page.status == 200 && page.text.contains(kept), "{fields:?}: {page:?}");
            let is_side_kept = page.text.contains("value=\"merchant\" required checked>");
            assert_eq!(is_side_kept, fields[0].1 == "resolve", "{fields:?}: {page:?}");
        }
    });
}

#[test]
fn a_page_of_a_case_says_what_is_new_and_that_is_no_view() {
    run(async {
        let stack = Stack::start(Options { emulator: None, ..unhurried() }).await;
        let case = voucher_case(&stack).await;
        mailed(&stack, case.number).await;
        let (aisyah, ben) = (stack.sign_in_as("Aisyah").await, stack.sign_in_as("Ben").await);
        let path = page_of(&case.id);
        let page = aisyah.get(&path).await;
        let token_of = |page: &HttpResponse| {
            let (_, rest) = page.text.split_once("data-look=\"").unwrap();
            rest.split_once('"').unwrap().0.to_owned()
        };
        let token = token_of(&page);
        let look = async |browser: &ConsoleClient<'_>, token: &str| {
            let answer = browser.send(Request::get(&path).header("recourse-look", token), Vec::new()).await;
            assert_eq!(answer.status, 200, "{answer:?}");
            is_secured(&answer);
            answer
        };
        let views = async || {
            let log = audit_log(&stack).await;
            let is_hers = |name: &str| name == "Aisyah";
            let of_her = log.iter().filter(|entry| entry.operator.as_ref().is_some_and(|by| is_hers(by.name.as_str())));
            of_her.filter(|entry| entry.action == "case").count()
        };
        assert_eq!(views().await, 1);
        stack.cloud().dynamodb.clear_calls();
        let quiet = look(&aisyah, &token).await;
        assert_eq!(stack.dynamodb_calls("ConsoleCase"), ["GetItem", "GetItem", "BatchGetItem"]);
        let nothing = |answer: &HttpResponse| answer.text.contains(&format!("data-look=\"{token}\"></div>"));
        assert!(quiet.text.starts_with("<div id=\"case-news\" ") && nothing(&quiet), "{quiet:?}");

        receive(&stack, &case.mail("Here it is.").file("a.png", "image/png", &photo()), "").await;
        let told = look(&aisyah, &token).await;
        assert!(told.text.contains("New: <bdi>a message from the customer</bdi>. <a "), "{told:?}");
        assert!(!told.text.contains("Here it is."), "what it says is a view");
        is_done(&order(&ben, &case.id, &[("do", "note"), ("text", "secret words")]).await, &case.id, "note");
        is_done(&order(&ben, &case.id, &[("do", "take")]).await, &case.id, "take");
        let reply = [("do", "reply"), ("text", "We look into it.")];
        is_done(&order(&ben, &case.id, &reply).await, &case.id, "reply");
        let told = look(&aisyah, &token).await;
        for words in ["a message from the customer", "a note by Ben", "Ben took the case", ", and more. "] {
            assert!(told.text.contains(words), "{words}: {told:?}");
        }
        assert!(!told.text.contains("secret words"), "{told:?}");
        assert_eq!(views().await, 1, "no look is a view");
        // The page as it is now has nothing new.
        let now = aisyah.get(&path).await;
        let last = look(&aisyah, &token_of(&now)).await;
        assert!(!last.text.contains("New:"), "{last:?}");
        assert_eq!(views().await, 2);

        // What says that it is a look, and is none, is a view.
        let other = token_of(&ben.get(&path).await);
        for (count, forged) in ["live", &other, &format!("9{token}")].into_iter().enumerate() {
            let page = look(&aisyah, forged).await;
            assert!(page.text.contains("<!doctype html>") && page.text.contains("secret words"), "{page:?}");
            assert_eq!(views().await, 3 + count);
        }
        stack.cloud().clock.advance(Duration::from_secs(600)).unwrap();
        let over = look(&aisyah, &token).await;
        assert!(over.text.contains("a note by Ben") && token_of(&over) != token, "{over:?}");
        assert_eq!(views().await, 6);
        look(&aisyah, &token_of(&over)).await;
        assert_eq!(views().await, 6);
    });
}
