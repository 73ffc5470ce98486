//! The Tutelar API's form of a dispute's number.

use crate::number::DisputeNumber;

impl DisputeNumber {
    /// `dispute_` and the eight characters (Tutelar contract, "Create").
    #[must_use]
    pub fn tutelar_id(self) -> String {
        format!("dispute_{}", self.base62())
    }
}
