//! `recourse user`: people of a bank, who sign in at the Arbiter API. A password is drawn and
//! printed once, or read from standard input. Only its hash is stored.

use std::io::Read;

use clap::{Args, Subcommand};
use recourse_dispute::ids::{AccountId, UserName};
use recourse_dispute::text::without_bom;
use recourse_operations::users::{self, UserError};
use recourse_signing::password;
use recourse_store::{Store, User as Person};
use serde::Serialize;

use crate::account::unknown;
use crate::ending::{Ending, Failure};
use crate::operator::Audited;
use crate::output::{Format, note, utc};
use crate::settings::{Settings, TABLES};
use crate::system;

/// Let people of a bank sign in, list them, remove them
#[derive(Subcommand)]
#[command(after_help = TABLES)]
pub(crate) enum User {
    Create(Create),
    List(List),
    Remove(Remove),
}

const CREATE_EXAMPLES: &str = "\
Examples:
  recourse user create acct_fbn First.Last
  recourse user create acct_fbn First.Last --stdin --replace < password.txt

The password is printed this once and never again. Only its hash is stored.";
const LIST_EXAMPLES: &str = "\
Examples:
  recourse user list acct_fbn";
const REMOVE_EXAMPLES: &str = "\
Examples:
  recourse user remove acct_fbn First.Last --why 'left the bank'

The password is refused at once. A token that the person has expires within 15 minutes.";

/// List the people of an account who can sign in
#[derive(Args)]
#[command(after_help = LIST_EXAMPLES)]
pub(crate) struct List {
    /// The account of the bank or merchant
    #[arg(value_parser = AccountId::parse)]
    account: AccountId,
    #[command(flatten)]
    format: Format,
}

/// Remove a person, whose password is then refused
#[derive(Args)]
#[command(after_help = REMOVE_EXAMPLES)]
pub(crate) struct Remove {
    /// The account of the bank or merchant
    #[arg(value_parser = AccountId::parse)]
    account: AccountId,
    /// The person's name, such as First.Last
    #[arg(value_name = "NAME", value_parser = UserName::parse)]
    name: UserName,
    #[command(flatten)]
    audited: Audited,
}

/// Give a person a password for the Arbiter API
#[derive(Args)]
#[command(after_help = CREATE_EXAMPLES)]
pub(crate) struct Create {
    /// The account of the bank or merchant
    #[arg(value_parser = AccountId::parse)]
    account: AccountId,
    /// The person's name, such as First.Last
    #[arg(value_name = "NAME", value_parser = UserName::parse)]
    name: UserName,
    /// Read the password from the first line of standard input
    #[arg(long)]
    stdin: bool,
    /// Replace the password that the person has
    #[arg(long)]
    replace: bool,
    #[command(flatten)]
    audited: Audited,
}

impl User {
    pub(crate) fn run(self, settings: Settings) -> Result<Ending, Failure> {
        let store = settings.store()?;
        match self {
            Self::Create(create) => system::wait(create.run(&store)),
            Self::List(list) => system::wait(list.run(&store)),
            Self::Remove(remove) => system::wait(remove.run(&store)),
        }
    }
}

impl Create {
    async fn run(&self, store: &Store) -> Result<Ending, Failure> {
        let (account, name) = (&self.account, &self.name);
        let audit = self.audited.context()?;
        let password =
            if self.stdin { given(std::io::stdin().lock())? } else { users::drawn_password(system::random()?) };
        let salt = system::random()?;
        let tokens = system::write_tokens()?;
        let set = users::set(store, (account, name), (&password, &salt), self.replace, &audit, tokens).await;
        set.map_err(|error| failed(account, name, error))?;
        if self.stdin {
            let set = UserOutcomeJson { account, name, outcome: "set", password: None };
            self.audited.format.print(&set, || format!("{name} of {account}: the password is set"))?;
        } else {
            let set = UserOutcomeJson { account, name, outcome: "set", password: Some(&password) };
            self.audited.format.print(&set, || format!("RECOURSE_USER={name}\nRECOURSE_PASSWORD={password}"))?;
            note("the password is printed this once and never again");
        }
        Ok(Ending::Done)
    }
}

