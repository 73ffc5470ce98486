//! The settings: accounts, keys, people, mails, playbooks, the outbox, health and operators.

use recourse_dispute::addresses::MailAddress;
use recourse_dispute::ids::AccountId;
use recourse_local::ses::SesFault;
use recourse_store::{AccountRecord, MailState, OperatorRole};
use serde_json::json;

use super::{A_MINUTE, audit_log, is_secured, last_audit};
use crate::harness::{
    CLIENT, Call, ConsoleClient, DemoKey, HttpResponse, OUTBOX, PLATFORM, Stack, Transaction, address, options, run,
    shared, until,
};
use crate::support::case;

const ACCOUNTS: &str = "/console/settings/accounts";
const PLAYBOOKS: &str = "/console/settings/playbooks";
const OUTBOX_PAGE: &str = "/console/settings/outbox";
const OPERATORS: &str = "/console/settings/operators";
const PAGES: [&str; 6] =
    [ACCOUNTS, "/console/settings/templates", PLAYBOOKS, OUTBOX_PAGE, "/console/settings/health", OPERATORS];
/// A playbook that leaves every voucher to a person.
const SHORT: &str = r#"{"name":"short","start":"person","steps":{"person":{"do":"escalate"}}}"#;

/// The text between two others.
fn between<'a>(text: &'a str, before: &str, after: &str) -> &'a str {
    let rest = text.split_once(before).unwrap_or_else(|| panic!("no {before:?} in {text}")).1;
    rest.split_once(after).unwrap().0
}

/// The name of the form that a page has.
fn submission(page: &HttpResponse) -> String {
    between(&page.text, "name=\"submission\" value=\"", "\"").to_owned()
}

/// Sends a form that has to be done; the page that it leads to.
async fn done(browser: &ConsoleClient<'_>, page: &str, fields: &[(&str, &str)]) -> HttpResponse {
    let answer = browser.submit(page, page, fields).await;
    assert_eq!(answer.status, 303, "{fields:?}: {answer:?}");
    let shown = browser.get(answer.location()).await;
    assert!(shown.status == 200 && shown.text.contains("class=\"done\""), "{fields:?}: {shown:?}");
    shown
}

/// Sends a form that has to be refused with this sentence.
async fn wrong(browser: &ConsoleClient<'_>, page: &str, fields: &[(&str, &str)], sentence: &str) {
    let answer = browser.submit(page, page, fields).await;
    assert_eq!(answer.status, 422, "{fields:?}: {answer:?}");
    assert!(answer.text.contains(sentence), "{fields:?}: {sentence:?} is not in {}", answer.text);
    is_secured(&answer);
}

/// Creates a key for an account; the whole answer.
async fn create_key(browser: &ConsoleClient<'_>, account: &str, submission: &str) -> HttpResponse {
    let fields = [("do", "create_key"), ("account", account), ("role", "client"), ("submission", submission)];
    browser.submit(ACCOUNTS, ACCOUNTS, &fields).await
}

async fn record(stack: &Stack, account: &str) -> AccountRecord {
    stack.store().account_record(&AccountId::parse(account).unwrap()).await.unwrap().unwrap()
}

/// The actions of the audit log and what became of them, without the views, the oldest first.
async fn changes(stack: &Stack) -> Vec<String> {
    let views = ["sign_in", "settings_", "queue"];
    let entries = audit_log(stack).await.into_iter().rev();
    let of_changes = entries.filter(|entry| !views.iter().any(|view| entry.action.starts_with(view)));
    of_changes.map(|entry| format!("{}, {}", entry.action, entry.outcome)).collect()
}

/// Reports a payment whose mail SES refuses; the id of the mail.
async fn dead_mail(stack: &Stack) -> (Transaction, String) {
    stack.cloud().ses.set_fault(SesFault::Rejected);
    let transaction = Transaction::new("acct_demo", "Succesful");
    let body = json!({ "refid": transaction.refid, "user_email": [address()] });
    // The clock of the stack may have been moved.
    for call in [Call::put(&PLATFORM, &transaction.body), Call::report(&CLIENT, &body)] {
        let answer = stack.send(&case::today(stack, call)).await;
        assert!([200, 201].contains(&answer.status), "{answer:?}");
    }
    let id = until("its mail is given up", async || {
        let mail = stack.dispute(&transaction.trxid).await.mails.remove(0);
        (mail.mail_state == MailState::Dead).then(|| mail.id.to_string())
    })
    .await;
    stack.cloud().ses.set_fault(SesFault::None);
    (transaction, id)
}

