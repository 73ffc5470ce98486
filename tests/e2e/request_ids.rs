//! Each answer has the id of its request, and so has the one log line of the request, with the key,
//! the account and why a request was refused. The caller learns the id and nothing else.

use http::Request;
use serde_json::{Value, json};

use crate::arbiter::{FBN, call, token_request};
use crate::cli::{folder, recourse};
use crate::harness::{
    CLIENT, Call, Connect, DemoKey, HttpResponse, PLATFORM, STRANGER, Stack, now, options, run, shared, until,
};

fn id(answer: &HttpResponse) -> String {
    let ids = ["x-request-id", "apigw-requestid"].map(|name| answer.headers[name].to_str().unwrap().to_owned());
    assert_eq!(ids[0], ids[1], "{answer:?}");
    ids[0].clone()
}

/// The log line of the request whose answer this is.
pub(crate) async fn line(stack: &Stack, answer: &HttpResponse) -> Value {
    let id = id(answer);
    until("the line of a request", async || {
        let lines = stack.log().into_iter().filter_map(|line| serde_json::from_str::<Value>(&line.text).ok());
        let found: Vec<_> = lines.filter(|line| line["request_id"] == id.as_str()).collect();
        assert!(found.len() < 2, "{found:?}");
        found.into_iter().next()
    })
    .await
}

/// Key and account of a line.
type Caller<'a> = (Option<&'a str>, Option<&'a str>);

/// Who the log line names, why the request is refused, the answer's status, and the request.
type Row<'a> = (Caller<'a>, Option<&'a str>, u16, Request<Vec<u8>>);

/// Key, account and refusal of a line.
fn caller(line: &Value) -> [Option<&str>; 3] {
    ["key", "account", "refusal"].map(|name| line.get(name).map(|value| value.as_str().unwrap()))
}

#[test]
fn a_line_says_who_called_and_why_not() {
    run(async {
        let stack = Stack::start(options()).await;
        let of = |key: &DemoKey| Call::report(key, &json!({ "refid": "nobodys" }));
        let nobody = DemoKey { id: "iimm_prod_0f1e2d3c4b5a69788796a5b4", secret: CLIENT.secret };
        let named_otherwise = DemoKey { id: "john.smith", secret: CLIENT.secret };
        let borrowed = DemoKey { id: CLIENT.id, secret: STRANGER.secret };
        let late = Call { timestamp: (now() - 360).to_string(), ..of(&CLIENT) };
        let milliseconds = Call { timestamp: format!("{}000", now()), ..of(&CLIENT) };
        let view = |key: &DemoKey| Call::new(key, "GET", "/api/v1/dispute/view/dispute_00000001", "").basic();
        let changed = |call: Call, body: &[u8]| {
            let mut request = call.request();
            *request.body_mut() = body.to_vec();
            request
        };
        let without = |name: &str| {
            let mut request = of(&CLIENT).request();
            request.headers_mut().remove(name);
            request
        };
        let fbn = FBN.sign_in(&stack).await;
        let (demo, claimed) = ((Some(CLIENT.id), Some("acct_demo")), (Some(CLIENT.id), None));
        let (none, platform) = ((None, None), (Some(PLATFORM.id), Some("acct_platform")));
        let other_merchant = Connect::new("GET", "/v1/1003/disputes/1").request();
        let basic = |user: &str| {
            Request::get("/api/v1/dispute/view/dispute_00000001")
                .header("authorization", user)
                .body(Vec::new())
                .unwrap()
        };
        let rows: Vec<Row<'_>> = vec![
            (demo, None, 400, of(&CLIENT).request()),
            ((Some(nobody.id), None), Some("unknown_key"), 401, of(&nobody).request()),
            (none, Some("unknown_key"), 401, of(&named_otherwise).request()),
            (demo, Some("wrong_signature"), 401, of(&borrowed).request()),
            (demo, Some("body_changed"), 401, changed(of(&CLIENT), br#"{ "refid":  "nobodys" }"#)),
            (demo, Some("trailing_newline"), 401, changed(of(&CLIENT), b"{\"refid\":\"nobodys\"}\n")),
            (claimed, Some("stale_timestamp"), 401, late.request()),
            (claimed, Some("milliseconds"), 401, milliseconds.request()),
            (none, Some("missing_header"), 401, without("x-nonce")),
            (platform, Some("wrong_role"), 403, of(&PLATFORM).request()),
            (demo, Some("wrong_role"), 403, Call::get(&CLIENT, "50001").request()),
            (platform, None, 404, Call::get(&PLATFORM, "unknown").request()),
            (demo, None, 422, view(&CLIENT)),
            (demo, Some("wrong_secret"), 401, view(&borrowed)),
            (platform, Some("wrong_role"), 401, view(&PLATFORM)),
            (none, Some("malformed_header"), 401, basic("Bearer x")),
            (demo, None, 404, Connect::get("1").request()),
            (demo, Some("other_merchant"), 403, other_merchant),
            (demo, Some("wrong_signature"), 403, Connect { key: borrowed, ..Connect::get("1") }.request()),
            (claimed, Some("stale_timestamp"), 403, Connect::get("1").dated(-360).request()),
            (claimed, Some("malformed_date"), 403, Connect { date: "now".to_owned(), ..Connect::get("1") }.request()),
            (demo, Some("wrong_secret"), 401, token_request(&borrowed, "grant_type=client_credentials")),
            (none, Some("invalid_token"), 401, call("x.y.z", "GET", "/disputes", "")),
            ((None, Some("acct_fbn")), None, 200, call(&fbn.token, "GET", "/disputes", "")),
        ];
        for (expected, refusal, status, request) in rows {
            let asked = format!("{request:?}");
            let answer = stack.raw(request).await;
            assert_eq!(answer.status, status, "{asked} {answer:?}");
            let line = line(&stack, &answer).await;
            assert_eq!(caller(&line), [expected.0, expected.1, refusal], "{asked} {line}");
            assert_eq!(line["status"], status);
            assert!(line["invocation_id"].as_str().is_some_and(|id| id.len() == 36), "{line}");
            assert!(!answer.headers.contains_key("recourse-hint"), "{answer:?}");
        }
        for line in stack.log() {
            assert!(!line.text.contains("john.smith"), "{line:?}");
        }
    });
}

#[test]
fn a_revoked_key_and_a_suspended_account_are_told_apart_in_the_log_alone() {
    run(async {
        let (stack, folder) = (Stack::start(options()).await, folder());
        let revoked = recourse(&stack, folder.path(), &["key", "revoke", STRANGER.id]).await;
        assert_eq!(revoked.code, 0, "{}", revoked.err);
        let suspended = recourse(&stack, folder.path(), &["account", "suspend", "acct_staging"]).await;
        assert_eq!(suspended.code, 0, "{}", suspended.err);
        let staging = crate::harness::STAGING;
        let nobody = DemoKey { id: "iimm_prod_nobody", secret: CLIENT.secret };
        let mut answers = Vec::new();
        for (key, account, refusal) in [
            (&STRANGER, Some("acct_stranger"), "revoked_key"),
            (&staging, Some("acct_staging"), "suspended_account"),
            (&nobody, None, "unknown_key"),
        ] {
            let answer = stack.report(key, &json!({ "refid": "nobodys" })).await;
            let line = line(&stack, &answer).await;
            assert_eq!(caller(&line), [Some(key.id), account, Some(refusal)], "{line}");
            answers.push(answer.without_ids());
        }
        assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:?}");
    });
}