/// The outcome for a person, for a program. Not `Debug`, because it may have the password.
#[derive(Serialize)]
struct UserOutcomeJson<'a> {
    account: &'a AccountId,
    name: &'a UserName,
    outcome: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    password: Option<&'a str>,
}

#[derive(Serialize)]
struct UserJson<'a> {
    name: &'a UserName,
    /// ISO 8601.
    set_at: String,
}

impl List {
    async fn run(&self, store: &Store) -> Result<Ending, Failure> {
        let record = store.account_record(&self.account).await?.ok_or_else(|| unknown(&self.account))?;
        let people = record.users();
        let output: Vec<_> =
            people.iter().map(|person| UserJson { name: &person.name, set_at: person.set_at.iso8601() }).collect();
        let line = |person: &Person| format!("{:<32}  password set {}", person.name.as_str(), utc(person.set_at));
        self.format.print(&output, || match people.is_empty() {
            true => "nobody".to_owned(),
            false => people.iter().map(line).collect::<Vec<_>>().join("\n"),
        })?;
        Ok(Ending::Done)
    }
}

impl Remove {
    async fn run(&self, store: &Store) -> Result<Ending, Failure> {
        let (account, name) = (&self.account, &self.name);
        let audit = self.audited.context()?;
        let removed = users::remove(store, account, name, &audit, system::write_tokens()?).await;
        removed.map_err(|error| failed(account, name, error))?;
        let text = || {
            format!(
                "{name} of {account}: removed. The password is refused at once; an issued token expires within 15 minutes."
            )
        };
        self.audited.format.print(&UserOutcomeJson { account, name, outcome: "removed", password: None }, text)?;
        Ok(Ending::Done)
    }
}

/// The failure of a command on a person of an account, with what to do next.
fn failed(account: &AccountId, name: &UserName, error: UserError) -> Failure {
    match error {
        UserError::Store(error) => error.into(),
        UserError::NoAccount => unknown(account),
        UserError::NoDomain => Failure::refused(format!(
            "{account} has no domain code, which its people sign in with. `recourse account set {account} --domain CODE` gives it one."
        )),
        UserError::Password(error) => Failure::refused(format!("{error}.")),
        UserError::Taken => {
            Failure::refused(format!("{name} of {account} has a password already; --replace sets another one."))
        }
        UserError::NoUser => Failure::refused(format!(
            "{account} has nobody of the name {name}; `recourse user list {account}` lists its people."
        )),
    }
}

/// The first line of the input, of which only as much is read as a password may be long.
fn given(input: impl Read) -> Result<String, Failure> {
    let mut text = String::new();
    let max = u64::try_from(password::LONGEST).unwrap_or(u64::MAX).saturating_add(2);
    input
        .take(max)
        .read_to_string(&mut text)
        .map_err(|_| Failure::refused("the password on standard input must be UTF-8 text."))?;
    Ok(without_bom(&text).lines().next().unwrap_or_default().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_the_first_line_of_the_input() {
        let read = |bytes: &[u8]| given(bytes).map_err(|failure| failure.text);
        assert_eq!(read(b"correct horse\nbattery").unwrap(), "correct horse");
        assert_eq!(read(b"correct horse\r\n").unwrap(), "correct horse");
        assert_eq!(read(b"").unwrap(), "");
        assert_eq!(
            read("\u{feff}correct horse\n".as_bytes()).unwrap(),
            "correct horse",
            "with the byte order mark that some shells write"
        );
        assert!(read(&[0xff, b'x']).is_err());
        assert!(read(&[b'x'; 1_000]).unwrap().len() <= password::LONGEST + 2);
    }
}
