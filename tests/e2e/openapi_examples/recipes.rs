//! How each example of the API page is made.

pub(super) mod arbiter;

use serde_json::json;

use recourse_local::dynamodb::Fault;
use recourse_signing::v1;

use super::document::Operation;
use crate::harness::{Answer, CLIENT, Call, Key, PLATFORM, STAGING, Stack, now};

/// A key whose secret the service cannot read.
pub(super) const BROKEN: Key = Key { id: "broken", secret: CLIENT.secret };

/// The request that makes an example.
pub(super) struct Recipe {
    /// What examples call it.
    pub(super) name: &'static str,
    pub(super) body: Body,
    /// The key that signs; the door's own kind where there is none.
    key: Option<Key>,
    /// The trxid in the path, where there is one.
    trxid: &'static str,
    twist: Twist,
}

/// What is sent.
pub(super) enum Body {
    /// What the operation is usually sent, and nothing to an operation without a body.
    Usual,
    /// The operation's example request of this name.
    Example(&'static str),
    /// This.
    Text(String),
}

/// What is special about a request.
enum Twist {
    None,
    /// It has no signature.
    Unsigned,
    /// Its nonce has 15 characters.
    ShortNonce,
    /// It was signed six minutes ago.
    Late,
    /// It is signed by another key than it says.
    Forged,
    /// It is sent twice.
    Twice,
    /// DynamoDB is out of reach.
    Unreachable,
}

/// Every example's recipe. An answer that depends on what came before depends on the order of the document: a case that is open, a transaction
/// that is known.
pub(super) fn recipes() -> Vec<Recipe> {
    let fifty: Vec<String> = (0..50).map(|number| format!("user{number}@example.com")).collect();
    let mut recipes = vec![
        example("report-created", "by_refid"),
        example("report-duplicate", "by_trxid"),
        example("report-refunded", "refunded"),
        text("report-pending", r#"{"refid": "processing-1"}"#),
        example("report-sim-success", "simulated").by(STAGING),
        text("report-sim-duplicate", r#"{"refid": "sim-duplicate"}"#).by(STAGING),
        text("report-sim-refunded", r#"{"refid": "sim-refunded"}"#).by(STAGING),
        text("report-sim-pending", r#"{"refid": "sim-pending"}"#).by(STAGING),
        text("report-unknown", r#"{"refid": "no-such-order"}"#),
        text("report-sim-invalid", r#"{"refid": "sim-invalid"}"#).by(STAGING),
        text("report-refid-number", r#"{"refid": 123456}"#),
        text("report-bad-address", r#"{"refid": "123456", "user_email": ["user@example.com", "nobody"]}"#),
        text("report-address-text", r#"{"refid": "123456", "user_email": "user@example.com"}"#),
        text("report-fifty-addresses", json!({"refid": "123456", "user_email": fifty}).to_string()),
        text("report-not-json", "refid=123456"),
        text("report-too-large", " ".repeat(65_537)),
        usual("report-forbidden").by(PLATFORM),
        example("put-created", "least"),
        example("put-created-whole", "whole").at("80002"),
        example("put-replaced", "completed"),
        example("put-stale", "least"),
        text(
            "put-invalid",
            r#"{"trxid": "80001", "account": "acct_demo", "status": "Done", "amount": 50, "currency": "MYR",
                "occurred_at": "2026-02-01", "updated_at": "2026-02-01T09:00:09Z", "colour": "red"}"#,
        ),
        example("put-other-trxid", "whole"),
        text("put-not-json", "[]"),
        text("put-too-large", " ".repeat(32_769)),
        text("put-contradicts", told("80001", "order-80001", "55.00")),
        text("put-taken", told("80009", "123456", "50.00")).at("80009"),
        usual("get-least"),
        usual("get-whole").at("80002"),
        usual("get-unknown").at("80009"),
        example("import-several", "several"),
        text("import-unreadable", r#"{"transactions": ["80003"]}"#),
        text("import-not-a-list", r#"[{"trxid": "80003"}]"#),
        text("import-too-many", json!({"transactions": vec![json!({}); 101]}).to_string()),
        text("import-too-large", " ".repeat(3_276_801)),
        usual("platform-forbidden").by(CLIENT),
        usual("missing-header").with(Twist::Unsigned),
        usual("malformed-header").with(Twist::ShortNonce),
        usual("stale-timestamp").with(Twist::Late),
        usual("invalid-credentials").with(Twist::Forged),
        usual("replayed-nonce").with(Twist::Twice),
        text("gateway-too-large", " ".repeat(7_000_000)),
        usual("broken").by(BROKEN),
        usual("unavailable").with(Twist::Unreachable),
    ];
    recipes.extend(arbiter::recipes());
    recipes
}

fn usual(name: &'static str) -> Recipe {
    Recipe { name, body: Body::Usual, key: None, trxid: "80001", twist: Twist::None }
}

fn example(name: &'static str, request: &'static str) -> Recipe {
    Recipe { body: Body::Example(request), ..usual(name) }
}

fn text(name: &'static str, body: impl Into<String>) -> Recipe {
    Recipe { body: Body::Text(body.into()), ..usual(name) }
}

fn told(trxid: &str, refid: &str, amount: &str) -> String {
    let at = "2026-02-01T09:00:00Z";
    json!({
        "trxid": trxid, "account": "acct_demo", "refid": refid, "status": "Succesful", "amount": amount, "currency": "MYR",
        "occurred_at": at, "updated_at": at
    })
    .to_string()
}

impl Recipe {
    fn by(self, key: Key) -> Recipe {
        Recipe { key: Some(key), ..self }
    }

    fn at(self, trxid: &'static str) -> Recipe {
        Recipe { trxid, ..self }
    }

    fn with(self, twist: Twist) -> Recipe {
        Recipe { twist, ..self }
    }

    /// Makes the example, as an answer of this operation.
    pub(super) async fn answer(&self, stack: &Stack, operation: &Operation) -> Answer {
        if self.name.starts_with("arbiter-") {
            return arbiter::answer(self, stack, operation).await;
        }
        let (key, usual) = match operation.id.as_str() {
            "reportIssue" => (CLIENT, Some("by_refid")),
            "putTransaction" => (PLATFORM, Some("least")),
            "importTransactions" => (PLATFORM, Some("several")),
            "getTransaction" => (PLATFORM, None),
            other => panic!("what is {other} usually sent?"),
        };
        let request =
            |name: &str| operation.requests.get(name).unwrap_or_else(|| panic!("no request {name}")).to_string();
        let body = match &self.body {
            Body::Usual => usual.map(request).unwrap_or_default(),
            Body::Example(name) => request(name),
            Body::Text(text) => text.clone(),
        };
        let path = operation.path.replace("{trxid}", self.trxid);
        let mut call = Call::new(&self.key.unwrap_or(key), operation.method, path, body);
        match self.twist {
            Twist::None => stack.send(&call).await,
            Twist::Unsigned => {
                let mut request = call.request();
                request.headers_mut().remove(v1::SIGNATURE);
                stack.raw(request).await
            }
            Twist::ShortNonce => {
                call.nonce = "fifteen-letters".to_owned();
                stack.send(&call).await
            }
            Twist::Late => {
                call.timestamp = (now() - 360).to_string();
                stack.send(&call).await
            }
            Twist::Forged => {
                call.key.secret = STAGING.secret;
                stack.send(&call).await
            }
            Twist::Twice => {
                stack.send(&call).await;
                stack.send(&call).await
            }
            Twist::Unreachable => {
                stack.cloud().dynamodb.set_fault(Fault::Unreachable);
                let answer = stack.send(&call).await;
                stack.cloud().dynamodb.set_fault(Fault::None);
                answer
            }
        }
    }
}
