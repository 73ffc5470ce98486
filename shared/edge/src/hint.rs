//! The hint that a local cloud answers to a refused request: which mistake the client made.
//!
//! **Invariant:** a binary that is built for release has none of this: it says nobody why a request
//! was refused, whatever its environment says. `make build` refuses a binary that contains the name
//! of the variable.

/// The header with the hint: the name of the refusal, and what would be right.
pub(crate) const HEADER: &str = "recourse-hint";

/// Whether answers have hints: in a local cloud, where its option says so.
#[cfg(debug_assertions)]
pub(crate) fn are_given() -> bool {
    use std::sync::LazyLock;

    static GIVEN: LazyLock<bool> = LazyLock::new(|| std::env::var_os("RECOURSE_LOCAL_HINTS").is_some());
    *GIVEN
}

/// They never have.
#[cfg(not(debug_assertions))]
pub(crate) const fn are_given() -> bool {
    false
}
