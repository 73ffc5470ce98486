//! What an API passes over it names: the members of a body in `Recourse-Ignored-Members`, and the
//! parameters of an Arbiter call in its refusal.

use serde_json::{Value, json};

use crate::arbiter::{FBN, code_of, log_of, paid};
use crate::harness::{CLIENT, Call, Connect, HttpResponse, Stack, run, shared};
use crate::tutelar::least;

const HEADER: &str = "recourse-ignored-members";

fn named(answer: &HttpResponse) -> Option<&str> {
    answer.headers.get(HEADER).map(|value| value.to_str().unwrap())
}

async fn tutelar(stack: &Stack, method: &'static str, path: &str, body: &Value) -> HttpResponse {
    stack.raw(Call::new(&CLIENT, method, format!("/api/v1/dispute/{path}"), body.to_string()).basic()).await
}

#[test]
fn the_tutelar_api_names_what_it_did_not_read() {
    run(async {
        let stack = shared().await;
        let transaction = stack.transaction("acct_demo", "Succesful").await;
        let mut body = least(&transaction.trxid, "1001");
        let answer = tutelar(&stack, "POST", "create", &body).await;
        assert_eq!((answer.status, named(&answer)), (201, None));
        let id = answer.json()["data"]["disputeId"].as_str().unwrap().to_owned();
        for (method, path, body, status, ignored) in [
            // The vendor lets every member be missing and knows no error for another one.
            ("PATCH", "update", json!({ "detials": { "a": 1 } }), 200, Some("detials")),
            ("PATCH", "update", json!({ "comments": "x", "level": "level_2" }), 200, Some("level")),
            (
                "PATCH",
                "update",
                json!({ "merchantDetails": { "id": 1, "name": "T" } }),
                200,
                Some("merchantDetails.id"),
            ),
            ("PATCH", "update", json!({ "comments": {}, "Comments": "x" }), 422, Some("Comments")),
            ("PATCH", "update", json!({ "comments": "x" }), 200, None),
            ("PUT", "move-level", json!({ "duedate": 3 }), 200, Some("duedate")),
            ("PUT", "merchant-won", json!({ "comments": "x" }), 200, Some("comments")),
            ("PUT", "reopen", json!({ "levels": "level_2", "comment": "x" }), 200, Some("levels")),
            ("PUT", "merchant-loss", Value::Null, 200, None),
        ] {
            let answer = tutelar(&stack, method, &format!("{path}/{id}"), &body).await;
            assert_eq!((answer.status, named(&answer)), (status, ignored), "{path} {body} {answer:?}");
        }
        body["level"] = "level_2".into();
        body["transactionDetails"]["a\r\nb"] = 1.into();
        let answer = tutelar(&stack, "POST", "create", &body).await;
        assert_eq!((answer.status, named(&answer)), (201, Some("level, transactionDetails.a%0D%0Ab")));
        // Who may not call learns nothing of how a body is read.
        let nobody = http::Request::patch(format!("/api/v1/dispute/update/{id}")).body(b"{\"detials\": 1}".to_vec());
        let answer = stack.raw(nobody.unwrap()).await;
        assert_eq!((answer.status, named(&answer)), (401, None));
    });
}

#[test]
fn the_other_apis_name_what_they_did_not_read_too() {
    run(async {
        let stack = shared().await;
        let transaction = stack.transaction("acct_demo", "Succesful").await;
        let report = json!({ "refid": transaction.refid, "user_emails": ["a@example.com"] });
        let answer = stack.report(&CLIENT, &report).await;
        assert_eq!((answer.status, named(&answer)), (200, Some("user_emails")));

        let payment = stack.transaction("acct_demo", "Succesful").await;
        let body = json!({
            "contactPerson": "Wile Coyote", "emailAddress": "wile.e.coyote@acmelabs.com", "replyto": "b@example.com",
            "amountOfMoney": { "amount": 1, "currencyCode": "MYR", "decimals": 2 }
        });
        let create = Connect::create(&payment.trxid, &body).idempotent("key");
        let (first, again) = (stack.connect(create.clone()).await, stack.connect(create).await);
        assert_eq!((first.status, named(&first)), (201, Some("amountOfMoney.decimals, replyto")));
        assert_eq!(named(&again), named(&first));
        let id = first.json()["id"].as_str().unwrap().to_owned();
        let start = json!({ "fileName": "a.pdf", "fileType": "application/pdf", "fileSize": 1, "size": 1 });
        let start = stack.connect(Connect::start(&id, "a.pdf", "application/pdf", 1).json(&start)).await;
        assert_eq!((start.status, named(&start)), (201, Some("size")));
        let submitted = stack.connect(Connect::submit(&id).json(&json!({ "reason": "x" }))).await;
        assert_eq!((submitted.status, named(&submitted)), (200, Some("reason")));
        let cancelled = stack.connect(Connect::cancel(&id)).await;
        assert_eq!((cancelled.status, named(&cancelled)), (200, None));

        let fbn = FBN.sign_in(&stack).await;
        let mut log = log_of(&paid(&stack).await, "Chargeback");
        log["reason"] = "AW".into();
        let answer = fbn.log(&stack, &log).await;
        assert_eq!((answer.status, named(&answer)), (201, Some("reason")));
    });
}

#[test]
fn the_arbiter_api_refuses_a_parameter_that_it_does_not_know() {
    run(async {
        let stack = shared().await;
        let fbn = FBN.sign_in(&stack).await;
        let transaction = paid(&stack).await;
        let code = code_of(&fbn.log(&stack, &log_of(&transaction, "Chargeback")).await);
        let reference = transaction.body["details"]["reference"].as_str().unwrap();
        for path in [
            "/disputes".to_owned(),
            format!("/disputes/{code}"),
            format!("/disputes/{code}/evidence/1-{}", "0".repeat(32)),
            "/disputes/categories".to_owned(),
            "/disputes/categories/Refund/reasons".to_owned(),
            format!("/transactions/types/BillPayment/references/{reference}"),
        ] {
            let answer = fbn.get(&stack, &format!("{path}?staus=Accepted&staus=")).await;
            let expected = json!([{ "field": "staus", "message": "is no parameter of this call." }]);
            assert_eq!((answer.status, &answer.json()["errors"]), (400, &expected), "{path}");
        }
        let call = |method, path: &str, body: &Value| {
            stack.raw(crate::arbiter::call(&fbn.token, method, path, &body.to_string()))
        };
        let other = paid(&stack).await;
        let logged = call("POST", "/disputes?dryRun=true", &log_of(&other, "Chargeback")).await;
        assert_eq!((logged.status, stack.disputes(&other.trxid).await.len()), (400, 0));
        let comment = json!({ "action": "COMMENT", "comment": "x" });
        assert_eq!(call("PUT", &format!("/disputes/{code}?force=1"), &comment).await.status, 400);
        assert_eq!(stack.dispute(&transaction.trxid).await.events.len(), 1);
        // A caller without permission gets the rejection, whatever its unknown parameters are.
        let unknown = stack.raw(crate::arbiter::call("x", "GET", "/disputes?staus=1", "")).await;
        assert_eq!(unknown.status, 401);
    });
}
