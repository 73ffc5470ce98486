//! The headers of the first part of an upload, as they were sent.
//!
//! The parser of the parts keeps one header of a name, and gives one error for every line that is
//! no header. So what depends on more than that is looked at here, in the bytes themselves.

use std::str::from_utf8;

/// What has no effect on the content of a part (RFC 2045, section 6.2).
const PLAIN: [&str; 3] = ["7bit", "8bit", "binary"];
/// What encodes the content of a part (RFC 2045, section 6.1).
const ENCODINGS: [&str; 2] = ["base64", "quoted-printable"];

/// Checks the headers of a body's first part.
///
/// # Errors
/// The rule that is broken.
pub(crate) fn check(body: &[u8], boundary: &str) -> Result<(), String> {
    let mut dispositions = 0_usize;
    for line in head(body, boundary).split(|byte| *byte == b'\n') {
        if line.starts_with(b" ") || line.starts_with(b"\t") {
            return Err("must have part headers of one line each, none of them folded".to_owned());
        }
        let mut parts = line.splitn(2, |byte| *byte == b':');
        let (Some(name), Some(value)) = (parts.next(), parts.next()) else { continue };
        if name.trim_ascii_end() != name {
            return Err("must have part headers without a space before the colon".to_owned());
        }
        if name.eq_ignore_ascii_case(b"content-disposition") {
            dispositions += 1;
        } else if name.eq_ignore_ascii_case(b"content-transfer-encoding") {
            unencoded(value.trim_ascii())?;
        }
    }
    if dispositions > 1 { Err("must have one Content-Disposition".to_owned()) } else { Ok(()) }
}

/// The lines of the first part's headers; none where the body has no such part.
fn head<'a>(body: &'a [u8], boundary: &str) -> &'a [u8] {
    let after = |bytes: &'a [u8], mark: &[u8]| {
        let at = bytes.windows(mark.len()).position(|window| window == mark)?;
        bytes.split_at_checked(at)
    };
    let delimiter = format!("--{boundary}");
    let Some((_, part)) = after(body, delimiter.as_bytes()) else { return &[] };
    let part = part.strip_prefix(delimiter.as_bytes()).unwrap_or_default();
    after(part, b"\r\n\r\n").map_or(&[], |(head, _)| head)
}

/// Refuses an encoding of the content, which would be stored as it is encoded.
fn unencoded(value: &[u8]) -> Result<(), String> {
    let encoding = from_utf8(value).unwrap_or("?").to_ascii_lowercase();
    if encoding.is_empty() || PLAIN.contains(&encoding.as_str()) {
        Ok(())
    } else if ENCODINGS.contains(&encoding.as_str()) {
        Err(format!("must be sent without Content-Transfer-Encoding {encoding}"))
    } else {
        Err("must be sent without a Content-Transfer-Encoding other than binary, 8bit or 7bit".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(head: &str) -> Result<(), String> {
        check(format!("--b\r\n{head}\r\n\r\nContent-Transfer-Encoding: base64\r\n\r\n--b--").as_bytes(), "b")
    }

    #[test]
    fn only_a_part_that_is_not_encoded_is_taken() {
        for encoding in ["binary", "Binary", "7bit", " 8BIT ", ""] {
            assert_eq!(said(&format!("Content-Disposition: x\r\nContent-Transfer-Encoding:{encoding}")), Ok(()));
        }
        let refused = |encoding: &str| said(&format!("content-transfer-encoding: {encoding}")).unwrap_err();
        assert_eq!(refused("BASE64"), "must be sent without Content-Transfer-Encoding base64");
        assert_eq!(refused("quoted-printable"), "must be sent without Content-Transfer-Encoding quoted-printable");
        let other = "must be sent without a Content-Transfer-Encoding other than binary, 8bit or 7bit";
        assert_eq!((refused("x-uuencode").as_str(), refused("binary; a").as_str()), (other, other));
    }

    #[test]
    fn what_the_parser_of_the_parts_does_not_tell_is_told() {
        let twice = "Content-Disposition: form-data; name=file\r\ncontent-disposition: form-data";
        assert_eq!(said(twice).unwrap_err(), "must have one Content-Disposition");
        let space = "must have part headers without a space before the colon";
        assert_eq!(said("Content-Disposition : form-data").unwrap_err(), space);
        assert_eq!(said("A: b\r\nContent-Type\t: form-data").unwrap_err(), space);
        let folded = "must have part headers of one line each, none of them folded";
        assert_eq!(said("Content-Disposition: form-data;\r\n name : file").unwrap_err(), folded);
        assert_eq!(said("A: b\r\nContent-Disposition: form-data;\r\n\tname=file").unwrap_err(), folded);
        for body in ["", "--b", "--b--", "--b\r\nA : b", "\r\n\r\n"] {
            assert_eq!(check(body.as_bytes(), "b"), Ok(()), "{body}");
        }
    }
}
