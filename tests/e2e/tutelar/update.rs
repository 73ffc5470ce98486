//! the vendor's Tutelar "Update Dispute"'s one call.

use serde_json::{Value, json};

use super::samples::{SAMPLE, day, failures, sample};
use super::{call, create, dispute, failure, id_of, least, success, update, view};
use crate::harness::{CLIENT, Call, PLATFORM, STRANGER, Stack, options, run, shared};

const UPDATED: &str = "Dispute Details updated successfully";

#[test]
fn the_specifications_sample_is_taken_unchanged_but_for_its_date() {
    run(async {
        let stack = shared().await;
        let (transaction, id) = dispute(&stack).await;
        let body = SAMPLE.replace("2023-12-31", &day(1));
        let request = Call::new(&CLIENT, "PATCH", format!("/api/v1/dispute/update/{id}"), body).basic();
        let answer = stack.raw(request).await;
        assert_eq!((answer.status, answer.text.as_str()), (200, success(UPDATED).as_str()));
        assert_eq!(answer.headers["content-type"], "application/json");

        let shown = view(&stack, &id).await;
        let expected = json!({
            "customerName": "Johnson", "customerEmail": "johnson.a@ippopay.com", "customerMobile": "9878987677", "amount": 1001,
            "transactionDate": "2023-10-11", "merchantName": "Thiyagarajan", "businessName": "Hamam",
            "merchantEmail": "thiyagarajan.e@ippopay.com", "merchantMobile": "9087657767", "disputeAmount": 100,
            "disputeAmountTdrDetails": {"type": "include", "amountType": "price", "amount": 50},
            "disputeAmountTaxDetails": {"type": "exclude", "amountType": "percentage", "amount": 50},
            "disputeType": "dispute", "internalDueDate": day(1), "dueDate": 9, "level": "level_1", "paymentType": "cc",
            "acquirerBankCode": "HDFC", "remitterBank": "Indian Overseas Bank ", "reasonCode": "109", "nodalAccountNo": "0989778",
            "gatewayOrderId": "ORD_90045", "paymentInstrumentId": "89 09 78", "comments": " Transaction issues ",
            // What the sample names besides stays what it was.
            "transactionId": transaction.trxid, "merchantId": "1001", "disputeId": id,
        });
        for (name, value) in expected.as_object().unwrap() {
            assert_eq!(&shown[name], value, "{name}");
        }
        // The same once more changes nothing, and is no line in the history.
        assert_eq!(
            update(&stack, &id, &serde_json::from_str(&SAMPLE.replace("2023-12-31", &day(1))).unwrap()).await.text,
            success(UPDATED)
        );
        assert_eq!(stack.dispute(&transaction.trxid).await.dispute.version, 2);
    });
}

#[test]
fn the_date_of_the_specifications_sample_is_past() {
    run(async {
        let stack = shared().await;
        let (_, id) = dispute(&stack).await;
        let answer = update(&stack, &id, &serde_json::from_str(SAMPLE).unwrap()).await;
        let text = failure(&format!("Internal due date should be greater than {}", day(0)));
        assert_eq!((answer.status, answer.text), (422, text));
    });
}

#[test]
fn each_of_the_specifications_23_failures_byte_for_byte() {
    run(async {
        let stack = Stack::start(options()).await;
        let (_, id) = dispute(&stack).await;
        let theirs = stack.transaction("acct_stranger", "Succesful").await;
        // The stranger's account has no configuration, and needs none to raise a dispute.
        let theirs = id_of(&call(&stack, &STRANGER, "POST", "create", &least(&theirs.trxid, "1003")).await);
        let before = stack.items("DISPUTES_TABLE").await;
        for (number, (text, body)) in failures().into_iter().enumerate() {
            let (key, id) = if number == 0 { (STRANGER, &theirs) } else { (CLIENT, &id) };
            let answer = call(&stack, &key, "PATCH", &format!("update/{id}"), &body).await;
            assert_eq!((answer.status, answer.text), (422, failure(&text)), "{number} {body}");
        }
        assert_eq!(stack.items("DISPUTES_TABLE").await, before, "nothing is written");
        assert_eq!(update(&stack, &id, &sample()).await.text, success(UPDATED), "and nothing was wrong with the rest");
    });
}

