//! How the Arbiter door's examples are made: with FBN's token, about the demo's `chargeback-1`.

use http::Request;
use recourse_local::dynamodb::Fault;
use serde_json::{Value, json};

use super::super::document::Operation;
use super::{Body, Recipe, example, text, usual};
use crate::arbiter::{FBN, call, token_request};
use crate::harness::{Answer, Key, Stack};
use crate::raw;

/// What each run of ours has of its own, and an example shows the vendor's sample of.
const OWN: [&str; 8] =
    ["id", "logCode", "disputeId", "statusStartDate", "statusScheduledEndDate", "createdOn", "addedOn", "access_token"];

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
        text("arbiter-token-401", "grant_type=client_credentials"),
        example("arbiter-log", "log"),
        text("arbiter-log-empty", "{}"),
        text("arbiter-log-amount", log("1550.01")),
        text("arbiter-log-unknown", log("1").replace("chargeback-1", "no-such-reference")),
        text("arbiter-log-duplicate", log("1")),
        usual("arbiter-find"),
        usual("arbiter-find-none"),
        usual("arbiter-find-size"),
        usual("arbiter-get"),
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

/// Makes an example.
pub(super) async fn answer(recipe: &Recipe, stack: &Stack, operation: &Operation) -> Answer {
    let body = match &recipe.body {
        Body::Usual => "{}".to_owned(),
        Body::Example(name) => match &operation.requests[*name] {
            Value::String(form) => form.clone(),
            json => json.to_string(),
        },
        Body::Text(text) => text.clone(),
    };
    if operation.path == "/passport/oauth/token" {
        let secret = if recipe.name == "arbiter-token-401" { "wrong" } else { FBN.key.secret };
        let request = token_request(&Key { secret, ..FBN.key }, &body);
        if recipe.name == "arbiter-token-unavailable" {
            return unreachable(stack, request).await;
        }
        let user = format!("USER#acct_fbn#{SPOILT}");
        spoil(stack, &user, &user).await;
        return stack.raw(request).await;
    }
    let user = FBN.sign_in(stack).await;
    // What is our fault looks the same in every call of the door, so the one that shows it most easily is made.
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
    let path = operation.path.strip_prefix("/arbiter/api/v1").unwrap();
    let path = path
        .replace("{logCode}", if unknown { "FBN00II551" } else { &newest })
        .replace("{category}", if unknown { "Other" } else { "Refund" })
        .replace("{type}", "BillPayment")
        .replace("{reference}", if unknown { "no-such-reference" } else { "chargeback-1" });
    let query = match recipe.name {
        "arbiter-find" => format!("?logCode={newest}"),
        "arbiter-find-none" => "?region=Nowhere".to_owned(),
        "arbiter-find-size" => "?pageSize=101".to_owned(),
        _ => String::new(),
    };
    let token = if recipe.name == "arbiter-no-token" { "" } else { &user.token };
    stack.raw(call(token, operation.method, &format!("{path}{query}"), &body)).await
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

async fn unreachable(stack: &Stack, request: Request<Vec<u8>>) -> Answer {
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
                (name.clone(), if own { json!("its own") } else { masked(member) })
            })
            .collect(),
        Value::Array(values) => values.iter().map(masked).collect(),
        Value::String(text) => match text.split_once("FBN00II") {
            Some((before, after)) => {
                json!(format!("{before}FBN00II{}", after.trim_start_matches(|letter: char| letter.is_ascii_digit())))
            }
            None => value.clone(),
        },
        other => other.clone(),
    }
}
