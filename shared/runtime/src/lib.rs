#![doc = include_str!("../README.md")]

mod invocations;
mod log;
mod moved;
mod system_context;

pub use invocations::run;
pub use log::log;
pub use system_context::{NoRandomness, SystemContext};

/// A report makes some thousand small values. mimalloc allocates and frees them in fewer
/// instructions than the C library.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;
