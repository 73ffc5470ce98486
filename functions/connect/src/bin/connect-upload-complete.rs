//! `POST /files/v1/{merchantId}/disputes/{disputeId}/uploads/{fileId}/complete`: look at a file that was put to a presigned address, and take
//! it onto the record. Ours.
//!
//! What is looked at is what is kept: the bytes that were checked are written as evidence, whatever is put to the address meanwhile.

use recourse_connect::{
    Attached, Connect, Format, Problem, Refusal, attach, caller, evidence, fingerprint, told, visible,
};
use recourse_dispute::claim::{FileId, MOST_FILE_BYTES};
use recourse_dispute::lifecycle::Action;
use recourse_edge::{Answer, Desk, Fault, Request, serve};
use recourse_files::{Files, Place};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    let files = Files::from_environment()?;
    serve::<Connect>("upload-complete", async |desk: &Desk, request: &Request| {
        upload_complete(desk, &files, request).await
    })
    .await
}

async fn upload_complete(desk: &Desk, files: &Files, request: &Request) -> Result<Answer, Refusal> {
    let caller = caller(desk, request).await?;
    let dispute = visible(desk, &caller, request.parameter("disputeId")).await?;
    let id: FileId = request.parameter("fileId").parse().map_err(|_| Problem::UnknownFile)?;
    if id.number() != dispute.number {
        return Err(Problem::UnknownFile.into());
    }
    // Done already: the answer was lost, or the client is not sure.
    if dispute.claim.file(&id).is_some() {
        return Ok(Attached::answer(&dispute, &id, 200));
    }
    caller.step(&dispute, Action::UploadEvidence)?;
    let Some(found) = files.read(Place::Unfinished, &id.to_string(), MOST_FILE_BYTES).await? else {
        // Nothing was put there, or somebody completed it since we read the dispute.
        let (dispute, _) = evidence(desk, &caller, &id.to_string()).await?;
        return Ok(Attached::answer(&dispute, &id, 200));
    };
    let name = found.name.as_deref().and_then(told);
    let name = name.ok_or_else(|| Fault::Broken("an unfinished file without its name".to_owned()))?;
    let format = Format::of(&name, None, "file")?;
    let done = match format.check(&found.bytes) {
        Ok(()) => {
            let (id, media, fingerprint) = (id.clone(), format.media, fingerprint(&[&request.body]));
            let file = Attached { id, name, media, content: found.bytes, status: 200, fingerprint };
            attach(desk, files, &caller, file).await
        }
        Err(refusal) => Err(refusal),
    };
    if !matches!(done, Err(Refusal::Fault(_)))
        && let Err(error) = files.remove(Place::Unfinished, &id.to_string()).await
    {
        tracing::warn!(error = %error, "an unfinished file is left to the bucket's lifecycle rule");
    }
    done
}
