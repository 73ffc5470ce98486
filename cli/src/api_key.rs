//! `recourse key`: the keys of an account. A secret is made here, printed once, and rests sealed.

use clap::{Args, Subcommand, ValueEnum};
use recourse_dispute::ids::{AccountId, KeyId};
use recourse_store::{Issued, NewCredential, Revoked, Role, Sealer, SecretText, Store};

use crate::account::{DIES, key_lines, unknown};
use crate::ending::{Ending, Failure};
use crate::environment::{Environment, TABLES};
use crate::operator::{Operator, why};
use crate::output::{note, say};
use crate::world;

/// Make keys, list them, revoke them.
#[derive(Subcommand)]
#[command(after_help = TABLES)]
pub(crate) enum Key {
    Create(Create),
    List(List),
    Revoke(Revoke),
}

/// Make a key, and print its secret this once.
#[derive(Args)]
pub(crate) struct Create {
    /// The account that it is for
    #[arg(value_parser = AccountId::parse)]
    account: AccountId,
    /// What it may be used for
    #[arg(long)]
    role: Kind,
    #[command(flatten)]
    operator: Operator,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Kind {
    /// A client's key, good at every door
    Client,
    /// The payment platform's own key, good at the platform door alone
    Platform,
}

/// List an account's keys, revoked ones too.
#[derive(Args)]
pub(crate) struct List {
    /// The account's id
    #[arg(value_parser = AccountId::parse)]
    account: AccountId,
}

/// Revoke a key for good, and erase its secret.
#[derive(Args)]
pub(crate) struct Revoke {
    /// The key's public part
    #[arg(value_parser = KeyId::parse)]
    key: KeyId,
    /// Why, for the record: 1 to 500 characters on one line
    #[arg(long, value_name = "TEXT", value_parser = why)]
    why: Option<String>,
    #[command(flatten)]
    operator: Operator,
}

impl Key {
    /// Runs the command.
    ///
    /// # Errors
    /// [`Failure`].
    pub(crate) fn run(self, environment: Environment) -> Result<Ending, Failure> {
        match self {
            Self::Create(create) => {
                let (store, sealer) = environment.vault()?;
                world::wait(create.run(&store, &sealer))
            }
            Self::List(list) => {
                let store = environment.store()?;
                world::wait(list.run(&store))
            }
            Self::Revoke(revoke) => {
                let store = environment.store()?;
                world::wait(revoke.run(&store))
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
        let order = self.operator.order(None)?;
        let account = store.account(id).await?.ok_or_else(|| unknown(id))?;
        let key = role.key_id(account.environment, world::random()?);
        let key = key.map_err(|rule| Failure::refused(format!("the new key {rule}")))?;
        let secret = SecretText::of(&world::random()?);
        let new = NewCredential { key: &key, account: id, role, secret: secret.expose() };
        let issued = store.create_credential(sealer, &new, world::random()?, &order, world::attempts()?).await;
        let issued = issued.map_err(|error| {
            let temporary = error.is_temporary();
            let failure = Failure::from(error);
            if temporary { failure.then(&lost(&key, id)) } else { failure }
        })?;
        match issued {
            Issued::Created => {
                let shown = say(&format!("RECOURSE_KEY={key}\nRECOURSE_SECRET={}", secret.expose()));
                shown.map_err(|failure| failure.then(&lost(&key, id)))?;
                note("the secret is shown this once and never again; keep it where only the client can read it");
                Ok(Ending::Done)
            }
            Issued::Full(live) => {
                let live: Vec<_> = live.iter().map(KeyId::as_str).collect();
                Err(Failure::refused(format!(
                    "{id} has its two live keys of this role: {}. Revoke the one that is not used any more first.",
                    live.join(", ")
                )))
            }
            Issued::NoAccount => Err(unknown(id)),
            Issued::Taken => Err(Failure::refused(format!("the key {key} was drawn before. Run the command again."))),
        }
    }
}

/// What to do about a key that nobody has the secret of.
fn lost(key: &KeyId, account: &AccountId) -> String {
    format!(
        "Nobody has seen the secret of {key}. If `recourse key list {account}` lists it, `recourse key revoke {key}` makes room."
    )
}

impl List {
    async fn run(&self, store: &Store) -> Result<Ending, Failure> {
        let record = store.account_record(&self.account).await?.ok_or_else(|| unknown(&self.account))?;
        say(&key_lines(&record.keys).join("\n"))?;
        Ok(Ending::Done)
    }
}

impl Revoke {
    async fn run(&self, store: &Store) -> Result<Ending, Failure> {
        let key = &self.key;
        let order = self.operator.order(self.why.as_ref())?;
        let text = match store.revoke_credential(key, &order, world::attempts()?).await? {
            Revoked::Revoked(account) => format!("{key}  of {account}: revoked. {DIES}"),
            Revoked::Already(account) => format!("{key}  of {account}: was revoked already; nothing changed"),
            Revoked::NoKey => return Err(Failure::refused(format!("there is no key {key}."))),
        };
        say(&text)?;
        Ok(Ending::Done)
    }
}
