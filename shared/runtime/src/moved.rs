//! How far the clock of a local cloud was moved, which can be in a build for development alone.
//!
//! **Invariant:** a binary that is built for release has none of this: its clock is that of the
//! system, whatever its environment says. `make build` refuses a binary that contains the name of
//! the variable.

/// How far the clock was moved, in milliseconds. The environment of the local cloud names the file
/// that has it.
#[cfg(debug_assertions)]
pub(crate) fn by() -> i64 {
    use std::path::PathBuf;
    use std::sync::LazyLock;

    static FILE: LazyLock<Option<PathBuf>> =
        LazyLock::new(|| std::env::var_os("RECOURSE_LOCAL_CLOCK").map(PathBuf::from));
    let text = FILE.as_ref().and_then(|file| std::fs::read_to_string(file).ok());
    text.and_then(|text| text.trim().parse().ok()).unwrap_or_default()
}

/// There is no such thing.
#[cfg(not(debug_assertions))]
pub(crate) const fn by() -> i64 {
    0
}
