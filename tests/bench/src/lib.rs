#![doc = include_str!("../README.md")]
#![expect(clippy::float_arithmetic, reason = "a time is no money, and a ratio is a fraction")]

pub mod bed;
pub mod chart;
pub mod client;
pub mod conformity;
pub mod counts;
pub mod figure;
pub mod instructions;
pub mod local;
pub mod machine;
pub mod measure;
pub mod page;
pub mod process;
pub mod progress;
pub mod report;
pub mod rows;
pub mod sides;
pub mod sizes;
pub mod stats;

/// Why a run ends early, for people.
pub type Error = Box<dyn std::error::Error + Send + Sync>;

/// What a step of a run gives, or why the run ends.
pub type Result<T> = std::result::Result<T, Error>;
