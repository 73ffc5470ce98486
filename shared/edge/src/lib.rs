#![doc = include_str!("../README.md")]

mod answer;
mod basic;
mod desk;
mod fault;
mod gcs;
mod kept;
mod request;
mod serve;
mod tell;
mod v1;
mod world;

pub use answer::Answer;
pub use desk::{Desk, Settings};
pub use fault::Fault;
pub use gcs::Unproven;
pub use request::Request;
pub use serve::{Door, serve};
pub use tell::Teller;
pub use v1::{Signed, Unauthorized};
pub use world::World;

#[doc(hidden)]
pub use recourse_store::StoreError;
