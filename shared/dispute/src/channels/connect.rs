//! What only the Connect API knows.

mod view;

pub use view::{View, view};