/// Waits until the outbox page lists a mail, which the index may be late to say.
async fn listed(browser: &ConsoleClient<'_>, id: &str) -> HttpResponse {
    until("the mail is listed", async || {
        let page = browser.get(OUTBOX_PAGE).await;
        page.text.contains(id).then_some(page)
    })
    .await
}

/// Does everything that the function is for.
pub(super) async fn everything(stack: &Stack) {
    let admin = stack.sign_in("admin").await;
    stack.cloud().clock.advance(A_MINUTE).unwrap();
    for page in PAGES {
        assert_eq!(admin.get(page).await.status, 200, "{page}");
    }
    let new = [
        ("do", "create"),
        ("account", "acct_all"),
        ("name", "All"),
        ("email", "all@shop.example"),
        ("environment", "production"),
        ("merchant_id", "7001"),
        ("domain", "ALL"),
    ];
    done(&admin, ACCOUNTS, &new).await;
    let page = admin.get(ACCOUNTS).await;
    let made = create_key(&admin, "acct_all", &submission(&page)).await;
    let key = between(&made.text, "RECOURSE_KEY=", "\n");
    done(&admin, ACCOUNTS, &[("do", "revoke_key"), ("account", "acct_all"), ("key", key)]).await;
    let user = [("do", "set_user"), ("account", "acct_all"), ("name", "First.Last")];
    assert_eq!(admin.submit(ACCOUNTS, ACCOUNTS, &user).await.status, 200);
    let remove = [("do", "remove_user"), ("account", "acct_all"), ("name", "First.Last")];
    done(&admin, ACCOUNTS, &remove).await;
    // A name of somebody who was removed is used again.
    let operator =
        |email| [("do", "create"), ("email", email), ("name", "Gina"), ("role", "agent"), ("reuse_name", "yes")];
    done(&admin, OPERATORS, &operator("gina@shop.example")).await;
    done(&admin, OPERATORS, &[("do", "remove"), ("email", "gina@shop.example")]).await;
    done(&admin, OPERATORS, &operator("gina@new.example")).await;
    let tried = [("do", "dry_run"), ("kind", "voucher"), ("text", SHORT)];
    assert_eq!(admin.submit(PLAYBOOKS, PLAYBOOKS, &tried).await.status, 200);
    let (_, dead) = dead_mail(stack).await;
    listed(&admin, &dead).await;
    done(&admin, OUTBOX_PAGE, &[("do", "redrive"), ("mail", &dead)]).await;
}

