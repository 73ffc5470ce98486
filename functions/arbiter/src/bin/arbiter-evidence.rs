//! `GET /arbiter/api/v1/disputes/{logCode}/evidence/{fileId}`: an address to download a file of
//! evidence from, for five minutes. Recourse-specific. One read.

use recourse_arbiter::{ApiError, Arbiter, caller, numbered, takes_no_query};
use recourse_dispute::claim::FileId;
use recourse_dispute::policy::visibility::Field;
use recourse_edge::{ApiResponse, App, Request, serve};
use recourse_files::{DOWNLOAD_LIFETIME, Files};
use serde_json::json;

#[tokio::main(flavor = "current_thread")]
pub(crate) async fn main() -> Result<(), lambda_http::Error> {
    let files = Files::from_environment()?;
    serve::<Arbiter>("evidence", async |app: &App, request: &Request| evidence(app, &files, request).await).await
}

async fn evidence(app: &App, files: &Files, request: &Request) -> Result<ApiResponse, ApiError> {
    let caller = caller(app, request).await?;
    takes_no_query(request)?;
    let code = request.parameter("logCode");
    let number = numbered(code).ok_or(ApiError::NotFound)?;
    // An id that no file can have is answered as the id of a missing file.
    let id: FileId = request.parameter("fileId").parse().map_err(|_| ApiError::NotFound)?;
    let dispute = app.store.dispute(number).await?.ok_or(ApiError::NotFound)?;
    if !caller.finds(&dispute, code) || !caller.viewer(&dispute).may_see(Field::EvidenceFile) {
        return Err(ApiError::NotFound);
    }
    let file = dispute.claim.file(&id).ok_or(ApiError::NotFound)?;
    let expires_at = app.context.now().after(DOWNLOAD_LIFETIME);
    let url = files.download_url(&file.object.to_string(), &file.media, &file.name).await?;
    let body = json!({ "url": url, "expiresAt": expires_at.iso8601() });
    Ok(ApiResponse::json(200, "address_given", &body).about(number))
}
