#![doc = include_str!("../README.md")]

mod invocations;
mod log;
mod moved;
mod system_context;

pub use invocations::run;
pub use log::log;
pub use system_context::{NoRandomness, SystemContext};

/// Reserves and frees memory for less than the C library does: a report makes some thousand small
/// values.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;
