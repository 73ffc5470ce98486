#![doc = include_str!("../README.md")]

mod client;
mod error;

pub use client::{Attempt, Discovery, IdentityClient, Person, Tokens};
pub use error::{BadIdentity, IdentityError};
