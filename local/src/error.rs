//! Why the local cloud did not start. Every text says what was wrong and what would be right: it is
//! all that a newcomer gets to see.

use crate::{loopback, template::TemplateError};
use std::io;
use std::path::PathBuf;

/// Why the local cloud, or one of its services, did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// `template.yaml` says something that this machine cannot run.
    #[error(transparent)]
    Template(#[from] TemplateError),
    /// Another program listens on the wanted port.
    #[error("port {0} is taken: choose another one with PORT=, for example `make run PORT={next}`", next = .0.wrapping_add(1))]
    PortTaken(u16),
    /// Another local cloud uses the data folder.
    #[error("the data folder {} is used by {holder}: stop that one, or choose another folder with DATA=", .data.display())]
    DataTaken {
        /// The folder.
        data: PathBuf,
        /// Who uses it, as in "the local cloud at http://127.0.0.1:3000, process id 7".
        holder: String,
    },
    /// Functions of the template that have not been built.
    #[error("no {} in {}: build with `cargo build --bin {}`", .missing.join(", "), .binaries.display(), .missing.join(" --bin "))]
    BinariesMissing {
        /// The binaries' names, the last part of each function's `CodeUri`.
        missing: Vec<String>,
        /// Where they were looked for.
        binaries: PathBuf,
    },
    /// The system refused something: a file, a socket, a process.
    #[error("cannot {what}: {source}")]
    Io {
        /// What was tried, as in "cannot ...".
        what: String,
        /// The system's answer.
        source: io::Error,
    },
    /// A service that the functions are given did not come up.
    #[error("{service} did not start: {source}")]
    Service {
        /// The service's name, as in "DynamoDB".
        service: &'static str,
        /// What it said.
        source: loopback::StartError,
    },
}

impl StartError {
    /// For `map_err`: the system refused `what`, as in "cannot {what}".
    pub(crate) fn io(what: impl Into<String>) -> impl FnOnce(io::Error) -> StartError {
        let what = what.into();
        move |source| StartError::Io { what, source }
    }

    /// For `map_err`: `service` did not come up.
    pub(crate) fn service(service: &'static str) -> impl FnOnce(loopback::StartError) -> StartError {
        move |source| StartError::Service { service, source }
    }
}
