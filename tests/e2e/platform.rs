//! The platform door (platform contract): how transactions get in, and what never changes of them.

use recourse_dispute::dispute::What;
use recourse_dispute::lifecycle::Action;
use serde_json::{Value, json};

use crate::harness::{Answer, CLIENT, Call, PLATFORM, Stack, Transaction, run, shared, unique};
use crate::seed::{REFUNDED, SUCCESS, about};

async fn put(stack: &Stack, transaction: &Value) -> Answer {
    stack.send(&Call::put(&PLATFORM, transaction)).await
}

async fn known(stack: &Stack, trxid: &str) -> Value {
    let answer = stack.send(&Call::get(&PLATFORM, trxid)).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.json()
}

/// The fields that a refusal names.
#[track_caller]
fn errors(answer: &Answer, status: u16) -> Vec<String> {
    assert_eq!((answer.status, answer.json()["message"].is_string()), (status, true), "{answer:?}");
    let errors = answer.json()["errors"].as_object().unwrap().clone();
    assert!(errors.values().all(|texts| texts.as_array().is_some_and(|texts| texts.iter().all(Value::is_string))));
    errors.into_iter().map(|(field, _)| field).collect()
}

/// A transaction with everything that the platform can tell.
fn whole() -> Value {
    let mut told = Transaction::new("acct_demo", "Succesful").told;
    told["parties"] = json!({
        "issuer": {"code": "FBN", "name": "FIRST BANK OF NIGERIA"},
        "acquirer": {"code": "GTB", "name": "GUARANTY TRUST BANK"},
        "merchant": {"code": "AIRTEL", "name": "Airtel Nigeria", "reference": "", "category": "Regular"},
    });
    told["details"] = json!({
        "type": "BillPayment", "reference": unique("reference"), "store": "PAYDIRECT", "surcharge": "1.00",
        "customer_reference": "0802221412", "terminal_type": "Bank Branch", "region": "Domestic Bill Payment",
        "additional_info": {"Card Scheme": "Verve", "Has Merchant": true, "a": [1.50, null]}, "captures": [unique("capture")],
        "settlement": {"amount": "12000", "currency": "JPY"}, "scheme": {"amount": "1.234", "currency": "KWD"},
        "merchant_disputant": true,
    });
    told
}

#[test]
fn created_replaced_and_stale() {
    run(async {
        let stack = shared().await;
        let transaction = Transaction::new("acct_demo", "Processing");
        let trxid = &transaction.trxid;
        assert_eq!(stack.send(&Call::get(&PLATFORM, trxid)).await.status, 404);
        for (word, status, body, now) in [
            (&transaction.told, 201, json!({"trxid": trxid, "status": "created"}), "Processing"),
            (&transaction.told, 200, json!({"trxid": trxid, "status": "replaced"}), "Processing"),
            (&transaction.later("Accepted", 5), 200, json!({"trxid": trxid, "status": "replaced"}), "Accepted"),
            (
                &transaction.later("Succesful", 4),
                200,
                json!({"trxid": trxid, "status": "stale", "stale": true}),
                "Accepted",
            ),
            (&transaction.later("Succesful", 5), 200, json!({"trxid": trxid, "status": "replaced"}), "Succesful"),
            // A final status never goes back, however new the word.
            (
                &transaction.later("Processing", 9),
                200,
                json!({"trxid": trxid, "status": "stale", "stale": true}),
                "Succesful",
            ),
            (
                &transaction.later("Accepted", 9),
                200,
                json!({"trxid": trxid, "status": "stale", "stale": true}),
                "Succesful",
            ),
            (&transaction.later("Refund", 10), 200, json!({"trxid": trxid, "status": "replaced"}), "Refund"),
            (
                &transaction.later("Processing", 11),
                200,
                json!({"trxid": trxid, "status": "stale", "stale": true}),
                "Refund",
            ),
        ] {
            let answer = put(&stack, word).await;
            assert_eq!((answer.status, answer.json()), (status, body), "{word}");
            assert_eq!(known(&stack, trxid).await["status"], now, "{word}");
        }
        assert_eq!(known(&stack, trxid).await["updated_at"], "2026-01-16T02:01:10Z");
    });
}

