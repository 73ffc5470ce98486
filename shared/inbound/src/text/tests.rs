use super::*;
use crate::tests::read_mail;

#[test]
fn a_long_text_is_cut_and_says_so() {
    for (count, truncated) in [(MAX_TEXT, false), (MAX_TEXT + 1, true), (3 * 1024 * 1024, true)] {
        let raw = format!("From: a@b.test\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n{}", "é".repeat(count));
        let text = read_mail(raw.as_bytes()).new_text;
        assert_eq!((text.text.chars().count(), text.truncated), (count.min(MAX_TEXT), truncated));
    }
}

#[test]
fn nothing_invisible_is_left() {
    assert_eq!(clean("a\u{0}\u{200d}\u{202e}b\u{2066}\tc\r\nd\re\u{2028}f\u{feff}"), "ab c\nd\ne\nf");
}

#[test]
fn of_an_alternative_the_plain_text_is_read_unless_it_is_blank() {
    let mail = |plain: &str| {
        format!(
            "From: a@b.test\r\nContent-Type: multipart/alternative; boundary=b\r\n\r\n--b\r\nContent-Type: text/html\r\n\r\n<p>html</p>\r\n--b\r\nContent-Type: text/plain\r\n\r\n{plain}\r\n--b--\r\n"
        )
    };
    for (plain, text) in [("plain", "plain"), (" \r\n\u{200b}", "html")] {
        let raw = mail(plain);
        let read = read_mail(raw.as_bytes());
        assert_eq!(read.new_text.text, text);
        assert!(read.attachments.is_empty());
    }
}
