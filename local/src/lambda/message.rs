//! The messages between a fleet, its instances, and the Runtime API of each.

use super::error::InvokeError;
use axum::body::Bytes;
use tokio::sync::oneshot;

/// An invocation on its way to an instance.
pub(super) struct Job {
    pub(super) request_id: String,
    pub(super) trace_id: String,
    pub(super) event: Bytes,
    pub(super) outcome: oneshot::Sender<Outcome>,
}

/// What becomes of a [`Job`].
pub(super) enum Outcome {
    /// The function's answer.
    Answer(Bytes),
    /// There is no answer.
    Failed(InvokeError),
    /// The process ended before it got the event: nothing has happened.
    NotHandedOver,
}

/// What its fleet and its process send to an instance.
pub(super) enum Message {
    /// An invocation. Only an instance that can take one is sent one.
    Job(Job),
    /// The runtime asks for the next invocation. Dropped when the phase does not allow that.
    Next(oneshot::Sender<Invocation>),
    /// The runtime posts an answer or an error: for an invocation, or for its start when there is
    /// no id.
    Posted {
        /// The invocation's request id.
        id: Option<String>,
        /// What is posted.
        posted: Posted,
        /// For the reply; dropped when the instance's state allows no post.
        verdict: oneshot::Sender<InvocationResult>,
    },
    /// SIGKILL.
    Kill,
}

/// What the runtime gets.
pub(super) struct Invocation {
    pub(super) request_id: String,
    pub(super) deadline_ms: u128,
    pub(super) function_arn: String,
    pub(super) trace_id: String,
    pub(super) event: Bytes,
}

/// What the runtime posts.
pub(super) enum Posted {
    Answer(Bytes),
    TooLarge,
    Error { error_type: String, body: String },
}

impl From<Posted> for Outcome {
    fn from(posted: Posted) -> Outcome {
        match posted {
            Posted::Answer(answer) => Outcome::Answer(answer),
            Posted::TooLarge => Outcome::Failed(InvokeError::ResponseTooLarge),
            Posted::Error { error_type, body } => Outcome::Failed(InvokeError::Unhandled { error_type, body }),
        }
    }
}

/// The reply to what the runtime posted.
pub(super) enum InvocationResult {
    Accepted,
    NotThisInvocation,
    /// The invocation has timed out, on Managed Instances.
    TooLate,
}
