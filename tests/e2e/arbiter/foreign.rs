//! What is somebody else's answers as what is not there, and what cannot be logged says why.

use serde_json::json;

use super::bank::{FBN, GTB, User, call, code_of, log_of, paid, token_request};
use crate::harness::{CLIENT, HttpResponse, STAGING, Stack, Transaction, options, run, shared, unique};

/// A transaction that GTB is no party to.
async fn foreign(stack: &Stack) -> Transaction {
    let mut transaction = Transaction::new("acct_demo", "Succesful");
    transaction.body["parties"] = json!({ "issuer": { "code": "FBN", "name": "FIRST BANK OF NIGERIA" } });
    transaction.body["details"] = json!({ "type": "BillPayment", "reference": unique("reference") });
    stack.upsert(&transaction.body).await;
    transaction
}

async fn all(stack: &Stack, user: &User, code: &str, reference: &str) -> Vec<HttpResponse> {
    let log = json!({
        "transactionType": "BillPayment", "transactionReference": reference, "disputeAmountType": "PARTIAL",
        "disputeAmount": "999999999", "reasonCode": "AW", "category": "Chargeback"
    });
    let answers = [
        user.log(stack, &log).await,
        user.get(stack, &format!("/disputes/{code}")).await,
        user.put(stack, code, "COMMENT").await,
        user.put(stack, code, "NOTHING").await,
        stack.raw(call(&user.token, "PUT", &format!("/disputes/{code}"), "no json")).await,
        user.get(stack, &format!("/transactions/types/BillPayment/references/{reference}")).await,
        user.get(stack, &format!("/disputes?logCode={code}")).await,
    ];
    answers.iter().map(HttpResponse::without_ids).collect()
}

#[test]
fn a_bank_that_is_no_party_sees_what_an_unknown_one_sees() {
    run(async {
        let stack = shared().await;
        let (fbn, gtb) = (FBN.sign_in(&stack).await, GTB.sign_in(&stack).await);
        let transaction = foreign(&stack).await;
        let code = code_of(&fbn.log(&stack, &log_of(&transaction, "Chargeback")).await);
        let reference = transaction.body["details"]["reference"].as_str().unwrap();
        let theirs = all(&stack, &gtb, &code, reference).await;
        let unknown = all(&stack, &gtb, "FBN00II123456789", "no-such-reference").await;
        assert_eq!(theirs, unknown);
        assert!(theirs[..6].iter().all(|answer| answer.status == 404));
        assert_eq!(theirs[6].json(), json!({ "count": 0, "content": [] }));
        for wrong in
            ["FBN00II", "551", &code.replace("FBN00", "FBN"), &code.replace("FBN00", "GTB00"), &format!("{code}0")]
        {
            assert_eq!(fbn.get(&stack, &format!("/disputes/{wrong}")).await.status, 404, "{wrong}");
        }
        // A type that no transaction can have is answered like one that none has, also one that no
        // key could hold.
        let typed = async |kind: &str| {
            fbn.get(&stack, &format!("/transactions/types/{kind}/references/{reference}")).await.without_ids()
        };
        for kind in ["%23".repeat(1000), "x".repeat(129)] {
            assert_eq!(typed(&kind).await, typed("NoSuchType").await);
        }
        assert_eq!(fbn.get(&stack, &format!("/disputes/{code}")).await.status, 200);
        assert_eq!(fbn.get(&stack, &format!("/disputes?logCode={code}")).await.json()["count"], 1);
    });
}

