#![doc = include_str!("../README.md")]

mod account;
mod account_environment;
mod address;
mod audit;
mod base_url;
mod busy;
mod case;
mod chaos;
mod clock;
mod config;
mod console_operator;
mod demo;
mod dispute;
mod doctor;
mod ending;
mod forget;
mod ingest;
mod input;
mod key;
mod log;
mod operator;
mod outbox;
mod output;
mod playbook;
mod report;
mod search;
mod service;
mod settings;
mod shell;
mod sign;
mod signing_key;
mod system;
mod transaction;
mod user;
mod verify;
mod webhook;
mod when;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{ArgAction, CommandFactory, FromArgMatches, Parser, Subcommand};
use recourse_dispute::text::is_invisible;

use crate::ending::{Ending, Failure};
use crate::settings::Settings;

const SETTINGS: &str = "\
Examples:
  recourse report --refid 123456 --email user@example.com
  recourse search 123456
  recourse dispute show 50001
  recourse case list
  recourse help dispute show

Settings come from flags, else from the environment, else from .recourse.env in the current folder,
which `make run` writes.

Exit codes:
  0  done
  1  done, and the answer is no: a report that Failed, an import with invalid lines, a search or
     a log that found nothing, a request that would be refused, a doctor or a check of playbooks
     that found something wrong
  2  refused, not found, or a wrong command or setting
  3  no answer: the service or its tables are out of reach, or cannot answer now
  4  done, and a part of it changed nothing: an import with stale lines
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
    Verify(verify::Verify),
    Log(log::Log),
    #[command(subcommand)]
    Transaction(transaction::Transaction),
    #[command(subcommand)]
    Ingest(ingest::Ingest),
    #[command(subcommand)]
    Dispute(dispute::Dispute),
    Search(search::Search),
    #[command(subcommand)]
    Case(case::Case),
    #[command(subcommand)]
    Playbook(playbook::Playbook),
    #[command(subcommand)]
    Account(account::Account),
    #[command(subcommand)]
    Key(key::KeyCommand),
    #[command(subcommand)]
    User(user::User),
    #[command(subcommand)]
    Config(config::Config),
    #[command(subcommand)]
    Webhook(webhook::Webhook),
    #[command(subcommand)]
    Outbox(outbox::Outbox),
    #[command(subcommand)]
    Address(address::Address),
    Forget(forget::Forget),
    #[command(subcommand)]
    Operator(console_operator::ConsoleOperator),
    #[command(subcommand)]
    Audit(audit::Audit),
    #[command(subcommand)]
    Chaos(chaos::Chaos),
    #[command(subcommand)]
    Clock(clock::Clock),
    Doctor(doctor::Doctor),
    #[command(subcommand)]
    Demo(demo::Demo),
    Completions(shell::Completions),
    Man(shell::Man),
}

/// The command line as it is parsed, completed and described in man pages.
///
/// The value of an option may begin with a hyphen, as references and reasons do. `--help` has one
/// line for each option, as `-h` has.
pub(crate) fn command() -> clap::Command {
    refined(Arguments::command())
}

fn refined(command: clap::Command) -> clap::Command {
    let lenient = |argument: clap::Arg| {
        let allowed = is_free_text(&argument) && !argument.is_positional();
        argument.allow_hyphen_values(allowed)
    };
    let help = clap::Arg::new("help").short('h').long("help").help("Print help").action(ArgAction::HelpShort);
    command.mut_args(lenient).mut_subcommands(refined).disable_help_flag(true).arg(help)
}

fn is_free_text(argument: &clap::Arg) -> bool {
    argument.get_action().takes_values() && argument.get_possible_values().is_empty()
}

/// Parses arguments. A value that no option names, such as an account's id, may begin with one
/// hyphen. It is read as a value only where no option fits, and never with two hyphens: a misspelt
/// option is an error that names the right one. After `--` any value may follow.
fn parse(arguments: &[OsString]) -> Result<Arguments, clap::Error> {
    let mut parsed = command().try_get_matches_from(arguments);
    if parsed.as_ref().is_err_and(is_hyphen_value) {
        parsed = with_hyphen_values(command()).try_get_matches_from(arguments);
    }
    parsed.and_then(|found| Arguments::from_arg_matches(&found))
}

fn is_hyphen_value(error: &clap::Error) -> bool {
    let argument = error.get(ContextKind::InvalidArg);
    let is_option = !matches!(argument, Some(ContextValue::String(text)) if !text.starts_with("--"));
    error.kind() == ErrorKind::UnknownArgument && !is_option
}

fn with_hyphen_values(command: clap::Command) -> clap::Command {
    let lenient = |argument: clap::Arg| {
        let allowed = is_free_text(&argument);
        argument.allow_hyphen_values(allowed)
    };
    command.mut_args(lenient).mut_subcommands(with_hyphen_values)
}

/// Runs the command that the process's arguments name. `recourse --help` documents the exit code.
#[must_use]
pub fn main() -> ExitCode {
    let arguments = match parse(&std::env::args_os().collect::<Vec<_>>()) {
        Ok(arguments) => arguments,
        Err(error) => return misused(&error),
    };
    let ended = run(arguments.command).unwrap_or_else(|failure| {
        output::note(&failure.text);
        failure.ending
    });
    ExitCode::from(ended.code())
}

/// Prints the help that was asked for, or what is wrong with the arguments. The latter may quote
/// text that somebody else wrote, so invisible characters in it are escaped.
fn misused(error: &clap::Error) -> ExitCode {
    let text = error.render().to_string();
    if error.use_stderr() && text.chars().any(|character| character != '\n' && is_invisible(character)) {
        output::note(text.trim_end());
    } else {
        // It is no failure when the reader is gone.
        let _ = error.print();
    }
    ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2))
}

fn run(command: Command) -> Result<Ending, Failure> {
    // Some commands need no settings, and run with wrong ones.
    let settings = Settings::load;
    match command {
        Command::Report(report) => report.run(&settings()?),
        Command::Sign(sign) => sign.run(&settings()?),
        Command::Verify(verify) => verify.run(settings),
        Command::Log(log) => log.run(settings),
        Command::Transaction(transaction::Transaction::Import(import)) => import.run(&settings()?),
        Command::Ingest(ingest) => ingest.run(settings()?),
        Command::Dispute(dispute) => dispute.run(settings()?),
        Command::Search(search) => search.run(settings()?),
        Command::Case(case) => case.run(settings()?),
        Command::Playbook(playbook) => playbook.run(),
        Command::Account(account) => account.run(settings()?),
        Command::Key(key) => key.run(settings()?),
        Command::User(user) => user.run(settings()?),
        Command::Config(config) => config.run(settings()?),
        Command::Webhook(webhook) => webhook.run(settings()?),
        Command::Outbox(outbox) => outbox.run(settings()?),
        Command::Address(address) => address.run(settings()?),
        Command::Operator(operator) => operator.run(settings()?),
        Command::Audit(audit) => audit.run(settings()?),
        Command::Forget(forget) => forget.run(settings()?),
        Command::Chaos(chaos) => chaos.run(settings()?),
        Command::Clock(clock) => clock.run(settings()?),
        Command::Doctor(doctor) => doctor.run(settings()?),
        Command::Demo(demo) => demo.run(&settings()?),
        Command::Completions(completions) => completions.run(),
        Command::Man(man) => man.run(),
    }
}

#[cfg(test)]
mod tests;
