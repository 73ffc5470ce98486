//! What an answer of SES means for a mail.
//!
//! SES refuses for two reasons that call for opposite things. A refusal of this mail's own
//! recipients is final. A refusal that every other mail would get as well (a header, the sender,
//! the configuration set, a permission, an account that may not send) is the deployment's, and to
//! give mails up over it would lose all of them within minutes. SES's codes do not tell the two
//! apart, so a refusal is final only where SES's message names one of the mail's recipients.

use aws_sdk_sesv2::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_sesv2::operation::send_email::SendEmailError;
use recourse_aws::never_sent;

use crate::ComposedMail;

/// What became of a mail. Reasons hold SES's code for the error or a fixed text, and never SES's
/// message, which can hold addresses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// SES has it, under this id.
    Accepted(String),
    /// SES will never take this mail, because of one of its recipients.
    Refused(String),
    /// SES would take no mail of the deployment so. Somebody has to mend that, and then this mail
    /// can go out.
    Blocked(String),
    /// SES did not take it this time.
    Later(String),
    /// SES may have had it: its answer did not come or says nothing, so what is sent again may go
    /// out once more.
    Unanswered(String),
}

impl Outcome {
    /// A request that could not be put together. What it is made of is the deployment's own.
    pub(super) fn unbuilt() -> Self {
        Self::Blocked("the request to SES could not be put together".to_owned())
    }

    /// What a failure to send `mail` means for it.
    pub(super) fn of(error: &SdkError<SendEmailError>, mail: &ComposedMail) -> Self {
        match error {
            SdkError::ServiceError(answer) if answer.raw().status().is_success() => {
                Self::Unanswered(without_code(answer.raw().status().as_u16()))
            }
            SdkError::ServiceError(answer) => Self::of_answer(answer.err(), answer.raw().status().as_u16(), mail),
            SdkError::TimeoutError(_) => Self::Unanswered("SES did not answer in time".to_owned()),
            SdkError::DispatchFailure(failure) if failure.as_connector_error().is_some_and(never_sent) => {
                Self::Later("SES is out of reach".to_owned())
            }
            SdkError::DispatchFailure(_) => Self::Unanswered("the connection to SES broke".to_owned()),
            SdkError::ResponseError(answer) => Self::Unanswered(without_code(answer.raw().status().as_u16())),
            SdkError::ConstructionFailure(_) => Self::unbuilt(),
            _ => Self::Unanswered("SES failed in a way that is not known".to_owned()),
        }
    }

    fn of_answer(error: &SendEmailError, status: u16, mail: &ComposedMail) -> Self {
        let code = match error.code() {
            Some(code) if is_plain(code) => code.to_owned(),
            _ => without_code(status),
        };
        match error {
            // Said of a sender whose verification is not done, and in SES's sandbox of every
            // recipient.
            SendEmailError::MessageRejected(rejected)
                if rejected.message().is_some_and(|text| text.contains("not verified")) =>
            {
                Self::Blocked(format!("{code}: an identity is not verified"))
            }
            SendEmailError::MessageRejected(_) | SendEmailError::BadRequestException(_)
                if error.message().is_some_and(|text| names_a_recipient(text, mail)) =>
            {
                Self::Refused(code)
            }
            _ if passes_by_itself(&code, status) => Self::Later(code),
            _ => Self::Blocked(code),
        }
    }
}

/// Whether a refusal ends without anybody mending anything: limits, credentials that are about to
/// be renewed, SES's own state.
fn passes_by_itself(code: &str, status: u16) -> bool {
    let renewed = ["ExpiredTokenException", "ExpiredToken", "RequestExpired"].contains(&code);
    status >= 500
        || [408, 429].contains(&status)
        || renewed
        || code.contains("Throttl")
        || code == "LimitExceededException"
}

/// Whether SES's message is about one of the mail's recipients.
fn names_a_recipient(message: &str, mail: &ComposedMail) -> bool {
    let message = message.to_ascii_lowercase();
    let mut recipients = std::iter::once(&mail.to).chain(&mail.cc);
    recipients.any(|address| message.contains(&address.as_str().to_ascii_lowercase()))
}

fn without_code(status: u16) -> String {
    format!("SES answered {status} and no code")
}

/// Whether a code is one word, as AWS's are: it comes over the wire and goes into logs.
fn is_plain(code: &str) -> bool {
    (1..=64).contains(&code.len()) && code.bytes().all(|byte| byte.is_ascii_alphanumeric())
}
