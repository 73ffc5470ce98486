//! `recourse account list`: every account of the deployment, sorted by id.

use clap::Args;
use recourse_dispute::environment::Environment;
use recourse_dispute::ids::{AccountId, DomainCode, MerchantId};
use recourse_store::{Account, AccountStatus, Store};
use serde::Serialize;

use crate::account_environment::AccountEnvironment;
use crate::busy::Busy;
use crate::ending::{Ending, Failure};
use crate::output::{Format, note, visible};

const EXAMPLES: &str = "\
Examples:
  recourse account list
  recourse account list --environment staging --json

An account that this release cannot read is named on stderr, and the exit code is 1.";

/// List all accounts
#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct List {
    /// Only the accounts of this environment
    #[arg(long, value_name = "ENVIRONMENT")]
    environment: Option<AccountEnvironment>,
    #[command(flatten)]
    format: Format,
}

/// An account for a program, without its mail address.
#[derive(Serialize)]
struct AccountJson<'a> {
    id: &'a AccountId,
    name: &'a str,
    environment: Environment,
    status: AccountStatus,
    merchant_id: Option<&'a MerchantId>,
    domain_code: Option<&'a DomainCode>,
}

impl List {
    pub(super) async fn run(&self, store: &Store) -> Result<Ending, Failure> {
        let _busy = Busy::with("reading the accounts");
        let mut found = store.accounts().await?;
        for (id, error) in &found.unread {
            note(&format!("the account {id} cannot be read: {error}"));
        }
        let wanted = self.environment.map(Environment::from);
        found.accounts.retain(|(account, _)| wanted.is_none_or(|wanted| account.environment == wanted));
        let accounts: Vec<_> = found.accounts.iter().map(|(account, status)| to_json(account, *status)).collect();
        if found.accounts.is_empty() && found.unread.is_empty() {
            note("no account matches; `recourse account create` makes one");
        }
        if self.format.is_json() || !accounts.is_empty() {
            self.format.print(&accounts, || accounts.iter().map(line).collect::<Vec<_>>().join("\n"))?;
        }
        Ok(if found.unread.is_empty() { Ending::Done } else { Ending::No })
    }
}

fn to_json(account: &Account, status: AccountStatus) -> AccountJson<'_> {
    AccountJson {
        id: &account.id,
        name: &account.name,
        environment: account.environment,
        status,
        merchant_id: account.merchant_id.as_ref(),
        domain_code: account.domain_code.as_ref(),
    }
}

fn line(account: &AccountJson<'_>) -> String {
    let status = match account.status {
        AccountStatus::Active => "active",
        AccountStatus::Suspended => "suspended",
    };
    let merchant = account.merchant_id.map_or("-", MerchantId::as_str);
    let domain = account.domain_code.map_or("-", DomainCode::as_str);
    format!(
        "{:<24}  {:<10}  {status:<9}  merchant id {merchant:<8}  domain {domain:<8}  {}",
        account.id.as_str(),
        account.environment.name(),
        visible(account.name)
    )
}
