//! One mail: claimed, sent, its end written.

use std::time::Duration;

use recourse_dispute::time::UnixMillis;
use recourse_mail::ComposeError;
use recourse_store::{ClaimOutcome, ClaimedMail, MailEnd, MailId, OutboxMail, StoreError};

use super::end::End;
use super::round::MailOutcome;
use super::{Outbox, caps, schedule};
use crate::NoReplyKey;
use crate::unpanicked::unpanicked;

/// How long a claim holds: more than all calls for one mail take with their timeouts.
pub(super) const LEASE_MS: i64 = 60_000;
/// How much of the lease must be left before sending begins, in milliseconds: SES may take ten
/// seconds, and then the result is stored.
pub(super) const SENDING_MS: i64 = 15_000;
/// How many attempts the worker makes to store that a mail was sent.
const MAX_NOTES: u32 = 5;
/// How long it waits between two attempts.
const NOTE_AGAIN: Duration = Duration::from_secs(1);

/// Why a mail was not handed to SES.
#[derive(Debug, thiserror::Error)]
pub(super) enum Trouble {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Compose(#[from] ComposeError),
    #[error("no reply token could be made for the dispute")]
    NoToken,
    #[error(transparent)]
    ReplyKey(#[from] NoReplyKey),
    #[error("less than {SENDING_MS} ms of the lease were left, which sending needs")]
    Slow,
}

impl Trouble {
    /// What the case's record says. The SDK's text goes to the log alone.
    fn reason(&self) -> String {
        match self {
            Self::Store(error) => Self::of_store(error),
            Self::Compose(_) => "the mail could not be composed".to_owned(),
            Self::ReplyKey(NoReplyKey::Store(error)) => Self::of_store(error),
            Self::NoToken | Self::ReplyKey(NoReplyKey::Unusable) | Self::Slow => self.to_string(),
        }
    }

    fn of_store(error: &StoreError) -> String {
        match error {
            StoreError::Unavailable { operation, .. } => format!("{operation} is out of reach"),
            StoreError::Denied { operation, .. } => format!("{operation} is denied to this function"),
            _ => "a stored item cannot be read".to_owned(),
        }
    }
}

impl Outbox {
    /// Sends a mail, if this worker can claim it.
    pub(super) async fn work(&self, id: MailId) -> MailOutcome {
        let started = self.context.now();
        let mut claimed = match self.claim(id, started).await {
            Ok(claimed) => claimed,
            Err(done) => return done,
        };
        let again = |mail: &OutboxMail| schedule::next(mail.attempts, self.context.now());
        let end = match unpanicked(self.deliver(&mut claimed.mail, started)).await {
            Ok(Ok(end)) => end,
            Ok(Err(trouble)) => {
                tracing::warn!(outbox_id = %id, error = %trouble, "a mail was not handed to SES");
                End::Later { due: again(&claimed.mail), reason: trouble.reason() }
            }
            Err(_) => End::Later { due: again(&claimed.mail), reason: "the work on it panicked".to_owned() },
        };
        let end = self.given_up_when_old(end, &claimed.mail);
        self.note(&claimed, &end, started).await;
        end.done()
    }

    async fn claim(&self, id: MailId, now: UnixMillis) -> Result<Box<ClaimedMail>, MailOutcome> {
        let token = self.context.write_token().map_err(|error| {
            tracing::error!(outbox_id = %id, error = %error, "no random bytes for the claim of a mail");
            MailOutcome::Broken
        })?;
        match self.store.claim(id, &token, now, LEASE_MS).await {
            Ok(ClaimOutcome::Claimed(claimed)) => Ok(claimed),
            Ok(ClaimOutcome::ClaimedByOther) => Err(MailOutcome::ClaimedByOther),
            // Whoever may not ask learns nothing of the mail: it is as it was, and waits for its
            // next attempt.
            Err(error @ (StoreError::Unavailable { .. } | StoreError::Denied { .. })) => {
                tracing::warn!(outbox_id = %id, error = %error, "a mail could not be claimed");
                Err(MailOutcome::Unreached)
            }
            Err(error) => {
                let dispute = id.number.case_id();
                tracing::error!(alarm = "mail_unreadable", outbox_id = %id, dispute, error = %error, "a mail cannot be read");
                Err(MailOutcome::Broken)
            }
        }
    }

    fn given_up_when_old(&self, end: End, mail: &OutboxMail) -> End {
        match end {
            End::Later { reason, .. } | End::Blocked { reason, .. }
                if schedule::is_over(mail.tried_since(), self.context.now()) =>
            {
                End::Dead { reason: format!("not sent within 48 hours, at last because: {reason}") }
            }
            end => end,
        }
    }

    /// Stores the end of the mail, and logs it. The alarm comes first, so it may be raised twice. A
    /// result that could not be stored is retried when the lease is over. A mail that does not go
    /// out is taken off its caps last, so that a crash costs a count and never lets one mail too
    /// many through.
    async fn note(&self, claimed: &ClaimedMail, end: &End, started: UnixMillis) {
        let OutboxMail { id, attempts, .. } = claimed.mail;
        let dispute = id.number.case_id();
        if let Some(alarm) = end.alarm() {
            tracing::error!(alarm, outbox_id = %id, dispute, reason = end.reason(), "a mail does not go out");
        }
        let now = self.context.now();
        let noted = match end {
            End::Sent { message_id, .. } => self.note_sent(claimed, message_id, started).await,
            End::Held { reason } => self.store.held(claimed, reason, now).await,
            End::Dead { reason } => self.store.dead(claimed, reason, now).await,
            End::TooLate { reason } => self.store.dropped(claimed, reason, now).await,
            End::Later { due, reason } | End::Blocked { due, reason } => {
                self.store.later(claimed, *due, reason, now).await
            }
        };
        if now >= started.plus(LEASE_MS) {
            tracing::warn!(outbox_id = %id, dispute, "the lease ended before the result was stored: the mail may go out twice");
        }
        // What SES may have taken counts, whatever becomes of it.
        let counted = claimed.mail.counted.as_ref().filter(|_| claimed.mail.unanswered == 0);
        match (noted, end, counted) {
            (Ok(MailEnd::Noted), End::Held { .. } | End::Dead { .. } | End::TooLate { .. }, Some(counted)) => {
                caps::give_back(&self.store, &claimed.mail, counted).await;
            }
            (Ok(_), ..) => {}
            (Err(error), ..) => {
                tracing::error!(outbox_id = %id, dispute, error = %error, "the result of a mail could not be stored");
            }
        }
        let (outcome, duration_ms) = (end.outcome(), self.context.since(started));
        tracing::info!(outbox_id = %id, dispute, outcome, reason = end.reason(), attempts, duration_ms, "mail");
    }

    /// Stores that SES has a mail. Retries while the store is out of reach and the lease holds,
    /// because a mail that is not recorded as sent goes out again.
    async fn note_sent(
        &self,
        claimed: &ClaimedMail,
        message_id: &str,
        started: UnixMillis,
    ) -> Result<MailEnd, StoreError> {
        for _ in 1..MAX_NOTES {
            let noted = self.note_id_and_sent(claimed, message_id).await;
            let may_again = self.context.now() < started.plus(LEASE_MS - SENDING_MS);
            match noted {
                Err(error) if error.is_temporary() && may_again => tokio::time::sleep(NOTE_AGAIN).await,
                // Whatever became of the id, that the mail was sent is tried once more.
                Err(error) if error.is_temporary() => break,
                noted => return noted,
            }
        }
        self.store.sent(claimed, message_id, self.context.now()).await
    }

    /// Stores under which Message-ID the mail is known outside, and then that it was sent. So the
    /// answer to a mail that counts as sent finds its case by that id. Where the id cannot be
    /// stored, the answer still has the plus-address.
    async fn note_id_and_sent(&self, claimed: &ClaimedMail, message_id: &str) -> Result<MailEnd, StoreError> {
        let id = claimed.mail.id;
        if let Some(wire_id) = self.composer.wire_id(message_id)
            && let Err(error) = self.store.remember_sent_id(id, &wire_id).await
        {
            tracing::warn!(outbox_id = %id, error = %error, "the Message-ID of a mail could not be stored");
            if error.is_temporary() {
                return Err(error);
            }
        }
        self.store.sent(claimed, message_id, self.context.now()).await
    }
}
