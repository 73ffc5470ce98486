//! End-to-end tests: real binaries, real HTTP, real clients, against a whole cloud of their own.
//!
//! `make test` builds the binaries and runs every test; `make test T=report::` runs those of one
//! module. The harness refuses binaries that are older than their sources. With
//! `ENGINE=dynamodb-local` and `DYNAMODB_LOCAL_DIR` everything runs on the official DynamoDB Local
//! instead of the embedded engine.

#[cfg(test)]
use recourse_test_harness::{self as harness, raw};

#[cfg(test)]
mod accounts;
#[cfg(test)]
mod arbiter;
#[cfg(test)]
mod at_once;
#[cfg(test)]
mod authentication;
#[cfg(test)]
mod bad_input;
#[cfg(test)]
mod bounces;
#[cfg(test)]
mod caps;
#[cfg(test)]
mod cli;
#[cfg(test)]
mod clock;
#[cfg(test)]
mod connect;
#[cfg(test)]
mod console;
#[cfg(test)]
mod costs;
#[cfg(test)]
mod crash;
#[cfg(test)]
mod deadlines;
#[cfg(test)]
mod demo;
#[cfg(test)]
mod deployment;
#[cfg(test)]
mod doctor;
#[cfg(test)]
mod event_bus;
#[cfg(test)]
mod faults;
#[cfg(test)]
mod forget;
#[cfg(test)]
mod fuzz;
#[cfg(test)]
mod ignored;
#[cfg(test)]
mod inbound;
#[cfg(test)]
mod ingest;
#[cfg(test)]
mod logs;
#[cfg(test)]
mod lookups;
#[cfg(test)]
mod mail;
#[cfg(test)]
mod openapi_examples;
#[cfg(test)]
mod operations;
#[cfg(test)]
mod outbox;
#[cfg(test)]
mod pages;
#[cfg(test)]
mod parties;
#[cfg(test)]
mod platform;
#[cfg(test)]
mod policy;
#[cfg(test)]
mod race;
#[cfg(test)]
mod readme;
#[cfg(test)]
mod report;
#[cfg(test)]
mod request_ids;
#[cfg(test)]
mod retention;
#[cfg(test)]
mod sandbox;
#[cfg(test)]
mod staging;
#[cfg(test)]
mod support;
#[cfg(test)]
mod tutelar;
#[cfg(test)]
mod vendor_texts;
#[cfg(test)]
mod webhooks;
#[cfg(test)]
mod why_refused;
#[cfg(test)]
mod workers;
