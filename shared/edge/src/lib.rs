//! An HTTP event in, an answer out: authenticate, parse, time, log.
//!
//! An endpoint is one async function from a [`Request`] to an [`Answer`] or to its door's own kind of refusal. [`serve`] runs it as a Lambda
//! function: it makes the [`Desk`] that the endpoint works with, opens the connections while the function starts, catches a panic,
//! and writes one line per request.
//!
//! **Invariant:** whatever comes in, an answer in the door's own form goes out; a request never ends a function.
//!
//! **Invariant:** a line says what happened and how long it took, never who or what was in it.

mod answer;
mod credentials;
mod desk;
mod fault;
mod request;
mod serve;
mod v1;
mod world;

pub use answer::Answer;
pub use desk::{Desk, Settings};
pub use fault::Fault;
pub use request::Request;
pub use serve::{Door, serve};
pub use v1::{Signed, Unauthorized};
pub use world::World;
