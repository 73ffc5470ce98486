//! What `recourse-store` promises, written once and kept on either engine.
//!
//! Each test has two tables of its own. What goes wrong between us and DynamoDB (a lost answer, a conflict, a throttle, nobody there)
//! no engine shows by itself: the front of the local cloud does it, in [`faults`].

mod account_changes;
mod account_names;
mod accounts;
mod bench;
mod captures;
mod change;
mod deadlines;
mod environments;
mod ephemeral;
mod faults;
mod open;
mod outbox;
mod races;
mod refused;
mod revise;
mod things;
mod upsert;
