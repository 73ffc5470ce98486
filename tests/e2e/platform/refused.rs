//! Transaction updates that are rejected, and their answers.

use serde_json::{Value, json};

use super::{errors, known, put, whole};
use crate::harness::{Call, PLATFORM, Transaction, run, shared, unique};

#[test]
fn a_fixed_fact_that_changes_is_named() {
    run(async {
        let stack = shared().await;
        let sent = whole();
        put(&stack, &sent).await;
        let trxid = sent["trxid"].as_str().unwrap();
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
            // However old the update is.
            for updated_at in ["2026-01-16T01:00:00Z", "2026-01-16T03:00:00Z"] {
                let mut update = sent.clone();
                *update.pointer_mut(pointer).unwrap() = other.clone();
                (update["status"], update["updated_at"]) = ("Refund".into(), updated_at.into());
                assert_eq!(errors(&put(&stack, &update).await, 409), [field]);
            }
        }
        assert_eq!(known(&stack, trxid).await, sent);
    });
}

#[test]
fn a_reference_that_another_transaction_has_is_taken() {
    run(async {
        let stack = shared().await;
        let sent = whole();
        put(&stack, &sent).await;
        for (pointer, field) in [("/refid", "refid"), ("/details/reference", "details.reference")] {
            let mut other = whole();
            *other.pointer_mut(pointer).unwrap() = sent.pointer(pointer).unwrap().clone();
            let trxid = other["trxid"].as_str().unwrap().to_owned();
            assert_eq!(errors(&put(&stack, &other).await, 409), [field]);
            assert_eq!(stack.send(&Call::get(&PLATFORM, &trxid)).await.status, 404);
            // Nothing of the one that was refused holds its other names.
            *other.pointer_mut(pointer).unwrap() = unique("free").into();
            assert_eq!(put(&stack, &other).await.status, 201);
        }
        // Another account may have the same refid, and another type the same reference.
        let mut other = whole();
        (other["account"], other["refid"]) = ("acct_stranger".into(), sent["refid"].clone());
        (other["details"]["type"], other["details"]["reference"]) =
            ("Transfer".into(), sent["details"]["reference"].clone());
        assert_eq!(put(&stack, &other).await.status, 201);
    });
}

#[test]
fn all_faults_are_answered_at_once_by_field() {
    run(async {
        let stack = shared().await;
        let sent = whole();
        let path = format!("/platform/v1/transactions/{}", sent["trxid"].as_str().unwrap());
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
            ("/details/type", json!("#".repeat(129)), "details.type"),
            ("/details/type", json!("漢".repeat(1000)), "details.type"),
            ("/details/type", json!(""), "details.type"),
            ("/details/reference", json!("x".repeat(129)), "details.reference"),
            ("/details/reference", json!("a\u{2028}b"), "details.reference"),
            ("/product", json!("a\u{202e}b"), "product"),
            ("/details/surcharge", json!("1.005"), "details.surcharge"),
            ("/details/additional_info", json!([1]), "details.additional_info"),
            ("/details/captures", json!((0..21).map(|n| format!("c{n}")).collect::<Vec<_>>()), "details.captures"),
            ("/details/captures", json!(["a capture"]), "details.captures"),
            ("/details/settlement/amount", json!("1.5"), "details.settlement.amount"),
            ("/details/merchant_disputant", json!("yes"), "details.merchant_disputant"),
        ] {
            let mut body = sent.clone();
            *body.pointer_mut(pointer).unwrap() = wrong.clone();
            assert_eq!(refused(body).await, [field], "{pointer} {wrong}");
        }
        let mut body = sent.clone();
        body["amuont"] = "50.00".into();
        body["details"]["stroe"] = "PAYDIRECT".into();
        assert_eq!(refused(body).await, ["amuont", "details.stroe"]);
        let members: serde_json::Map<_, _> = (0..65).map(|n| (format!("m{n}"), json!(n))).collect();
        let mut body = sent.clone();
        body["details"]["additional_info"] = members.into();
        assert_eq!(refused(body).await, ["details.additional_info"]);
        let mut body = sent.clone();
        body["details"]["additional_info"] = json!({"long": "x".repeat(32 * 1024)});
        assert_eq!(refused(body).await, ["body"]);
        assert_eq!(refused(json!([sent])).await, ["body"]);
        for bytes in [b"".as_slice(), b"{", b"\xff", b"null"] {
            let answer = stack.send(&Call::new(&PLATFORM, "PUT", path.clone(), bytes)).await;
            assert_eq!(errors(&answer, 400), ["body"]);
        }
        assert_eq!(stack.send(&Call::get(&PLATFORM, sent["trxid"].as_str().unwrap())).await.status, 404);
    });
}

/// The longest type and reference make the longest key; DynamoDB takes it.
#[test]
fn the_longest_type_and_reference_are_taken() {
    run(async {
        let stack = shared().await;
        for character in ["#", "漢", "\u{10fffd}"] {
            let mut sent = whole();
            sent["details"]["type"] = character.repeat(128).into();
            sent["details"]["reference"] = format!("{}{}", unique(""), character.repeat(120)).into();
            assert_eq!(put(&stack, &sent).await.status, 201);
            assert_eq!(
                known(&stack, sent["trxid"].as_str().unwrap()).await["details"]["type"],
                sent["details"]["type"]
            );
        }
    });
}

/// The path is not signed, so it cannot say which transaction is meant.
#[test]
fn the_path_names_the_transaction_of_the_body_or_nothing_is_done() {
    run(async {
        let stack = shared().await;
        let known_before = stack.transaction("acct_demo", "Succesful").await;
        let update = Transaction::new("acct_demo", "Succesful");
        let mut call = Call::put(&PLATFORM, &update.body);
        call.path = format!("/platform/v1/transactions/{}", known_before.trxid);
        assert_eq!(errors(&stack.send(&call).await, 400), ["trxid"]);
        assert_eq!(stack.send(&Call::get(&PLATFORM, &update.trxid)).await.status, 404);
        assert_eq!(known(&stack, &known_before.trxid).await["refid"], known_before.refid.as_str());
    });
}
