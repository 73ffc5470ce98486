#![doc = include_str!("../README.md")]

mod invocations;
mod moved;
mod system_context;

pub use invocations::run;
pub use system_context::{NoRandomness, SystemContext};

/// Sets up the log of a function: lines in the form of Lambda, and of a panic only its place. A
/// function calls it first of all.
pub fn log() {
    lambda_runtime::tracing::init_default_subscriber();
    std::panic::set_hook(Box::new(|panic| {
        tracing::error!(location = panic.location().map(tracing::field::display), "panicked");
    }));
}
