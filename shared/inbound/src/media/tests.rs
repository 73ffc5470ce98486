use super::*;
use crate::lines::Lines;

fn read(header: &str) -> Media {
    let raw = format!("{header}\r\n\r\n");
    MediaReader::new().read(&Fields::read(&mut Lines::new(raw.as_bytes()), |_| false))
}

#[test]
fn names_are_decoded_in_every_form() {
    for (header, name) in [
        ("Content-Disposition: attachment; filename=\"a b.pdf\"", "a b.pdf"),
        ("Content-Disposition: attachment; filename*=UTF-8''%E6%94%B6.pdf", "收.pdf"),
        ("Content-Type: image/png; name=\"=?utf-8?B?5pS2LnBuZw==?=\"", "收.png"),
        ("Content-Type: a/b; name=x.txt\r\nContent-Disposition: attachment; filename=y.txt", "y.txt"),
        ("Content-Disposition: attachment; filename=\"收.pdf\"", "收.pdf"),
    ] {
        assert_eq!(read(header).name.as_deref(), Some(name), "{header}");
    }
    assert_eq!(read("Content-Disposition: attachment; filename=\" \"").name, None);
}

#[test]
fn broken_types_are_none() {
    for header in ["X: y", "Content-Type:", "Content-Type: ;;;", "Content-Type: ((("] {
        let media = read(header);
        assert!(media.is_text() && !media.is_multipart(), "{header}: {}", media.kind);
    }
}

#[test]
fn types_are_read_up_to_a_limit_over_all_parts() {
    let mut reader = MediaReader { left: 30 };
    let fields = |raw: &'static str| Fields::read(&mut Lines::new(raw.as_bytes()), |_| false);
    assert_eq!(reader.read(&fields("Content-Type: text/html; x=12345678\n\n")).kind, "text/html");
    assert_eq!(reader.read(&fields("Content-Type: application/pdf\n\n")).kind, "applicat");
    assert_eq!(reader.read(&fields("Content-Type: text/html\n\n")).kind, "");
}
