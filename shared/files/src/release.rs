//! Handing out a file of evidence: whether malware scanning lets it go, and where to get it from.

use std::time::Duration;

use crate::presigned::config;
use crate::{Files, FilesError, ObjectPrefix, content_disposition};

/// How long a client may download a file from the address that it was given.
pub const DOWNLOAD_LIFETIME: Duration = Duration::from_secs(5 * 60);

/// The tag that GuardDuty's malware protection puts on an object that it has scanned.
const SCAN_TAG: &str = "GuardDutyMalwareScanStatus";
/// The value of [`SCAN_TAG`] that means that nothing was found.
const CLEAN: &str = "NO_THREATS_FOUND";

/// Why a file of evidence is not handed out.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReleaseError {
    /// The malware scan has not reached this file yet.
    #[error("the file is not scanned for malware yet")]
    NotScanned,
    /// The malware scan found something, or could not look into the file.
    #[error("the malware scan holds the file back")]
    Withheld,
    /// S3 did not answer as it should.
    #[error(transparent)]
    Files(#[from] FilesError),
}

impl Files {
    /// Checks that a file of evidence may be handed out. Every file may where nothing is scanned;
    /// elsewhere, one that was found clean.
    ///
    /// # Errors
    /// [`ReleaseError`].
    pub async fn ensure_released(&self, id: &str) -> Result<(), ReleaseError> {
        if !self.is_scanned {
            return Ok(());
        }
        let sent =
            self.client.get_object_tagging().bucket(&self.bucket).key(ObjectPrefix::Evidence.key(id)).send().await;
        let tags = sent.map_err(|error| FilesError::of("GetObjectTagging", &error))?;
        match tags.tag_set().iter().find(|tag| tag.key() == SCAN_TAG).map(|tag| tag.value()) {
            Some(CLEAN) => Ok(()),
            Some(_) => Err(ReleaseError::Withheld),
            None => Err(ReleaseError::NotScanned),
        }
    }

    /// The address that a client downloads a file of evidence from, for [`DOWNLOAD_LIFETIME`]. The
    /// download has the file's media type, and its name in `Content-Disposition`. Whoever has the
    /// address may use it, so it belongs in no log.
    ///
    /// # Errors
    /// [`ReleaseError`], as [`Self::ensure_released`].
    pub async fn download_url(&self, id: &str, media: &str, name: &str) -> Result<String, ReleaseError> {
        self.ensure_released(id).await?;
        let get = self
            .client
            .get_object()
            .bucket(&self.bucket)
            .key(ObjectPrefix::Evidence.key(id))
            .response_content_type(media)
            .response_content_disposition(content_disposition(name));
        let signed = get.presigned(config("GetObject", DOWNLOAD_LIFETIME)?).await;
        let signed = signed.map_err(|error| FilesError::of("GetObject", &error))?;
        Ok(signed.uri().to_owned())
    }
}
