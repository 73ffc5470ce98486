//! `GET /files/v1/{merchantId}/files/{fileId}/url`: an address to get a file of any size from, for a few minutes. Ours.

use std::time::Duration;

use recourse_connect::{Connect, Refusal, caller, disposition, evidence, released};
use recourse_edge::{Answer, Desk, Request, serve};
use recourse_files::Files;
use serde_json::json;

/// How long the address is good.
const LASTS: Duration = Duration::from_secs(5 * 60);

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    let files = Files::from_environment()?;
    serve::<Connect>("file-url", async |desk: &Desk, request: &Request| file_url(desk, &files, request).await).await
}

async fn file_url(desk: &Desk, files: &Files, request: &Request) -> Result<Answer, Refusal> {
    let caller = caller(desk, request).await?;
    let (dispute, file) = evidence(desk, &caller, request.parameter("fileId")).await?;
    released(files, &file).await?;
    let expires_at = desk.world.now().plus(i64::try_from(LASTS.as_millis()).unwrap_or_default());
    let address = files.get_address(&file.object.to_string(), &file.media, &disposition(&file.name), LASTS).await?;
    let body = json!({ "url": address.url, "expiresAt": expires_at.iso8601() });
    Ok(Answer::json(200, "address_given", &body).about(dispute.number))
}
