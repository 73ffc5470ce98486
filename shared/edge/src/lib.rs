#![doc = include_str!("../README.md")]

mod answer;
mod basic;
mod app;
mod fault;
mod gcs;
mod ignored;
mod json;
mod kept;
mod request;
mod serve;
mod acting_party;
mod v1;
mod verify;

pub use answer::Answer;
pub use app::{App, Settings};
pub use fault::Fault;
pub use gcs::Unproven;
pub use json::{BodyError, JsonObject, JsonValue};
pub use recourse_runtime::SystemContext;
pub use request::Request;
pub use serve::{ChannelApi, serve, serve_body};
pub use acting_party::ActingParty;
pub use v1::{Signed, Unauthorized};

#[doc(hidden)]
pub use recourse_runtime::NoRandomness;
#[doc(hidden)]
pub use recourse_store::StoreError;
