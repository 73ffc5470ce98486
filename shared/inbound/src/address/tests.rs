use super::*;
use crate::tests::read_mail;

fn from(header: &str) -> Option<String> {
    let raw = format!("{header}\r\nTo: cases@example.com\r\n\r\nHello");
    read_mail(raw.as_bytes()).from.map(|address| address.as_str().to_owned())
}

#[test]
fn one_address_in_one_from_is_the_sender() {
    for (header, sender) in [
        ("From: a@example.org", "a@example.org"),
        ("FROM:\r\n\t<A.b+c@Example.ORG>", "A.b+c@example.org"),
        ("From: \"Bank, Ltd\" <a@example.org>", "a@example.org"),
        ("From: \"x@bank.test\" <a@example.org>", "a@example.org"),
        ("From: =?utf-8?B?eEBiYW5rLnRlc3Q=?= <a@example.org>", "a@example.org"),
        ("From: =?utf-8?Q?=E9=99=88?= (x@bank.test) <a@example.org>", "a@example.org"),
        ("From: a@example.org (x@bank.test)", "a@example.org"),
        ("From: a@example.org <a@example.org>", "a@example.org"),
        ("From: =?utf-8?Q?x@bank.test?= <a@example.org>", "a@example.org"),
        ("From: \"x \\\" <x@bank.test>\" <a@example.org>", "a@example.org"),
        ("From: a@bücher.example", "a@xn--bcher-kva.example"),
    ] {
        assert_eq!(from(header).as_deref(), Some(sender), "{header}");
    }
}

#[test]
fn anything_else_is_no_sender() {
    for header in [
        "X: y",
        "From:",
        "From: Adaeze",
        "From: a@b.test\r\nFrom: c@d.test",
        "From: a@b.test\r\nfrom : a@b.test",
        "From: a@b.test, c@d.test",
        "From: Team: a@b.test, c@d.test;",
        "From: undisclosed:;",
        "From: a@\0b.test",
        "From: a@b.test\rFrom: c@d.test",
        "From: a\u{200b}@b.test",
        "From: a@b.test\r<c@d.test>",
        "From: a@b.test <c@d.test>",
        "From: x@bank.test: a@b.test;",
        "From: Team: a@b.test;",
        "From: <a@b.test> <c@d.test>",
        "From: a@localhost",
        "From: a@192.0.2.1",
        "From: =?utf-8?Q?x=40bank.test?= (a)",
        "From: =?utf-8?Q?x=40bank.test?=",
    ] {
        assert_eq!(from(header), None, "{header}");
    }
}

#[test]
fn tokens_are_those_of_our_plus_addresses() {
    let raw = "From: a@b.test\r\nTo: cases+One@example.com, cases@example.com, cases+@example.com, cases+a.b@example.com\r\nCc: CASES+two@EXAMPLE.COM, <cases+ONE@example.com>\r\nDelivered-To: cases+three@example.com\r\nBcc: cases+four@example.com\r\nX-Original-To: cases+five@example.com\r\n\r\n";
    let mail = read_mail(raw.as_bytes());
    assert_eq!(mail.tokens, ["One", "two", "three"]);
    assert_eq!(mail.recipients.len(), 7);
}

#[test]
fn other_domains_and_names_have_no_tokens() {
    for to in [
        "cases+t@example.org",
        "cases+t@sub.example.com",
        "cases+t@example.com.evil.test",
        "x+cases+t@example.com",
        "\"cases+t@example.com\" <a@b.test>",
        "casesx+t@example.com",
        "=?utf-8?q?cases+t=40example.com?= (x)",
    ] {
        let raw = format!("From: a@b.test\r\nTo: {to}\r\n\r\n");
        assert!(read_mail(raw.as_bytes()).tokens.is_empty(), "{to}");
    }
}

#[test]
fn only_the_first_recipients_are_read() {
    let many: Vec<String> = (0..MAX_RECIPIENTS).map(|n| format!("r{n}@b.test")).collect();
    let raw = format!("From: a@b.test\r\nTo: {}\r\nCc: cases+late@example.com\r\n\r\n", many.join(",\r\n "));
    let mail = read_mail(raw.as_bytes());
    assert_eq!((mail.recipients.len(), mail.tokens.len()), (MAX_RECIPIENTS, 0));
}

#[test]
fn the_name_beside_the_sender_is_read_on_one_line() {
    for (from, name) in [
        ("Ada Obi <a@b.test>", Some("Ada Obi")),
        ("\"Obi,  Ada\" <a@b.test>", Some("Obi, Ada")),
        ("=?utf-8?q?Ad=C3=A1_Ob=C3=AD?= <a@b.test>", Some("Ad\u{e1} Ob\u{ed}")),
        ("=?utf-8?b?QQ0KQg==?= <a@b.test>", Some("A B")),
        ("a@b.test", None),
        ("<a@b.test>", None),
        ("Ada <a@b.test>, Obi <c@d.test>", None),
    ] {
        let raw = format!("From: {from}\r\n\r\nx");
        assert_eq!(read_mail(raw.as_bytes()).from_name.as_deref(), name, "{from}");
    }
    let long = format!("From: {} <a@b.test>\r\n\r\nx", "n".repeat(300));
    assert_eq!(read_mail(long.as_bytes()).from_name.unwrap().len(), 200);
}
