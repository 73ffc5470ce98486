//! `POST /files/v1/{merchantId}/disputes/{disputeId}/uploads`: an address to which a file of up to
//! 5 MB can be uploaded for a few minutes. Recourse-specific.
//!
//! It changes nothing of the dispute; `connect-upload-complete` decides what becomes of the file.
//! Type and length are signed. Under an idempotence key the answer is stored, so that a repeat gets
//! the same file and address, also after the address has expired.

use std::time::Duration;

use recourse_connect::{ApiError, Caller, Connect, UploadRequest, caller, fingerprint, members, visible};
use recourse_dispute::claim::FileId;
use recourse_dispute::lifecycle::Action;
use recourse_edge::{ApiResponse, App, Request, serve_body};
use recourse_files::{Files, percent_encode};
use serde_json::json;

/// How long the address is valid.
const LIFETIME: Duration = Duration::from_secs(15 * 60);

#[tokio::main(flavor = "current_thread")]
pub(crate) async fn main() -> Result<(), lambda_http::Error> {
    let files = Files::from_environment()?;
    serve_body::<Connect>("upload-start", members::UPLOAD_START, async |app: &App, request: &Request| {
        upload_start(app, &files, request).await
    })
    .await
}

async fn upload_start(app: &App, files: &Files, request: &Request) -> Result<ApiResponse, ApiError> {
    let caller = caller(app, request).await?;
    let fingerprint = fingerprint(&[&request.body]);
    let done = started(app, files, &caller, request, &fingerprint).await;
    caller.or_repeated(app, &fingerprint, done).await
}

async fn started(
    app: &App,
    files: &Files,
    caller: &Caller,
    request: &Request,
    fingerprint: &str,
) -> Result<ApiResponse, ApiError> {
    let UploadRequest { name, media, size } = UploadRequest::read(&request.body)?;
    let dispute = visible(app, caller, request.parameter("disputeId")).await?;
    caller.step(&dispute, Action::UploadEvidence, app.context.now())?;
    dispute.claim.room_for(size)?;
    let id = FileId::new(dispute.number, app.context.bytes()?).to_string();
    let expires_at = app.context.now().after(LIFETIME);
    let address = files.put_address(&id, &percent_encode(&name), media, size, LIFETIME).await?;
    let body =
        json!({ "fileId": id, "url": address.url, "headers": address.headers, "expiresAt": expires_at.iso8601() });
    let answer = ApiResponse::json(201, "address_given", &body).about(dispute.number);
    caller.store_response(app, fingerprint, answer).await
}
