//! Who runs a command that changes something, and why: both are recorded with the change.

use clap::Args;
use recourse_dispute::event::PerformedBy;
use recourse_dispute::ids::printable;
use recourse_dispute::lifecycle::Actor;
use recourse_dispute::text::is_blank;
use recourse_store::AuditContext;

use crate::ending::Failure;
use crate::output::Format;
use crate::system;

const MAX_WHY: usize = 500;
const MAX_NAME: usize = 64;

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

pub(crate) fn why(text: &str) -> Result<String, String> {
    line(text, MAX_WHY)
}

pub(crate) fn name(text: &str) -> Result<String, String> {
    line(text, MAX_NAME)
}

fn line(text: &str, max: usize) -> Result<String, String> {
    let text = text.trim();
    if text.starts_with("--") {
        // Somebody forgot the text, and the next flag must not be recorded in its place.
        Err("must be a text, and this is a flag".to_owned())
    } else if !text.is_empty() && is_blank(text) {
        Err("must have characters that can be seen".to_owned())
    } else if printable(text, max) {
        Ok(text.to_owned())
    } else {
        Err(format!("must be 1 to {max} printable characters on one line"))
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
        assert_eq!(why("\u{200b}").unwrap_err(), "must have characters that can be seen");
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