#[test]
fn a_supervisor_makes_an_account_with_keys_and_people_and_each_change_is_recorded() {
    run(async {
        let stack = Stack::start(options()).await;
        let carol = stack.sign_in("supervisor").await;
        let led = carol.get("/console/settings").await;
        assert_eq!((led.status, led.location()), (303, ACCOUNTS));
        let list = carol.get(ACCOUNTS).await;
        assert!(list.text.contains("acct_demo") && list.text.contains("acct_fbn"), "{list:?}");
        let found = carol.get("/console/settings/accounts?q=FBN").await;
        assert!(!found.text.contains("acct_demo") && found.text.contains("acct_fbn"), "{found:?}");

        let new = |id, name, email| {
            [
                ("do", "create"),
                ("account", id),
                ("name", name),
                ("email", email),
                ("environment", "production"),
                ("why", "a new client"),
            ]
        };
        done(&carol, ACCOUNTS, &new("acct_new", "New Wallet", "disputes@new.example")).await;
        wrong(&carol, ACCOUNTS, &new("acct_new", "Other", "x@new.example"), "There is an account of this id").await;
        wrong(&carol, ACCOUNTS, &new("event_bus", "Bus", "x@new.example"), "stands for the event bus").await;
        wrong(&carol, ACCOUNTS, &new("acct new", "N", "x@new.example"), "The id ").await;
        wrong(&carol, ACCOUNTS, &new("acct_x", "N", "no address"), "The mail address ").await;
        wrong(&carol, ACCOUNTS, &new("acct_x", "\u{200b}", "x@new.example"), "The name must have characters").await;
        let set = [("do", "set"), ("account", "acct_new"), ("domain", "NEW"), ("email", "works@new.example")];
        done(&carol, ACCOUNTS, &set).await;
        let taken = [("do", "set"), ("account", "acct_new"), ("merchant_id", "1001")];
        wrong(&carol, ACCOUNTS, &taken, "Another account has this merchant id").await;
        wrong(&carol, ACCOUNTS, &[("do", "set"), ("account", "acct_new"), ("domain", "OLD")], "cannot be changed")
            .await;
        wrong(&carol, ACCOUNTS, &[("do", "set"), ("account", "acct_new")], "all fields are empty").await;
        let suspend = [("do", "suspend"), ("account", "acct_new"), ("why", "it leaked")];
        let suspended = done(&carol, ACCOUNTS, &suspend).await;
        assert!(
            suspended.text.contains("tag bad\">suspended") && suspended.text.contains("it leaked"),
            "{suspended:?}"
        );
        let again = done(&carol, ACCOUNTS, &suspend).await;
        assert!(again.text.contains("Nothing was changed"), "{again:?}");
        done(&carol, ACCOUNTS, &[("do", "resume"), ("account", "acct_new")]).await;

        // A person of it.
        let user = [("do", "set_user"), ("account", "acct_new"), ("name", "First.Last")];
        let set = carol.submit(ACCOUNTS, ACCOUNTS, &user).await;
        let password = between(&set.text, "RECOURSE_PASSWORD=", "\n").to_owned();
        assert!(set.status == 200 && password.len() == 24, "{set:?}");
        wrong(&carol, ACCOUNTS, &user, "has a password already").await;
        let replace = [user.as_slice(), &[("replace", "yes")]].concat();
        let other = carol.submit(ACCOUNTS, ACCOUNTS, &replace).await;
        assert_ne!(between(&other.text, "RECOURSE_PASSWORD=", "\n"), password);
        let nobody = [("do", "set_user"), ("account", "acct_platform"), ("name", "First.Last")];
        wrong(&carol, ACCOUNTS, &nobody, "has no domain code").await;
        let page = carol.get("/console/settings/accounts?account=acct_new").await;
        assert!(page.text.contains("First.Last") && !page.text.contains(&password), "{page:?}");
        let remove = [("do", "remove_user"), ("account", "acct_new"), ("name", "First.Last"), ("why", "left")];
        done(&carol, ACCOUNTS, &remove).await;
        wrong(&carol, ACCOUNTS, &remove, "nobody of this name").await;

        let record = record(&stack, "acct_new").await;
        assert_eq!(record.account.email.as_str(), "works@new.example");
        assert_eq!(record.audit.len(), 7, "{:?}", record.audit);
        assert!(record.audit.iter().all(|entry| entry.by.name == "Carol"), "{:?}", record.audit);
        let whys: Vec<_> = record.audit.iter().filter_map(|entry| entry.why.as_deref()).collect();
        assert_eq!(whys, ["a new client", "it leaked", "left"]);
        let log = changes(&stack).await;
        let expected = [
            "account_create, done",
            "account_create, refused: exists",
            "account_create, refused: reserved",
            "account_set, done",
            "account_set, refused: taken",
            "account_set, refused: fixed",
            "account_suspend, done",
            "account_suspend, done",
            "account_resume, done",
            "user_set, done",
            "user_set, refused: taken",
            "user_set, done",
            "user_set, refused: no_domain",
            "user_remove, done",
            "user_remove, refused: no_user",
        ];
        assert_eq!(log, expected);
    });
}

