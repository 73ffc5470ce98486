//! Arbitrary bytes, and arbitrary pieces of mails.

use proptest::prelude::*;

use super::{assert_bounds, read_mail};

/// Pieces that mails are made of, so that arbitrary mails are not all noise.
fn piece() -> impl Strategy<Value = Vec<u8>> {
    let known = prop::sample::select(vec![
        "\r\n",
        "\n",
        "From: ",
        "To: ",
        "Subject: ",
        "a@b.test",
        "<",
        ">",
        "\"",
        "(",
        "Content-Type: ",
        "multipart/mixed; boundary=b",
        "multipart/alternative; boundary=\"b\"",
        "text/html",
        "text/plain; charset=",
        "gb18030",
        "utf-7",
        "utf-16",
        "iso-2022-jp",
        "big5",
        "x",
        "--b",
        "--b--",
        "Content-Transfer-Encoding: ",
        "base64",
        "quoted-printable",
        "Content-Disposition: attachment; filename",
        "*0*=",
        "*1*=utf-8''%41",
        "=",
        "=?utf-8?b?",
        "?=",
        "=?gbk?q?",
        "<div>",
        "</div>",
        "<blockquote type=cite>",
        "&amp;",
        "&#x202e;",
        "On 3 Nov 2025 at 10:02, A <a@b.test> wrote:",
        "> ",
        "-- ",
        "Authentication-Results: amazonses.com; dmarc=",
        "References: ",
        "<a@b> ",
        "; ",
        "\0",
        "\u{202e}",
        "在 ",
        "写道：",
    ]);
    prop_oneof![4 => known.prop_map(|text| text.as_bytes().to_vec()), 1 => prop::collection::vec(any::<u8>(), 0..8)]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn any_bytes_give_a_mail_within_bounds(raw in prop::collection::vec(any::<u8>(), 0..2_000)) {
        assert_bounds(&read_mail(&raw));
    }

    #[test]
    fn any_pieces_of_mails_give_a_mail_within_bounds(pieces in prop::collection::vec(piece(), 0..120)) {
        assert_bounds(&read_mail(&pieces.concat()));
    }
}
