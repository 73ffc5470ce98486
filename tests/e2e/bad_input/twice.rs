//! A member that is there twice, and a byte order mark where JSON has none: refused at every API
//! with that reason, in that API's own form.

use serde_json::{Value, json};

use crate::arbiter::{FBN, call, code_of, log_of, paid};
use crate::harness::{CLIENT, Call, Connect, PLATFORM, Stack, Transaction, options, run};

/// The JSON of a body with a member of it twice.
fn twice(body: &Value, member: &str) -> String {
    let once = format!("\"{member}\":{}", body[member]);
    let text = body.to_string();
    let doubled = text.replacen(&once, &format!("{once},{once}"), 1);
    assert_ne!(doubled, text);
    doubled
}

/// The items that there are. Workers note meanwhile what became of mails, which adds none.
/// What is in the table, but for what the outbox notes of mails that it sends meanwhile.
async fn written(stack: &Stack) -> Vec<(String, String)> {
    let items = stack.items("DISPUTES_TABLE").await;
    items.into_keys().filter(|(key, _)| !key.starts_with("OUT#")).collect()
}

#[test]
fn a_member_twice_is_refused_at_every_api_and_nothing_is_written() {
    run(async {
        let stack = Stack::start(options()).await;
        let transaction = paid(&stack).await;
        let fbn = FBN.sign_in(&stack).await;
        let live = paid(&stack).await;
        let code = code_of(&fbn.log(&stack, &log_of(&live, "Chargeback")).await);
        let before = written(&stack).await;

        let report = twice(&json!({ "refid": transaction.refid }), "refid");
        let answer = stack.send(&Call::report_bytes(&CLIENT, report)).await;
        assert_eq!(answer.status, 400);
        let errors = json!({ "trxid": ["The refid must not be in the request body twice."] });
        assert_eq!(answer.json()["errors"], errors);

        let sent = Transaction::new("acct_demo", "Succesful").body;
        let update = twice(&sent, "amount");
        let path = format!("/platform/v1/transactions/{}", sent["trxid"].as_str().unwrap());
        let answer = stack.send(&Call::new(&PLATFORM, "PUT", path, update.clone())).await;
        let errors = json!({ "amount": ["must appear only once."] });
        assert_eq!((answer.status, &answer.json()["errors"]), (400, &errors));

        let list = format!("{{\"transactions\":[{update}]}}");
        let answer = stack.send(&Call::new(&PLATFORM, "POST", "/platform/v1/transactions", list)).await;
        assert_eq!((answer.status, &answer.json()["results"][0]["errors"]), (200, &errors));
        let lists = r#"{"transactions":[],"transactions":[]}"#;
        let answer = stack.send(&Call::new(&PLATFORM, "POST", "/platform/v1/transactions", lists)).await;
        let errors = json!({ "transactions": ["must appear only once."] });
        assert_eq!((answer.status, &answer.json()["errors"]), (400, &errors));

        let log = twice(&log_of(&transaction, "Chargeback"), "category");
        let act = r#"{"action":"COMMENT","comment":"a","comment":"b"}"#.to_owned();
        for (method, path, body, field) in
            [("POST", "/disputes".to_owned(), log, "category"), ("PUT", format!("/disputes/{code}"), act, "comment")]
        {
            let answer = stack.raw(call(&fbn.token, method, &path, &body)).await;
            let errors = json!([{ "field": field, "message": "must appear only once." }]);
            assert_eq!((answer.status, &answer.json()["errors"]), (400, &errors), "{method}");
        }

        for (method, path) in
            [("POST", "create"), ("PATCH", "update/dispute_00000001"), ("PUT", "move-level/dispute_00000001")]
        {
            let path = format!("/api/v1/dispute/{path}");
            let answer =
                stack.raw(Call::new(&CLIENT, method, path, r#"{"comments":"a","comments":"b"}"#).basic()).await;
            assert_eq!((answer.status, &answer.json()["message"]), (422, &json!("comments field is there twice")));
        }

        let create = json!({ "contactPerson": "Wile Coyote", "emailAddress": "wile.e.coyote@acmelabs.com" });
        let create = Connect::create(&transaction.trxid, &create).text(twice(&create, "contactPerson"));
        let start = Connect::start("1", "a.pdf", "application/pdf", 7);
        let start = start.text(r#"{"fileName":"a.pdf","fileName":"b.pdf"}"#);
        for (call, place) in [(create, "contactPerson"), (start, "fileName")] {
            let answer = stack.connect(call).await;
            let error = &answer.json()["errors"][0];
            let said = (&error["propertyName"], &error["message"]);
            assert_eq!((answer.status, said), (400, (&json!(place), &json!("must appear only once"))));
        }
        assert_eq!(written(&stack).await, before);
    });
}

/// Editors and shells write the mark before a text, and whoever joins texts has it in the middle.
#[test]
fn a_byte_order_mark_is_named_at_every_api() {
    run(async {
        let stack = Stack::start(options()).await;
        let transaction = paid(&stack).await;
        let fbn = FBN.sign_in(&stack).await;
        let code = code_of(&fbn.log(&stack, &log_of(&paid(&stack).await, "Chargeback")).await);
        let before = written(&stack).await;
        let marked = |body: &Value| [format!("\u{feff}{body}"), body.to_string().replacen('{', "{\u{feff}", 1)];
        let rule = "must not have a byte order mark (U+FEFF) outside of its strings";
        let body = json!([format!("{rule}.")]);

        for report in marked(&json!({ "refid": transaction.refid })) {
            let answer = stack.send(&Call::report_bytes(&CLIENT, report)).await;
            let errors = json!({ "body": [format!("The request body {rule}.")] });
            assert_eq!((answer.status, &answer.json()["errors"]), (400, &errors));
        }
        let sent = Transaction::new("acct_demo", "Succesful").body;
        let path = format!("/platform/v1/transactions/{}", sent["trxid"].as_str().unwrap());
        let one = marked(&sent).map(|body| Call::new(&PLATFORM, "PUT", path.clone(), body));
        let many = marked(&json!({ "transactions": [sent] }));
        let many = many.map(|body| Call::new(&PLATFORM, "POST", "/platform/v1/transactions", body));
        for call in one.iter().chain(&many) {
            let answer = stack.send(call).await;
            assert_eq!((answer.status, &answer.json()["errors"]), (400, &json!({ "body": body })));
        }
        let (log, act) = (log_of(&transaction, "Chargeback"), json!({ "action": "COMMENT", "comment": "a" }));
        for (method, path, body) in [("POST", "/disputes".to_owned(), log), ("PUT", format!("/disputes/{code}"), act)] {
            for body in marked(&body) {
                let answer = stack.raw(call(&fbn.token, method, &path, &body)).await;
                let errors = json!([{ "field": "body", "message": format!("{rule}.") }]);
                assert_eq!((answer.status, &answer.json()["errors"]), (400, &errors), "{method}");
            }
        }
        for body in marked(&json!({ "comments": "a" })) {
            let call = Call::new(&CLIENT, "PATCH", "/api/v1/dispute/update/dispute_00000001", body);
            let answer = stack.raw(call.basic()).await;
            let text = format!("Request body {}", rule.replacen("must", "should", 1));
            assert_eq!((answer.status, &answer.json()["message"]), (422, &json!(text)));
        }
        let create = json!({ "contactPerson": "Wile Coyote", "emailAddress": "wile.e.coyote@acmelabs.com" });
        for body in marked(&create) {
            let answer = stack.connect(Connect::create(&transaction.trxid, &create).text(body)).await;
            let error = &answer.json()["errors"][0];
            assert_eq!((answer.status, &error["propertyName"], &error["message"]), (400, &json!("body"), &json!(rule)));
        }
        assert_eq!(written(&stack).await, before);
    });
}

/// `serde_json` has a member name of its own for JSON text: an object with it is no text anywhere.
#[test]
fn an_object_is_read_as_a_text_at_no_api() {
    run(async {
        let stack = Stack::start(options()).await;
        let transaction = paid(&stack).await;
        let text = |text: &str| json!({ "$serde_json::private::RawValue": format!("\"{text}\"") });
        let before = written(&stack).await;
        let answer = stack.send(&Call::report(&CLIENT, &json!({ "refid": text(&transaction.refid) }))).await;
        assert_eq!(answer.json()["errors"]["trxid"], json!(["The refid must be a string."]));
        let body = json!({ "contactPerson": text("Wile Coyote"), "emailAddress": "wile.e.coyote@acmelabs.com" });
        let answer = stack.connect(Connect::create(&transaction.trxid, &body)).await;
        assert_eq!(answer.json()["errors"][0]["message"], "must be a string");
        assert_eq!(written(&stack).await, before);
    });
}
