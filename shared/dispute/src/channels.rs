//! What only one vendor's API knows: the form of its ids, how it shows a state, and what it asks
//! for.
//!
//! The IIMMPACT API has no view here. It shows no dispute: the transaction's status and its
//! active-dispute lock decide what a report is answered.
//!
//! A dispute that was opened through one API can be read through every API that its parties have.
//! So every API can show every state, and shows a state that it never knew as the nearest of its
//! own published words.
//!
//! **Invariant:** what an API shows of a state follows from state and category alone. No API stores
//! words of its own.

pub mod arbiter;
pub mod connect;
pub mod iimmpact;
pub mod tutelar;

#[cfg(test)]
mod tests;
