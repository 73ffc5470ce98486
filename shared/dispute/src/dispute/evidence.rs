//! How evidence comes onto a dispute's record.

use super::{Change, Dispute};
use crate::claim::{EvidenceFile, NoRoom};
use crate::event::PerformedBy;
use crate::lifecycle::Action;
use crate::time::UnixMillis;

impl Dispute {
    /// The dispute with one more file. [`crate::policy::actions`] says whether
    /// it may have one.
    ///
    /// # Errors
    /// [`NoRoom`].
    pub fn with_evidence(&self, file: EvidenceFile, by: PerformedBy, now: UnixMillis) -> Result<Change, NoRoom> {
        self.claim.room_for(file.size)?;
        let note = Some(format!("file {}, {} bytes", file.id, file.size));
        let mut change = self.moved(Action::UploadEvidence, self.state, by, note, now);
        change.dispute.claim.evidence.push(file);
        Ok(change)
    }
}
