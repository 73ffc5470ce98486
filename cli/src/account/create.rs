//! `recourse account create`.

use clap::Args;
use recourse_dispute::addresses::MailAddress;
use recourse_dispute::ids::{AccountId, DomainCode, MerchantId};
use recourse_store::{Account, Registered, Store};

use super::taken;
use crate::account_environment::AccountEnvironment;
use crate::ending::{Ending, Failure};
use crate::operator::{Operator, name};
use crate::output::say;
use crate::world;

/// Make an account; it can call once it has a key.
#[derive(Args)]
pub(crate) struct Create {
    /// Its id, which transactions name: 1 to 64 characters of A-Z a-z 0-9 . _ ~ -
    #[arg(value_name = "ACCOUNT", value_parser = AccountId::parse)]
    id: AccountId,
    /// Its name, for people: 1 to 64 characters on one line
    #[arg(long, value_name = "TEXT", value_parser = name)]
    name: String,
    /// Its registered address: in Cc of every mail of its cases
    #[arg(long, value_name = "ADDRESS", value_parser = MailAddress::parse_typed)]
    email: MailAddress,
    /// Whether its disputes are worked on; it cannot be changed later
    #[arg(long, value_name = "ENVIRONMENT")]
    environment: AccountEnvironment,
    /// Its name at the Arbiter door, where it is a bank or merchant; no two accounts have the same
    #[arg(long, value_name = "CODE", value_parser = DomainCode::parse)]
    domain: Option<DomainCode>,
    /// Its name at the Tutelar and Connect doors, which no other account has: 1 to 64 characters of A-Z a-z 0-9 . _ ~ -
    #[arg(long, value_name = "ID", value_parser = MerchantId::parse)]
    merchant_id: Option<MerchantId>,
    #[command(flatten)]
    operator: Operator,
}

impl Create {
    /// Makes it.
    ///
    /// # Errors
    /// [`Failure`] when the id is taken.
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
        let order = self.operator.order(None)?;
        match store.create_account(&account, &order, &world::attempt()?).await? {
            Registered::Created => {
                say(&format!("{id}  created; `recourse key create {id} --role client` makes its first key"))?;
                Ok(Ending::Done)
            }
            Registered::DomainTaken => Err(taken("domain code")),
            Registered::MerchantTaken => Err(taken("merchant id")),
            Registered::Taken => Err(Failure::refused(format!(
                "there is an account {id} already, and it stays as it is; `recourse account show {id}` shows it."
            ))),
        }
    }
}
