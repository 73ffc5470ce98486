//! Mails that are too much of something, within what a test machine takes.

use crate::support::case::Case;
use crate::support::eml::photo;

/// A mail, and what is too much in it.
pub(super) struct Bomb {
    pub(super) what: &'static str,
    pub(super) raw: Vec<u8>,
}

/// The mails about `case`, of its customer.
pub(super) fn all(case: &Case) -> Vec<Bomb> {
    let head = |n: usize, more: &str| {
        format!(
            "From: {}\r\nTo: {}\r\nSubject: Re: it\r\nMessage-ID: <bomb-{n}-{}@mail.example>\r\nMIME-Version: 1.0\r\n{more}",
            case.user, case.reply_to, case.number
        )
    };
    let mixed = "Content-Type: multipart/mixed; boundary=\"b\"\r\n\r\n";
    let text = "Content-Type: text/plain\r\n\r\nStill nothing here.\r\n";
    let parts: String = (0..12_000).map(|n| format!("--b\r\nContent-Type: text/plain\r\n\r\npart {n}\r\n")).collect();
    let nested: String = (0..1_000)
        .map(|n| format!("Content-Type: multipart/mixed; boundary=\"b{n}\"\r\n\r\n--b{n}\r\n"))
        .chain([text.to_owned()])
        .collect();
    let files: String = (0..60)
        .map(|n| format!("--b\r\nContent-Type: image/png; name=\"{n}.png\"\r\nContent-Disposition: attachment; filename=\"{n}.png\"\r\n\r\n{n}\r\n"))
        .collect();
    let many = |name: &str, count: usize| -> String { (0..count).map(|n| format!("{name}-{n}: x\r\n")).collect() };
    let ids: String = (0..9_000).map(|n| format!(" <{n}@made.example>\r\n")).collect();
    let name = "x".repeat(20_000);
    let mut wrong_zip = b"PK\x03\x04".to_vec();
    wrong_zip.extend(photo());
    let wrong_zip = String::from_utf8_lossy(&wrong_zip).into_owned();
    let bombs = [
        ("12,000 parts", format!("{}{mixed}{parts}--b--\r\n", head(1, ""))),
        ("1,000 multiparts inside each other", head(2, &nested)),
        (
            "broken base64",
            format!(
                "{}{mixed}--b\r\n{text}--b\r\nContent-Type: image/png\r\nContent-Disposition: attachment; filename=\"a.png\"\r\nContent-Transfer-Encoding: base64\r\n\r\n{}\r\n--b--\r\n",
                head(3, ""),
                "!!=A".repeat(40_000)
            ),
        ),
        ("a multipart that never ends", format!("{}{mixed}--b\r\n{text}--b\r\n", head(4, ""))),
        ("20,000 headers", format!("{}{text}", head(5, &many("X-Header", 20_000)))),
        ("a header of 600 KB", format!("{}{text}", head(6, &format!("X-Long: {}\r\n", "y".repeat(600_000))))),
        ("9,000 references", format!("{}{text}", head(7, &format!("References:\r\n{ids}")))),
        ("60 files", format!("{}{mixed}--b\r\n{text}{files}--b--\r\n", head(8, ""))),
        (
            "a file name of 20 KB and a charset that nobody knows",
            format!(
                "{}{mixed}--b\r\nContent-Type: text/plain; charset=x-klingon\r\n\r\nStill nothing here.\r\n--b\r\nContent-Type: image/png\r\nContent-Disposition: attachment; filename=\"{name}.png\"\r\n\r\nx\r\n--b--\r\n",
                head(9, "")
            ),
        ),
        (
            "a picture that is an archive",
            format!(
                "{}{mixed}--b\r\n{text}--b\r\nContent-Type: image/png\r\nContent-Disposition: attachment; filename=\"a.png\"\r\n\r\n{wrong_zip}\r\n--b--\r\n",
                head(10, "")
            ),
        ),
        ("nothing at all", head(11, "\r\n")),
        (
            "a text of one line of 900 KB",
            format!("{}Content-Type: text/plain\r\n\r\n{}\r\n", head(12, ""), "z".repeat(900_000)),
        ),
    ];
    bombs.into_iter().map(|(what, raw)| Bomb { what, raw: raw.into_bytes() }).collect()
}
