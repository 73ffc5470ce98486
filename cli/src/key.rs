//! `recourse key`: the keys of an account. A new secret is printed once and stored sealed.

use clap::{Args, Subcommand, ValueEnum};
use recourse_dispute::ids::{AccountId, KeyId};
use recourse_operations::accounts::Done;
use recourse_operations::keys::{self, KeyBytes, KeyError, NewKey};
use recourse_store::{Role, Sealer, Store};
use serde::Serialize;

use crate::account::{REFUSED_WITHIN, key_lines, keys_to_json, unknown};
use crate::ending::{Ending, Failure};
use crate::operator::Audited;
use crate::output::{Format, note};
use crate::settings::{Settings, TABLES};
use crate::system;

/// Make keys, list them, revoke them
#[derive(Subcommand)]
#[command(after_help = TABLES)]
pub(crate) enum KeyCommand {
    Create(Create),
    List(List),
    Revoke(Revoke),
}

const CREATE_EXAMPLES: &str = "\
Examples:
  recourse key create acct_new --role client
  recourse key create acct_platform --role platform --json

The secret is printed this once and never again. An account has at most two live keys of a role.";
const LIST_EXAMPLES: &str = "\
Examples:
  recourse key list acct_new";
const REVOKE_EXAMPLES: &str = "\
Examples:
  recourse key revoke iimm_prod_0f1e2d3c4b5a69788796a5b4 --why rotated

Functions cache a key for up to 60 seconds; after that it is refused everywhere.";

/// Make a key, and print its secret once
#[derive(Args)]
#[command(after_help = CREATE_EXAMPLES)]
pub(crate) struct Create {
    /// The account that the key is for
    #[arg(value_parser = AccountId::parse)]
    account: AccountId,
    /// What the key is for
    #[arg(long)]
    role: Kind,
    #[command(flatten)]
    audited: Audited,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Kind {
    /// Every API of a client
    Client,
    /// The Platform API alone
    Platform,
}

/// List an account's keys, also the revoked ones
#[derive(Args)]
#[command(after_help = LIST_EXAMPLES)]
pub(crate) struct List {
    /// The account's id
    #[arg(value_parser = AccountId::parse)]
    account: AccountId,
    #[command(flatten)]
    format: Format,
}

/// Revoke a key, which cannot be undone, and erase its secret
#[derive(Args)]
#[command(after_help = REVOKE_EXAMPLES)]
pub(crate) struct Revoke {
    /// The key's public part
    #[arg(value_parser = KeyId::parse)]
    key: KeyId,
    #[command(flatten)]
    audited: Audited,
}

impl KeyCommand {
    pub(crate) fn run(self, settings: Settings) -> Result<Ending, Failure> {
        match self {
            Self::Create(create) => {
                let (store, sealer) = settings.store_and_sealer()?;
                system::wait(create.run(&store, &sealer))
            }
            Self::List(list) => {
                let store = settings.store()?;
                system::wait(list.run(&store))
            }
            Self::Revoke(revoke) => {
                let store = settings.store()?;
                system::wait(revoke.run(&store))
            }
        }
    }
}

impl Create {
    async fn run(&self, store: &Store, sealer: &Sealer) -> Result<Ending, Failure> {
        let id = &self.account;
        let role = match self.role {
            Kind::Client => Role::Client,
            Kind::Platform => Role::Platform,
        };
        let audit = self.audited.context()?;
        let bytes = KeyBytes { id: system::random()?, secret: system::random()?, nonce: system::random()? };
        let issued = keys::create(store, sealer, (id, role), bytes, &audit, system::write_tokens()?).await;
        let NewKey { key, secret } = issued.map_err(|error| failed(id, error))?;
        let made = Made { account: id, key: &key, role, secret: secret.expose() };
        let text = || format!("RECOURSE_KEY={key}\nRECOURSE_SECRET={}", secret.expose());
        let shown = self.audited.format.print(&made, text);
        shown.map_err(|failure| failure.then(&lost(&key, id)))?;
        note("the secret is printed this once and never again; store it where only the client can read it");
        Ok(Ending::Done)
    }
}

/// The failure of a command on a key of an account, with what to do next.
fn failed(account: &AccountId, error: KeyError) -> Failure {
    match error {
        KeyError::Store(error) => error.into(),
        KeyError::Lost(key, error) => Failure::from(error).then(&lost(&key, account)),
        KeyError::NoAccount => unknown(account),
        KeyError::Full(live) => {
            let live: Vec<_> = live.iter().map(KeyId::as_str).collect();
            Failure::refused(format!(
                "{account} has two live keys of this role already: {}. Revoke the one that is no longer used first.",
                live.join(", ")
            ))
        }
        KeyError::Taken(key) => {
            Failure::refused(format!("the random key {key} exists already. Run the command again."))
        }
        KeyError::NoKey | KeyError::BadId(_) => Failure::refused(format!("{error}.")),
    }
}

/// A new key for a program. Not `Debug`, because it has the secret.
#[derive(Serialize)]
struct Made<'a> {
    account: &'a AccountId,
    key: &'a KeyId,
    role: Role,
    secret: &'a str,
}

/// What to do about a key whose secret nobody has.
fn lost(key: &KeyId, account: &AccountId) -> String {
    format!(
        "The secret of {key} is lost. If `recourse key list {account}` lists the key, `recourse key revoke {key}` makes room."
    )
}

impl List {
    async fn run(&self, store: &Store) -> Result<Ending, Failure> {
        let record = store.account_record(&self.account).await?.ok_or_else(|| unknown(&self.account))?;
        self.format.print(&keys_to_json(&record.keys), || key_lines(&record.keys).join("\n"))?;
        Ok(Ending::Done)
    }
}

impl Revoke {
    async fn run(&self, store: &Store) -> Result<Ending, Failure> {
        let key = &self.key;
        let audit = self.audited.context()?;
        let (account, done) = match keys::revoke(store, key, &audit, system::write_tokens()?).await {
            Ok(revoked) => revoked,
            Err(KeyError::Store(error)) => return Err(error.into()),
            Err(_) => {
                return Err(Failure::refused(format!(
                    "there is no key {key}. `recourse key list ACCOUNT` lists the keys of an account."
                )));
            }
        };
        let (outcome, text) = match done {
            Done::Changed => ("revoked", format!("{key}  of {account}: revoked. {REFUSED_WITHIN}")),
            Done::Already => ("unchanged", format!("{key}  of {account}: was revoked already; nothing changed")),
        };
        self.audited.format.print(&RevokedKeyJson { account: &account, key, outcome }, || text)?;
        Ok(Ending::Done)
    }
}

/// The outcome of revoking a key, for a program.
#[derive(Serialize)]
struct RevokedKeyJson<'a> {
    account: &'a AccountId,
    key: &'a KeyId,
    outcome: &'static str,
}
