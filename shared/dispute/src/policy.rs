//! Who may do what to a dispute, who sees what of it, and who is told.
//!
//! This is the one table between the parties. Every API, every worker, the mails and the command
//! line ask it; none of them decides by the channel on its own. A test prints it as
//! `docs/parties.md`.
//!
//! Where a vendor's own pages say who may act, they win. Where they are silent, the rule is that of
//! a card scheme: a claimant withdraws, a respondent answers or accepts in its turn, an operator
//! decides, and nobody judges its own case.

pub mod actions;
pub mod channel;
#[cfg(test)]
mod document;
pub mod notifications;
#[cfg(test)]
mod search;
pub mod visibility;