/// PATCH invites mass assignment: these are attribute names of the stored dispute, each with a
/// value of its type.
#[test]
fn no_member_outside_the_list_changes_the_dispute() {
    run(async {
        let stack = Stack::start(options()).await;
        let (_, id) = dispute(&stack).await;
        let before = stack.items("DISPUTES_TABLE").await;
        let mut body = json!({
            "status": "closed", "verdict": "won", "level": "level_3", "owner": "acct_stranger", "account": "acct_stranger",
            "opener": "acct_stranger", "merchantId": "1003", "transactionId": "70001", "disputeId": "dispute_00000001",
            "createdAt": "2020-01-01T00:00:00.000Z", "updatedAt": "2020-01-01T00:00:00.000Z", "journey": [],
            "documents": {"level_1": [{"key": "x", "_id": "x"}]}, "__proto__": {"status": "closed"},
            "transactionDetails": {"id": "70001", "status": "Refund", "trxid": "70001"},
            "merchantDetails": {"id": "1003", "account": "acct_stranger"},
            "number": 1, "version": 99, "channel": "connect", "environment": "staging", "category": "inquiry",
            "state": {"closed": {"closing": "merchant", "stage": "first"}}, "state_since": 1, "opened_at": 1,
            "facts": {"account": "acct_stranger"}, "amount": {"minor": 1, "currency": "MYR"}, "recipients": {"to": "x@x.example"},
            "details": {"comments": "x"}, "PK": "DSP#1", "SK": "DSP", "write_token": "x", "item": "x", "schema": 2,
        });
        let answer = update(&stack, &id, &body).await;
        assert_eq!((answer.status, answer.text), (200, success(UPDATED)));
        assert_eq!(stack.items("DISPUTES_TABLE").await, before);
        // Beside a member that is on the list, too.
        body["comments"] = json!("changed");
        assert_eq!(update(&stack, &id, &body).await.status, 200);
        let (mut was, mut is) = (before, stack.items("DISPUTES_TABLE").await);
        is.retain(|_, item| item["item"]["S"] != "event");
        was.retain(|_, item| item["item"]["S"] != "event");
        for (key, item) in &mut is {
            let before = &was[key];
            if item["item"]["S"] == "dispute" {
                assert_eq!(item["details"]["M"]["comments"]["S"], "changed");
                item["details"] = before["details"].clone();
                item["version"] = before["version"].clone();
                item["write_token"] = before["write_token"].clone();
            }
            assert_eq!(item, before, "{key:?}");
        }
    });
}

