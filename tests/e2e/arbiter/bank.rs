//! A bank's own program: it gets a token, and calls with it.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use http::Request;
use serde_json::{Value, json};

use crate::harness::{DemoKey, HttpResponse, Stack, Transaction, unique};

/// The path that all calls but the token's begin with.
const BASE: &str = "/arbiter/api/v1";

/// A bank of local/demo.json with its user.
#[derive(Clone, Copy)]
pub(crate) struct Bank {
    pub(crate) key: DemoKey,
    pub(crate) user: &'static str,
    pub(crate) password: &'static str,
}

/// The issuer of the vendor's specification's transaction.
pub(crate) const FBN: Bank = Bank {
    key: DemoKey { id: "fbn_demo", secret: "ZGVtby1mYm4tc2VjcmV0LWZvci1sb29wYmFjay1vbmx5IQ==" },
    user: "Jideobi.Onuora",
    password: "demo-password-of-jideobi",
};
/// Its acquirer.
pub(crate) const GTB: Bank = Bank {
    key: DemoKey { id: "gtb_demo", secret: "ZGVtby1ndGItc2VjcmV0LWZvci1sb29wYmFjay1vbmx5IQ==" },
    user: "Amaka.Bello",
    password: "demo-password-of-amaka",
};

/// Asks for a token.
pub(crate) fn token_request(key: &DemoKey, form: &str) -> Request<Vec<u8>> {
    let basic = BASE64_STANDARD.encode(format!("{}:{}", key.id, key.secret));
    Request::post("/passport/oauth/token")
        .header("authorization", format!("Basic {basic}"))
        .header("content-type", "application/x-www-form-urlencoded")
        .body(form.as_bytes().to_vec())
        .unwrap()
}

/// A call with this token.
pub(crate) fn call(token: &str, method: &str, path: &str, body: &str) -> Request<Vec<u8>> {
    Request::builder()
        .method(method)
        .uri(format!("{BASE}{path}"))
        .header("authorization", format!("Bearer {token}"))
        .header("content-type", "application/json")
        .body(body.as_bytes().to_vec())
        .unwrap()
}

/// A bank's user, signed in.
#[derive(Clone)]
pub(crate) struct User {
    pub(crate) token: String,
}

impl Bank {
    /// The form of a password grant.
    pub(crate) fn form(&self, password: &str) -> String {
        format!("grant_type=password&username={}&password={password}", self.user)
    }

    /// Signs its user in.
    pub(crate) async fn sign_in(&self, stack: &Stack) -> User {
        let answer = stack.raw(token_request(&self.key, &self.form(self.password))).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        User { token: answer.json()["access_token"].as_str().unwrap().to_owned() }
    }
}

impl User {
    pub(crate) async fn get(&self, stack: &Stack, path: &str) -> HttpResponse {
        stack.raw(call(&self.token, "GET", path, "")).await
    }

    pub(crate) async fn log(&self, stack: &Stack, body: &Value) -> HttpResponse {
        stack.raw(call(&self.token, "POST", "/disputes", &body.to_string())).await
    }

    /// Does an action with a comment.
    pub(crate) async fn put(&self, stack: &Stack, log_code: &str, action: &str) -> HttpResponse {
        let body = json!({ "action": action, "comment": format!("we do {action}") });
        stack.raw(call(&self.token, "PUT", &format!("/disputes/{log_code}"), &body.to_string())).await
    }
}

/// A transaction between FBN and GTB that the platform has sent, under a reference of its own.
pub(crate) async fn paid(stack: &Stack) -> Transaction {
    let mut transaction = Transaction::new("acct_demo", "Succesful");
    transaction.body["amount"] = "1550.00".into();
    transaction.body["currency"] = "NGN".into();
    transaction.body["parties"] = json!({
        "issuer": { "code": "FBN", "name": "FIRST BANK OF NIGERIA" },
        "acquirer": { "code": "GTB", "name": "GUARANTY TRUST BANK" }
    });
    transaction.body["details"] = json!({ "type": "BillPayment", "reference": unique("reference") });
    stack.upsert(&transaction.body).await;
    transaction
}

/// A log of all of it.
pub(crate) fn log_of(transaction: &Transaction, category: &str) -> Value {
    json!({
        "transactionType": "BillPayment", "transactionReference": transaction.body["details"]["reference"],
        "disputeAmountType": "FULL", "reasonCode": "AW", "category": category
    })
}

/// The log code of a dispute that was just logged.
pub(crate) fn code_of(answer: &HttpResponse) -> String {
    assert_eq!(answer.status, 201, "{answer:?}");
    answer.json()["logCode"].as_str().unwrap().to_owned()
}
