//! Reports and their answers (vendor specification, IIMMPACT "Dispute Transaction"; IIMMPACT
//! contract, "Business answers"), and the cost of each.

use recourse_dispute::event::EventKind;
use serde_json::json;

use crate::harness::{CLIENT, Call, HttpResponse, REPORT, STRANGER, Stack, address, options, run, shared};
use crate::vendor_texts::{DUPLICATE, INVALID, PENDING, REFUNDED, SUCCESS, about, bytes};

#[track_caller]
fn is(answer: &HttpResponse, status: u16, body: &str) {
    assert_eq!((answer.status, answer.text.as_str()), (status, body));
    assert_eq!(answer.headers["content-type"], "application/json");
}

#[test]
fn the_examples_of_the_specification_byte_for_byte() {
    run(async {
        let mut options = options();
        options.parameters.insert("SupportAddress".to_owned(), "support@iimmpact.com".to_owned());
        let stack = Stack::start(options).await;
        let report = json!({"refid": "123456", "user_email": ["user@example.com"]});
        is(&stack.report(&CLIENT, &report).await, 200, &bytes(SUCCESS));
        is(&stack.report(&CLIENT, &report).await, 200, &bytes(DUPLICATE));
        is(&stack.report(&CLIENT, &json!({"refid": "12345678ABCd"})).await, 200, &bytes(REFUNDED));
        is(&stack.report(&CLIENT, &json!({"refid": "no such reference"})).await, 400, &bytes(INVALID));
    });
}

#[test]
fn a_report_opens_one_whole_case() {
    run(async {
        let stack = shared().await;
        let transaction = stack.transaction("acct_demo", "Succesful").await;
        let user = address();
        let report = json!({"refid": transaction.refid, "user_email": [user]});
        is(&stack.report(&CLIENT, &report).await, 200, &about(SUCCESS, &transaction.refid));

        let case = stack.dispute(&transaction.trxid).await;
        assert!(case.dispute.state.is_open());
        assert_eq!((case.dispute.version, case.dispute.opener.as_str()), (1, "acct_demo"));
        assert_eq!(case.dispute.facts.trxid.as_str(), transaction.trxid);
        assert_eq!(case.dispute.amount.grouped(), "MYR 1,550.00");
        let [opened] = case.events.as_slice() else { panic!("{:?}", case.events) };
        assert_eq!((opened.kind, opened.by.name.as_str()), (EventKind::Opened, CLIENT.id));
        let [mail] = case.mails.as_slice() else { panic!("{:?}", case.mails) };
        assert_eq!(mail.notification.recipients.to().as_str(), user);
    });
}

#[test]
fn a_duplicate_leaves_the_case_as_it_was() {
    run(async {
        let stack = shared().await;
        let transaction = stack.transaction("acct_demo", "Succesful").await;
        stack.report(&CLIENT, &json!({"refid": transaction.refid})).await;
        let before = stack.dispute(&transaction.trxid).await;
        for body in
            [json!({"refid": transaction.refid}), json!({"trxid": transaction.trxid, "user_email": [address()]})]
        {
            is(&stack.report(&CLIENT, &body).await, 200, &about(DUPLICATE, &transaction.refid));
        }
        let after = stack.dispute(&transaction.trxid).await;
        assert_eq!((after.dispute, after.events), (before.dispute, before.events));
        assert_eq!(after.mails.len(), 1);
    });
}

#[test]
fn refunded_and_failed_have_one_answer() {
    run(async {
        let stack = shared().await;
        for status in ["Refund", "Failed"] {
            let transaction = stack.transaction("acct_demo", status).await;
            for body in [json!({"refid": transaction.refid}), json!({"trxid": transaction.trxid})] {
                is(&stack.report(&CLIENT, &body).await, 200, &about(REFUNDED, &transaction.refid));
            }
            assert_eq!(stack.disputes(&transaction.trxid).await.len(), 0);
        }
    });
}

#[test]
fn pending_until_it_has_completed() {
    run(async {
        let stack = shared().await;
        let transaction = stack.transaction("acct_demo", "Accepted").await;
        let asked = [json!({"refid": transaction.refid}), json!({"trxid": transaction.trxid})];
        for status in ["Accepted", "Processing"] {
            stack.upsert(&transaction.later(status, 1)).await;
            for body in &asked {
                is(&stack.report(&CLIENT, body).await, 200, &about(PENDING, &transaction.refid));
            }
        }
        assert_eq!(stack.disputes(&transaction.trxid).await.len(), 0);
        stack.upsert(&transaction.later("Successful", 2)).await;
        is(&stack.report(&CLIENT, &asked[0]).await, 200, &about(SUCCESS, &transaction.refid));
    });
}

