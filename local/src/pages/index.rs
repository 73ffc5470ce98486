//! The first page: request lines to paste, the demo's keys, and what runs.

use askama::Template;
use serde::Deserialize;

use super::{FunctionRow, PagesState, snippet};

/// The reference id of the report on this page: seed 001's, and fresh in local/demo.json.
const REFID: &str = "123456";

#[derive(Template)]
#[template(path = "index.html")]
pub(super) struct Index<'a> {
    url: &'a str,
    command: String,
    snippet: Option<String>,
    demo: Option<Demo>,
    functions: &'a [FunctionRow],
    endpoints: &'a [(String, String)],
}

/// What of local/demo.json is shown.
#[derive(Deserialize)]
struct Demo {
    accounts: Vec<Account>,
    #[serde(default)]
    transactions: Vec<Transaction>,
}

#[derive(Deserialize)]
struct Account {
    id: String,
    name: String,
    environment: String,
    email: String,
    merchant_id: Option<String>,
    domain_code: Option<String>,
    keys: Vec<Key>,
}

#[derive(Deserialize)]
struct Key {
    id: String,
    secret: String,
    role: String,
}

#[derive(Deserialize)]
struct Transaction {
    trxid: String,
    refid: String,
    account: String,
    status: String,
    #[serde(default)]
    product: String,
    #[serde(default)]
    amount: String,
    #[serde(default)]
    currency: String,
}

impl Transaction {
    /// The class of its status's tag: whether a report of it opens a case.
    fn tone(&self) -> &'static str {
        match self.status.as_str() {
            "Succesful" | "Successful" => " good",
            "Failed" | "Refund" => " bad",
            _ => "",
        }
    }
}

impl Demo {
    /// The client key of the account that the report's transaction belongs to.
    fn reporter(&self) -> Option<&Key> {
        let transaction = self.transactions.iter().find(|t| t.refid == REFID)?;
        let account = self.accounts.iter().find(|a| a.id == transaction.account)?;
        account.keys.iter().find(|k| k.role == "client")
    }
}

impl<'a> Index<'a> {
    pub(super) fn new(state: &'a PagesState) -> Index<'a> {
        let demo: Option<Demo> = state.demo.as_ref().and_then(|demo| Demo::deserialize(demo).ok());
        let key = demo.as_ref().and_then(Demo::reporter);
        Index {
            url: &state.url,
            command: format!("target/debug/recourse report --refid {REFID} --email user@example.com"),
            snippet: key.map(|key| snippet::report(&state.url, &key.id, &key.secret)),
            demo,
            functions: &state.functions,
            endpoints: &state.endpoints,
        }
    }

    fn place(&self) -> &'static str {
        "/"
    }
}
