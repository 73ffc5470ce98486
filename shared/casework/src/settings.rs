//! What the environment says of the support process.

use recourse_aws::{Aws, BadVariable};
use recourse_dispute::addresses::{MailAddress, Recipients};
use recourse_dispute::notification::Notification;
use recourse_support::limits::Limits;

use crate::InboundMail;

/// How often a model is asked in one case at most, where nothing else is said.
const CALLS: u32 = 5;
/// Below this confidence, in percent, a person has the case, where nothing else is said.
const CONFIDENCE: u8 = 80;

/// What a deployment chose for its support process.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Whether reported cases are answered.
    pub process: bool,
    /// Whether SES hands over the answers to our mail.
    pub reads_replies: bool,
    /// The time limits.
    pub limits: Limits,
    /// Where the playbooks come from.
    pub playbooks: PlaybookSource,
    /// Who is mailed when a case waits too long for an agent.
    pub supervisors: Option<Recipients>,
    /// Who is mailed about a mail that belongs to no case, and about one to a case that nothing
    /// moves.
    pub support_address: Option<MailAddress>,
    /// Where answers to our mail go, without a token.
    pub mail_from: Option<MailAddress>,
    /// The model, where there is one.
    pub model: Option<ModelSettings>,
}

/// Where the playbooks of a deployment come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PlaybookSource {
    /// Those that ship.
    Shipped,
    /// An object of the evidence bucket: its name behind `playbooks/`.
    Object(String),
}

/// The model of a deployment, as far as decisions depend on it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ModelSettings {
    /// Its id, for histories.
    pub id: String,
    /// How often it is asked in one case.
    pub max_calls: u32,
    /// Below this confidence, in percent, a person has the case.
    pub min_confidence: u8,
}

impl Settings {
    /// Reads `SUPPORT_PROCESS`, `INBOUND_MAIL`, `SUPPORT_TIME_LIMITS`, `SUPPORT_PLAYBOOKS`,
    /// `SUPERVISOR_ADDRESSES`, `SUPPORT_ADDRESS`, `MAIL_FROM`, `SUPPORT_MODEL`,
    /// `SUPPORT_MODEL_CALLS` and `SUPPORT_MODEL_CONFIDENCE`. What is not there has its default, and
    /// a process that is not there is off.
    ///
    /// # Errors
    /// [`BadVariable`] for what is there and cannot be read.
    pub fn from_environment(aws: &Aws) -> Result<Self, BadVariable> {
        let variable: Variable<'_> = &|name| aws.variable(name).ok();
        let text = |name| variable(name).filter(|value| !value.trim().is_empty());
        let address = |name| text(name).map(|value| parsed(name, MailAddress::parse_typed(&value))).transpose();
        Ok(Self {
            process: switch(variable, "SUPPORT_PROCESS")?,
            reads_replies: switch(variable, "INBOUND_MAIL")?,
            limits: limits(variable)?,
            playbooks: text("SUPPORT_PLAYBOOKS")
                .map_or(Ok(PlaybookSource::Shipped), |key| PlaybookSource::object(&key))?,
            supervisors: text("SUPERVISOR_ADDRESSES").map(|list| supervisors(&list)).transpose()?.flatten(),
            support_address: address("SUPPORT_ADDRESS")?,
            mail_from: address("MAIL_FROM")?,
            model: text("SUPPORT_MODEL").map(|id| ModelSettings::read(aws, id)).transpose()?,
        })
    }

    /// The mail to the support address about a mail that belongs to no case; `None` where there is
    /// no support address.
    #[must_use]
    pub fn no_case(&self, mail: &InboundMail) -> Option<Notification> {
        crate::mails::no_case(self.support_address.clone()?, mail)
    }
}

impl PlaybookSource {
    fn object(key: &str) -> Result<Self, BadVariable> {
        let name = "SUPPORT_PLAYBOOKS";
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
        let object = key.strip_prefix("playbooks/");
        let object = object.filter(|name| (1..=70).contains(&name.len()) && name.bytes().all(plain));
        let rule = "must be playbooks/ and 1 to 70 characters of A-Z a-z 0-9 . _ -";
        object.map(|object| Self::Object(object.to_owned())).ok_or_else(|| invalid(name, rule))
    }

    /// The name of the object behind `playbooks/`.
    #[must_use]
    pub fn object_name(&self) -> Option<&str> {
        match self {
            Self::Shipped => None,
            Self::Object(name) => Some(name),
        }
    }
}

impl ModelSettings {
    fn read(aws: &Aws, id: String) -> Result<Self, BadVariable> {
        let max_calls = number(aws, "SUPPORT_MODEL_CALLS", CALLS, 1..=20)?;
        let min_confidence = number(aws, "SUPPORT_MODEL_CONFIDENCE", CONFIDENCE, 0..=100)?;
        Ok(Self { id, max_calls, min_confidence })
    }
}

/// Looks a variable up.
pub(crate) type Variable<'a> = &'a dyn Fn(&'static str) -> Option<String>;

/// Whether something is on; it is off where nothing is said.
pub(crate) fn switch(variable: Variable<'_>, name: &'static str) -> Result<bool, BadVariable> {
    match variable(name).as_deref().map(str::trim) {
        Some("on") => Ok(true),
        Some("off" | "") | None => Ok(false),
        Some(_) => Err(invalid(name, "must be on or off")),
    }
}

/// The time limits of the deployment.
pub(crate) fn limits(variable: Variable<'_>) -> Result<Limits, BadVariable> {
    let name = "SUPPORT_TIME_LIMITS";
    parsed(name, Limits::configured(&variable(name).unwrap_or_default()))
}

fn supervisors(list: &str) -> Result<Option<Recipients>, BadVariable> {
    let name = "SUPERVISOR_ADDRESSES";
    let addresses = list.split(',').map(str::trim).filter(|address| !address.is_empty());
    let addresses = addresses.map(|address| parsed(name, MailAddress::parse_typed(address)));
    Ok(Recipients::registered(addresses.collect::<Result<Vec<_>, _>>()?))
}

fn number<T: std::str::FromStr + PartialOrd + std::fmt::Display>(
    aws: &Aws,
    name: &'static str,
    default: T,
    range: std::ops::RangeInclusive<T>,
) -> Result<T, BadVariable> {
    let Some(text) = aws.variable(name).ok().filter(|text| !text.trim().is_empty()) else { return Ok(default) };
    let number = text.trim().parse().ok().filter(|number| range.contains(number));
    number.ok_or_else(|| invalid(name, &format!("must be a whole number from {} to {}", range.start(), range.end())))
}

fn parsed<T, E: std::fmt::Display>(name: &'static str, result: Result<T, E>) -> Result<T, BadVariable> {
    result.map_err(|error| invalid(name, &error.to_string()))
}

fn invalid(name: &'static str, reason: &str) -> BadVariable {
    BadVariable::Invalid { name, reason: reason.to_owned() }
}
