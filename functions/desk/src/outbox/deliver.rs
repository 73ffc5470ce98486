//! Everything between a mail's claim and the note of its end.

use recourse_dispute::notice::Notice;
use recourse_dispute::time::UnixMillis;
use recourse_mail::Outcome;
use recourse_signing::{Secret, reply};
use recourse_store::{Mail, MailState};

use super::caps::Counting;
use super::end::End;
use super::mail::{LEASE_MS, Trouble};
use super::{Outbox, schedule};

/// What must be left of the lease when sending begins, in milliseconds: SES may take ten seconds, and then the end is written.
const SENDING_MS: i64 = 15_000;
/// What the data key is made into the key of the reply tokens for.
const REPLY_TO: &str = "reply-to";
/// Why a mail is held back that would go to nobody.
const ALL_MARKED: &str = "nobody is left to send it to: mail to each of its addresses came back or was called spam";
const NOBODY: &str = "nobody is left to send it to: some of its addresses are at their cap, and mail to the others came back or was called spam";

impl Outbox {
    /// Sends a claimed mail, to those who are not left out. Who is, and that it was counted, stays with `mail`, whatever comes of it.
    pub(super) async fn deliver(&self, mail: &mut Mail, claimed_at: UnixMillis) -> Result<End, Trouble> {
        let thread = self.store.thread(mail.id).await?;
        if let Some(due) = self.behind(mail, &thread.ahead) {
            return Ok(End::Behind { due });
        }
        mail.left_out = self.store.marked(&mail.notice.recipients.all().collect::<Vec<_>>()).await?;
        if mail.recipients().is_none() && mail.capped().is_empty() {
            return Ok(End::Held { reason: ALL_MARKED.to_owned() });
        }
        // Not when an operator had it tried again: that was decided.
        if mail.counted.is_none() && mail.redriven.is_empty() {
            match self.limits.count(&self.store, mail, self.world.now()).await? {
                Counting::Over(reason) => return Ok(End::Held { reason }),
                Counting::Counted(counted) => mail.counted = Some(counted),
            }
            self.tell_of_capped(mail);
        }
        let Some(recipients) = mail.recipients() else { return Ok(End::Held { reason: NOBODY.to_owned() }) };
        let notice = Notice { recipients, ..mail.notice.clone() };
        let key = self.sealer.derive(&self.store, REPLY_TO).await?;
        let token = Secret::from_bytes(&key).ok().and_then(|key| reply::token(&key, mail.id.number.get()));
        let composed = self.composer.compose(&notice, &thread.sent, &token.ok_or(Trouble::NoToken)?)?;
        if self.world.now() > claimed_at.plus(LEASE_MS - SENDING_MS) {
            return Err(Trouble::Slow);
        }
        Ok(match self.ses.send(&composed, &mail.id.to_string()).await {
            Outcome::Accepted(message_id) => End::Sent { message_id },
            Outcome::Refused(reason) => End::Dead { reason: format!("SES refused it: {reason}") },
            Outcome::Later(reason) => End::Later { reason },
        })
    }

    /// When to look again, where a mail must wait for an earlier one of its case that somebody gets both of: "we have your report" after "the case is
    /// closed" would be wrong. It waits for nothing that ended, and at most as long as a mail is tried at all.
    fn behind(&self, mail: &Mail, ahead: &[Mail]) -> Option<UnixMillis> {
        let now = self.world.now();
        if schedule::is_over(mail.tried_since(), now) {
            return None;
        }
        let first = ahead.iter().find(|earlier| earlier.notice.recipients.meets(&mail.notice.recipients))?;
        Some(match first.mail_state {
            MailState::Sending => now.plus(schedule::SECOND_MS),
            MailState::Pending | MailState::Sent | MailState::Held | MailState::Dead => {
                schedule::soon(mail.attempts, now)
            }
        })
    }

    /// Raises the alarm over addresses that are left out for their cap. It comes once for a mail, when that is counted.
    fn tell_of_capped(&self, mail: &Mail) {
        let (id, left_out) = (mail.id, mail.capped().len());
        if left_out > 0 {
            let (dispute, limit) = (id.number.case_id(), self.limits.to_address);
            let reason = format!("{left_out} of its addresses got {limit} mails today, which is the cap of an address");
            tracing::error!(alarm = "mail_capped", outbox_id = %id, dispute, reason, "a mail does not go to all of its addresses");
        }
    }
}
