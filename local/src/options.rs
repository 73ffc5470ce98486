//! What a local cloud is told when it starts.

use crate::dynamodb::Engine;
use crate::log::LogSink;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// What a local cloud is told when it starts.
#[derive(Clone, Debug)]
pub struct Options {
    /// The gateway's port on 127.0.0.1; a free one when `None`. All other ports are free ones.
    pub port: Option<u16>,
    /// Where data is kept; in memory when `None`.
    pub data: Option<PathBuf>,
    /// The folder with `template.yaml` and `openapi.yaml`.
    pub root: PathBuf,
    /// The folder with the functions' binaries.
    pub binaries: PathBuf,
    /// Which DynamoDB.
    pub engine: Engine,
    /// AWS's Runtime Interface Emulator, for functions to run under it instead of under the Runtime API here.
    pub emulator: Option<PathBuf>,
    /// Values for the template's parameters, instead of their defaults.
    pub parameters: BTreeMap<String, String>,
    /// Where the functions' logs go.
    pub log: LogSink,
    /// Whether schedules run by themselves. Where they do not, [`crate::Cloud::run_schedule`] runs them.
    pub sweep: bool,
    /// The demo data whose keys the index page shows. Loading it is another step ([`crate::demo::load`]), and until it is done all
    /// requests are answered with 503.
    pub demo: Option<PathBuf>,
    /// Where to write the environment for the command line, as `export NAME=value` lines; the file is removed on stop. One of another cloud
    /// that runs stays as it is.
    pub environment_file: Option<PathBuf>,
}

impl Options {
    /// What a test wants: this root, with binaries from its `target/debug`, free ports, data and logs in memory, schedules by hand.
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
            sweep: false,
            demo: None,
            environment_file: None,
        }
    }
}
