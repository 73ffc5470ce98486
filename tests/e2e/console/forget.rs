//! Erasing a person in the settings: what `recourse forget` does, by an admin in a browser, and in
//! as many forms as it takes.

use recourse_dispute::addresses::MailAddress;
use recourse_dispute::event::PerformedBy;
use recourse_dispute::lifecycle::Actor;
use recourse_dispute::number::DisputeNumber;
use recourse_local::dynamodb::Fault;
use recourse_store::{AuditContext, ClearMarkOutcome, WriteToken};
use serde_json::{Value, json};

use super::{audit_log, is_secured, last_audit};
use crate::forget::{found, left, report};
use crate::harness::{
    CLIENT, COUNTERS, Call, ConsoleClient, EVIDENCE, HttpResponse, PLATFORM, Stack, Transaction, address, run,
    simulator, unique, until,
};
use crate::support::case::{mailed, receive, today, unhurried};
use crate::support::eml::{Eml, photo};

const PAGE: &str = "/console/settings/forget";
const WHY: &str = "request of 30 November";

async fn sent(browser: &ConsoleClient<'_>, fields: &[(&str, &str)]) -> HttpResponse {
    let answer = browser.submit(PAGE, PAGE, fields).await;
    is_secured(&answer);
    answer
}

/// Orders an erasure, and goes on until there is nothing left to do. The last page, and how many
/// forms it took.
async fn erased(browser: &ConsoleClient<'_>, fields: &[(&str, &str)]) -> (HttpResponse, usize) {
    let mut answer = sent(browser, fields).await;
    let mut forms = 1;
    while let Some((_, rest)) = answer.text.split_once("name=\"noted\" value=\"") {
        assert_eq!(answer.status, 200, "{answer:?}");
        let noted = rest.split_once('"').unwrap().0.to_owned();
        answer = sent(browser, &[fields, &[("noted", noted.as_str())][..]].concat()).await;
        forms += 1;
    }
    (answer, forms)
}

/// The id of the first certificate of a page.
fn certificate_id(page: &HttpResponse) -> &str {
    let rest = page.text.split_once(">Certificate ").unwrap_or_else(|| panic!("no certificate: {page:?}")).1;
    rest.split_once('<').unwrap().0
}

