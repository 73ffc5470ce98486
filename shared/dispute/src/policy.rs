//! Who may do what to a dispute, who sees what of it, and who is notified.
//!
//! This is the one table between the parties. Every API, every worker, the mails and the command
//! line ask it. What differs by API is in [`crate::channel`]. A test prints both as
//! `docs/parties.md`.
//!
//! Where a vendor's own pages say who may act, they win. Where they say nothing, the rule is that
//! of a card scheme: a claimant withdraws, a respondent answers or accepts while it is due to
//! respond, an operator decides, and nobody judges its own case.

pub mod actions;
#[cfg(test)]
mod document;
pub mod notifications;
#[cfg(test)]
mod search;
pub mod visibility;
