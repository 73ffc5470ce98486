//! A dispute or transaction of somebody else costs as many calls of DynamoDB as one that is not
//! there, at every lookup of every API: how long an answer takes says nothing of what exists.

use serde_json::{Value, json};

use crate::arbiter::{FBN, GTB, call as arbiter_call, code_of, log_of, paid};
use crate::harness::{CLIENT, Call, Connect, PLATFORM_STAGING, STRANGER, Stack, Transaction, options, run, unique};
use crate::platform::webhooks;
use crate::tutelar::least;

const PDF: &[u8] = b"%PDF-1.7\n%%EOF\n";
const NOBODYS: &str = "218340105584000";

/// One lookup: the function that answers it, a request for an item of somebody else, and a request
/// for an item that does not exist.
struct Lookup {
    function: &'static str,
    foreign: http::Request<Vec<u8>>,
    unknown: http::Request<Vec<u8>>,
}

async fn calls_of(stack: &Stack, function: &str, request: http::Request<Vec<u8>>) -> (u16, Vec<String>) {
    stack.cloud().dynamodb.clear_calls();
    let answer = stack.raw(request).await;
    (answer.status, stack.dynamodb_calls(function))
}

/// Sends each once before it counts: a function reads a key once a minute.
async fn are_alike(stack: &Stack, lookups: impl Fn() -> Vec<Lookup>) {
    for Lookup { function, foreign, unknown } in lookups() {
        calls_of(stack, function, foreign).await;
        calls_of(stack, function, unknown).await;
    }
    for Lookup { function, foreign, unknown } in lookups() {
        let path = foreign.uri().to_string();
        let foreign = calls_of(stack, function, foreign).await;
        let unknown = calls_of(stack, function, unknown).await;
        assert_eq!(foreign, unknown, "{function} {path}");
        assert!([404, 422].contains(&foreign.0) && !foreign.1.is_empty(), "{function} {path} {foreign:?}");
    }
}

#[test]
fn at_the_tutelar_api() {
    run(async {
        let stack = Stack::start(options()).await;
        let transaction = stack.transaction("acct_demo", "Succesful").await;
        let body = least(&transaction.trxid, "1001").to_string();
        let raised = stack.raw(Call::new(&CLIENT, "POST", "/api/v1/dispute/create", body).basic()).await.json();
        let id = raised["data"]["disputeId"].as_str().unwrap().to_owned();
        for note in 0..20 {
            let path = format!("/api/v1/dispute/update/{id}");
            let comment = json!({ "comments": format!("a long history {note}") }).to_string();
            assert_eq!(stack.raw(Call::new(&CLIENT, "PATCH", path, comment).basic()).await.status, 200);
        }
        are_alike(&stack, || {
            let by_stranger = |method, path: &str, id: &str, body: &Value| {
                Call::new(&STRANGER, method, format!("/api/v1/dispute/{path}/{id}"), body.to_string()).basic()
            };
            let create = |trxid: &str| {
                let body = least(trxid, "1003").to_string();
                Call::new(&STRANGER, "POST", "/api/v1/dispute/create", body).basic()
            };
            let mut lookups: Vec<_> = [
                ("TutelarView", "GET", "view"),
                ("TutelarUpdate", "PATCH", "update"),
                ("TutelarMoveLevel", "PUT", "move-level"),
                ("TutelarMerchantWon", "PUT", "merchant-won"),
                ("TutelarMerchantLoss", "PUT", "merchant-loss"),
                ("TutelarReopen", "PUT", "reopen"),
            ]
            .map(|(function, method, path)| Lookup {
                function,
                foreign: by_stranger(method, path, &id, &json!({})),
                unknown: by_stranger(method, path, "dispute_zzzzzzz0", &json!({})),
            })
            .into();
            lookups.push(Lookup {
                function: "TutelarCreate",
                foreign: create(&transaction.trxid),
                unknown: create("no-such-transaction"),
            });
            lookups
        })
        .await;
    });
}

