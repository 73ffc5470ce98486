//! Temporary.
#[allow(dead_code, unused_imports)]
mod harness;
mod raw;
mod store_contract;
mod timing;
