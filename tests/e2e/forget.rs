//! `recourse forget`: nothing of a person is left in the tables and in the bucket, nothing of
//! anybody else is touched, and a command that dies goes on the next time.

use std::collections::BTreeMap;
use std::path::Path;

use recourse_dispute::addresses::MailAddress;
use recourse_dispute::event::PerformedBy;
use recourse_dispute::lifecycle::Actor;
use recourse_dispute::number::DisputeNumber;
use recourse_local::dynamodb::Fault;
use recourse_store::{AuditContext, ErasedCase, Erasures, WriteToken};
use serde_json::{Value, json};

use crate::cli::{folder, recourse};
use crate::harness::{CLIENT, Call, EVIDENCE, Stack, Transaction, address, run, until};
use crate::support::case::{mailed, printed, receive, today, unhurried};
use crate::support::eml::{Eml, photo};

const NAME: &str = "Ada Lovelace";
const SENTENCE: &str = "The voucher never came to my phone, not even today.";
const FILE: &str = "receipt-of-ada.png";
const WHY: &str = "request of 30 November";

/// Reports a payment for these people. Its case, and the address of its thread.
pub(crate) async fn report(stack: &Stack, people: &[&str]) -> (DisputeNumber, String) {
    let transaction: Transaction = stack.transaction("acct_demo", "Succesful").await;
    let body = json!({ "refid": transaction.refid, "user_email": people });
    let answer = stack.send(&today(stack, Call::report(&CLIENT, &body))).await;
    assert!(answer.status == 200 && answer.text.contains("\"Success\""), "{answer:?}");
    let number = stack.dispute(&transaction.trxid).await.dispute.number;
    let about = format!("[{}]", number.case_id());
    let first = until("the first mail", async || {
        stack.cloud().ses.mails().into_iter().find(|mail| mail.subject.contains(&about))
    })
    .await;
    (number, first.reply_to[0].clone())
}

/// Waits until a search finds as many cases by this address.
pub(crate) async fn found(stack: &Stack, ada: &str, count: usize) {
    let email = MailAddress::parse(ada).unwrap();
    until("a search finds the cases", async || {
        (stack.store().disputes_of_address(&email).await.unwrap().len() == count).then_some(())
    })
    .await;
}

/// Runs a command that dies after so many writes, of which the last one's answer is lost.
async fn dies_after(updates: u32, stack: &Stack, folder: &Path, arguments: &[&str]) {
    stack.cloud().dynamodb.set_fault(Fault::StopAfter { updates });
    let died = recourse(stack, folder, arguments).await;
    stack.cloud().dynamodb.set_fault(Fault::None);
    assert_eq!(died.code, 3, "{}{}", died.out, died.err);
}

/// All of both tables and of the bucket, as texts by their keys.
async fn everything(stack: &Stack) -> Vec<(String, String)> {
    let mut all = Vec::new();
    for table in ["DISPUTES_TABLE", "EPHEMERAL_TABLE"] {
        let items = stack.items(table).await.into_iter();
        all.extend(items.map(|((pk, sk), mut item)| {
            // An item has no order of its own.
            item.sort_all_objects();
            (format!("{pk} {sk}"), item.to_string())
        }));
    }
    let objects = stack.cloud().s3.objects(EVIDENCE).unwrap().into_iter();
    all.extend(objects.map(|(key, bytes)| (key, String::from_utf8_lossy(&bytes).into_owned())));
    all
}

/// All that has something of Ada, each with its key.
pub(crate) async fn left(stack: &Stack, ada: &str) -> Vec<String> {
    let all = everything(stack).await.into_iter();
    let hers = ["lovelace", "never came to my phone", FILE];
    let has_address = |text: &str| {
        let lower = text.to_lowercase();
        lower.match_indices(ada).any(|(at, _)| !lower.get(..at).unwrap().ends_with(char::is_alphanumeric))
    };
    let has = |text: &str| has_address(text) || hers.iter().any(|her| text.to_lowercase().contains(her));
    all.filter(|(key, text)| has(key) || has(text)).map(|(key, text)| format!("{key}: {text}")).collect()
}

async fn close(stack: &Stack, folder: &Path, number: DisputeNumber, why: &str) {
    let id = number.case_id();
    printed(stack, folder, &["dispute", "close", &id, "--for", "customer", "--why", why]).await;
    stack.sweep().await;
    mailed(stack, number).await;
}

/// The texts of a case's messages and notes.
async fn texts(stack: &Stack, number: DisputeNumber) -> Vec<String> {
    let record = stack.store().case_record(number).await.unwrap().unwrap();
    let notes = record.history.into_iter().filter_map(|event| event.note);
    record.messages.into_iter().map(|message| message.text).chain(notes).collect()
}

