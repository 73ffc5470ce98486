//! `POST /files/v1/{merchantId}/disputes/{disputeId}/uploads/{fileId}/complete`: check a file that
//! was uploaded to a presigned address, and add it to the dispute. Recourse-specific.
//!
//! The bytes that were checked are the bytes that are stored as evidence, whatever is uploaded to
//! the address meanwhile. Of several calls that complete one file, each writes an object of its
//! own, and the one that the dispute records counts.

use recourse_connect::{
    ApiError, Attached, Caller, Connect, Problem, attach, caller, check_content, evidence, fingerprint, format_of,
    members, percent_decode, visible,
};
use recourse_dispute::claim::{FileId, MAX_FILE_BYTES};
use recourse_dispute::dispute::Dispute;
use recourse_dispute::lifecycle::Action;
use recourse_edge::{ApiResponse, App, Request, ServiceError, serve_body};
use recourse_files::{Files, ObjectPrefix};

#[tokio::main(flavor = "current_thread")]
pub(crate) async fn main() -> Result<(), lambda_http::Error> {
    let files = Files::from_environment()?;
    serve_body::<Connect>("upload-complete", members::NONE, async |app: &App, request: &Request| {
        upload_complete(app, &files, request).await
    })
    .await
}

async fn upload_complete(app: &App, files: &Files, request: &Request) -> Result<ApiResponse, ApiError> {
    let caller = caller(app, request).await?;
    let dispute = visible(app, &caller, request.parameter("disputeId")).await?;
    let id: FileId = request.parameter("fileId").parse().map_err(|_| Problem::UnknownFile)?;
    if id.number() != dispute.number {
        return Err(Problem::UnknownFile.into());
    }
    let fingerprint = fingerprint(&[&request.body]);
    if dispute.claim.file(&id).is_some() {
        return completed(app, &caller, &dispute, &id, &fingerprint).await;
    }
    caller.step(&dispute, Action::UploadEvidence, app.context.now())?;
    let Some(found) = files.read(ObjectPrefix::Unfinished, &id.to_string(), MAX_FILE_BYTES).await? else {
        // Nothing was uploaded, or somebody completed it since the dispute was read.
        let (dispute, _) = evidence(app, &caller, &id.to_string()).await?;
        return completed(app, &caller, &dispute, &id, &fingerprint).await;
    };
    let name = found.name.as_deref().and_then(percent_decode);
    let name = name.ok_or_else(|| ServiceError::invariant("the upload has no file name", &id))?;
    let format = format_of(&name, None, "file")?;
    let done = match check_content(format, &found.bytes) {
        Ok(()) => {
            let (id, media) = (id.clone(), format.media);
            let file = Attached { id, name, media, content: found.bytes, status: 200, fingerprint };
            attach(app, files, &caller, file).await
        }
        Err(refusal) => Err(refusal),
    };
    if !matches!(done, Err(ApiError::Service(_)))
        && let Err(error) = files.remove(ObjectPrefix::Unfinished, &id.to_string()).await
    {
        tracing::warn!(
            dispute = dispute.number.case_id(),
            file_id = %id,
            error = %error,
            "removing a completed upload failed; the bucket's lifecycle rule will remove it"
        );
    }
    done
}

/// The answer where the dispute has the file already: an earlier answer was lost, or the client is
/// not sure. A response that is stored under the idempotence key comes first.
async fn completed(
    app: &App,
    caller: &Caller,
    dispute: &Dispute,
    id: &FileId,
    fingerprint: &str,
) -> Result<ApiResponse, ApiError> {
    let repeated = caller.repeated(app, fingerprint).await?;
    Ok(repeated.unwrap_or_else(|| Attached::answer(dispute, id, 200)))
}