/// A staging transaction that names a production bank, and a production transaction that names the
/// domain of a staging account.
#[test]
fn staging_and_production_do_not_meet_in_a_party() {
    run(async {
        let stack = Stack::start(options()).await;
        let fbn = FBN.sign_in(&stack).await;
        let token = stack.raw(token_request(&STAGING, "grant_type=client_credentials")).await.json();
        let demos = User { token: token["access_token"].as_str().unwrap().to_owned() };
        let of = async |account: &str, code: &str| {
            let mut transaction = Transaction::new(account, "Succesful");
            transaction.body["parties"] = json!({ "issuer": { "code": code, "name": "A bank" } });
            transaction.body["details"] = json!({ "type": "BillPayment", "reference": unique("reference") });
            stack.upsert(&transaction.body).await;
            let key = if account == "acct_demo" { CLIENT } else { STAGING };
            assert_eq!(stack.report(&key, &json!({ "trxid": transaction.trxid })).await.status, 200);
            transaction
        };
        for (bank, code, account) in [(&fbn, "FBN", "acct_staging"), (&demos, "DEMOS", "acct_demo")] {
            let transaction = of(account, code).await;
            let reference = transaction.body["details"]["reference"].as_str().unwrap();
            let log_code = stack.dispute(&transaction.trxid).await.dispute.log_code().unwrap();
            let theirs = all(&stack, bank, &log_code, reference).await;
            assert_eq!(theirs, all(&stack, bank, "FBN00II123456789", "no-such-reference").await, "{code}");
            for query in ["", "?status=Inquiry", "?issuerCode=FBN", "?issuerCode=DEMOS"] {
                let listed = bank.get(&stack, &format!("/disputes{query}")).await.json();
                assert_eq!(listed, json!({ "count": 0, "content": [] }), "{code} {query}");
            }
        }
        // A staging account's own transaction is there for it.
        let own = of("acct_staging", "DEMOS").await;
        let log_code = stack.dispute(&own.trxid).await.dispute.log_code().unwrap();
        assert_eq!(demos.get(&stack, &format!("/disputes/{log_code}")).await.status, 200);
        assert_eq!(demos.get(&stack, "/disputes?issuerCode=DEMOS").await.json()["count"], 1);
    });
}

#[test]
fn a_transaction_that_is_pending_failed_or_refunded_says_so() {
    run(async {
        let stack = shared().await;
        let fbn = FBN.sign_in(&stack).await;
        for (status, why) in [
            ("Accepted", "The transaction has not completed."),
            ("Processing", "The transaction has not completed."),
            ("Failed", "The transaction failed."),
            ("Refund", "The transaction was refunded."),
        ] {
            let mut transaction = Transaction::new("acct_demo", status);
            transaction.body["parties"] = json!({ "issuer": { "code": "FBN", "name": "FBN" } });
            transaction.body["details"] = json!({ "type": "BillPayment", "reference": unique("reference") });
            stack.upsert(&transaction.body).await;
            let refused = fbn.log(&stack, &log_of(&transaction, "Chargeback")).await;
            assert_eq!((refused.status, &refused.json()["errors"][0]["message"]), (400, &json!(why)));
            let reference = transaction.body["details"]["reference"].as_str().unwrap();
            let known =
                fbn.get(&stack, &format!("/transactions/types/BillPayment/references/{reference}")).await.json();
            assert_eq!(known["disputeCategories"], json!([]));
            assert_eq!(known["disputeCategoryErrors"]["TSA Biller"], why);
            assert!(stack.disputes(&transaction.trxid).await.is_empty());
        }
    });
}

#[test]
fn an_amount_is_within_the_transactions() {
    run(async {
        let stack = shared().await;
        let fbn = FBN.sign_in(&stack).await;
        let transaction = paid(&stack).await;
        let mut log = log_of(&transaction, "Chargeback");
        log["disputeAmountType"] = "PARTIAL".into();
        for amount in [json!(0), json!(-1), json!("1550.01"), json!(0.001), json!(null), json!("abc")] {
            log["disputeAmount"] = amount.clone();
            let refused = fbn.log(&stack, &log).await;
            let expected = (400, &json!("disputeAmount"));
            assert_eq!((refused.status, &refused.json()["errors"][0]["field"]), expected, "{amount}");
        }
        log["disputeAmount"] = json!(1550.00);
        let logged = fbn.log(&stack, &log).await.json();
        assert_eq!(
            (&logged["disputeAmountType"], &logged["disputeAmount"]),
            (&json!("Partial"), &json!("NGN 1,550.00"))
        );
        assert_eq!(fbn.log(&stack, &log).await.status, 409);
    });
}
