//! The tokens by which DynamoDB recognises a transaction that it has carried out.
//!
//! DynamoDB carries out a `TransactWriteItems` once for each `ClientRequestToken` within ten
//! minutes, and the SDK gives every transaction one. The embedded engine does the same, but visits
//! all tokens of the last ten minutes at each transaction, so a busy cloud becomes slower. Here a
//! token costs the same however many there are, and the engine gets the transaction without it.

use std::collections::hash_map::DefaultHasher;
use std::collections::{BTreeMap, HashMap, VecDeque};
use std::hash::{Hash, Hasher};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use axum::body::Bytes;
use http::{HeaderValue, Request, Response, StatusCode, header};
use serde_json::{Map, Value, json};

use super::fault::CONTENT_TYPE;
use crate::lock::lock;

/// How long a token is remembered.
const WINDOW: Duration = Duration::from_secs(600);

/// How many characters a token has at most. The engine refuses a longer one.
const MAX_LENGTH: usize = 36;

/// What was carried out under a token: the digest of the transaction, or `None` until one
/// succeeded. It is locked while one is carried out, so a second one waits, also for one whose
/// caller has hung up.
type Slot = Arc<tokio::sync::Mutex<Option<u64>>>;

/// The tokens of the last ten minutes.
#[derive(Debug, Default)]
pub(super) struct Tokens(Mutex<Known>);

#[derive(Debug, Default)]
struct Known {
    slots: HashMap<String, Slot>,
    /// Each token of `slots` with the time of its first use, oldest first.
    by_age: VecDeque<(Instant, String)>,
}

impl Tokens {
    /// Lets `forward` carry out the transaction `request`, unless its token says that this was
    /// done. A failure is not remembered. A transaction that was begun is carried out and
    /// remembered whether or not its caller waits, because the engine may have written by then.
    ///
    /// # Errors
    /// What `forward` returns, or that it panicked.
    pub(super) async fn once<F>(
        &self,
        request: Request<Bytes>,
        forward: impl FnOnce(Request<Bytes>) -> F,
    ) -> Result<Response<Bytes>, String>
    where
        F: Future<Output = Result<Response<Bytes>, String>> + Send + 'static,
    {
        let Some((token, transaction)) = without_token(request.body()) else { return forward(request).await };
        let mut done = self.slot(token, Instant::now()).lock_owned().await;
        let digest = digest(&transaction);
        match *done {
            Some(earlier) if earlier == digest => return Ok(answer(StatusCode::OK, &json!({}))),
            Some(_) => return Ok(answer(StatusCode::BAD_REQUEST, &mismatch())),
            None => {}
        }
        let forwarded = forward(request.map(|_| Bytes::from(transaction.to_string())));
        let carried_out = tokio::spawn(async move {
            let answer = forwarded.await?;
            if answer.status().is_success() {
                *done = Some(digest);
            }
            Ok::<_, String>(answer)
        });
        carried_out.await.map_err(|error| error.to_string())?
    }

    /// The slot of `token`, after those that are too old at `now` were forgotten.
    fn slot(&self, token: String, now: Instant) -> Slot {
        let mut known = lock(&self.0);
        while let Some((_, old)) = known.by_age.pop_front_if(|(first, _)| now.duration_since(*first) >= WINDOW) {
            known.slots.remove(&old);
        }
        if let Some(slot) = known.slots.get(&token) {
            return Arc::clone(slot);
        }
        let slot = Slot::default();
        known.slots.insert(token.clone(), Arc::clone(&slot));
        known.by_age.push_back((now, token));
        slot
    }
}

/// The token of a transaction, and the rest of its body. `None` if the engine shall see it as it
/// is: it has no usable token, or asks what it consumed, which a repetition answers otherwise.
fn without_token(body: &Bytes) -> Option<(String, Value)> {
    let mut members: Map<String, Value> = serde_json::from_slice(body).ok()?;
    if members.contains_key("ReturnConsumedCapacity") || members.contains_key("ReturnItemCollectionMetrics") {
        return None;
    }
    let Some(Value::String(token)) = members.remove("ClientRequestToken") else { return None };
    if token.is_empty() || token.len() > MAX_LENGTH {
        return None;
    }
    Some((token, Value::Object(members)))
}

/// A digest that does not depend on the order of members: the SDK writes an item's attributes in
/// any order, each time anew.
fn digest(transaction: &Value) -> u64 {
    let mut hasher = DefaultHasher::new();
    add(transaction, &mut hasher);
    hasher.finish()
}