#[test]
fn nothing_of_a_person_is_left_and_nothing_of_anybody_else_is_touched() {
    run(async {
        let (stack, folder) = (Stack::start(unhurried()).await, folder());
        let folder = folder.path();
        let (ada, bob) = (address(), address());
        // Somebody else, whose address ends as Ada's.
        let nada = format!("n{ada}");
        let (alone, to_alone) = report(&stack, &[&ada]).await;
        let (shared, to_shared) = report(&stack, &[&bob, &ada]).await;
        let (other, to_other) = report(&stack, &[&nada]).await;
        stack.sweep().await;

        let from_ada = format!("{NAME} <{ada}>");
        let text = format!("Hello,\n{SENTENCE}\nAda Lovelace");
        for to in [&to_alone, &to_shared] {
            receive(&stack, &Eml::new(&from_ada, to, "Re: my voucher", &text).file(FILE, "image/png", &photo()), "")
                .await;
        }
        let quoting = format!("I agree.\n\nOn Monday {NAME} <{ada}> wrote:\n> {SENTENCE}\n");
        let quotes = receive(&stack, &Eml::new(&format!("Bob <{bob}>"), &to_shared, "Re: it", &quoting), "").await;
        let plain =
            receive(&stack, &Eml::new(&format!("Bob <{bob}>"), &to_shared, "Re: it", "Any news yet?"), "").await;
        receive(&stack, &Eml::new(&format!("Nada <{nada}>"), &to_other, "Re: it", "It is still not here."), "").await;
        receive(&stack, &Eml::new(&from_ada, crate::support::case::CASES, "Hello", "To no case at all."), "").await;
        let id = shared.case_id();
        printed(&stack, folder, &["case", "note", &id, "--text", &format!("{NAME} called, {ada}")]).await;
        printed(&stack, folder, &["case", "reply", &id, "--text", "Dear Mrs Lovelace, we look into it."]).await;
        stack.sweep().await;
        for number in [alone, shared, other] {
            mailed(&stack, number).await;
        }
        found(&stack, &ada, 2).await;
        assert!(left(&stack, &ada).await.len() > 15);

        let forget = ["forget", "--email", &ada, "--why", WHY, "--json"];
        let refused = recourse(&stack, folder, &forget).await;
        assert_eq!(refused.code, 2, "{}{}", refused.out, refused.err);
        assert!(refused.err.contains(&alone.case_id()) && refused.err.contains("--live"), "{}", refused.err);
        assert!(!refused.err.contains(&ada), "{}", refused.err);
        let before = (left(&stack, &ada).await.len(), texts(&stack, shared).await);
        let planned = printed(&stack, folder, &[&forget[..], &["--dry-run"]].concat()).await;
        let planned: Value = serde_json::from_str(&planned).unwrap();
        assert_eq!(
            (&planned["outcome"], planned["certificate"]["cases"].as_array().unwrap().len()),
            (&json!("planned"), 3)
        );
        assert_eq!((left(&stack, &ada).await.len(), texts(&stack, shared).await), before, "a dry run changes nothing");

        close(&stack, folder, alone, "Lovelace was right").await;
        close(&stack, folder, shared, "Lovelace was right").await;
        let others = stack.store().case_record(other).await.unwrap().unwrap();
        let facts = stack.store().dispute(shared).await.unwrap().unwrap();

        dies_after(4, &stack, folder, &forget).await;
        assert!(!left(&stack, &ada).await.is_empty());

        let erased = recourse(&stack, folder, &forget).await;
        assert_eq!(erased.code, 0, "{}{}", erased.out, erased.err);
        assert_eq!(left(&stack, &ada).await, Vec::<String>::new());
        let said: Value = serde_json::from_str(&erased.out).unwrap();
        let certificate = &said["certificate"];
        assert_eq!(
            (&said["outcome"], &certificate["why"], &certificate["by"]),
            (&json!("erased"), &json!(WHY), &json!("tester"))
        );
        assert!(!erased.out.contains(&ada) && !erased.out.contains("Lovelace"), "{}", erased.out);
        let cases: Vec<_> = certificate["cases"].as_array().unwrap().iter().map(|case| &case["dispute"]).collect();
        assert_eq!(cases.len(), 3, "{certificate}");
        assert!(cases.contains(&&json!(shared.case_id())) && cases.contains(&&Value::Null), "{certificate}");
        let of_shared =
            certificate["cases"].as_array().unwrap().iter().find(|case| case["dispute"] == shared.case_id());
        let erased_there = &of_shared.unwrap()["erased"];
        assert_eq!(
            (&erased_there["evidence_file"], &erased_there["received_mail"]),
            (&json!(1), &json!(2)),
            "{certificate}"
        );

        let objects = stack.cloud().s3.objects(EVIDENCE).unwrap();
        assert!(!objects.contains_key(&quotes) && objects.contains_key(&plain));
        let record = stack.store().case_record(shared).await.unwrap().unwrap();
        let texts = texts(&stack, shared).await;
        for text in ["I agree.", "Any news yet?", "[erased]", "Dear Mrs [erased], we look into it."] {
            assert!(texts.iter().any(|known| known == text), "{text}: {texts:?}");
        }
        let after = &record.record.dispute;
        assert_eq!((after.amount, &after.facts, after.state), (facts.amount, &facts.facts, facts.state));
        assert!(after.recipients.as_ref().unwrap().reaches(&MailAddress::parse(&bob).unwrap()));
        let now = stack.store().case_record(other).await.unwrap().unwrap();
        assert_eq!(
            (now.record.dispute, now.messages, now.record.mails),
            (others.record.dispute, others.messages, others.record.mails)
        );

        let again = recourse(&stack, folder, &forget).await;
        assert_eq!(again.code, 1, "{}{}", again.out, again.err);
        let again: Value = serde_json::from_str(&again.out).unwrap();
        assert_eq!((&again["outcome"], &again["earlier"][0]), (&json!("nothing_found"), certificate));
        // Everything still works on what is left.
        for number in [alone, shared] {
            printed(&stack, folder, &["case", "show", &number.case_id()]).await;
            printed(&stack, folder, &["dispute", "show", &number.case_id()]).await;
        }
        stack.stop().await;
    });
}

