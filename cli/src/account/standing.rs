//! `recourse account suspend` and `resume`.

use clap::Args;
use recourse_dispute::ids::AccountId;
use recourse_store::{Standing, Stood, Store};

use super::{DIES, unknown};
use crate::ending::{Ending, Failure};
use crate::operator::{Operator, why};
use crate::output::say;
use crate::world;

/// Which account, and why.
#[derive(Args)]
pub(crate) struct Change {
    /// The account's id
    #[arg(value_name = "ACCOUNT", value_parser = AccountId::parse)]
    id: AccountId,
    /// Why, for the record: 1 to 500 characters on one line
    #[arg(long, value_name = "TEXT", value_parser = why)]
    why: Option<String>,
    #[command(flatten)]
    operator: Operator,
}

impl Change {
    /// Changes it. That it stands so already is no failure: whoever hurries may say it twice.
    ///
    /// # Errors
    /// [`Failure`] when there is no such account.
    pub(super) async fn run(&self, store: &Store, standing: Standing) -> Result<Ending, Failure> {
        let id = &self.id;
        let order = self.operator.order(self.why.as_ref())?;
        let text = match (store.set_standing(id, standing, &order, world::attempts()?).await?, standing) {
            (Stood::Changed, Standing::Suspended) => format!("{id}  suspended. {DIES}"),
            (Stood::Changed, Standing::Active) => format!("{id}  active again, at once"),
            (Stood::Already, Standing::Suspended) => format!("{id}  was suspended already; nothing changed"),
            (Stood::Already, Standing::Active) => format!("{id}  was active already; nothing changed"),
            (Stood::NoAccount, _) => return Err(unknown(id)),
        };
        say(&text)?;
        Ok(Ending::Done)
    }
}