#[test]
fn an_admin_sees_what_is_there_confirms_it_and_gets_the_certificate() {
    run(async {
        let stack = Stack::start(unhurried()).await;
        let ada = address();
        let (number, thread) = report(&stack, &[&ada]).await;
        stack.sweep().await;
        let mail = Eml::new(&ada, &thread, "Re: my voucher", "It never came.").file("a.png", "image/png", &photo());
        receive(&stack, &mail, "").await;
        stack.sweep().await;
        mailed(&stack, number).await;
        found(&stack, &ada, 1).await;
        let id = number.case_id();
        let look = [("do", "look"), ("email", ada.as_str())];
        for role in ["agent", "supervisor", "auditor"] {
            let browser = stack.sign_in(role).await;
            assert_eq!(browser.get(PAGE).await.status, 403, "{role}");
            assert!(last_audit(&stack).await.ends_with("refused: role"), "{role}");
            let token = browser.get("/console/search").await;
            let fields = [&[("csrf", token.csrf())][..], &look].concat();
            assert_eq!(browser.post(PAGE, &fields).await.status, 403, "{role}");
        }
        assert!(!stack.sign_in("supervisor").await.follow("/console/settings").await.text.contains(PAGE));

        let admin = stack.sign_in("admin").await;
        assert!(admin.follow("/console/settings").await.text.contains(PAGE));
        let before = left(&stack, &ada).await;
        let plan = sent(&admin, &look).await;
        assert_eq!(plan.status, 200, "{plan:?}");
        for shown in [id.as_str(), "still goes on", "evidence file: 1", "received mail: 1", "What stays, and why"] {
            assert!(plan.text.contains(shown), "{shown}: {}", plan.text);
        }
        assert_eq!(last_audit(&stack).await, "Eve (admin): forget_look, done");

        let order = [("do", "erase"), ("email", ada.as_str()), ("again", ada.as_str()), ("why", WHY)];
        let other = [("do", "erase"), ("email", ada.as_str()), ("again", "x@customer.example"), ("why", WHY)];
        let naming = [("do", "erase"), ("email", ada.as_str()), ("again", ada.as_str()), ("why", ada.as_str())];
        for (fields, sentence) in [
            (&other[..], "is another one"),
            (&order[..3], "say why"),
            (&order[..], "still go on"),
            (&naming[..], "must not have the address"),
            (&[("do", "look"), ("email", "nobody")][..], "The mail address"),
            (&[("do", "look"), ("email", "x@b.example"), ("cases", "RC-00000001")][..], "There is no case"),
        ] {
            let answer = sent(&admin, fields).await;
            assert_eq!(answer.status, 422, "{fields:?}: {answer:?}");
            assert!(answer.text.contains(sentence), "{sentence}: {}", answer.text);
        }
        assert_eq!(left(&stack, &ada).await, before, "nothing is changed by what is refused");

        let (certificate, forms) = erased(&admin, &[&order[..], &[("live", "yes")]].concat()).await;
        assert_eq!((certificate.status, forms), (200, 1), "{certificate:?}");
        for shown in [id.as_str(), WHY, "by <bdi>Eve</bdi>", "@erased.invalid"] {
            assert!(certificate.text.contains(shown), "{shown}: {}", certificate.text);
        }
        assert_eq!(last_audit(&stack).await, "Eve (admin): forget, done");
        assert_eq!(left(&stack, &ada).await, Vec::<String>::new());
        assert!(stack.cloud().s3.objects(EVIDENCE).unwrap().is_empty());

        let certificate_id = certificate_id(&certificate).to_owned();
        let fields = [("do", "certificate"), ("email", ada.as_str()), ("id", certificate_id.as_str())];
        let file = sent(&admin, &fields).await;
        let shown = &file.headers["content-disposition"];
        assert!(shown.to_str().unwrap().starts_with("attachment; filename=\"erasure-"), "{file:?}");
        let printed = file.json();
        assert_eq!(
            (&printed["id"], &printed["why"], &printed["by"]),
            (&json!(certificate_id), &json!(WHY), &json!("Eve"))
        );
        assert_eq!((&printed["live"], &printed["cases"][0]["dispute"]), (&json!(true), &json!(id)));
        assert!(!file.text.contains(&ada), "{printed}");
        let again = sent(&admin, &look).await;
        assert!(again.text.contains("Nothing is stored of this address") && again.text.contains(&certificate_id));
        let nobodys = [("do", "certificate"), ("email", "x@b.example"), ("id", certificate_id.as_str())];
        assert_eq!(sent(&admin, &nobodys).await.status, 404);
        assert!(audit_log(&stack).await.iter().all(|entry| !format!("{entry:?}").contains(&ada)));
        let log = stack.log();
        assert!(log.iter().all(|line| !line.text.contains(&ada)), "no address in a log");
    });
}

#[test]
fn many_cases_take_several_forms_which_two_admins_may_send_and_a_crash_loses_nothing() {
    run(async {
        let stack = Stack::start(unhurried()).await;
        let ada = address();
        for _ in 0..23 {
            let (number, _) = report(&stack, &[&ada]).await;
            mailed(&stack, number).await;
        }
        found(&stack, &ada, 23).await;
        let (eve, second) = (stack.sign_in("admin").await, stack.sign_in("admin").await);
        let order = [("do", "erase"), ("email", ada.as_str()), ("again", ada.as_str()), ("why", WHY), ("live", "yes")];

        // It dies after some writes.
        eve.get(PAGE).await;
        let page = eve.get(PAGE).await;
        let fields = [&[("csrf", page.csrf())][..], &order].concat();
        stack.cloud().dynamodb.set_fault_of("ConsoleSettings", Fault::StopAfter { updates: 6 });
        let died = eve.post(PAGE, &fields).await;
        stack.cloud().dynamodb.set_fault(Fault::None);
        assert_eq!(died.status, 503, "{died:?}");
        assert!(!left(&stack, &ada).await.is_empty());

        let first = eve.post(PAGE, &fields).await;
        assert_eq!(first.status, 200, "{first:?}");
        assert!(first.text.contains("of 23 cases are erased"), "more than one form: {}", first.text);
        assert!(!left(&stack, &ada).await.is_empty());
        let ((one, _), (other, _)) = tokio::join!(erased(&eve, &order), erased(&second, &order));
        assert_eq!((one.status, other.status), (200, 200), "{one:?} {other:?}");
        assert_eq!(left(&stack, &ada).await, Vec::<String>::new());
        let email = MailAddress::parse(&ada).unwrap();
        let erasures = stack.store().erasures(&email).await.unwrap();
        let [(certificate, cases)] = erasures.certificates.as_slice() else { panic!("{erasures:?}") };
        assert!(erasures.running.is_none() && cases.len() == 23 && cases.iter().all(|case| case.done), "{cases:?}");
        for page in [&one, &other] {
            assert_eq!(certificate_id(page), certificate.id);
        }
        assert!(stack.store().disputes_of_address(&email).await.unwrap().is_empty());
    });
}

