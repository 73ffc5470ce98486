//! What differs between the APIs that a dispute can be opened through.

use crate::lifecycle::{Category, Door};

/// The categories that disputes of an API have. Only a bank names one when it logs a dispute. A
/// report is an inquiry, and what a merchant raises or submits is a chargeback.
#[must_use]
pub fn categories(channel: Door) -> &'static [Category] {
    match channel {
        Door::Iimmpact => &[Category::Inquiry],
        Door::Arbiter => &Category::ALL,
        Door::Tutelar | Door::Connect => &[Category::Chargeback],
    }
}

/// Whether the statuses of a dispute end by themselves. A report at the IIMMPACT API is the
/// operators' own work, which its contract gives no time for.
#[must_use]
pub fn has_deadlines(channel: Door) -> bool {
    match channel {
        Door::Iimmpact => false,
        Door::Arbiter | Door::Tutelar | Door::Connect => true,
    }
}

/// Whether the opener may change the disputed amount later. Only the Tutelar API lets it. A bank's
/// claim is the bank's, and a report or a submitted dispute keeps its amount.
#[must_use]
pub fn opener_restates_amount(channel: Door) -> bool {
    match channel {
        Door::Tutelar => true,
        Door::Iimmpact | Door::Arbiter | Door::Connect => false,
    }
}

/// Whether the merchant's account moves the dispute from level to level by itself, as the Tutelar
/// API publishes.
#[must_use]
pub fn opener_moves_level(channel: Door) -> bool {
    match channel {
        Door::Tutelar => true,
        Door::Iimmpact | Door::Arbiter | Door::Connect => false,
    }
}

/// Whether those who get the case's mail are written to as parties, who act on the dispute and know
/// its statuses: the account whose transaction it is. Otherwise a customer may be among them.
#[must_use]
pub fn case_reads_as_party(channel: Door) -> bool {
    match channel {
        Door::Arbiter | Door::Tutelar => true,
        Door::Iimmpact | Door::Connect => false,
    }
}
