//! A file of a case: an address in the bucket, from which the browser gets it.

use recourse_dispute::number::DisputeNumber;
use recourse_edge::{ApiResponse, App};
use recourse_files::{Files, ReleaseError, shown_media};
use recourse_store::CaseRecord;

use super::files_failed;
use crate::action::AuditAction;
use crate::{ConsoleError, Visitor, see_other};

/// A file that the case has.
struct CaseFile {
    object: String,
    media: String,
    name: String,
}

/// Leads the browser to a file. What it may show within a page has that disposition, and all else
/// is a download. The audit log has it before the address is given, and only where one is.
pub(super) async fn answer(
    app: &App,
    files: &Files,
    visitor: &Visitor,
    number: DisputeNumber,
    id: &str,
    query: &str,
) -> Result<ApiResponse, ConsoleError> {
    let record = Box::pin(app.store.case_record(number)).await?.ok_or(ConsoleError::NotFound)?;
    let file = of_case(&record, id).ok_or(ConsoleError::NotFound)?;
    let shown = shown_media(&file.media).filter(|_| query != "download");
    let address = match shown {
        Some(shown) => files.view_url(&file.object, shown, &file.name).await,
        None => files.download_url(&file.object, &file.media, &file.name).await,
    };
    match address {
        Ok(address) => {
            visitor.viewed(app, AuditAction::File, Some(number)).await?;
            Ok(see_other(&address, "address_given").about(number))
        }
        Err(ReleaseError::NotScanned | ReleaseError::Withheld) => Err(ConsoleError::NotFound),
        Err(ReleaseError::Files(error)) => Err(files_failed(&error)),
    }
}

/// The file of this case with this id: evidence, or an attachment of a mail. A file of another case
/// is none of this one.
fn of_case(record: &CaseRecord, id: &str) -> Option<CaseFile> {
    let evidence = record.record.dispute.claim.evidence.iter().find(|file| file.id.to_string() == id);
    if let Some(file) = evidence {
        let (media, name) = (file.media.clone(), file.name.clone());
        return Some(CaseFile { object: file.object.to_string(), media, name });
    }
    let attachments = record.messages.iter().flat_map(|message| &message.attachments);
    let mut attachments = attachments.filter_map(|attachment| {
        let object = attachment.object.as_ref()?.to_string();
        let is_it = object == id || attachment.file.as_ref().is_some_and(|file| file.to_string() == id);
        let media = attachment.media.clone().unwrap_or_else(|| "application/octet-stream".to_owned());
        is_it.then(|| CaseFile { object, media, name: attachment.name.clone() })
    });
    attachments.next()
}