#[test]
fn words_may_arrive_in_any_order() {
    run(async {
        let stack = shared().await;
        let transaction = Transaction::new("acct_demo", "Accepted");
        let words = [
            transaction.later("Processing", 1),
            transaction.later("Succesful", 2),
            transaction.later("Refund", 3),
            transaction.told.clone(),
        ];
        for first in 0..words.len() {
            let name = unique("order");
            for step in [0, 2, 1, 3] {
                let mut word = words[(first + step) % words.len()].clone();
                (word["trxid"], word["refid"]) = (name.as_str().into(), name.as_str().into());
                stack.tell(&word).await;
            }
            assert_eq!(known(&stack, &name).await["status"], "Refund", "{first}");
        }
    });
}

#[test]
fn what_was_told_is_read_back() {
    run(async {
        let stack = shared().await;
        let told = whole();
        assert_eq!(put(&stack, &told).await.status, 201);
        assert_eq!(known(&stack, told["trxid"].as_str().unwrap()).await, told);

        let mut spelt = Transaction::new("acct_demo", "Successful").told;
        (spelt["kind"], spelt["amount"]) = (json!(null), json!("1550"));
        stack.tell(&spelt).await;
        let read = known(&stack, spelt["trxid"].as_str().unwrap()).await;
        assert_eq!(
            (&read["status"], &read["kind"], &read["amount"]),
            (&json!("Succesful"), &json!("other"), &json!("1550.00"))
        );
    });
}

#[test]
fn a_fixed_fact_that_changes_is_named() {
    run(async {
        let stack = shared().await;
        let told = whole();
        put(&stack, &told).await;
        let trxid = told["trxid"].as_str().unwrap();
        for (pointer, other, field) in [
            ("/account", json!("acct_stranger"), "account"),
            ("/refid", json!(unique("ref")), "refid"),
            ("/details/type", json!("Transfer"), "details.type"),
            ("/details/reference", json!(unique("reference")), "details.reference"),
            ("/amount", json!("50.01"), "amount"),
            ("/currency", json!("NGN"), "currency"),
            ("/parties/issuer/code", json!("GTB"), "parties.issuer"),
            ("/parties/acquirer/name", json!("Another"), "parties.acquirer"),
            ("/parties/merchant/category", json!("Government Biller"), "parties.merchant"),
        ] {
            // Whatever the age of the word.
            for updated_at in ["2026-01-16T01:00:00Z", "2026-01-16T03:00:00Z"] {
                let mut word = told.clone();
                *word.pointer_mut(pointer).unwrap() = other.clone();
                (word["status"], word["updated_at"]) = ("Refund".into(), updated_at.into());
                assert_eq!(errors(&put(&stack, &word).await, 409), [field]);
            }
        }
        assert_eq!(known(&stack, trxid).await, told);
    });
}

#[test]
fn a_reference_that_another_transaction_has_is_taken() {
    run(async {
        let stack = shared().await;
        let told = whole();
        put(&stack, &told).await;
        for (pointer, field) in [("/refid", "refid"), ("/details/reference", "details.reference")] {
            let mut other = whole();
            *other.pointer_mut(pointer).unwrap() = told.pointer(pointer).unwrap().clone();
            let trxid = other["trxid"].as_str().unwrap().to_owned();
            assert_eq!(errors(&put(&stack, &other).await, 409), [field]);
            assert_eq!(stack.send(&Call::get(&PLATFORM, &trxid)).await.status, 404);
            // Nothing of the one that was refused holds its other names.
            *other.pointer_mut(pointer).unwrap() = unique("free").into();
            assert_eq!(put(&stack, &other).await.status, 201);
        }
        // Another account may have the same refid, and another type the same reference.
        let mut other = whole();
        (other["account"], other["refid"]) = ("acct_stranger".into(), told["refid"].clone());
        (other["details"]["type"], other["details"]["reference"]) =
            ("Transfer".into(), told["details"]["reference"].clone());
        assert_eq!(put(&stack, &other).await.status, 201);
    });
}

