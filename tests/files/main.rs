//! Checks of the repository's files. They read the files alone: no project crate, no binary, no
//! cloud.

#[cfg(test)]
mod deployment;
#[cfg(test)]
mod documents;
#[cfg(test)]
mod imports;
#[cfg(test)]
mod openapi_routes;
#[cfg(test)]
mod operations;
#[cfg(test)]
mod runbook;
#[cfg(test)]
mod sources;
#[cfg(test)]
mod tested;
#[cfg(test)]
mod width;
#[cfg(test)]
mod wildcards;

#[cfg(test)]
use std::path::{Path, PathBuf};

#[cfg(test)]
use yaml_serde::Value;

/// The folder of the workspace.
#[cfg(test)]
fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).unwrap().to_owned()
}

/// A file's text.
#[cfg(test)]
fn read(path: &str) -> String {
    std::fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// A YAML file.
#[cfg(test)]
fn yaml(path: &str) -> Value {
    yaml_serde::from_str(&read(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}