#[test]
fn a_case_that_goes_on_sends_the_person_nothing_more() {
    run(async {
        let (stack, folder) = (Stack::start(unhurried()).await, folder());
        let folder = folder.path();
        let (ada, bob) = (address(), address());
        let (number, _) = report(&stack, &[&bob, &ada]).await;
        stack.sweep().await;
        mailed(&stack, number).await;
        found(&stack, &ada, 1).await;
        let sent = stack.cloud().ses.mails().len();
        let forget = ["forget", "--email", &ada, "--why", WHY, "--live"];
        let lines = printed(&stack, folder, &forget).await;
        assert!(lines.starts_with("Certificate ") && lines.contains("erased-") && !lines.contains(&ada), "{lines}");
        close(&stack, folder, number, "it never came").await;
        let more = stack.cloud().ses.mails().split_off(sent);
        let readers: Vec<_> = more.iter().flat_map(|mail| mail.to.iter().chain(&mail.cc)).collect();
        assert!(
            readers.contains(&&bob) && !readers.iter().any(|reader| **reader == ada || reader.contains("erased")),
            "{readers:?}"
        );
        assert_eq!(left(&stack, &ada).await, Vec::<String>::new());
        stack.stop().await;
    });
}

/// A run that broke off may have deleted a mail that quotes the person, and left the link to it.
#[test]
fn a_link_to_a_mail_that_is_gone_is_taken_away_and_one_who_carries_on_is_named() {
    run(async {
        let (stack, folder) = (Stack::start(unhurried()).await, folder());
        let folder = folder.path();
        let (ada, bob) = (address(), address());
        let (number, reply_to) = report(&stack, &[&bob, &ada]).await;
        stack.sweep().await;
        let quoting = format!("I agree.\n\nOn Monday {NAME} <{ada}> wrote:\n> {SENTENCE}\n");
        let from_bob = format!("Bob <{bob}>");
        let gone = receive(&stack, &Eml::new(&from_bob, &reply_to, "Re: it", &quoting), "").await;
        let kept = receive(&stack, &Eml::new(&from_bob, &reply_to, "Re: it", "Any news yet?"), "").await;
        stack.sweep().await;
        close(&stack, folder, number, "it never came").await;
        found(&stack, &ada, 1).await;
        let forget = ["forget", "--email", &ada, "--why", WHY, "--json"];
        dies_after(1, &stack, folder, &[&forget[..], &["--by", "carol"]].concat()).await;
        let objects = stack.cloud().s3.objects(EVIDENCE).unwrap();
        if objects.contains_key(&gone) {
            stack.cloud().s3.lose(EVIDENCE, &gone).unwrap();
        }
        let erased = recourse(&stack, folder, &[&forget[..], &["--by", "dora"]].concat()).await;
        assert_eq!(erased.code, 0, "{}{}", erased.out, erased.err);
        let certificate = serde_json::from_str::<Value>(&erased.out).unwrap()["certificate"].clone();
        assert_eq!((&certificate["by"], &certificate["carried_on_by"]), (&json!("carol"), &json!(["dora"])));
        let links: Vec<_> = stack.store().case_record(number).await.unwrap().unwrap().messages;
        let links: Vec<_> = links.into_iter().filter_map(|message| message.object).collect();
        assert_eq!(links, [kept]);
        stack.stop().await;
    });
}

