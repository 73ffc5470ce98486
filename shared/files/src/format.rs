//! Which files are evidence (Connect contract, "Files"): ten formats, known by their names and
//! found in their content. They are the same for files that come by mail.

/// One format, as a name says it.
#[derive(Debug)]
pub struct Format {
    /// What names of such files end in, after the dot, in lower case.
    endings: &'static [&'static str],
    /// Its media type.
    pub media: &'static str,
    /// What else clients call that type.
    also: &'static [&'static str],
    /// Whether bytes are of this format.
    holds: fn(&[u8]) -> bool,
}

const FORMATS: [Format; 9] = [
    Format { endings: &["pdf"], media: "application/pdf", also: &["application/x-pdf"], holds: is_pdf },
    Format {
        endings: &["zip"],
        media: "application/zip",
        also: &["application/x-zip", "application/x-zip-compressed"],
        holds: is_zip,
    },
    Format { endings: &["txt"], media: "text/plain", also: &[], holds: is_text },
    Format { endings: &["doc"], media: "application/msword", also: &[], holds: is_doc },
    Format {
        endings: &["docx"],
        media: "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        also: &[],
        holds: is_docx,
    },
    Format { endings: &["png"], media: "image/png", also: &[], holds: |bytes| bytes.starts_with(b"\x89PNG\r\n\x1a\n") },
    Format {
        endings: &["jpg", "jpeg"],
        media: "image/jpeg",
        also: &["image/jpg", "image/pjpeg"],
        holds: |bytes| bytes.starts_with(b"\xff\xd8\xff"),
    },
    Format { endings: &["gif"], media: "image/gif", also: &[], holds: is_gif },
    Format { endings: &["bmp"], media: "image/bmp", also: &["image/x-bmp", "image/x-ms-bmp"], holds: is_bmp },
];

/// The type of a client that does not say one.
const ANY: &str = "application/octet-stream";

/// The rule that a file breaks. It names neither the file nor what it holds.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct FormatError(String);

/// The format that a name's ending says. A type that was sent must agree with it.
///
/// # Errors
/// [`FormatError`], if the ending is unknown or the type is another format's.
pub fn by_name(name: &str, media: Option<&str>) -> Result<&'static Format, FormatError> {
    let ending = name.rsplit_once('.').map_or("", |(_, ending)| ending).to_ascii_lowercase();
    let known = |ending: &str| FORMATS.iter().find(|format| format.endings.contains(&ending));
    let format = known(&ending).ok_or_else(|| {
        let letters: String = ending.chars().filter(char::is_ascii_alphanumeric).collect();
        FormatError(if known(&letters).is_some() {
            format!("must have a name that ends in .{letters}: there are other characters, maybe invisible ones")
        } else {
            "must be a pdf, zip, txt, doc, docx, png, jpg, gif, jpeg or bmp file".to_owned()
        })
    })?;
    let essence = media.map(|media| media.split(';').next().unwrap_or_default().trim().to_ascii_lowercase());
    let agrees = |essence: &str| essence == ANY || format.is_called(essence);
    if essence.as_deref().is_none_or(agrees) {
        return Ok(format);
    }
    // The answer repeats the type that was sent only if it is one of the known types.
    let is_sent = |other: &&Format| essence.as_deref().is_some_and(|sent| other.is_called(sent));
    let sent = FORMATS.iter().find(is_sent).map_or("another one", |other| other.media);
    Err(FormatError(format!("must have the content type of its name: {}, not {sent}", format.media)))
}

/// The format that content is of. Every docx file is a zip file, too, and much is text.
#[must_use]
pub fn sniff(content: &[u8]) -> Option<&'static Format> {
    let is_special = |format: &&Format| !["zip", "txt"].contains(&format.ending());
    let holds = |format: &&Format| (format.holds)(content);
    FORMATS.iter().filter(is_special).find(holds).or_else(|| FORMATS.iter().find(holds))
}

impl Format {
    /// Whether content is of this format.
    ///
    /// # Errors
    /// [`FormatError`], also for no content at all.
    pub fn check(&self, content: &[u8]) -> Result<(), FormatError> {
        let named = self.ending();
        if content.is_empty() {
            return Err(FormatError("must not be empty".to_owned()));
        }
        if (self.holds)(content) {
            return Ok(());
        }
        let found = match sniff(content).map(Self::ending) {
            Some(found) => format!("of a {found} file"),
            None => "is of no accepted type".to_owned(),
        };
        let rule = format!("must hold what its name says: the name is of a {named} file, the content {found}");
        Err(FormatError(rule))
    }

