//! `recourse account set`: what was not known when an account was made, or is not so any more.

use clap::Args;
use recourse_dispute::addresses::MailAddress;
use recourse_dispute::ids::{AccountId, DomainCode, MerchantId};
use recourse_store::{AccountField, AmendOutcome, Amendment, Store};

use super::{Outcome, taken, unknown};
use crate::ending::{Ending, Failure};
use crate::operator::{Operator, why};
use crate::output::Format;
use crate::system;

const EXAMPLES: &str = "\
Examples:
  recourse account set acct_new --email works@new-wallet.example --why 'the old one bounces'
  recourse account set acct_new --merchant-id 1004 --domain NEW

A merchant id and a domain code are given once, to an account that has none. Mails that wait
and cases that are open keep the address that they have.";

/// Set an account's mail address, merchant id or domain code
#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Set {
    /// The account's id
    #[arg(value_name = "ACCOUNT", value_parser = AccountId::parse)]
    id: AccountId,
    #[command(flatten)]
    what: AccountSettings,
    /// The reason, for the record: 1 to 500 characters on one line
    #[arg(long, value_name = "TEXT", value_parser = why)]
    why: Option<String>,
    #[command(flatten)]
    operator: Operator,
    #[command(flatten)]
    format: Format,
}

/// What is set, all of it or none.
#[derive(Args)]
#[group(required = true, multiple = true)]
struct AccountSettings {
    /// The registered mail address
    #[arg(long, value_name = "ADDRESS", value_parser = MailAddress::parse_typed)]
    email: Option<MailAddress>,
    /// The account's name at the Tutelar and Connect APIs, for good
    #[arg(long, value_name = "ID", value_parser = MerchantId::parse)]
    merchant_id: Option<MerchantId>,
    /// The account's name at the Arbiter API, for good
    #[arg(long, value_name = "CODE", value_parser = DomainCode::parse)]
    domain: Option<DomainCode>,
}

impl Set {
    /// Sets it. That it is so already is no failure.
    ///
    /// # Errors
    /// [`Failure`] when a name cannot be had, or there is no such account; then nothing is set.
    pub(super) async fn run(&self, store: &Store) -> Result<Ending, Failure> {
        let id = &self.id;
        let AccountSettings { email, merchant_id, domain } = &self.what;
        let (email, merchant_id, domain_code) = (email.clone(), merchant_id.clone(), domain.clone());
        let amendment = Amendment { email, merchant_id, domain_code };
        let order = self.operator.audit_context(self.why.as_ref())?;
        let fixed = |what| Failure::refused(format!("{id} has another {what}, for good; nothing changed."));
        match store.amend_account(id, &amendment, &order, system::write_tokens()?).await? {
            AmendOutcome::Changed => {
                let text = || format!("{id}  set; functions know it within 60 seconds");
                self.format.print(&Outcome::of(id, "changed"), text)?;
            }
            AmendOutcome::Already => {
                let text = || format!("{id}  was so already; nothing changed");
                self.format.print(&Outcome::of(id, "unchanged"), text)?;
            }
            AmendOutcome::Fixed(field) => return Err(fixed(name(field))),
            AmendOutcome::MerchantTaken => return Err(taken("merchant id")),
            AmendOutcome::DomainTaken => return Err(taken("domain code")),
            AmendOutcome::NoAccount => return Err(unknown(id)),
        }
        Ok(Ending::Done)
    }
}

/// A field, for people.
pub(super) fn name(field: AccountField) -> &'static str {
    match field {
        AccountField::Email => "registered address",
        AccountField::MerchantId => "merchant id",
        AccountField::DomainCode => "domain code",
    }
}
