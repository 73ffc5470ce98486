//! What can go wrong between this crate and the tables.

use aws_sdk_dynamodb::config::Builder;
use aws_sdk_dynamodb::config::retry::RetryConfig;
use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_dynamodb::operation::update_item::{UpdateItemError, UpdateItemOutput};

/// Why the store could not answer. The text is for the log, never for a client. The SDK's own
/// errors are not part of it: their debug form has the items that a condition failed on.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// DynamoDB or KMS is out of reach, throttles or fails: the same request may work later.
    #[error("{operation}: {context}")]
    Unavailable {
        /// The call that failed.
        operation: &'static str,
        /// AWS's error code and message, or how far the call came.
        context: String,
    },
    /// AWS refuses the caller: the credentials are wrong or expired, or do not allow the call.
    /// Nothing was written; an operator has to mend it.
    #[error("{operation}: {context}")]
    Denied {
        /// The call that was refused.
        operation: &'static str,
        /// AWS's error code and message.
        context: String,
    },
    /// The request itself is wrong, so that trying again does not help.
    #[error("{operation}: the request is malformed: {context}")]
    Malformed {
        /// The call that was refused, or could not be built.
        operation: &'static str,
        /// What is wrong with it.
        context: String,
    },
    /// This release cannot read a stored item.
    #[error("{key}: the stored item cannot be read: {source}")]
    Unreadable {
        /// The item's partition and sort key.
        key: String,
        /// What is wrong with it.
        source: serde_dynamo::Error,
    },
    /// What is stored contradicts what every write guarantees.
    #[error("{key}: {what}")]
    InvariantViolated {
        /// What should not be possible.
        what: &'static str,
        /// The dispute, key, account or item that it is true of.
        key: String,
    },
}

impl StoreError {
    /// Whether trying the whole request again later can help.
    #[must_use]
    pub fn is_temporary(&self) -> bool {
        matches!(self, Self::Unavailable { .. })
    }

    /// The stable name of the error, for logs and alarms.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Unavailable { .. } => "store_unavailable",
            Self::Denied { .. } => "store_denied",
            Self::Malformed { .. } => "store_request_malformed",
            Self::Unreadable { .. } => "item_unreadable",
            Self::InvariantViolated { .. } => "invariant_violated",
        }
    }

    /// What the store holds, or what is to be written, breaks an invariant: `what` says which, and
    /// `key` where.
    #[must_use]
    pub fn invariant(what: &'static str, key: impl ToString) -> Self {
        Self::InvariantViolated { what, key: key.to_string() }
    }

    pub(crate) fn from_sdk<E>(operation: &'static str, error: &SdkError<E>) -> Self
    where
        E: std::error::Error + ProvideErrorMetadata + 'static,
    {
        Self::of(operation, error.as_service_error().and_then(ProvideErrorMetadata::code), describe(error))
    }

    /// An error by AWS's code for it: DynamoDB's and KMS's own, and those of every service.
    fn of(operation: &'static str, code: Option<&str>, context: String) -> Self {
        match code {
            Some(
                "ValidationException"
                | "SerializationException"
                | "ResourceNotFoundException"
                | "IdempotentParameterMismatchException",
            ) => Self::Malformed { operation, context },
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

/// Turns an SDK error of the call `operation` into a [`StoreError`], for `map_err`.
pub(crate) fn sdk<E>(operation: &'static str) -> impl Fn(SdkError<E>) -> StoreError
where
    E: std::error::Error + ProvideErrorMetadata + 'static,
{
    move |error| StoreError::from_sdk(operation, &error)
}

/// For a write that would count twice if it was sent twice. It is sent once; where its answer is
/// lost, nobody knows whether it was written.
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

/// An error's code and message, or its chain of causes; never its debug form, which has items.
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

/// For values that are written; `items::body` names the item that it cannot read.
impl From<serde_dynamo::Error> for StoreError {
    fn from(error: serde_dynamo::Error) -> Self {
        Self::Malformed { operation: "serialize", context: error.to_string() }
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
    fn wrong_credentials_are_named_and_not_temporary() {
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
    fn throttling_and_outages_are_temporary_and_malformed_requests_are_not() {
        for code in [
            None,
            Some("ProvisionedThroughputExceededException"),
            Some("ThrottlingException"),
            Some("InternalServerError"),
        ] {
            assert!(of(code).is_temporary(), "{code:?}");
        }
        for code in ["ValidationException", "ResourceNotFoundException"] {
            let error = of(Some(code));
            assert!(matches!(error, StoreError::Malformed { .. }) && !error.is_temporary(), "{code}");
        }
    }
}