#[test]
fn at_the_arbiter_api() {
    run(async {
        let stack = Stack::start(options()).await;
        let fbn = FBN.sign_in(&stack).await;
        let mut transaction = Transaction::new("acct_demo", "Succesful");
        transaction.body["parties"] = json!({ "issuer": { "code": "FBN", "name": "FIRST BANK OF NIGERIA" } });
        transaction.body["details"] = json!({ "type": "BillPayment", "reference": unique("reference") });
        stack.upsert(&transaction.body).await;
        let code = code_of(&fbn.log(&stack, &log_of(&transaction, "Chargeback")).await);
        for _ in 0..20 {
            assert_eq!(fbn.put(&stack, &code, "COMMENT").await.status, 200);
        }
        let gtb = GTB.sign_in(&stack).await;
        let reference = transaction.body["details"]["reference"].as_str().unwrap().to_owned();
        are_alike(&stack, || {
            let to = |method: &str, path: String, body: &str| arbiter_call(&gtb.token, method, &path, body);
            let both = |function, method: &str, path: &dyn Fn(&str, &str) -> String, body: &dyn Fn(&str) -> String| {
                let nobodys_code = format!("FBN00II{NOBODYS}");
                Lookup {
                    function,
                    foreign: to(method, path(&code, &reference), &body(&reference)),
                    unknown: to(method, path(&nobodys_code, "no-such-reference"), &body("no-such-reference")),
                }
            };
            let nothing = |_: &str| String::new();
            let log = |reference: &str| {
                let body = json!({
                    "transactionType": "BillPayment", "transactionReference": reference, "disputeAmountType": "FULL",
                    "reasonCode": "AW", "category": "Chargeback"
                });
                body.to_string()
            };
            let comment = |_: &str| json!({ "action": "COMMENT", "comment": "x" }).to_string();
            let by_code = |code: &str, _: &str| format!("/disputes/{code}");
            let file = |code: &str, _: &str| {
                let number = code.rsplit_once("II").unwrap().1.to_owned();
                format!("/disputes/{code}/evidence/{number}-{}", "0".repeat(32))
            };
            let by_reference =
                |_: &str, reference: &str| format!("/transactions/types/BillPayment/references/{reference}");
            vec![
                both("ArbiterGet", "GET", &by_code, &nothing),
                both("ArbiterPut", "PUT", &by_code, &comment),
                both("ArbiterEvidence", "GET", &file, &nothing),
                both("ArbiterLog", "POST", &|_, _| "/disputes".to_owned(), &log),
                both("ArbiterTransaction", "GET", &by_reference, &nothing),
            ]
        })
        .await;
    });
}

#[test]
fn at_the_platform_api() {
    run(async {
        let stack = Stack::start(options()).await;
        let (id, _) = webhooks::added(&stack, "acct_demo", "https://client.example/").await;
        let functions = [
            "PlatformWebhookGet",
            "PlatformWebhookRemove",
            "PlatformWebhookRotate",
            "PlatformWebhookDisable",
            "PlatformWebhookEnable",
            "PlatformWebhookTest",
            "PlatformWebhookDeliveries",
            "PlatformWebhookReplay",
        ];
        are_alike(&stack, || {
            let signed = |(method, path, body): (&'static str, String, Value)| {
                Call { key: PLATFORM_STAGING, ..webhooks::call(method, &path, &body) }.keyed("a-key")
            };
            let (theirs, nobodys) = (webhooks::calls(&id), webhooks::calls(webhooks::NOBODYS));
            let pairs = theirs.into_iter().zip(nobodys).zip(functions);
            let lookup = |((foreign, unknown), function)| Lookup {
                function,
                foreign: signed(foreign),
                unknown: signed(unknown),
            };
            pairs.map(lookup).collect()
        })
        .await;
    });
}

#[test]
fn at_the_connect_api() {
    run(async {
        let stack = Stack::start(options()).await;
        let payment = paid(&stack).await;
        let contact = json!({ "contactPerson": "Wile Coyote", "emailAddress": "wile.e.coyote@acmelabs.com" });
        let draft = stack.connect(Connect::create(&payment.trxid, &contact)).await.json();
        let id = draft["id"].as_str().unwrap().to_owned();
        let upload = Connect::upload(&id, "a.pdf", "application/pdf", PDF);
        let file = stack.connect(upload).await.json()["fileId"].as_str().unwrap().to_owned();
        are_alike(&stack, || {
            let nobodys_file = format!("{NOBODYS}-{}", "0".repeat(32));
            let list = |payment: &str| Connect::new("GET", format!("/v1/1001/payments/{payment}/disputes"));
            let pairs = [
                ("ConnectCreate", Connect::create(&payment.trxid, &contact), Connect::create("none", &contact)),
                ("ConnectList", list(&payment.trxid), list("none")),
                ("ConnectGet", Connect::get(&id), Connect::get(NOBODYS)),
                ("ConnectSubmit", Connect::submit(&id), Connect::submit(NOBODYS)),
                ("ConnectCancel", Connect::cancel(&id), Connect::cancel(NOBODYS)),
                (
                    "ConnectUpload",
                    Connect::upload(&id, "a.pdf", "application/pdf", PDF),
                    Connect::upload(NOBODYS, "a.pdf", "application/pdf", PDF),
                ),
                (
                    "ConnectUploadStart",
                    Connect::start(&id, "a.pdf", "application/pdf", 100),
                    Connect::start(NOBODYS, "a.pdf", "application/pdf", 100),
                ),
                ("ConnectUploadComplete", Connect::complete(&id, &file), Connect::complete(NOBODYS, &nobodys_file)),
                ("ConnectDownload", Connect::file(&file), Connect::file(&nobodys_file)),
                ("ConnectFileUrl", Connect::url(&file), Connect::url(&nobodys_file)),
            ];
            let signed = |call: Connect| call.by_stranger().request();
            pairs
                .map(|(function, foreign, unknown)| Lookup {
                    function,
                    foreign: signed(foreign),
                    unknown: signed(unknown),
                })
                .into()
        })
        .await;
    });
}
