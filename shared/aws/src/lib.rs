#![doc = include_str!("../README.md")]

mod calls;
mod clients;
mod connection;
mod date;
pub mod metrics;
mod request_id;

pub use aws_types::SdkConfig;
pub use calls::{CountCalls, counted};
pub use clients::{Aws, BadVariable, Service};
pub use connection::never_sent;
pub use date::AnswerDate;
pub use request_id::is_request_id;
