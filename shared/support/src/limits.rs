//! How long each state may last, and how much the automation may do in one case.
//!
//! The defaults are in `data/time_limits.json`. A deployment changes single ones by a JSON object
//! of seconds, its parameter `SupportTimeLimits`.

use crate::json::{self, Problem};

/// The longest a limit may be: a year.
const MAX_SECONDS: i64 = 366 * 24 * 60 * 60;
/// A parameter has a few hundred bytes; what is longer is a mistake.
const MAX_BYTES: usize = 4_096;
const SHIPPED: &str = include_str!("../data/time_limits.json");

/// At most so many automatic mails are sent in one case.
pub const MAX_AUTOMATIC_MAILS: u32 = 20;
/// At most so many mails of one sender move a case within [`INBOUND_WINDOW_SECONDS`].
pub const MAX_INBOUND_PER_WINDOW: usize = 5;
/// The length of that window: a minute.
pub const INBOUND_WINDOW_SECONDS: u32 = 60;
/// At most so often the provider is asked in one case.
pub const MAX_PROVIDER_ATTEMPTS: u32 = 60;
/// At most so many decisions of a playbook are carried out in one case, which ends every loop.
pub const MAX_DECISIONS: u32 = 50;

/// The time limits, in seconds; each is at least 1 and at most a year.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// In `new`: by then the customer has an answer or a question, or a person has the case.
    pub first_answer: u32,
    /// In `waiting_for_provider`: by then the provider has answered, or a person has the case.
    pub provider: u32,
    /// Between two questions to the provider: the first pause, which doubles each time.
    pub provider_retry: u32,
    /// The longest of these pauses.
    pub provider_retry_max: u32,
    /// How long an engine may take before it is asked again.
    pub decision_retry: u32,
    /// In `waiting_for_customer`: by then the customer has answered, or a person has the case.
    pub customer: u32,
    /// When the customer gets the one reminder; none where it is not before [`Self::customer`].
    pub customer_reminder: u32,
    /// In `answered`: how long the customer may object.
    pub objection: u32,
    /// In `waiting_for_agent`: after that the case is overdue and the supervisors are mailed, and
    /// again each time as long.
    pub agent: u32,
    /// At least so long between two automatic mails of one case.
    pub mail_interval: u32,
}

const NAMES: [&str; 10] = [
    "first_answer",
    "provider",
    "provider_retry",
    "provider_retry_max",
    "decision_retry",
    "customer",
    "customer_reminder",
    "objection",
    "agent",
    "mail_interval",
];

impl Limits {
    /// The defaults.
    ///
    /// # Errors
    /// [`Problem`] where the data file is wrong, which a test excludes.
    pub fn shipped() -> Result<Self, Problem> {
        let place = "time_limits.json";
        let document = json::read(place, SHIPPED, MAX_BYTES)?;
        for name in NAMES {
            document.need(place, name)?;
        }
        Self::ZERO.with(place, &document)
    }

    /// The defaults with what a deployment has of its own: a JSON object of seconds. A text without
    /// any characters is taken for an empty object.
    ///
    /// # Errors
    /// [`Problem`] that names the limit: it is unknown, or not a whole number from 1 to a year.
    pub fn configured(own: &str) -> Result<Self, Problem> {
        let shipped = Self::shipped()?;
        if own.trim().is_empty() {
            return Ok(shipped);
        }
        let place = "SupportTimeLimits";
        shipped.with(place, &json::read(place, own, MAX_BYTES)?)
    }

    const ZERO: Self = Self {
        first_answer: 0,
        provider: 0,
        provider_retry: 0,
        provider_retry_max: 0,
        decision_retry: 0,
        customer: 0,
        customer_reminder: 0,
        objection: 0,
        agent: 0,
        mail_interval: 0,
    };

    fn with(mut self, place: &str, document: &json::Json) -> Result<Self, Problem> {
        for (name, value) in document.members(place, &NAMES)? {
            let seconds = value.whole(&format!("{place}: {name}"), 1..=MAX_SECONDS)?;
            if let (Some(limit), Ok(seconds)) = (self.limit(name), u32::try_from(seconds)) {
                *limit = seconds;
            }
        }
        Ok(self)
    }

