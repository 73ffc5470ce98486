//! What is our own fault, or our cloud's, and not the caller's.

use recourse_runtime::NoRandomness;
use recourse_store::StoreError;

/// Why a request could not be answered as it should. The texts are for the log; a client gets its API's 500 or 503.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ServiceError {
    /// Something we need is out of reach: the same request may work later.
    #[error("unavailable: {0}")]
    Unavailable(String),
    /// Something is wrong that trying again does not mend.
    #[error("broken: {0}")]
    Broken(String),
}

impl ServiceError {
    /// The HTTP status for it: 503 or 500.
    #[must_use]
    pub fn status(&self) -> u16 {
        match self {
            Self::Unavailable(_) => 503,
            Self::Broken(_) => 500,
        }
    }

    pub(crate) fn outcome(&self) -> &'static str {
        match self {
            Self::Unavailable(_) => "unavailable",
            Self::Broken(_) => "broken",
        }
    }
}

impl From<StoreError> for ServiceError {
    fn from(error: StoreError) -> Self {
        if error.is_temporary() { Self::Unavailable(error.to_string()) } else { Self::Broken(error.to_string()) }
    }
}

impl From<NoRandomness> for ServiceError {
    fn from(error: NoRandomness) -> Self {
        Self::Broken(error.to_string())
    }
}

/// Lets `?` turn a [`ServiceError`], and what becomes one, into an API's own kind of refusal, by its variant `Service`.
#[macro_export]
macro_rules! from_service_errors {
    ($refusal:ty) => {
        impl From<$crate::ServiceError> for $refusal {
            fn from(error: $crate::ServiceError) -> Self {
                Self::Service(error)
            }
        }

        impl From<$crate::NoRandomness> for $refusal {
            fn from(error: $crate::NoRandomness) -> Self {
                Self::Service(error.into())
            }
        }

        impl From<$crate::StoreError> for $refusal {
            fn from(error: $crate::StoreError) -> Self {
                Self::Service(error.into())
            }
        }
    };
}
