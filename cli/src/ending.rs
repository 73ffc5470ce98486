//! How a command ends, and its exit code.

use recourse_store::StoreError;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ending {
    /// The command did what was asked.
    Done,
    /// It did, and the answer is no: a report that failed, an import with invalid lines.
    No,
    /// The service refused, nothing has the name, or the command or a setting is wrong.
    Refused,
    /// Something is out of reach or cannot answer now.
    NoAnswer,
    /// It did what was asked, and a part changed nothing, because the service knows a newer update.
    Stale,
    /// Ctrl-C.
    Interrupted,
}

impl Ending {
    /// The exit code that `--help` documents. clap ends with 2, too, when it refuses the arguments.
    pub(crate) fn code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::No => 1,
            Self::Refused => 2,
            Self::NoAnswer => 3,
            Self::Stale => 4,
            // 128 plus the number of SIGINT, as in shells.
            Self::Interrupted => 130,
        }
    }
}

/// Why a command did not do what was asked, for the person, on stderr.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{text}")]
pub(crate) struct Failure {
    pub(crate) ending: Ending,
    pub(crate) text: String,
}

impl Failure {
    /// A failure that remains when the same is tried again.
    pub(crate) fn refused(text: impl Into<String>) -> Self {
        Self { ending: Ending::Refused, text: text.into() }
    }

    /// A failure that may be gone when the same is tried again later.
    pub(crate) fn no_answer(text: impl Into<String>) -> Self {
        Self { ending: Ending::NoAnswer, text: text.into() }
    }

    /// The same failure, with what to do next.
    pub(crate) fn then(mut self, next: &str) -> Self {
        self.text = format!("{}\n{next}", self.text);
        self
    }

    /// The same failure, with what to do next where that is known.
    pub(crate) fn hint(self, next: Option<String>) -> Self {
        match next {
            Some(next) => self.then(&next),
            None => self,
        }
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Unavailable { .. } => Self::no_answer(format!("DynamoDB does not answer: {error}")),
            StoreError::Denied { .. } => Self::refused(format!("AWS refuses the credentials, or they may not do this: {error}"))
                .then("Check AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN, and what they may do: cli/README.md lists what each command needs."),
            StoreError::Malformed { .. } | StoreError::Unreadable { .. } | StoreError::InvariantViolated { .. } => {
                Self::refused(format!("DynamoDB refuses, or holds what this release cannot read: {error}"))
                    .then("Check DISPUTES_TABLE and AWS_REGION.")
            }
        }
    }
}