#[test]
fn a_new_key_works_and_its_secret_is_shown_once() {
    run(async {
        let stack = Stack::start(options()).await;
        let carol = stack.sign_in("supervisor").await;
        let one = submission(&carol.get(ACCOUNTS).await);
        let made = create_key(&carol, "acct_demo", &one).await;
        assert_eq!(made.status, 200, "{made:?}");
        is_secured(&made);
        let key = between(&made.text, "RECOURSE_KEY=", "\n").to_owned();
        let secret = between(&made.text, "RECOURSE_SECRET=", "\n").replace("&#43;", "+").replace("&#61;", "=");
        assert!(key.starts_with("iimm_prod_") && secret.len() == 44, "{made:?}");

        // The same form once more, and twice at once.
        let again = create_key(&carol, "acct_demo", &one).await;
        assert_eq!(again.status, 422, "{again:?}");
        assert!(again.text.contains("was sent before") && again.text.contains(&key), "{again:?}");
        assert!(!again.text.contains("RECOURSE_SECRET"));
        assert_eq!(last_change(&stack).await, "Carol (supervisor): key_create, refused: repeated");
        let live = async || record(&stack, "acct_demo").await.keys.iter().filter(|key| key.is_live()).count();
        assert_eq!(live().await, 2, "that of the demo and the new one");
        let full = submission(&carol.get(ACCOUNTS).await);
        let full = create_key(&carol, "acct_demo", &full).await;
        assert!(full.status == 422 && full.text.contains("two live keys"), "{full:?}");

        // It signs.
        let leak = |text: &str| -> &'static str { Box::leak(text.to_owned().into_boxed_str()) };
        let client = DemoKey { id: leak(&key), secret: leak(&secret) };
        let transaction = stack.transaction("acct_demo", "Succesful").await;
        let report = Call::report(&client, &json!({ "refid": transaction.refid, "user_email": [address()] }));
        assert_eq!(stack.send(&report).await.status, 200);

        // Nobody sees it again, and it is in no log line.
        for page in ["/console/settings/accounts?account=acct_demo", ACCOUNTS, "/console/settings/health"] {
            assert!(!carol.get(page).await.text.contains(&secret), "{page}");
        }
        let log = format!("{:?}", stack.log());
        assert!(!log.contains(&secret), "a log line has the secret");
        let revoke = [("do", "revoke_key"), ("account", "acct_demo"), ("key", &key), ("why", "rotated")];
        let revoked = done(&carol, ACCOUNTS, &revoke).await;
        assert!(revoked.text.contains("revoked the key") && revoked.text.contains("rotated"), "{revoked:?}");
        assert_eq!(live().await, 1);
        let unknown = [("do", "revoke_key"), ("account", "acct_demo"), ("key", "iimm_prod_none")];
        wrong(&carol, ACCOUNTS, &unknown, "no such key").await;

        let two = submission(&carol.get(ACCOUNTS).await);
        let (first, second) =
            tokio::join!(create_key(&carol, "acct_demo", &two), create_key(&carol, "acct_demo", &two));
        let statuses = [first.status, second.status];
        assert!(statuses.contains(&200) && statuses.contains(&422), "{statuses:?}");
        assert_eq!(live().await, 2);
        // A form without a name of its own makes no key.
        let nameless = [("do", "create_key"), ("account", "acct_fbn"), ("role", "client")];
        assert_eq!(carol.submit(ACCOUNTS, ACCOUNTS, &nameless).await.status, 400);
    });
}

/// The newest change in the audit log.
async fn last_change(stack: &Stack) -> String {
    let entries = audit_log(stack).await.into_iter();
    let entry = entries.into_iter().find(|entry| !entry.action.starts_with("settings_")).unwrap();
    let who = entry.operator.map_or("nobody".to_owned(), |by| format!("{} ({})", by.name, by.role));
    format!("{who}: {}, {}", entry.action, entry.outcome)
}

