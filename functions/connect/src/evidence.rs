//! Evidence: taking a file onto a dispute's record, and handing it out.
//!
//! The object is written first, under a key that nobody knows, and counts only once the dispute has it on record. That is one transaction under
//! the dispute's version, so of uploads at once none slips past a limit, and none past submit. What was refused is removed again. What may have been
//! written all the same is not: an answer that was lost must never cost evidence.

use recourse_dispute::claim::{EvidenceFile, FileId};
use recourse_dispute::dispute::Dispute;
use recourse_dispute::lifecycle::Action;
use recourse_edge::{Answer, Desk, Fault};
use recourse_files::{Files, Place, Scan};
use serde_json::json;

use crate::target::visible;
use crate::{Caller, MOST_IN_A_CALL, Problem, Refusal, change};

/// The header that says how many bytes of evidence may still come (ours).
const REMAINING: &str = "x-recourse-evidence-remaining";
/// The call for a file that is too large for a Lambda answer.
const LARGER: &str = "GET /files/v1/{merchantId}/files/{fileId}/url";

/// A file that is to be on a dispute's record.
#[derive(Clone)]
pub struct Attached {
    /// Its id.
    pub id: FileId,
    /// What its sender calls it.
    pub name: String,
    /// Its media type.
    pub media: &'static str,
    /// What it holds.
    pub content: Vec<u8>,
    /// The status of the answer.
    pub status: u16,
    /// The request's digest.
    pub fingerprint: String,
}

impl std::fmt::Debug for Attached {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Attached").field("id", &self.id).finish_non_exhaustive()
    }
}

impl Attached {
    fn size(&self) -> u64 {
        u64::try_from(self.content.len()).unwrap_or(u64::MAX)
    }

    /// The answer, also to who asks again for what is done.
    #[must_use]
    pub fn answer(dispute: &Dispute, id: &FileId, status: u16) -> Answer {
        let body = json!({ "disputeId": dispute.number.to_string(), "fileId": id.to_string() });
        let remaining = dispute.claim.remaining_bytes().to_string();
        Answer::json(status, "attached", &body).with_header(REMAINING, remaining).about(dispute.number)
    }
}

/// Writes a file, and takes it onto the record of its dispute.
///
/// # Errors
/// [`Refusal`]; but for a fault nothing of the file is left then.
pub async fn attach(desk: &Desk, files: &Files, caller: &Caller, file: Attached) -> Result<Answer, Refusal> {
    let id = file.id.to_string();
    let size = file.size();
    files.keep(&id, file.media, file.content).await?;
    let record = |dispute: &Dispute, now| {
        if dispute.claim.file(&file.id).is_some() {
            return Err(Problem::Duplicate(dispute.number).into());
        }
        caller.step(dispute, Action::UploadEvidence)?;
        let kept =
            EvidenceFile { id: file.id.clone(), name: file.name.clone(), media: file.media.to_owned(), size, at: now };
        Ok(dispute.with_evidence(kept, caller.by(), now)?)
    };
    let number = file.id.number().to_string();
    let print = |dispute: &Dispute| Attached::answer(dispute, &file.id, file.status);
    let done = change(desk, caller, &number, &file.fingerprint, record, print).await;
    keep_or_remove(desk, files, caller, &file.id, done, file.status).await
}

/// What becomes of an object whose change has ended: it stays where the dispute has it on record, or may have.
async fn keep_or_remove(
    desk: &Desk,
    files: &Files,
    caller: &Caller,
    id: &FileId,
    done: Result<Answer, Refusal>,
    status: u16,
) -> Result<Answer, Refusal> {
    let is_certain = match &done {
        Ok(answer) => answer.body().contains(&id.to_string()),
        Err(Refusal::Fault(_)) => true,
        Err(Refusal::Problem(_)) => false,
    };
    if is_certain {
        return done;
    }
    // Decided by the record itself: a repeat's answer is about another object, and a second completion about this one.
    let dispute = visible(desk, caller, &id.number().to_string()).await?;
    if dispute.claim.file(id).is_some() {
        return done.or_else(|_| Ok(Attached::answer(&dispute, id, status)));
    }
    if let Err(error) = files.remove(Place::Evidence, &id.to_string()).await {
        tracing::warn!(error = %error, dispute = dispute.number.case_id(), "an object of a refused upload is left behind");
    }
    done
}

/// The file that a path names by `fileId`, with its dispute, if the caller may see that.
///
/// # Errors
/// [`Problem::UnknownFile`], whether it is another merchant's or nobody's.
pub async fn evidence(desk: &Desk, caller: &Caller, id: &str) -> Result<(Dispute, EvidenceFile), Refusal> {
    let id: FileId = id.parse().map_err(|_| Problem::UnknownFile)?;
    let dispute = visible(desk, caller, &id.number().to_string()).await.map_err(|refusal| match refusal {
        Refusal::Problem(_) => Problem::UnknownFile.into(),
        fault => fault,
    })?;
    let file = dispute.claim.file(&id).cloned().ok_or(Problem::UnknownFile)?;
    Ok((dispute, file))
}

/// What a file holds, where it may be handed out and fits into an answer.
///
/// # Errors
/// [`Refusal`].
pub async fn download(files: &Files, file: &EvidenceFile) -> Result<Vec<u8>, Refusal> {
    let id = file.id.to_string();
    if file.size > u64::try_from(MOST_IN_A_CALL).unwrap_or(u64::MAX) {
        return Err(Problem::TooLarge(LARGER).into());
    }
    released(files, file).await?;
    let found = files.read(Place::Evidence, &id, file.size).await?;
    let found = found.ok_or_else(|| Fault::Broken("a file on record is not there".to_owned()))?;
    Ok(found.bytes)
}

/// Sees to it that scanning for malware does not hold a file back.
///
/// # Errors
/// [`Problem::Infected`], [`Problem::NotScanned`].
pub async fn released(files: &Files, file: &EvidenceFile) -> Result<(), Refusal> {
    match files.scan(&file.id.to_string()).await? {
        Scan::Clean => Ok(()),
        Scan::Pending => Err(Problem::NotScanned.into()),
        Scan::Refused => Err(Problem::Infected.into()),
    }
}
