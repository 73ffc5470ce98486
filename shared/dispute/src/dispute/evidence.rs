//! How evidence comes onto a dispute's record.

use super::{Change, Dispute};
use crate::claim::{EvidenceFile, NoRoom};
use crate::event::{EventKind, HistoryEntry, PerformedBy};
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

    /// The dispute with the files that a mail brought, as one change. Nobody takes an action by
    /// that: the mail is for the claim, and whoever sent it may not even be the opener.
    ///
    /// # Errors
    /// [`NoRoom`], unless there is room for all of them.
    pub fn with_mailed_evidence(
        &self,
        files: Vec<EvidenceFile>,
        by: PerformedBy,
        now: UnixMillis,
    ) -> Result<Change, NoRoom> {
        let mut dispute = self.clone();
        dispute.version += 1;
        let mut noted = Vec::new();
        for file in files {
            dispute.claim.room_for(file.size)?;
            noted.push(format!("file {}, {} bytes", file.id, file.size));
            dispute.claim.evidence.push(file);
        }
        let (version, state, note) = (dispute.version, dispute.state, Some(noted.join("; ")));
        let event = HistoryEntry { version, at: now, by, kind: EventKind::Attached, state, note };
        Ok(Change { dispute, event, parties: None })
    }
}
