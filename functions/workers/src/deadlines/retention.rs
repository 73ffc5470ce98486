//! The last part of the sweep: what is past its time of closed cases.
//!
//! Two workers may take the same case, one may die at any moment, and somebody may change the case:
//! `forget/closed.rs` of the store says what holds then. What fails counts as failed, becomes late,
//! and is retried a minute later; it holds up nothing else.

use recourse_dispute::time::UnixMillis;
use recourse_files::{Files, FilesError, ObjectPrefix};
use recourse_runtime::NoRandomness;
use recourse_store::{Cursor, ExpireOutcome, ObjectsToErase, Overdue, StoreError};

use super::Expire;
use crate::unpanicked::{Panicked, unpanicked};

/// Of how many cases a sweep erases something, so that time is left for their objects.
const MAX_CASES: u64 = 50;
/// How many entries of each partition of the index it looks at.
const PAGE: i32 = 10;

/// The results of a sweep's last part.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Tally {
    /// Cases of which something was erased.
    pub(super) cases: u64,
    /// Objects that were deleted.
    pub(super) objects: u64,
    /// Cases and entries of objects that could not be erased.
    pub(super) failed: u64,
    /// How late that is of these which has been due for longest.
    pub(super) late_ms: Option<u64>,
}

/// Why something was not erased.
#[derive(Debug, thiserror::Error)]
enum Trouble {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Files(#[from] FilesError),
    #[error(transparent)]
    Random(#[from] NoRandomness),
    #[error(transparent)]
    Panic(#[from] Panicked),
}

impl Expire {
    /// Erases what is past its time, until the time is up: first in the tables, then the objects
    /// that nothing names any more.
    ///
    /// # Errors
    /// [`StoreError`] where it could not read what that is. What fails is counted.
    pub(super) async fn sweep_closed(&self, until: UnixMillis, all: &mut Tally) -> Result<(), StoreError> {
        let Some(files) = &self.files else { return Ok(()) };
        self.expire_cases(until, all).await?;
        self.erase_objects(files, until, all).await
    }

    async fn expire_cases(&self, until: UnixMillis, all: &mut Tally) -> Result<(), StoreError> {
        let mut cursor = Cursor::closed(self.context.now(), self.store.retention());
        while !cursor.is_over() {
            for case in self.store.overdue(&mut cursor, PAGE).await? {
                if self.context.now() >= until || all.cases >= MAX_CASES {
                    return Ok(());
                }
                match unpanicked(self.expire(case)).await {
                    Ok(Ok(ExpireOutcome::Erased(items))) => {
                        all.cases += 1;
                        tracing::info!(dispute = case.number.case_id(), items, "a closed case is past its time");
                    }
                    Ok(Ok(ExpireOutcome::NotDue | ExpireOutcome::Busy | ExpireOutcome::VersionConflict)) => {}
                    Ok(Err(trouble)) => self.failed(case, &trouble, all),
                    Err(panicked) => self.failed(case, &panicked.into(), all),
                }
            }
        }
        Ok(())
    }

    async fn expire(&self, case: Overdue) -> Result<ExpireOutcome, Trouble> {
        let tokens = self.context.write_tokens()?;
        Ok(Box::pin(self.store.expire_case(case.number, self.context.now(), tokens)).await?)
    }

    async fn erase_objects(&self, files: &Files, until: UnixMillis, all: &mut Tally) -> Result<(), StoreError> {
        let mut cursor = Cursor::objects(self.context.now());
        while !cursor.is_over() && self.context.now() < until {
            let page = self.store.objects_to_erase(&mut cursor, PAGE).await?;
            for (case, error) in page.unread {
                self.failed(case, &Trouble::Store(error), all);
            }
            for objects in &page.objects {
                match unpanicked(self.erase(files, objects, until)).await {
                    Ok(Ok(erased)) => all.objects += erased,
                    Ok(Err(trouble)) => self.failed(objects.case, &trouble, all),
                    Err(panicked) => self.failed(objects.case, &panicked.into(), all),
                }
            }
        }
        Ok(())
    }

    /// Deletes objects, and then notes it. A worker that dies between, or whose time is up, leaves
    /// them to the next sweep, which deletes what is still there.
    async fn erase(&self, files: &Files, objects: &ObjectsToErase, until: UnixMillis) -> Result<u64, Trouble> {
        let mut erased = 0;
        for (prefix, ids) in [(ObjectPrefix::Evidence, &objects.evidence), (ObjectPrefix::Inbound, &objects.received)] {
            for id in ids {
                if self.context.now() >= until {
                    return Ok(erased);
                }
                erased += files.erase(prefix, id).await?;
            }
        }
        self.store.note_objects_erased(objects, &self.context.write_token()?, self.context.now()).await?;
        Ok(erased)
    }

    fn failed(&self, case: Overdue, trouble: &Trouble, all: &mut Tally) {
        all.failed += 1;
        all.late_ms = all.late_ms.max(Some(self.context.since(case.since)));
        let dispute = case.number.case_id();
        tracing::error!(dispute, error = %trouble, "what is past its time of a closed case could not be erased");
    }
}
