//! The lines of a file of any size, with one in memory at a time.
//!
//! The lines that were read have a fingerprint. By it a later run checks that the file still begins
//! with the lines that were imported.

use std::io::{self, BufRead, ErrorKind};

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use recourse_dispute::text::{BOM_LENGTH, bytes_without_bom};
use ring::digest::{Context, SHA256};

/// The most bytes of one transaction (platform contract, "Limits").
pub(crate) const MAX_BYTES: usize = 32 * 1024;

#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Line {
    /// Its number in the file, from 1.
    pub(crate) number: u64,
    /// Its bytes without the line break, and without a byte order mark at its start, which is there
    /// in the middle of a file that was joined of several; `None` when there are more than
    /// [`MAX_BYTES`].
    pub(crate) text: Option<Vec<u8>>,
}

pub(crate) struct Lines<R> {
    source: R,
    number: u64,
    bytes: u64,
    hashed: Context,
}

impl<R: BufRead> Lines<R> {
    pub(crate) fn new(source: R) -> Self {
        Self { source, number: 0, bytes: 0, hashed: Context::new(&SHA256) }
    }

    pub(crate) fn number(&self) -> u64 {
        self.number
    }

    pub(crate) fn bytes(&self) -> u64 {
        self.bytes
    }

    /// The SHA-256 of all lines that were read, in base64.
    pub(crate) fn fingerprint(&self) -> String {
        BASE64.encode(self.hashed.clone().finish())
    }

    /// The next line; `None` at the end.
    pub(crate) fn next(&mut self) -> io::Result<Option<Line>> {
        let mut text = Some(Vec::new());
        let mut began = false;
        loop {
            let buffer = match self.source.fill_buf() {
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                buffer => buffer?,
            };
            if buffer.is_empty() && !began {
                return Ok(None);
            }
            began = true;
            let part = buffer.split(|byte| *byte == b'\n').next().unwrap_or_default();
            let ends = part.len() < buffer.len() || buffer.is_empty();
            text = text.filter(|text| text.len() + part.len() <= MAX_BYTES + BOM_LENGTH);
            if let Some(text) = &mut text {
                text.extend_from_slice(part);
            }
            let used = buffer.len().min(part.len() + 1);
            self.hashed.update(buffer.get(..used).unwrap_or_default());
            self.bytes += u64::try_from(used).unwrap_or_default();
            self.source.consume(used);
            if ends {
                text = text.map(|text| bytes_without_bom(&text).to_vec()).filter(|text| text.len() <= MAX_BYTES);
                self.number += 1;
                return Ok(Some(Line { number: self.number, text }));
            }
        }
    }

    /// Reads until `count` lines were read in all. Returns whether the file has so many.
    pub(crate) fn skip_to(&mut self, count: u64) -> io::Result<bool> {
        while self.number < count {
            if self.next()?.is_none() {
                return Ok(false);
            }
        }
        Ok(true)
    }
}

#[cfg(test)]
mod tests {
    use std::io::BufReader;

    use proptest::prelude::*;

    use super::*;

    fn lines(text: &[u8], buffer: usize) -> Vec<Option<Vec<u8>>> {
        let mut lines = Lines::new(BufReader::with_capacity(buffer, text));
        let mut all = Vec::new();
        while let Some(line) = lines.next().unwrap() {
            all.push(line.text);
            assert_eq!(line.number, u64::try_from(all.len()).unwrap());
        }
        assert_eq!(lines.bytes(), u64::try_from(text.len()).unwrap());
        all
    }

    #[test]
    fn a_line_that_is_too_long_is_skipped() {
        let just = "x".repeat(MAX_BYTES);
        let text = format!("{just}\n{just}y\nz");
        assert_eq!(lines(text.as_bytes(), 100), [Some(just.into_bytes()), None, Some(b"z".to_vec())]);
    }

    #[test]
    fn the_fingerprint_after_a_skip_is_that_of_all_lines_before() {
        let mut lines = Lines::new(&b"a\nb\nc"[..]);
        assert!(lines.skip_to(2).unwrap());
        let mut same = Lines::new(&b"a\nb\n"[..]);
        assert!(same.skip_to(2).unwrap());
        assert_eq!(lines.fingerprint(), same.fingerprint());
        assert_eq!(lines.next().unwrap().unwrap(), Line { number: 3, text: Some(b"c".to_vec()) });
        assert_ne!(lines.fingerprint(), same.fingerprint());
        assert!(!lines.skip_to(4).unwrap());
    }

    #[test]
    fn a_byte_order_mark_at_the_start_of_a_line_is_skipped() {
        let just = "x".repeat(MAX_BYTES);
        for buffer in [1, 2, 3, 100] {
            assert_eq!(
                lines("\u{feff}a\n\u{feff}b\nc\u{feff}".as_bytes(), buffer),
                [Some(b"a".to_vec()), Some(b"b".to_vec()), Some("c\u{feff}".as_bytes().to_vec())]
            );
            let text = format!("\u{feff}{just}\n\u{feff}{just}");
            assert_eq!(
                lines(text.as_bytes(), buffer),
                [Some(just.clone().into_bytes()), Some(just.clone().into_bytes())]
            );
            assert_eq!(lines(format!("{just}y\n{just}y").as_bytes(), buffer), [None, None]);
        }
        assert_eq!(lines("\u{feff}".as_bytes(), 9), [Some(Vec::new())]);
    }

    proptest! {
        #[test]
        fn lines_are_read_whatever_the_size_of_the_buffer(text in "[ab\n]{0,40}", buffer in 1_usize..9) {
            let expected: Vec<_> = text.split_terminator('\n').map(|line| Some(line.as_bytes().to_vec())).collect();
            prop_assert_eq!(lines(text.as_bytes(), buffer), expected);
        }
    }
}
