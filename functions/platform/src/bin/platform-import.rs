//! `POST /platform/v1/transactions`: store up to a hundred transaction updates. A bad entry affects
//! only itself.

use std::collections::BTreeMap;

use futures_util::{StreamExt, TryStreamExt, stream};
use recourse_dispute::ids::Trxid;
use recourse_dispute::transaction::Transaction;
use recourse_edge::{ApiResponse, App, AuthenticatedRequest, FieldErrors, JsonValue, Request, serve};
use recourse_platform::{ApiError, Platform, UpdateOutcome, caller, environment, read, read_list, upsert};
use serde::Serialize;

/// How many transactions are written at a time.
const AT_A_TIME: usize = 8;

#[tokio::main(flavor = "current_thread")]
pub(crate) async fn main() -> Result<(), lambda_http::Error> {
    serve::<Platform>("import", import).await
}

/// What became of one entry.
#[derive(Serialize)]
struct Entry {
    trxid: Option<String>,
    status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    errors: Option<FieldErrors>,
}

#[derive(Serialize)]
struct Results {
    results: Vec<Entry>,
}

async fn import(app: &App, request: &Request) -> Result<ApiResponse, ApiError> {
    let caller = caller(app, request).await?;
    let transactions = read_list(&request.body).map_err(ApiError::Invalid)?;
    let results = entries(app, &caller, &transactions).await?;
    let stale = results.iter().filter(|entry| entry.status == UpdateOutcome::Stale.name()).count();
    let answer = ApiResponse::json(200, "imported", &Results { results });
    Ok(answer.counting_stale_updates(u64::try_from(stale).unwrap_or(u64::MAX)))
}

/// The outcome of each entry, in their order. Updates of one transaction are stored one after the
/// other in their order, so that of equal ones the last counts. Updates of different transactions
/// are stored several at a time.
async fn entries(app: &App, caller: &AuthenticatedRequest, given: &[JsonValue<'_>]) -> Result<Vec<Entry>, ApiError> {
    let mut entries = BTreeMap::new();
    let mut updates: BTreeMap<Trxid, Vec<(usize, Transaction)>> = BTreeMap::new();
    for (place, json) in given.iter().enumerate() {
        match read(json.json().as_bytes(), None, environment(caller), app.context.now()) {
            Ok(update) => updates.entry(update.facts.trxid.clone()).or_default().push((place, update)),
            Err(errors) => {
                entries.insert(place, Entry { trxid: trxid(*json), status: "invalid", errors: Some(errors) });
            }
        }
    }
    let sent = stream::iter(updates.into_values()).map(|updates| in_order(app, caller, updates));
    // The first one that finds the tables out of reach ends it: what is out of reach for one is so
    // for all.
    let sent: Vec<(usize, Entry)> = sent.buffer_unordered(AT_A_TIME).try_concat().await?;
    entries.extend(sent);
    Ok(entries.into_values().collect())
}

/// The updates of one transaction, one after the other.
async fn in_order(
    app: &App,
    caller: &AuthenticatedRequest,
    updates: Vec<(usize, Transaction)>,
) -> Result<Vec<(usize, Entry)>, ApiError> {
    let mut entries = Vec::new();
    for (place, update) in updates {
        entries.push((place, entry(app, caller, place, &update).await?));
    }
    Ok(entries)
}

/// Stores one update. Where something is out of reach, the call ends, and the platform sends it
/// again, which changes nothing twice. A failure that would repeat itself affects only its entry.
async fn entry(
    app: &App,
    caller: &AuthenticatedRequest,
    place: usize,
    update: &Transaction,
) -> Result<Entry, ApiError> {
    let (status, errors) = match upsert(app, caller, update).await {
        Ok(taken) => (taken.name(), None),
        Err(ApiError::Invalid(errors) | ApiError::Conflict(errors)) => ("invalid", Some(errors)),
        Err(ApiError::Service(error)) if !error.is_temporary() => {
            let (trxid, error_code, error) = (update.facts.trxid.as_str(), error.code(), error.log_text());
            tracing::error!(entry = place, trxid, error_code, error, "an entry of an import cannot be stored");
            let text = "the service failed to store it, and sending it again does not help.";
            ("invalid", Some(FieldErrors::one("body", text)))
        }
        Err(refusal) => return Err(refusal),
    };
    Ok(Entry { trxid: Some(update.facts.trxid.to_string()), status, errors })
}

/// The trxid of an entry that cannot be read, if it has one, so that the platform can find the
/// entry.
fn trxid(json: JsonValue<'_>) -> Option<String> {
    let trxid = json.object()?.get("trxid")?.text()?;
    Some(trxid.chars().take(64).collect())
}
