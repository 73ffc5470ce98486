//! `GET /files/v1/{merchantId}/files/{fileId}`: a file, byte for byte.

use recourse_connect::{ApiError, Connect, caller, download as content, evidence};
use recourse_edge::{ApiResponse, App, Request, serve};
use recourse_files::{Files, content_disposition};

#[tokio::main(flavor = "current_thread")]
pub(crate) async fn main() -> Result<(), lambda_http::Error> {
    let files = Files::from_environment()?;
    serve::<Connect>("download", async |app: &App, request: &Request| download(app, &files, request).await).await
}

async fn download(app: &App, files: &Files, request: &Request) -> Result<ApiResponse, ApiError> {
    let caller = caller(app, request).await?;
    let (dispute, file) = evidence(app, &caller, request.parameter("fileId")).await?;
    let content = content(files, &file).await?;
    Ok(ApiResponse::bytes(200, "downloaded", &file.media, &content)
        .with_header("content-disposition", content_disposition(&file.name))
        .with_header("content-length", content.len().to_string())
        .with_header("x-content-type-options", "nosniff")
        .about(dispute.number))
}
