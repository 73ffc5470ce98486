//! KMS: `GenerateDataKey` and `Decrypt` under one master key.

use std::path::Path;

use crate::loopback::StartError;

/// A running KMS; clones are handles to the same one.
#[derive(Debug, Clone)]
pub struct Kms;

impl Kms {
    /// Starts it on a free port. With `data` the master key is kept in `kms.key` there.
    ///
    /// # Errors
    /// No port, or a key file that cannot be used.
    pub async fn start(_data: Option<&Path>) -> Result<Self, StartError> {
        Ok(Self)
    }

    /// Where it listens, `http://127.0.0.1:port`.
    #[must_use]
    pub fn endpoint(&self) -> String {
        String::new()
    }

    /// Requests since the start.
    #[must_use]
    pub fn calls(&self) -> u64 {
        0
    }

    /// Stops it.
    pub async fn stop(self) {}
}
