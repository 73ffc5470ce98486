//! The support process: a reported case is answered, or in a person's hands, within its time.

pub(crate) mod case;
pub(crate) mod eml;
mod exactly_once;
mod kills;
mod limits;
pub(crate) mod model;
mod other_apis;
mod provider;
mod race;
mod staging;
mod voucher;
