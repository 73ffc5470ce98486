//! Who runs a command that changes something, and why: for the record.

use clap::Args;
use recourse_dispute::event::PerformedBy;
use recourse_dispute::ids::printable;
use recourse_dispute::lifecycle::Actor;
use recourse_store::AuditContext;

use crate::ending::Failure;
use crate::system;

/// The most characters of a reason.
const MAX_WHY: usize = 500;
/// The most characters of an operator's name.
const MAX_NAME: usize = 64;

/// Who runs a command.
#[derive(Args)]
pub(crate) struct Operator {
    /// Your name, for the record; $USER by default
    #[arg(long, value_name = "NAME", value_parser = name)]
    by: Option<String>,
}

impl Operator {
    /// Who a test says it is.
    #[cfg(test)]
    pub(crate) fn named(name: &str) -> Self {
        Self { by: Some(name.to_owned()) }
    }

    /// The name.
    ///
    /// # Errors
    /// [`Failure`] when neither flag nor environment has one.
    pub(crate) fn name(&self) -> Result<String, Failure> {
        self.or(std::env::var("USER").ok())
    }

    /// An order of now, with the reason where one was given.
    ///
    /// # Errors
    /// As [`Self::name`].
    pub(crate) fn audit_context(&self, why: Option<&String>) -> Result<AuditContext, Failure> {
        let by = PerformedBy { actor: Actor::Operator, name: self.name()? };
        Ok(AuditContext { by, at: system::now(), why: why.cloned() })
    }

    fn or(&self, user: Option<String>) -> Result<String, Failure> {
        let given = self.by.clone().or_else(|| user.and_then(|user| name(&user).ok()));
        given.ok_or_else(|| Failure::refused("who does this? The environment names no user: pass --by NAME."))
    }
}

/// Reads a reason.
///
/// # Errors
/// The rule that was broken.
pub(crate) fn why(text: &str) -> Result<String, String> {
    line(text, MAX_WHY)
}

/// Reads a name of a person or an account.
///
/// # Errors
/// The rule that was broken.
pub(crate) fn name(text: &str) -> Result<String, String> {
    line(text, MAX_NAME)
}

fn line(text: &str, most: usize) -> Result<String, String> {
    let text = text.trim();
    if text.starts_with("--") {
        // A flag that stands where a text was forgotten must not become the record.
        Err("must be a text, and this is a flag".to_owned())
    } else if printable(text, most) {
        Ok(text.to_owned())
    } else {
        Err(format!("must be 1 to {most} printable characters on one line"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_is_one_line_of_at_most_500_characters() {
        assert_eq!(why("  the code was used twice ").unwrap(), "the code was used twice");
        assert!(why(&"é".repeat(500)).is_ok());
        for text in ["", "  ", "a\nb", "a\u{2028}b", "a\u{202e}b", "a\u{7}", &"x".repeat(501)] {
            assert_eq!(why(text).unwrap_err(), "must be 1 to 500 printable characters on one line", "{text:?}");
        }
        assert!(why("--json").unwrap_err().contains("flag"));
        assert_eq!(why("-5 of them were wrong").unwrap(), "-5 of them were wrong");
    }

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
