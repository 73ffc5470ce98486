//! Requests that are one request (Connect contract, "Idempotence").
//!
//! A response is stored in the transaction of the change that it describes, so no key is ever in
//! progress: it is unused, or it has its response. Of two requests at once one writes both; the
//! transaction of the other one is refused with the stored response, which it then answers.

use std::collections::BTreeMap;

use data_encoding::HEXLOWER;
use recourse_dispute::time::UnixMillis;
use recourse_edge::{ApiResponse, App};
use recourse_store::{Idempotence, StoredResponse};
use sha2::{Digest, Sha256};

use crate::{ApiError, Caller, Problem};

/// The header that only repeats have: when the first request came, in milliseconds.
const REQUEST_TIMESTAMP: &str = "x-gcs-idempotence-request-timestamp";
/// The API's headers that a repeat gets again.
const STORED_HEADERS: [&str; 2] = ["location", "x-recourse-evidence-remaining"];

/// A digest of the parts of a request. It depends on where each part ends, so that no two requests
/// have the same.
#[must_use]
pub fn fingerprint(parts: &[&[u8]]) -> String {
    let mut whole = Sha256::new();
    for part in parts {
        whole.update(Sha256::digest(part));
    }
    HEXLOWER.encode(&whole.finalize())
}

/// Whether an answer is that of an earlier request, given again.
pub(crate) fn is_repeat(answer: &ApiResponse) -> bool {
    answer.header(REQUEST_TIMESTAMP).is_some()
}

impl Caller {
    /// The record that is stored with the write that `answer` describes; `None` if the client sent
    /// no key.
    pub(crate) fn idempotence_record(
        &self,
        fingerprint: &str,
        answer: &ApiResponse,
        now: UnixMillis,
    ) -> Option<Idempotence> {
        let header = |name: &&str| Some(((*name).to_owned(), answer.header(name)?.to_owned()));
        let headers: BTreeMap<_, _> = STORED_HEADERS.iter().filter_map(header).collect();
        Some(Idempotence {
            merchant: self.merchant.clone(),
            method: self.method.clone(),
            path: self.path.clone(),
            key: self.idempotence_key.clone()?,
            answer: StoredResponse {
                fingerprint: fingerprint.to_owned(),
                requested_at: now,
                status: answer.status(),
                body: answer.body().to_owned(),
                headers,
            },
        })
    }

    /// Stores the response of a call that writes nothing else. A call under a key that was used
    /// gets the first response.
    ///
    /// # Errors
    /// [`Problem::KeyReused`] where the first request was another one.
    pub async fn store_response(
        &self,
        app: &App,
        fingerprint: &str,
        answer: ApiResponse,
    ) -> Result<ApiResponse, ApiError> {
        let now = app.context.now();
        let Some(idempotence) = self.idempotence_record(fingerprint, &answer, now) else { return Ok(answer) };
        match app.store.store_response(&idempotence, &app.context.write_token()?, now).await? {
            None => Ok(answer),
            Some(first) => again(first, fingerprint),
        }
    }

    /// The answer of the first request, if this is a repeat of one that was done.
    ///
    /// # Errors
    /// [`Problem::KeyReused`] where the first request was another one.
    pub async fn repeated(&self, app: &App, fingerprint: &str) -> Result<Option<ApiResponse>, ApiError> {
        let Some(key) = &self.idempotence_key else { return Ok(None) };
        let (merchant, method, path) = (&self.merchant, &self.method, &self.path);
        let stored = app.store.stored_response(merchant, method, path, key, app.context.now()).await?;
        stored.map(|stored| again(stored, fingerprint)).transpose()
    }

    /// The end of a call. A refused call may be a repeat that is refused because of what its first
    /// request changed.
    ///
    /// # Errors
    /// The refusal, if the request is not a repeat.
    pub async fn or_repeated(
        &self,
        app: &App,
        fingerprint: &str,
        done: Result<ApiResponse, ApiError>,
    ) -> Result<ApiResponse, ApiError> {
        match done {
            Err(ApiError::Problem(problem)) if problem != Problem::KeyReused => {
                self.repeated(app, fingerprint).await?.ok_or(ApiError::Problem(problem))
            }
            done => done,
        }
    }
}

/// The stored response, for a repeat of the same request.
pub(crate) fn again(stored: StoredResponse, fingerprint: &str) -> Result<ApiResponse, ApiError> {
    if stored.fingerprint != fingerprint {
        return Err(Problem::KeyReused.into());
    }
    let mut answer = ApiResponse::json_text(stored.status, "repeated", stored.body)
        .with_header(REQUEST_TIMESTAMP, stored.requested_at.0.to_string());
    for name in STORED_HEADERS {
        if let Some(value) = stored.headers.get(name) {
            answer = answer.with_header(name, value);
        }
    }
    Ok(answer)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fingerprint_depends_on_where_each_part_ends() {
        assert_eq!(fingerprint(&[b"ab", b"c"]).len(), 64);
        assert_ne!(fingerprint(&[b"ab", b"c"]), fingerprint(&[b"a", b"bc"]));
        assert_ne!(fingerprint(&[b"ab"]), fingerprint(&[b"ab", b""]));
        assert_eq!(fingerprint(&[]), fingerprint(&[]));
    }
}