#[test]
fn each_role_sees_and_does_what_the_table_says() {
    run(async {
        let stack = Stack::start(options()).await;
        let (_, dead) = dead_mail(&stack).await;
        let orders: [(&str, Vec<(&str, &str)>); 9] = [
            (
                ACCOUNTS,
                vec![
                    ("do", "create"),
                    ("account", "acct_no"),
                    ("name", "No"),
                    ("email", "no@shop.example"),
                    ("environment", "staging"),
                ],
            ),
            (ACCOUNTS, vec![("do", "set"), ("account", "acct_demo"), ("email", "no@shop.example")]),
            (ACCOUNTS, vec![("do", "suspend"), ("account", "acct_demo")]),
            (ACCOUNTS, vec![("do", "create_key"), ("account", "acct_demo"), ("role", "client")]),
            (ACCOUNTS, vec![("do", "revoke_key"), ("account", "acct_demo"), ("key", CLIENT.id)]),
            (ACCOUNTS, vec![("do", "set_user"), ("account", "acct_fbn"), ("name", "First.Last")]),
            (OUTBOX_PAGE, vec![("do", "redrive"), ("mail", &dead)]),
            (OPERATORS, vec![("do", "create"), ("email", "no@shop.example"), ("name", "No"), ("role", "admin")]),
            (OPERATORS, vec![("do", "remove"), ("email", "ben@demo.recourse.example")]),
        ];
        let stored = async || {
            let mut items = stack.items("DISPUTES_TABLE").await;
            items.retain(|(pk, _), _| !pk.starts_with("AUDIT#"));
            items
        };
        let before = stored().await;
        for (role, name) in [("agent", "Aisyah"), ("auditor", "Dev"), ("supervisor", "Carol")] {
            let browser = stack.sign_in(role).await;
            let is_agent = role == "agent";
            for page in PAGES {
                let answer = browser.get(page).await;
                let is_seen = !is_agent && (page != OPERATORS || role == "auditor");
                assert_eq!(answer.status, if is_seen { 200 } else { 403 }, "{role} at {page}");
                if is_seen {
                    is_secured(&answer);
                    let forms = answer.text.matches("<form").count();
                    let is_reader = role == "auditor" && page != PLAYBOOKS;
                    let searches = answer.text.matches("role=\"search\"").count();
                    assert!(!is_reader || forms == 1 + searches, "{role} at {page} has {forms} forms");
                } else {
                    assert_eq!(last_audit(&stack).await, format!("{name} ({role}): settings, refused: role"));
                }
            }
            let links = browser.get("/console/somewhere").await;
            assert_eq!(links.text.contains("href=\"/console/settings\""), !is_agent, "{role}");
            for (page, fields) in &orders {
                if role == "supervisor" && *page != OPERATORS {
                    continue;
                }
                let answer = browser.submit("/console/somewhere", page, fields).await;
                assert_eq!(answer.status, 403, "{role}: {fields:?}");
                assert_eq!(last_audit(&stack).await, format!("{name} ({role}): settings, refused: role"));
            }
        }
        assert_eq!(stored().await, before, "nothing was changed");
        // Nobody who is not signed in sees anything.
        for page in PAGES {
            assert_eq!(stack.browser().get(page).await.location(), "/console/sign-in");
            assert_eq!(stack.browser().post(page, &[("do", "create")]).await.status, 401);
        }
    });
}

#[test]
fn a_form_from_elsewhere_is_refused() {
    run(async {
        let stack = shared().await;
        let admin = stack.sign_in("admin").await;
        let suspend = [("do", "suspend"), ("account", "acct_stranger")];
        let csrf = admin.get(ACCOUNTS).await.csrf().to_owned();
        let other = stack.sign_in("supervisor").await.get(ACCOUNTS).await.csrf().to_owned();
        for token in [None, Some("x"), Some(other.as_str())] {
            let mut fields = suspend.to_vec();
            fields.extend(token.map(|token| ("csrf", token)));
            for page in [ACCOUNTS, OUTBOX_PAGE, OPERATORS, PLAYBOOKS] {
                assert_eq!(admin.post(page, &fields).await.status, 403, "{token:?} at {page}");
            }
        }
        for (header, value) in [("sec-fetch-site", "cross-site"), ("origin", "https://evil.example")] {
            let request = http::Request::post(ACCOUNTS).header(header, value);
            let fields = [suspend.as_slice(), &[("csrf", &csrf)]].concat();
            assert_eq!(admin.post_with(request, &fields).await.status, 403, "{header}");
        }
        let record = record(&stack, "acct_stranger").await;
        assert_eq!(record.status, recourse_store::AccountStatus::Active);
        for (fields, status) in [
            (vec![("do", "destroy"), ("account", "acct_stranger")], 400),
            (vec![("account", "acct_stranger")], 400),
            (vec![("do", "suspend")], 400),
            (vec![("do", "suspend"), ("do", "resume"), ("account", "acct_stranger")], 400),
            (vec![("do", "suspend"), ("account", "acct_nobody")], 404),
        ] {
            assert_eq!(admin.submit(ACCOUNTS, ACCOUNTS, &fields).await.status, status, "{fields:?}");
        }
        for nowhere in
            ["/console/settings/x", "/console/settings/accounts?account=none", "/console/settings/accounts?account=%20"]
        {
            let answer = admin.get(nowhere).await;
            assert!(answer.status == 404 && answer.text.contains("Sign out"), "{nowhere}: {answer:?}");
        }
        assert_eq!(admin.submit(ACCOUNTS, "/console/settings/health", &[("do", "x")]).await.status, 404);
    });
}

