//! The environment of an account, as a flag names it.

use clap::ValueEnum;
use recourse_dispute::environment::Environment;

/// An account's environment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum AccountEnvironment {
    /// Disputes are worked on, and mail goes out
    Production,
    /// The same answers, without workflow and mail
    Staging,
}

impl From<AccountEnvironment> for Environment {
    fn from(named: AccountEnvironment) -> Self {
        match named {
            AccountEnvironment::Production => Self::Production,
            AccountEnvironment::Staging => Self::Staging,
        }
    }
}
