//! Two banks, a merchant, its customer and an operator walk through each API. Each of them gets the
//! mails, the lists and the views that docs/parties.md describes.

use std::collections::BTreeSet;

use recourse_dispute::channel::Channel;
use recourse_dispute::event::EventKind;
use recourse_dispute::lifecycle::{Action, Actor};
use recourse_dispute::notification::Audience;
use recourse_dispute::policy::notifications;
use recourse_local::ses::AcceptedMail;
use recourse_store::DisputeRecord;
use serde_json::{Value, json};

use crate::arbiter::bank::User;
use crate::arbiter::{FBN, GTB, code_of, log_of, paid};
use crate::cli::{folder, recourse};
use crate::harness::{
    CLIENT, Call, Connect, DemoKey, HttpResponse, Stack, Transaction, address, options, run, shared, until,
};
use crate::tutelar::least;

const ACCOUNT: &str = "disputes@demo-wallet.example";
const BANKS: [&str; 2] = ["disputes@fbn.example", "disputes@gtb.example"];

/// A call at the Tutelar API, with this key.
async fn tutelar(stack: &Stack, key: &DemoKey, method: &'static str, path: &str, body: &Value) -> HttpResponse {
    let body = if body.is_null() { String::new() } else { body.to_string() };
    stack.raw(Call::new(key, method, format!("/api/v1/dispute/{path}"), body).basic()).await
}

fn contact(user: &str) -> Value {
    json!({ "contactPerson": "Wile Coyote", "emailAddress": user })
}

/// Opens a dispute through an API, for a customer or contact with this address.
async fn open(stack: &Stack, channel: Channel, fbn: &User, transaction: &Transaction, user: &str) {
    match channel {
        Channel::Iimmpact => {
            let report = json!({ "trxid": transaction.trxid, "user_email": [user] });
            let answer = stack.report(&CLIENT, &report).await;
            assert!(answer.text.contains("\"Success\""), "{answer:?}");
        }
        Channel::Arbiter => {
            code_of(&fbn.log(stack, &log_of(transaction, "Chargeback")).await);
        }
        Channel::Tutelar => {
            let answer = tutelar(stack, &CLIENT, "POST", "create", &least(&transaction.trxid, "1001")).await;
            assert_eq!(answer.status, 201, "{answer:?}");
        }
        Channel::Connect => {
            let draft = stack.connect(Connect::create(&transaction.trxid, &contact(user))).await.json();
            let id = draft["id"].as_str().unwrap();
            assert_eq!(stack.connect(Connect::submit(id)).await.status, 200);
        }
    }
}

/// Who the case's mail goes to.
fn case_readers(channel: Channel, user: &str) -> BTreeSet<String> {
    let readers: &[&str] = match channel {
        Channel::Iimmpact | Channel::Connect => &[user, ACCOUNT],
        Channel::Arbiter | Channel::Tutelar => &[ACCOUNT],
    };
    readers.iter().map(|reader| (*reader).to_owned()).collect()
}

/// Each event's mails are those of the table, each to its own audience, and all of them go out.
async fn has_the_mails_of_the_table(stack: &Stack, record: &DisputeRecord, user: &str) {
    let channel = record.dispute.channel;
    let banks: BTreeSet<String> = BANKS.iter().map(|bank| (*bank).to_owned()).collect();
    let mut expected = Vec::new();
    for event in &record.events {
        for (audience, template) in notifications::notify(channel, event) {
            let readers = if audience == Audience::Case { case_readers(channel, user) } else { banks.clone() };
            expected.push((event.version, audience, template, readers));
        }
    }
    let mails = record.mails.iter().map(|mail| {
        let readers = mail.notification.recipients.all().map(|address| address.as_str().to_owned()).collect();
        (mail.id.version, mail.notification.audience, mail.notification.template, readers)
    });
    assert_eq!(mails.collect::<Vec<_>>(), expected, "{channel:?}");
    let case = record.dispute.number.case_id();
    for reader in expected.iter().flat_map(|(.., readers)| readers).collect::<BTreeSet<_>>() {
        let wanted = expected.iter().filter(|(.., readers)| readers.contains(reader)).count();
        until(&format!("{reader} has {wanted} mails of {case}"), async || {
            let is_theirs = |mail: &AcceptedMail| mail.to.iter().chain(&mail.cc).any(|address| address == reader);
            let all = stack.cloud().ses.mails().into_iter();
            let got = all.filter(|mail| is_theirs(mail) && mail.subject.contains(&case)).count();
            assert!(got <= wanted, "{reader} got {got} mails of {case}");
            (got == wanted).then_some(())
        })
        .await;
    }
}

