//! The Arbiter API's form of a dispute's number.

use crate::number::DisputeNumber;

impl DisputeNumber {
    /// The initiator's domain code right-padded with `0` to five characters and never cut, `II`,
    /// and the number (Arbiter contract, "Log: rules"; vendor specification, Arbiter "Create
    /// Dispute": `FBN`, 551 gives `FBN00II551`).
    #[must_use]
    pub fn log_code(self, domain_code: &str) -> String {
        format!("{domain_code:0<5}II{}", self.get())
    }
}
