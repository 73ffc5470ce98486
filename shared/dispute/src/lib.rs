#![doc = include_str!("../README.md")]

pub mod addresses;
pub mod deadlines;
pub mod dispute;
pub mod faces;
pub mod ids;
pub mod lifecycle;
pub mod money;
pub mod notice;
pub mod number;
pub mod time;
pub mod transaction;