fn add(value: &Value, hasher: &mut DefaultHasher) {
    match value {
        Value::Object(members) => {
            let members: BTreeMap<&String, &Value> = members.iter().collect();
            members.len().hash(hasher);
            for (name, value) in members {
                name.hash(hasher);
                add(value, hasher);
            }
        }
        Value::Array(values) => {
            values.len().hash(hasher);
            values.iter().for_each(|value| add(value, hasher));
        }
        other => other.to_string().hash(hasher),
    }
}

fn mismatch() -> Value {
    let kind = "com.amazonaws.dynamodb.v20120810#IdempotentParameterMismatchException";
    json!({"__type": kind, "message": "The transaction has the token of another one of the last ten minutes."})
}

fn answer(status: StatusCode, body: &Value) -> Response<Bytes> {
    let mut answer = Response::new(Bytes::from(body.to_string()));
    *answer.status_mut() = status;
    answer.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(CONTENT_TYPE));
    answer
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use tokio::sync::oneshot;

    use super::*;

    #[tokio::test]
    async fn a_transaction_whose_caller_hangs_up_is_carried_out_once() {
        let (tokens, count) = (Tokens::default(), Arc::new(AtomicUsize::new(0)));
        let request = || Request::new(Bytes::from(r#"{"TransactItems":[1],"ClientRequestToken":"t"}"#));
        let (finish, finished) = oneshot::channel::<()>();
        let counted = Arc::clone(&count);
        let first = tokens.once(request(), |_| async move {
            counted.fetch_add(1, Ordering::Relaxed);
            let _ = finished.await;
            Ok(answer(StatusCode::OK, &json!({})))
        });
        tokio::select! {
            biased;
            answer = first => panic!("answered before it was carried out: {answer:?}"),
            () = tokio::task::yield_now() => {}
        }
        let _ = finish.send(());
        let counted = Arc::clone(&count);
        let second = tokens.once(request(), |_| async move {
            counted.fetch_add(1, Ordering::Relaxed);
            Ok(answer(StatusCode::OK, &json!({})))
        });
        assert_eq!(second.await.unwrap().status(), StatusCode::OK);
        assert_eq!(count.load(Ordering::Relaxed), 1);
    }

    #[test]
    fn a_token_is_forgotten_after_ten_minutes_and_not_before() {
        let (tokens, start) = (Tokens::default(), Instant::now());
        let first = tokens.slot("a".to_owned(), start);
        let later = tokens.slot("a".to_owned(), start + WINDOW - Duration::from_secs(1));
        assert!(Arc::ptr_eq(&first, &later));
        tokens.slot("b".to_owned(), start + WINDOW);
        let known = tokens.0.lock().unwrap();
        assert_eq!(known.slots.keys().collect::<Vec<_>>(), ["b"]);
        assert_eq!(known.by_age.len(), 1);
    }

    #[test]
    fn a_body_without_a_usable_token_stays_as_it_is() {
        for body in [
            "{}",
            "[]",
            "no JSON",
            r#"{"ClientRequestToken":""}"#,
            r#"{"ClientRequestToken":"1234567890123456789012345678901234567"}"#,
            r#"{"ClientRequestToken":"t","ReturnConsumedCapacity":"TOTAL"}"#,
        ] {
            assert_eq!(without_token(&Bytes::from(body)), None, "{body}");
        }
        let body = Bytes::from(r#"{"TransactItems":[1],"ClientRequestToken":"t"}"#);
        assert_eq!(without_token(&body), Some(("t".to_owned(), json!({"TransactItems": [1]}))));
    }

    #[test]
    fn a_transaction_is_the_same_in_any_order_of_its_members() {
        let of = |text: &str| digest(&serde_json::from_str(text).unwrap());
        assert_eq!(of(r#"{"a":1,"b":{"c":"2","d":[3]}}"#), of(r#"{"b":{"d":[3],"c":"2"},"a":1}"#));
        for other in [r#"{"a":1,"b":{"c":"3","d":[3]}}"#, r#"{"a":1,"b":{"c":"2","d":[3,3]}}"#, r#"{"a":1}"#] {
            assert_ne!(of(r#"{"a":1,"b":{"c":"2","d":[3]}}"#), of(other), "{other}");
        }
    }
}
