//! What of a disputed amount are fees (TDR, the merchant's discount rate) and tax (seed 003).
//!
//! A charge is a price or a percentage of the disputed amount. Whether it is included in that amount or comes on top of it is kept and shown; the limits
//! are the same for both (Tutelar contract, "The three sums").

use serde::{Deserialize, Serialize};

use crate::decimal::Decimal;

/// Whether a charge is part of the disputed amount.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Basis {
    /// It is part of it.
    Include,
    /// It comes on top.
    Exclude,
}

/// What a charge's amount counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Measure {
    /// Money, in the dispute's currency.
    Price,
    /// Hundredths of the disputed amount.
    Percentage,
}

/// A fee or a tax.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Charge {
    /// Whether it is part of the disputed amount.
    pub basis: Basis,
    /// What its amount counts.
    pub measure: Measure,
    /// How much.
    pub amount: Decimal,
}

/// Which of the three sums is more than the disputed amount.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Excess {
    /// The TDR by itself.
    Tdr,
    /// The tax by itself.
    Tax,
    /// Both together.
    Total,
}

/// A decimal has hundred-millionths; a percentage of one, which is their product over a hundred, has this many times more.
const FINER: u128 = 10_u128.pow(10);

impl Charge {
    /// What it comes to, exactly, in units of 10^-18; `None` is more than any disputed amount.
    fn of(&self, disputed: Decimal) -> Option<u128> {
        match self.measure {
            Measure::Price => self.amount.units().checked_mul(FINER),
            Measure::Percentage => self.amount.units().checked_mul(disputed.units()),
        }
    }
}

/// The first of the three sums that is more than the disputed amount, in the seed's order.
#[must_use]
pub fn excess(disputed: Decimal, tdr: Option<&Charge>, tax: Option<&Charge>) -> Option<Excess> {
    let most = disputed.units().saturating_mul(FINER);
    let share = |charge: Option<&Charge>| charge.map_or(Some(0), |charge| charge.of(disputed));
    let exceeds = |share: Option<u128>| share.is_none_or(|share| share > most);
    let (tdr, tax) = (share(tdr), share(tax));
    if exceeds(tdr) {
        Some(Excess::Tdr)
    } else if exceeds(tax) {
        Some(Excess::Tax)
    } else if exceeds(tdr.zip(tax).and_then(|(tdr, tax)| tdr.checked_add(tax))) {
        Some(Excess::Total)
    } else {
        None
    }
}

#[cfg(test)]
mod tests;
