//! How each example of the API page is made.

pub(super) mod arbiter;
pub(super) mod webhooks;

use serde_json::json;

use recourse_dispute::number::DisputeNumber;
use recourse_local::dynamodb::Fault;
use recourse_signing::v1;

use super::document::Operation;
use crate::harness::{CLIENT, Call, DemoKey, HttpResponse, PLATFORM, STAGING, STRANGER, Stack, now};
use crate::tutelar::{self, least};

/// A key whose secret the service cannot read.
pub(super) const BROKEN: DemoKey = DemoKey { id: "broken", secret: CLIENT.secret };

/// The request that makes an example.
pub(super) struct Recipe {
    /// What examples call it.
    pub(super) name: &'static str,
    pub(super) body: Body,
    /// The key that signs; the API's own kind where there is none.
    key: Option<DemoKey>,
    /// The trxid in the path, or of the transaction whose dispute is in the path.
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
    /// It has no headers of Recourse's.
    Open,
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
    /// Its path names a dispute that nobody has.
    Nameless,
    /// Its path names a draft of the Connect API.
    Draft,
    /// Its path names a report, with a verdict if it is to be reopened.
    Reported,
    /// A dispute that was raised here, which a bank has answered since; closed by its merchant's
    /// verdict, where it is to be reopened.
    Answered,
    /// Its path names a dispute with a verdict, whose transaction has another one by now.
    Again,
    /// Its path names a dispute that has changed as often as one may.
    ChangeLimit,
    /// DynamoDB is out of reach.
    Unreachable,
}

