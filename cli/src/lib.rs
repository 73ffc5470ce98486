#![doc = include_str!("../README.md")]

mod account;
mod account_environment;
mod address;
mod api_key;
mod busy;
mod clock;
mod config;
mod demo;
mod dispute;
mod doctor;
mod ending;
mod environment;
mod key;
mod operator;
mod outbox;
mod output;
mod report;
mod search;
mod service;
mod shell;
mod sign;
mod system;
mod transaction;
mod user;
mod when;

use std::process::ExitCode;

use clap::{ArgAction, CommandFactory, FromArgMatches, Parser, Subcommand};
use recourse_dispute::text::is_invisible;

use crate::ending::{Ending, Failure};
use crate::environment::Settings;

const SETTINGS: &str = "\
Examples:
  recourse report --refid 123456 --email user@example.com
  recourse search 123456
  recourse dispute show 50001
  recourse help dispute show

Settings come from flags, then from the environment, then from .recourse.env in the current
folder, which `make run` writes.

Exit codes:
  0  done
  1  done, and the answer is no: a report that Failed, an import with invalid lines, a search
     that found nothing, a doctor that found something wrong
  2  refused, not found, or a wrong command or setting
  3  no answer: the service or its tables are out of reach, or cannot answer now
  4  done, and some of it changed nothing: an import with stale lines
  130  interrupted";

/// The command line of Recourse, for its operators, its clients and the payment platform
#[derive(Parser)]
#[command(name = "recourse", version, after_help = SETTINGS)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Report(report::Report),
    Sign(sign::Sign),
    #[command(subcommand)]
    Transaction(transaction::Transaction),
    #[command(subcommand)]
    Dispute(dispute::Dispute),
    Search(search::Search),
    #[command(subcommand)]
    Account(account::Account),
    #[command(subcommand)]
    Key(api_key::KeyCommand),
    #[command(subcommand)]
    User(user::User),
    #[command(subcommand)]
    Config(config::Config),
    #[command(subcommand)]
    Outbox(outbox::Outbox),
    #[command(subcommand)]
    Address(address::Address),
    #[command(subcommand)]
    Clock(clock::Clock),
    Doctor(doctor::Doctor),
    #[command(subcommand)]
    Demo(demo::Demo),
    Completions(shell::Completions),
    Man(shell::Man),
}

/// The command line as it is parsed, completed and described in pages.
///
/// A value may begin with a hyphen: references and reasons do. Where a value has no name before it
/// only a negative number may, so that a misspelt option is still told; `--` lets any value follow.
/// `--help` has one line for each option, as `-h` has.
pub(crate) fn command() -> clap::Command {
    refined(Arguments::command())
}

fn refined(command: clap::Command) -> clap::Command {
    let lenient = |argument: clap::Arg| {
        if !argument.get_action().takes_values() || !argument.get_possible_values().is_empty() {
            argument
        } else if argument.is_positional() {
            argument.allow_negative_numbers(true)
        } else {
            argument.allow_hyphen_values(true)
        }
    };
    let help = clap::Arg::new("help").short('h').long("help").help("Print help").action(ArgAction::HelpShort);
    command.mut_args(lenient).mut_subcommands(refined).disable_help_flag(true).arg(help)
}

/// Runs the command that the process's arguments name; the exit code is documented in `recourse --help`.
#[must_use]
pub fn main() -> ExitCode {
    let parsed = command().try_get_matches().and_then(|found| Arguments::from_arg_matches(&found));
    let arguments = match parsed {
        Ok(arguments) => arguments,
        Err(error) => return misused(&error),
    };
    let ended = run(arguments.command).unwrap_or_else(|failure| {
        output::note(&failure.text);
        failure.ending
    });
    ExitCode::from(ended.code())
}

/// Says what is wrong with the arguments, which may quote what somebody else wrote; or prints the
/// help that was asked for.
fn misused(error: &clap::Error) -> ExitCode {
    let text = error.render().to_string();
    if error.use_stderr() && text.chars().any(|character| character != '\n' && is_invisible(character)) {
        output::note(text.trim_end());
    } else {
        // A reader that went away has read enough.
        let _ = error.print();
    }
    ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2))
}

fn run(command: Command) -> Result<Ending, Failure> {
    // Not everything needs settings, which may be wrong.
    let settings = Settings::load;
    match command {
        Command::Report(report) => report.run(&settings()?),
        Command::Sign(sign) => sign.run(&settings()?),
        Command::Transaction(transaction::Transaction::Import(import)) => import.run(&settings()?),
        Command::Dispute(dispute) => dispute.run(settings()?),
        Command::Search(search) => search.run(settings()?),
        Command::Account(account) => account.run(settings()?),
        Command::Key(key) => key.run(settings()?),
        Command::User(user) => user.run(settings()?),
        Command::Config(config) => config.run(settings()?),
        Command::Outbox(outbox) => outbox.run(settings()?),
        Command::Address(address) => address.run(settings()?),
        Command::Clock(clock) => clock.run(&settings()?),
        Command::Doctor(doctor) => doctor.run(settings()?),
        Command::Demo(demo) => demo.run(&settings()?),
        Command::Completions(completions) => completions.run(),
        Command::Man(man) => man.run(),
    }
}

#[cfg(test)]
mod tests;
