//! The contract of `recourse-store`, written once and tested on either engine.
//!
//! Each test has two tables of its own. No engine shows faults between the store and DynamoDB by
//! itself: a lost answer, a conflict, a throttle, no connection. The front of the local cloud's
//! DynamoDB makes them, in [`faults`].

#[cfg(test)]
mod account_changes;
#[cfg(test)]
mod account_names;
#[cfg(test)]
mod accounts;
#[cfg(test)]
mod audit_log;
#[cfg(test)]
mod bench;
#[cfg(test)]
mod captures;
#[cfg(test)]
mod cases;
#[cfg(test)]
mod casework;
#[cfg(test)]
mod change;
#[cfg(test)]
mod clock;
#[cfg(test)]
mod closed;
#[cfg(test)]
mod deadlines;
#[cfg(test)]
mod environments;
#[cfg(test)]
mod ephemeral;
#[cfg(test)]
mod event_bus;
#[cfg(test)]
mod faults;
#[cfg(test)]
mod forget;
#[cfg(test)]
mod identity;
#[cfg(test)]
mod inbound;
#[cfg(test)]
mod lists;
#[cfg(test)]
mod numbers;
#[cfg(test)]
mod open;
#[cfg(test)]
mod operators;
#[cfg(test)]
mod outbox;
#[cfg(test)]
mod queue;
#[cfg(test)]
mod races;
#[cfg(test)]
mod refused;
#[cfg(test)]
mod retention;
#[cfg(test)]
mod revise;
#[cfg(test)]
mod sandbox;
#[cfg(test)]
mod search;
#[cfg(test)]
mod sign_in;
#[cfg(test)]
mod support;
#[cfg(test)]
mod support_work;
#[cfg(test)]
mod things;
#[cfg(test)]
mod together;
#[cfg(test)]
mod upsert;
#[cfg(test)]
mod webhooks;