/// What was ordered first holds, whoever carries it on.
#[test]
fn a_case_that_goes_on_is_included_by_the_first_order_alone() {
    run(async {
        let (stack, folder) = (Stack::start(unhurried()).await, folder());
        let folder = folder.path();
        let ada = address();
        report(&stack, &[&ada]).await;
        stack.sweep().await;
        found(&stack, &ada, 1).await;
        let forget = ["forget", "--email", &ada, "--why", WHY, "--json"];
        dies_after(1, &stack, folder, &[&forget[..], &["--live"]].concat()).await;
        let erased = until("no mail is being sent", async || {
            let erased = recourse(&stack, folder, &forget).await;
            (erased.code != 3).then_some(erased)
        })
        .await;
        assert_eq!(erased.code, 0, "{}{}", erased.out, erased.err);
        let certificate = serde_json::from_str::<Value>(&erased.out).unwrap()["certificate"].clone();
        assert_eq!((&certificate["live"], certificate.get("carried_on_by")), (&json!(true), None));
        assert_eq!(left(&stack, &ada).await, Vec::<String>::new());
        stack.stop().await;
    });
}

/// A case was done, and then the person wrote again: a run that breaks off leaves it to the next.
#[test]
fn what_came_after_a_case_was_done_is_erased_before_it_is_certified() {
    run(async {
        let (stack, folder) = (Stack::start(unhurried()).await, folder());
        let folder = folder.path();
        let ada = address();
        let (number, _) = report(&stack, &[&ada]).await;
        stack.sweep().await;
        mailed(&stack, number).await;
        found(&stack, &ada, 1).await;
        let (store, email) = (stack.store(), MailAddress::parse(&ada).unwrap());
        let by = PerformedBy { actor: Actor::Operator, name: "carol".to_owned() };
        let order = AuditContext { by, at: stack.cloud().clock.now_millis(), why: Some(WHY.to_owned()) };
        let mut next = 0_u128;
        let mut token = || {
            next += 1;
            WriteToken::new(next.to_be_bytes())
        };
        let alias = MailAddress::erased(7);
        let begun = store.begin_erasure(&email, &Erasures::default(), (&order, true), &alias, &mut token).await;
        let erasure = begun.unwrap().unwrap();
        let case = ErasedCase { number, found: BTreeMap::new(), id_stays: false, done: false };
        assert!(store.note_erased_case(&erasure, &case, &mut token).await.unwrap());
        let noted = store.noted_case(&erasure, number).await.unwrap().unwrap();
        assert!(store.note_case_done(&erasure, &noted, &token()).await.unwrap());

        let forget = ["forget", "--email", &ada, "--why", WHY, "--json"];
        dies_after(1, &stack, folder, &forget).await;
        let (running, cases) = store.erasures(&email).await.unwrap().running.unwrap();
        assert_eq!(running.id, erasure.id);
        let of_case = cases.iter().find(|case| case.number == number).unwrap();
        assert!(!of_case.done && !left(&stack, &ada).await.is_empty(), "{cases:?}");
        let erased = recourse(&stack, folder, &forget).await;
        assert_eq!(erased.code, 0, "{}{}", erased.out, erased.err);
        assert_eq!(left(&stack, &ada).await, Vec::<String>::new());
        let erasures = store.erasures(&email).await.unwrap();
        let [(certificate, cases)] = erasures.certificates.as_slice() else { panic!("{erasures:?}") };
        assert!(certificate.id == erasure.id && cases.iter().all(|case| case.done), "{erasures:?}");
        stack.stop().await;
    });
}

#[test]
fn addresses_of_clients_and_reasons_with_the_address_are_refused() {
    run(async {
        let (stack, folder) = (Stack::start(unhurried()).await, folder());
        let folder = folder.path();
        let ada = address();
        let (number, _) = report(&stack, &[&ada]).await;
        let account = stack.store().dispute(number).await.unwrap().unwrap().recipients.unwrap();
        let account = account.all().last().unwrap().as_str().to_owned();
        let case = number.case_id();
        for (arguments, said) in [
            (vec!["forget", "--email", &account, "--why", WHY, "--case", &case], "registered one of an account"),
            (vec!["forget", "--email", &ada, "--why", &format!("{ada} asked")], "must not have the address"),
            (vec!["forget", "--email", "nobody@b.example", "--why", WHY, "--case", "RC-00000001"], "there is no case"),
            (vec!["forget", "--email", "nobody", "--why", WHY], "mail address"),
        ] {
            let refused = recourse(&stack, folder, &arguments).await;
            assert_eq!(refused.code, 2, "{arguments:?}: {}{}", refused.out, refused.err);
            assert!(refused.err.contains(said), "{}", refused.err);
        }
        let nothing = recourse(&stack, folder, &["forget", "--email", "nobody@b.example", "--why", WHY]).await;
        assert_eq!((nothing.code, nothing.out.trim()), (1, "nothing is stored of this address"), "{}", nothing.err);
        stack.stop().await;
    });
}
