#![doc = include_str!("../README.md")]

mod branding;
mod compose;
mod header;
mod templates;
mod send;

pub use branding::{BadBrand, Branding};
pub use compose::{BadSettings, ComposeError, Composer, ComposedMail};
pub use header::{BadHeader, Header, HeaderValue};
pub use templates::{Templates, subject};
pub use send::{Outcome, Ses};
