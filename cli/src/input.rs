//! A small file that an option or argument names. `-` is standard input.

use std::fmt::Display;
use std::fs::File;
use std::io::Read;
use std::path::Path;

use recourse_dispute::text::{BOM_LENGTH, bytes_without_bom};

use crate::ending::Failure;

/// What the file has, without a byte order mark. Of a file of more than `max` bytes, more than
/// `max` are returned and not all are read: the caller refuses that.
pub(crate) fn read(file: &Path, max: usize) -> Result<Vec<u8>, Failure> {
    let bytes = up_to(file, max.saturating_add(BOM_LENGTH + 1))?;
    Ok(bytes_without_bom(&bytes).to_vec())
}

/// As [`read`], byte for byte: also with a byte order mark.
pub(crate) fn read_as_it_is(file: &Path, max: usize) -> Result<Vec<u8>, Failure> {
    up_to(file, max.saturating_add(1))
}

/// At most the first `most` bytes. A device such as `/dev/zero` has no end.
fn up_to(file: &Path, most: usize) -> Result<Vec<u8>, Failure> {
    let most = u64::try_from(most).unwrap_or(u64::MAX);
    let mut bytes = Vec::new();
    let read = if file.as_os_str() == "-" {
        std::io::stdin().lock().take(most).read_to_end(&mut bytes)
    } else {
        File::open(file).and_then(|file| file.take(most).read_to_end(&mut bytes))
    };
    read.map_err(|error| refused(file, &error))?;
    Ok(bytes)
}

/// As [`read`], of a file of text.
pub(crate) fn read_text(file: &Path, max: usize) -> Result<String, Failure> {
    String::from_utf8(read(file, max)?).map_err(|_| refused(file, &"must be UTF-8"))
}

/// The failure of a command whose file breaks a rule, which the file's name goes before.
pub(crate) fn refused(file: &Path, rule: &dyn Display) -> Failure {
    Failure::refused(format!("{}: {rule}.", file.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_byte_order_mark_is_no_part_of_a_file_and_counts_for_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("text");
        for (content, read) in [("\u{feff}four", "four"), ("four", "four"), ("", ""), ("\u{feff}", "")] {
            std::fs::write(&file, content).unwrap();
            assert_eq!(read_text(&file, 4).unwrap(), read, "{content:?}");
        }
    }

    #[test]
    fn a_file_that_is_too_large_is_seen_to_be_and_not_read_to_its_end() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("text");
        for bom in ["", "\u{feff}"] {
            std::fs::write(&file, format!("{bom}{}", "x".repeat(5))).unwrap();
            assert_eq!(read(&file, 4).unwrap().len(), 5);
            std::fs::write(&file, format!("{bom}{}", "x".repeat(1000))).unwrap();
            assert!((5..=8).contains(&read(&file, 4).unwrap().len()));
        }
    }

    #[test]
    fn a_file_is_read_as_it_is_and_not_to_its_end_either() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("body");
        for content in ["\u{feff}4", "four", ""] {
            std::fs::write(&file, content).unwrap();
            assert_eq!(read_as_it_is(&file, 4).unwrap(), content.as_bytes());
        }
        std::fs::write(&file, "x".repeat(1000)).unwrap();
        assert_eq!(read_as_it_is(&file, 4).unwrap(), b"xxxxx");
    }

    #[test]
    fn a_failure_names_the_file() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("text");
        assert!(read(&file, 4).unwrap_err().text.contains("text: "));
        std::fs::write(&file, b"\xff\xfe").unwrap();
        let text = read_text(&file, 4).unwrap_err().text;
        assert!(text.ends_with("text: must be UTF-8."), "{text}");
    }
}
