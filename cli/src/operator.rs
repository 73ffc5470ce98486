//! Who runs a command that changes something, and why: both are recorded with the change.

use clap::Args;
use recourse_dispute::event::PerformedBy;
use recourse_dispute::lifecycle::Actor;
pub(crate) use recourse_operations::typed::{name, why};
use recourse_store::AuditContext;

use crate::ending::Failure;
use crate::output::Format;
use crate::system;

/// What every command takes that changes an account, a key, a person, a mail, an address or a
/// script of faults.
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
    /// Your name, for the record; $USER by default, or your login name
    #[arg(long, value_name = "NAME", value_parser = name)]
    by: Option<String>,
}

impl Operator {
    /// The operator's name; a failure where the flag, the environment and the system have none.
    pub(crate) fn name(&self) -> Result<String, Failure> {
        self.or(std::env::var("USER").ok(), login)
    }

    fn or(&self, user: Option<String>, login: impl FnOnce() -> Option<String>) -> Result<String, Failure> {
        let usable = |user: Option<String>| user.and_then(|user| name(&user).ok());
        let given = self.by.clone().or_else(|| usable(user)).or_else(|| usable(login()));
        given.ok_or_else(|| Failure::refused("the operator's name is missing. Set USER, or pass --by NAME."))
    }
}

/// The login name, as `id -un` prints it: a shell of a container has no `USER`. None where only a
/// directory service knows it.
fn login() -> Option<String> {
    let users = std::fs::read_to_string("/etc/passwd").ok()?;
    login_of(&users, rustix::process::getuid().as_raw())
}

/// The name of a user in the text of `/etc/passwd`.
fn login_of(users: &str, uid: u32) -> Option<String> {
    users.lines().find_map(|line| {
        let mut fields = line.split(':');
        let (name, id) = (fields.next()?, fields.nth(1)?);
        (id.parse::<u32>() == Ok(uid)).then(|| name.to_owned())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_operator_is_who_is_named_or_the_user() {
        let operator = |by: Option<&str>| Operator { by: by.map(str::to_owned) };
        let root = || Some("root".to_owned());
        assert_eq!(operator(Some("bob")).or(Some("alice".into()), root).unwrap(), "bob");
        assert_eq!(operator(None).or(Some("alice".into()), root).unwrap(), "alice");
        for user in [None, Some(String::new())] {
            assert_eq!(operator(None).or(user.clone(), root).unwrap(), "root");
            assert!(operator(None).or(user, || None).unwrap_err().text.contains("--by NAME"));
        }
    }

    #[test]
    fn the_login_name_is_that_of_the_user_id() {
        let users = "root:x:0:0:root:/root:/bin/bash\n\nada:x:1000:100::/home/ada:/bin/sh\n";
        let names = [0, 1000, 100].map(|uid| login_of(users, uid));
        assert_eq!(names, [Some("root".to_owned()), Some("ada".to_owned()), None]);
    }
}
