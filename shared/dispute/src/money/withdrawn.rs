//! Currencies that ISO 4217 withdrew in 2015 or later and that the crate `iso_currency` does not
//! list any more. A payment of their time keeps its currency, so they stay readable.

/// A currency that ISO 4217 has withdrawn.
#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct Withdrawn {
    /// The alphabetic code.
    pub(super) code: &'static str,
    /// The numeric code.
    pub(super) numeric: u16,
    /// How many decimals the currency had.
    pub(super) decimals: usize,
}

/// Each row names what followed the currency, and when.
const WITHDRAWN: [Withdrawn; 6] = [
    // EUR, January 2015.
    Withdrawn { code: "LTL", numeric: 440, decimals: 2 },
    // BYN, July 2016.
    Withdrawn { code: "BYR", numeric: 974, decimals: 0 },
    // MRU, January 2018.
    Withdrawn { code: "MRO", numeric: 478, decimals: 2 },
    // STN, January 2018.
    Withdrawn { code: "STD", numeric: 678, decimals: 2 },
    // VES, August 2018.
    Withdrawn { code: "VEF", numeric: 937, decimals: 2 },
    // XCG, March 2025, which has the same numeric code.
    Withdrawn { code: "ANG", numeric: 532, decimals: 2 },
];

/// The withdrawn currency of an alphabetic code.
pub(super) fn withdrawn(code: &str) -> Option<&'static Withdrawn> {
    WITHDRAWN.iter().find(|currency| currency.code == code)
}
