#![doc = include_str!("../README.md")]

mod branding;
mod compose;
mod header;
mod send;
mod templates;

pub use branding::{BadBrand, Branding};
pub use compose::{BadSettings, ComposeError, ComposedMail, Composer, wire_id};
pub use header::{BadHeader, Header, HeaderValue};
pub use send::{Outcome, Ses};
pub use templates::{EmailBody, paragraphs, subject};
