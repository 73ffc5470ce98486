//! The outcomes of the lines of an import, in numbers.

use std::fmt;
use std::ops::AddAssign;

use serde::{Deserialize, Serialize};

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Counts {
    pub(super) created: u64,
    pub(super) replaced: u64,
    pub(super) stale: u64,
    pub(super) invalid: u64,
}

impl Counts {
    pub(super) fn total(self) -> u64 {
        self.created + self.replaced + self.stale + self.invalid
    }
}

impl AddAssign for Counts {
    fn add_assign(&mut self, other: Self) {
        self.created += other.created;
        self.replaced += other.replaced;
        self.stale += other.stale;
        self.invalid += other.invalid;
    }
}

impl fmt::Display for Counts {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { created, replaced, stale, invalid } = self;
        write!(out, "{created} created, {replaced} replaced, {stale} stale, {invalid} invalid")
    }
}
