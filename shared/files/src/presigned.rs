//! Addresses by which a client moves a file without us in between.

use std::collections::BTreeMap;
use std::time::Duration;

use aws_sdk_s3::presigning::{PresignedRequest, PresigningConfig};
use aws_sdk_s3::types::ServerSideEncryption;

use crate::{Files, FilesError, NAME, ObjectPrefix};

/// An address, good for a while to whoever has it. Debug does not show it.
#[derive(Clone)]
pub struct Presigned {
    /// The address.
    pub url: String,
    /// The headers that have to be sent with it.
    pub headers: BTreeMap<String, String>,
}

impl std::fmt::Debug for Presigned {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("Presigned([REDACTED])")
    }
}

impl From<PresignedRequest> for Presigned {
    fn from(request: PresignedRequest) -> Self {
        // Not all that the client has put into the request is signed; what it says of our own
        // function, say, is not.
        let signed = request.uri().split(['?', '&']).find_map(|part| part.strip_prefix("X-Amz-SignedHeaders="));
        let signed: Vec<&str> = signed.unwrap_or_default().split("%3B").collect();
        let headers = request.headers().map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()));
        let headers = headers.filter(|(name, _)| signed.contains(&name.as_str())).collect();
        Self { url: request.uri().to_owned(), headers }
    }
}

impl Files {
    /// Where a client puts a file of exactly this type and length, once or several times, until it
    /// is completed or the time is over. `name` is percent-encoded.
    ///
    /// # Errors
    /// [`FilesError`] when it cannot be signed; nothing is sent.
    pub async fn put_address(
        &self,
        id: &str,
        name: &str,
        media: &str,
        length: u64,
        lasts: Duration,
    ) -> Result<Presigned, FilesError> {
        let length = i64::try_from(length).map_err(|error| FilesError::new("PutObject", &error.to_string()))?;
        let put = self
            .client
            .put_object()
            .bucket(&self.bucket)
            .key(ObjectPrefix::Unfinished.key(id))
            .content_type(media)
            .content_length(length)
            .metadata(NAME, name)
            .server_side_encryption(ServerSideEncryption::Aes256);
        let signed = put.presigned(config("PutObject", lasts)?).await;
        signed.map(Presigned::from).map_err(|error| FilesError::of("PutObject", &error))
    }
}

pub(crate) fn config(operation: &'static str, lasts: Duration) -> Result<PresigningConfig, FilesError> {
    PresigningConfig::expires_in(lasts).map_err(|error| FilesError::new(operation, &error.to_string()))
}
