//! How a report begins its case.

use recourse_aws::BadVariable;
use recourse_dispute::dispute::Dispute;
use recourse_dispute::event::PerformedBy;
use recourse_dispute::lifecycle::Actor;
use recourse_dispute::time::UnixMillis;
use recourse_store::{CaseFile, SupportEvent, Work, WorkKind};
use recourse_support::case::{Kind, Language, SupportCase};
use recourse_support::limits::{Limits, Setup};
use recourse_support::time::UnixSeconds;

use crate::settings::{limits, switch};

/// What a report needs to know of the support process.
#[derive(Clone, Copy, Debug)]
pub struct ProcessStart(Option<Limits>);

impl ProcessStart {
    /// Reads `SUPPORT_PROCESS` and `SUPPORT_TIME_LIMITS`, which `variable` looks up. A process that
    /// is not there is off.
    ///
    /// # Errors
    /// [`BadVariable`].
    pub fn read(variable: impl Fn(&'static str) -> Option<String>) -> Result<Self, BadVariable> {
        Ok(Self(switch(&variable, "SUPPORT_PROCESS")?.then(|| limits(&variable)).transpose()?))
    }

    /// The support item of a report that opens now, and the first entry of its history: an order to
    /// the worker to begin. `None` in staging, for disputes of other APIs, and where the process is
    /// off.
    #[must_use]
    pub fn begin(&self, dispute: &Dispute, now: UnixMillis) -> Option<(CaseFile, SupportEvent)> {
        let limits = self.0?;
        let is_answered = dispute.channel.policy().has_support_process && dispute.facts.environment.sends_mail();
        if !is_answered {
            return None;
        }
        // The worker knows what was bought and the account's language. A report reads neither.
        let setup = Setup { limits, max_model_calls: 0, has_provider: false };
        let support = SupportCase::new(Kind::Other, Language::english(), UnixSeconds(now.seconds()), &setup);
        let mut case = CaseFile::begin(dispute.number, Some(support));
        case.set_work(Some(Work { id: 0, kind: WorkKind::Opened, due: now }));
        let by = PerformedBy { actor: Actor::Automation, name: "report".to_owned() };
        Some((case, SupportEvent { version: 1, at: now, by, entries: Vec::new(), ids: Vec::new(), note: None }))
    }
}
