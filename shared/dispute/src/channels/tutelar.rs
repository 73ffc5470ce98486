//! What only the Tutelar API knows.

pub mod charges;
pub mod configuration;
pub mod details;
mod id;
mod view;
mod wide;

pub use view::{View, view};
