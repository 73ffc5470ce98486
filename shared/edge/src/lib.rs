#![doc = include_str!("../README.md")]

mod acting_party;
mod app;
mod basic;
mod body;
mod caller_note;
mod field_errors;
mod gcs;
mod hint;
mod ignored;
mod json;
mod open_dispute;
mod request;
mod response;
mod sandbox;
mod serve;
mod service_error;
mod ttl_cache;
mod v1;
mod verify;

pub use acting_party::ActingParty;
pub use app::{App, Settings};
pub use body::{BodyReader, BodyRules, Member, has_control_characters};
pub use caller_note::{note_caller, note_refusal};
pub use field_errors::{FieldError, FieldErrors};
pub use gcs::GcsAuthError;
pub use json::{BodyError, JsonObject, JsonValue};
pub use open_dispute::NotOpened;
pub use recourse_runtime::SystemContext;
pub use recourse_signing::diagnosis::Refusal;
pub use request::Request;
pub use response::ApiResponse;
pub use serve::{Api, serve, serve_body};
pub use service_error::{ChannelError, ServiceError};
pub use ttl_cache::TtlCache;
pub use v1::{AuthenticatedRequest, V1AuthError};

#[doc(hidden)]
pub use recourse_runtime::NoRandomness;
#[doc(hidden)]
pub use recourse_store::StoreError;
