use super::*;
use crate::tests::read_mail;

#[test]
fn ids_come_without_brackets_and_the_newest_first() {
    let raw = "Message-ID: <m@x.test>\r\nIn-Reply-To: <r@x.test> <s@x.test>\r\nReferences: <1@x.test>\r\n <2@x.test> <1@x.test>\r\n\t<3@x.test>\r\n\r\n";
    let mail = read_mail(raw.as_bytes());
    assert_eq!(mail.message_id.as_deref(), Some("m@x.test"));
    assert_eq!(mail.in_reply_to.as_deref(), Some("r@x.test"));
    assert_eq!(mail.references, ["3@x.test", "1@x.test", "2@x.test"]);
}

#[test]
fn what_is_no_id_is_left_out() {
    let long = "a".repeat(MAX_MESSAGE_ID + 1);
    for value in ["", "<>", "<a b>", "<a\u{202e}b>", "two words", "<a<b>", &format!("<{long}>")] {
        let raw = format!("Message-ID: {value}\r\nIn-Reply-To: {value}\r\nReferences: {value}\r\n\r\n");
        let mail = read_mail(raw.as_bytes());
        assert_eq!((mail.message_id, mail.in_reply_to, mail.references), (None, None, Vec::new()), "{value}");
    }
}

#[test]
fn of_many_references_the_last_are_kept() {
    let all: Vec<String> = (0..5_000).map(|n| format!("<{n}@x.test>")).collect();
    let raw = format!("References: {}\r\n\r\n", all.join("\r\n "));
    let mail = read_mail(raw.as_bytes());
    assert_eq!(mail.references.len(), MAX_REFERENCES);
    assert_eq!(mail.references[0], "4999@x.test");
}
