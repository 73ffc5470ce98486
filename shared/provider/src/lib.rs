#![doc = include_str!("../README.md")]

mod address;
mod client;
mod delivery;
mod error;
mod exchange;
mod local;
mod question;
mod target;

pub use address::is_public;
pub use client::{BadTls, Client};
pub use delivery::{Answer, Message};
pub use error::ProviderError;
pub use target::{check_address, check_receiver};
