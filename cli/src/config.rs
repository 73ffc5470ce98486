//! `recourse config`: an account's general configuration.

mod provider_secret;

use std::path::PathBuf;

use clap::{Args, Subcommand};
use recourse_dispute::channels::tutelar::configuration::{Configuration, MAX_BYTES};
use recourse_dispute::ids::AccountId;
use recourse_store::{ConfigureOutcome, Store};

use crate::account::{Outcome, unknown};
use crate::ending::{Ending, Failure};
use crate::input;
use crate::operator::Audited;
use crate::output::say_json;
use crate::settings::{Settings, TABLES};
use crate::system;

/// Set an account's general configuration, show it, make its providers' secret
#[derive(Subcommand)]
#[command(after_help = TABLES)]
pub(crate) enum Config {
    Set(Set),
    Show(Show),
    ProviderSecret(provider_secret::ProviderSecret),
}

const SET_EXAMPLES: &str = "\
Examples:
  recourse config set acct_new cli/examples/configuration.json --why 'the acquirer changed'
  recourse config set acct_new - < configuration.json

The file replaces the whole configuration. It is checked first, and an error names the rule that it
breaks.";
const SHOW_EXAMPLES: &str = "\
Examples:
  recourse config show acct_demo > configuration.json";

/// Set an account's general configuration from a JSON file
#[derive(Args)]
#[command(after_help = SET_EXAMPLES)]
pub(crate) struct Set {
    /// The account's id
    #[arg(value_name = "ACCOUNT", value_parser = AccountId::parse)]
    id: AccountId,
    /// The JSON file; - is standard input
    #[arg(value_name = "FILE")]
    file: PathBuf,
    #[command(flatten)]
    audited: Audited,
}

/// Show an account's general configuration, as `set` takes it
#[derive(Args)]
#[command(after_help = SHOW_EXAMPLES)]
pub(crate) struct Show {
    /// The account's id
    #[arg(value_name = "ACCOUNT", value_parser = AccountId::parse)]
    id: AccountId,
    /// Print JSON, which is printed without this, too
    #[arg(long = "json")]
    _json: bool,
}

impl Config {
    pub(crate) fn run(self, settings: Settings) -> Result<Ending, Failure> {
        // The file is checked before the tables are read.
        let command = match self {
            Self::Set(set) => Command::Set(Box::new(set.read()?), set),
            Self::Show(show) => Command::Show(show),
            Self::ProviderSecret(secret) => {
                let (store, sealer) = settings.store_and_sealer()?;
                return system::wait(secret.run(&store, &sealer));
            }
        };
        let store = settings.store()?;
        system::wait(async {
            match command {
                Command::Set(configuration, set) => set.run(&store, &configuration).await,
                Command::Show(show) => show.run(&store).await,
            }
        })
    }
}

enum Command {
    Set(Box<Configuration>, Set),
    Show(Show),
}

impl Set {
    fn read(&self) -> Result<Configuration, Failure> {
        let json = input::read(&self.file, MAX_BYTES)?;
        Configuration::parse(&json).map_err(|error| input::refused(&self.file, &error))
    }

    async fn run(&self, store: &Store, configuration: &Configuration) -> Result<Ending, Failure> {
        let id = &self.id;
        let audit = self.audited.context()?;
        let (outcome, text) = match store.configure(id, configuration, &audit, system::write_tokens()?).await? {
            ConfigureOutcome::Changed => ("changed", format!("{id}  configured")),
            ConfigureOutcome::Already => {
                ("unchanged", format!("{id}  has this configuration already; nothing changed"))
            }
            ConfigureOutcome::NoAccount => return Err(unknown(id)),
        };
        self.audited.format.print(&Outcome::of(id, outcome), || text)?;
        Ok(Ending::Done)
    }
}

impl Show {
    async fn run(&self, store: &Store) -> Result<Ending, Failure> {
        let id = &self.id;
        let Some(configuration) = store.configuration(id).await? else {
            store.account(id).await?.ok_or_else(|| unknown(id))?;
            return Err(Failure::refused(format!(
                "{id} has no configuration. `recourse config set {id} FILE` sets one."
            )));
        };
        say_json(&configuration)?;
        Ok(Ending::Done)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(file: impl Into<PathBuf>) -> Set {
        let id = AccountId::parse("acct_x").unwrap();
        Set { id, file: file.into(), audited: Audited::default() }
    }

    #[test]
    fn the_example_of_the_repository_is_a_configuration() {
        let example = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/configuration.json");
        let read = set(example).read().unwrap();
        assert!(read.has_type("dispute") && read.has_bank("HDFC") && read.has_reason(None, "109"));
        assert!(read.has_reason(Some("BillPayment"), "BP01"));
    }

    #[test]
    fn an_error_names_the_file_and_the_rule_that_it_breaks() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("configuration.json");
        std::fs::write(&file, r#"{"due_days": 4000}"#).unwrap();
        let failure = set(&file).read().unwrap_err();
        assert!(failure.text.ends_with("configuration.json: due_days must be at most 3650."), "{}", failure.text);
        std::fs::write(&file, r#"{"due_days": 99999}"#).unwrap();
        let text = set(&file).read().unwrap_err().text;
        assert!(
            text.contains("configuration.json: due_days must be a whole number of at most 3650 at line 1"),
            "{text}"
        );
        std::fs::write(&file, " ".repeat(MAX_BYTES + 1)).unwrap();
        assert!(set(&file).read().unwrap_err().text.contains("at most 131072 bytes"));
        std::fs::write(&file, "\u{feff}{\"due_days\": 3}").unwrap();
        assert_eq!(set(&file).read().unwrap().due_days, 3, "a byte order mark is skipped");
        assert!(set(folder.path().join("none")).read().unwrap_err().text.contains("none: "));
    }
}
