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
    doors: Vec<Door>,
    demo: Option<Demo>,
    functions: &'a [FunctionRow],
    endpoints: &'a [(String, String)],
}

/// A request line for a further door.
struct Door {
    /// The door's name, which is the id of its line, too.
    name: &'static str,
    lines: String,
    what: &'static str,
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
    #[serde(default)]
    users: Vec<User>,
}

#[derive(Deserialize)]
struct User {
    username: String,
    password: String,
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
        account.client()
    }

    /// A line for each door whose client is among the accounts.
    fn doors(&self, url: &str) -> Vec<Door> {
        let banks = self.accounts.iter().filter_map(|bank| Some((bank.client()?, bank.users.first()?)));
        let arbiter = banks.take(1).map(|(key, user)| Door {
            name: "Arbiter",
            lines: snippet::arbiter(url, (&key.id, &key.secret), (&user.username, &user.password)),
            what: "A bank's user signs in and lists the bank's disputes.",
        });
        let merchant = self.reporter().filter(|_| self.transactions.iter().any(|t| t.trxid == snippet::TUTELAR_TRXID));
        let tutelar = merchant.map(|key| Door {
            name: "Tutelar",
            lines: snippet::tutelar(url, (&key.id, &key.secret)),
            what: "A merchant raises a dispute.",
        });
        let connect = self.transactions.iter().any(|t| t.trxid == snippet::CONNECT_PAYMENT).then(|| Door {
            name: "Connect",
            lines: snippet::connect(),
            what: "A merchant begins a draft, to which evidence can be added. The command line signs this door's calls so.",
        });
        arbiter.chain(tutelar).chain(connect).collect()
    }
}

impl Account {
    fn client(&self) -> Option<&Key> {
        self.keys.iter().find(|key| key.role == "client")
    }
}

impl<'a> Index<'a> {
    pub(super) fn new(state: &'a PagesState) -> Index<'a> {
        let demo: Option<Demo> = state.demo.as_ref().and_then(|demo| Demo::deserialize(demo).ok());
        let key = demo.as_ref().and_then(Demo::reporter);
        Index {
            url: &state.url,
            command: format!("target/debug/recourse report --refid {REFID} --email user@example.com"),
            doors: demo.as_ref().map(|demo| demo.doors(&state.url)).unwrap_or_default(),
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
