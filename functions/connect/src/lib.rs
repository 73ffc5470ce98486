//! The Connect API: send a dispute with its evidence.
//!
//! Everything that is only this API's: its texts, its errors, the forms of its requests and
//! answers. The vendor's specification "Submit dispute" is the published contract of submit. The
//! rest was read in the vendor's own clients, and what they leave open is marked as
//! Recourse-specific.

mod amount;
mod body;
mod caller;
mod change;
mod create;
mod error;
mod evidence;
mod format;
pub mod members;
mod multipart;
mod name;
mod parameters;
mod part_headers;
mod problem;
mod repeat;
mod target;
mod upload_request;
mod view;

pub use caller::{Caller, caller};
pub use change::{act, change};
pub use create::create;
pub use error::{ApiError, Connect};
pub use evidence::{Attached, attach, download, evidence};
pub use format::{check_content, format_of};
pub(crate) use multipart::MAX_IN_A_CALL;
pub use multipart::Upload;
pub use name::percent_decode;
pub(crate) use name::{extended_name, file_name};
pub use problem::Problem;
pub use repeat::fingerprint;
pub use target::{Target, of_payment, visible};
pub use upload_request::UploadRequest;
pub use view::{to_list_response, to_response};
