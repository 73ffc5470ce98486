//! The Tutelar API over HTTP: the vendor's specification of "Update Dispute" byte for byte, the
//! life of a dispute, who may see it, and that no update loses another.

mod amount;
mod change_limit;
mod concurrent;
mod configuration;
mod decided;
mod foreign;
mod life;
mod notified;
mod samples;
mod update;
mod visibility;

use serde_json::{Value, json};

use crate::arbiter::{FBN, GTB, paid};
use crate::deadlines;
use crate::harness::{CLIENT, Call, DemoKey, HttpResponse, Stack, Transaction};
pub(crate) use change_limit::at_change_limit;

/// A failure, as it comes over the wire.
fn failure(message: &str) -> String {
    format!(r#"{{"success":false,"code":300,"message":"{message}","data":{{}}}}"#)
}

/// A success without data, as it comes over the wire.
fn success(message: &str) -> String {
    format!(r#"{{"success":true,"code":200,"message":"{message}","data":{{}}}}"#)
}

/// What a call under `/api/v1/dispute/` answers.
async fn call(stack: &Stack, key: &DemoKey, method: &'static str, path: &str, body: &Value) -> HttpResponse {
    let body = if body.is_null() { String::new() } else { body.to_string() };
    stack.raw(Call::new(key, method, format!("/api/v1/dispute/{path}"), body).basic()).await
}

async fn put(stack: &Stack, path: &str, id: &str, body: &Value) -> HttpResponse {
    call(stack, &CLIENT, "PUT", &format!("{path}/{id}"), body).await
}

pub(crate) async fn update(stack: &Stack, id: &str, body: &Value) -> HttpResponse {
    call(stack, &CLIENT, "PATCH", &format!("update/{id}"), body).await
}

/// The `data` of the view call.
async fn view(stack: &Stack, id: &str) -> Value {
    let answer = call(stack, &CLIENT, "GET", &format!("view/{id}"), &Value::Null).await;
    let body = answer.json();
    assert_eq!((answer.status, &body["message"]), (200, &"Dispute details are".into()), "{answer:?}");
    body["data"].clone()
}

/// All that the API's functions are there for, at least once.
pub(crate) async fn everything(stack: &Stack) {
    let (_, id) = dispute(stack).await;
    assert_eq!(update(stack, &id, &json!({"comments": "x"})).await.status, 200);
    view(stack, &id).await;
    for path in ["move-level", "merchant-won", "reopen", "merchant-loss"] {
        let answer = put(stack, path, &id, &json!({})).await;
        assert_eq!(answer.status, 200, "{path} {answer:?}");
    }
    // The parties of the transaction are notified of each step.
    let raised = deadlines::raised(stack).await.number.tutelar_id();
    for path in ["move-level", "merchant-won", "reopen", "merchant-loss"] {
        assert_eq!(put(stack, path, &raised, &json!({})).await.status, 200, "{path}");
    }
    id_of(&create(stack, &paid(stack).await).await);
    assert_eq!(call(stack, &CLIENT, "GET", "anything", &Value::Null).await.status, 404);
}

/// What has to be in the body of the create call, for the demo merchant's transaction.
pub(crate) fn least(trxid: &str, merchant: &str) -> Value {
    json!({
        "transactionDetails": {
            "id": trxid, "customerName": "Johnson", "customerEmail": "johnson.a@ippopay.com", "customerMobile": "9878987677",
            "amount": "1001", "transactionDate": "2023-10-11"
        },
        "merchantDetails": {
            "id": merchant, "name": "Thiyagarajan", "businessName": "Hamam", "chargebackEmail": "thiyagarajan.e@ippopay.com",
            "mobile": "9087657767"
        },
        "disputeAmount": "100"
    })
}

async fn create(stack: &Stack, transaction: &Transaction) -> HttpResponse {
    call(stack, &CLIENT, "POST", "create", &least(&transaction.trxid, "1001")).await
}

/// The id of a dispute in a creation's answer.
#[track_caller]
fn id_of(answer: &HttpResponse) -> String {
    assert_eq!(answer.status, 201, "{answer:?}");
    answer.json()["data"]["disputeId"].as_str().unwrap().to_owned()
}

/// The id here of a transaction's only dispute, whichever API it came through.
async fn id_here(stack: &Stack, transaction: &Transaction) -> String {
    stack.dispute(&transaction.trxid).await.dispute.number.tutelar_id()
}

/// The id here of a new report, or of one with a verdict.
pub(crate) async fn reported(stack: &Stack, is_decided: bool) -> String {
    let transaction = stack.transaction("acct_demo", "Succesful").await;
    stack.report(&CLIENT, &json!({ "trxid": transaction.trxid })).await;
    let id = id_here(stack, &transaction).await;
    if is_decided {
        assert_eq!(put(stack, "merchant-loss", &id, &Value::Null).await.status, 200);
    }
    id
}

/// The id of a dispute that was raised here and that its acquirer has answered, or of one that its
/// merchant has given a verdict on since.
pub(crate) async fn answered(stack: &Stack, is_decided: bool) -> String {
    let (fbn, gtb) = (FBN.sign_in(stack).await, GTB.sign_in(stack).await);
    let transaction = paid(stack).await;
    let id = id_of(&create(stack, &transaction).await);
    let code = stack.dispute(&transaction.trxid).await.dispute.log_code().unwrap();
    assert_eq!(gtb.put(stack, &code, "REPRESENTMENT").await.status, 200);
    if is_decided {
        assert_eq!(fbn.put(stack, &code, "PRE_ARBITRATION").await.status, 200);
        assert_eq!(put(stack, "merchant-loss", &id, &Value::Null).await.status, 200);
    }
    id
}

/// The id of a dispute with a verdict, whose transaction has another one that is live.
pub(crate) async fn superseded(stack: &Stack) -> String {
    let (transaction, id) = dispute(stack).await;
    assert_eq!(put(stack, "merchant-loss", &id, &Value::Null).await.status, 200);
    id_of(&create(stack, &transaction).await);
    id
}

/// A live dispute about a transaction of its own.
pub(crate) async fn dispute(stack: &Stack) -> (Transaction, String) {
    let transaction = stack.transaction("acct_demo", "Succesful").await;
    let id = id_of(&create(stack, &transaction).await);
    (transaction, id)
}
