//! The Arbiter API: banks log disputes and take them from status to status.
//!
//! Everything that is only this API's: its tokens, its texts, its forms. The vendor's specification
//! "Create Dispute" defines the log call in full; the rest is from the vendor's public reference,
//! and what that leaves open is marked as Recourse-specific.
//!
//! **Invariant:** a bank that is no party to a transaction gets, in every call, the answer that an
//! unknown one gets.

mod amount;
mod caller;
mod categories;
mod detail;
mod error;
mod grant;
mod listing;
mod log;
mod query;
mod response;
mod status_action;
#[cfg(test)]
mod testing;
mod token;
mod transaction;

pub use caller::{Caller, caller};
pub use categories::{Reason, Rules, categories, rules};
pub use detail::detail;
pub use error::{ApiError, Arbiter};
pub use grant::{Grant, TokenError, TokenRequest, client, granted};
pub use listing::{DisputeList, listed};
pub use log::Log;
pub use query::{Query, takes_no_query};
pub use response::{numbered, to_list_response, to_response};
pub(crate) use status_action::available_actions;
pub use status_action::{ActionKind, StatusAction, find};
pub use token::{Claims, LIFE_SECONDS, issue};
pub use transaction::{transaction_response, why_not};
