//! The options of a local cloud.

use crate::dynamodb::Engine;
use crate::log::LogSink;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// The options of a local cloud.
#[derive(Clone, Debug)]
pub struct Options {
    /// The gateway's port on 127.0.0.1; a free one when `None`. All other ports are free ones.
    pub port: Option<u16>,
    /// The data folder. When `None`, data ends with the cloud.
    pub data: Option<PathBuf>,
    /// The folder with `template.yaml` and `openapi.yaml`.
    pub root: PathBuf,
    /// The folder with the functions' binaries.
    pub binaries: PathBuf,
    /// Which DynamoDB.
    pub engine: Engine,
    /// AWS's Runtime Interface Emulator, for functions to run under instead of the Runtime API
    /// here.
    pub emulator: Option<PathBuf>,
    /// Values for the template's parameters, instead of their defaults.
    pub parameters: BTreeMap<String, String>,
    /// Where the functions' logs go.
    pub log: LogSink,
    /// Whether the answer to a request that is not authenticated says why, in `Recourse-Hint`. No
    /// deployed function does that.
    pub hints: bool,
    /// Whether schedules run by themselves. If not, [`crate::Cloud::run_schedule`] runs them.
    pub sweep: bool,
    /// The demo data whose keys the index page shows. [`crate::demo::load`] loads it. Until then
    /// all requests get 503.
    pub demo: Option<PathBuf>,
    /// Where to write the environment for the command line, as `export NAME=value` lines. The file
    /// is removed on stop. The file of another cloud that runs stays as it is.
    pub environment_file: Option<PathBuf>,
}

impl Options {
    /// What a test wants: this root with the binaries of its `target/debug`, free ports, data and
    /// logs in memory, schedules by hand.
    pub fn for_tests(root: &Path) -> Options {
        Options {
            port: None,
            data: None,
            root: root.to_owned(),
            binaries: root.join("target/debug"),
            engine: Engine::Embedded,
            emulator: None,
            parameters: BTreeMap::new(),
            log: LogSink::buffered(),
            hints: false,
            sweep: false,
            demo: None,
            environment_file: None,
        }
    }
}
