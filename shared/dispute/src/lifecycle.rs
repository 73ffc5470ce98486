//! How far a dispute has come, and who may take it further.
//!
//! All four APIs share one lifecycle; [`crate::channels`] shows it in each API's own words.
//! Where an action leads is [`transition`]; who may take it is [`crate::policy::actions`]. Both are
//! pure and total, and nothing else decides either.
//!
//! **Invariant:** a dispute goes through the stages of its [`Category`] in the published order and
//! never backwards, except by a reopening.
//!
//! **Invariant:** a live dispute holds its transaction's active-dispute lock. A draft holds a lock
//! of its opener alone. A closed dispute holds none.

mod action;
mod actor;
mod category;
mod right;
mod stage;
mod state;
mod transition;

pub use action::{Action, TransitionError};
pub use actor::{Actor, DISPUTE_TEAM, Side};
pub use category::Category;
pub use right::Right;
pub use stage::{Level, Stage};
pub use state::{Closing, Lock, State};
pub use transition::transition;
