//! `recourse account suspend` and `resume`.

use clap::Args;
use recourse_dispute::ids::AccountId;
use recourse_store::{AccountStatus, SetStatusOutcome, Store};

use super::{DIES, Outcome, unknown};
use crate::ending::{Ending, Failure};
use crate::operator::{Operator, why};
use crate::output::Format;
use crate::system;

/// How an account is suspended.
pub(super) const SUSPEND: &str = "\
Examples:
  recourse account suspend acct_new --why 'its secret leaked'

Functions keep what they read of a key for up to 60 seconds. `recourse account resume` lets the
account call again.";
/// How it is resumed.
pub(super) const RESUME: &str = "\
Examples:
  recourse account resume acct_new --why 'the secret was replaced'";

/// Which account, and why.
#[derive(Args)]
pub(crate) struct Change {
    /// The account's id
    #[arg(value_name = "ACCOUNT", value_parser = AccountId::parse)]
    id: AccountId,
    /// The reason, for the record: 1 to 500 characters on one line
    #[arg(long, value_name = "TEXT", value_parser = why)]
    why: Option<String>,
    #[command(flatten)]
    operator: Operator,
    #[command(flatten)]
    format: Format,
}

impl Change {
    /// Changes it. That it stands so already is no failure: whoever hurries may say it twice.
    ///
    /// # Errors
    /// [`Failure`] when there is no such account.
    pub(super) async fn run(&self, store: &Store, status: AccountStatus) -> Result<Ending, Failure> {
        let id = &self.id;
        let order = self.operator.audit_context(self.why.as_ref())?;
        let existing = store.set_status(id, status, &order, system::write_tokens()?).await?;
        let (outcome, text) = match (existing, status) {
            (SetStatusOutcome::Changed, AccountStatus::Suspended) => ("suspended", format!("{id}  suspended. {DIES}")),
            (SetStatusOutcome::Changed, AccountStatus::Active) => ("active", format!("{id}  active again, at once")),
            (SetStatusOutcome::Already, AccountStatus::Suspended) => {
                ("unchanged", format!("{id}  was suspended already; nothing changed"))
            }
            (SetStatusOutcome::Already, AccountStatus::Active) => {
                ("unchanged", format!("{id}  was active already; nothing changed"))
            }
            (SetStatusOutcome::NoAccount, _) => return Err(unknown(id)),
        };
        self.format.print(&Outcome::of(id, outcome), || text)?;
        Ok(Ending::Done)
    }
}
