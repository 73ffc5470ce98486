//! Test clocks of staging accounts: time that passes for the disputes of one account alone, and for
//! the retries to its webhook endpoints. Recourse-specific.
//!
//! A clock is a list of moves, which only grows. A move brings every end nearer that was fixed
//! before the move. A dispute counts the moves that are in its deadline, and a delivery those that
//! are in its due time, and both are written on condition that the time is still the one that was
//! read. So a move counts once for each, however often it is applied, by however many at once, and
//! what a crash left undone is done by applying again. The server's clock, and so what signatures
//! are checked with, does not move.
//!
//! **Invariant:** only the clock of a staging account has moves.

use recourse_dispute::dispute::Dispute;
use recourse_dispute::environment::Environment;
use recourse_dispute::ids::AccountId;
use recourse_dispute::number::DisputeNumber;
use recourse_dispute::time::UnixMillis;
use serde::{Deserialize, Serialize};

use crate::error::StoreError;
use crate::items::{Item, fields, item, value};
use crate::lists;
use crate::transact::{TransactionBuilder, WriteItem};
use crate::{DateRange, Delivery, DeliveryRange, DeliveryState, DisputeSummary, ListOwner, Store, WriteToken, keys};

/// How many moves a clock may have.
pub const MAX_CLOCK_MOVES: usize = 200;
/// The furthest that one move goes, in milliseconds: a year.
pub const MAX_CLOCK_MOVE_MS: i64 = 366 * DAY_MS;
const DAY_MS: i64 = 24 * 60 * 60 * 1000;
/// How many entries of the list of disputes are read at once.
const PAGE: i32 = 100;

/// A move of a clock.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClockMove {
    /// When it was made.
    pub at: UnixMillis,
    /// By how many milliseconds, above 0.
    pub by_ms: i64,
    /// Who made it.
    pub by: String,
}

/// The clock of an account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountClock {
    /// Whose it is.
    pub account: AccountId,
    /// Its moves, in their order.
    pub moves: Vec<ClockMove>,
}

/// What became of a move.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MoveClockOutcome {
    /// It is stored; the clock with it. [`Store::catch_up`] applies it.
    Moved(AccountClock),
    /// There is no such account.
    NoAccount,
    /// It is a production account. Nothing was written.
    NotStaging,
    /// The clock has [`MAX_CLOCK_MOVES`] moves. Nothing was written.
    Full,
}

/// What was moved.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CaughtUp {
    /// How many deadlines of disputes are nearer.
    pub disputes: u64,
    /// How many deliveries of events are due earlier.
    pub deliveries: u64,
}

impl AccountClock {
    /// By how many milliseconds a time is to come nearer that was fixed at `since` and has the
    /// first `counted` moves in it; `None` where it is as it should be.
    fn ahead(&self, counted: u32, since: UnixMillis) -> Option<i64> {
        let counted = usize::try_from(counted).unwrap_or(usize::MAX);
        let moves = self.moves.iter().skip(counted).filter(|moved| moved.at >= since);
        let ahead = moves.fold(0_i64, |sum, moved| sum.saturating_add(moved.by_ms));
        (ahead > 0).then_some(ahead)
    }

    /// How many moves it has.
    fn count(&self) -> u32 {
        u32::try_from(self.moves.len()).unwrap_or(u32::MAX)
    }

    /// The dispute with the moves that are not in its deadline yet; `None` where there are none.
    fn applied(&self, dispute: &Dispute, now: UnixMillis) -> Option<Dispute> {
        let is_own = dispute.facts.account == self.account && dispute.facts.environment == Environment::Staging;
        if !is_own || !dispute.state.is_open() || dispute.deadline.is_none() {
            return None;
        }
        let ahead = self.ahead(dispute.clock_moves, dispute.state_since)?;
        Some(dispute.with_time_passed(ahead, self.count(), now))
    }
}

