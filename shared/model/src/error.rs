//! Why an answer does not count.

use aws_sdk_bedrockruntime::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_bedrockruntime::operation::converse::ConverseError;
use recourse_support::event::Event;
use recourse_support::model::ModelRefusal;

/// Why a call of the model came to nothing. A person has the case then. Its text repeats nothing
/// of the question and nothing that the model wrote.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ModelError {
    /// Bedrock or the model took too long.
    #[error("the model did not answer in time")]
    Late,
    /// Too many calls, or a quota is used up.
    #[error("Bedrock throttles calls of the model")]
    Throttled,
    /// Bedrock cannot be reached, or the model failed there.
    #[error("Bedrock is out of reach, or the model failed")]
    Unreachable,
    /// Bedrock refuses the call: permission, model id, region, form.
    #[error("Bedrock refuses the call: {0}")]
    Rejected(String),
    /// The request could not be made.
    #[error("the request to Bedrock could not be made")]
    Unsendable,
    /// A guardrail or filter of Bedrock stopped the answer.
    #[error("a guardrail or filter of Bedrock stopped the answer")]
    Blocked,
    /// The answer ended before it was complete.
    #[error("the answer was longer than the tokens that it may have")]
    CutOff,
    /// The model did not use the tool exactly once.
    #[error("the model did not use the tool `decide` exactly once")]
    NoTool,
    /// Bedrock's answer cannot be read.
    #[error("the answer of Bedrock cannot be read")]
    Malformed,
    /// The tool's input is against the rules.
    #[error(transparent)]
    Refused(ModelRefusal),
}

impl ModelError {
    pub(crate) fn of(error: &SdkError<ConverseError>) -> Self {
        match error {
            SdkError::TimeoutError(_) => Self::Late,
            SdkError::DispatchFailure(failure) if failure.is_timeout() => Self::Late,
            SdkError::DispatchFailure(_) => Self::Unreachable,
            SdkError::ServiceError(answer) => Self::of_answer(answer.err(), answer.raw().status().as_u16()),
            SdkError::ResponseError(_) => Self::Malformed,
            _ => Self::Unsendable,
        }
    }

    fn of_answer(error: &ConverseError, status: u16) -> Self {
        match error.code().unwrap_or_default() {
            "ModelTimeoutException" => Self::Late,
            "ThrottlingException" | "ServiceQuotaExceededException" | "ModelNotReadyException" => Self::Throttled,
            "AccessDeniedException" | "ResourceNotFoundException" | "ValidationException" => {
                Self::Rejected(error.code().unwrap_or_default().to_owned())
            }
            _ if status == 429 => Self::Throttled,
            _ if (200..300).contains(&status) => Self::Malformed,
            _ if (300..500).contains(&status) && status != 424 => Self::Rejected(format!("status {status}")),
            _ => Self::Unreachable,
        }
    }

    /// The stable code, for histories, logs and metrics.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Late => "late",
            Self::Throttled => "throttled",
            Self::Unreachable => "unreachable",
            Self::Rejected(_) => "rejected",
            Self::Unsendable => "unsendable",
            Self::Blocked => "blocked",
            Self::CutOff => "cut_off",
            Self::NoTool => "no_tool",
            Self::Malformed => "malformed_answer",
            Self::Refused(refusal) => refusal.code(),
        }
    }

    /// The event that hands the case to a person. What the model itself did wrong is a refusal;
    /// the rest is a model that could not be asked.
    #[must_use]
    pub fn event(&self, call: u32) -> Event {
        match self {
            Self::Refused(refusal) => refusal.event(call),
            Self::CutOff | Self::NoTool => Event::ModelRefused { call, code: self.code(), is_unsure: false },
            _ => Event::ModelFailed { call },
        }
    }
}
