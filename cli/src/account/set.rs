//! `recourse account set`: changes what an account was made with, or adds what it lacked.

use clap::Args;
use recourse_dispute::addresses::MailAddress;
use recourse_dispute::ids::{AccountId, DomainCode, MerchantId};
use recourse_store::{AccountField, AmendOutcome, Amendment, Store};

use super::{Outcome, taken, unknown};
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
        let fixed =
            |what| Failure::refused(format!("{id} has another {what}, which cannot be changed; nothing changed."));
        match store.amend_account(id, &amendment, &audit, system::write_tokens()?).await? {
            AmendOutcome::Changed => {
                let text = || format!("{id}  set; functions use it within 60 seconds");
                self.audited.format.print(&Outcome::of(id, "changed"), text)?;
            }
            AmendOutcome::Already => {
                let text = || format!("{id}  was so already; nothing changed");
                self.audited.format.print(&Outcome::of(id, "unchanged"), text)?;
            }
            AmendOutcome::Fixed(field) => return Err(fixed(name(field))),
            AmendOutcome::MerchantTaken => return Err(taken("merchant id")),
            AmendOutcome::DomainTaken => return Err(taken("domain code")),
            AmendOutcome::NoAccount => return Err(unknown(id)),
        }
        Ok(Ending::Done)
    }
}

/// The name of a field, for a person.
pub(super) fn name(field: AccountField) -> &'static str {
    match field {
        AccountField::Email => "registered address",
        AccountField::MerchantId => "merchant id",
        AccountField::DomainCode => "domain code",
    }
}
