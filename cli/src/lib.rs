#![doc = include_str!("../README.md")]

mod account;
mod account_environment;
mod address;
mod api_key;
mod clock;
mod config;
mod dispute;
mod doctor;
mod ending;
mod environment;
mod key;
mod operator;
mod outbox;
mod output;
mod report;
mod service;
mod sign;
mod transaction;
mod user;
mod world;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::ending::{Ending, Failure};
use crate::environment::Environment;

const SETTINGS: &str = "\
Settings come from flags, then from the environment, then from .recourse.env in the current
folder, which `make run` writes.

Exit codes:
  0  done
  1  done, and the answer is no: a report that Failed, an import with invalid lines, a
     doctor that found something wrong
  2  refused, not found, or a wrong command or setting
  3  no answer: the service or its tables are out of reach, or cannot answer now
  4  done, and some of it changed nothing: an import with stale lines
  130  interrupted";

/// The dispute desk's command line, for its operators and its clients.
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
    #[command(subcommand)]
    Account(account::Account),
    #[command(subcommand)]
    Key(api_key::Key),
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
}

/// Runs the command that the process's arguments name; the exit code is documented in `recourse --help`.
#[must_use]
pub fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let ended = run(arguments.command).unwrap_or_else(|failure| {
        output::note(&failure.text);
        failure.ending
    });
    ExitCode::from(ended.code())
}

fn run(command: Command) -> Result<Ending, Failure> {
    let environment = Environment::load()?;
    match command {
        Command::Report(report) => report.run(&environment),
        Command::Sign(sign) => sign.run(&environment),
        Command::Transaction(transaction::Transaction::Import(import)) => import.run(&environment),
        Command::Dispute(dispute) => dispute.run(environment),
        Command::Account(account) => account.run(environment),
        Command::Key(key) => key.run(environment),
        Command::User(user) => user.run(environment),
        Command::Config(config) => config.run(environment),
        Command::Outbox(outbox) => outbox.run(environment),
        Command::Address(address) => address.run(environment),
        Command::Clock(clock) => clock.run(&environment),
        Command::Doctor(doctor) => doctor.run(environment),
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_arguments_fit_together() {
        Arguments::command().debug_assert();
    }

    #[track_caller]
    fn refused(line: &str) -> String {
        match Arguments::try_parse_from(line.split(' ')) {
            Ok(_) => panic!("{line} was taken"),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn what_belongs_together_is_asked_for_together() {
        for line in [
            "recourse report --refid 1",
            "recourse report --trxid 1 --email a@b.example --email c@d.example --url http://localhost:1",
            "recourse sign get /v2/x",
            "recourse transaction import - --from 3",
            "recourse dispute show RC-0000008t",
            "recourse dispute show --refid 1 --account acct_demo --json --addresses",
            "recourse dispute show 50001 --environment staging",
            "recourse dispute close --trxid 50001 --environment production --for customer --why x",
            "recourse account create acct_x --name X --email a@b.example --environment staging --merchant-id 1 --by bob",
            "recourse account show acct_x --json --addresses",
            "recourse account set acct_x --email a@b.example --merchant-id 1 --domain X --why x --by bob",
            "recourse account set acct_x --domain X",
            "recourse account suspend acct_x --why x --by bob",
            "recourse account resume acct_x",
            "recourse key create acct_x --role platform",
            "recourse key list acct_x",
            "recourse key revoke iimm_prod_x --why x",
            "recourse user create acct_fbn First.Last --stdin --replace",
            "recourse user remove acct_fbn First.Last --why x --by bob",
            "recourse user list acct_fbn --json",
            "recourse dispute list --domain FBN --status Chargeback --limit 5",
            "recourse dispute export --account acct_demo --from 2026-01-01T00:00:00Z --category chargeback",
            "recourse dispute recount --all",
            "recourse config set acct_x configuration.json --why x --by bob",
            "recourse config show acct_x",
            "recourse outbox list",
            "recourse outbox list --state dead --json",
            "recourse outbox redrive 551-1 --why x --by bob",
            "recourse outbox redrive --state held --reason cap",
            "recourse address show user@example.com --json",
            "recourse address clear user@example.com --why x --by bob",
            "recourse clock show",
            "recourse clock advance 19d --url http://127.0.0.1:3000",
            "recourse doctor --json --key-age-days 30 --mail-from cases@recourse.example",
            "recourse doctor --send --deep --merchant-id 1001 --refid 1 --payment 2 --url http://127.0.0.1:3000",
        ] {
            assert!(Arguments::try_parse_from(line.split(' ')).is_ok(), "{line}");
        }
        assert!(refused("recourse report").contains("--refid"));
        refused("recourse report --refid 1 --trxid 2");
        refused("recourse transaction import f --from 0");
        refused("recourse transaction import f --from 2 --restart");
        refused("recourse dispute show");
        refused("recourse dispute show 1 --trxid 1");
        assert!(refused("recourse dispute show --refid 1").contains("--account"));
        assert!(refused("recourse dispute show 1 --environment test").contains("production, staging"));
        refused("recourse dispute show 1 --account acct_x --environment staging");
        assert!(refused("recourse dispute close 1 --for customer").contains("--why"));
        assert!(refused("recourse dispute close 1 --for bank --why x").contains("merchant"));
        assert!(refused("recourse account create acct_x --name X --email a@b.example").contains("--environment"));
        assert!(
            refused("recourse account create a#b --name X --email a@b.example --environment staging")
                .contains("1 to 64")
        );
        refused("recourse account create acct_x --name X --email nobody --environment staging");
        assert!(refused("recourse key create acct_x").contains("--role"));
        assert!(refused("recourse key create acct_x --role admin").contains("platform"));
        refused("recourse key create acct_x --role client --secret x");
        refused("recourse key revoke a#b");
        refused("recourse user create acct_fbn a#b");
        for line in ["recourse dispute list", "recourse dispute export"] {
            assert!(refused(line).contains("<--domain <CODE>|--account <ACCOUNT>>"), "{}", refused(line));
        }
        assert!(refused("recourse dispute list --domain FBN --status Nope").contains("Pre Arbitration"));
        refused("recourse dispute list --domain FBN --limit 0");
        refused("recourse dispute export --domain FBN --account acct_demo");
        refused("recourse dispute export --domain FBN --from yesterday");
        assert!(refused("recourse dispute recount").contains("--all"));
        refused("recourse dispute recount --domain FBN --all");
        assert!(refused("recourse config set acct_x").contains("<FILE>"));
        assert!(refused("recourse outbox redrive").contains("<OUTBOX_ID|--state <STATE>>"));
        refused("recourse account set acct_x");
        refused("recourse account set acct_x --email nobody");
        refused("recourse user remove acct_fbn");
        refused("recourse outbox redrive 551-1 --state dead");
        assert!(refused("recourse doctor --payment 2").contains("--deep"));
        assert!(refused("recourse outbox redrive 551").contains("NUMBER-VERSION"));
        assert!(refused("recourse outbox redrive --state waiting").contains("dead"));
        refused("recourse address clear nobody");
        assert!(refused("recourse clock advance").contains("<BY>"));
        assert!(refused("recourse dispute show --trxid a#b").contains("1 to 64 characters"));
    }
}
