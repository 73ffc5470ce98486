//! Handing out a file of evidence: whether malware scanning lets it go, and where to get it from.

use std::time::Duration;

use crate::name::inline_disposition;
use crate::presigned::config;
use crate::{Files, FilesError, ObjectPrefix, content_disposition};

/// How long a client may download a file from the address that it was given.
pub const DOWNLOAD_LIFETIME: Duration = Duration::from_secs(5 * 60);

/// The tag that GuardDuty's malware protection puts on an object that it has scanned.
const SCAN_TAG: &str = "GuardDutyMalwareScanStatus";
/// The value of [`SCAN_TAG`] that means that nothing was found.
const CLEAN: &str = "NO_THREATS_FOUND";

/// A media type that a browser may show within a page. None of them runs a script in a page of
/// ours: HTML, SVG and all that is unknown are downloads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ShownMedia(&'static str);

impl ShownMedia {
    /// Whether it is a picture.
    #[must_use]
    pub fn is_picture(self) -> bool {
        self.0.starts_with("image/")
    }

    /// Whether it is plain text.
    #[must_use]
    pub fn is_text(self) -> bool {
        self.0.starts_with("text/")
    }
}

/// What a browser may show of this media type; `None` where it has to be a download.
#[must_use]
pub fn shown_media(media: &str) -> Option<ShownMedia> {
    const SHOWN: [(&str, &str); 6] = [
        ("image/png", "image/png"),
        ("image/jpeg", "image/jpeg"),
        ("image/gif", "image/gif"),
        ("image/bmp", "image/bmp"),
        ("application/pdf", "application/pdf"),
        ("text/plain", "text/plain; charset=utf-8"),
    ];
    SHOWN.iter().find(|(known, _)| *known == media).map(|(_, shown)| ShownMedia(shown))
}

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
        Ok(self.presigned_get(id, media, &content_disposition(name)).await?)
    }

    /// The address at which a browser shows a file of evidence within a page, for
    /// [`DOWNLOAD_LIFETIME`]. `shown` is one of the types that [`shown_media`] allows.
    ///
    /// # Errors
    /// [`ReleaseError`], as [`Self::ensure_released`].
    pub async fn view_url(&self, id: &str, shown: ShownMedia, name: &str) -> Result<String, ReleaseError> {
        self.ensure_released(id).await?;
        Ok(self.presigned_get(id, shown.0, &inline_disposition(name)).await?)
    }

    /// The origin of the addresses of files, such as `https://bucket.s3.eu-west-1.amazonaws.com`,
    /// for a page's content security policy.
    ///
    /// # Errors
    /// [`FilesError`] where no address can be signed; nothing is sent.
    pub async fn origin(&self) -> Result<String, FilesError> {
        let url = self.presigned_get("origin", "text/plain", "inline").await?;
        let (scheme, rest) = url.split_once("://").unwrap_or_default();
        let host = rest.split(['/', '?']).next().unwrap_or_default();
        Ok(format!("{scheme}://{host}"))
    }

    async fn presigned_get(&self, id: &str, media: &str, disposition: &str) -> Result<String, FilesError> {
        let get = self
            .client
            .get_object()
            .bucket(&self.bucket)
            .key(ObjectPrefix::Evidence.key(id))
            .response_content_type(media)
            .response_content_disposition(disposition);
        let signed = get.presigned(config("GetObject", DOWNLOAD_LIFETIME)?).await;
        let signed = signed.map_err(|error| FilesError::of("GetObject", &error))?;
        Ok(signed.uri().to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_can_run_a_script_is_never_shown() {
        for media in ["text/html", "image/svg+xml", "application/xhtml+xml", "text/xml", "TEXT/HTML", "", "image/webp"]
        {
            assert_eq!(shown_media(media), None, "{media}");
        }
        for media in ["application/zip", "application/msword", "text/plain; charset=x", "application/octet-stream"] {
            assert_eq!(shown_media(media), None, "{media}");
        }
        assert!(shown_media("image/png").is_some_and(ShownMedia::is_picture));
        assert!(shown_media("text/plain").is_some_and(ShownMedia::is_text));
        assert!(shown_media("application/pdf").is_some_and(|shown| !shown.is_picture() && !shown.is_text()));
    }
}
