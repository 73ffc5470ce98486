//! Down all of Chargeback's statuses, and what may be done at each.

use recourse_dispute::lifecycle::Action;
use recourse_store::{NoGuard, WriteToken};
use serde_json::{Value, json};

use super::bank::{FBN, GTB, User, call, code_of, log_of, paid};
use super::evidence::program;
use crate::harness::{CLIENT, HttpResponse, Stack, Transaction, options, run, shared, unique};

/// The bank that acts, the actions available to it and to the other one before, the action, and the
/// status after it.
type Move<'a> = (&'a User, &'a [&'a str], &'a User, &'a [&'a str], &'a str, &'a str);

fn offered(answer: &HttpResponse) -> Vec<String> {
    assert_eq!(answer.status, 200, "{answer:?}");
    let actions = answer.json()["statusActions"].as_array().unwrap().clone();
    actions.iter().map(|action| action["action"].as_str().unwrap().to_owned()).collect()
}

async fn detail(stack: &Stack, user: &User, code: &str) -> HttpResponse {
    user.get(stack, &format!("/disputes/{code}")).await
}

#[test]
fn two_banks_take_a_chargeback_to_arbitration() {
    run(async {
        let stack = Stack::start(options()).await;
        let (fbn, gtb) = (FBN.sign_in(&stack).await, GTB.sign_in(&stack).await);
        let code = code_of(&fbn.log(&stack, &log_of(&paid(&stack).await, "Chargeback")).await);
        let path: [Move<'_>; 4] = [
            (
                &gtb,
                &["ACCEPT", "DECLINE", "REPRESENTMENT", "COMMENT"],
                &fbn,
                &["COMMENT"],
                "REPRESENTMENT",
                "Representment",
            ),
            (
                &fbn,
                &["WITHDRAW", "PRE_ARBITRATION", "COMMENT"],
                &gtb,
                &["COMMENT"],
                "Pre Arbitration",
                "Pre Arbitration",
            ),
            (
                &gtb,
                &["ACCEPT", "DECLINE", "PRE_ARBITRATION_II", "COMMENT"],
                &fbn,
                &["COMMENT"],
                "pre_arbitration_ii",
                "Pre Arbitration II",
            ),
            (&fbn, &["WITHDRAW", "ARBITRATION", "COMMENT"], &gtb, &["COMMENT"], "ARBITRATION", "Arbitration"),
        ];
        for (mover, theirs, other, others, action, status) in path {
            assert_eq!(offered(&detail(&stack, mover, &code).await), theirs);
            assert_eq!(offered(&detail(&stack, other, &code).await), others);
            let refused = other.put(&stack, &code, action).await;
            assert_eq!(refused.status, 400, "the other party is due to respond: {refused:?}");
            assert_eq!(refused.json()["errors"][0]["message"], "is not allowed now: see the dispute's statusActions.");
            let done = mover.put(&stack, &code, action).await;
            assert_eq!((done.status, &done.json()["status"]), (200, &json!(status)), "{done:?}");
            let read = detail(&stack, mover, &code).await;
            assert_eq!(read.text, done.text, "what was done is what is there");
        }
        assert_eq!(offered(&detail(&stack, &fbn, &code).await), ["WITHDRAW", "COMMENT"]);
        assert_eq!(offered(&detail(&stack, &gtb, &code).await), ["ACCEPT", "COMMENT"]);
        let ended = gtb.put(&stack, &code, "ACCEPT").await.json();
        assert_eq!((&ended["status"], &ended["statusActions"]), (&json!("Accepted"), &json!([])));
        assert_eq!(ended.get("statusScheduledEndDate"), None);
        let journal: Vec<_> = ended["journal"].as_array().unwrap().iter().map(|entry| &entry["detail"]).collect();
        assert_eq!(
            journal,
            [
                "Logged: Chargeback",
                "Representment: we do REPRESENTMENT",
                "Pre Arbitration: we do Pre Arbitration",
                "Pre Arbitration II: we do pre_arbitration_ii",
                "Arbitration: we do ARBITRATION",
                "Accepted: we do ACCEPT",
            ]
        );
        let first = &ended["journal"][1];
        assert_eq!(first["addedBy"], "Amaka.Bello@GTB");
        assert_eq!((&first["id"], &first["disputeId"]), (&json!(2), &ended["id"]));
        // Both banks were notified of each step.
        assert_eq!(stack.inbox("disputes@gtb.example", 6).await.len(), 6);
        assert_eq!(gtb.put(&stack, &code, "COMMENT").await.status, 400, "it is closed");
    });
}

#[test]
fn the_name_of_a_banks_api_key_stays_with_the_bank() {
    run(async {
        let stack = shared().await;
        let (fbn, gtb) = (program(&stack, &FBN.key).await, program(&stack, &GTB.key).await);
        let code = code_of(&fbn.log(&stack, &log_of(&paid(&stack).await, "Chargeback")).await);
        assert_eq!(gtb.put(&stack, &code, "REPRESENTMENT").await.status, 200);
        for reader in [&fbn, &gtb] {
            let shown = detail(&stack, reader, &code).await;
            let json = shown.json();
            let names = [&json["createdBy"], &json["journal"][0]["addedBy"], &json["journal"][1]["addedBy"]];
            assert_eq!(names, ["API client@FBN", "API client@FBN", "API client@GTB"]);
            assert!(![FBN, GTB].iter().any(|bank| shown.json().to_string().contains(bank.key.id)), "{shown:?}");
        }
    });
}

/// A bank that is issuer and acquirer of a transaction, and takes its dispute to arbitration by
/// itself.
async fn on_us(stack: &Stack, bank: &User) -> String {
    let mut transaction = Transaction::new("acct_demo", "Succesful");
    let fbn = json!({ "code": "FBN", "name": "FIRST BANK OF NIGERIA" });
    transaction.body["parties"] = json!({ "issuer": fbn, "acquirer": fbn });
    transaction.body["details"] = json!({ "type": "BillPayment", "reference": unique("reference") });
    stack.upsert(&transaction.body).await;
    let code = code_of(&bank.log(stack, &log_of(&transaction, "Chargeback")).await);
    for action in ["REPRESENTMENT", "PRE_ARBITRATION", "PRE_ARBITRATION_II", "ARBITRATION"] {
        assert_eq!(bank.put(stack, &code, action).await.status, 200);
    }
    code
}

#[test]
fn each_end_has_the_name_of_its_status() {
    run(async {
        let stack = shared().await;
        let (fbn, gtb) = (FBN.sign_in(&stack).await, GTB.sign_in(&stack).await);
        for (action, status) in [("ACCEPT", "Accepted"), ("WITHDRAW", "Declined")] {
            let code = on_us(&stack, &fbn).await;
            assert_eq!(offered(&detail(&stack, &fbn, &code).await), ["ACCEPT", "WITHDRAW", "COMMENT"]);
            assert_eq!(fbn.put(&stack, &code, action).await.json()["status"], status);
        }
        let code = code_of(&fbn.log(&stack, &log_of(&paid(&stack).await, "Chargeback")).await);
        gtb.put(&stack, &code, "REPRESENTMENT").await;
        assert_eq!(fbn.put(&stack, &code, "ACCEPT").await.status, 400, "nothing of the issuer's leads to Accepted");
        // Accepting needs no comment.
        let body = r#"{"action":"WITHDRAW"}"#;
        let withdrawn = stack.raw(call(&fbn.token, "PUT", &format!("/disputes/{code}"), body)).await;
        assert_eq!((withdrawn.status, &withdrawn.json()["status"]), (200, &json!("Declined")), "{withdrawn:?}");
    });
}

#[test]
fn who_manages_the_dispute_for_the_merchants_side_answers_it() {
    run(async {
        let stack = shared().await;
        let (fbn, gtb) = (FBN.sign_in(&stack).await, GTB.sign_in(&stack).await);
        for (merchant_disputant, offered_to_fbn, offered_to_gtb) in [
            (false, &["ACCEPT", "DECLINE", "REPRESENTMENT", "COMMENT"][..], &["COMMENT"][..]),
            (true, &["COMMENT"], &["ACCEPT", "DECLINE", "REPRESENTMENT", "COMMENT"]),
        ] {
            let mut transaction = Transaction::new("acct_demo", "Succesful");
            // Any domain may be a transaction's merchant; here it is GTB's.
            transaction.body["parties"] =
                json!({ "acquirer": { "code": "FBN", "name": "FBN" }, "merchant": { "code": "GTB", "name": "GTB" } });
            transaction.body["details"] = json!({
                "type": "BillPayment", "reference": unique("reference"), "merchant_disputant": merchant_disputant
            });
            stack.upsert(&transaction.body).await;
            let logged = fbn.log(&stack, &log_of(&transaction, "Chargeback")).await;
            assert_eq!(logged.json()["merchantDisputant"], merchant_disputant);
            let code = code_of(&logged);
            assert_eq!(offered(&detail(&stack, &fbn, &code).await), offered_to_fbn);
            assert_eq!(offered(&detail(&stack, &gtb, &code).await), offered_to_gtb);
            let other = if merchant_disputant { &fbn } else { &gtb };
            assert_eq!(other.put(&stack, &code, "DECLINE").await.status, 400, "not over the other one's head");
        }
    });
}

#[test]
fn the_journal_says_why_an_operator_decided() {
    run(async {
        let stack = shared().await;
        let fbn = FBN.sign_in(&stack).await;
        let transaction = paid(&stack).await;
        let code = code_of(&fbn.log(&stack, &log_of(&transaction, "Chargeback")).await);
        let before = stack.dispute(&transaction.trxid).await.dispute;
        let now = before.opened_at.plus(1_000);
        let decided = before.decided(Action::CloseForMerchant, "alice".into(), "the receipt is good".into(), now);
        let token = WriteToken::new([3; 16]);
        stack.store().change(&before, &decided.unwrap(), &NoGuard, &token, now).await.unwrap();
        let entry = detail(&stack, &fbn, &code).await.json()["journal"][1].clone();
        assert_eq!(entry["detail"], "Declined: the receipt is good");
        assert_eq!(entry["addedBy"], "payment platform's dispute team", "and not who of it");
    });
}

#[test]
fn every_category_begins_at_its_initial_status() {
    run(async {
        let stack = shared().await;
        let fbn = FBN.sign_in(&stack).await;
        for (category, reason, status) in [
            ("Chargeback", "AP", "Chargeback"),
            ("CO_ACQUIRED", "AP", "Chargeback"),
            ("good faith", "AW", "Good Faith"),
            ("Government Biller", "AW", "Accepted"),
            ("inquiry", "AA", "Inquiry"),
            ("REFUND", "AP", "Refund"),
            ("TSA Biller", "AW", "Chargeback"),
            ("Fraud", "FT", "Chargeback"),
        ] {
            let mut log = log_of(&paid(&stack).await, category);
            log["reasonCode"] = reason.into();
            let logged = fbn.log(&stack, &log).await;
            assert_eq!((logged.status, &logged.json()["status"]), (201, &json!(status)), "{logged:?}");
            assert_eq!(logged.json()["disputeAmountType"], "Full");
        }
        let reasons = fbn.get(&stack, "/disputes/categories/Chargeback/reasons").await.json();
        assert_eq!(reasons[1]["name"], "Recurring Payments");
        assert_eq!(reasons[1]["disputeCategory"], "Chargeback");
        assert_eq!(fbn.get(&stack, "/disputes/categories/Chargebacks/reasons").await.status, 404);
    });
}

#[test]
fn a_comment_is_in_the_journal_and_changes_nothing_else() {
    run(async {
        let stack = shared().await;
        let (fbn, gtb) = (FBN.sign_in(&stack).await, GTB.sign_in(&stack).await);
        let logged = fbn.log(&stack, &log_of(&paid(&stack).await, "Refund")).await;
        let code = code_of(&logged);
        let done = gtb.put(&stack, &code, "Comment").await.json();
        for field in ["status", "statusStartDate", "statusScheduledEndDate"] {
            assert_eq!(done[field], logged.json()[field]);
        }
        assert_eq!(done["journal"][1]["detail"], "Comment: we do Comment");
        let bare = call(&gtb.token, "PUT", &format!("/disputes/{code}"), r#"{"action":"DECLINE"}"#);
        let refused = stack.raw(bare).await;
        assert_eq!((refused.status, &refused.json()["errors"][0]["field"]), (400, &json!("comment")));
        for body in ["", "[]", "{}", r#"{"action":7}"#, r#"{"action":"EXPIRE","comment":"x"}"#] {
            let refused = stack.raw(call(&gtb.token, "PUT", &format!("/disputes/{code}"), body)).await;
            assert_eq!(refused.status, 400, "{body}");
        }
        let declined = gtb.put(&stack, &code, "DECLINE").await.json();
        assert_eq!(declined["status"], "Declined");
    });
}

#[test]
fn a_dispute_of_another_api_is_shown_and_acted_on_here() {
    run(async {
        let stack = shared().await;
        let gtb = GTB.sign_in(&stack).await;
        let transaction = paid(&stack).await;
        stack.report(&CLIENT, &json!({ "trxid": transaction.trxid })).await;
        let number = stack.dispute(&transaction.trxid).await.dispute.number;
        let code = format!("FBN00II{number}");
        let shown = detail(&stack, &gtb, &code).await;
        let json: Value = shown.json();
        assert_eq!((&json["status"], &json["category"]), (&json!("Inquiry"), &json!("Inquiry")));
        assert_eq!((&json["createdBy"], json.get("reasonCode")), (&json!("iimmpact"), None));
        assert_eq!(json["journal"][0]["addedBy"], "opener", "no key of another client");
        let duplicate = gtb.log(&stack, &log_of(&transaction, "Chargeback")).await;
        assert_eq!(duplicate.status, 409);
        assert!(duplicate.json()["message"].as_str().unwrap().contains(&code), "{duplicate:?}");
        assert_eq!(gtb.put(&stack, &code, "ACCEPT").await.json()["status"], "Accepted");
        code_of(&gtb.log(&stack, &log_of(&transaction, "Chargeback")).await);
    });
}
