//! `recourse account create`.

use clap::Args;
use recourse_dispute::addresses::MailAddress;
use recourse_dispute::ids::{AccountId, DomainCode, MerchantId};
use recourse_operations::accounts;
use recourse_store::{Account, Store};

use super::{Outcome, failed};
use crate::account_environment::AccountEnvironment;
use crate::ending::{Ending, Failure};
use crate::operator::{Audited, name};
use crate::system;

const EXAMPLES: &str = "\
Examples:
  recourse account create acct_new --name 'New Wallet' --email disputes@new-wallet.example --environment production
  recourse account create acct_bank --name Bank --email d@bank.example --environment staging --domain NBK

An account can call once it has a key. Its merchant id and domain code are unique and cannot be
changed.";

/// Make an account
#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Create {
    /// The account's id, which transactions name: 1 to 64 of A-Z a-z 0-9 . _ ~ -
    #[arg(value_name = "ACCOUNT", value_parser = AccountId::parse)]
    id: AccountId,
    /// The account's name, for people: 1 to 64 characters on one line
    #[arg(long, value_name = "TEXT", value_parser = name)]
    name: String,
    /// The registered mail address: in Cc of every mail of its cases
    #[arg(long, value_name = "ADDRESS", value_parser = MailAddress::parse_typed)]
    email: MailAddress,
    /// The environment, which cannot be changed later
    #[arg(long, value_name = "ENVIRONMENT")]
    environment: AccountEnvironment,
    /// The domain code: the account's name at the Arbiter API
    #[arg(long, value_name = "CODE", value_parser = DomainCode::parse)]
    domain: Option<DomainCode>,
    /// The merchant id: the account's name at the Tutelar and Connect APIs
    #[arg(long, value_name = "ID", value_parser = MerchantId::parse)]
    merchant_id: Option<MerchantId>,
    #[command(flatten)]
    audited: Audited,
}

impl Create {
    pub(super) async fn run(&self, store: &Store) -> Result<Ending, Failure> {
        let account = Account {
            id: self.id.clone(),
            name: self.name.clone(),
            environment: self.environment.into(),
            email: self.email.clone(),
            merchant_id: self.merchant_id.clone(),
            domain_code: self.domain.clone(),
        };
        let id = &self.id;
        let audit = self.audited.context()?;
        let token = system::write_token()?;
        accounts::create(store, &account, &audit, &token).await.map_err(|error| failed(id, error))?;
        self.audited.format.print(&Outcome::of(id, "created"), || {
            format!("{id}  created; `recourse key create {id} --role client` makes its first key")
        })?;
        Ok(Ending::Done)
    }
}
