//! `POST /platform/v1/transactions`: tell of up to a hundred transactions; one bad entry spoils only itself.

use futures_util::{StreamExt, TryStreamExt, stream};
use recourse_dispute::dispute::By;
use recourse_dispute::lifecycle::Actor;
use recourse_edge::{Answer, Desk, Request, serve};
use recourse_platform::{Errors, MOST_BYTES, Platform, Refusal, caller, read, told};
use recourse_store::Told;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

/// The most transactions of one call (platform contract).
const MOST_TRANSACTIONS: usize = 100;
/// How many are written at a time.
const AT_A_TIME: usize = 8;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    serve::<Platform>("import", import).await
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Body<'a> {
    #[serde(borrow)]
    transactions: Vec<&'a RawValue>,
}

/// What became of one entry.
#[derive(Serialize)]
struct Entry {
    trxid: Option<String>,
    status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    errors: Option<Errors>,
}

#[derive(Serialize)]
struct Results {
    results: Vec<Entry>,
}

async fn import(desk: &Desk, request: &Request) -> Result<Answer, Refusal> {
    let caller = caller(desk, request).await?;
    let invalid = |field: &str, text: &str| Refusal::Invalid(Errors::one(field, text));
    if request.body.len() > MOST_TRANSACTIONS * MOST_BYTES {
        return Err(invalid("body", "must be at most 3276800 bytes."));
    }
    // Serde takes an array for a struct, too.
    let object = request.body.trim_ascii_start().starts_with(b"{");
    let body = serde_json::from_slice::<Body<'_>>(&request.body).ok().filter(|_| object);
    let body = body.ok_or_else(|| invalid("body", r#"must be {"transactions": [ ... ]} and nothing else."#))?;
    if body.transactions.len() > MOST_TRANSACTIONS {
        return Err(invalid("transactions", "must hold at most 100 transactions."));
    }
    let by = By { actor: Actor::Platform, name: caller.credential.key.to_string() };
    let entries = stream::iter(body.transactions).map(|json| entry(desk, json.get(), &by)).buffered(AT_A_TIME);
    // The first fault ends it: what is out of reach for one entry is out of reach for all.
    let results = Results { results: entries.try_collect().await? };
    Ok(Answer::json(200, "imported", &results))
}

/// One entry, on its own. Only a fault of ours ends the call; the platform then sends it again, which changes nothing twice.
async fn entry(desk: &Desk, json: &str, by: &By) -> Result<Entry, Refusal> {
    let word = match read(json, None) {
        Ok(word) => word,
        Err(errors) => return Ok(Entry { trxid: trxid(json), status: "invalid", errors: Some(errors) }),
    };
    let outcome = desk.store.tell(&word, by, desk.world.now(), desk.world.attempts()?).await?;
    let status = match outcome {
        Told::Created => "created",
        Told::Replaced => "replaced",
        Told::Stale => "stale",
        Told::Contradicts(_) | Told::Taken(_) => "invalid",
    };
    Ok(Entry { trxid: Some(word.facts.trxid.to_string()), status, errors: told(outcome) })
}

/// The trxid of an entry that cannot be read, as far as it has one, so that the platform finds it again.
fn trxid(json: &str) -> Option<String> {
    #[derive(Deserialize)]
    struct Named {
        trxid: String,
    }
    serde_json::from_str::<Named>(json).ok().map(|named| named.trxid.chars().take(64).collect())
}
