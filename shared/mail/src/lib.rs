#![doc = include_str!("../README.md")]

mod branding;
mod compose;
mod header;
mod letters;
mod send;

pub use branding::{BadBrand, Branding};
pub use compose::{BadSettings, ComposeError, Composer, Mail};
pub use header::{BadHeader, Header, HeaderValue};
pub use letters::{Letters, subject};
pub use send::{Outcome, Ses};
