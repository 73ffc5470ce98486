//! Settings: the process's environment, and `.recourse.env` for what it does not set.
//!
//! **Invariant:** the file speaks of one local cloud, and is never mixed with another deployment. Its addresses are loopback, or it is refused;
//! and when the environment names another service or other tables, the file says nothing.

use std::collections::BTreeMap;
use std::io::ErrorKind;

use recourse_aws::{Aws, MissingVariable};
use recourse_store::Store;

use crate::ending::Failure;
use crate::service::BaseUrl;

/// What `make run` writes into the folder it runs in.
const FILE: &str = ".recourse.env";
/// The credentials, whose parts come from one place. The first one decides which.
const CREDENTIALS: [&str; 3] = ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"];
/// Which deployment is meant.
const DEPLOYMENT: [&str; 2] = ["RECOURSE_URL", "DISPUTES_TABLE"];

/// Variables by name; an empty one is as good as none. Not `Debug`: there are secrets among them.
type Variables = BTreeMap<String, String>;

/// The settings of this process. Not `Debug`: there are secrets among them.
#[derive(Clone)]
pub(crate) struct Environment {
    process: Variables,
    file: Variables,
}

impl Environment {
    /// The process's environment and the current folder's file, where there is one.
    ///
    /// # Errors
    /// [`Failure`] when the file cannot be read, or is not what `make run` writes.
    pub(crate) fn load() -> Result<Self, Failure> {
        let process = std::env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
            .collect();
        let file = match std::fs::read_to_string(FILE) {
            Ok(text) => text,
            Err(error) if error.kind() == ErrorKind::NotFound => String::new(),
            Err(error) => return Err(Failure::refused(format!("{FILE} cannot be read: {error}"))),
        };
        Self::new(process, &file)
    }

    pub(crate) fn new(mut process: Variables, file: &str) -> Result<Self, Failure> {
        process.retain(|_, value| !value.is_empty());
        let mut file = parse(file)?;
        if DEPLOYMENT.iter().any(|name| process.get(*name).is_some_and(|ours| file.get(*name) != Some(ours))) {
            file.clear();
        }
        Ok(Self { process, file })
    }

    /// A setting.
    pub(crate) fn get(&self, name: &str) -> Option<String> {
        let [leader, ..] = CREDENTIALS;
        if CREDENTIALS.contains(&name) {
            let whole = if self.process.contains_key(leader) { &self.process } else { &self.file };
            return whole.get(name).cloned();
        }
        self.process.get(name).or_else(|| self.file.get(name)).cloned()
    }

    /// The deployment's tables.
    ///
    /// # Errors
    /// [`Failure`] names the setting that is missing.
    pub(crate) fn store(self) -> Result<Store, Failure> {
        let missing = |MissingVariable(name)| {
            Failure::refused(format!(
                "{name} is not set. Run this in the folder where `make run` runs, or set it to the deployed stack's; `recourse dispute --help` \
                 lists all that is needed."
            ))
        };
        let aws = Aws::with(move |name| self.get(name)).map_err(missing)?;
        Store::from_environment(&aws).map_err(missing)
    }
}

/// Reads lines of `export NAME=value`. Blank lines and comments may stand between them, and quotes around a value, as a shell would take them.
fn parse(text: &str) -> Result<Variables, Failure> {
    let mut variables = Variables::new();
    for (index, line) in text.lines().enumerate() {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let wrong = |rule: &str| Failure::refused(format!("{FILE}, line {}: {rule}", index + 1));
        let (name, value) = line
            .strip_prefix("export ")
            .and_then(|rest| rest.split_once('='))
            .filter(|(name, _)| is_name(name))
            .ok_or_else(|| wrong("must be `export NAME=value`"))?;
        let value = unquoted(value);
        if is_address(name) && !BaseUrl::parse(value).is_ok_and(|url| url.is_loopback()) {
            return Err(wrong(&format!(
                "{name} must be an address on this machine, such as http://127.0.0.1:3000: the file is for the local cloud. Another deployment \
                 is named by the environment."
            )));
        }
        if !value.is_empty() {
            variables.insert(name.to_owned(), value.to_owned());
        }
    }
    Ok(variables)
}

