//! A dispute's life at this API: raised, moved, decided once, taken up again; and its journey.

use recourse_dispute::lifecycle::{Closing, Stage, State};
use recourse_dispute::number::DisputeNumber;
use serde_json::{Value, json};

use super::{call, create, dispute, failure, id_of, least, put, success, update, view};
use crate::harness::{CLIENT, Connect, STAGING, Stack, options, run, shared};

#[test]
fn a_creation_is_answered_by_the_transactions_status() {
    run(async {
        let stack = shared().await;
        for (status, message, shown) in [
            ("Succesful", "Dispute raised successfully", ["open", "pending"]),
            ("Failed", "Your transaction failed, Dispute closed", ["closed", "pending"]),
            ("Refund", "Your dispute has been closed due to a refunded transaction", ["closed", "pending"]),
        ] {
            let transaction = stack.transaction("acct_demo", status).await;
            let answer = create(&stack, &transaction).await;
            let id = id_of(&answer);
            let text = format!(r#"{{"success":true,"code":201,"message":"{message}","data":{{"disputeId":"{id}"}}}}"#);
            assert_eq!(answer.text, text);
            let characters = id.strip_prefix("dispute_").unwrap();
            assert!(
                characters.len() == 8 && characters.bytes().all(|character| character.is_ascii_alphanumeric()),
                "{id}"
            );
            let view = view(&stack, &id).await;
            assert_eq!([&view["status"], &view["verdict"]], shown, "{status}");
            // Nine days, as the account's configuration has it.
            assert_eq!(
                (&view["level"], &view["dueDate"], &view["transactionId"]),
                (&json!("level_1"), &json!(9), &json!(transaction.trxid))
            );
        }
        for status in ["Accepted", "Processing"] {
            let transaction = stack.transaction("acct_demo", status).await;
            let answer = create(&stack, &transaction).await;
            assert_eq!((answer.status, answer.text), (422, failure("Transaction not completed")));
            assert!(stack.disputes(&transaction.trxid).await.is_empty());
        }
        let (transaction, _) = dispute(&stack).await;
        let answer = create(&stack, &transaction).await;
        assert_eq!((answer.status, answer.text), (422, failure("Dispute already raised for this transaction")));
    });
}

#[test]
fn a_creation_takes_the_specifications_optional_members_and_checks_them_as_an_update_does() {
    run(async {
        let stack = shared().await;
        let transaction = stack.transaction("acct_demo", "Succesful").await;
        let mut body = super::samples::sample();
        body["transactionDetails"]["id"] = json!(transaction.trxid);
        body["merchantDetails"]["id"] = json!("1001");
        let mut wrong = body.clone();
        wrong["reasonCode"] = json!("999.9");
        let answer = call(&stack, &CLIENT, "POST", "create", &wrong).await;
        assert_eq!((answer.status, answer.text), (422, failure("Invalid reason code.")));
        let mut least = body.clone();
        least.as_object_mut().unwrap().remove("disputeAmount");
        let answer = call(&stack, &CLIENT, "POST", "create", &least).await;
        assert_eq!((answer.status, answer.text), (422, failure("disputeAmount field is missing")));
        assert!(stack.disputes(&transaction.trxid).await.is_empty());
        let id = id_of(&call(&stack, &CLIENT, "POST", "create", &body).await);
        assert_eq!(view(&stack, &id).await["disputeAmountTaxDetails"]["amount"], 50);
    });
}

#[test]
fn levels_move_one_by_one_and_a_verdict_is_given_once() {
    run(async {
        let stack = shared().await;
        for (path, message, verdict) in [
            ("merchant-won", "Merchant Won this dispute", "won"),
            ("merchant-loss", "Merchant Loss this dispute", "lost"),
        ] {
            let (transaction, id) = dispute(&stack).await;
            for level in ["level_2", "level_3"] {
                let answer = put(&stack, "move-level", &id, &json!({"dueDate": "12", "comments": "again"})).await;
                assert_eq!((answer.status, answer.text), (200, success(&format!("Dispute moved to {level}"))));
                let view = view(&stack, &id).await;
                assert_eq!((&view["level"], &view["dueDate"]), (&json!(level), &json!(12)));
            }
            assert_eq!(
                put(&stack, "move-level", &id, &Value::Null).await.text,
                failure("Dispute is at its last level")
            );
            let answer = put(&stack, path, &id, &Value::Null).await;
            assert_eq!((answer.status, answer.text), (200, success(message)));
            for again in ["merchant-won", "merchant-loss"] {
                let answer = put(&stack, again, &id, &Value::Null).await;
                assert_eq!((answer.status, answer.text), (422, failure("Already reacted to this dispute")));
            }
            assert_eq!(put(&stack, "move-level", &id, &Value::Null).await.text, failure("Dispute already closed"));
            let view = view(&stack, &id).await;
            assert_eq!([&view["status"], &view["verdict"], &view["level"]], ["closed", verdict, "level_3"]);
            // Its transaction can be disputed again, and the details of a closed dispute can still
            // be corrected.
            id_of(&create(&stack, &transaction).await);
            assert_eq!(update(&stack, &id, &json!({"comments": "late"})).await.status, 200);
        }
    });
}

#[test]
fn a_decided_dispute_is_reopened_unless_another_one_is_active() {
    run(async {
        let stack = shared().await;
        let (transaction, id) = dispute(&stack).await;
        assert_eq!(put(&stack, "reopen", &id, &json!({})).await.text, failure("Dispute already in open status"));
        for (body, level) in [
            (json!({"dueDate": 5, "level": "level_2", "comments": "new evidence"}), "level_2"),
            (json!({"comment": "once more"}), "level_1"),
            (json!({"level": "level_3"}), "level_3"),
        ] {
            assert_eq!(put(&stack, "merchant-won", &id, &Value::Null).await.status, 200);
            let answer = put(&stack, "reopen", &id, &body).await;
            assert_eq!((answer.status, answer.text), (200, success(&format!("Dispute reopened to {level}"))));
            let view = view(&stack, &id).await;
            assert_eq!([&view["status"], &view["verdict"], &view["level"]], ["open", "pending", level]);
            assert_eq!(create(&stack, &transaction).await.text, failure("Dispute already raised for this transaction"));
        }
        for body in [json!({"level": "level_4"}), json!({"level": 1}), json!({"level": []})] {
            assert_eq!(put(&stack, "reopen", &id, &body).await.text, failure("Invalid data received from level"));
        }
        put(&stack, "merchant-loss", &id, &Value::Null).await;
        let second = id_of(&create(&stack, &transaction).await);
        let answer = put(&stack, "reopen", &id, &json!({"level": "level_1"})).await;
        assert_eq!((answer.status, answer.text), (422, failure("Dispute already raised for this transaction")));
        // A refund closes the live one; neither can be taken up again, the money went back.
        stack.upsert(&transaction.later("Refund", 1)).await;
        for closed in [&id, &second] {
            assert_eq!(put(&stack, "reopen", closed, &json!({})).await.text, failure("Dispute cannot be reopened"));
        }
        assert_eq!(put(&stack, "merchant-won", &second, &Value::Null).await.text, failure("Dispute already closed"));
        assert_eq!(
            put(&stack, "merchant-won", &id, &Value::Null).await.text,
            failure("Already reacted to this dispute"),
            "there was a verdict on the first one"
        );
    });
}

#[test]
fn the_view_has_the_published_members_and_the_journey() {
    run(async {
        let stack = shared().await;
        let (transaction, id) = dispute(&stack).await;
        update(&stack, &id, &json!({"comments": "x"})).await;
        put(&stack, "move-level", &id, &json!({})).await;
        put(&stack, "merchant-loss", &id, &Value::Null).await;
        put(&stack, "reopen", &id, &json!({})).await;
        stack.upsert(&transaction.later("Refund", 1)).await;
        let view = view(&stack, &id).await;
        let published = [
            "documents",
            "level",
            "status",
            "verdict",
            "createdAt",
            "updatedAt",
            "disputeId",
            "merchantName",
            "merchantId",
            "merchantMobile",
            "businessName",
            "merchantEmail",
            "transactionId",
            "customerName",
            "customerEmail",
            "customerMobile",
            "amount",
            "disputeAmountTdrDetails",
            "disputeAmountTaxDetails",
            "journey",
        ];
        let names: Vec<_> = view.as_object().unwrap().keys().take(published.len()).collect();
        assert_eq!(names, published);
        assert_eq!(view["documents"], json!({"level_1": [], "level_2": [], "level_3": []}));
        assert_eq!(view["disputeAmountTdrDetails"], Value::Null);
        let journey = view["journey"].as_array().unwrap();
        let sent: Vec<_> =
            journey.iter().map(|moment| format!("{} {}", moment["by"], moment["what"]).replace('"', "")).collect();
        assert_eq!(
            sent,
            [
                "opener raised",
                "merchant updated",
                "merchant moved to level_2",
                "merchant merchant lost",
                "merchant reopened to level_1",
                "platform transaction refunded or failed",
            ]
        );
        let at: Vec<_> = journey.iter().map(|moment| moment["at"].as_str().unwrap()).collect();
        assert!(at.is_sorted() && at.iter().all(|at| at.len() == 24 && at.ends_with('Z')), "{at:?}");
        assert_eq!((view["createdAt"].as_str(), view["updatedAt"].as_str()), (at.first().copied(), at.last().copied()));
        assert!(!view.to_string().contains(CLIENT.id), "no key of anybody's");
    });
}

#[test]
fn evidence_that_came_through_another_api_is_shown() {
    run(async {
        let stack = shared().await;
        let draft = stack.draft().await;
        let content = b"%PDF-1.7\n";
        let uploaded = stack.connect(Connect::upload(&draft, "receipt.pdf", "application/pdf", content)).await;
        assert_eq!(uploaded.status, 201, "{uploaded:?}");
        let id = DisputeNumber::try_from(draft.parse::<u64>().unwrap()).unwrap().tutelar_id();
        let file = &uploaded.json()["fileId"];
        let documents = json!({"level_1": [{"key": "receipt.pdf", "_id": file}], "level_2": [], "level_3": []});
        assert_eq!(view(stack.as_ref(), &id).await["documents"], documents);
    });
}

#[test]
fn staging_gets_the_same_answers_and_no_mail() {
    run(async {
        let stack = Stack::start(options()).await;
        let transaction = stack.transaction("acct_staging", "Succesful").await;
        let answer = call(&stack, &STAGING, "POST", "create", &least(&transaction.trxid, "1002")).await;
        id_of(&answer);
        stack.upsert(&transaction.later("Refund", 1)).await;
        let record = stack.dispute(&transaction.trxid).await;
        assert_eq!(record.dispute.state, State::Closed { closing: Closing::Refunded, stage: Stage::First });
        assert!(record.dispute.recipients.is_none() && record.mails.is_empty());
        // In production the account is notified. The customer is not, as nobody has verified the
        // address.
        let (transaction, _) = dispute(&stack).await;
        stack.upsert(&transaction.later("Refund", 1)).await;
        let mail = stack.inbox("disputes@demo-wallet.example", 1).await.remove(0);
        assert_eq!((mail.to.len(), mail.cc.len()), (1, 0));
    });
}

/// DESIGN's table: raising and changing are one read and one transaction each.
#[test]
fn every_change_is_two_calls() {
    run(async {
        let stack = Stack::start(options()).await;
        let (_, warm) = dispute(&stack).await;
        for path in ["move-level", "merchant-won", "reopen", "merchant-loss"] {
            assert_eq!(put(&stack, path, &warm, &Value::Null).await.status, 200, "{path}");
        }
        stack.cloud().dynamodb.clear_calls();
        let transaction = stack.transaction("acct_demo", "Succesful").await;
        let id = id_of(&create(&stack, &transaction).await);
        assert_eq!(stack.dynamodb_calls("TutelarCreate"), ["BatchGetItem", "TransactWriteItems"]);
        // A level and a reopening are due as the configuration says.
        for (path, function, read) in [
            ("move-level", "TutelarMoveLevel", "BatchGetItem"),
            ("merchant-won", "TutelarMerchantWon", "GetItem"),
            ("reopen", "TutelarReopen", "BatchGetItem"),
            ("merchant-loss", "TutelarMerchantLoss", "GetItem"),
        ] {
            assert_eq!(put(&stack, path, &id, &Value::Null).await.status, 200, "{path}");
            assert_eq!(stack.dynamodb_calls(function), [read, "TransactWriteItems"], "{path}");
        }
    });
}
