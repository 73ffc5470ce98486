#![doc = include_str!("../README.md")]

pub mod addresses;
pub mod channel;
pub mod charges;
pub mod claim;
pub mod claim_amount;
pub mod configuration;
pub mod deadlines;
pub mod decimal;
pub mod details;
pub mod dispute;
pub mod environment;
pub mod event;
pub mod ids;
pub mod json;
pub mod lifecycle;
pub mod money;
pub mod notification;
pub mod number;
pub mod policy;
pub mod text;
pub mod time;
pub mod transaction;
pub mod views;
mod wide;
