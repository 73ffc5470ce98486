//! KMS's errors.

/// An error as KMS answers it, with status 400.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct KmsError {
    pub(super) exception: &'static str,
    pub(super) message: Option<String>,
}

impl KmsError {
    pub(super) fn new(exception: &'static str, message: impl Into<String>) -> KmsError {
        KmsError { exception, message: Some(message.into()) }
    }

    /// KMS says nothing about why a ciphertext does not open.
    pub(super) fn invalid_ciphertext() -> KmsError {
        KmsError { exception: "InvalidCiphertextException", message: None }
    }

    pub(super) fn missing(member: &str) -> KmsError {
        let wrong = "failed to satisfy constraint: Member must not be null";
        KmsError::new("ValidationException", format!("1 validation error detected: Value null at '{member}' {wrong}"))
    }
}
