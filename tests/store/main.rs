//! The contract of `recourse-store`, written once and tested on either engine.
//!
//! Each test has two tables of its own. No engine shows faults between the store and DynamoDB by
//! itself: a lost answer, a conflict, a throttle, no connection. The front of the local cloud's
//! DynamoDB makes them, in [`faults`].

mod account_changes;
mod account_names;
mod accounts;
mod bench;
mod captures;
mod cases;
mod change;
mod deadlines;
mod environments;
mod ephemeral;
mod faults;
mod inbound;
mod open;
mod outbox;
mod races;
mod refused;
mod revise;
mod support;
mod support_work;
mod things;
mod upsert;