#[test]
fn what_is_wrong_is_said_field_by_field_all_at_once() {
    run(async {
        let stack = shared().await;
        let told = whole();
        let path = format!("/platform/v1/transactions/{}", told["trxid"].as_str().unwrap());
        let refused = async |body: Value| {
            let answer = stack.send(&Call::new(&PLATFORM, "PUT", path.clone(), body.to_string())).await;
            errors(&answer, 400)
        };
        assert_eq!(
            refused(json!({})).await,
            ["account", "amount", "currency", "occurred_at", "refid", "status", "trxid", "updated_at"]
        );
        for (pointer, wrong, field) in [
            ("/trxid", json!("another"), "trxid"),
            ("/trxid", json!("x".repeat(65)), "trxid"),
            ("/trxid", json!(null), "trxid"),
            ("/account", json!(""), "account"),
            ("/refid", json!("x".repeat(51)), "refid"),
            ("/refid", json!("a\nb"), "refid"),
            ("/status", json!("Done"), "status"),
            ("/status", json!(20), "status"),
            ("/kind", json!("gift"), "kind"),
            ("/amount", json!(50), "amount"),
            ("/amount", json!("50.001"), "amount"),
            ("/amount", json!("-1.00"), "amount"),
            ("/amount", json!("1e3"), "amount"),
            ("/amount", json!("99999999999999999999999.00"), "amount"),
            ("/currency", json!("EURO"), "currency"),
            ("/occurred_at", json!("2026-01-16"), "occurred_at"),
            ("/updated_at", json!("yesterday"), "updated_at"),
            ("/updated_at", json!(1_768_528_800), "updated_at"),
            ("/parties", json!([]), "parties"),
            ("/parties/issuer/code", json!("a code"), "parties.issuer.code"),
            ("/parties/merchant/name", json!(null), "parties.merchant.name"),
            ("/details", json!("none"), "details"),
            ("/details/reference", json!("x".repeat(129)), "details.reference"),
            ("/details/surcharge", json!("1.005"), "details.surcharge"),
            ("/details/additional_info", json!([1]), "details.additional_info"),
            ("/details/captures", json!((0..21).map(|n| format!("c{n}")).collect::<Vec<_>>()), "details.captures"),
            ("/details/captures", json!(["a capture"]), "details.captures"),
            ("/details/settlement/amount", json!("1.5"), "details.settlement.amount"),
            ("/details/merchant_disputant", json!("yes"), "details.merchant_disputant"),
        ] {
            let mut body = told.clone();
            *body.pointer_mut(pointer).unwrap() = wrong.clone();
            assert_eq!(refused(body).await, [field], "{pointer} {wrong}");
        }
        let mut body = told.clone();
        body["amuont"] = "50.00".into();
        body["details"]["stroe"] = "PAYDIRECT".into();
        assert_eq!(refused(body).await, ["amuont", "details.stroe"]);
        let members: serde_json::Map<_, _> = (0..65).map(|n| (format!("m{n}"), json!(n))).collect();
        let mut body = told.clone();
        body["details"]["additional_info"] = members.into();
        assert_eq!(refused(body).await, ["details.additional_info"]);
        let mut body = told.clone();
        body["details"]["additional_info"] = json!({"long": "x".repeat(32 * 1024)});
        assert_eq!(refused(body).await, ["body"]);
        assert_eq!(refused(json!([told])).await, ["body"]);
        for bytes in [b"".as_slice(), b"{", b"\xff", b"null"] {
            let answer = stack.send(&Call::new(&PLATFORM, "PUT", path.clone(), bytes)).await;
            assert_eq!(errors(&answer, 400), ["body"]);
        }
        assert_eq!(stack.send(&Call::get(&PLATFORM, told["trxid"].as_str().unwrap())).await.status, 404);
    });
}

/// The path is not signed, so it cannot say which transaction is meant.
#[test]
fn the_path_names_the_transaction_of_the_body_or_nothing_is_done() {
    run(async {
        let stack = shared().await;
        let known_before = stack.transaction("acct_demo", "Succesful").await;
        let word = Transaction::new("acct_demo", "Succesful");
        let mut call = Call::put(&PLATFORM, &word.told);
        call.path = format!("/platform/v1/transactions/{}", known_before.trxid);
        assert_eq!(errors(&stack.send(&call).await, 400), ["trxid"]);
        assert_eq!(stack.send(&Call::get(&PLATFORM, &word.trxid)).await.status, 404);
        assert_eq!(known(&stack, &known_before.trxid).await["refid"], known_before.refid.as_str());
    });
}

