//! Changing a case: read, decide, write, and begin again after a version conflict. Every change of
//! a case goes through [`Store::revise_support`].

use recourse_dispute::number::DisputeNumber;
use recourse_dispute::time::UnixMillis;
use recourse_support::case::State;

use super::SupportSnapshot;
use super::case::{CaseFile, Work};
use super::commit::{CommitOutcome, SupportCommit};
use crate::error::StoreError;
use crate::items::{Item, value};
use crate::revise::with_deadline;
use crate::transact::{TransactionBuilder, WriteItem};
use crate::{Store, WriteToken, keys};

/// What became of a revision of a case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReviseSupportOutcome {
    /// It is written; the case as it is now.
    Written(Box<CaseFile>),
    /// There was nothing to write.
    Unchanged,
    /// The object, or this sender's Message-ID, was received before.
    AlreadyReceived,
    /// There is no such dispute.
    NoDispute,
}

impl Store {
    /// Changes the case of the dispute `number`: `decide` makes the step from what is stored, and
    /// `Ok(None)` leaves everything as it is. It is called again after a version conflict.
    ///
    /// The result of claimed work is written by this, too. `decide` then returns `Ok(None)` unless
    /// [`CaseFile::waits_for`] the work.
    ///
    /// # Errors
    /// What `decide` refuses, or a [`StoreError`]. Where that is temporary, the step may have been
    /// written.
    pub async fn revise_support<E: From<StoreError>>(
        &self,
        number: DisputeNumber,
        decide: impl AsyncFnMut(&SupportSnapshot, UnixMillis) -> Result<Option<SupportCommit>, E>,
        clock: impl Fn() -> UnixMillis,
        token: impl FnMut() -> WriteToken,
    ) -> Result<ReviseSupportOutcome, E> {
        with_deadline("revise_support", number, self.support_rounds(number, None, decide, clock, token)).await
    }

    /// As [`Store::revise_support`], for a caller that has read the case: the first step is decided
    /// on `snapshot`, without another read. Where it was changed since, that is a version conflict.
    ///
    /// # Errors
    /// As [`Store::revise_support`].
    pub async fn revise_support_from<E: From<StoreError>>(
        &self,
        snapshot: SupportSnapshot,
        decide: impl AsyncFnMut(&SupportSnapshot, UnixMillis) -> Result<Option<SupportCommit>, E>,
        clock: impl Fn() -> UnixMillis,
        token: impl FnMut() -> WriteToken,
    ) -> Result<ReviseSupportOutcome, E> {
        let number = snapshot.dispute.number;
        let rounds = self.support_rounds(number, Some(snapshot), decide, clock, token);
        with_deadline("revise_support", number, rounds).await
    }

    async fn support_rounds<E: From<StoreError>>(
        &self,
        number: DisputeNumber,
        mut read: Option<SupportSnapshot>,
        mut decide: impl AsyncFnMut(&SupportSnapshot, UnixMillis) -> Result<Option<SupportCommit>, E>,
        clock: impl Fn() -> UnixMillis,
        mut token: impl FnMut() -> WriteToken,
    ) -> Result<ReviseSupportOutcome, E> {
        let mut round = 0;
        loop {
            let snapshot = match read.take() {
                Some(snapshot) => Some(snapshot),
                None => self.support_snapshot(number).await?,
            };
            let Some(snapshot) = snapshot else { return Ok(ReviseSupportOutcome::NoDispute) };
            let now = clock();
            let Some(commit) = decide(&snapshot, now).await? else { return Ok(ReviseSupportOutcome::Unchanged) };
            let token = token();
            match self.commit_support(&commit, &token, now).await? {
                CommitOutcome::Done(case) => return Ok(ReviseSupportOutcome::Written(case)),
                CommitOutcome::AlreadyReceived => return Ok(ReviseSupportOutcome::AlreadyReceived),
                CommitOutcome::VersionConflict => tokio::time::sleep(token.contention_backoff(round)).await,
            }
            round += 1;
        }
    }

    /// Notes that no mail reaches the customer of a case, so that the next sweep looks at it. A
    /// case without the process, one that is over, and one of which that is noted stay as they are.
    /// Returns whether it is noted now.
    ///
    /// # Errors
    /// [`StoreError`]. To note it again is safe.
    pub async fn note_unreachable(
        &self,
        number: DisputeNumber,
        now: UnixMillis,
        token: impl FnMut() -> WriteToken,
    ) -> Result<bool, StoreError> {
        self.note_reach(number, Some(now), now, token).await
    }

    /// Takes [`Self::note_unreachable`] back: an address of the customer is mailed again. Returns
    /// whether it was noted.
    ///
    /// # Errors
    /// [`StoreError`]. To take it back again is safe.
    pub async fn note_reachable(
        &self,
        number: DisputeNumber,
        now: UnixMillis,
        token: impl FnMut() -> WriteToken,
    ) -> Result<bool, StoreError> {
        self.note_reach(number, None, now, token).await
    }

    async fn note_reach(
        &self,
        number: DisputeNumber,
        since: Option<UnixMillis>,
        now: UnixMillis,
        token: impl FnMut() -> WriteToken,
    ) -> Result<bool, StoreError> {
        self.rounds("note_reach", number, token, |token| async move {
            let Some(dispute) = self.dispute(number).await? else { return Ok(Some(false)) };
            let case: Option<CaseFile> = self.get(&keys::support_case(number)).await?;
            let is_news = |case: &CaseFile| {
                case.unreachable_since.is_some() != since.is_some()
                    && case.effective(&dispute).is_some_and(|state| state != State::Resolved)
            };
            let Some(case) = case.filter(is_news) else { return Ok(Some(false)) };
            let after = CaseFile { version: case.version + 1, unreachable_since: since, ..case };
            let mut builder = TransactionBuilder::default();
            let version = Item::from([(":version".to_owned(), value(dispute.version)?)]);
            builder.check(self, WriteItem::Dispute, &keys::dispute(number), "version = :version", version)?;
            self.write_case(&mut builder, &after, &dispute, &token, now)?;
            self.commit(&token, builder, true, |_| None).await
        })
        .await
    }

    /// Claims the work of a case for `lease_ms`, so that one worker alone does it. `snapshot` then
    /// has the case with the claim. `None` where no work is due, another worker has claimed it, or
    /// the case or the dispute was changed since `snapshot`.
    ///
    /// A worker that dies leaves the claim, and the work is claimed again once the claim is over. A
    /// worker that is too slow therefore does the work a second time: the one that writes its
    /// result first is the one that counts.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn claim_work(
        &self,
        snapshot: &mut SupportSnapshot,
        lease_ms: i64,
        token: &WriteToken,
        now: UnixMillis,
    ) -> Result<Option<Work>, StoreError> {
        let Some(work) = snapshot.case.as_ref().and_then(|case| case.claimable(now)) else { return Ok(None) };
        let mut commit = SupportCommit::of(snapshot);
        commit.after.claimed_until = Some(now.plus(lease_ms));
        Ok(match self.commit_support(&commit, token, now).await? {
            CommitOutcome::Done(case) => {
                snapshot.case = Some(*case);
                Some(work)
            }
            CommitOutcome::AlreadyReceived | CommitOutcome::VersionConflict => None,
        })
    }
}