#[test]
fn bodies_that_no_honest_client_sends_write_nothing() {
    run(async {
        let stack = Stack::start(options()).await;
        let (_, id) = dispute(&stack).await;
        let before = stack.items("DISPUTES_TABLE").await;
        let send = async |body: Vec<u8>| {
            stack.raw(Call::new(&CLIENT, "PATCH", format!("/api/v1/dispute/update/{id}"), body).basic()).await
        };
        let not_json = failure("Request body should be a JSON object");
        for body in ["[]", "null", "7", "{", "{}{}", "a=b"] {
            assert_eq!((send(body.into()).await.text, body), (not_json.clone(), body));
        }
        let mark = failure("Request body should not have a byte order mark (U+FEFF) outside of its strings");
        assert_eq!(send("\u{feff}{}".into()).await.text, mark);
        assert_eq!(send(b"\xff\xfe{}".to_vec()).await.text, not_json);
        let too_large = failure("Request body should not be larger than 65536 bytes");
        assert_eq!(send(format!(r#"{{"comments":"{}"}}"#, "x".repeat(65_536)).into_bytes()).await.text, too_large);
        let invalid = |name: &str| failure(&format!("Invalid data received from {name}"));
        for (body, name) in [
            (json!({"comments": "x".repeat(2001)}), "comments"),
            (json!({"comments": "\u{0}"}), "comments"),
            (json!({"gatewayOrderId": "a\nb"}), "gatewayOrderId"),
            (json!({"transactionDetails": []}), "transactionDetails"),
            (json!({"merchantDetails": {"mobile": true}}), "merchantDetails.mobile"),
            (json!({"transactionDetails": {"amount": "1,001"}}), "transactionDetails.amount"),
            (json!({"disputeAmount": -1}), "disputeAmount"),
            (json!({"disputeAmount": 0.001}), "disputeAmount"),
            (json!({"dueDate": 3651}), "dueDate"),
            (
                json!({"transactionDetails": {"customerEmail": "j @x.example"}}),
                "transactionDetails.customerEmail: must not have white space in it",
            ),
        ] {
            let answer = update(&stack, &id, &body).await;
            assert_eq!((answer.status, answer.text), (422, invalid(name)), "{body}");
        }
        assert_eq!(stack.items("DISPUTES_TABLE").await, before);
        assert!(stack.log().iter().all(|line| !line.text.contains("panicked")), "{:?}", stack.log());
    });
}

/// DESIGN's table: done in two calls, refused for its input in one; and nobody's text in the log.
#[test]
fn an_update_is_two_calls_and_its_line_names_nobody() {
    run(async {
        let stack = Stack::start(options()).await;
        let (_, id) = dispute(&stack).await;
        let calls = || stack.dynamodb_calls("TutelarUpdate");
        assert_eq!(update(&stack, &id, &json!({})).await.status, 200);
        for (body, status, expected) in [
            (json!({"comments": "secret-comment"}), 200, &["BatchGetItem", "TransactWriteItems"][..]),
            (json!({"comments": "secret-comment"}), 200, &["BatchGetItem"]),
            (json!({"reasonCode": "secret-code"}), 422, &["BatchGetItem"]),
        ] {
            stack.cloud().dynamodb.clear_calls();
            assert_eq!(update(&stack, &id, &body).await.status, status);
            assert_eq!(calls(), expected, "{body}");
        }
        view(&stack, &id).await;
        stack.cloud().dynamodb.clear_calls();
        view(&stack, &id).await;
        assert_eq!(stack.dynamodb_calls("TutelarView"), ["GetItem", "Query"]);
        let lines = stack.request_lines("TutelarUpdate", 4).await;
        let outcomes: Vec<_> = lines.iter().map(|line| line["outcome"].as_str().unwrap()).collect();
        assert_eq!(outcomes, ["updated", "updated", "updated", "refused"]);
        for line in stack.log() {
            for secret in ["secret-co", "johnson", "Johnson", "9878987677", "Hamam", CLIENT.secret] {
                assert!(!line.text.contains(secret), "{line:?}");
            }
        }
    });
}

#[test]
fn every_unauthorised_caller_gets_the_same_answer_and_every_other_path_a_404_in_the_apis_form() {
    run(async {
        let stack = shared().await;
        let (_, id) = dispute(&stack).await;
        let unauthorized = failure("Unauthorized access");
        let path = format!("/api/v1/dispute/update/{id}");
        let whole = Call::new(&CLIENT, "PATCH", &path, "{}").basic();
        let mut answers = Vec::new();
        for header in
            [None, Some("Basic"), Some("Basic eA=="), Some("Bearer x"), Some("Basic aWltbV9wcm9kX2RlbW86eA==")]
        {
            let mut request = whole.clone();
            request.headers_mut().remove("authorization");
            if let Some(header) = header {
                request.headers_mut().insert("authorization", header.parse().unwrap());
            }
            answers.push(stack.raw(request).await.without_ids());
        }
        let unknown = crate::harness::DemoKey { id: "iimm_prod_nobody", secret: CLIENT.secret };
        for key in [unknown, crate::harness::DemoKey { id: CLIENT.id, secret: STRANGER.secret }, PLATFORM] {
            answers.push(stack.raw(Call::new(&key, "PATCH", &path, "{}").basic()).await.without_ids());
        }
        for answer in &answers {
            assert_eq!((answer, answer.status, &answer.text), (&answers[0], 401, &unauthorized));
            // Clients that send credentials only once they are asked for them are asked.
            assert_eq!(answer.headers["x-amzn-remapped-www-authenticate"], "Basic realm=\"disputes\"");
        }
        for (method, path) in
            [("GET", "create"), ("POST", "update/x"), ("DELETE", "view/x"), ("GET", "x/y/z"), ("PUT", "merchant-won")]
        {
            let answer = call(&stack, &CLIENT, method, path, &Value::Null).await;
            assert_eq!((answer.status, answer.text), (404, failure("Request not found")), "{method} {path}");
        }
        let request = http::Request::get("/api/v1/dispute/nothing").body(Vec::new()).unwrap();
        assert_eq!(stack.raw(request).await.status, 401);
    });
}

#[test]
fn internal_errors_are_a_500_in_the_apis_form_and_in_time() {
    run(async {
        use recourse_local::dynamodb::Fault;
        let stack = Stack::start(options()).await;
        let (transaction, id) = dispute(&stack).await;
        assert_eq!(update(&stack, &id, &json!({})).await.status, 200);
        for fault in [Fault::Unreachable, Fault::Hang, Fault::Throttle { times: u32::MAX }] {
            stack.cloud().dynamodb.set_fault(fault);
            let since = std::time::Instant::now();
            let answer = update(&stack, &id, &json!({"comments": "x"})).await;
            assert_eq!((answer.status, answer.text), (500, failure("Something went wrong")), "{fault:?}");
            assert!(since.elapsed() < std::time::Duration::from_secs(14));
            stack.cloud().dynamodb.set_fault(Fault::None);
        }
        assert_eq!(stack.dispute(&transaction.trxid).await.dispute.version, 1);
        // A client does not notice a lost answer or a conflict, and an update that was written
        // twice counts once.
        for (fault, text) in [(Fault::LoseAnswer { times: 1 }, "a"), (Fault::Conflict { times: 3 }, "b")] {
            stack.cloud().dynamodb.set_fault_of("TutelarUpdate", fault);
            assert_eq!(update(&stack, &id, &json!({"comments": text})).await.text, success(UPDATED), "{fault:?}");
            stack.cloud().dynamodb.set_fault(Fault::None);
        }
        assert_eq!(stack.dispute(&transaction.trxid).await.dispute.version, 3);
        assert_eq!(create(&stack, &transaction).await.status, 422);
    });
}
