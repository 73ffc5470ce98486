//! Settings: the process's environment, and `.recourse.env` for what it does not set.
//!
//! **Invariant:** the file speaks of one local cloud, and is never mixed with another deployment. Its addresses are loopback, or it is refused;
//! and when the environment names another service or other tables, the file says nothing.

use std::collections::BTreeMap;
use std::io::ErrorKind;

use recourse_aws::{Aws, BadVariable, SdkConfig, Service};
use recourse_dispute::text::without_bom;
use recourse_store::{Sealer, Store};

use crate::ending::Failure;
use crate::service::BaseUrl;
use crate::system;

/// What `make run` writes into the folder it runs in.
const FILE: &str = ".recourse.env";
/// The credentials, whose parts come from one place. The first one decides which.
const CREDENTIALS: [&str; 3] = ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"];
/// Where a local cloud says how far its clock was moved.
const CLOCK: &str = "RECOURSE_LOCAL_CLOCK";
/// Which deployment is meant.
const DEPLOYMENT: [&str; 2] = ["RECOURSE_URL", "DISPUTES_TABLE"];

/// What commands on the tables need, for their help.
pub(crate) const TABLES: &str = "\
These commands speak to the deployment's tables. `make run` leaves what they need in
.recourse.env; the operator of a deployed stack sets:
  DISPUTES_TABLE, EPHEMERAL_TABLE                the stack's outputs
  SEALING_KEY                                 another one, for `key create` alone
  AWS_REGION                                  where it is
  AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY,   eval \"$(aws configure export-credentials --format env)\"
  AWS_SESSION_TOKEN";

/// Variables by name; an empty one is as good as none. Not `Debug`: there are secrets among them.
type Variables = BTreeMap<String, String>;

/// The settings of this process. Not `Debug`: there are secrets among them.
#[derive(Clone)]
pub(crate) struct Settings {
    process: Variables,
    file: Variables,
    /// The variable that names another deployment than the file's, which then says nothing.
    silenced_by: Option<&'static str>,
}

impl Settings {
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
        let environment = Self::new(process, &file)?;
        // The file's alone: no variable of the process makes a deployment's operator late.
        if let Some(clock) = environment.file.get(CLOCK) {
            system::follow(clock);
        }
        Ok(environment)
    }

    pub(crate) fn new(mut process: Variables, file: &str) -> Result<Self, Failure> {
        process.retain(|_, value| !value.is_empty());
        let mut file = parse(without_bom(file))?;
        // A slash at the end of an address makes no other one.
        let named =
            |variables: &Variables, name| variables.get(name).map(|value| value.trim_end_matches('/').to_owned());
        let differs = |name: &&'static str| {
            let ours = named(&process, *name);
            ours.is_some() && !file.is_empty() && ours != named(&file, *name)
        };
        let silenced_by = DEPLOYMENT.into_iter().find(differs);
        if silenced_by.is_some() {
            file.clear();
        }
        Ok(Self { process, file, silenced_by })
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
        self.connect(Store::from_environment)
    }

    /// The deployment's tables, and what seals secrets in them.
    ///
    /// # Errors
    /// As [`Self::store`].
    pub(crate) fn store_and_sealer(self) -> Result<(Store, Sealer), Failure> {
        self.connect(|aws| Ok((Store::from_environment(aws)?, Sealer::from_environment(aws)?)))
    }

    /// The deployment's tables, and SES.
    ///
    /// # Errors
    /// As [`Self::store`].
    pub(crate) fn store_and_ses(self) -> Result<(Store, SdkConfig), Failure> {
        self.connect(|aws| Ok((Store::from_environment(aws)?, aws.config(Service::Ses))))
    }

    fn connect<T>(self, made: impl FnOnce(&Aws) -> Result<T, BadVariable>) -> Result<T, Failure> {
        let silenced = self.silenced_by.map(|name| format!(" {FILE} says nothing, as {name} is another one."));
        let wrong = |error| match error {
            BadVariable::Missing(name) => Failure::refused(format!(
                "{name} is not set. Run this in the folder where `make run` runs, or set it to the deployed stack's; `recourse key --help` \
                 lists all that is needed.{}",
                silenced.as_deref().unwrap_or_default()
            )),
            BadVariable::Invalid { .. } => Failure::refused(format!("{error}.")),
        };
        let aws = Aws::with(move |name| self.get(name)).map_err(wrong)?;
        made(&aws).map_err(wrong)
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
mod tests;
