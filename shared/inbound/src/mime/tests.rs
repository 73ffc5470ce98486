use super::*;

/// The kinds and bodies of a mail's parts.
fn parts(raw: &str) -> Vec<(String, String)> {
    let read = Structure::read(raw.as_bytes());
    read.parts.iter().map(|part| (part.media.kind.clone(), String::from_utf8_lossy(part.body).into_owned())).collect()
}

fn owned(parts: &[(&str, &str)]) -> Vec<(String, String)> {
    parts.iter().map(|(kind, body)| ((*kind).to_owned(), (*body).to_owned())).collect()
}

#[test]
fn parts_stand_between_boundaries() {
    let raw = "Content-Type: multipart/mixed; boundary=\"b\"\r\n\r\npreamble\r\n--b\r\n\r\none\r\n\r\n--b  \r\nContent-Type: TEXT/Html\r\n\r\ntwo\r\n--bb\r\n--b--\r\nepilogue\r\n--b\r\n\r\nnone";
    assert_eq!(parts(raw), owned(&[("", "one\r\n"), ("text/html", "two\r\n--bb")]));
}

#[test]
fn an_outer_boundary_ends_all_inside() {
    let raw = "Content-Type: multipart/mixed; boundary=a\n\n--a\nContent-Type: multipart/alternative; boundary=b\n\n--b\n\none\n--a\n\ntwo\n--a--\n";
    assert_eq!(parts(raw), owned(&[("", "one"), ("", "two")]));
}

#[test]
fn a_part_can_end_within_its_header() {
    let raw = "Content-Type: multipart/mixed; boundary=a\n\n--a\nContent-Type: text/plain\n--a\n\ntwo\n--a--\n";
    assert_eq!(parts(raw), owned(&[("text/plain", ""), ("", "two")]));
}

#[test]
fn a_boundary_that_never_comes_loses_nothing() {
    assert_eq!(parts("Content-Type: multipart/mixed; boundary=a\n\nHello\n"), owned(&[("", "Hello\n")]));
    assert_eq!(
        parts("Content-Type: multipart/mixed; boundary=a\n\n--b\nContent-Type: text/plain\n\nHello\n--b--\n"),
        owned(&[("text/plain", "Hello")])
    );
    assert_eq!(
        parts(
            "Content-Type: multipart/mixed; boundary=a\n\n--a\nContent-Type: multipart/mixed; boundary=c\n\nHello\n--a\n\ntwo\n"
        ),
        owned(&[("", "Hello"), ("", "two\n")])
    );
}

#[test]
fn a_message_inside_is_one_part() {
    let raw = "Content-Type: multipart/mixed; boundary=a\n\n--a\nContent-Type: message/rfc822\n\nContent-Type: multipart/mixed; boundary=c\n\n--c\n\ninner\n--c--\n--a--\n";
    assert_eq!(parts(raw).len(), 1);
}

#[test]
fn parts_of_an_alternative_know_the_outermost() {
    let raw = "Content-Type: multipart/alternative; boundary=a\n\n--a\n\none\n--a\nContent-Type: multipart/alternative; boundary=b\n\n--b\n\ntwo\n--b--\n--a--\n";
    let read = Structure::read(raw.as_bytes());
    assert_eq!(read.parts.iter().map(|part| part.alternative).collect::<Vec<_>>(), [Some(1), Some(1)]);
}