/// Both banks find the dispute in their lists with this status, and see it at the Tutelar API.
async fn banks_see(stack: &Stack, banks: [&User; 2], record: &DisputeRecord, status: &str) {
    let code = record.dispute.log_code().unwrap();
    for bank in banks {
        let listed = bank.get(stack, &format!("/disputes?logCode={code}")).await.json();
        assert_eq!((&listed["count"], &listed["content"][0]["status"]), (&json!(1), &json!(status)), "{listed}");
        let page = bank.get(stack, "/disputes?pageSize=100").await.json();
        let found = page["content"].as_array().unwrap().iter().find(|dispute| dispute["logCode"] == code.as_str());
        assert_eq!(found.map(|dispute| &dispute["status"]), Some(&json!(status)));
        assert_eq!(bank.get(stack, &format!("/disputes/{code}")).await.json()["status"], status);
    }
    let view = format!("view/{}", record.dispute.number.tutelar_id());
    for key in [FBN.key, GTB.key] {
        assert_eq!(tutelar(stack, &key, "GET", &view, &Value::Null).await.status, 200);
    }
}

/// The merchant's account sees it at both of its APIs.
async fn account_sees(stack: &Stack, record: &DisputeRecord, status: &str, connect: &str) {
    let view = format!("view/{}", record.dispute.number.tutelar_id());
    let shown = tutelar(stack, &CLIENT, "GET", &view, &Value::Null).await.json();
    assert_eq!(shown["data"]["status"], status);
    let shown = stack.connect(Connect::get(&record.dispute.number.to_string())).await.json();
    assert_eq!(shown["status"], connect);
}

#[test]
fn every_party_gets_what_the_page_of_the_parties_describes() {
    run(async {
        let (stack, folder) = (Stack::start(options()).await, folder());
        let (fbn, gtb) = (FBN.sign_in(&stack).await, GTB.sign_in(&stack).await);
        for channel in Channel::ALL {
            let (transaction, user) = (paid(&stack).await, address());
            open(&stack, channel, &fbn, &transaction, &user).await;
            let record = stack.dispute(&transaction.trxid).await;
            let first = if channel == Channel::Iimmpact { "Inquiry" } else { "Chargeback" };
            banks_see(&stack, [&fbn, &gtb], &record, first).await;
            account_sees(&stack, &record, "open", "CREATED").await;
            if channel != Channel::Iimmpact {
                let code = record.dispute.log_code().unwrap();
                for (bank, action) in [(&gtb, "REPRESENTMENT"), (&fbn, "PRE_ARBITRATION"), (&gtb, "PRE_ARBITRATION_II")]
                {
                    assert_eq!(bank.put(&stack, &code, action).await.status, 200, "{channel:?} {action}");
                }
                assert_eq!(fbn.put(&stack, &code, "ARBITRATION").await.status, 200);
            }
            let case = record.dispute.number.case_id();
            let close =
                ["dispute", "close", case.as_str(), "--for", "customer", "--why", "the claim is right", "--by", "bob"];
            let closed = recourse(&stack, folder.path(), &close).await;
            assert_eq!(closed.code, 0, "{}{}", closed.out, closed.err);
            let record = stack.dispute(&transaction.trxid).await;
            banks_see(&stack, [&fbn, &gtb], &record, "Accepted").await;
            account_sees(&stack, &record, "closed", "CREATED").await;
            has_the_mails_of_the_table(&stack, &record, &user).await;
        }
    });
}

/// A dispute that a bank could see stays visible to it after its end, and the bank is notified of
/// that end, also when the opener withdraws it after banks have acted.
#[test]
fn a_withdrawn_dispute_stays_visible_and_everybody_is_notified() {
    run(async {
        let stack = Stack::start(options()).await;
        let (fbn, gtb) = (FBN.sign_in(&stack).await, GTB.sign_in(&stack).await);
        let (transaction, user) = (paid(&stack).await, address());
        open(&stack, Channel::Connect, &fbn, &transaction, &user).await;
        let record = stack.dispute(&transaction.trxid).await;
        let code = record.dispute.log_code().unwrap();
        assert_eq!(gtb.put(&stack, &code, "REPRESENTMENT").await.status, 200);
        assert_eq!(stack.connect(Connect::cancel(&record.dispute.number.to_string())).await.status, 200);
        let record = stack.dispute(&transaction.trxid).await;
        banks_see(&stack, [&fbn, &gtb], &record, "Declined").await;
        account_sees(&stack, &record, "closed", "CANCELLED").await;
        let shown = fbn.get(&stack, &format!("/disputes/{code}")).await.json();
        assert_eq!(shown["statusActions"], json!([]));
        assert_eq!(shown["journal"].as_array().unwrap().last().unwrap()["detail"], "Withdrawn");
        has_the_mails_of_the_table(&stack, &record, &user).await;
        // After the withdrawal, a bank can log its own dispute about the transaction.
        code_of(&fbn.log(&stack, &log_of(&transaction, "Chargeback")).await);
    });
}

