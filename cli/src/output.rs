//! Printing. Nothing here panics when the reader is gone (`recourse dispute show .. | head`).

use std::io::{ErrorKind, Write, stderr, stdout};

use recourse_dispute::time::UnixMillis;

use crate::ending::Failure;

/// Prints what was asked for. A reader that went away has read enough, which is no failure.
///
/// # Errors
/// [`Failure`] when it cannot be written for another reason, such as a full disk.
pub(crate) fn say(text: &str) -> Result<(), Failure> {
    let mut out = stdout().lock();
    match writeln!(out, "{text}").and_then(|()| out.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            Err(Failure::refused(format!("cannot write the output: {error}")))
        }
        _ => Ok(()),
    }
}

/// Tells the person something besides the output.
pub(crate) fn note(text: &str) {
    // When even stderr is gone there is nobody left to tell.
    let _ = writeln!(stderr(), "recourse: {text}");
}

/// A text that came from elsewhere, without what could steer a terminal; line breaks become spaces.
pub(crate) fn plain(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ").chars().filter(|letter| !letter.is_control()).collect()
}

/// A time to the second, in UTC.
pub(crate) fn utc(at: UnixMillis) -> String {
    UnixMillis(at.seconds().saturating_mul(1000)).iso8601()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_steers_the_terminal() {
        assert_eq!(plain("a\u{1b}[31mb\r\n  c\u{7}\u{9b}2J"), "a[31mb c2J");
    }
}