#[test]
fn trxid_wins_and_never_falls_back_and_the_refid_is_always_the_transactions_own() {
    run(async {
        let stack = shared().await;
        let one = stack.transaction("acct_demo", "Succesful").await;
        let other = stack.transaction("acct_demo", "Succesful").await;
        let foreign = stack.transaction("acct_stranger", "Succesful").await;

        let both = json!({"trxid": one.trxid, "refid": other.refid});
        is(&stack.report(&CLIENT, &both).await, 200, &about(SUCCESS, &one.refid));
        for trxid in [foreign.trxid.as_str(), "unknown", "no id of anything"] {
            let body = json!({"trxid": trxid, "refid": other.refid});
            is(&stack.report(&CLIENT, &body).await, 400, &bytes(INVALID));
        }
        assert_eq!(stack.disputes(&other.trxid).await.len(), 0);
        for trxid in [json!(null), json!("")] {
            let body = json!({"trxid": trxid, "refid": one.refid});
            is(&stack.report(&CLIENT, &body).await, 200, &about(DUPLICATE, &one.refid));
        }
        is(
            &stack.report(&CLIENT, &json!({"trxid": other.trxid, "refid": ""})).await,
            200,
            &about(SUCCESS, &other.refid),
        );
        is(&stack.report(&STRANGER, &json!({"refid": foreign.refid})).await, 200, &about(SUCCESS, &foreign.refid));
    });
}

#[test]
fn a_refid_of_any_script_comes_back_as_it_is() {
    run(async {
        let stack = shared().await;
        let mut transaction = stack.transaction("acct_demo", "Succesful").await.body;
        let refid = "#1 50% \"Gutschein\" für 例え 👛";
        transaction["trxid"] = "a-refid-of-any-script".into();
        transaction["refid"] = refid.into();
        assert_eq!(stack.upsert(&transaction).await.status, 201);
        let answer = stack.report(&CLIENT, &json!({"refid": refid})).await;
        assert_eq!((answer.status, answer.json()["data"]["refid"].as_str()), (200, Some(refid)));
    });
}

/// The DynamoDB calls of each answer of a warm function: the count in its log line is the count at
/// the endpoint.
#[test]
fn round_trips_counted_at_the_endpoint() {
    run(async {
        let stack = Stack::start(options()).await;
        let fresh = stack.transaction("acct_demo", "Succesful").await;
        let by_trxid = stack.transaction("acct_demo", "Succesful").await;
        // The first request is a cold one: it reads the credential and the account.
        assert_eq!(stack.report(&CLIENT, &json!({"refid": "bill-1"})).await.status, 200);

        let mut requests = 1;
        let open: &[&str] = &["GetItem", "TransactWriteItems"];
        let refused: &[&str] = &["GetItem", "TransactWriteItems", "PutItem"];
        let read_and_nonce: &[&str] = &["GetItem", "PutItem"];
        for (body, status, expected) in [
            (json!({"refid": fresh.refid, "user_email": [address()]}), 200, open),
            (json!({"trxid": by_trxid.trxid}), 200, open),
            (json!({"refid": fresh.refid}), 200, refused),
            (json!({"trxid": fresh.trxid}), 200, refused),
            (json!({"refid": "12345678ABCd"}), 200, refused),
            (json!({"refid": "accepted-1"}), 200, refused),
            (json!({"trxid": "50002"}), 200, read_and_nonce),
            (json!({"refid": "unknown"}), 400, read_and_nonce),
            (json!({"trxid": "70001"}), 400, read_and_nonce),
            (json!({}), 400, &["PutItem"]),
            (json!({"refid": 1}), 400, &["PutItem"]),
            (json!([]), 400, &["PutItem"]),
        ] {
            stack.cloud().dynamodb.clear_calls();
            let answer = stack.report(&CLIENT, &body).await;
            assert_eq!(answer.status, status, "{body} {answer:?}");
            let calls = stack.dynamodb_calls(REPORT);
            assert_eq!(calls, expected, "{body}");
            requests += 1;
            let line = stack.request_lines(REPORT, requests).await.pop().unwrap();
            assert_eq!(line["dynamodb_calls"], calls.len(), "{line}");
        }

        stack.cloud().dynamodb.clear_calls();
        let mut wrong = Call::report(&CLIENT, &json!({"refid": "bill-1"})).request();
        wrong.body_mut().push(b' ');
        assert_eq!(stack.raw(wrong).await.status, 401);
        // As many as for a key that is not known.
        assert_eq!(stack.dynamodb_calls(REPORT), ["GetItem", "GetItem"]);
    });
}
