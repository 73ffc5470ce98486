//! The mails of one dispute, as one of them finds the others.

use recourse_dispute::notification::ThreadEntry;
use recourse_dispute::time::UnixMillis;

use super::{MailId, MailState, OutboxMail};
use crate::error::StoreError;
use crate::items::body;
use crate::keys::MAILS;
use crate::{Message, MessageRole, Store, keys};

/// How many of the messages that a case got last a mail may thread on. Strangers can add to them,
/// so they are never all read.
const LAST_MESSAGES: i32 = 20;

/// The other mails of a mail's dispute.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Thread {
    /// Those that went out, and those that customers sent, in the order in which they did: what the
    /// mail threads on.
    pub earlier: Vec<ThreadEntry>,
    /// Those that were enqueued before it and are still to be sent, oldest first.
    pub ahead: Vec<OutboxMail>,
}

impl Store {
    /// The other mails of a mail's dispute, and the last messages of its case: two queries at once.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn thread(&self, id: MailId) -> Result<Thread, StoreError> {
        // A mail to an account alone is no part of the conversation with the others.
        if id.is_out_of_band() {
            return Ok(Thread::default());
        }
        let partition = keys::dispute_partition(id.number);
        let mails = self.partition(&partition, Some(MAILS));
        let (items, messages) =
            futures_util::future::try_join(mails, self.last_messages(id.number, LAST_MESSAGES)).await?;
        // A mail that this release cannot read holds up no other: it raises an alarm of its own
        // when it is due.
        let mut mails: Vec<OutboxMail> = items.into_iter().filter_map(|item| body(item).ok()).collect();
        let mut earlier: Vec<(UnixMillis, ThreadEntry)> =
            messages.into_iter().filter_map(|item| body(item).ok().and_then(Message::into_thread)).collect();
        mails.retain(|mail| !mail.id.is_out_of_band());
        let ahead = ahead(&mails, id);
        mails.retain(|mail| mail.id != id);
        earlier.extend(mails.into_iter().filter_map(OutboxMail::into_thread));
        earlier.sort_by_key(|(at, _)| *at);
        Ok(Thread { earlier: earlier.into_iter().map(|(_, entry)| entry).collect(), ahead })
    }
}

/// Those of a dispute's mails that are still to be sent and go out before `id`.
///
/// Mails about changes go out in the order of the changes, mails of the support case in the order
/// of its thread, and the two among each other by the time of enqueueing. Clocks of two workers may
/// differ, so a mail counts as enqueued no earlier than those of its kind before it: that makes one
/// order of all, and no two mails wait for each other.
fn ahead(mails: &[OutboxMail], id: MailId) -> Vec<OutboxMail> {
    let mut ordered: Vec<_> = mails.iter().collect();
    ordered.sort_by_key(|mail| mail.id.version);
    let (mut change, mut support) = (UnixMillis(i64::MIN), UnixMillis(i64::MIN));
    let mut placed = Vec::new();
    for mail in ordered {
        let latest = if mail.id.is_support() { &mut support } else { &mut change };
        *latest = mail.enqueued_at.max(*latest);
        placed.push(((*latest, mail.id.version), mail));
    }
    placed.sort_by_key(|(place, _)| *place);
    let own = placed.iter().find(|(_, mail)| mail.id == id).map(|(place, _)| *place);
    let own = own.unwrap_or((UnixMillis(i64::MAX), id.version));
    let waits = |mail: &OutboxMail| matches!(mail.mail_state, MailState::Pending | MailState::Sending);
    let ahead = placed.into_iter().filter(|(place, mail)| *place < own && waits(mail));
    ahead.map(|(_, mail)| mail.clone()).collect()
}

impl OutboxMail {
    fn into_thread(self) -> Option<(UnixMillis, ThreadEntry)> {
        let recipients = self.recipients()?;
        Some((self.changed_at, ThreadEntry::Sent { message_id: self.message_id?, recipients }))
    }
}

impl Message {
    /// What a mail of a person of the case is in the thread. Nobody is answered on a mail of a
    /// program or a stranger.
    fn into_thread(self) -> Option<(UnixMillis, ThreadEntry)> {
        let is_written = self.role == MessageRole::Customer && self.class.as_deref() == Some(Self::WRITTEN);
        let entry = ThreadEntry::Received { message_id: self.message_id?, from: self.from? };
        is_written.then_some((self.at, entry))
    }
}
