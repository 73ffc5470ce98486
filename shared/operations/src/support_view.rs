//! A case as it is shown: its state, whose it is, and until when.

use recourse_dispute::dispute::Dispute;
use recourse_dispute::text::visible;
use recourse_dispute::time::UnixMillis;
use recourse_store::CaseFile;
use recourse_support::case::{Owner, State};
use recourse_support::reason::Reason;
use recourse_support::time::UnixSeconds;
use serde::Serialize;

use crate::decisive::length;
use crate::utc;

/// The owner that is shown for a case that the automation has. No agent has this name.
pub const AUTOMATION: &str = "automation";

/// The support process of a case, for a program. Times are ISO 8601.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SupportView {
    /// The name of its state.
    pub state: &'static str,
    /// [`AUTOMATION`], an agent's name, or nobody.
    pub owner: Option<String>,
    /// When the time of its state is over. Of a case that waits for an agent it can be past.
    pub limit_at: Option<String>,
    /// Whether it has waited longer for an agent than it may.
    pub overdue: bool,
    /// For how long, in milliseconds; 0 where it is not overdue. For people.
    #[serde(skip)]
    pub overdue_ms: i64,
    /// When something happens by itself: at the limit, before it, as for a reminder, or after it,
    /// where the supervisors of an overdue case are mailed again.
    pub due_at: Option<String>,
    /// The code of the reason why it is in that state.
    pub reason: &'static str,
}

impl SupportView {
    /// How a case stands at `now`; `None` where it has no support process.
    #[must_use]
    pub fn of(case: &CaseFile, dispute: &Dispute, now: UnixMillis) -> Option<Self> {
        let (support, state) = (case.support.as_ref()?, case.effective(dispute)?);
        // A dispute that was closed since the last step: the process has not written it down yet.
        if state != support.state {
            return Some(Self {
                state: state.name(),
                owner: None,
                limit_at: None,
                overdue: false,
                overdue_ms: 0,
                due_at: None,
                reason: Reason::DisputeEnded.code(),
            });
        }
        let overdue = support.is_overdue(UnixSeconds(now.seconds()));
        let since = support.limit_at.filter(|_| overdue).map_or(now, |at| millis(at.0));
        Some(Self {
            state: state.name(),
            owner: owner_name(&support.owner).map(str::to_owned),
            limit_at: support.limit_at.map(|at| millis(at.0).iso8601()),
            overdue,
            overdue_ms: now.0.saturating_sub(since.0),
            due_at: support.due_at().map(|at| millis(at.0).iso8601()),
            reason: support.reason.code(),
        })
    }

    /// The same on one line for a person.
    #[must_use]
    pub fn line(&self) -> String {
        let owner = match self.owner.as_deref() {
            Some(AUTOMATION) => "the automation has it".to_owned(),
            Some(agent) => format!("{} has it", visible(agent)),
            None if self.state == State::Resolved.name() => "nobody has to act".to_owned(),
            None => "no agent has it".to_owned(),
        };
        let limit = if self.limit_at.is_some() { format!(", {}", self.time()) } else { String::new() };
        let next = self.due_at.as_deref().filter(|_| self.due_at != self.limit_at);
        let next = next.map(|at| format!("; the next step is at {at}")).unwrap_or_default();
        format!("{}: {owner}{limit}{next}", self.state)
    }

    /// Until when, or for how long it has been overdue.
    #[must_use]
    pub fn time(&self) -> String {
        match self.limit_at.as_deref() {
            Some(at) if self.overdue => format!("overdue by {}, since {at}", length(self.overdue_ms)),
            Some(at) => format!("until {at}"),
            None => "until -".to_owned(),
        }
    }
}

/// Who an owner is, in one word: the automation, an agent by name, or nobody.
#[must_use]
pub fn owner_name(owner: &Owner) -> Option<&str> {
    match owner {
        Owner::Nobody => None,
        Owner::Automation => Some(AUTOMATION),
        Owner::Agent(name) => Some(name.as_str()),
    }
}

/// A time of the support process, which counts in seconds.
#[must_use]
pub fn millis(seconds: i64) -> UnixMillis {
    UnixMillis(seconds.saturating_mul(1000))
}

/// The sentence for a reason's code.
#[must_use]
pub fn sentence(code: &str) -> &'static str {
    Reason::ALL.iter().find(|reason| reason.code() == code).map_or("", |reason| reason.sentence())
}

/// A time of the support process for a person.
#[must_use]
pub fn seconds(at: i64) -> String {
    utc(millis(at))
}

#[cfg(test)]
mod tests {
    use recourse_support::case::{Kind, Language, SupportCase};
    use recourse_support::limits::{Limits, Setup};

    use super::*;
    use crate::testing::{OPENED, dispute};

    #[test]
    fn a_case_that_is_overdue_says_for_how_long() {
        let (dispute, opened) = (dispute(), UnixSeconds(OPENED.seconds()));
        let setup = Setup { limits: Limits::shipped().unwrap(), max_model_calls: 0, has_provider: false };
        let mut support = SupportCase::new(Kind::Other, Language::english(), opened, &setup);
        (support.state, support.owner) = (State::WaitingForAgent, Owner::Nobody);
        (support.limit_at, support.next_at) = (Some(opened.plus(3_600)), Some(opened.plus(4 * 86_400)));
        let case = CaseFile::begin(dispute.number, Some(support));
        let view = |seconds: i64| SupportView::of(&case, &dispute, OPENED.plus(seconds * 1000)).unwrap();
        let before = view(3_599);
        assert_eq!((before.time(), before.overdue), ("until 2026-01-16T03:00:00Z".to_owned(), false));
        let late = view(3_600 + 3 * 86_400);
        assert_eq!((late.time(), late.overdue), ("overdue by 3 days, since 2026-01-16T03:00:00Z".to_owned(), true));
        let line = late.line();
        assert!(line.starts_with("waiting_for_agent: no agent has it, overdue by 3 days, since "), "{line}");
        assert!(line.ends_with("; the next step is at 2026-01-20T02:00:00Z"), "{line}");
        let json = serde_json::to_value(&late).unwrap();
        assert_eq!((&json["overdue"], &json["limit_at"]), (&true.into(), &"2026-01-16T03:00:00Z".into()));
    }
}
