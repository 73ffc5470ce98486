//! The demo's accounts and transactions as the pages show them, and what of them still works.
//!
//! The file says which keys and passwords there were at first. With a data folder an operator may
//! have revoked a key or removed a user since, so the accounts are read anew for each page.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, OnceLock};

use recourse_dispute::addresses::MailAddress;
use recourse_dispute::ids::AccountId;
use recourse_store::{AccountEvent, AccountRecord, AccountStatus, Store, StoreError};
use serde::Deserialize;

use super::PagesState;
use super::snippet::{self, Caller};
use crate::lock::lock;

/// The operator who makes the demo's accounts, as their audit has it.
pub(crate) const DEMO_OPERATOR: &str = "demo";

/// The tables that the demo's data is in, once it is loaded.
pub type DemoStore = Arc<OnceLock<Store>>;

/// How far the demo's cases are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum CasesState {
    /// None are made.
    #[default]
    None,
    /// They are being made.
    Making,
    /// They were made since the start.
    Made {
        /// How many are as they should be.
        made: usize,
        /// How many are not.
        failed: usize,
    },
}

/// How far the demo's cases are. Clones are handles to the same state.
#[derive(Clone, Debug, Default)]
pub struct DemoCases(Arc<Mutex<CasesState>>);

impl DemoCases {
    pub(crate) fn set(&self, state: CasesState) {
        *lock(&self.0) = state;
    }

    /// For people; none where there is nothing to say.
    pub(super) fn sentence(&self) -> Option<String> {
        match *lock(&self.0) {
            CasesState::None => None,
            CasesState::Making => Some("Cases to look at are being made; that takes some seconds.".to_owned()),
            CasesState::Made { made, failed: 0 } => {
                Some(format!("{made} cases to look at are in its queue, in every state."))
            }
            CasesState::Made { made, failed } => {
                Some(format!("{made} cases to look at are in its queue. {failed} could not be made; the log says why."))
            }
        }
    }
}

/// The reference id of the report on the start page: that of the vendor's IIMMPACT "Dispute
/// Transaction" sample, which local/demo.json has.
pub(super) const REFID: &str = "123456";

/// What of local/demo.json is shown.
#[derive(Deserialize)]
pub(super) struct Demo {
    #[serde(default)]
    pub(super) operators: Vec<Person>,
    pub(super) accounts: Vec<Account>,
    #[serde(default)]
    pub(super) transactions: Vec<Transaction>,
}

/// Somebody who works in the console.
#[derive(Deserialize)]
pub(super) struct Person {
    pub(super) email: MailAddress,
}

#[derive(Deserialize)]
pub(super) struct Account {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) environment: String,
    pub(super) email: String,
    pub(super) merchant_id: Option<String>,
    pub(super) domain_code: Option<String>,
    pub(super) keys: Vec<DemoKey>,
    #[serde(default)]
    pub(super) users: Vec<User>,
    configuration: Option<Configuration>,
    /// Whether its keys are refused for now.
    #[serde(skip)]
    pub(super) is_suspended: bool,
}

/// What of an account's configuration is shown.
#[derive(Deserialize)]
struct Configuration {
    #[serde(default)]
    support: Support,
}

#[derive(Default, Deserialize)]
struct Support {
    /// Where the providers are asked, by the kind of transaction.
    #[serde(default)]
    providers: BTreeMap<String, serde_json::Value>,
}

#[derive(Deserialize)]
pub(super) struct User {
    pub(super) username: String,
    pub(super) password: String,
    /// Why the password of the file is refused, if it is.
    #[serde(skip)]
    pub(super) refused: Option<&'static str>,
}

#[derive(Deserialize)]
pub(super) struct DemoKey {
    pub(super) id: String,
    pub(super) secret: String,
    pub(super) role: String,
    #[serde(skip)]
    pub(super) is_revoked: bool,
}

#[derive(Deserialize)]
pub(super) struct Transaction {
    pub(super) trxid: String,
    pub(super) refid: String,
    pub(super) account: String,
    pub(super) status: String,
    #[serde(default)]
    kind: String,
    #[serde(default)]
    pub(super) product: String,
    #[serde(default)]
    pub(super) amount: String,
    #[serde(default)]
    pub(super) currency: String,
}

impl Transaction {
    /// The class of its status's tag: whether a report of it opens a case.
    pub(super) fn tone(&self) -> &'static str {
        match self.status.as_str() {
            "Succesful" | "Successful" => " good",
            "Failed" | "Refund" => " bad",
            _ => "",
        }
    }
}

impl Demo {
    /// The pages' demo, if they have one, with what became of its accounts.
    ///
    /// # Errors
    /// The accounts cannot be read.
    pub(super) async fn read(state: &PagesState) -> Result<Option<Demo>, StoreError> {
        let demo = state.demo.as_ref().and_then(|demo| Demo::deserialize(demo).ok());
        let Some(mut demo) = demo else { return Ok(None) };
        // Before the data is loaded, the file is all there is.
        let Some(store) = state.demo_store.get() else { return Ok(Some(demo)) };
        let mut accounts = Vec::new();
        for mut account in demo.accounts {
            let Ok(id) = AccountId::parse(&account.id) else { continue };
            // Without a record another account had its name first, and it was never made.
            if let Some(record) = store.account_record(&id).await? {
                account.update(&record);
                accounts.push(account);
            }
        }
        demo.accounts = accounts;
        Ok(Some(demo))
    }

