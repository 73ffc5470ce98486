//! The Connect door: send a dispute with its evidence.
//!
//! Everything that is only this door's: its texts, its errors, the forms of its requests and answers. Seed 004 is the published contract of
//! submit; the rest was read in the vendor's own clients, and what they leave open is marked as ours.

mod amount;
mod upload_request;
mod body;
mod caller;
mod change;
mod create;
mod evidence;
mod view;
mod format;
pub mod members;
mod multipart;
mod name;
mod parameters;
mod problem;
mod error;
mod repeat;
mod target;

pub use upload_request::UploadRequest;
pub use caller::{Caller, caller};
pub use change::change;
pub use create::create;
pub use evidence::{Attached, attach, download, evidence};
pub use view::{to_response, list};
pub use format::Format;
pub(crate) use multipart::MOST_IN_A_CALL;
pub use multipart::Upload;
pub use name::percent_decode;
pub(crate) use name::{extended_name, file_name};
pub use problem::Problem;
pub use error::{Connect, ApiError};
pub use repeat::fingerprint;
pub use target::{Target, of_payment, visible};