#[test]
fn admins_alone_create_change_and_remove_operators() {
    run(async {
        let stack = Stack::start(options()).await;
        let eve = stack.sign_in("admin").await;
        let page = eve.get(OPERATORS).await;
        assert!(page.text.contains("aisyah@demo.recourse.example") && page.text.contains("Carol"), "{page:?}");
        let new = |email, name, role| [("do", "create"), ("email", email), ("name", name), ("role", role)];
        done(&eve, OPERATORS, &new("finn@demo.recourse.example", "Finn", "agent")).await;
        wrong(&eve, OPERATORS, &new("finn@demo.recourse.example", "Finn 2", "agent"), "with this address").await;
        wrong(&eve, OPERATORS, &new("gus@demo.recourse.example", "fINN", "agent"), "has this name").await;
        wrong(&eve, OPERATORS, &new("gus@demo.recourse.example", "Gus", "root"), "The role must be").await;
        let finn = MailAddress::parse("finn@demo.recourse.example").unwrap();
        let stored = async || stack.store().operator(&finn).await.unwrap().unwrap();
        let role = [("do", "role"), ("email", finn.as_str()), ("role", "supervisor"), ("why", "promoted")];
        done(&eve, OPERATORS, &role).await;
        assert_eq!(stored().await.role, OperatorRole::Supervisor);
        wrong(&eve, OPERATORS, &role, "had this role before").await;
        let aisyah = stack.sign_in_as("Aisyah").await;
        let end = [("do", "end_sessions"), ("email", "aisyah@demo.recourse.example")];
        done(&eve, OPERATORS, &end).await;
        assert_eq!(aisyah.get("/console/somewhere").await.status, 303, "the session is over");
        done(&eve, OPERATORS, &[("do", "remove"), ("email", finn.as_str()), ("why", "left")]).await;
        assert!(!stored().await.is_active());
        wrong(&eve, OPERATORS, &[("do", "remove"), ("email", finn.as_str())], "no such operator").await;
        wrong(&eve, OPERATORS, &new("finn@new.example", "Finn", "agent"), "who was removed had this name").await;
        // There is always an admin.
        for order in ["role", "remove"] {
            let myself = [("do", order), ("email", "EVE@demo.recourse.example"), ("role", "agent")];
            wrong(&eve, OPERATORS, &myself, "You cannot change your own role").await;
        }
        let record = stack.store().operator_record(&finn).await.unwrap().unwrap();
        let whys: Vec<_> = record.audit.iter().filter_map(|entry| entry.why.as_deref()).collect();
        assert_eq!(whys, ["promoted", "left"]);
        assert!(record.audit.iter().all(|entry| entry.by.name == "Eve"));
        let log = changes(&stack).await;
        assert!(log.contains(&"operator_end_sessions, done".to_owned()), "{log:?}");
        assert!(log.contains(&"operator_create, refused: retired".to_owned()), "{log:?}");
        // An address is in no address of a page.
        let addresses = format!("{:?}", stack.log());
        assert!(!addresses.contains("finn@"), "a log line has an address");
    });
}

#[test]
fn a_mail_that_was_given_up_is_sent_again() {
    run(async {
        let stack = Stack::start(options()).await;
        let (one, first) = dead_mail(&stack).await;
        let (_, second) = dead_mail(&stack).await;
        let carol = stack.sign_in("supervisor").await;
        listed(&carol, &first).await;
        let page = listed(&carol, &second).await;
        assert!(page.text.contains("SES refused it: MessageRejected"), "{page:?}");
        for state in ["waiting", "held"] {
            let other = carol.get(&format!("{OUTBOX_PAGE}?state={state}")).await;
            assert!(other.text.contains(&format!("No mail is {state}")), "{other:?}");
        }
        wrong(&carol, OUTBOX_PAGE, &[("do", "redrive")], "Tick 1 to 200 mails").await;
        let why = ("why", "SES is back");
        done(&carol, OUTBOX_PAGE, &[("do", "redrive"), ("mail", &first), why]).await;
        let both = [("do", "redrive"), ("mail", &first), ("mail", &second), why];
        wrong(&carol, OUTBOX_PAGE, &both, "1 of the mails wait").await;
        wrong(&carol, OUTBOX_PAGE, &[("do", "redrive"), ("mail", "551-1")], "551-1 is not there").await;
        let broken = carol.submit(OUTBOX_PAGE, OUTBOX_PAGE, &[("do", "redrive"), ("mail", "<b>")]).await;
        assert_eq!(broken.status, 400);
        until("the sweep sends it", async || {
            stack.cloud().run_schedule(OUTBOX).await.unwrap();
            (stack.dispute(&one.trxid).await.mails[0].mail_state == MailState::Sent).then_some(())
        })
        .await;
        let redriven = stack.dispute(&one.trxid).await.mails[0].redriven.clone();
        assert_eq!((redriven[0].by.as_str(), redriven[0].why.as_deref()), ("Carol", Some("SES is back")));
    });
}