    /// Whose keys the lines to paste have: the first live ones of production.
    pub(super) fn caller<'a>(demo: Option<&'a Demo>, state: &'a PagesState) -> Caller<'a> {
        let accounts =
            || demo.into_iter().flat_map(|demo| &demo.accounts).filter(|account| account.environment == "production");
        let pair = |key: &'a DemoKey| (key.id.as_str(), key.secret.as_str());
        let bank = accounts().find_map(|bank| Some((bank.key("client")?, bank.user()?)));
        Caller {
            url: &state.url,
            ahead: state.clock.moved_by().as_secs(),
            client: demo.and_then(Demo::reporter).map(pair),
            platform: accounts().find_map(|account| account.key("platform")).map(pair),
            bank: bank.map(|(key, user)| (pair(key), (user.username.as_str(), user.password.as_str()))),
        }
    }

    /// The transactions whose report opens a case, and whose provider can be asked then.
    pub(super) fn with_provider(&self) -> impl Iterator<Item = &Transaction> {
        let has_provider = |transaction: &&Transaction| {
            let account = self.accounts.iter().find(|account| account.id == transaction.account);
            let configuration = account.and_then(|account| account.configuration.as_ref());
            let has_one = configuration.is_some_and(|known| known.support.providers.contains_key(&transaction.kind));
            has_one && transaction.tone() == " good"
        };
        self.transactions.iter().filter(has_provider)
    }

    /// The client key of the account that the report's transaction belongs to.
    pub(super) fn reporter(&self) -> Option<&DemoKey> {
        let transaction = self.transactions.iter().find(|t| t.refid == REFID)?;
        let account = self.accounts.iter().find(|a| a.id == transaction.account)?;
        account.key("client")
    }

    /// A line for each API whose client is among the accounts.
    pub(super) fn api_examples(&self, url: &str) -> Vec<ApiExample> {
        let banks = self.accounts.iter().filter_map(|bank| Some((bank.key("client")?, bank.user()?)));
        let arbiter = banks.take(1).map(|(key, user)| ApiExample {
            name: "Arbiter",
            lines: snippet::arbiter(url, (&key.id, &key.secret), (&user.username, &user.password)),
            what: "A bank's user signs in and lists the bank's disputes.",
        });
        let has = |trxid: &str| self.transactions.iter().any(|transaction| transaction.trxid == trxid);
        let tutelar = self.reporter().filter(|_| has(snippet::TUTELAR_TRXID)).map(|key| ApiExample {
            name: "Tutelar",
            lines: snippet::tutelar(url, (&key.id, &key.secret)),
            what: "A merchant raises a dispute.",
        });
        let connect = self.reporter().filter(|_| has(snippet::CONNECT_PAYMENT)).map(|_| ApiExample {
            name: "Connect",
            lines: snippet::connect(),
            what: "A merchant begins a draft, to which evidence can be added. The command line signs this API's calls so.",
        });
        arbiter.chain(tutelar).chain(connect).collect()
    }
}

/// A request line for a further API.
pub(super) struct ApiExample {
    /// The API's name, which is the id of its line, too.
    pub(super) name: &'static str,
    pub(super) lines: String,
    pub(super) what: &'static str,
}

impl Account {
    /// Its live key of a role.
    fn key(&self, role: &str) -> Option<&DemoKey> {
        self.keys.iter().find(|key| key.role == role && !key.is_revoked && !self.is_suspended)
    }

    /// A user who can sign in.
    fn user(&self) -> Option<&User> {
        self.users.iter().find(|user| user.refused.is_none())
    }

    /// Notes what operators have done with it since the demo's data was loaded: what they set, and
    /// what they took back.
    fn update(&mut self, record: &AccountRecord) {
        let known = &record.account;
        self.email = known.email.as_str().to_owned();
        self.merchant_id = known.merchant_id.as_ref().map(|id| id.as_str().to_owned());
        self.domain_code = known.domain_code.as_ref().map(|code| code.as_str().to_owned());
        self.is_suspended = record.status == AccountStatus::Suspended;
        for key in &mut self.keys {
            key.is_revoked = !record.keys.iter().any(|known| known.key.as_str() == key.id && known.is_live());
        }
        for user in &mut self.users {
            let last = record.audit.iter().rev().find_map(|entry| match &entry.event {
                AccountEvent::PasswordSet(name) if name.as_str() == user.username => Some(Some(entry.by.name.as_str())),
                AccountEvent::UserRemoved(name) if name.as_str() == user.username => Some(None),
                _ => None,
            });
            user.refused = match last {
                Some(Some(DEMO_OPERATOR)) => None,
                Some(Some(_)) => Some("has another password"),
                Some(None) | None => Some("removed"),
            };
        }
    }
}

#[cfg(test)]
mod tests;
