//! Lines of bytes, with their offsets.

/// Goes through bytes line by line. A line ends after LF, or at the end of the bytes.
#[derive(Clone)]
pub(crate) struct Lines<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Lines<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0 }
    }

    /// Where the next line begins.
    pub(crate) fn offset(&self) -> usize {
        self.at
    }

    /// The next line with its end, unread.
    pub(crate) fn peek(&self) -> Option<&'a [u8]> {
        let rest = self.bytes.get(self.at..).filter(|rest| !rest.is_empty())?;
        let end = memchr::memchr(b'\n', rest).map_or(rest.len(), |at| at + 1);
        rest.get(..end)
    }

    /// Passes over the next line.
    pub(crate) fn skip(&mut self) {
        self.at += self.peek().map_or(0, <[u8]>::len);
    }

    /// Passes over the next line and answers it.
    pub(crate) fn next(&mut self) -> Option<&'a [u8]> {
        let line = self.peek()?;
        self.at += line.len();
        Some(line)
    }

    /// The bytes between two places.
    pub(crate) fn between(&self, from: usize, to: usize) -> &'a [u8] {
        self.bytes.get(from..to).unwrap_or_default()
    }
}