#[test]
fn a_pasted_playbook_is_checked_and_tried_and_nothing_is_stored() {
    run(async {
        let stack = Stack::start(case::unhurried()).await;
        let voucher = case::reported(&stack, "voucher").await;
        let bill = case::reported(&stack, "bill").await;
        stack.sweep().await;
        voucher.is(&stack, "waiting_for_customer", "question_asked").await;
        case::all_mailed(&stack, &[bill]).await;
        case::mailed(&stack, voucher.number).await;
        let dev = stack.sign_in("auditor").await;
        let shown = dev.get(PLAYBOOKS).await;
        assert!(
            shown.text.contains("They come with this release") && shown.text.contains("voucher_photo"),
            "{shown:?}"
        );
        let stored = async || {
            let mut items = stack.items("DISPUTES_TABLE").await;
            items.retain(|(pk, _), _| !pk.starts_with("AUDIT#"));
            items
        };
        let before = stored().await;

        let form = |order, kind, text| [("do", order), ("kind", kind), ("text", text)];
        let right = dev.submit(PLAYBOOKS, PLAYBOOKS, &form("check", "voucher", SHORT)).await;
        assert!(right.status == 200 && right.text.contains("It keeps every rule"), "{right:?}");
        assert!(
            right.text.contains("&#34;short&#34;") || right.text.contains("&quot;short&quot;"),
            "it is still there"
        );
        let nowhere = SHORT.replace("\"start\":\"person\"", "\"start\":\"<b>\"");
        wrong(&dev, PLAYBOOKS, &form("check", "voucher", &nowhere), "It breaks these rules").await;
        wrong(&dev, PLAYBOOKS, &form("check", "all", SHORT), "It breaks these rules").await;
        wrong(&dev, PLAYBOOKS, &form("check", "all", "{"), "It breaks these rules").await;
        wrong(&dev, PLAYBOOKS, &form("dry_run", "all", " "), "Paste a playbook first").await;
        let long = format!("{SHORT}{}", " ".repeat(62_000));
        wrong(&dev, PLAYBOOKS, &form("check", "voucher", &long), "must have at most").await;
        for fields in [form("burn", "all", SHORT), form("check", "x", SHORT)] {
            assert_eq!(dev.submit(PLAYBOOKS, PLAYBOOKS, &fields).await.status, 400, "{fields:?}");
        }

        let tried = dev.submit(PLAYBOOKS, PLAYBOOKS, &form("dry_run", "voucher", SHORT)).await;
        assert_eq!(tried.status, 200, "{tried:?}");
        assert!(tried.text.contains("1 of the last 2 cases would take another way"), "{}", tried.text);
        let row = between(&tried.text, &format!(">{}</a>", voucher.id), "</tr>");
        assert!(row.contains("asks the customer for voucher_photo") && row.contains("an agent gets it"), "{row}");
        assert!(row.contains("It begins again at its next decision"), "{row}");
        let same = SHORT.replace("\"short\"", "\"voucher\"");
        let gone = dev.submit(PLAYBOOKS, PLAYBOOKS, &form("dry_run", "voucher", &same)).await;
        assert!(gone.text.contains("Its step is gone"), "{}", gone.text);
        let shipped =
            std::fs::read_to_string(crate::harness::root().join("shared/support/data/playbooks/voucher.json")).unwrap();
        let none = dev.submit(PLAYBOOKS, PLAYBOOKS, &form("dry_run", "voucher", &shipped)).await;
        assert!(none.text.contains("0 of the last 2 cases"), "{}", none.text);
        assert_eq!(stored().await, before, "nothing is stored");
        assert_eq!(changes(&stack).await, Vec::<String>::new());
        assert!(audit_log(&stack).await.iter().any(|entry| entry.action == "settings_dry_run"));
    });
}

