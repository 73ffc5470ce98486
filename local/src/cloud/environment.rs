//! The environment in which the command line finds a running cloud, and the file that says so.

use super::Cloud;
use crate::StartError;
use crate::clock::VARIABLE;
use crate::policy::access_key;
use crate::template::REGION;
use recourse_dispute::shell;
use std::time::Duration;
use tokio::net::TcpStream;
use tokio::time::timeout;

/// The functions' own variables by which an operator's commands do what the support process does.
const SUPPORT: [&str; 13] = [
    "EVIDENCE_BUCKET",
    "MALWARE_SCAN",
    "SUPPORT_ADDRESS",
    "SUPPORT_PROCESS",
    "INBOUND_MAIL",
    "SUPPORT_TIME_LIMITS",
    "SUPPORT_PLAYBOOKS",
    "SUPERVISOR_ADDRESSES",
    "SUPPORT_MODEL",
    "SUPPORT_MODEL_GUARDRAIL",
    "SUPPORT_MODEL_TOKENS",
    "SUPPORT_MODEL_CALLS",
    "SUPPORT_MODEL_CONFIDENCE",
];

/// How long a port on this machine may take to answer.
const PATIENCE: Duration = Duration::from_millis(500);

impl Cloud {
    /// The environment in which the command line finds this cloud.
    pub fn environment(&self) -> Vec<(&'static str, String)> {
        let of_functions = |name: &str| {
            self.template.functions.iter().find_map(|f| f.environment.get(name)).cloned().unwrap_or_default()
        };
        let mut environment = vec![
            ("RECOURSE_URL", self.url.clone()),
            ("AWS_ENDPOINT_URL_DYNAMODB", self.dynamodb.endpoint()),
            ("AWS_ENDPOINT_URL_KMS", self.kms.endpoint()),
            ("AWS_ENDPOINT_URL_S3", self.s3.endpoint()),
            ("AWS_ENDPOINT_URL_SES", self.ses.endpoint()),
            ("AWS_ENDPOINT_URL_SESV2", self.ses.endpoint()),
            ("AWS_ENDPOINT_URL_SQS", self.sqs.endpoint()),
            ("AWS_ENDPOINT_URL_EVENTBRIDGE", self.eventbridge.endpoint()),
            ("AWS_ENDPOINT_URL_BEDROCK_RUNTIME", self.bedrock.endpoint()),
            ("DISPUTES_TABLE", of_functions("DISPUTES_TABLE")),
            ("EPHEMERAL_TABLE", of_functions("EPHEMERAL_TABLE")),
            ("SEALING_KEY", of_functions("SEALING_KEY")),
            ("MAIL_FROM", of_functions("MAIL_FROM")),
            ("OIDC_ISSUER", of_functions("OIDC_ISSUER")),
            ("OIDC_CLIENT_ID", of_functions("OIDC_CLIENT_ID")),
            ("INGEST_QUEUE", self.sqs.queue_url("IngestQueue")),
            ("INGEST_FAILURE_QUEUE", self.sqs.queue_url("IngestFailureQueue")),
            ("INBOUND_RULE_SET", self.template.receipt_rules.first().map(|rule| rule.set.clone()).unwrap_or_default()),
            ("AWS_REGION", REGION.to_owned()),
            ("AWS_ACCESS_KEY_ID", access_key("cli")),
            ("AWS_SECRET_ACCESS_KEY", "local".to_owned()),
        ];
        environment.extend(SUPPORT.map(|name| (name, of_functions(name))));
        environment.extend(self.clock.file().map(|file| (VARIABLE, file.display().to_string())));
        environment
    }

    fn environment_text(&self) -> String {
        self.environment().iter().map(|(name, value)| format!("export {name}={}\n", shell::word(value))).collect()
    }

    /// Writes the environment file, if one is wanted. When another cloud that still runs wrote it,
    /// the command line stays with that one, and `environment_of` says so.
    pub(super) async fn write_environment(&mut self) -> Result<(), StartError> {
        let Some(path) = &self.environment_file else { return Ok(()) };
        self.environment_of = match std::fs::read_to_string(path) {
            Ok(text) => running(&text).await.filter(|url| *url != self.url),
            Err(_) => None,
        };
        if self.environment_of.is_some() {
            return Ok(());
        }
        std::fs::write(path, self.environment_text()).map_err(StartError::io(format!("write {}", path.display())))
    }

    /// Removes the file, if it still says what we wrote: it may be another cloud's.
    pub(super) fn remove_environment(&self) {
        let Some(path) = &self.environment_file else { return };
        if std::fs::read_to_string(path).is_ok_and(|text| text == self.environment_text()) {
            let _ = std::fs::remove_file(path);
        }
    }
}

/// The address of the cloud that wrote an environment file, if that cloud runs. One that was killed
/// leaves its file behind. That other programs have both its API's port and its DynamoDB's random
/// port by now is next to impossible.
async fn running(environment: &str) -> Option<String> {
    let value = |name: &str| {
        environment.lines().find_map(|line| line.strip_prefix("export ")?.strip_prefix(name)?.strip_prefix('='))
    };
    let (url, dynamodb) = (value("RECOURSE_URL")?, value("AWS_ENDPOINT_URL_DYNAMODB")?);
    for url in [url, dynamodb] {
        let address = url.strip_prefix("http://")?.trim_end_matches('/');
        timeout(PATIENCE, TcpStream::connect(address)).await.ok()?.ok()?;
    }
    Some(url.to_owned())
}
