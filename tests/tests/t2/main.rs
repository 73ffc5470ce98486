//! Temporary.
mod caps;
mod crash;
mod faults;
#[allow(dead_code, unused_imports)]
mod harness;
mod race;
mod raw;
#[allow(dead_code)]
mod seed;
mod store_contract;
mod timing;