#[test]
fn the_mails_and_the_health_of_the_deployment_are_shown() {
    run(async {
        let stack = Stack::start(case::unhurried()).await;
        let dev = stack.sign_in("auditor").await;
        let english = dev.get("/console/settings/templates").await;
        assert_eq!(english.text.matches("<article").count(), 15, "{english:?}");
        assert!(english.text.contains("Please send us a photo of your voucher"), "{english:?}");
        assert!(english.text.contains("It works now") && english.text.contains("[RC-0000008t] "), "{english:?}");
        let malay = dev.get("/console/settings/templates?language=ms").await;
        assert!(malay.text.contains("lang=\"ms\"") && !malay.text.contains("Please send us"), "{malay:?}");
        let unknown = dev.get("/console/settings/templates?language=%3Cb%3E").await;
        assert!(unknown.text.contains("Please send us a photo"), "{unknown:?}");
        assert_eq!(last_audit(&stack).await, "Dev (auditor): settings_templates, done");

        let health = dev.get("/console/settings/health").await;
        for text in ["development", env!("CARGO_PKG_VERSION"), "deliveries are active", "dead mails", "Support process"]
        {
            assert!(health.text.contains(text), "{text}: {}", health.text);
        }
        let version = stack.get("/health").await.json();
        assert!(health.text.contains(version["commit"].as_str().unwrap()), "{}", health.text);
        assert!(!health.text.contains(">wrong<"), "{}", health.text);
    });
}

#[test]
fn hostile_names_and_reasons_are_text() {
    run(async {
        let stack = Stack::start(options()).await;
        let admin = stack.sign_in("admin").await;
        let script = "<script>alert(1)</script>";
        let attribute = "\"><img src=x onerror=alert(1)>";
        for (id, name) in [("acct_a", script), ("acct_b", attribute)] {
            let new = [
                ("do", "create"),
                ("account", id),
                ("name", name),
                ("email", "h@shop.example"),
                ("environment", "staging"),
                ("why", name),
            ];
            done(&admin, ACCOUNTS, &new).await;
        }
        let turned = [
            ("do", "create"),
            ("account", "acct_c"),
            ("name", "a\u{202e}b"),
            ("email", "h@shop.example"),
            ("environment", "staging"),
        ];
        assert_eq!(admin.submit(ACCOUNTS, ACCOUNTS, &turned).await.status, 422);
        // Whatever is refused is on the page that is shown again.
        let fields = [
            ("do", "create"),
            ("account", attribute),
            ("name", script),
            ("email", attribute),
            ("environment", attribute),
        ];
        let refused = admin.submit(ACCOUNTS, ACCOUNTS, &fields).await;
        let pasted = [("do", "check"), ("kind", "all"), ("text", "</textarea><script>alert(1)</script>")];
        let refused_text = admin.submit(PLAYBOOKS, PLAYBOOKS, &pasted).await;
        let keys = [("do", "check"), ("kind", "voucher"), ("text", r#"{"<script>alert(1)</script>":1}"#)];
        let refused_key = admin.submit(PLAYBOOKS, PLAYBOOKS, &keys).await;
        let operator = [("do", "create"), ("email", "z@shop.example"), ("name", script), ("role", "agent")];
        let operator = admin.submit(OPERATORS, OPERATORS, &operator).await;
        let mut pages = vec![refused, refused_text, refused_key, operator];
        for path in [
            ACCOUNTS,
            "/console/settings/accounts?account=acct_a",
            "/console/settings/accounts?account=acct_b&done=%3Cscript%3E",
            "/console/settings/accounts?q=%3Cscript%3Ealert(1)%3C/script%3E",
            OPERATORS,
        ] {
            pages.push(admin.get(path).await);
        }
        for page in pages {
            assert!(!page.text.contains("<script>alert") && !page.text.contains("<img"), "{}", page.text);
            assert!(!page.text.contains('\u{202e}'));
        }
    });
}