/// A draft holds no active-dispute lock, and nobody but its opener learns of it.
#[test]
fn a_draft_blocks_nobody() {
    run(async {
        let stack = shared().await;
        let fbn = FBN.sign_in(&stack).await;
        let (transaction, user) = (paid(&stack).await, address());
        let draft = stack.connect(Connect::create(&transaction.trxid, &contact(&user))).await.json();
        let id = draft["id"].as_str().unwrap().to_owned();
        let code = code_of(&fbn.log(&stack, &log_of(&transaction, "Chargeback")).await);
        // The draft cannot be submitted while the bank's dispute is live, and stays readable.
        let submitted = stack.connect(Connect::submit(&id)).await;
        assert_eq!((submitted.status, submitted.text.contains("310400200")), (400, true), "{submitted:?}");
        let read = stack.connect(Connect::get(&id)).await.json();
        assert_eq!((&read["status"], &read["statusOutput"]["isCancellable"]), (&json!("DRAFT"), &json!(true)));
        let number = id.parse().unwrap();
        assert_eq!(stack.store().record_of(number).await.unwrap().unwrap().mails.len(), 0);
        // Once that one has ended, it can.
        let gtb = GTB.sign_in(&stack).await;
        assert_eq!(gtb.put(&stack, &code, "DECLINE").await.status, 200);
        assert_eq!(stack.connect(Connect::submit(&id)).await.status, 200);
        // A draft about a payment that was refunded meanwhile ends with it.
        let refunded = paid(&stack).await;
        let draft = stack.connect(Connect::create(&refunded.trxid, &contact(&user))).await.json();
        assert_eq!(stack.upsert(&refunded.later("Refund", 1)).await.status, 200);
        let read = stack.connect(Connect::get(draft["id"].as_str().unwrap())).await.json();
        assert_eq!(read["status"], "CANCELLED");
        // A draft does not block a customer's report either.
        let reported = paid(&stack).await;
        assert_eq!(stack.connect(Connect::create(&reported.trxid, &contact(&user))).await.status, 201);
        let answer = stack.report(&CLIENT, &json!({ "trxid": reported.trxid, "user_email": [user] })).await;
        assert!(answer.text.contains("\"Success\""), "{answer:?}");
    });
}

/// Each mail says who did what, and no other mail says so.
#[test]
fn a_mail_names_who_acted() {
    run(async {
        let stack = Stack::start(options()).await;
        let (fbn, gtb) = (FBN.sign_in(&stack).await, GTB.sign_in(&stack).await);
        let transaction = paid(&stack).await;
        let code = code_of(&fbn.log(&stack, &log_of(&transaction, "Chargeback")).await);
        assert_eq!(gtb.put(&stack, &code, "REPRESENTMENT").await.status, 200);
        assert_eq!(fbn.put(&stack, &code, "WITHDRAW").await.status, 200);
        let texts: Vec<_> =
            stack.inbox(BANKS[1], 3).await.into_iter().map(|mail| mail.text.unwrap_or_default()).collect();
        for (text, said) in texts.iter().zip([
            "The issuer, FIRST BANK OF NIGERIA, logged a dispute about a payment that your organisation is a party to.",
            "The acquirer, GUARANTY TRUST BANK, answered the claim (representment).",
            "The issuer, FIRST BANK OF NIGERIA, withdrew its claim. The dispute is closed in the merchant's favour.",
        ]) {
            let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
            assert!(text.contains(said), "{said}: {text}");
        }
        let record = stack.dispute(&transaction.trxid).await;
        let withdrew = record.events.last().unwrap();
        assert_eq!((withdrew.by.actor, withdrew.kind), (Actor::Issuer, EventKind::Did(Action::Withdraw)));
    });
}
