//! Why a request failed through no fault of its caller.
//!
//! **Invariant:** no text of a [`ServiceError`] reaches a client. The type has no `Display`, so no
//! text gets into a body by mistake; its `log_text` is for the log alone.

use recourse_runtime::NoRandomness;
use recourse_store::{Fault, StoreError};

/// Why a request could not be answered as it should.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ServiceError {
    /// DynamoDB or KMS failed, or a stored item cannot be read.
    Store(StoreError),
    /// S3 did not answer as it should: the same request may work later.
    Files {
        /// The call that failed.
        operation: &'static str,
        /// AWS's error code, or how far the call came.
        context: String,
    },
    /// The system has no random bytes.
    NoRandomness(NoRandomness),
    /// Something holds that no request can bring about.
    InvariantViolated {
        /// What should not be possible.
        what: &'static str,
        /// The dispute, key, account or transaction that it is true of.
        key: String,
    },
    /// The endpoint gave no answer in its time: the same request may work later.
    TimedOut {
        /// How long it was given, in milliseconds.
        after_ms: u64,
    },
    /// The endpoint panicked.
    Panicked,
    /// Nothing failed: a script of faults or a reserved refid asks for it, in staging.
    OnPurpose(Fault),
}

impl ServiceError {
    /// Something impossible happened; `key` is the dispute, key, account or transaction.
    #[must_use]
    pub fn invariant(what: &'static str, key: impl ToString) -> Self {
        Self::InvariantViolated { what, key: key.to_string() }
    }

    /// Whether the same request may work later.
    #[must_use]
    pub fn is_temporary(&self) -> bool {
        match self {
            Self::Store(error) => error.is_temporary(),
            Self::Files { .. } | Self::TimedOut { .. } | Self::OnPurpose(_) => true,
            Self::NoRandomness(_) | Self::InvariantViolated { .. } | Self::Panicked => false,
        }
    }

    /// Whether it was asked for, in staging, so that nobody has to look into it.
    #[must_use]
    pub fn is_on_purpose(&self) -> bool {
        matches!(self, Self::OnPurpose(_))
    }

    /// The HTTP status for it: 503 or 500.
    #[must_use]
    pub fn status(&self) -> u16 {
        if self.is_temporary() { 503 } else { 500 }
    }

    /// What the log line calls the request: `unavailable` or `broken`.
    #[must_use]
    pub fn outcome(&self) -> &'static str {
        if self.is_temporary() { "unavailable" } else { "broken" }
    }

    /// The stable name of the error, for logs and alarms.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Store(error) => error.code(),
            Self::Files { .. } => "files_unavailable",
            Self::NoRandomness(_) => "no_randomness",
            Self::InvariantViolated { .. } => "invariant_violated",
            Self::TimedOut { .. } => "timed_out",
            Self::Panicked => "panicked",
            Self::OnPurpose(_) => "on_purpose",
        }
    }

    /// What happened and to what, for the log alone.
    #[must_use]
    pub fn log_text(&self) -> String {
        match self {
            Self::Store(error) => error.to_string(),
            Self::Files { operation, context } => format!("{operation}: {context}"),
            Self::NoRandomness(error) => error.to_string(),
            Self::InvariantViolated { what, key } => format!("{key}: {what}"),
            Self::TimedOut { after_ms } => format!("the endpoint gave no answer within {after_ms} ms"),
            Self::Panicked => {
                "the endpoint panicked; the log line `panicked` before this one names the place".to_owned()
            }
            Self::OnPurpose(fault) => format!("a script of faults or a reserved refid asks for {fault}"),
        }
    }
}

impl From<StoreError> for ServiceError {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<NoRandomness> for ServiceError {
    fn from(error: NoRandomness) -> Self {
        Self::NoRandomness(error)
    }
}

/// An API's own error, of which some are a failure of the service.
pub trait ChannelError: From<ServiceError> {
    /// The failure of the service that the error is about, if it is about one.
    fn service_error(&self) -> Option<&ServiceError>;
}

/// Makes an API's own error, which has a variant `Service`, a [`ChannelError`]. `?` then turns a
/// [`ServiceError`], and what becomes one, into it.
#[macro_export]
macro_rules! from_service_errors {
    ($error:ty) => {
        impl $crate::ChannelError for $error {
            fn service_error(&self) -> Option<&$crate::ServiceError> {
                if let Self::Service(error) = self { Some(error) } else { None }
            }
        }

        impl From<$crate::ServiceError> for $error {
            fn from(error: $crate::ServiceError) -> Self {
                Self::Service(error)
            }
        }

        impl From<$crate::NoRandomness> for $error {
            fn from(error: $crate::NoRandomness) -> Self {
                Self::Service(error.into())
            }
        }

        impl From<$crate::StoreError> for $error {
            fn from(error: $crate::StoreError) -> Self {
                Self::Service(error.into())
            }
        }
    };
}
