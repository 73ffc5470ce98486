//! Many mails: a few at a time, each by itself, until the time is up.

use futures_util::{StreamExt, stream};
use recourse_dispute::time::UnixMillis;
use recourse_store::{MailId, StoreError};

use super::Outbox;
use crate::unpanicked::unpanicked;

/// How many cases are worked on at once. SES lets a new account send 14 mails a second, and a mail
/// takes a tenth of one.
const AT_A_TIME: usize = 4;
/// How many mails of each shard of the index a sweep takes at once.
const PAGE: i32 = 25;

/// The result of the work on one mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum MailOutcome {
    Sent,
    Held,
    Dead,
    /// What it says is no longer true, so it is not sent.
    TooLate,
    Later,
    /// Another worker has it, or it is not due, done, or missing.
    ClaimedByOther,
    /// It could not be claimed, because the store is out of reach.
    Unreached,
    /// It cannot be read, or the work on it panicked before it was claimed or after it was done.
    Broken,
    /// The time was up before it was begun.
    Left,
}

/// Counts of the outcomes of one run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Tally {
    pub(super) sent: u32,
    pub(super) held: u32,
    pub(super) dead: u32,
    pub(super) too_late: u32,
    pub(super) later: u32,
    pub(super) claimed_by_other: u32,
    pub(super) broken: u32,
    pub(super) left: u32,
    /// How late the mail is that has been due for longest, where the index was asked.
    pub(super) late_ms: Option<u64>,
    /// How long ago the oldest mail that still waits was enqueued, where that was asked.
    pub(super) unsent_ms: Option<u64>,
    pub(super) unreached: Vec<MailId>,
}

impl Tally {
    fn add(&mut self, id: MailId, done: MailOutcome) {
        match done {
            MailOutcome::Sent => self.sent += 1,
            MailOutcome::Held => self.held += 1,
            MailOutcome::Dead => self.dead += 1,
            MailOutcome::TooLate => self.too_late += 1,
            MailOutcome::Later => self.later += 1,
            MailOutcome::ClaimedByOther => self.claimed_by_other += 1,
            MailOutcome::Broken => self.broken += 1,
            MailOutcome::Left => self.left += 1,
            MailOutcome::Unreached => self.unreached.push(id),
        }
    }

    fn join(&mut self, other: Self) {
        self.sent += other.sent;
        self.held += other.held;
        self.dead += other.dead;
        self.too_late += other.too_late;
        self.later += other.later;
        self.claimed_by_other += other.claimed_by_other;
        self.broken += other.broken;
        self.left += other.left;
        self.late_ms = self.late_ms.max(other.late_ms);
        self.unsent_ms = self.unsent_ms.max(other.unsent_ms);
        self.unreached.extend(other.unreached);
    }

    /// Whether any mail left the list of what is due.
    fn moved(&self) -> bool {
        self.sent + self.held + self.dead + self.too_late + self.later > 0
    }
}

impl Outbox {
    /// Works on these mails. Those of one case go one after the other in their order, so that each
    /// threads on the one before.
    pub(super) async fn round(&self, mut ids: Vec<MailId>, until: UnixMillis) -> Tally {
        ids.sort_by_key(|id| (id.number, id.version));
        ids.dedup();
        let cases: Vec<Vec<MailId>> = ids.chunk_by(|one, next| one.number == next.number).map(<[_]>::to_vec).collect();
        let one_case = |mails: Vec<MailId>| async move {
            let mut tally = Tally::default();
            for id in mails {
                let done =
                    if self.context.now() >= until { MailOutcome::Left } else { self.work_without_panic(id).await };
                tally.add(id, done);
            }
            tally
        };
        let mut tallies = stream::iter(cases).map(one_case).buffer_unordered(AT_A_TIME);
        let mut all = Tally::default();
        while let Some(tally) = tallies.next().await {
            all.join(tally);
        }
        all
    }

    /// Works on all that the index says is due, until no mail moves any more. Then it looks how
    /// long the oldest mail has been waiting.
    ///
    /// # Errors
    /// [`StoreError`] where an index cannot be read. What was done until then is in `all`.
    pub(super) async fn sweep(&self, until: UnixMillis, all: &mut Tally) -> Result<(), StoreError> {
        while self.context.now() < until {
            let due = self.store.due(self.context.now(), PAGE).await?;
            let late = due.iter().map(|waiting| self.context.since(waiting.due)).max();
            all.late_ms = all.late_ms.max(Some(late.unwrap_or_default()));
            let tally = self.round(due.into_iter().map(|waiting| waiting.id).collect(), until).await;
            let moved = tally.moved();
            all.join(tally);
            if !moved {
                break;
            }
        }
        let oldest = self.store.oldest_unsent().await?;
        all.unsent_ms = Some(oldest.map_or(0, |enqueued| self.context.since(enqueued)));
        Ok(())
    }

    async fn work_without_panic(&self, id: MailId) -> MailOutcome {
        unpanicked(self.work(id)).await.unwrap_or_else(|_| {
            tracing::error!(outbox_id = %id, "the work on a mail panicked outside of its sending");
            MailOutcome::Broken
        })
    }
}
