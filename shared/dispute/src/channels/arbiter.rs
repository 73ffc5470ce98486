//! What only the Arbiter API knows.

mod log_code;
mod logged;
mod view;

pub use logged::Logged;
pub use view::arbiter_status;