/// Every example's recipe. An answer that depends on earlier ones depends on the order of the
/// document: a case that is open, a transaction that is known.
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
        text("put-other-account", sent("80001", "order-80001", "50.00").replace("acct_demo", "acct_staging")),
        text("put-contradicts", sent("80001", "order-80001", "55.00")),
        text("put-taken", sent("80009", "123456", "50.00")).at("80009"),
        usual("get-least"),
        usual("get-whole").at("80002"),
        usual("get-disputed").at("50001"),
        usual("get-unknown").at("80009"),
        usual("disputes-listed"),
        usual("disputes-invalid"),
        usual("dispute-found").at("50001"),
        usual("dispute-unknown").with(Twist::Nameless),
        example("import-several", "several"),
        text("import-unreadable", r#"{"transactions": ["80003"]}"#),
        text("import-not-a-list", r#"[{"trxid": "80003"}]"#),
        text("import-too-many", json!({"transactions": vec![json!({}); 101]}).to_string()),
        text("import-too-large", " ".repeat(3_276_801)),
        usual("platform-forbidden").by(CLIENT),
        usual("health").with(Twist::Open),
        example("create-raised", "least"),
        text("create-failed", least_of("50003", "20.00")),
        text("create-refunded", least_of("50002", "20.00")),
        text("create-duplicate", least("50006", "1001").to_string()),
        text("create-pending", least("50005", "1001").to_string()),
        text("create-foreign", least("70001", "1001").to_string()),
        text("create-missing", "{}"),
        text("create-amount", least_of("50006", "99999")),
        example("update-updated", "published").at("50006"),
        text("update-not-configured", "{}").by(STRANGER).at("70001"),
        text("update-type", r#"{"disputeType": "nonsense"}"#),
        text("update-date-form", r#"{"internalDueDate": "31-12-2023"}"#),
        text("update-date-past", r#"{"internalDueDate": "2023-12-31"}"#),
        text("update-reason", r#"{"reasonCode": "999.9"}"#),
        text("update-bank-form", r#"{"acquirerBankCode": "HDF"}"#),
        text("update-bank", r#"{"acquirerBankCode": "AXIS"}"#),
        charge("update-tdr-type-missing", TDR, json!({})),
        charge("update-tdr-type", TDR, json!({"type": "both"})),
        charge("update-tdr-measure-missing", TDR, json!({"type": "include"})),
        charge("update-tdr-measure", TDR, json!({"type": "include", "amountType": "percent"})),
        charge("update-tdr-amount-missing", TDR, json!({"type": "include", "amountType": "price"})),
        charge("update-tdr-amount", TDR, json!({"type": "include", "amountType": "price", "amount": "fifty"})),
        charge("update-tax-type", TAX, json!("50%")),
        charge("update-tax-type-missing", TAX, json!({})),
        charge("update-tax-measure-missing", TAX, json!({"type": "exclude"})),
        charge("update-tax-measure", TAX, json!({"type": "exclude", "amountType": "percent"})),
        charge("update-tax-amount-missing", TAX, json!({"type": "exclude", "amountType": "price"})),
        charge("update-tax-amount", TAX, json!({"type": "exclude", "amountType": "price", "amount": []})),
        charge("update-tdr-exceeds", TDR, json!({"type": "include", "amountType": "price", "amount": "100.01"})),
        charge("update-tax-exceeds", TAX, json!({"type": "exclude", "amountType": "percentage", "amount": "100.01"})),
        charge("update-total-exceeds", TDR, json!({"type": "include", "amountType": "price", "amount": "50.01"}))
            .at("50006"),
        text("update-own", r#"{"comments": {}}"#),
        text("update-amount-zero", r#"{"disputeAmount": 0}"#),
        text("update-amount-exceeds", r#"{"disputeAmount": 99999}"#),
        text("update-amount-fixed", r#"{"disputeAmount": "10.00"}"#).with(Twist::Reported),
        text("update-change-limit", r#"{"comments": "one more"}"#).with(Twist::ChangeLimit),
        text("update-not-json", "[]"),
        text("update-too-large", " ".repeat(65_537)),
        usual("view-shown").at("50006"),
        example("move-level-moved", "due").at("50006"),
        example("move-level-again", "due").at("50006"),
        text("move-level-last", "").at("50006"),
        text("move-level-due", r#"{"dueDate": "soon"}"#).at("50006"),
        text("move-level-closed", "").at("50003"),
        text("move-level-elsewhere", "").with(Twist::Reported),
        text("move-level-not-due", "").with(Twist::Answered),
        usual("merchant-won-given").at("50006"),
        usual("merchant-already").at("50006"),
        usual("merchant-closed").at("50003"),
        usual("merchant-draft").with(Twist::Draft),
        usual("merchant-won-evidence").with(Twist::Reported),
        usual("merchant-not-due").with(Twist::Answered),
        usual("merchant-loss-given").at("80003"),
        example("reopen-reopened", "level").at("50006"),
        text("reopen-open", "{}").at("50006"),
        text("reopen-due", r#"{"dueDate": "soon"}"#).at("50006"),
        text("reopen-level", r#"{"level": "level_4"}"#).at("50006"),
        text("reopen-elsewhere", "{}").with(Twist::Reported),
        text("reopen-acted", "{}").with(Twist::Answered),
        text("reopen-final", "{}").at("50003"),
        text("reopen-duplicate", "{}").with(Twist::Again),
        usual("tutelar-no-data").with(Twist::Nameless),
        usual("tutelar-unauthorized").with(Twist::Unsigned),
        usual("tutelar-no-call"),
        usual("tutelar-broken").with(Twist::Unreachable),
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
    recipes.extend(webhooks::recipes());
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

const TDR: &str = "disputeAmountTdrDetails";
const TAX: &str = "disputeAmountTaxDetails";

fn charge(name: &'static str, member: &str, value: serde_json::Value) -> Recipe {
    text(name, json!({ member: value }).to_string())
}

/// What the create call is sent about the client's own transaction, with this amount.
fn least_of(trxid: &str, amount: &str) -> String {
    let mut body = least(trxid, "1001");
    body["disputeAmount"] = amount.into();
    body.to_string()
}

fn sent(trxid: &str, refid: &str, amount: &str) -> String {
    let at = "2026-02-01T09:00:00Z";
    json!({
        "trxid": trxid, "account": "acct_demo", "refid": refid, "status": "Succesful", "amount": amount, "currency": "MYR",
        "occurred_at": at, "updated_at": at
    })
    .to_string()
}

impl Recipe {
    fn by(self, key: DemoKey) -> Recipe {
        Recipe { key: Some(key), ..self }
    }

    fn at(self, trxid: &'static str) -> Recipe {
        Recipe { trxid, ..self }
    }

    fn with(self, twist: Twist) -> Recipe {
        Recipe { twist, ..self }
    }

    /// Makes the example, as an answer of this operation.
    pub(super) async fn answer(&self, stack: &Stack, operation: &Operation) -> HttpResponse {
        if self.name.starts_with("arbiter-") {
            return arbiter::answer(self, stack, operation).await;
        }
        if self.name.starts_with("webhook-") {
            return webhooks::answer(self, stack, operation).await;
        }
        let (key, usual) = match operation.id.as_str() {
            "reportIssue" => (CLIENT, Some("by_refid")),
            "putTransaction" => (PLATFORM, Some("least")),
            "importTransactions" => (PLATFORM, Some("several")),
            "getTransaction" | "listPlatformDisputes" | "getPlatformDispute" => (PLATFORM, None),
            "createWebhookEndpoint" => (PLATFORM, Some("client")),
            "replayWebhookDeliveries" => (PLATFORM, Some("failed")),
            _ if operation.path.starts_with(webhooks::ENDPOINTS) => (PLATFORM, None),
            "getHealth" => (CLIENT, None),
            "createDispute" => (CLIENT, Some("least")),
            "updateDispute" => (CLIENT, Some("published")),
            "moveLevel" => (CLIENT, Some("due")),
            "reopenDispute" => (CLIENT, Some("level")),
            "viewDispute" | "merchantWon" | "merchantLoss" | "otherCalls" => (CLIENT, None),
            other => panic!("what is {other} usually sent?"),
        };
        let request =
            |name: &str| operation.requests.get(name).unwrap_or_else(|| panic!("no request {name}")).to_string();
        let body = match &self.body {
            Body::Usual => usual.map(request).unwrap_or_default(),
            Body::Example(name) => request(name),
            Body::Text(text) => text.clone(),
        };
        let key = self.key.unwrap_or(key);
        let mut path = operation.path.replace("{trxid}", self.trxid).replace("{proxy+}", "refund");
        path = path.replace("{id}", webhooks::NOBODYS);
        if operation.id == "listPlatformDisputes" {
            let is_right = self.name != "disputes-invalid";
            path.push_str(if is_right {
                "?account=acct_demo&channel=iimmpact&limit=5"
            } else {
                "?colour=blue&limit=0"
            });
        }
        if path.contains("{caseId}") {
            let id = match self.twist {
                Twist::Nameless => "RC-zzzzzzz0".to_owned(),
                _ => stack.dispute("50001").await.dispute.number.case_id(),
            };
            path = path.replace("{caseId}", &id);
        }
        if path.contains("{disputeId}") {
            let id = match self.twist {
                Twist::Nameless => NOBODYS.to_owned(),
                Twist::Draft => {
                    let draft: u64 = stack.draft().await.parse().unwrap();
                    DisputeNumber::try_from(draft).unwrap().tutelar_id()
                }
                Twist::Reported => tutelar::reported(stack, self.name.starts_with("reopen")).await,
                Twist::Answered => tutelar::answered(stack, self.name.starts_with("reopen")).await,
                Twist::Again => tutelar::superseded(stack).await,
                Twist::ChangeLimit => tutelar::at_change_limit(stack).await,
                _ => self.dispute(stack, &key).await,
            };
            path = path.replace("{disputeId}", &id);
        }
        let mut call = Call::new(&key, operation.method, path, body);
        if call.path.starts_with("/api/") {
            return self.basic(stack, &call).await;
        }
        match self.twist {
            Twist::Open => stack.get(&call.path).await,
            Twist::None
            | Twist::Nameless
            | Twist::Draft
            | Twist::Reported
            | Twist::Answered
            | Twist::Again
            | Twist::ChangeLimit => stack.send(&call).await,
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

    /// The id of the transaction's dispute at the Tutelar API; it is raised where there is none.
    async fn dispute(&self, stack: &Stack, key: &DemoKey) -> String {
        if stack.disputes(self.trxid).await.is_empty() {
            let merchant = if key.id == STRANGER.id { "1003" } else { "1001" };
            let mut body = least(self.trxid, merchant);
            body["disputeAmount"] = json!("1");
            let body = body.to_string();
            let answer = stack.raw(Call::new(key, "POST", "/api/v1/dispute/create", body).basic()).await;
            assert_eq!(answer.status, 201, "{answer:?}");
        }
        stack.dispute(self.trxid).await.dispute.number.tutelar_id()
    }

    /// The answer of the Tutelar API, with the id, times and day of the examples instead of this
    /// run's.
    async fn basic(&self, stack: &Stack, call: &Call) -> HttpResponse {
        let mut request = call.basic();
        if matches!(self.twist, Twist::Unsigned) {
            request.headers_mut().remove("authorization");
        }
        if matches!(self.twist, Twist::Unreachable) {
            stack.cloud().dynamodb.set_fault(Fault::Unreachable);
        }
        let mut answer = stack.raw(request).await;
        stack.cloud().dynamodb.set_fault(Fault::None);
        let mut body = answer.json();
        settle(&mut body);
        answer.text = body.to_string();
        answer
    }
}

/// A dispute's id that nobody has.
const NOBODYS: &str = "dispute_zzzzzzzz";

/// Puts what is another one in every run right in an answer of the Platform API: case ids and
/// times.
pub(super) fn settle_disputes(value: &mut serde_json::Value) {
    match value {
        serde_json::Value::Object(members) => {
            for (name, member) in members {
                match name.as_str() {
                    "case_id" => *member = "RC-Dffgonjc".into(),
                    "opened_at" | "status_since" | "status_ends_at" | "occurred_at" | "updated_at" => {
                        *member = "2026-02-01T09:00:00Z".into();
                    }
                    _ => settle_disputes(member),
                }
            }
        }
        serde_json::Value::Array(values) => values.iter_mut().for_each(settle_disputes),
        _ => {}
    }
}

/// Puts what is another one in every run right: the id of a dispute, times, and the day of today.
fn settle(value: &mut serde_json::Value) {
    match value {
        serde_json::Value::String(text) if text.starts_with("dispute_") => *text = "dispute_Dffgonjc".to_owned(),
        serde_json::Value::String(text) if text.starts_with("Internal due date should be greater than ") => {
            let day = text.len() - "2024-04-10".len();
            text.replace_range(day.., "2024-04-10");
        }
        serde_json::Value::Object(members) => {
            for (name, member) in members {
                if ["createdAt", "updatedAt", "at"].contains(&name.as_str()) && member.is_string() {
                    *member = "2024-04-10T09:00:00.000Z".into();
                }
                settle(member);
            }
        }
        serde_json::Value::Array(values) => values.iter_mut().for_each(settle),
        _ => {}
    }
}
