//! What differs between the APIs that a dispute can be opened through.

use crate::lifecycle::{Category, Channel};

/// The categories that disputes of an API have. Only a bank names one when it logs a dispute. A
/// report is an inquiry, and what a merchant raises or submits is a chargeback.
#[must_use]
pub fn categories(channel: Channel) -> &'static [Category] {
    match channel {
        Channel::Iimmpact => &[Category::Inquiry],
        Channel::Arbiter => &Category::ALL,
        Channel::Tutelar | Channel::Connect => &[Category::Chargeback],
    }
}

/// Whether the statuses of a dispute end by themselves. A report at the IIMMPACT API is the
/// operators' own work, which its contract gives no time for.
#[must_use]
pub fn has_deadlines(channel: Channel) -> bool {
    match channel {
        Channel::Iimmpact => false,
        Channel::Arbiter | Channel::Tutelar | Channel::Connect => true,
    }
}

/// Whether the opener may change the disputed amount later. Only the Tutelar API lets it. A bank's
/// claim is the bank's, and a report or a submitted dispute keeps its amount.
#[must_use]
pub fn opener_restates_amount(channel: Channel) -> bool {
    match channel {
        Channel::Tutelar => true,
        Channel::Iimmpact | Channel::Arbiter | Channel::Connect => false,
    }
}

/// Whether the merchant's account moves the dispute from level to level by itself, as the Tutelar
/// API publishes.
#[must_use]
pub fn opener_moves_level(channel: Channel) -> bool {
    match channel {
        Channel::Tutelar => true,
        Channel::Iimmpact | Channel::Arbiter | Channel::Connect => false,
    }
}

/// Whether those who get the case's mail are written to as parties, who act on the dispute and know
/// its statuses: the account whose transaction it is. Otherwise a customer may be among them.
#[must_use]
pub fn case_reads_as_party(channel: Channel) -> bool {
    match channel {
        Channel::Arbiter | Channel::Tutelar => true,
        Channel::Iimmpact | Channel::Connect => false,
    }
}