/// A report whose transaction names the customer in all that leads to it.
async fn named(stack: &Stack, people: &[&str]) -> (DisputeNumber, String) {
    let mut paid = Transaction::new("acct_demo", "Succesful");
    paid.body["parties"] = json!({ "issuer": { "code": "FBN", "name": "FIRST BANK OF NIGERIA" } });
    paid.body["details"] = json!({
        "type": "BillPayment", "reference": unique("reference"), "captures": [unique("capture")],
        "customer_reference": people.last(),
    });
    // The clock of the stack may have been moved.
    let stored = stack.send(&today(stack, Call::put(&PLATFORM, &paid.body))).await;
    assert_eq!(stored.status, 201, "{stored:?}");
    let body: Value = json!({ "refid": paid.refid, "user_email": people });
    let answer = stack.send(&today(stack, Call::report(&CLIENT, &body))).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    let number = stack.dispute(&paid.trxid).await.dispute.number;
    let about = format!("[{}]", number.case_id());
    let first = until("the first mail", async || {
        stack.cloud().ses.mails().into_iter().find(|mail| mail.subject.contains(&about))
    })
    .await;
    (number, first.reply_to[0].clone())
}

/// Makes the function do all that an erasure does.
pub(super) async fn everything(stack: &Stack) {
    let (ada, bob) = (simulator("bounce"), address());
    let email = MailAddress::parse(&ada).unwrap();
    let (number, thread) = named(stack, &[&bob, &ada]).await;
    receive(stack, &Eml::new(&ada, &thread, "Re: it", "It never came.").file("a.png", "image/png", &photo()), "").await;
    receive(stack, &Eml::new(&bob, &thread, "Re: it", &format!("I agree with {ada}.")), "").await;
    found(stack, &ada, 1).await;
    mailed(stack, number).await;
    // An operator's reason names the address.
    let by = PerformedBy { actor: Actor::Operator, name: "tester".to_owned() };
    let audit = AuditContext { by, at: stack.cloud().clock.now_millis(), why: Some(format!("{ada} wrote again")) };
    until("the address is marked, and cleared", async || {
        let token = || WriteToken::new([7; 16]);
        let cleared = stack.store().clear_address(&email, &audit, token).await.unwrap();
        matches!(cleared, ClearMarkOutcome::Cleared(_)).then_some(())
    })
    .await;
    // A case that no search finds yet is named, and entered by the erasure.
    stack.cloud().dynamodb.set_fault_of(COUNTERS, Fault::Unreachable);
    let (new, _) = named(stack, &[&bob, &ada]).await;
    let admin = stack.sign_in("admin").await;
    let named = new.case_id();
    let order = [
        ("do", "erase"),
        ("email", ada.as_str()),
        ("again", ada.as_str()),
        ("why", WHY),
        ("live", "yes"),
        ("cases", named.as_str()),
    ];
    // A mail may be on its way: then the same form goes on.
    let done = until("all of it is erased", async || {
        let (answer, _) = erased(&admin, &order).await;
        (answer.status == 200).then_some(answer)
    })
    .await;
    stack.cloud().dynamodb.set_fault(Fault::None);
    assert!(done.text.contains(&named) && done.text.contains(&number.case_id()), "{done:?}");
}
