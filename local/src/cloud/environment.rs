//! The environment in which the command line finds a running cloud, and the file that says so.

use super::Cloud;
use crate::StartError;
use crate::lambda::access_key;
use crate::template::REGION;

impl Cloud {
    /// The environment in which the command line finds this cloud.
    pub fn environment(&self) -> Vec<(&'static str, String)> {
        let of_functions = |name: &str| {
            self.template.functions.iter().find_map(|f| f.environment.get(name)).cloned().unwrap_or_default()
        };
        vec![
            ("RECOURSE_URL", self.url.clone()),
            ("AWS_ENDPOINT_URL_DYNAMODB", self.dynamodb.endpoint()),
            ("AWS_ENDPOINT_URL_KMS", self.kms.endpoint()),
            ("AWS_ENDPOINT_URL_SESV2", self.ses.endpoint()),
            ("DISPUTES_TABLE", of_functions("DISPUTES_TABLE")),
            ("GUARDS_TABLE", of_functions("GUARDS_TABLE")),
            ("SEALING_KEY", of_functions("SEALING_KEY")),
            ("MAIL_FROM", of_functions("MAIL_FROM")),
            ("AWS_REGION", REGION.to_owned()),
            ("AWS_ACCESS_KEY_ID", access_key("cli")),
            ("AWS_SECRET_ACCESS_KEY", "local".to_owned()),
        ]
    }

    fn environment_text(&self) -> String {
        self.environment().iter().map(|(name, value)| format!("export {name}={value}\n")).collect()
    }

    /// Writes the environment file, where one is wanted.
    pub(super) fn write_environment(&self) -> Result<(), StartError> {
        let Some(path) = &self.environment_file else { return Ok(()) };
        std::fs::write(path, self.environment_text()).map_err(StartError::io(format!("write {}", path.display())))
    }

    /// Removes the file, if it still says what we wrote: another cloud may have been started in the same folder since.
    pub(super) fn remove_environment(&self) {
        let Some(path) = &self.environment_file else { return };
        if std::fs::read_to_string(path).is_ok_and(|text| text == self.environment_text()) {
            let _ = std::fs::remove_file(path);
        }
    }
}
