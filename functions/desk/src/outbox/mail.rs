//! One mail: claimed, sent, its end written.

use recourse_dispute::addresses::MailAddress;
use recourse_dispute::notice::Notice;
use recourse_dispute::time::UnixMillis;
use recourse_mail::{ComposeError, Outcome};
use recourse_signing::{Secret, reply};
use recourse_store::{Claim, ClaimedMail, Mail, MailId, StoreError};

use super::round::{Done, unpanicked};
use super::{Outbox, schedule};

/// How long a claim holds: more than all calls for one mail take with their timeouts.
const LEASE_MS: i64 = 60_000;
/// What must be left of the lease when sending begins, in milliseconds: SES may take ten seconds, and then the end is written.
const SENDING_MS: i64 = 15_000;
/// What the data key is made into the key of the reply tokens for.
const REPLY_TO: &str = "reply-to";

/// How the work on a claimed mail ended. Reasons hold no address.
enum End {
    Sent { message_id: String, left_out: Vec<MailAddress> },
    Held { reason: String },
    Dead { reason: String },
    Later { reason: String },
}

/// What kept a mail from being handed to SES at all.
#[derive(Debug, thiserror::Error)]
enum Trouble {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Compose(#[from] ComposeError),
    #[error("there is no reply token for the dispute")]
    NoToken,
    #[error("the lease was nearly over before sending began")]
    Slow,
}

impl Trouble {
    /// What the case's record says; what the SDK says of it is for the log alone.
    fn reason(&self) -> String {
        match self {
            Self::Store(StoreError::Unavailable { operation, .. }) => format!("{operation} is out of reach"),
            Self::Store(StoreError::Denied { operation, .. }) => format!("{operation} is not allowed to us"),
            Self::Store(StoreError::Broken(_)) => "something that is stored cannot be read".to_owned(),
            Self::Compose(_) => "the mail could not be composed".to_owned(),
            Self::NoToken | Self::Slow => self.to_string(),
        }
    }
}

impl Outbox {
    /// Sends a mail if it is ours to send.
    pub(super) async fn work(&self, id: MailId) -> Done {
        let started = self.world.now();
        let mut claimed = match self.claim(id, started).await {
            Ok(claimed) => claimed,
            Err(done) => return done,
        };
        let end = match unpanicked(self.deliver(&claimed.mail, started)).await {
            Ok(Ok(end)) => end,
            Ok(Err(trouble)) => {
                tracing::warn!(outbox_id = %id, error = %trouble, "a mail was not handed to SES");
                End::Later { reason: trouble.reason() }
            }
            Err(_) => End::Later { reason: "the work on it panicked".to_owned() },
        };
        let end = self.given_up_when_old(end, &claimed.mail);
        if let End::Sent { left_out, .. } = &end {
            claimed.mail.left_out.clone_from(left_out);
        }
        self.note(&claimed, &end, started).await;
        end.done()
    }

    async fn claim(&self, id: MailId, now: UnixMillis) -> Result<Box<ClaimedMail>, Done> {
        let attempt = self.world.attempt().map_err(|error| {
            tracing::error!(outbox_id = %id, error = %error, "no random bytes");
            Done::Broken
        })?;
        match self.store.claim(id, &attempt, now, LEASE_MS).await {
            Ok(Claim::Claimed(claimed)) => Ok(claimed),
            Ok(Claim::NotOurs) => Err(Done::NotOurs),
            // Whoever may not ask learns nothing of the mail: it is as it was, and waits for its next try.
            Err(error @ (StoreError::Unavailable { .. } | StoreError::Denied { .. })) => {
                tracing::warn!(outbox_id = %id, error = %error, "a mail could not be claimed");
                Err(Done::Unreached)
            }
            Err(error @ StoreError::Broken(_)) => {
                let dispute = id.number.case_id();
                tracing::error!(alarm = "mail_unreadable", outbox_id = %id, dispute, error = %error, "a mail cannot be read");
                Err(Done::Broken)
            }
        }
    }

