#![doc = include_str!("../README.md")]

mod calls;
mod clients;

pub use calls::{CountCalls, counted};
pub use clients::{Aws, MissingVariable, Service, variable};
