//! The mails of one dispute, as one of them finds the others.

use recourse_dispute::notification::Sent;

use super::{MailId, MailState, OutboxMail};
use crate::error::StoreError;
use crate::items::body;
use crate::keys::MAILS;
use crate::{Store, keys};

/// The other mails of a mail's dispute.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Thread {
    /// Those that went out, in the order in which they did: what the mail threads on.
    pub sent: Vec<Sent>,
    /// Those that were enqueued before it and are still to be sent, oldest first.
    pub ahead: Vec<OutboxMail>,
}

impl Store {
    /// The other mails of a mail's dispute: one query.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn thread(&self, id: MailId) -> Result<Thread, StoreError> {
        // A mail to an account alone is no part of the conversation with the others.
        if id.is_out_of_band() {
            return Ok(Thread::default());
        }
        let mails = self.partition(&keys::dispute_partition(id.number), Some(MAILS)).await?;
        // A mail that this release cannot read holds up no other: it raises an alarm of its own
        // when it is due.
        let mut mails: Vec<OutboxMail> = mails.into_iter().filter_map(|mail| body(mail).ok()).collect();
        mails.retain(|mail| mail.id != id && !mail.id.is_out_of_band());
        let waits = |mail: &&OutboxMail| match mail.mail_state {
            MailState::Pending | MailState::Sending => mail.id.version < id.version,
            MailState::Sent | MailState::Held | MailState::Dead => false,
        };
        let ahead = mails.iter().filter(waits).cloned().collect();
        mails.sort_by_key(|mail| mail.changed_at);
        Ok(Thread { sent: mails.into_iter().filter_map(OutboxMail::into_sent).collect(), ahead })
    }
}

impl OutboxMail {
    fn into_sent(self) -> Option<Sent> {
        let recipients = self.recipients()?;
        Some(Sent { message_id: self.message_id?, recipients })
    }
}
