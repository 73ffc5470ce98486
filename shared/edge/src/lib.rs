#![doc = include_str!("../README.md")]

mod response;
mod basic;
mod app;
mod service_error;
mod gcs;
mod ignored;
mod json;
mod ttl_cache;
mod request;
mod serve;
mod acting_party;
mod v1;
mod verify;

pub use response::ApiResponse;
pub use app::{App, Settings};
pub use service_error::ServiceError;
pub use gcs::GcsAuthError;
pub use json::{BodyError, JsonObject, JsonValue};
pub use recourse_runtime::SystemContext;
pub use request::Request;
pub use serve::{ChannelApi, serve, serve_body};
pub use acting_party::ActingParty;
pub use v1::{AuthenticatedRequest, V1AuthError};

#[doc(hidden)]
pub use recourse_runtime::NoRandomness;
#[doc(hidden)]
pub use recourse_store::StoreError;
