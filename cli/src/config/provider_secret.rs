//! `recourse config provider-secret`: the secret by which an account's providers know that a
//! question is ours.

use clap::Args;
use recourse_dispute::ids::AccountId;
use recourse_signing::webhook;
use recourse_store::{Sealer, SetProviderSecretOutcome, Store};
use serde::Serialize;

use crate::account::unknown;
use crate::ending::{Ending, Failure};
use crate::operator::Audited;
use crate::output::note;
use crate::system;

const EXAMPLES: &str = "\
Examples:
  recourse config provider-secret acct_new --why 'a new provider'

The secret is printed this once and never again, and the one before it is gone. `config set` names
the providers; docs/support.md says what they are asked and how they verify it.";

/// Make the secret that signs questions to the providers, and print it once
#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct ProviderSecret {
    /// The account's id
    #[arg(value_name = "ACCOUNT", value_parser = AccountId::parse)]
    id: AccountId,
    #[command(flatten)]
    audited: Audited,
}

/// A new secret for a program.
#[derive(Serialize)]
struct Made<'a> {
    account: &'a AccountId,
    secret: &'a str,
}

impl ProviderSecret {
    pub(super) async fn run(&self, store: &Store, sealer: &Sealer) -> Result<Ending, Failure> {
        let id = &self.id;
        let (secret, audit) = (webhook::secret_text(&system::random()?), self.audited.context()?);
        let (nonce, tokens) = (system::random()?, system::write_tokens()?);
        let set = store.set_provider_secret(sealer, id, &secret, nonce, &audit, tokens).await;
        let set = set.map_err(|error| {
            let temporary = error.is_temporary();
            let failure = Failure::from(error);
            if temporary { failure.then(&lost(id)) } else { failure }
        })?;
        match set {
            SetProviderSecretOutcome::Changed => {
                let made = Made { account: id, secret: &secret };
                let shown = self.audited.format.print(&made, || secret.clone());
                shown.map_err(|failure| failure.then(&lost(id)))?;
                note("the secret is printed this once and never again; store it where only the providers can read it");
                Ok(Ending::Done)
            }
            SetProviderSecretOutcome::NoAccount => Err(unknown(id)),
        }
    }
}

/// What to do where the secret may be set and nobody has read it.
fn lost(id: &AccountId) -> String {
    format!("The secret of {id} may be a new one that nobody knows. Run the command again, which makes another one.")
}
