//! Evidence: adding a file to a dispute, and handing it out.
//!
//! The object is written first, under a key that is drawn for this attempt alone. It counts only
//! once the dispute records it, in one transaction under the dispute's version. So simultaneous
//! uploads cannot exceed a limit, and no file is added after submit. If the dispute refuses a file,
//! the attempt removes its own object, never that of another attempt. So the object of a recorded
//! file is never written a second time. An object that may have been recorded is not removed: a
//! lost answer must never cost evidence.

use data_encoding::HEXLOWER;
use recourse_dispute::claim::{EvidenceFile, FileId, ObjectId};
use recourse_dispute::dispute::Dispute;
use recourse_dispute::lifecycle::Action;
use recourse_dispute::policy::visibility::Field;
use recourse_edge::{ApiResponse, App, ServiceError};
use recourse_files::{Files, ObjectPrefix};
use serde_json::json;
use sha2::{Digest, Sha256};

use crate::caller::viewer;
use crate::repeat::is_repeat;
use crate::target::visible;
use crate::{ApiError, Caller, MAX_IN_A_CALL, Problem, change};

/// The header that says how many bytes of evidence may still come (Recourse-specific).
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
    pub fn answer(dispute: &Dispute, id: &FileId, status: u16) -> ApiResponse {
        let body = json!({ "disputeId": dispute.number.to_string(), "fileId": id.to_string() });
        let remaining = dispute.claim.remaining_bytes().to_string();
        ApiResponse::json(status, "attached", &body).with_header(REMAINING, remaining).about(dispute.number)
    }
}

/// Writes a file, and takes it onto the record of its dispute.
///
/// # Errors
/// [`ApiError`]; after any other than a service error, nothing of the file is left.
pub async fn attach(app: &App, files: &Files, caller: &Caller, file: Attached) -> Result<ApiResponse, ApiError> {
    let object = ObjectId::new(file.id.number(), app.context.bytes()?);
    let (size, sha256) = (file.size(), sha256(&file.content));
    files.write(&object.to_string(), file.media, file.content).await?;
    let record = |dispute: &Dispute, now| {
        if dispute.claim.file(&file.id).is_some() {
            return Err(Problem::Duplicate(dispute.number).into());
        }
        caller.step(dispute, Action::UploadEvidence, now)?;
        let stored = EvidenceFile {
            id: file.id.clone(),
            object: object.clone(),
            name: file.name.clone(),
            media: file.media.to_owned(),
            size,
            sha256: sha256.clone(),
            at: now,
        };
        Ok(dispute.with_evidence(stored, caller.by(), now)?)
    };
    let number = file.id.number().to_string();
    let respond = |dispute: &Dispute| Attached::answer(dispute, &file.id, file.status);
    match change(app, caller, &number, &file.fingerprint, record, respond).await {
        Ok(answer) if !is_repeat(&answer) => Ok(answer),
        Err(ApiError::Service(error)) => Err(ApiError::Service(error)),
        done => {
            // The record names the object that counts: this attempt's, another attempt's, or no
            // object.
            let dispute = visible(app, caller, &number).await?;
            let recorded = dispute.claim.file(&file.id);
            if recorded.is_none_or(|recorded| recorded.object != object) {
                remove(files, &object, &dispute).await;
            }
            match done {
                Err(ApiError::Problem(problem)) if recorded.is_some() && problem != Problem::KeyReused => {
                    Ok(respond(&dispute))
                }
                done => done,
            }
        }
    }
}

/// Removes the object of an attempt that was refused.
async fn remove(files: &Files, object: &ObjectId, dispute: &Dispute) {
    if let Err(error) = files.remove(ObjectPrefix::Evidence, &object.to_string()).await {
        let dispute = dispute.number.case_id();
        tracing::warn!(dispute, object = %object, error = %error, "removing the object of a refused upload failed");
    }
}

/// The file that a path names by `fileId`, with its dispute, if the caller may see that.
///
/// # Errors
/// [`Problem::UnknownFile`] if the file does not exist or is another merchant's.
pub async fn evidence(app: &App, caller: &Caller, id: &str) -> Result<(Dispute, EvidenceFile), ApiError> {
    let id: FileId = id.parse().map_err(|_| Problem::UnknownFile)?;
    let dispute = visible(app, caller, &id.number().to_string()).await.map_err(|refusal| match refusal {
        ApiError::Problem(_) => Problem::UnknownFile.into(),
        error => error,
    })?;
    let may_see = viewer(&dispute, caller.account()).may_see(Field::EvidenceFile);
    let file = dispute.claim.file(&id).filter(|_| may_see).cloned().ok_or(Problem::UnknownFile)?;
    Ok((dispute, file))
}

/// The content of a file, where it may be handed out and fits into an answer: the bytes that were
/// recorded, or an error.
///
/// # Errors
/// [`ApiError`]; content of another digest than was recorded is a service error.
pub async fn download(files: &Files, file: &EvidenceFile) -> Result<Vec<u8>, ApiError> {
    if file.size > u64::try_from(MAX_IN_A_CALL).unwrap_or(u64::MAX) {
        return Err(Problem::TooLarge(LARGER).into());
    }
    files.ensure_released(&file.object.to_string()).await?;
    let found = files.read(ObjectPrefix::Evidence, &file.object.to_string(), file.size).await?;
    let broken = |what| ServiceError::invariant(what, format!("file {} at object {}", file.id, file.object));
    let found = found.ok_or_else(|| broken("the file is on record and its object is missing"))?;
    if sha256(&found.bytes) == file.sha256 {
        Ok(found.bytes)
    } else {
        Err(broken("the object has another digest than was recorded").into())
    }
}

fn sha256(content: &[u8]) -> String {
    HEXLOWER.encode(&Sha256::digest(content))
}
