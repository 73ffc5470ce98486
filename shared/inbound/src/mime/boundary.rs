//! The lines between the parts of a multipart.

use crate::lines::Lines;

/// A multipart that is open.
pub(super) struct Multipart {
    pub(super) boundary: Vec<u8>,
    /// The outermost `multipart/alternative` that it is, or is in.
    pub(super) alternative: Option<usize>,
}

/// What a boundary says.
pub(super) enum Boundary {
    /// Another part of this multipart begins.
    Next(usize),
    /// This multipart ends.
    End(usize),
}

/// Which boundary of the open multiparts a line is, the innermost first.
pub(super) fn boundary(stack: &[Multipart], line: &[u8]) -> Option<Boundary> {
    let line = line.strip_prefix(b"--")?.trim_ascii_end();
    stack.iter().enumerate().rev().find_map(|(depth, multipart)| {
        match line.strip_prefix(multipart.boundary.as_slice())? {
            b"" => Some(Boundary::Next(depth)),
            b"--" => Some(Boundary::End(depth)),
            _ => None,
        }
    })
}

/// The boundary that a body uses: its first line of `--` and a text that a part's header follows.
pub(super) fn used_boundary(body: &[u8]) -> Option<String> {
    let mut lines = Lines::new(body);
    while let Some(line) = lines.next() {
        let named =
            line.strip_prefix(b"--").map(<[u8]>::trim_ascii_end).filter(|named| (1..=200).contains(&named.len()));
        let follows =
            lines.peek().is_some_and(|next| next.get(..8).is_some_and(|start| start.eq_ignore_ascii_case(b"content-")));
        if let Some(named) = named
            && follows
        {
            return std::str::from_utf8(named).ok().map(str::to_owned);
        }
    }
    None
}