    /// Whether clients call its media type so.
    fn is_called(&self, media: &str) -> bool {
        media == self.media || self.also.contains(&media)
    }

    /// What names of such files usually end in.
    #[must_use]
    pub fn ending(&self) -> &'static str {
        self.endings.first().copied().unwrap_or_default()
    }
}

/// What a PDF begins with.
const PDF: &[u8] = b"%PDF-";
/// How far into a PDF its readers look for that: some programs put bytes of their own before it.
const PDF_WITHIN: usize = 1_024;

fn is_pdf(bytes: &[u8]) -> bool {
    bytes.get(..PDF_WITHIN).unwrap_or(bytes).windows(PDF.len()).any(|window| window == PDF)
}

/// With entries, or an empty one.
fn is_zip(bytes: &[u8]) -> bool {
    bytes.starts_with(b"PK\x03\x04") || bytes.starts_with(b"PK\x05\x06")
}

/// Whether content is text: UTF-16 with a byte order mark, UTF-8, or any single-byte encoding. All
/// of them have ASCII's control characters. Text has only four of these: tab, line feed, form feed
/// and carriage return. Its first bytes are not those of another program's files.
fn is_text(bytes: &[u8]) -> bool {
    match bytes {
        [0xff, 0xfe, text @ ..] => is_utf16(text, u16::from_le_bytes),
        [0xfe, 0xff, text @ ..] => is_utf16(text, u16::from_be_bytes),
        _ => bytes.iter().all(|byte| is_of_text(char::from(*byte))) && !bytes.starts_with(PDF) && !is_zip(bytes),
    }
}

fn is_utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> bool {
    let (units, rest) = bytes.as_chunks::<2>();
    let mut characters = char::decode_utf16(units.iter().map(|bytes| unit(*bytes)));
    rest.is_empty() && characters.all(|character| character.is_ok_and(is_of_text))
}

fn is_of_text(character: char) -> bool {
    !character.is_ascii_control() || ['\t', '\n', '\u{c}', '\r'].contains(&character)
}

