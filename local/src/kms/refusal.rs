//! KMS's errors.

/// An error as KMS answers it, with status 400.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Refusal {
    pub(super) exception: &'static str,
    pub(super) message: Option<String>,
}

impl Refusal {
    pub(super) fn new(exception: &'static str, message: impl Into<String>) -> Refusal {
        Refusal { exception, message: Some(message.into()) }
    }

    /// KMS says nothing about why a ciphertext does not open.
    pub(super) fn invalid_ciphertext() -> Refusal {
        Refusal { exception: "InvalidCiphertextException", message: None }
    }

    pub(super) fn missing(member: &str) -> Refusal {
        let wrong = "failed to satisfy constraint: Member must not be null";
        Refusal::new("ValidationException", format!("1 validation error detected: Value null at '{member}' {wrong}"))
    }
}
