//! What an answer of SES means for a mail.

use aws_sdk_sesv2::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_sesv2::operation::send_email::SendEmailError;

/// What became of a mail. Reasons hold SES's code for the error or a fixed text, and never SES's message, which can hold addresses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// SES has it, under this id.
    Accepted(String),
    /// SES will never take this mail.
    Refused(String),
    /// SES did not take it this time.
    Later(String),
    /// SES had it, and its answer did not come or says nothing: it may have taken it, so what is sent again may go out once more.
    Unanswered(String),
}

impl Outcome {
    /// Only what SES says of the mail itself is for good. All else (limits, pauses, a configuration set or a permission that is
    /// missing, an identity that is not verified yet, silence) is the deployment's or SES's own state, and passes or is mended.
    pub(super) fn of(error: &SdkError<SendEmailError>) -> Self {
        match error {
            SdkError::ServiceError(answer) if answer.raw().status().is_success() => {
                Self::Unanswered(without_code(answer.raw().status().as_u16()))
            }
            SdkError::ServiceError(answer) => Self::of_answer(answer.err(), answer.raw().status().as_u16()),
            SdkError::TimeoutError(_) => Self::Unanswered("SES did not answer in time".to_owned()),
            SdkError::DispatchFailure(_) => Self::Later("SES is out of reach".to_owned()),
            SdkError::ResponseError(answer) => Self::Unanswered(without_code(answer.raw().status().as_u16())),
            SdkError::ConstructionFailure(_) => Self::Refused("the mail lacks what SES requires".to_owned()),
            _ => Self::Later("SES failed in a way that is not known".to_owned()),
        }
    }

    fn of_answer(error: &SendEmailError, status: u16) -> Self {
        let code = match error.code() {
            Some(code) if is_plain(code) => code.to_owned(),
            _ => without_code(status),
        };
        match error {
            // Said of a sender whose verification is not done, and in SES's sandbox of every recipient.
            SendEmailError::MessageRejected(rejected)
                if rejected.message().is_some_and(|text| text.contains("not verified")) =>
            {
                Self::Later(format!("{code}: an identity is not verified"))
            }
            SendEmailError::MessageRejected(_) | SendEmailError::BadRequestException(_) => Self::Refused(code),
            _ => Self::Later(code),
        }
    }
}

fn without_code(status: u16) -> String {
    format!("SES answered {status} and no code")
}

/// Whether a code is one word, as AWS's are: it comes over the wire and goes into logs.
fn is_plain(code: &str) -> bool {
    (1..=64).contains(&code.len()) && code.bytes().all(|byte| byte.is_ascii_alphanumeric())
}