#[test]
fn connects_ids_are_the_requests_id_and_the_command_line_finds_its_lines() {
    run(async {
        let (stack, folder) = (Stack::start(options()).await, folder());
        let answer = stack.connect(Connect::get("1")).await;
        let (id, body) = (id(&answer), answer.json());
        assert_eq!((&body["errorId"], &body["errors"][0]["requestId"]), (&json!(id), &json!(id)), "{body}");
        let found = recourse(&stack, folder.path(), &["log", &id]).await;
        assert_eq!((found.code, found.err.as_str()), (0, ""));
        assert_eq!(found.out.lines().count(), 1, "{}", found.out);
        for said in ["ConnectGet INFO request ", " outcome=unknown_dispute ", &format!(" request_id={id} ")] {
            assert!(found.out.contains(said), "{said}: {}", found.out);
        }
        let nothing = recourse(&stack, folder.path(), &["log", "no-such-id"]).await;
        assert_eq!((nothing.code, nothing.out.as_str()), (1, ""));
        let deployed = ["log", &id, "--url", "https://disputes.example.com"];
        let query = recourse(&stack, folder.path(), &deployed).await;
        assert_eq!(query.code, 0, "{}", query.err);
        assert!(query.out.starts_with("fields @timestamp, @message\n| filter request_id = \""), "{}", query.out);
        assert!(query.err.contains("Logs Insights"), "{}", query.err);
    });
}

/// Vendor specification, IIMMPACT "Dispute Transaction": the body has no place for the case's id.
#[test]
fn a_report_that_opens_a_case_answers_its_id_in_a_header() {
    run(async {
        let stack = shared().await;
        let transaction = stack.transaction("acct_demo", "Succesful").await;
        let report = json!({ "refid": transaction.refid });
        let first = stack.report(&CLIENT, &report).await;
        let case = stack.dispute(&transaction.trxid).await.dispute.number.case_id();
        assert_eq!(first.headers["recourse-case-id"], case.as_str());
        let again = stack.report(&CLIENT, &report).await;
        assert!(again.status == 200 && !again.headers.contains_key("recourse-case-id"), "{again:?}");
    });
}