    /// Everything between claim and note.
    async fn deliver(&self, mail: &Mail, claimed_at: UnixMillis) -> Result<End, Trouble> {
        let left_out = self.store.marked(&mail.notice.recipients.all().collect::<Vec<_>>()).await?;
        let Some(recipients) = mail.notice.recipients.without(|address| left_out.contains(address)) else {
            let reason = "nobody is left to send it to: mail to each of its addresses came back or was called spam";
            return Ok(End::Held { reason: reason.to_owned() });
        };
        let notice = Notice { recipients, ..mail.notice.clone() };
        if mail.attempts == 1 {
            let over = self.limits.count(&self.store, &mail.notice, &left_out, self.world.now()).await?;
            if let Some(reason) = over {
                return Ok(End::Held { reason });
            }
        }
        let earlier = self.store.thread(mail.id).await?;
        let key = self.sealer.derive(&self.store, REPLY_TO).await?;
        let token = Secret::from_bytes(&key).ok().and_then(|key| reply::token(&key, mail.id.number.get()));
        let composed = self.composer.compose(&notice, &earlier, &token.ok_or(Trouble::NoToken)?)?;
        if self.world.now() > claimed_at.plus(LEASE_MS - SENDING_MS) {
            return Err(Trouble::Slow);
        }
        Ok(match self.ses.send(&composed, &mail.id.to_string()).await {
            Outcome::Accepted(message_id) => End::Sent { message_id, left_out },
            Outcome::Refused(reason) => End::Dead { reason: format!("SES refused it: {reason}") },
            Outcome::Later(reason) => End::Later { reason },
        })
    }

    fn given_up_when_old(&self, end: End, mail: &Mail) -> End {
        match end {
            End::Later { reason } if schedule::is_over(mail.tried_since(), self.world.now()) => {
                End::Dead { reason: format!("not sent within 48 hours, at last because: {reason}") }
            }
            end => end,
        }
    }

    /// Writes the end, and the mail's line in the log. The alarm comes first: what is noted twice raises it twice, and what could not be noted is
    /// tried again when the lease is over.
    async fn note(&self, claimed: &ClaimedMail, end: &End, started: UnixMillis) {
        let Mail { id, attempts, .. } = claimed.mail;
        let dispute = id.number.case_id();
        if let Some(alarm) = end.alarm() {
            tracing::error!(alarm, outbox_id = %id, dispute, reason = end.reason(), "a mail does not go out");
        }
        let now = self.world.now();
        let noted = match end {
            End::Sent { message_id, .. } => self.store.sent(claimed, message_id, now).await,
            End::Held { reason } => self.store.held(claimed, reason, now).await,
            End::Dead { reason } => self.store.dead(claimed, reason, now).await,
            End::Later { reason } => self.store.later(claimed, schedule::next(attempts, now), reason, now).await,
        };
        if now >= started.plus(LEASE_MS) {
            tracing::warn!(outbox_id = %id, dispute, "the lease was over before the end was noted: a mail may go out twice");
        }
        if let Err(error) = noted {
            tracing::error!(outbox_id = %id, dispute, error = %error, "how a mail ended could not be noted");
        }
        let (outcome, duration_ms) = (end.outcome(), self.world.since(started));
        tracing::info!(outbox_id = %id, dispute, outcome, reason = end.reason(), attempts, duration_ms, "mail");
    }
}

impl End {
    fn done(&self) -> Done {
        match self {
            Self::Sent { .. } => Done::Sent,
            Self::Held { .. } => Done::Held,
            Self::Dead { .. } => Done::Dead,
            Self::Later { .. } => Done::Later,
        }
    }

    fn outcome(&self) -> &'static str {
        match self {
            Self::Sent { .. } => "sent",
            Self::Held { .. } => "held",
            Self::Dead { .. } => "dead",
            Self::Later { .. } => "later",
        }
    }

    fn alarm(&self) -> Option<&'static str> {
        match self {
            Self::Held { .. } => Some("mail_held"),
            Self::Dead { .. } => Some("mail_dead"),
            Self::Sent { .. } | Self::Later { .. } => None,
        }
    }

    fn reason(&self) -> Option<&str> {
        match self {
            Self::Sent { .. } => None,
            Self::Held { reason } | Self::Dead { reason } | Self::Later { reason } => Some(reason),
        }
    }
}
