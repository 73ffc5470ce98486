#![doc = include_str!("../README.md")]

mod address;
mod client;
mod error;
mod exchange;
mod local;
mod question;
mod target;

pub use address::is_public;
pub use client::{BadTls, Client};
pub use error::ProviderError;
