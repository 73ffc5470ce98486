//! What can go wrong between this crate and the bucket.

use aws_sdk_s3::error::{ProvideErrorMetadata, SdkError};

/// Why S3 did not do it. The text is for the log, never for a client, and has no key and no file
/// name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{operation}: {context}")]
pub struct FilesError {
    /// The call that failed.
    pub operation: &'static str,
    /// AWS's error code, or how far the call came.
    pub context: String,
}

impl FilesError {
    pub(crate) fn new(operation: &'static str, context: &str) -> Self {
        Self { operation, context: context.to_owned() }
    }

    /// The code of the error, or how far the request came. Longer forms quote addresses, and a
    /// presigned address is a key.
    pub(crate) fn of<E: ProvideErrorMetadata>(operation: &'static str, error: &SdkError<E>) -> Self {
        let context = match error.as_service_error() {
            Some(service) => service.code().unwrap_or("an error without a code"),
            None => match error {
                SdkError::ConstructionFailure(_) => "the request could not be made",
                SdkError::TimeoutError(_) => "no answer in time",
                SdkError::DispatchFailure(_) => "out of reach",
                _ => "an answer that is none",
            },
        };
        Self::new(operation, context)
    }
}
