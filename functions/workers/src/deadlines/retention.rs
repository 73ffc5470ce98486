//! The last part of the sweep: what is past its time of closed cases.
//!
//! | what happens | what becomes of it |
//! |---|---|
//! | two workers take the same case | one write holds; the other worker goes on |
//! | the worker dies between two writes | the next sweep does the rest |
//! | the worker dies before an object is deleted | it is written down, and the next sweep deletes it |
//! | somebody reopens or changes the case at that moment | nothing of it is erased by that write |
//! | a case cannot be processed | it counts as failed and is retried a minute later |

use recourse_dispute::number::DisputeNumber;
use recourse_dispute::time::UnixMillis;
use recourse_files::{Files, FilesError, ObjectPrefix};
use recourse_runtime::NoRandomness;
use recourse_store::{ExpireOutcome, ObjectsToErase, StoreError};

use super::Expire;
use crate::unpanicked::unpanicked;

/// How many cases a sweep takes.
const MAX_CASES: usize = 50;
/// How many entries of each partition of the index it looks at.
const PAGE: i32 = 10;

/// The results of a sweep's last part.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Tally {
    /// Cases of which something was erased.
    pub(super) cases: u64,
    /// Objects that were deleted.
    pub(super) objects: u64,
    pub(super) failed: u64,
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
}

impl Expire {
    /// Erases what is past its time, until the time is up: first in the tables, then the objects
    /// that nothing names any more.
    ///
    /// # Errors
    /// [`StoreError`] where it could not read what that is. A case that fails is counted.
    pub(super) async fn sweep_closed(&self, until: UnixMillis, all: &mut Tally) -> Result<(), StoreError> {
        let Some(files) = &self.files else { return Ok(()) };
        for number in self.store.expired_cases(self.context.now(), PAGE).await?.into_iter().take(MAX_CASES) {
            if self.context.now() >= until {
                return Ok(());
            }
            match unpanicked(self.expire(number)).await {
                Ok(Ok(ExpireOutcome::Erased(items))) => {
                    all.cases += 1;
                    tracing::info!(dispute = number.case_id(), items, "a closed case is past its time");
                }
                Ok(Ok(ExpireOutcome::NotDue | ExpireOutcome::Busy | ExpireOutcome::VersionConflict)) => {}
                Ok(Err(trouble)) => all.fail(number, &trouble),
                Err(_) => all.panicked(number),
            }
        }
        for objects in self.store.objects_to_erase(self.context.now(), PAGE).await? {
            if self.context.now() >= until {
                return Ok(());
            }
            match unpanicked(self.erase_objects(files, &objects)).await {
                Ok(Ok(erased)) => all.objects += erased,
                Ok(Err(trouble)) => all.fail(objects.number, &trouble),
                Err(_) => all.panicked(objects.number),
            }
        }
        Ok(())
    }

    async fn expire(&self, number: DisputeNumber) -> Result<ExpireOutcome, Trouble> {
        let tokens = self.context.write_tokens()?;
        Ok(Box::pin(self.store.expire_case(number, self.context.now(), tokens)).await?)
    }

    /// Deletes objects, and then notes it: a worker that dies between deletes them once more, which
    /// changes nothing.
    async fn erase_objects(&self, files: &Files, objects: &ObjectsToErase) -> Result<u64, Trouble> {
        let mut erased = 0;
        for (prefix, ids) in [(ObjectPrefix::Evidence, &objects.evidence), (ObjectPrefix::Inbound, &objects.received)] {
            for id in ids {
                erased += files.erase(prefix, id).await?;
            }
        }
        self.store.note_objects_erased(objects, &self.context.write_token()?, self.context.now()).await?;
        Ok(erased)
    }
}

impl Tally {
    fn fail(&mut self, number: DisputeNumber, trouble: &Trouble) {
        self.failed += 1;
        let dispute = number.case_id();
        tracing::error!(dispute, error = %trouble, "what is past its time of a closed case could not be erased");
    }

    fn panicked(&mut self, number: DisputeNumber) {
        self.failed += 1;
        tracing::error!(dispute = number.case_id(), "the erasure of what is past its time of a closed case panicked");
    }
}