impl Store {
    /// The clock of an account; `None` where it was never moved.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn account_clock(&self, account: &AccountId) -> Result<Option<AccountClock>, StoreError> {
        self.get(&keys::clock(account)).await
    }

    /// Adds a move to the clock of a staging account. `by` is who makes it.
    ///
    /// # Errors
    /// [`StoreError`]. When it is temporary, the move may be there all the same.
    pub async fn move_clock(
        &self,
        account: &AccountId,
        by_ms: i64,
        by: &str,
        now: UnixMillis,
        token: impl FnMut() -> WriteToken,
    ) -> Result<MoveClockOutcome, StoreError> {
        self.rounds("move_clock", account, token, |token| async move {
            match self.account(account).await? {
                None => return Ok(Some(MoveClockOutcome::NoAccount)),
                Some(owner) if owner.environment != Environment::Staging => {
                    return Ok(Some(MoveClockOutcome::NotStaging));
                }
                Some(_) => {}
            }
            let before = self.account_clock(account).await?;
            let mut moves = before.as_ref().map(|clock| clock.moves.clone()).unwrap_or_default();
            if moves.len() >= MAX_CLOCK_MOVES {
                return Ok(Some(MoveClockOutcome::Full));
            }
            let count = moves.len();
            moves.push(ClockMove { at: now, by_ms, by: by.to_owned() });
            let after = AccountClock { account: account.clone(), moves };
            let mut stored = token.stamp(item(&keys::clock(account), "clock", &after)?);
            stored.insert("version".to_owned(), value(count + 1)?);
            let mut builder = TransactionBuilder::default();
            match count {
                0 => builder.create(self, WriteItem::Record, stored)?,
                count => {
                    let values = Item::from([(":count".to_owned(), value(count)?)]);
                    builder.put(self, WriteItem::Record, stored, "version = :count", values)?;
                }
            }
            self.commit(&token, builder, MoveClockOutcome::Moved(after), |_| None).await
        })
        .await
    }

    /// Applies the moves of a clock to all that they are not in yet: the open disputes about the
    /// account's transactions, and the waiting deliveries to its webhook endpoints. What they bring
    /// to its time is due at `now`. A change by somebody else at the same moment may undo it for
    /// its dispute; so it looks again until a look finds nothing.
    ///
    /// # Errors
    /// [`StoreError`]. What was applied by then stays, and applying again does the rest.
    pub async fn catch_up(
        &self,
        clock: &AccountClock,
        now: UnixMillis,
        mut token: impl FnMut() -> WriteToken,
    ) -> Result<CaughtUp, StoreError> {
        let mut all = CaughtUp::default();
        for _ in 0..crate::transact::MAX_ROUNDS {
            let found = CaughtUp {
                disputes: self.catch_up_disputes(clock, now, &mut token).await?,
                deliveries: self.catch_up_deliveries(clock, now).await?,
            };
            if found == CaughtUp::default() {
                break;
            }
            all.disputes += found.disputes;
            all.deliveries += found.deliveries;
        }
        Ok(all)
    }

    async fn catch_up_disputes(
        &self,
        clock: &AccountClock,
        now: UnixMillis,
        token: &mut impl FnMut() -> WriteToken,
    ) -> Result<u64, StoreError> {
        let (owner, mut after, mut moved) = (ListOwner::Account(clock.account.clone()), None::<String>, 0);
        loop {
            let page = self.dispute_summaries(&owner, DateRange::default(), after.as_deref(), PAGE).await?;
            let (summaries, next) = page.all()?;
            // A summary is never out of date: of what has no deadline nothing more is read.
            for summary in summaries.into_iter().filter(|summary| summary.ends_at.is_some()) {
                if self.catch_up_dispute(clock, summary.number, now, &mut *token).await? {
                    moved += 1;
                }
            }
            after = next;
            if after.is_none() {
                return Ok(moved);
            }
        }
    }

    /// Returns whether the deadline of a dispute is nearer now because of this.
    async fn catch_up_dispute(
        &self,
        clock: &AccountClock,
        number: DisputeNumber,
        now: UnixMillis,
        token: impl FnMut() -> WriteToken,
    ) -> Result<bool, StoreError> {
        self.rounds("catch_up", number.case_id(), token, |token| async move {
            let Some(before) = self.dispute(number).await? else { return Ok(Some(false)) };
            let Some(after) = clock.applied(&before, now) else { return Ok(Some(false)) };
            let ends_at = before.deadline.map(|deadline| deadline.ends_at);
            let values =
                Item::from([(":version".to_owned(), value(before.version)?), (":ends_at".to_owned(), value(ends_at)?)]);
            let as_read = "version = :version AND deadline.ends_at = :ends_at";
            let mut builder = TransactionBuilder::default();
            builder.put(self, WriteItem::Dispute, self.dispute_item(&after, &token)?, as_read, values)?;
            for listed in lists::listed(&after, &fields(&DisputeSummary::of(&after))?) {
                builder.put(self, WriteItem::Record, listed, "attribute_exists(PK)", Item::new())?;
            }
            self.commit(&token, builder, true, |_| None).await
        })
        .await
    }

    async fn catch_up_deliveries(&self, clock: &AccountClock, now: UnixMillis) -> Result<u64, StoreError> {
        let mut moved = 0;
        let range = DeliveryRange { from: UnixMillis(0), to: now.plus(DAY_MS), limit: usize::MAX };
        let waits = |delivery: &Delivery| delivery.delivery_state == DeliveryState::Pending;
        for endpoint in self.webhooks().await? {
            if endpoint.account != clock.account || endpoint.environment != Environment::Staging {
                continue;
            }
            for delivery in self.deliveries(&endpoint.id, range, waits).await? {
                if self.catch_up_delivery(clock, &delivery, now).await? {
                    moved += 1;
                }
            }
        }
        Ok(moved)
    }

    /// Returns whether a delivery is due earlier because of this. One that was claimed meanwhile is
    /// left as it is.
    async fn catch_up_delivery(
        &self,
        clock: &AccountClock,
        delivery: &Delivery,
        now: UnixMillis,
    ) -> Result<bool, StoreError> {
        let since = delivery.attempt_log.last().map_or(delivery.created_at, |attempt| attempt.at);
        let Some(due) = delivery.due else { return Ok(false) };
        let Some(ahead) = clock.ahead(delivery.clock_moves, since) else { return Ok(false) };
        self.reschedule_delivery(delivery, due.nearer(ahead, now), clock.count()).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_move_counts_once_for_what_was_fixed_before_it() {
        let at = |at, by_ms| ClockMove { at: UnixMillis(at), by_ms, by: "alice".to_owned() };
        let moves = vec![at(100, 5), at(200, 7), at(300, 11)];
        let clock = AccountClock { account: AccountId::parse("acct_staging").unwrap(), moves };
        assert_eq!(clock.ahead(0, UnixMillis(0)), Some(23));
        assert_eq!(clock.ahead(1, UnixMillis(0)), Some(18));
        assert_eq!((clock.ahead(3, UnixMillis(0)), clock.ahead(9, UnixMillis(0))), (None, None));
        assert_eq!(clock.ahead(0, UnixMillis(150)), Some(18), "what began later is not nearer by the first");
        assert_eq!(clock.ahead(0, UnixMillis(301)), None);
    }
}
