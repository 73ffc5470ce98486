//! The playbooks of a deployment.

use recourse_support::Problem;
use recourse_support::case::Kind;
use recourse_support::decision::{CaseView, DecidedBy, Decision, Engine, Ruling};
use recourse_support::playbook::{Playbook, Playbooks};
use recourse_support::reason::Reason;

/// The playbooks of a deployment. Where its own cannot be read, every decision is a person's: the
/// playbooks that ship do something else than what the deployment wants.
#[derive(Clone, Debug)]
pub enum PlaybookSet {
    /// These.
    Ready(Playbooks),
    /// None, for this reason.
    Unreadable(String),
}

impl PlaybookSet {
    /// The playbooks that ship.
    ///
    /// # Errors
    /// Every [`Problem`] of a data file, which a test excludes.
    pub fn shipped() -> Result<Self, Vec<Problem>> {
        Playbooks::shipped().map(Self::Ready)
    }

    /// A deployment's own, as the object has them. `object` is its key, for reasons.
    #[must_use]
    pub fn parse(object: &str, bytes: &[u8]) -> Self {
        let read = std::str::from_utf8(bytes).map_err(|_| format!("{object} must be UTF-8"));
        let parsed = read.and_then(|json| {
            Playbooks::parse(object, json)
                .map_err(|problems| problems.first().map_or_else(|| object.to_owned(), Problem::to_string))
        });
        parsed.map_or_else(Self::Unreadable, Self::Ready)
    }

    /// Why they cannot be read.
    #[must_use]
    pub fn problem(&self) -> Option<&str> {
        match self {
            Self::Ready(_) => None,
            Self::Unreadable(reason) => Some(reason),
        }
    }

    /// The playbook of a kind.
    #[must_use]
    pub fn of(&self, kind: Kind) -> Option<&Playbook> {
        match self {
            Self::Ready(playbooks) => playbooks.of(kind),
            Self::Unreadable(_) => None,
        }
    }
}

/// The playbooks as the process asks them.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PlaybookEngine<'a> {
    pub(crate) playbooks: &'a PlaybookSet,
    /// Whether answers of customers are read. Where they are not, nobody is asked a question.
    pub(crate) reads_replies: bool,
}

impl Engine for PlaybookEngine<'_> {
    fn decide(&self, view: &CaseView<'_>) -> Ruling {
        let person = |by, saw: Vec<String>| Ruling {
            decision: Decision::Escalate(Reason::PlaybookEscalated),
            by,
            position: None,
            saw,
        };
        match self.playbooks {
            PlaybookSet::Unreadable(_) => person(DecidedBy::Limits, vec!["playbooks_unreadable".to_owned()]),
            PlaybookSet::Ready(playbooks) => match playbooks.decide(view) {
                Ruling { decision: Decision::Ask(_), by, mut saw, .. } if !self.reads_replies => {
                    saw.push("replies_are_not_read".to_owned());
                    person(by, saw)
                }
                ruling => ruling,
            },
        }
    }
}
