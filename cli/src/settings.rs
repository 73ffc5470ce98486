//! Settings: the process's environment, and `.recourse.env` for what the environment does not set.
//!
//! **Invariant:** the file describes one local cloud and is never mixed with another deployment. An
//! address in it that is not on this machine is refused. When the environment names another service
//! or other tables, the whole file is ignored.

use std::collections::BTreeMap;
use std::io::ErrorKind;

use recourse_aws::{Aws, BadVariable, SdkConfig, Service};
use recourse_casework::{Casework, PlaybookSet};
use recourse_dispute::shell::unquoted;
use recourse_dispute::text::without_bom;
use recourse_files::{Files, ObjectPrefix};
use recourse_store::{Sealer, Store};

use crate::base_url::BaseUrl;
use crate::ending::Failure;
use crate::system;

/// The file that `make run` writes into the folder that it runs in.
const FILE: &str = ".recourse.env";
/// The credentials. All of them come from where the first one is set.
const CREDENTIALS: [&str; 3] = ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"];
/// The file in which a local cloud stores how far its clock was moved.
const CLOCK: &str = "RECOURSE_LOCAL_CLOCK";
/// The settings that name a deployment.
const DEPLOYMENT: [&str; 2] = ["RECOURSE_URL", "DISPUTES_TABLE"];

/// The most bytes of an object with playbooks. The parser's own limit is below it.
const MAX_PLAYBOOKS: u64 = 1024 * 1024;

/// The settings of the commands on the tables, for their help.
pub(crate) const TABLES: &str = "\
These commands read and write the deployment's tables. `make run` writes what they need into
.recourse.env. The operator of a deployed stack sets:
  DISPUTES_TABLE, EPHEMERAL_TABLE             outputs of the stack
  SEALING_KEY                                 an output, too; `key create`, `webhook`,
                                              `config provider-secret` and
                                              `operator identity-secret` need it
  AWS_REGION                                  the stack's region
  AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY,   eval \"$(aws configure export-credentials --format env)\"
  AWS_SESSION_TOKEN";

/// Variables by name, without empty ones. Not `Debug`, because there are secrets among them.
type Variables = BTreeMap<String, String>;

/// The settings of this process. Not `Debug`, because there are secrets among them.
#[derive(Clone)]
pub(crate) struct Settings {
    process: Variables,
    file: Variables,
    /// The variable that names another deployment than the file does. The file is then ignored.
    overridden_by: Option<&'static str>,
}

impl Settings {
    /// The process's environment, and the file in the current folder where there is one.
    pub(crate) fn load() -> Result<Self, Failure> {
        let process = std::env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
            .collect();
        let file = match std::fs::read_to_string(FILE) {
            Ok(text) => text,
            Err(error) if error.kind() == ErrorKind::NotFound => String::new(),
            Err(error) => return Err(Failure::refused(format!("{FILE} cannot be read: {error}"))),
        };
        let settings = Self::new(process, &file)?;
        // Only the file can move the clock. For a deployment nothing can.
        if let Some(clock) = settings.file.get(CLOCK) {
            system::follow(clock);
        }
        Ok(settings)
    }

