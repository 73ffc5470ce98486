//! `GET /files/v1/{merchantId}/files/{fileId}/url`: an address from which a file of any size can be
//! downloaded for a few minutes. Recourse-specific.

use recourse_connect::{ApiError, Connect, caller, evidence};
use recourse_edge::{ApiResponse, App, Request, serve};
use recourse_files::{DOWNLOAD_LIFETIME, Files};
use serde_json::json;

#[tokio::main(flavor = "current_thread")]
pub(crate) async fn main() -> Result<(), lambda_http::Error> {
    let files = Files::from_environment()?;
    serve::<Connect>("file-url", async |app: &App, request: &Request| file_url(app, &files, request).await).await
}

async fn file_url(app: &App, files: &Files, request: &Request) -> Result<ApiResponse, ApiError> {
    let caller = caller(app, request).await?;
    let (dispute, file) = evidence(app, &caller, request.parameter("fileId")).await?;
    let expires_at = app.context.now().after(DOWNLOAD_LIFETIME);
    let url = files.download_url(&file.object.to_string(), &file.media, &file.name).await?;
    let body = json!({ "url": url, "expiresAt": expires_at.iso8601() });
    Ok(ApiResponse::json(200, "address_given", &body).about(dispute.number))
}
