#![doc = include_str!("../README.md")]

mod error;
pub mod format;
mod name;
mod presigned;
mod release;

use std::time::Duration;

use aws_sdk_s3::Client;
use aws_sdk_s3::config::RequestChecksumCalculation;
use aws_sdk_s3::error::ProvideErrorMetadata;
use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::ServerSideEncryption;
use recourse_aws::{Aws, BadVariable, Service};

pub use error::FilesError;
pub use name::{content_disposition, percent_encode};
pub use presigned::Presigned;
pub use release::{DOWNLOAD_LIFETIME, ReleaseError, ShownMedia, shown_media};

/// The name of the metadata that holds the file name of an upload.
const NAME: &str = "name";

/// The time limits of one attempt to move a file of 5 MB, and of the whole operation: longer than
/// those of other services.
const ATTEMPT: Duration = Duration::from_secs(10);
const OPERATION: Duration = Duration::from_secs(20);

/// Where an object lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ObjectPrefix {
    /// Uploaded by a client, and not checked yet.
    Unfinished,
    /// Evidence of a dispute, or about to be.
    Evidence,
    /// A mail as SES received it.
    Inbound,
    /// A deployment's own playbooks.
    Playbooks,
}

impl ObjectPrefix {
    /// What the keys of its objects begin with.
    #[must_use]
    pub const fn prefix(self) -> &'static str {
        match self {
            Self::Unfinished => "unfinished/",
            Self::Evidence => "evidence/",
            Self::Inbound => "inbound/",
            Self::Playbooks => "playbooks/",
        }
    }

    /// The key of an object.
    #[must_use]
    pub fn key(self, id: &str) -> String {
        format!("{}{id}", self.prefix())
    }
}

/// An object that was read.
#[derive(Clone, Debug)]
pub struct StoredObject {
    /// What it holds.
    pub bytes: Vec<u8>,
    /// The file name of an upload, percent-encoded; evidence has none.
    pub name: Option<String>,
}

/// The bucket, behind an S3 client.
#[derive(Clone, Debug)]
pub struct Files {
    client: Client,
    bucket: String,
    is_scanned: bool,
}

impl Files {
    /// The files of a function: the bucket named by `EVIDENCE_BUCKET`; `MALWARE_SCAN` is `on` where
    /// GuardDuty scans it.
    ///
    /// # Errors
    /// [`BadVariable`].
    pub fn from_environment() -> Result<Self, BadVariable> {
        Self::of(&Aws::from_environment()?)
    }

    /// The same out of the variables that `aws` finds.
    ///
    /// # Errors
    /// [`BadVariable`].
    pub fn of(aws: &Aws) -> Result<Self, BadVariable> {
        let shared = aws.config(Service::S3);
        let timeouts = shared.timeout_config().map(|config| config.to_builder()).unwrap_or_default();
        let config = aws_sdk_s3::config::Builder::from(&shared)
            .timeout_config(timeouts.operation_attempt_timeout(ATTEMPT).operation_timeout(OPERATION).build())
            // Otherwise a presigned address would ask for a checksum that its client cannot know.
            .request_checksum_calculation(RequestChecksumCalculation::WhenRequired)
            // Loopback has no names of buckets.
            .force_path_style(shared.endpoint_url().is_some())
            .build();
        let (bucket, scan) = (aws.variable("EVIDENCE_BUCKET")?, aws.variable("MALWARE_SCAN")?);
        Ok(Self::new(Client::from_conf(config), bucket, scan == "on"))
    }

    /// The bucket `bucket` behind `client`; `is_scanned` where GuardDuty scans it.
    #[must_use]
    pub fn new(client: Client, bucket: impl Into<String>, is_scanned: bool) -> Self {
        Self { client, bucket: bucket.into(), is_scanned }
    }

    /// Writes an object of evidence. `id` has to belong to this content alone, as an object of the
    /// same id is overwritten. A call that is repeated writes the same again.
    ///
    /// # Errors
    /// [`FilesError`].
    pub async fn write(&self, id: &str, media: &str, bytes: Vec<u8>) -> Result<(), FilesError> {
        let sent = self
            .client
            .put_object()
            .bucket(&self.bucket)
            .key(ObjectPrefix::Evidence.key(id))
            .content_type(media)
            .server_side_encryption(ServerSideEncryption::Aes256)
            .body(ByteStream::from(bytes))
            .send()
            .await;
        sent.map(|_| ()).map_err(|error| FilesError::of("PutObject", &error))
    }

