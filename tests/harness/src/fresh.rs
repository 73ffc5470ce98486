//! Refuses binaries that are older than their sources: a test of a stale binary proves nothing.
//!
//! Cargo writes `NAME.d` beside each binary that it builds. The file lists the sources of the
//! workspace that the binary was built from. What it does not list is not seen here: Cargo.toml,
//! Cargo.lock, variables that a source reads at build time, and the build profile. An edit during
//! the build is not seen either.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// Why a binary must not be tested.
#[derive(Debug, PartialEq, Eq)]
enum Stale {
    /// The binary, its list of sources, or one of the sources is not there.
    Missing(PathBuf),
    /// A source was changed after the binary was built.
    Changed(PathBuf),
}

impl fmt::Display for Stale {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Stale::Missing(path) => write!(f, "{} does not exist", path.display()),
            Stale::Changed(path) => write!(f, "{} was changed after it was built", path.display()),
        }
    }
}

/// The functions that template.yaml deploys, by the names of their binaries, and the command line.
pub(crate) fn names(template: &str) -> Vec<String> {
    let functions = template.lines().filter_map(|line| line.trim().strip_prefix("CodeUri: target/lambda/"));
    let functions = functions.map(|name| name.trim_end_matches('/').to_owned());
    functions.chain(["recourse".to_owned()]).collect()
}

/// Checks that each of these binaries is as new as its sources. The error is for people.
pub(crate) fn check(folder: &Path, names: &[String]) -> Result<(), String> {
    let mut times = BTreeMap::new();
    let mut line = |name: &String| stale(&folder.join(name), &mut times).map(|why| format!("\n  {name}: {why}"));
    let stale: String = names.iter().filter_map(&mut line).collect();
    if stale.is_empty() {
        return Ok(());
    }
    let folder = folder.display();
    Err(format!(
        "these binaries in {folder} are missing, or older than their sources; `make test`, `make test T=...` for a \
         part of the tests, or `make test-sam` builds them:{stale}"
    ))
}

/// Why a binary is stale, if it is. `times` remembers when sources were changed: binaries share
/// most.
fn stale(binary: &Path, times: &mut BTreeMap<PathBuf, Option<SystemTime>>) -> Option<Stale> {
    let Some(built) = modified(binary) else { return Some(Stale::Missing(binary.to_owned())) };
    let list = binary.with_extension("d");
    let Ok(text) = std::fs::read_to_string(&list) else { return Some(Stale::Missing(list)) };
    sources(&text).into_iter().find_map(|source| {
        let changed = *times.entry(source.clone()).or_insert_with_key(|source| modified(source));
        match changed {
            None => Some(Stale::Missing(source)),
            Some(changed) if changed > built => Some(Stale::Changed(source)),
            Some(_) => None,
        }
    })
}

fn modified(path: &Path) -> Option<SystemTime> {
    std::fs::metadata(path).and_then(|metadata| metadata.modified()).ok()
}

/// The sources in a list of cargo's, `BINARY: SOURCE SOURCE ...`, where a space in a path is `\ `.
fn sources(list: &str) -> Vec<PathBuf> {
    let (_, sources) = list.split_once(": ").unwrap_or_default();
    let sources = sources.trim_end().replace("\\ ", "\0");
    sources.split(' ').filter(|path| !path.is_empty()).map(|path| path.replace('\0', " ").into()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    /// A binary that is built at second 10 from two sources, which were changed at these seconds.
    fn built(changed: [u64; 2]) -> (tempfile::TempDir, PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str, second: u64| {
            let path = folder.path().join(name);
            let file = std::fs::File::create(&path).unwrap();
            file.set_modified(SystemTime::UNIX_EPOCH + Duration::from_secs(second)).unwrap();
            path
        };
        let (binary, sources) = (at("report", 10), [at("a b.rs", changed[0]), at("c.rs", changed[1])]);
        let sources = sources.map(|path| path.display().to_string().replace(' ', "\\ ")).join(" ");
        std::fs::write(binary.with_extension("d"), format!("{}: {sources}\n", binary.display())).unwrap();
        (folder, binary)
    }

    #[test]
    fn a_binary_as_new_as_its_sources_is_fresh() {
        let (_folder, binary) = built([9, 10]);
        assert_eq!(stale(&binary, &mut BTreeMap::new()), None);
    }

    #[test]
    fn a_source_that_was_changed_later_makes_a_binary_stale() {
        let (folder, binary) = built([11, 9]);
        assert_eq!(stale(&binary, &mut BTreeMap::new()), Some(Stale::Changed(folder.path().join("a b.rs"))));
    }

    #[test]
    fn a_missing_binary_list_or_source_is_stale() {
        for missing in ["c.rs", "report.d", "report"] {
            let (folder, binary) = built([9, 9]);
            let missing = folder.path().join(missing);
            std::fs::remove_file(&missing).unwrap();
            assert_eq!(stale(&binary, &mut BTreeMap::new()), Some(Stale::Missing(missing)));
        }
    }

    #[test]
    fn the_message_names_the_binary_the_source_and_the_command() {
        let (folder, _) = built([11, 9]);
        let message = check(folder.path(), &["report".to_owned()]).unwrap_err();
        let changed = folder.path().join("a b.rs");
        assert!(message.contains(&format!("report: {} was changed", changed.display())), "{message}");
        assert!(message.contains("`make test T=...`"), "{message}");
    }

    #[test]
    fn the_functions_of_a_template_and_the_command_line_are_checked() {
        assert_eq!(names("Resources:\n      CodeUri: target/lambda/health-get/\n"), ["health-get", "recourse"]);
    }
}
