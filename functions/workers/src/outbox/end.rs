//! How the work on one mail ended.

use recourse_dispute::time::UnixMillis;

use super::round::MailOutcome;

/// Why a mail waits for another one.
pub(super) const BEHIND: &str = "an earlier mail of the case has not gone out yet";
/// Why a reminder is not sent after all.
pub(super) const REMINDS_OF_NOTHING: &str =
    "what it reminds of is over: the dispute is at another status, or its time is up";
/// Why a question or a reminder of the support process is not sent after all.
pub(super) const CASE_CLOSED: &str = "what it asks is over: the dispute is closed";
/// Why a sign-in link is not mailed after all.
pub(super) const LINK_RAN_OUT: &str = "the sign-in link in it works no more";
/// Why a mail to somebody whose data was erased is not sent.
pub(super) const ERASED: &str = "the addresses of all its readers were erased";

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
    /// What it says is not so any more, so it is given up, and nothing is wrong.
    TooLate {
        reason: &'static str,
    },
    /// It is tried again when it is due.
    Later {
        due: UnixMillis,
        reason: String,
    },
    /// The same, and somebody has to mend the deployment before it can succeed.
    Blocked {
        due: UnixMillis,
        reason: String,
    },
}

impl End {
    pub(super) fn done(&self) -> MailOutcome {
        match self {
            Self::Sent { .. } => MailOutcome::Sent,
            Self::Held { .. } => MailOutcome::Held,
            Self::Dead { .. } => MailOutcome::Dead,
            Self::TooLate { .. } => MailOutcome::TooLate,
            Self::Later { .. } | Self::Blocked { .. } => MailOutcome::Later,
        }
    }

    pub(super) fn outcome(&self) -> &'static str {
        match self {
            Self::Sent { .. } => "sent",
            Self::Held { .. } => "held",
            Self::Dead { .. } => "dead",
            Self::TooLate { .. } => "too_late",
            Self::Later { .. } => "later",
            Self::Blocked { .. } => "blocked",
        }
    }

    pub(super) fn alarm(&self) -> Option<&'static str> {
        match self {
            Self::Held { .. } => Some("mail_held"),
            Self::Dead { .. } => Some("mail_dead"),
            Self::Blocked { .. } => Some("mail_blocked"),
            Self::Sent { .. } | Self::TooLate { .. } | Self::Later { .. } => None,
        }
    }

    pub(super) fn reason(&self) -> Option<&str> {
        match self {
            Self::Sent { .. } => None,
            Self::Held { reason }
            | Self::Dead { reason }
            | Self::Later { reason, .. }
            | Self::Blocked { reason, .. } => Some(reason),
            Self::TooLate { reason } => Some(reason),
        }
    }
}
