#![doc = include_str!("../README.md")]

pub mod case;
mod compose;
pub mod decision;
mod effect;
pub mod event;
pub mod guard;
mod json;
pub mod limits;
pub mod model;
pub mod playbook;
pub mod question;
pub mod reason;
pub mod redact;
mod step;
pub mod templates;
pub mod time;
pub mod words;

pub use compose::{Composed, ComposedMail, compose, draft};
pub use effect::{Effect, MailOrder};
pub use event::Event;
pub use json::Problem;
pub use step::{Step, advance, step};
