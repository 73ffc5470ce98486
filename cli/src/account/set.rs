//! `recourse account set`: changes what an account was made with, or adds what it lacked.

use clap::Args;
use recourse_dispute::addresses::MailAddress;
use recourse_dispute::ids::{AccountId, DomainCode, MerchantId};
use recourse_operations::accounts::{self, Done};
use recourse_store::{Amendment, Store};

use super::{Outcome, failed};
use crate::ending::{Ending, Failure};
use crate::operator::Audited;
use crate::system;

const EXAMPLES: &str = "\
Examples:
  recourse account set acct_new --email works@new-wallet.example --why 'the old one bounces'
  recourse account set acct_new --merchant-id 1004 --domain NEW

A merchant id and a domain code can be given once, to an account that has none. Waiting mails and
open cases retain their address.";

/// Set an account's mail address, merchant id or domain code
#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Set {
    /// The account's id
    #[arg(value_name = "ACCOUNT", value_parser = AccountId::parse)]
    id: AccountId,
    #[command(flatten)]
    what: AccountSettings,
    #[command(flatten)]
    audited: Audited,
}

/// What is set: all of it, or nothing when a part is refused.
#[derive(Args)]
#[group(required = true, multiple = true)]
struct AccountSettings {
    /// The registered mail address
    #[arg(long, value_name = "ADDRESS", value_parser = MailAddress::parse_typed)]
    email: Option<MailAddress>,
    /// The account's name at the Tutelar and Connect APIs, which cannot be changed
    #[arg(long, value_name = "ID", value_parser = MerchantId::parse)]
    merchant_id: Option<MerchantId>,
    /// The account's name at the Arbiter API, which cannot be changed
    #[arg(long, value_name = "CODE", value_parser = DomainCode::parse)]
    domain: Option<DomainCode>,
}

impl Set {
    /// It is no failure when the account is so already.
    pub(super) async fn run(&self, store: &Store) -> Result<Ending, Failure> {
        let id = &self.id;
        let AccountSettings { email, merchant_id, domain } = &self.what;
        let (email, merchant_id, domain_code) = (email.clone(), merchant_id.clone(), domain.clone());
        let amendment = Amendment { email, merchant_id, domain_code };
        let audit = self.audited.context()?;
        let set = accounts::set(store, id, &amendment, &audit, system::write_tokens()?).await;
        let (outcome, text) = match set.map_err(|error| failed(id, error))? {
            Done::Changed => ("changed", format!("{id}  set; functions use it within 60 seconds")),
            Done::Already => ("unchanged", format!("{id}  was so already; nothing changed")),
        };
        self.audited.format.print(&Outcome::of(id, outcome), || text)?;
        Ok(Ending::Done)
    }
}
