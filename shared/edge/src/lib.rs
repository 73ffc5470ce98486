#![doc = include_str!("../README.md")]

mod answer;
mod basic;
mod credentials;
mod desk;
mod fault;
mod request;
mod serve;
mod v1;
mod world;

pub use answer::Answer;
pub use desk::{Desk, Settings};
pub use fault::Fault;
pub use request::Request;
pub use serve::{Door, serve};
pub use v1::{Signed, Unauthorized};
pub use world::World;