    fn limit(&mut self, name: &str) -> Option<&mut u32> {
        Some(match name {
            "first_answer" => &mut self.first_answer,
            "provider" => &mut self.provider,
            "provider_retry" => &mut self.provider_retry,
            "provider_retry_max" => &mut self.provider_retry_max,
            "decision_retry" => &mut self.decision_retry,
            "customer" => &mut self.customer,
            "customer_reminder" => &mut self.customer_reminder,
            "objection" => &mut self.objection,
            "agent" => &mut self.agent,
            "mail_interval" => &mut self.mail_interval,
            _ => return None,
        })
    }

    /// The pause before the provider is asked again, after so many attempts.
    pub(crate) fn provider_pause(&self, attempts: u32) -> u32 {
        let factor = 1_u32.checked_shl(attempts.saturating_sub(1).min(31)).unwrap_or(u32::MAX);
        self.provider_retry.saturating_mul(factor).min(self.provider_retry_max.max(self.provider_retry))
    }
}

/// What a case is handled under: the limits, and what the deployment and the account have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Setup {
    /// The time limits.
    pub limits: Limits,
    /// How often a model may be asked in one case; 0 where the deployment has none.
    pub max_model_calls: u32,
    /// Whether an address is configured at which the provider of this kind can be asked.
    pub has_provider: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_defaults_are_those_of_the_documentation() {
        let limits = Limits::shipped().unwrap();
        assert_eq!((limits.first_answer, limits.provider), (4 * 3_600, 24 * 3_600));
        assert_eq!((limits.customer, limits.customer_reminder, limits.objection), (7 * 86_400, 3 * 86_400, 7 * 86_400));
        assert_eq!((limits.agent, limits.mail_interval), (8 * 3_600, 3_600));
        assert_eq!(Limits::configured(""), Ok(limits));
        assert_eq!(Limits::configured("{}"), Ok(limits));
    }

    #[test]
    fn a_deployments_own_says_what_is_different() {
        let own = Limits::configured(r#"{"agent": 5, "mail_interval": 1}"#).unwrap();
        assert_eq!(own, Limits { agent: 5, mail_interval: 1, ..Limits::shipped().unwrap() });
        let every: Vec<String> = NAMES.iter().map(|name| format!("\"{name}\":7")).collect();
        let every = Limits::configured(&format!("{{{}}}", every.join(","))).unwrap();
        assert_eq!((every.customer_reminder, every.decision_retry, every.objection), (7, 7, 7));
    }

    #[test]
    fn what_is_wrong_is_named() {
        for (own, named) in [
            ("[]", "an object"),
            ("{", "JSON"),
            (r#"{"agents": 1}"#, "agents is unknown; known are first_answer"),
            (r#"{"agent": 0}"#, "agent: must be a whole number from 1 to"),
            (r#"{"agent": 31622401}"#, "agent: must be"),
            (r#"{"agent": -1}"#, "agent: must be"),
            (r#"{"agent": 1.5}"#, "agent: must be"),
            (r#"{"agent": "5"}"#, "agent: must be"),
            (r#"{"agent": 1, "agent": 2}"#, "agent is there twice"),
        ] {
            let problem = Limits::configured(own).unwrap_err().to_string();
            assert!(problem.contains(named), "{own}: {problem}");
        }
        assert!(Limits::configured(r#"{"agent": 31622400}"#).is_ok());
    }

    #[test]
    fn the_pause_doubles_up_to_its_limit() {
        let limits = Limits { provider_retry: 60, provider_retry_max: 3_600, ..Limits::shipped().unwrap() };
        assert_eq!(
            [1, 2, 3, 7, 40, u32::MAX].map(|attempts| limits.provider_pause(attempts)),
            [60, 120, 240, 3_600, 3_600, 3_600]
        );
        let odd = Limits { provider_retry: 60, provider_retry_max: 1, ..limits };
        assert_eq!(odd.provider_pause(3), 60);
    }
}
