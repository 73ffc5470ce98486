//! Why an invocation has no answer, in Lambda's own words.

use std::time::Duration;

/// Why an invocation has no answer. Lambda writes this text into the function's log and, as
/// `errorType` and `errorMessage`, into the payload of the failed invocation.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvokeError {
    /// The template has no function with this id (Lambda's API: 404 `ResourceNotFoundException`).
    #[error("ResourceNotFoundException: Function not found: {0}")]
    Unknown(String),
    /// The event is larger than [`super::MAX_PAYLOAD`] (413 `RequestTooLargeException`).
    #[error(
        "RequestTooLargeException: Request must be smaller than {} bytes for the InvokeFunction operation",
        super::MAX_PAYLOAD
    )]
    TooLarge,
    /// As many invocations as the account may have are running (429 `TooManyRequestsException`).
    #[error("TooManyRequestsException: Rate Exceeded.")]
    Throttled,
    /// The function reported an error: its handler failed or panicked, or it could not start.
    #[error("{error_type}: {body}")]
    Unhandled {
        /// The error type that it named, as in `unhandled` or `Runtime.InitError`.
        error_type: String,
        /// What it posted: JSON with `errorType` and `errorMessage` from a runtime that behaves.
        body: String,
    },
    /// The function did not answer within its timeout. Its instance has been killed.
    #[error("Sandbox.Timedout: RequestId: {request_id} Error: Task timed out after {}.{:02} seconds", .after.as_secs(), .after.subsec_millis() / 10)]
    TimedOut {
        /// The invocation.
        request_id: String,
        /// The timeout.
        after: Duration,
    },
    /// The function's process ended before it had answered.
    #[error("Runtime.ExitError: RequestId: {request_id} Error: Runtime exited {how}")]
    ExitedEarly {
        /// The invocation.
        request_id: String,
        /// How, as in `with error: signal: killed`.
        how: String,
    },
    /// The answer is larger than [`super::MAX_PAYLOAD`].
    #[error(
        "Function.ResponseSizeTooLarge: Response payload size exceeded maximum allowed payload size ({} bytes).",
        super::MAX_PAYLOAD
    )]
    ResponseTooLarge,
    /// The function's process could not be started at all.
    #[error("Runtime.InvalidEntrypoint: {0}")]
    NotStarted(String),
    /// The local cloud is being stopped.
    #[error("ServiceException: the local cloud is stopping")]
    Stopping,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_lambdas_own() {
        let timed_out = InvokeError::TimedOut { request_id: "5ded4dda".into(), after: Duration::from_millis(3_050) };
        assert_eq!(
            timed_out.to_string(),
            "Sandbox.Timedout: RequestId: 5ded4dda Error: Task timed out after 3.05 seconds"
        );
        let killed =
            InvokeError::ExitedEarly { request_id: "5ded4dda".into(), how: "with error: signal: killed".into() };
        assert_eq!(
            killed.to_string(),
            "Runtime.ExitError: RequestId: 5ded4dda Error: Runtime exited with error: signal: killed"
        );
    }
}
