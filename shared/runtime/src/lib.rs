#![doc = include_str!("../README.md")]

mod moved;
mod system_context;

pub use system_context::{NoRandomness, SystemContext};

/// Sets up the log of a function: lines as Lambda wants them, and of a panic its place alone. To be called once, first of all.
pub fn log() {
    lambda_runtime::tracing::init_default_subscriber();
    std::panic::set_hook(Box::new(|panic| {
        tracing::error!(location = panic.location().map(tracing::field::display), "panicked");
    }));
}
