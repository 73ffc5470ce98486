#![doc = include_str!("../README.md")]

pub mod addresses;
pub mod charges;
pub mod claim;
pub mod configuration;
pub mod deadlines;
pub mod decimal;
pub mod details;
pub mod dispute;
pub mod environment;
pub mod faces;
pub mod ids;
pub mod lifecycle;
pub mod money;
pub mod notice;
pub mod number;
pub mod policy;
pub mod text;
pub mod time;
pub mod transaction;
mod wide;
