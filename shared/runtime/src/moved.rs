//! How far the clock of a local cloud was moved, which can be in a build for development alone.
//!
//! **Invariant:** a binary built for release has none of this: whatever its environment says, its clock is the system's.
//! `make build` refuses one in which the variable's name is to be found.

/// How far the clock was moved, in milliseconds. The local cloud's environment names the file that says so.
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
