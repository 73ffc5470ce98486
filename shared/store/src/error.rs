//! What can go wrong between us and the tables.

use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};

/// Why the store could not answer. The text is for the log, never for a client.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// DynamoDB or KMS is out of reach, throttles or fails: the same request may work later.
    #[error("{operation}: {context}")]
    Unavailable {
        /// The call that failed.
        operation: &'static str,
        /// What the SDK says of it.
        context: String,
    },
    /// What is stored cannot be read, or a request of ours was refused as malformed: trying again does not help.
    #[error("{0}")]
    Broken(String),
}

impl StoreError {
    /// Whether trying the whole request again later can help.
    #[must_use]
    pub fn is_temporary(&self) -> bool {
        match self {
            Self::Unavailable { .. } => true,
            Self::Broken(_) => false,
        }
    }

    pub(crate) fn from_sdk<E>(operation: &'static str, error: &SdkError<E>) -> Self
    where
        E: std::error::Error + ProvideErrorMetadata + 'static,
    {
        let context = describe(error);
        match error.as_service_error().and_then(ProvideErrorMetadata::code) {
            Some(
                "ValidationException"
                | "SerializationException"
                | "ResourceNotFoundException"
                | "AccessDeniedException"
                | "IdempotentParameterMismatchException",
            ) => Self::Broken(format!("{operation}: {context}")),
            _ => Self::Unavailable { operation, context },
        }
    }
}

/// What an error says of itself, without its debug form: that one holds the items a condition failed on.
fn describe<E>(error: &SdkError<E>) -> String
where
    E: std::error::Error + ProvideErrorMetadata + 'static,
{
    if let Some(service) = error.as_service_error() {
        let (code, message) = (service.code().unwrap_or("no code"), service.message().unwrap_or("no message"));
        return format!("{code}: {message}");
    }
    let mut text = error.to_string();
    let mut source = std::error::Error::source(error);
    while let Some(cause) = source {
        text = format!("{text}: {cause}");
        source = cause.source();
    }
    text
}

impl From<serde_dynamo::Error> for StoreError {
    fn from(error: serde_dynamo::Error) -> Self {
        Self::Broken(format!("an item cannot be read or written: {error}"))
    }
}