fn is_name(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

fn is_address(name: &str) -> bool {
    name == "RECOURSE_URL" || name.starts_with("AWS_ENDPOINT_URL")
}

fn unquoted(value: &str) -> &str {
    let within = |quote| value.strip_prefix(quote).and_then(|rest| rest.strip_suffix(quote));
    within('\'').or_else(|| within('"')).unwrap_or(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    const WRITTEN: &str = "export RECOURSE_URL=http://127.0.0.1:3000\nexport AWS_ENDPOINT_URL_DYNAMODB=http://127.0.0.1:4001\n\
        export DISPUTES_TABLE=disputes\nexport AWS_REGION=local\nexport AWS_ACCESS_KEY_ID=cli\nexport AWS_SECRET_ACCESS_KEY=local\n";

    fn environment(process: &[(&str, &str)], file: &str) -> Environment {
        let process = process.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        Environment::new(process, file).unwrap()
    }

    #[track_caller]
    fn refused(file: &str) -> String {
        Environment::new(Variables::new(), file).err().unwrap().text
    }

    #[test]
    fn the_file_fills_in_what_the_process_does_not_set() {
        let both = environment(&[("AWS_REGION", "eu-west-1"), ("GUARDS_TABLE", "")], WRITTEN);
        assert_eq!(both.get("AWS_REGION").as_deref(), Some("eu-west-1"));
        assert_eq!(both.get("RECOURSE_URL").as_deref(), Some("http://127.0.0.1:3000"));
        assert_eq!(both.get("GUARDS_TABLE"), None);
    }

    #[test]
    fn another_deployment_in_the_environment_silences_the_file() {
        let stack = environment(&[("DISPUTES_TABLE", "stack-disputes")], WRITTEN);
        assert_eq!(stack.get("AWS_ENDPOINT_URL_DYNAMODB"), None);
        assert_eq!(stack.get("RECOURSE_URL"), None);
        let sourced =
            environment(&[("DISPUTES_TABLE", "disputes"), ("RECOURSE_URL", "http://127.0.0.1:3000")], WRITTEN);
        assert_eq!(sourced.get("AWS_REGION").as_deref(), Some("local"));
    }

    #[test]
    fn credentials_come_from_one_place() {
        let token = environment(&[("AWS_SESSION_TOKEN", "of another key")], WRITTEN);
        assert_eq!(token.get("AWS_SESSION_TOKEN"), None);
        assert_eq!(token.get("AWS_SECRET_ACCESS_KEY").as_deref(), Some("local"));
        let own = environment(&[("AWS_ACCESS_KEY_ID", "AKIA")], WRITTEN);
        assert_eq!(own.get("AWS_SECRET_ACCESS_KEY"), None);
    }

    #[test]
    fn reads_what_a_shell_would_and_says_which_line_is_wrong() {
        let quoted = environment(&[], "# by hand\n\n  export A='x y'\nexport B=\"z\"\nexport C=a=b\nexport D=\n");
        assert_eq!(
            ["A", "B", "C", "D"].map(|name| quoted.get(name)),
            [Some("x y".into()), Some("z".into()), Some("a=b".into()), None]
        );
        assert!(refused("export A=1\nB=2").contains("line 2"));
        assert!(refused("export A B=2").contains("line 1"));
        assert!(refused("export =2").contains("line 1"));
    }

    #[test]
    fn the_file_leads_nowhere_else_than_here() {
        for line in [
            "export RECOURSE_URL=https://api.example.com",
            "export AWS_ENDPOINT_URL_DYNAMODB=http://10.0.0.1",
            "export AWS_ENDPOINT_URL=x",
        ] {
            assert!(refused(line).contains("on this machine"), "{line}");
        }
    }

    #[test]
    fn says_which_setting_is_missing() {
        let text =
            environment(&[("AWS_ACCESS_KEY_ID", "x"), ("AWS_SECRET_ACCESS_KEY", "x"), ("AWS_REGION", "x")], "").store();
        assert!(text.err().unwrap().text.starts_with("DISPUTES_TABLE is not set"));
    }
}
