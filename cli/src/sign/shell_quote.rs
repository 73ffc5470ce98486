//! Quoting for a POSIX shell.

/// A text as one argument: in single quotes, where a shell reads every character but a single quote
/// as itself.
pub(super) fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}
