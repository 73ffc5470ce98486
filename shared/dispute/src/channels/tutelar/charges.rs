//! The fees (TDR, the merchant's discount rate) and the tax in a disputed amount (vendor
//! specification, Tutelar "Update Dispute").
//!
//! A charge is a price or a percentage of the disputed amount. Whether it is included in that
//! amount or comes on top of it is stored and shown. The limits are the same for both (Tutelar
//! contract, "The three sums").

use serde::{Deserialize, Serialize};

use super::wide::Wide;
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

/// A hundred, in a decimal's units. A percentage of an amount is their product over this. Nothing
/// is divided: everything else is multiplied by it instead.
const HUNDRED: u128 = 10_u128.pow(20);

impl Charge {
    /// The charge in money, exactly, in units of 10^-38.
    fn of(&self, disputed: Decimal) -> Wide {
        Wide::product(self.amount.units(), if self.measure == Measure::Price { HUNDRED } else { disputed.units() })
    }
}

/// The first of the three sums that is more than the disputed amount, in the vendor's
/// specification's order.
#[must_use]
pub fn excess(disputed: Decimal, tdr: Option<&Charge>, tax: Option<&Charge>) -> Option<Excess> {
    let most = Wide::product(disputed.units(), HUNDRED);
    let share = |charge: Option<&Charge>| charge.map_or(Wide::default(), |charge| charge.of(disputed));
    let (tdr, tax) = (share(tdr), share(tax));
    if tdr > most {
        Some(Excess::Tdr)
    } else if tax > most {
        Some(Excess::Tax)
    } else if tdr.plus(tax).is_none_or(|total| total > most) {
        Some(Excess::Total)
    } else {
        None
    }
}

#[cfg(test)]
mod tests;
