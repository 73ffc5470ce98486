//! `POST /files/v1/{merchantId}/disputes/{disputeId}`: add a file of up to 4 MiB to a draft.

use recourse_connect::{ApiError, Attached, Connect, Upload, attach, caller, visible};
use recourse_dispute::claim::FileId;
use recourse_dispute::lifecycle::Action;
use recourse_edge::{ApiResponse, App, Request, serve};
use recourse_files::Files;

#[tokio::main(flavor = "current_thread")]
pub(crate) async fn main() -> Result<(), lambda_http::Error> {
    let files = Files::from_environment()?;
    serve::<Connect>("upload", async |app: &App, request: &Request| upload(app, &files, request).await).await
}

async fn upload(app: &App, files: &Files, request: &Request) -> Result<ApiResponse, ApiError> {
    let caller = caller(app, request).await?;
    let upload = match Upload::read(request).await {
        // A request with a bad file is never the first request of a key.
        Err(ApiError::Problem(problem)) => return caller.or_repeated(app, "", Err(problem.into())).await,
        read => read?,
    };
    let fingerprint = if caller.is_idempotent() { upload.fingerprint() } else { String::new() };
    if let Some(answer) = caller.repeated(app, &fingerprint).await? {
        return Ok(answer);
    }
    // A refusal now saves writing the object; where a later step refuses, the object is removed.
    let dispute = visible(app, &caller, request.parameter("disputeId")).await?;
    caller.step(&dispute, Action::UploadEvidence, app.context.now())?;
    dispute.claim.room_for(u64::try_from(upload.content.len()).unwrap_or(u64::MAX))?;
    let id = FileId::new(dispute.number, app.context.bytes()?);
    let Upload { name, media, content } = upload;
    attach(app, files, &caller, Attached { id, name, media, content, status: 201, fingerprint }).await
}
