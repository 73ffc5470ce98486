//! SQS's errors.

use crate::policy::Denied;

/// An error as SQS answers it in its JSON protocol.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct SqsError {
    /// The name in the JSON protocol.
    pub(super) code: &'static str,
    pub(super) message: String,
    pub(super) status: u16,
}

impl SqsError {
    pub(super) fn new(code: &'static str, message: impl Into<String>) -> SqsError {
        SqsError { code, message: message.into(), status: 400 }
    }

    pub(super) fn no_queue() -> SqsError {
        SqsError::new("QueueDoesNotExist", "The specified queue does not exist.")
    }

    /// As [`Self::no_queue`], of the operations that name a queue by its ARN.
    pub(super) fn no_resource() -> SqsError {
        SqsError::new(
            "ResourceNotFoundException",
            "The resource that you specified for the SourceArn or DestinationArn parameter doesn't exist.",
        )
    }

    pub(super) fn missing(parameter: &str) -> SqsError {
        SqsError::new("MissingParameter", format!("The request must contain the parameter {parameter}."))
    }

    pub(super) fn invalid(reason: impl Into<String>) -> SqsError {
        SqsError::new("InvalidParameterValue", reason)
    }

    /// The name that the older Query protocol has for it, by which the SDK knows it.
    pub(super) fn query_code(&self) -> String {
        match self.code {
            "QueueDoesNotExist" => "AWS.SimpleQueueService.NonExistentQueue".to_owned(),
            "BatchEntryIdsNotDistinct"
            | "BatchRequestTooLong"
            | "EmptyBatchRequest"
            | "InvalidBatchEntryId"
            | "MessageNotInflight"
            | "TooManyEntriesInBatchRequest"
            | "UnsupportedOperation" => format!("AWS.SimpleQueueService.{}", self.code),
            other => other.to_owned(),
        }
    }
}

impl From<Denied> for SqsError {
    fn from(denied: Denied) -> Self {
        Self { status: 403, ..Self::new(denied.exception(), denied.to_string()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn some_names_are_longer_in_the_query_protocol() {
        let query_code = |code| SqsError::new(code, "").query_code();
        assert_eq!(query_code("MessageNotInflight"), "AWS.SimpleQueueService.MessageNotInflight");
        assert_eq!(SqsError::no_queue().query_code(), "AWS.SimpleQueueService.NonExistentQueue");
        assert_eq!(query_code("ReceiptHandleIsInvalid"), "ReceiptHandleIsInvalid");
    }
}
