#![doc = include_str!("../README.md")]

pub mod bedrock;
mod body;
pub mod bus;
pub mod clock;
pub mod cloud;
mod data_lock;
pub mod demo;
pub mod dynamodb;
mod error;
pub mod eventbridge;
pub mod gateway;
pub mod kms;
pub mod lambda;
mod lock;
pub mod log;
mod loopback;
pub mod options;
pub mod pages;
pub mod policy;
pub mod provider;
mod random;
mod recent;
pub mod s3;
pub mod schedule;
pub mod ses;
pub mod sqs;
pub mod streams;
pub mod template;
#[cfg(test)]
mod testing;

pub use cloud::Cloud;
pub use error::StartError;
pub use log::LogSink;
pub use options::Options;