#[test]
fn of_a_hundred_one_bad_entry_spoils_only_itself() {
    run(async {
        let stack = shared().await;
        let mut batch: Vec<_> = (0..100).map(|_| Transaction::new("acct_demo", "Processing").told).collect();
        batch[41]["amount"] = json!("1.2.3");
        let results = |answer: &Answer| {
            assert_eq!(answer.status, 200, "{answer:?}");
            answer.json()["results"].as_array().unwrap().clone()
        };
        for expected in ["created", "replaced"] {
            let told = results(&stack.send(&Call::import(&PLATFORM, &batch)).await);
            assert_eq!(told.len(), 100);
            for (place, (result, entry)) in told.iter().zip(&batch).enumerate() {
                let status = if place == 41 { "invalid" } else { expected };
                assert_eq!((&result["trxid"], &result["status"]), (&entry["trxid"], &json!(status)), "{place}");
                assert_eq!(result.get("errors").is_some(), place == 41);
            }
            assert!(told[41]["errors"]["amount"][0].is_string(), "{}", told[41]);
        }
        assert_eq!(known(&stack, batch[99]["trxid"].as_str().unwrap()).await, {
            let mut told = batch[99].clone();
            (told["parties"], told["details"]) = (json!({}), json!({"captures": []}));
            told
        });

        let mut stale = batch[0].clone();
        stale["updated_at"] = "2026-01-16T02:00:02Z".into();
        let mut contradicts = batch[1].clone();
        contradicts["currency"] = "NGN".into();
        let told = [stale, contradicts, json!({"trxid": "only-this"}), json!("nothing"), json!({"refid": 1})];
        let told = results(&stack.send(&Call::import(&PLATFORM, &told)).await);
        let statuses: Vec<_> = told.iter().map(|result| result["status"].as_str().unwrap()).collect();
        assert_eq!(statuses, ["stale", "invalid", "invalid", "invalid", "invalid"]);
        assert!(told[1]["errors"]["currency"].is_array() && told[3]["errors"]["body"].is_array(), "{told:?}");
        assert_eq!(
            (&told[2]["trxid"], &told[3]["trxid"], &told[4]["trxid"]),
            (&json!("only-this"), &json!(null), &json!(null))
        );

        batch.push(Transaction::new("acct_demo", "Processing").told);
        assert_eq!(errors(&stack.send(&Call::import(&PLATFORM, &batch)).await, 400), ["transactions"]);
        assert_eq!(results(&stack.send(&Call::import(&PLATFORM, &[])).await).len(), 0);
        for body in [r#"{"transactions": {}}"#, "[]", "[[]]", "", r#"{"transactions":[],"more":1}"#] {
            let call = Call::new(&PLATFORM, "POST", "/platform/v1/transactions", body);
            assert_eq!(errors(&stack.send(&call).await, 400), ["body"], "{body}");
        }
    });
}

#[test]
fn a_refund_closes_the_live_dispute_and_frees_nothing_else() {
    run(async {
        let stack = shared().await;
        for (status, through_a_batch) in [("Refund", false), ("Failed", true)] {
            let transaction = stack.transaction("acct_demo", "Succesful").await;
            let other = stack.transaction("acct_demo", "Succesful").await;
            for reported in [&transaction, &other] {
                let answer = stack.report(&CLIENT, &json!({"refid": reported.refid})).await;
                assert_eq!(answer.text, about(SUCCESS, &reported.refid));
            }
            let word = transaction.later(status, 1);
            if through_a_batch {
                assert_eq!(stack.send(&Call::import(&PLATFORM, &[word])).await.status, 200);
            } else {
                stack.tell(&word).await;
            }
            let case = stack.dispute(&transaction.trxid).await;
            assert!(!case.dispute.state.holds_guard());
            let [_, closed] = case.events.as_slice() else { panic!("{:?}", case.events) };
            assert_eq!((closed.what, closed.by.name.as_str()), (What::Did(Action::Refund), PLATFORM.id));
            assert!(closed.note.as_ref().is_some_and(|note| note.contains(status)), "{closed:?}");
            let answer = stack.report(&CLIENT, &json!({"refid": transaction.refid})).await;
            assert_eq!(answer.text, about(REFUNDED, &transaction.refid));
            assert!(stack.dispute(&other.trxid).await.dispute.state.holds_guard());
            // The same word again changes nothing more.
            stack.tell(&transaction.later(status, 2)).await;
            assert_eq!(stack.dispute(&transaction.trxid).await.events.len(), 2);
        }
    });
}
