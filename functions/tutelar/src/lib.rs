//! The Tutelar API: merchants raise disputes, correct their details and give verdicts.
//!
//! Everything that is only this API's: its texts, its envelope, the forms of its requests. The
//! vendor's specification "Update Dispute" defines the update call; the other calls are from the
//! vendor's public pages, and what both leave open is marked as Recourse-specific.

mod amend;
mod caller;
mod change;
mod charge;
mod create;
mod error;
mod fields;
pub mod members;
mod texts;
mod update;
mod view;

pub(crate) use amend::changed;
pub use amend::{Amendable, Rules, amend};
pub(crate) use caller::acting;
pub use caller::{caller, number, viewer};
pub use change::{ChangeContext, change, due, level, verdict};
pub use create::Create;
pub use error::{ApiError, Tutelar, lifecycle, success};
pub use fields::read_body;
pub use texts::{
    CLOSED, DETAILS, DUPLICATE, LOST, NOT_COMPLETED, NOT_REOPENED, RAISED, RAISED_FAILED, RAISED_REFUNDED, UPDATED,
    WON, moved, reopened,
};
pub use update::{change_limit_reached, updated};
pub use view::view;
