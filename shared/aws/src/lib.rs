#![doc = include_str!("../README.md")]

mod calls;
mod clients;
mod date;
pub mod metrics;

pub use aws_types::SdkConfig;
pub use calls::{CountCalls, counted};
pub use clients::{Aws, BadVariable, Service};
pub use date::AnswerDate;
