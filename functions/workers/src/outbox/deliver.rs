//! Everything between a mail's claim and its stored result.

use recourse_dispute::notification::{Audience, EmailTemplate, Notification};
use recourse_dispute::time::UnixMillis;
use recourse_mail::{ComposeError, Outcome};
use recourse_signing::reply::{self, ReplyRole};
use recourse_store::{MailState, OutboxMail, StoreError};

use super::caps::Counting;
use super::end::{BEHIND, CASE_CLOSED, ERASED, End, LINK_RAN_OUT, REMINDS_OF_NOTHING};
use super::mail::{LEASE_MS, SENDING_MS, Trouble};
use super::{Outbox, schedule};

/// Why a mail is held back when none of its addresses can be in a header.
const UNREADABLE: &str =
    "nobody is left to send it to: a mail program could read each of its addresses as an encoded word";
/// Why a mail is held back when all of its addresses are marked.
const ALL_MARKED: &str = "nobody is left to send it to: mail to each of its addresses came back or was called spam";
/// Why a mail is held back when its addresses are marked or at their cap.
const NOBODY: &str = "nobody is left to send it to: some of its addresses are at their cap, and mail to the others came back or was called spam";

impl Outbox {
    /// Sends a claimed mail to those who are not left out. `mail` records who is left out, that it
    /// was counted, and how often SES was asked, whatever the result.
    pub(super) async fn deliver(&self, mail: &mut OutboxMail, claimed_at: UnixMillis) -> Result<End, Trouble> {
        let thread = self.store.thread(mail.id).await?;
        if let Some(due) = self.behind(mail, &thread.ahead) {
            return Ok(End::Later { due, reason: BEHIND.to_owned() });
        }
        if let Some(reason) = self.too_late(&mail.notification).await? {
            return Ok(End::TooLate { reason });
        }
        if mail.has_no_reader() {
            return Ok(End::TooLate { reason: ERASED });
        }
        mail.left_out = self.store.marked(&mail.notification.recipients.all().collect::<Vec<_>>()).await?;
        if mail.recipients().is_none() && mail.capped().is_empty() {
            return Ok(End::Held { reason: ALL_MARKED.to_owned() });
        }
        // An operator who redrives a mail has decided that it goes out.
        if mail.counted.is_none() && mail.redriven.is_empty() {
            match self.limits.count(&self.store, mail, self.context.now()).await? {
                Counting::Over(reason) => return Ok(End::Held { reason }),
                Counting::Counted(counted) => mail.counted = Some(counted),
            }
            self.alarm_capped(mail);
        }
        let Some(recipients) = mail.recipients() else { return Ok(End::Held { reason: NOBODY.to_owned() }) };
        let notification = Notification { recipients, ..mail.notification.clone() };
        let key = crate::reply_key(&self.sealer, &self.store).await?;
        let role = match mail.id.audience {
            Audience::Case => ReplyRole::Case,
            Audience::Parties => ReplyRole::Party,
        };
        let token = reply::token(&key, mail.id.number.get(), role);
        let composed = match self.composer.compose(&notification, &thread.earlier, &token.ok_or(Trouble::NoToken)?) {
            Err(ComposeError::Recipients) => return Ok(End::Held { reason: UNREADABLE.to_owned() }),
            composed => composed?,
        };
        if self.context.now() > claimed_at.plus(LEASE_MS - SENDING_MS) {
            return Err(Trouble::Slow);
        }
        mail.attempts_since_redrive += 1;
        Ok(match self.ses.send(&composed, &mail.id.to_string()).await {
            Outcome::Accepted(message_id) => End::Sent { message_id },
            Outcome::Refused(reason) => End::Dead { reason: format!("SES refused it: {reason}") },
            Outcome::Blocked(reason) => {
                End::Blocked { due: schedule::next(mail.attempts_since_redrive, self.context.now()), reason }
            }
            Outcome::Later(reason) => {
                End::Later { due: schedule::next(mail.attempts_since_redrive, self.context.now()), reason }
            }
            Outcome::Unanswered(reason) => {
                mail.unanswered += 1;
                if mail.unanswered < schedule::MAX_UNANSWERED {
                    End::Later { due: schedule::unanswered(mail.unanswered, self.context.now()), reason }
                } else {
                    let times = mail.unanswered;
                    End::Dead { reason: format!("{reason}, {times} times; it may have gone out each time") }
                }
            }
        })
    }

    /// When to look again, where a mail must wait for an earlier one of its case with a common
    /// reader. Nobody gets "we have your report" after "the case is closed". A mail waits only for
    /// mails that may still go out, and at most as long as a mail is retried.
    fn behind(&self, mail: &OutboxMail, ahead: &[OutboxMail]) -> Option<UnixMillis> {
        let now = self.context.now();
        if schedule::is_over(mail.tried_since(), now) {
            return None;
        }
        let first =
            ahead.iter().find(|earlier| earlier.notification.recipients.meets(&mail.notification.recipients))?;
        Some(match first.mail_state {
            MailState::Sending => now.plus(schedule::SECOND_MS),
            MailState::Pending | MailState::Sent | MailState::Held | MailState::Dead => {
                schedule::soon(mail.attempts, now)
            }
        })
    }

    /// Why a mail comes too late, where it does: what a reminder is about is over, the dispute that
    /// a support mail asks about is closed, or a sign-in link works no more. Every other mail is
    /// about what happened, which stays true.
    async fn too_late(&self, notification: &Notification) -> Result<Option<&'static str>, StoreError> {
        let reason = match (notification.template, &notification.support) {
            (EmailTemplate::Reminder, _) => REMINDS_OF_NOTHING,
            (EmailTemplate::SupportReply, Some(support)) if support.while_open => CASE_CLOSED,
            (EmailTemplate::SignIn, Some(support)) => {
                let link = support.link.as_ref().filter(|link| link.good_until > self.context.now());
                return Ok(link.is_none().then_some(LINK_RAN_OUT));
            }
            _ => return Ok(None),
        };
        let Some(dispute) = self.store.dispute(notification.number).await? else { return Ok(Some(reason)) };
        let is_over = if notification.template == EmailTemplate::Reminder {
            let reminded_of = notification.status.as_ref().and_then(|snapshot| snapshot.ends_at);
            let ends_at = dispute.deadline.filter(|_| dispute.state.is_open()).map(|deadline| deadline.ends_at);
            ends_at != reminded_of || ends_at.is_none_or(|ends_at| ends_at <= self.context.now())
        } else {
            !dispute.state.is_open()
        };
        Ok(is_over.then_some(reason))
    }

    /// Raises the alarm about addresses that are left out for their cap: once for a mail, when it
    /// is counted.
    fn alarm_capped(&self, mail: &OutboxMail) {
        let (id, left_out) = (mail.id, mail.capped().len());
        if left_out > 0 {
            let (dispute, limit) = (id.number.case_id(), self.limits.to_address);
            let reason = format!("{left_out} of its addresses got {limit} mails today, which is the cap of an address");
            tracing::error!(alarm = "mail_capped", outbox_id = %id, dispute, reason, "a mail does not go to all of its addresses");
        }
    }
}
