//! How the Arbiter API's examples are made: with FBN's token, about the demo's `chargeback-1`.

use http::Request;
use recourse_dispute::ids::{AccountId, UserName};
use recourse_dispute::time::UnixMillis;
use recourse_local::dynamodb::Fault;
use recourse_store::{Admission, LoginOutcome, LoginThrottle};
use serde_json::{Value, json};

use super::super::document::Operation;
use super::{Body, Recipe, example, text, usual};
use crate::arbiter::{FBN, call, token_request};
use crate::harness::{Connect, DemoKey, HttpResponse, Stack, now};
use crate::raw;

/// The path of the call whose body is a form.
const TOKEN: &str = "/passport/oauth/token";

/// Members that differ in each run, and whose example is the vendor's sample.
const OWN: [&str; 9] = [
    "id",
    "logCode",
    "disputeId",
    "statusStartDate",
    "statusScheduledEndDate",
    "createdOn",
    "addedOn",
    "access_token",
    "expiresAt",
];

pub(super) fn recipes() -> Vec<Recipe> {
    let log = |amount: &str| {
        json!({
            "transactionType": "BillPayment", "transactionReference": "chargeback-1", "disputeAmountType": "PARTIAL",
            "disputeAmount": amount, "reasonCode": "AP", "category": "Chargeback"
        })
        .to_string()
    };
    vec![
        example("arbiter-token-client", "client"),
        example("arbiter-token-user", "user"),
        text("arbiter-token-missing", ""),
        text("arbiter-token-unsupported", "grant_type=implicit"),
        text("arbiter-token-wrong", "grant_type=password&username=Jideobi.Onuora&password=wrong"),
        example("arbiter-token-throttled", "user"),
        text("arbiter-token-401", "grant_type=client_credentials"),
        example("arbiter-log", "log"),
        text("arbiter-log-empty", "{}"),
        text("arbiter-log-amount", log("1550.01")),
        text("arbiter-log-unknown", log("1").replace("chargeback-1", "no-such-reference")),
        text("arbiter-log-duplicate", log("1")),
        usual("arbiter-find"),
        usual("arbiter-find-none"),
        usual("arbiter-find-size"),
        usual("arbiter-parameter"),
        usual("arbiter-get"),
        usual("arbiter-get-evidence"),
        usual("arbiter-evidence"),
        example("arbiter-put", "comment"),
        text("arbiter-put-not-now", r#"{"action": "ARBITRATION", "comment": "x"}"#),
        usual("arbiter-categories"),
        usual("arbiter-reasons"),
        usual("arbiter-transaction"),
        usual("arbiter-no-token"),
        usual("arbiter-unknown"),
        usual("arbiter-broken"),
        usual("arbiter-unavailable"),
        text("arbiter-token-broken", format!("grant_type=password&username={SPOILT}&password=wrong")),
        example("arbiter-token-unavailable", "user"),
    ]
}

/// An object of texts as the form that HTML and OAuth send it as.
fn form(fields: &Value) -> String {
    let fields = fields.as_object().expect("a form's example is an object");
    let pairs = fields.iter().map(|(name, value)| (name, value.as_str().expect("a text")));
    form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish()
}

/// Makes an example.
pub(super) async fn answer(recipe: &Recipe, stack: &Stack, operation: &Operation) -> HttpResponse {
    let body = match &recipe.body {
        Body::Usual => "{}".to_owned(),
        Body::Example(name) if operation.path == TOKEN => form(&operation.requests[*name]),
        Body::Example(name) => operation.requests[*name].to_string(),
        Body::Text(text) => text.clone(),
    };
    if operation.path == TOKEN {
        let secret = if recipe.name == "arbiter-token-401" { "wrong" } else { FBN.key.secret };
        let request = token_request(&DemoKey { secret, ..FBN.key }, &body);
        if recipe.name == "arbiter-token-unavailable" {
            return unreachable(stack, request).await;
        }
        if recipe.name == "arbiter-token-throttled" {
            return throttled(stack, request).await;
        }
        let user = format!("USER#acct_fbn#{SPOILT}");
        spoil(stack, &user, &user).await;
        return stack.raw(request).await;
    }
    let user = FBN.sign_in(stack).await;
    // A server error looks the same in every call of the API, so the one that is easiest to cause
    // is made.
    let any = call(&user.token, "GET", &format!("/disputes/FBN00II{UNREADABLE}"), "");
    match recipe.name {
        "arbiter-broken" => {
            spoil(stack, &format!("DSP#{UNREADABLE}"), "DSP").await;
            return stack.raw(any).await;
        }
        "arbiter-unavailable" => return unreachable(stack, any).await,
        _ => {}
    }
    let newest = user.get(stack, "/disputes?issuerCode=FBN&pageSize=1&category=Chargeback").await.json();
    let newest = newest["content"][0]["logCode"].as_str().unwrap_or("FBN00II1").to_owned();
    let unknown = recipe.name == "arbiter-unknown";
    let (code, file) = match recipe.name {
        "arbiter-unknown" => ("FBN00II551".to_owned(), format!("551-{}", "0".repeat(32))),
        "arbiter-get-evidence" => with_evidence(stack, "evidence-1").await,
        "arbiter-evidence" => with_evidence(stack, "evidence-2").await,
        _ => (newest.clone(), "1".to_owned()),
    };
    let path = operation.path.strip_prefix("/arbiter/api/v1").unwrap();
    let path = path
        .replace("{logCode}", &code)
        .replace("{fileId}", &file)
        .replace("{category}", if unknown { "Other" } else { "Refund" })
        .replace("{type}", "BillPayment")
        .replace("{reference}", if unknown { "no-such-reference" } else { "chargeback-1" });
    let query = match recipe.name {
        "arbiter-find" => format!("?logCode={newest}"),
        "arbiter-find-none" => "?region=Nowhere".to_owned(),
        "arbiter-find-size" => "?pageSize=101".to_owned(),
        "arbiter-parameter" => "?colour=red".to_owned(),
        _ => String::new(),
    };
    let token = if recipe.name == "arbiter-no-token" { "" } else { &user.token };
    stack.raw(call(token, operation.method, &format!("{path}{query}"), &body)).await
}

/// A dispute that the Connect API took with a file: its log code and the file's id. FBN is its
/// acquirer, so that it is not the newest one that the other recipes look for.
async fn with_evidence(stack: &Stack, reference: &str) -> (String, String) {
    let at = "2026-02-01T09:00:00Z";
    let sent = json!({
        "trxid": reference, "account": "acct_demo", "refid": reference, "status": "Succesful", "amount": "1550.00",
        "currency": "NGN", "occurred_at": at, "updated_at": at,
        "parties": {
            "issuer": { "code": "GTB", "name": "GUARANTY TRUST BANK" },
            "acquirer": { "code": "FBN", "name": "FIRST BANK OF NIGERIA" }
        },
        "details": { "type": "BillPayment", "reference": reference }
    });
    stack.upsert(&sent).await;
    let contact = json!({ "contactPerson": "Wile Coyote", "emailAddress": "wile.e.coyote@acmelabs.com" });
    let number = stack.connect(Connect::create(reference, &contact)).await.json()["id"].as_str().unwrap().to_owned();
    let mut pdf = b"%PDF-1.7\n%%EOF\n".to_vec();
    pdf.resize(426_172, b' ');
    let uploaded = stack.connect(Connect::upload(&number, "file.pdf", "application/pdf", &pdf)).await;
    assert_eq!(stack.connect(Connect::submit(&number)).await.status, 200);
    (format!("GTB00II{number}"), uploaded.json()["fileId"].as_str().unwrap().to_owned())
}

/// A dispute whose item says nothing, and that no other example takes for one that is not there.
const UNREADABLE: u64 = 9_999;
/// A user whose item says nothing.
const SPOILT: &str = "Spoilt.User";

/// Puts an item there that says nothing.
async fn spoil(stack: &Stack, pk: &str, sk: &str) {
    let table = stack.cloud().environment().into_iter().find(|(name, _)| *name == "DISPUTES_TABLE").unwrap().1;
    let item = json!({ "PK": { "S": pk }, "SK": { "S": sk } });
    raw::call(&stack.cloud().dynamodb.endpoint(), "PutItem", &json!({ "TableName": table, "Item": item })).await;
}

/// The answer while the maximum of sign-ins of FBN's user is under way.
async fn throttled(stack: &Stack, request: Request<Vec<u8>>) -> HttpResponse {
    let (account, user) = (AccountId::parse("acct_fbn").unwrap(), UserName::parse(FBN.user).unwrap());
    let throttle = LoginThrottle { account: &account, user: &user, max_wrong: 10, max_at_once: 40 };
    let started = UnixMillis(i64::try_from(now() * 1000).unwrap());
    for _ in 0..40 {
        assert_eq!(stack.store().begin_login(&throttle, started).await.unwrap(), Admission::Open);
    }
    let answer = stack.raw(request).await;
    for _ in 0..40 {
        stack.store().end_login(&throttle, LoginOutcome::Good, started).await.unwrap();
    }
    answer
}

async fn unreachable(stack: &Stack, request: Request<Vec<u8>>) -> HttpResponse {
    stack.cloud().dynamodb.set_fault(Fault::Unreachable);
    let answer = stack.raw(request).await;
    stack.cloud().dynamodb.set_fault(Fault::None);
    answer
}

/// An answer or an example without what is its own.
pub(in crate::openapi_examples) fn masked(value: &Value) -> Value {
    match value {
        Value::Object(members) => members
            .iter()
            .map(|(name, member)| {
                let own = OWN.contains(&name.as_str()) && !member.is_null();
                let is_address = name == "url" && member.as_str().is_some_and(|url| url.starts_with("http"));
                (name.clone(), if own || is_address { json!("its own") } else { masked(member) })
            })
            .collect(),
        Value::Array(values) => values.iter().map(masked).collect(),
        Value::String(text) => match text.split_once("FBN00II") {
            Some((before, after)) => {
                json!(format!(
                    "{before}FBN00II{}",
                    after.trim_start_matches(|character: char| character.is_ascii_digit())
                ))
            }
            None => value.clone(),
        },
        other => other.clone(),
    }
}
