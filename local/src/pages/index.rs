//! The first page: request lines to paste, the demo's keys, and what runs.

use std::time::Duration;

use askama::Template;
use serde::Deserialize;

use super::snippet::Caller;
use super::{FunctionRow, PagesState, clock, snippet};

/// The reference id of the report on this page: the vendor's IIMMPACT "Dispute Transaction"'s, and fresh in local/demo.json.
const REFID: &str = "123456";

#[derive(Template)]
#[template(path = "index.html")]
pub(super) struct Index<'a> {
    url: &'a str,
    command: String,
    snippet: Option<String>,
    api_examples: Vec<ApiExample>,
    demo: Option<Demo>,
    functions: &'a [FunctionRow],
    endpoints: &'a [(String, String)],
    /// What time it is here.
    now: String,
    /// How far the clock was moved, in words; nothing where it was not.
    moved: Option<String>,
    /// Whether it can be moved.
    movable: bool,
}

/// A request line for a further API.
struct ApiExample {
    /// The API's name, which is the id of its line, too.
    name: &'static str,
    lines: String,
    what: &'static str,
}

/// What of local/demo.json is shown.
#[derive(Deserialize)]
pub(super) struct Demo {
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
    keys: Vec<DemoKey>,
    #[serde(default)]
    users: Vec<User>,
}

#[derive(Deserialize)]
struct User {
    username: String,
    password: String,
}

#[derive(Deserialize)]
struct DemoKey {
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
    /// What is shown of the pages' demo, if they have one.
    pub(super) fn of(state: &PagesState) -> Option<Demo> {
        state.demo.as_ref().and_then(|demo| Demo::deserialize(demo).ok())
    }

    /// Whose keys the lines to paste have.
    pub(super) fn caller<'a>(demo: Option<&'a Demo>, state: &'a PagesState) -> Caller<'a> {
        let platform = |account: &'a Account| account.keys.iter().find(|key| key.role == "platform");
        let production = |account: &&Account| account.environment == "production";
        let accounts = || demo.into_iter().flat_map(|demo| &demo.accounts).filter(production);
        let pair = |key: &'a DemoKey| (key.id.as_str(), key.secret.as_str());
        let bank = accounts().find_map(|bank| Some((bank.client()?, bank.users.first()?)));
        Caller {
            url: &state.url,
            ahead: state.clock.moved_by().as_secs(),
            client: demo.and_then(Demo::reporter).map(pair),
            platform: accounts().find_map(platform).map(pair),
            bank: bank.map(|(key, user)| (pair(key), (user.username.as_str(), user.password.as_str()))),
        }
    }

    /// The client key of the account that the report's transaction belongs to.
    fn reporter(&self) -> Option<&DemoKey> {
        let transaction = self.transactions.iter().find(|t| t.refid == REFID)?;
        let account = self.accounts.iter().find(|a| a.id == transaction.account)?;
        account.client()
    }

    /// A line for each API whose client is among the accounts.
    fn api_examples(&self, url: &str) -> Vec<ApiExample> {
        let banks = self.accounts.iter().filter_map(|bank| Some((bank.client()?, bank.users.first()?)));
        let arbiter = banks.take(1).map(|(key, user)| ApiExample {
            name: "Arbiter",
            lines: snippet::arbiter(url, (&key.id, &key.secret), (&user.username, &user.password)),
            what: "A bank's user signs in and lists the bank's disputes.",
        });
        let merchant = self.reporter().filter(|_| self.transactions.iter().any(|t| t.trxid == snippet::TUTELAR_TRXID));
        let tutelar = merchant.map(|key| ApiExample {
            name: "Tutelar",
            lines: snippet::tutelar(url, (&key.id, &key.secret)),
            what: "A merchant raises a dispute.",
        });
        let connect = self.transactions.iter().any(|t| t.trxid == snippet::CONNECT_PAYMENT).then(|| ApiExample {
            name: "Connect",
            lines: snippet::connect(),
            what: "A merchant begins a draft, to which evidence can be added. The command line signs this API's calls so.",
        });
        arbiter.chain(tutelar).chain(connect).collect()
    }
}

impl Account {
    fn client(&self) -> Option<&DemoKey> {
        self.keys.iter().find(|key| key.role == "client")
    }
}

impl<'a> Index<'a> {
    pub(super) fn new(state: &'a PagesState) -> Index<'a> {
        let demo = Demo::of(state);
        let caller = Demo::caller(demo.as_ref(), state);
        let moved = state.clock.moved_by();
        Index {
            url: &state.url,
            command: format!("target/debug/recourse report --refid {REFID} --email user@example.com"),
            api_examples: demo.as_ref().map(|demo| demo.api_examples(&state.url)).unwrap_or_default(),
            snippet: caller.client.map(|key| snippet::report(&caller, key)),
            functions: &state.functions,
            endpoints: &state.endpoints,
            now: clock::now(&state.clock),
            moved: (!moved.is_zero()).then(|| in_words(moved)),
            movable: state.clock.file().is_some(),
            demo,
        }
    }

    fn place(&self) -> &'static str {
        "/"
    }
}

/// A duration in days, hours and minutes.
fn in_words(duration: Duration) -> String {
    let minutes = duration.as_secs() / 60;
    let parts = [(minutes / (24 * 60), "d"), (minutes / 60 % 24, "h"), (minutes % 60, "min")];
    let parts: Vec<_> = parts.iter().filter(|(n, _)| *n > 0).map(|(n, unit)| format!("{n} {unit}")).collect();
    if parts.is_empty() { format!("{} s", duration.as_secs()) } else { parts.join(" ") }
}
