//! `recourse operator identity-secret` and `reset-identity`: the sign-in at the company's own
//! identity provider.

use std::io::IsTerminal;
use std::path::Path;

use clap::Args;
use recourse_dispute::addresses::MailAddress;
use recourse_store::{ResetIdentityOutcome, Sealer, Store};
use serde::Serialize;

use super::{changed, unknown};
use crate::ending::{Ending, Failure};
use crate::input;
use crate::operator::Audited;
use crate::system;

/// The longest secret, in bytes.
const MAX_SECRET: usize = 1_000;

const SECRET_EXAMPLES: &str = "\
Examples:
  recourse operator identity-secret --why 'a new client' < secret.txt
  printf %s \"$SECRET\" | recourse operator identity-secret

The secret is read from standard input, sealed and stored, and never printed. In bash,
`read -rs SECRET` takes it without showing it. It is the one that the provider shows for
OidcClientId. It holds at once, and the one before is gone. docs/console.md says how a provider is
set up.";
const RESET_EXAMPLES: &str = "\
Examples:
  recourse operator reset-identity aisyah@demo.recourse.example --why 'a new identity provider'

From the first sign-in at the identity provider on, an operator is that person there. After a reset
the next person who signs in there with the operator's address is the operator. Sessions stay.";

/// Set the secret by which the identity provider knows this deployment
#[derive(Args)]
#[command(after_help = SECRET_EXAMPLES)]
pub(crate) struct IdentitySecret {
    #[command(flatten)]
    audited: Audited,
}

/// Forget who an operator is at the identity provider
#[derive(Args)]
#[command(after_help = RESET_EXAMPLES)]
pub(crate) struct ResetIdentity {
    /// The operator's address
    #[arg(value_parser = MailAddress::parse_typed)]
    address: MailAddress,
    #[command(flatten)]
    audited: Audited,
}

/// That a secret is set, for a program.
#[derive(Serialize)]
struct Set {
    outcome: &'static str,
}

impl IdentitySecret {
    /// The secret that standard input has. It is read before the tables are.
    pub(super) fn read() -> Result<String, Failure> {
        if std::io::stdin().is_terminal() {
            return Err(Failure::refused(
                "the secret is read from standard input, and a terminal would show it. Pipe it in.",
            ));
        }
        secret(&input::read_text(Path::new("-"), MAX_SECRET)?)
    }

    pub(super) async fn run(&self, secret: &str, store: &Store, sealer: &Sealer) -> Result<Ending, Failure> {
        let audit = self.audited.context()?;
        store.set_identity_secret(sealer, secret, system::random()?, &audit, system::write_tokens()?).await?;
        let text = || "the secret for the identity provider is set; the next sign-in uses it".to_owned();
        self.audited.format.print(&Set { outcome: "set" }, text)?;
        Ok(Ending::Done)
    }
}

/// A secret without the line break at its end.
fn secret(text: &str) -> Result<String, Failure> {
    let text = text.strip_suffix('\n').unwrap_or(text);
    let text = text.strip_suffix('\r').unwrap_or(text);
    let is_good = (1..=MAX_SECRET).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic());
    if is_good {
        return Ok(text.to_owned());
    }
    Err(Failure::refused(format!(
        "the secret on standard input must be 1 to {MAX_SECRET} visible ASCII characters on one line."
    )))
}

impl ResetIdentity {
    pub(super) async fn run(&self, store: &Store) -> Result<Ending, Failure> {
        let Self { address, audited } = self;
        match store.reset_identity(address, &audited.context()?, system::write_tokens()?).await? {
            ResetIdentityOutcome::Reset => {
                changed(audited, address, "reset", "the next sign-in at the identity provider says who it is")
            }
            ResetIdentityOutcome::Already => {
                changed(audited, address, "unchanged", "never signed in at the identity provider; nothing changed")
            }
            ResetIdentityOutcome::NoOperator => Err(unknown(address)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_one_line_of_visible_characters() {
        for text in ["s3cret~.", "s3cret~.\n", "s3cret~.\r\n"] {
            assert_eq!(secret(text).unwrap(), "s3cret~.");
        }
        for text in ["", "\n", "a b", "a\nb", "a\n\n", "\u{e9}", &"x".repeat(MAX_SECRET + 1)] {
            let failure = secret(text).unwrap_err();
            assert!(failure.text.contains("1 to 1000") && !failure.text.contains("xxx"), "{}", failure.text);
        }
        assert!(secret(&"x".repeat(MAX_SECRET)).is_ok());
    }
}
