//! Who runs a command that changes something, and why: both are recorded with the change.

use clap::Args;
use recourse_dispute::event::PerformedBy;
use recourse_dispute::lifecycle::Actor;
pub(crate) use recourse_operations::typed::{name, why};
use recourse_store::AuditContext;

use crate::ending::Failure;
use crate::output::Format;
use crate::system;

/// What every command takes that changes an account, a key, a person, a mail or an address.
#[derive(Args, Default)]
#[group(skip)]
pub(crate) struct Audited {
    /// The reason, for the record: 1 to 500 characters on one line
    #[arg(long, value_name = "TEXT", value_parser = why)]
    why: Option<String>,
    #[command(flatten)]
    operator: Operator,
    #[command(flatten)]
    pub(crate) format: Format,
}

impl Audited {
    /// Who changes something now, and why.
    pub(crate) fn context(&self) -> Result<AuditContext, Failure> {
        let by = PerformedBy { actor: Actor::Operator, name: self.operator.name()? };
        Ok(AuditContext { by, at: system::now(), why: self.why.clone() })
    }
}

/// Who runs a command.
#[derive(Args, Default)]
pub(crate) struct Operator {
    /// Your name, for the record; $USER by default
    #[arg(long, value_name = "NAME", value_parser = name)]
    by: Option<String>,
}

impl Operator {
    /// The operator's name; a failure where neither the flag nor the environment has one.
    pub(crate) fn name(&self) -> Result<String, Failure> {
        self.or(std::env::var("USER").ok())
    }

    fn or(&self, user: Option<String>) -> Result<String, Failure> {
        let given = self.by.clone().or_else(|| user.and_then(|user| name(&user).ok()));
        given.ok_or_else(|| Failure::refused("the operator's name is missing. Set USER, or pass --by NAME."))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_operator_is_who_is_named_or_the_user() {
        let operator = |by: Option<&str>| Operator { by: by.map(str::to_owned) };
        assert_eq!(operator(Some("bob")).or(Some("alice".into())).unwrap(), "bob");
        assert_eq!(operator(None).or(Some("alice".into())).unwrap(), "alice");
        for user in [None, Some(String::new())] {
            assert!(operator(None).or(user).unwrap_err().text.contains("--by NAME"));
        }
    }
}
