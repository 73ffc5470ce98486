//! `recourse account suspend` and `resume`.

use clap::Args;
use recourse_dispute::ids::AccountId;
use recourse_operations::accounts::{self, Done};
use recourse_store::{AccountStatus, Store};

use super::{Outcome, REFUSED_WITHIN, failed};
use crate::ending::{Ending, Failure};
use crate::operator::Audited;
use crate::system;

/// The examples of `suspend`.
pub(super) const SUSPEND: &str = "\
Examples:
  recourse account suspend acct_new --why 'its secret leaked'

Functions cache a key for up to 60 seconds; after that it is refused everywhere.
`recourse account resume` lets the account call again.";
/// The examples of `resume`.
pub(super) const RESUME: &str = "\
Examples:
  recourse account resume acct_new --why 'the secret was replaced'";

/// Which account, and why.
#[derive(Args)]
pub(crate) struct Change {
    /// The account's id
    #[arg(value_name = "ACCOUNT", value_parser = AccountId::parse)]
    id: AccountId,
    #[command(flatten)]
    audited: Audited,
}

impl Change {
    /// It is no failure when the status is so already: in a hurry a command may be run twice.
    pub(super) async fn run(&self, store: &Store, status: AccountStatus) -> Result<Ending, Failure> {
        let id = &self.id;
        let audit = self.audited.context()?;
        let set = accounts::set_status(store, id, status, &audit, system::write_tokens()?).await;
        let (outcome, text) = match (set.map_err(|error| failed(id, error))?, status) {
            (Done::Changed, AccountStatus::Suspended) => ("suspended", format!("{id}  suspended. {REFUSED_WITHIN}")),
            (Done::Changed, AccountStatus::Active) => ("active", format!("{id}  active again, at once")),
            (Done::Already, AccountStatus::Suspended) => {
                ("unchanged", format!("{id}  was suspended already; nothing changed"))
            }
            (Done::Already, AccountStatus::Active) => {
                ("unchanged", format!("{id}  was active already; nothing changed"))
            }
        };
        self.audited.format.print(&Outcome::of(id, outcome), || text)?;
        Ok(Ending::Done)
    }
}
