//! What can go wrong between us and the tables.

use aws_sdk_dynamodb::config::Builder;
use aws_sdk_dynamodb::config::retry::RetryConfig;
use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_dynamodb::operation::update_item::{UpdateItemError, UpdateItemOutput};

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
    /// AWS refuses who asks: the credentials are wrong or too old, or may not do this. Nothing was done; only an operator can mend it.
    #[error("{operation}: {context}")]
    Denied {
        /// The call that was refused.
        operation: &'static str,
        /// AWS's own name for it, and what it says.
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
            Self::Denied { .. } | Self::Broken(_) => false,
        }
    }

    pub(crate) fn from_sdk<E>(operation: &'static str, error: &SdkError<E>) -> Self
    where
        E: std::error::Error + ProvideErrorMetadata + 'static,
    {
        Self::of(operation, error.as_service_error().and_then(ProvideErrorMetadata::code), describe(error))
    }

    /// An error by the code that AWS gives it: DynamoDB's and KMS's own, and those that every service has in common.
    fn of(operation: &'static str, code: Option<&str>, context: String) -> Self {
        match code {
            Some(
                "ValidationException"
                | "SerializationException"
                | "ResourceNotFoundException"
                | "IdempotentParameterMismatchException",
            ) => Self::Broken(format!("{operation}: {context}")),
            Some(
                "AccessDeniedException"
                | "UnrecognizedClientException"
                | "InvalidSignatureException"
                | "SignatureDoesNotMatch"
                | "IncompleteSignatureException"
                | "IncompleteSignature"
                | "MissingAuthenticationTokenException"
                | "MissingAuthenticationToken"
                | "InvalidClientTokenId"
                | "InvalidAccessKeyId"
                | "ExpiredTokenException"
                | "ExpiredToken"
                | "RequestExpired"
                | "NotAuthorized"
                | "OptInRequired",
            ) => Self::Denied { operation, context },
            _ => Self::Unavailable { operation, context },
        }
    }
}

/// For a write that, done twice, would count twice: sent once, its answer may be lost and nobody knows.
pub(crate) fn once() -> Builder {
    Builder::new().retry_config(RetryConfig::disabled())
}

/// Whether an update was written: `false` where its condition was not met.
pub(crate) fn updated(sent: Result<UpdateItemOutput, SdkError<UpdateItemError>>) -> Result<bool, StoreError> {
    let Err(error) = sent else { return Ok(true) };
    match error.as_service_error() {
        Some(UpdateItemError::ConditionalCheckFailedException(_)) => Ok(false),
        _ => Err(StoreError::from_sdk("UpdateItem", &error)),
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

#[cfg(test)]
mod tests {
    use super::*;

    fn of(code: Option<&str>) -> StoreError {
        StoreError::of("GetItem", code, format!("{}: what AWS says", code.unwrap_or("no code")))
    }

    /// Nobody should wait for wrong credentials to become right.
    #[test]
    fn who_may_not_ask_is_told_so_by_name_and_not_to_try_again() {
        for code in [
            "AccessDeniedException",
            "UnrecognizedClientException",
            "InvalidSignatureException",
            "ExpiredTokenException",
            "MissingAuthenticationTokenException",
        ] {
            let error = of(Some(code));
            assert!(matches!(error, StoreError::Denied { .. }) && !error.is_temporary(), "{error:?}");
            assert_eq!(error.to_string(), format!("GetItem: {code}: what AWS says"));
        }
    }

    #[test]
    fn what_may_pass_by_itself_is_temporary() {
        for code in [
            None,
            Some("ProvisionedThroughputExceededException"),
            Some("ThrottlingException"),
            Some("InternalServerError"),
        ] {
            assert!(of(code).is_temporary(), "{code:?}");
        }
        for code in ["ValidationException", "ResourceNotFoundException"] {
            assert!(matches!(of(Some(code)), StoreError::Broken(_)), "{code}");
        }
    }
}