    /// Reads an object of at most `most` bytes; `None` when there is none.
    ///
    /// # Errors
    /// [`FilesError`], also for a larger object.
    pub async fn read(&self, place: ObjectPrefix, id: &str, most: u64) -> Result<Option<StoredObject>, FilesError> {
        self.read_range(place, id, most, None).await
    }

    /// Reads the first `most` bytes of an object, or all of a smaller one; `None` when there is
    /// none.
    ///
    /// # Errors
    /// [`FilesError`].
    pub async fn read_head(
        &self,
        place: ObjectPrefix,
        id: &str,
        most: u64,
    ) -> Result<Option<StoredObject>, FilesError> {
        self.read_range(place, id, most, Some(format!("bytes=0-{}", most.saturating_sub(1)))).await
    }

    async fn read_range(
        &self,
        place: ObjectPrefix,
        id: &str,
        most: u64,
        range: Option<String>,
    ) -> Result<Option<StoredObject>, FilesError> {
        let get = self.client.get_object().bucket(&self.bucket).key(place.key(id)).set_range(range);
        let got = match get.send().await {
            Ok(got) => got,
            // Without permission to list the bucket, S3 answers a missing object by AccessDenied
            // (S3's GetObject, "Permissions").
            Err(error) => match error.as_service_error().and_then(ProvideErrorMetadata::code) {
                Some("NoSuchKey" | "AccessDenied") => return Ok(None),
                // An empty object has no first bytes.
                Some("InvalidRange") => return Ok(Some(StoredObject { bytes: Vec::new(), name: None })),
                _ => return Err(FilesError::of("GetObject", &error)),
            },
        };
        let length = got.content_length().and_then(|length| u64::try_from(length).ok());
        if length.is_none_or(|length| length > most) {
            return Err(FilesError::new("GetObject", "the object is larger than any that was let in"));
        }
        let name = got.metadata().and_then(|metadata| metadata.get(NAME)).cloned();
        let bytes = got.body.collect().await.map_err(|error| FilesError::new("GetObject", &error.to_string()))?;
        Ok(Some(StoredObject { bytes: bytes.to_vec(), name }))
    }

    /// Removes an object, also one that is not there.
    ///
    /// # Errors
    /// [`FilesError`].
    pub async fn remove(&self, place: ObjectPrefix, id: &str) -> Result<(), FilesError> {
        let sent = self.client.delete_object().bucket(&self.bucket).key(place.key(id)).send().await;
        sent.map(|_| ()).map_err(|error| FilesError::of("DeleteObject", &error))
    }

    /// Removes every version of an object, and returns how many there were: one of a bucket that
    /// keeps no old ones. Needs the rights to list versions and to delete them.
    ///
    /// # Errors
    /// [`FilesError`]. Calling it again is safe.
    pub async fn erase(&self, place: ObjectPrefix, id: &str) -> Result<u64, FilesError> {
        let key = place.key(id);
        let versions = self.versions(&key).await?;
        let mut erased = 0;
        for version in versions {
            let delete = self.client.delete_object().bucket(&self.bucket).key(&key).version_id(version);
            delete.send().await.map_err(|error| FilesError::of("DeleteObject", &error))?;
            erased += 1;
        }
        Ok(erased)
    }

    /// Whether no version of an object is left. Needs the right to list versions: by reading alone,
    /// an object that is missing looks like one that may not be read.
    ///
    /// # Errors
    /// [`FilesError`].
    pub async fn is_gone(&self, place: ObjectPrefix, id: &str) -> Result<bool, FilesError> {
        Ok(self.versions(&place.key(id)).await?.is_empty())
    }

    /// The versions of an object, its delete markers among them.
    async fn versions(&self, key: &str) -> Result<Vec<String>, FilesError> {
        let (mut versions, mut next) = (Vec::new(), (None, None));
        loop {
            let list = self.client.list_object_versions().bucket(&self.bucket).prefix(key);
            let list = list.set_key_marker(next.0.take()).set_version_id_marker(next.1.take());
            let page = list.send().await.map_err(|error| FilesError::of("ListObjectVersions", &error))?;
            let of =
                |named: Option<&str>, version: Option<&str>| version.filter(|_| named == Some(key)).map(str::to_owned);
            versions.extend(page.versions().iter().filter_map(|one| of(one.key(), one.version_id())));
            versions.extend(page.delete_markers().iter().filter_map(|one| of(one.key(), one.version_id())));
            next = (page.next_key_marker, page.next_version_id_marker);
            if page.is_truncated != Some(true) || next.0.is_none() {
                return Ok(versions);
            }
        }
    }
}