    pub(crate) fn new(mut process: Variables, file: &str) -> Result<Self, Failure> {
        process.retain(|_, value| !value.is_empty());
        let mut file = parse(without_bom(file))?;
        // An address with a slash at its end is the same address.
        let named =
            |variables: &Variables, name| variables.get(name).map(|value| value.trim_end_matches('/').to_owned());
        let differs = |name: &&'static str| {
            let wanted = named(&process, *name);
            wanted.is_some() && !file.is_empty() && wanted != named(&file, *name)
        };
        let overridden_by = DEPLOYMENT.into_iter().find(differs);
        if overridden_by.is_some() {
            file.clear();
        }
        Ok(Self { process, file, overridden_by })
    }

    /// The value of a setting, if it is set.
    pub(crate) fn get(&self, name: &str) -> Option<String> {
        let [leader, ..] = CREDENTIALS;
        if CREDENTIALS.contains(&name) {
            let whole = if self.process.contains_key(leader) { &self.process } else { &self.file };
            return whole.get(name).cloned();
        }
        self.process.get(name).or_else(|| self.file.get(name)).cloned()
    }

    /// Whether the deployment is a local cloud: its DynamoDB is on this machine.
    pub(crate) fn is_local(&self) -> bool {
        let dynamodb = self.get("AWS_ENDPOINT_URL_DYNAMODB");
        dynamodb.is_some_and(|url| BaseUrl::parse(&url).is_ok_and(|url| url.is_loopback()))
    }

    pub(crate) fn store(self) -> Result<Store, Failure> {
        self.connect(Store::from_environment)
    }

    /// The deployment's tables, and the sealer of the secrets in them.
    pub(crate) fn store_and_sealer(self) -> Result<(Store, Sealer), Failure> {
        self.connect(|aws| Ok((Store::from_environment(aws)?, Sealer::from_environment(aws)?)))
    }

    /// The deployment's tables, and the rules of its support process. What an agent does leaves no
    /// decision to a playbook, so none is read here: a decision would be a person's.
    pub(crate) fn store_and_casework(self) -> Result<(Store, Casework), Failure> {
        let (store, settings) = self
            .connect(|aws| Ok((Store::from_environment(aws)?, recourse_casework::Settings::from_environment(aws)?)))?;
        let playbooks = PlaybookSet::Unreadable("the command line reads no playbooks".to_owned());
        let casework = Casework::new(settings, playbooks).map_err(|problems| {
            let first = problems.first().map(ToString::to_string).unwrap_or_default();
            Failure::refused(format!("the mails of this release cannot be used: {first}."))
        })?;
        Ok((store, casework))
    }

    /// The deployment's own playbooks, whose key is in SUPPORT_PLAYBOOKS, or why they cannot be
    /// read.
    pub(crate) async fn own_playbooks(mut self) -> Result<String, String> {
        // Playbooks are no evidence, and not scanned.
        self.process.insert("MALWARE_SCAN".to_owned(), "off".to_owned());
        let files = self.connect(|aws| {
            let own = recourse_casework::Settings::from_environment(aws)?.playbooks;
            Ok((Files::of(aws)?, own.object_name().unwrap_or_default().to_owned()))
        });
        let (files, object) = files.map_err(|failure| failure.text)?;
        match files.read(ObjectPrefix::Playbooks, &object, MAX_PLAYBOOKS).await {
            Ok(Some(object)) => String::from_utf8(object.bytes).map_err(|_| "it is not UTF-8".to_owned()),
            Ok(None) => Err("there is no such object, or it is too large".to_owned()),
            Err(error) => Err(error.to_string()),
        }
    }

    /// The deployment's tables, and its bucket. Nothing is released from it, so it does not matter
    /// whether it is scanned.
    pub(crate) fn store_and_files(mut self) -> Result<(Store, Files), Failure> {
        self.process.insert("MALWARE_SCAN".to_owned(), "off".to_owned());
        self.connect(|aws| Ok((Store::from_environment(aws)?, Files::of(aws)?)))
    }

    /// The deployment's tables, SES for the mail that is sent, and SES for the mail that comes in.
    pub(crate) fn store_and_ses(self) -> Result<(Store, SdkConfig, SdkConfig), Failure> {
        self.connect(|aws| {
            Ok((Store::from_environment(aws)?, aws.config(Service::Ses), aws.config(Service::SesReceiving)))
        })
    }

    /// SQS, and the addresses of the queue of transactions and of its failure queue.
    pub(crate) fn queues(self) -> Result<(SdkConfig, String, String), Failure> {
        self.connect(|aws| {
            Ok((aws.config(Service::Sqs), aws.variable("INGEST_QUEUE")?, aws.variable("INGEST_FAILURE_QUEUE")?))
        })
    }

    fn connect<T>(self, made: impl FnOnce(&Aws) -> Result<T, BadVariable>) -> Result<T, Failure> {
        let overridden_by = self.overridden_by;
        let wrong = |error| {
            match error {
            BadVariable::Missing(name) => Failure::refused(match overridden_by {
                Some(other) => format!(
                    "{name} is not set. {FILE} is ignored, because {other} in the environment names a different deployment: \
                     set {name} for that one, too, or unset {other}."
                ),
                None => format!(
                    "{name} is not set. Run this in the folder where `make run` runs, or set {name} for a deployed stack."
                ),
            })
            .then("`recourse key --help` lists all settings of the commands on the tables."),
            BadVariable::Invalid { .. } => Failure::refused(format!("{error}.")),
        }
        };
        let aws = Aws::with(move |name| self.get(name)).map_err(wrong)?;
        made(&aws).map_err(wrong)
    }
}

/// Reads lines of `export NAME=value`, as a shell would: a value may be quoted, and blank lines and
/// comments are skipped.
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
        if is_address(name) && !BaseUrl::parse(&value).is_ok_and(|url| url.is_loopback()) {
            return Err(wrong(&format!(
                "{name} must be an address on this machine, such as http://127.0.0.1:3000, because the file is for the local \
                 cloud. Set {name} in the environment for another deployment."
            )));
        }
        if !value.is_empty() {
            variables.insert(name.to_owned(), value.into_owned());
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

#[cfg(test)]
mod tests;
