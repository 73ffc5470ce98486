//! How the work on one mail ended.

use recourse_dispute::time::UnixMillis;

use super::round::Done;

/// Why a mail waits for another one.
pub(super) const BEHIND: &str = "an earlier mail of the case has not gone out yet";

/// How the work on a claimed mail ended. Reasons hold no address.
pub(super) enum End {
    Sent {
        message_id: String,
    },
    Held {
        reason: String,
    },
    Dead {
        reason: String,
    },
    Later {
        reason: String,
    },
    /// It waits for an earlier mail of its case; when to look again.
    Behind {
        due: UnixMillis,
    },
}

impl End {
    pub(super) fn done(&self) -> Done {
        match self {
            Self::Sent { .. } => Done::Sent,
            Self::Held { .. } => Done::Held,
            Self::Dead { .. } => Done::Dead,
            Self::Later { .. } | Self::Behind { .. } => Done::Later,
        }
    }

    pub(super) fn outcome(&self) -> &'static str {
        match self {
            Self::Sent { .. } => "sent",
            Self::Held { .. } => "held",
            Self::Dead { .. } => "dead",
            Self::Later { .. } | Self::Behind { .. } => "later",
        }
    }

    pub(super) fn alarm(&self) -> Option<&'static str> {
        match self {
            Self::Held { .. } => Some("mail_held"),
            Self::Dead { .. } => Some("mail_dead"),
            Self::Sent { .. } | Self::Later { .. } | Self::Behind { .. } => None,
        }
    }

    pub(super) fn reason(&self) -> Option<&str> {
        match self {
            Self::Sent { .. } => None,
            Self::Held { reason } | Self::Dead { reason } | Self::Later { reason } => Some(reason),
            Self::Behind { .. } => Some(BEHIND),
        }
    }
}