/// An OLE compound file.
fn is_doc(bytes: &[u8]) -> bool {
    bytes.starts_with(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")
}

/// A zip file with the parts that every Word document has. It has their names uncompressed.
fn is_docx(bytes: &[u8]) -> bool {
    let has = |name: &[u8]| bytes.windows(name.len()).any(|window| window == name);
    bytes.starts_with(b"PK\x03\x04") && has(b"[Content_Types].xml") && has(b"word/")
}

fn is_gif(bytes: &[u8]) -> bool {
    bytes.starts_with(b"GIF87a") || bytes.starts_with(b"GIF89a")
}

/// `BM`, and at offset 14 the length of one of the known headers.
fn is_bmp(bytes: &[u8]) -> bool {
    let header = bytes.get(14..18).and_then(|length| length.try_into().ok()).map(u32::from_le_bytes);
    bytes.starts_with(b"BM") && header.is_some_and(|length| [12, 40, 52, 56, 64, 108, 124].contains(&length))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample(ending: &str) -> &'static [u8] {
        match ending {
            "pdf" => b"%PDF-1.7\n\xe2\xe3\xcf\xd3",
            "zip" => b"PK\x03\x04\x14\x00\x00\x00",
            "txt" => "Grüße\r\n\tfrom the desert".as_bytes(),
            "doc" => b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1\x00\x00",
            "docx" => b"PK\x03\x04\x14\x00[Content_Types].xml..PK\x03\x04word/document.xml",
            "png" => b"\x89PNG\r\n\x1a\n\x00",
            "jpg" | "jpeg" => b"\xff\xd8\xff\xe0\x00",
            "gif" => b"GIF89a\x01\x00",
            "bmp" => b"BM\x46\0\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0\x01",
            other => panic!("{other}"),
        }
    }

    const ENDINGS: [&str; 10] = ["pdf", "zip", "txt", "doc", "docx", "png", "jpg", "gif", "jpeg", "bmp"];

    #[test]
    fn each_format_holds_its_own_and_no_other() {
        for name in ENDINGS {
            let format = by_name(&format!("A file.{}", name.to_uppercase()), None).unwrap();
            for content in ENDINGS {
                // A Word document is a zip file, as a JPEG is one by either name.
                let expected = name == content
                    || (name, content) == ("zip", "docx")
                    || (name.starts_with("jp") && content.starts_with("jp"));
                assert_eq!(format.check(sample(content)).is_ok(), expected, "{content} in .{name}");
            }
            assert!(format.check(b"").is_err() && format.check(b"MZ\x90\x00").is_err(), "{name}");
        }
        assert!(by_name("page.txt", None).unwrap().check(b"<html>").is_ok());
    }

    #[test]
    fn what_was_found_and_what_was_expected_is_named() {
        let said = |name: &str, content: &[u8]| by_name(name, None).unwrap().check(content).unwrap_err().to_string();
        for (name, expected, content, found) in [
            ("a.png", "png", sample("jpg"), "of a jpg file"),
            ("a.jpeg", "jpg", sample("png"), "of a png file"),
            ("a.pdf", "pdf", sample("docx"), "of a docx file"),
            ("a.docx", "docx", sample("zip"), "of a zip file"),
            ("a.doc", "doc", sample("txt"), "of a txt file"),
            ("a.pdf", "pdf", b"MZ\x90\x00", "is of no accepted type"),
        ] {
            let rule = format!("must hold what its name says: the name is of a {expected} file, the content {found}");
            assert_eq!(said(name, content), rule);
        }
    }

    #[test]
    fn text_is_text_in_every_code_that_people_have() {
        let utf16 = |mark: [u8; 2], text: &str| -> Vec<u8> {
            let unit = |unit: u16| if mark == [0xff, 0xfe] { unit.to_le_bytes() } else { unit.to_be_bytes() };
            mark.into_iter().chain(text.encode_utf16().flat_map(unit)).collect()
        };
        let (little, big) = ([0xff, 0xfe], [0xfe, 0xff]);
        for text in [
            "\u{feff}Grüße, 計画 \u{1f4a5}\r\n\t\u{c}".as_bytes().to_vec(),
            utf16(little, "Grüße, 計画 \u{1f4a5}\r\n"),
            utf16(big, "Grüße, 計画 \u{1f4a5}\r\n"),
            // Latin-1, and Windows-1252 with its quotes.
            b"Gr\xfc\xdfe\r\n".to_vec(),
            b"\x93Gr\xfc\xdfe\x94".to_vec(),
            b"a file that begins with %PDF-1.7 was sent".to_vec(),
        ] {
            assert!(is_text(&text), "{text:?}");
        }
        for other in [
            b"a\0b".to_vec(),
            b"\x1b[2J".to_vec(),
            b"del\x7f".to_vec(),
            b"%PDF-1.7".to_vec(),
            // No mark; controls; half a unit; half a pair.
            utf16(little, "text")[2..].to_vec(),
            utf16(big, "a\u{1b}b"),
            utf16(little, "text")[..5].to_vec(),
            vec![0xff, 0xfe, 0x3d, 0xd8],
            // UTF-32 begins as UTF-16 does.
            b"\xff\xfe\0\0t\0\0\0".to_vec(),
        ] {
            assert!(!is_text(&other), "{other:?}");
        }
    }

    #[test]
    fn a_pdf_may_begin_within_its_first_1024_bytes() {
        let after = |count: usize| [vec![b' '; count], b"%PDF-1.7\n".to_vec()].concat();
        assert!(is_pdf(&after(0)) && is_pdf(b"\xef\xbb\xbf%PDF-1.4") && is_pdf(&after(1_019)));
        assert!(!is_pdf(&after(1_020)) && !is_pdf(b"%PDF") && !is_pdf(b""));
    }

    #[test]
    fn the_type_has_to_be_the_names() {
        for (name, media, expected) in [
            ("a.pdf", Some("application/pdf"), Some("application/pdf")),
            ("a.txt", Some("Text/Plain; charset=utf-8"), Some("text/plain")),
            ("a.jpg", Some("image/jpg"), Some("image/jpeg")),
            ("a.png", Some("application/octet-stream"), Some("image/png")),
            ("a.pdf", Some("text/html"), None),
            ("a.pdf", Some(""), None),
            ("a.exe", None, None),
            ("a.pdf.exe", None, None),
            ("pdf", None, None),
            ("", None, None),
        ] {
            assert_eq!(by_name(name, media).ok().map(|format| format.media), expected, "{name} {media:?}");
        }
        for (media, said) in [("image/jpg; q=1", "image/jpeg"), ("text/html\u{7f}", "another one")] {
            let rule = format!("must have the content type of its name: image/png, not {said}");
            assert_eq!(by_name("a.png", Some(media)).unwrap_err().to_string(), rule);
        }
    }
}
