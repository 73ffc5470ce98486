//! The AWS clients, built from Lambda's own environment variables over one HTTPS client.
//!
//! What is deliberately absent: the default credential chain and the system's root certificates. A function's region and credentials
//! stand in its environment, and it talks to AWS alone, so only AWS's roots are trusted, compiled in. Both save start-up time.

mod calls;
mod clients;

pub use calls::{CountCalls, counted};
pub use clients::{Aws, MissingVariable, Service, variable};
