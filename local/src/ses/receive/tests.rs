//! Which mails SES takes, and what it writes above them.

use super::*;
use crate::s3::S3;

const AT: u64 = 1_772_791_200_000;
const MAIL: &str = "From: User <user@example.com>\r\nTo: Cases <cases+tok@recourse.example>\r\nSubject: Re: Ours\r\n\
                    In-Reply-To: <1@email.amazonses.com>\r\n\r\nHello\r\n";

fn rules() -> Vec<ReceiptRule> {
    vec![ReceiptRule {
        set: "recourse-inboundruleset".to_owned(),
        name: "inbound".to_owned(),
        recipients: vec!["cases@recourse.example".to_owned()],
        bucket: "b".to_owned(),
        prefix: "inbound/".to_owned(),
    }]
}

async fn s3() -> S3 {
    S3::start(&["b".to_owned()], None).await.unwrap()
}

fn receive_into(
    raw: &[u8],
    envelope: &Envelope,
    rules: &[ReceiptRule],
    s3: &S3,
    at: u64,
) -> Result<ReceivedMail, ReceiveError> {
    let place = |bucket: &str, key: &str, bytes: &[u8]| s3.place(bucket, key, bytes);
    receive(raw, envelope, rules, at, place).map(|(mail, ())| mail)
}

async fn taken(raw: &[u8], envelope: &Envelope) -> Result<(ReceivedMail, String), ReceiveError> {
    let s3 = s3().await;
    let mail = receive_into(raw, envelope, &rules(), &s3, AT)?;
    let object = s3.objects("b").unwrap().remove(&mail.object).unwrap();
    Ok((mail, String::from_utf8_lossy(&object).into_owned()))
}

#[tokio::test]
async fn sess_headers_stand_above_the_mail_as_it_was_sent() {
    let (mail, object) = taken(MAIL.as_bytes(), &Envelope::default()).await.unwrap();
    let id = mail.object.strip_prefix("inbound/").unwrap();
    assert_eq!(id.len(), 40);
    let expected = format!(
        "Return-Path: <user@example.com>\r\n\
         Received: from mail.example.com (mail.example.com [127.0.0.1])\r\n by inbound-smtp.us-east-1.amazonaws.com with SMTP id {id}\r\n \
         for cases+tok@recourse.example;\r\n Fri, 06 Mar 2026 10:00:00 +0000 (UTC)\r\n\
         X-SES-Spam-Verdict: PASS\r\nX-SES-Virus-Verdict: PASS\r\nReceived-SPF: pass (spfCheck: "
    );
    assert!(object.starts_with(&expected), "{object}");
    assert!(
        object.contains(
            "\r\n dkim=pass header.i=@example.com;\r\n dmarc=pass header.from=example.com;\r\nX-SES-RECEIPT: "
        )
    );
    assert!(object.ends_with(MAIL));
    let wanted = (AT, "user@example.com", "cases+tok@recourse.example", "Re: Ours", Some("1@email.amazonses.com"));
    let got = (mail.at, &*mail.from, &*mail.to, &*mail.subject, mail.in_reply_to.as_deref());
    assert_eq!((got, mail.bytes), (wanted, object.len()));
}

#[tokio::test]
async fn the_verdicts_are_those_of_the_envelope() {
    let envelope = Envelope { spam: Verdict::Fail, virus: Verdict::Gray, dmarc: Verdict::Fail, ..Envelope::default() };
    let (_, object) = taken(MAIL.as_bytes(), &envelope).await.unwrap();
    for line in ["X-SES-Spam-Verdict: FAIL\r\n", "X-SES-Virus-Verdict: GRAY\r\n", "dmarc=fail header.from=example.com;"]
    {
        assert!(object.contains(line), "{line}: {object}");
    }
    let (_, object) = taken(MAIL.as_bytes(), &Envelope { dmarc: Verdict::Gray, ..Envelope::default() }).await.unwrap();
    assert!(object.contains(" dmarc=none header.from=example.com;"), "{object}");
}

#[tokio::test]
async fn a_bounce_has_a_null_return_path() {
    let bounce = format!("Return-Path: <>\r\n{MAIL}");
    let (mail, object) = taken(bounce.as_bytes(), &Envelope::default()).await.unwrap();
    assert!(mail.from.is_empty() && object.starts_with("Return-Path: <>\r\nReceived: from localhost "), "{object}");
    assert_eq!(object.matches("Return-Path").count(), 1);
    let said = Envelope { from: Some(String::new()), ..Envelope::default() };
    assert!(taken(MAIL.as_bytes(), &said).await.unwrap().1.starts_with("Return-Path: <>\r\n"));
}

#[tokio::test]
async fn a_rule_is_for_its_address_with_any_label_and_for_no_other() {
    for (headers, to) in [
        ("To: cases@recourse.example", Some("cases@recourse.example")),
        ("to: a@b.example,\r\n \"Cases\" <CASES+x@Recourse.Example>", Some("CASES+x@Recourse.Example")),
        ("To: a@b.example\r\nCc: cases+a.b@recourse.example", Some("cases+a.b@recourse.example")),
        ("To: list@b.example\r\nDelivered-To: cases@recourse.example", Some("cases@recourse.example")),
        ("To: xcases@recourse.example", None),
        ("To: x.cases@recourse.example", None),
        ("To: cases@recourse.example.org", None),
        ("To: cases@recourseXexample", None),
        ("X-Note: cases@recourse.example", None),
        ("", None),
    ] {
        let raw = format!("From: u@example.com\r\n{headers}\r\n\r\nTo: cases@recourse.example\r\n");
        let got = taken(raw.as_bytes(), &Envelope::default()).await.map(|(mail, _)| mail.to);
        assert_eq!(got.as_deref().ok(), to, "{headers}");
    }
    let envelope = |to: &str| Envelope { to: vec![to.to_owned()], ..Envelope::default() };
    let raw = b"Subject: x\r\n\r\n";
    assert_eq!(taken(raw, &envelope("cases+t@recourse.example")).await.unwrap().0.to, "cases+t@recourse.example");
    let refused = taken(MAIL.as_bytes(), &envelope("other@recourse.example")).await.unwrap_err().to_string();
    assert!(refused.starts_with("550 5.1.1 ") && refused.contains("rules for cases@recourse.example"), "{refused}");
}

#[tokio::test]
async fn an_envelope_that_is_none_is_refused() {
    for from in ["a@b.example\r\nX: y", "<a@b.example>", "Name <a@b.example>", "nobody"] {
        let envelope = Envelope { from: Some(from.to_owned()), ..Envelope::default() };
        assert!(matches!(taken(MAIL.as_bytes(), &envelope).await, Err(ReceiveError::BadAddress(_))), "{from}");
    }
}

#[tokio::test]
async fn without_a_rule_nothing_is_received() {
    let refused = receive_into(MAIL.as_bytes(), &Envelope::default(), &[], &s3().await, AT).unwrap_err().to_string();
    assert!(refused.contains("InboundMail is off"), "{refused}");
}

#[tokio::test]
async fn forty_megabytes_with_sess_headers_are_the_most() {
    let s3 = s3().await;
    let mut raw = MAIL.as_bytes().to_vec();
    let mail = receive_into(&raw, &Envelope::default(), &rules(), &s3, AT).unwrap();
    raw.resize(MAX_MAIL - (mail.bytes - MAIL.len()), b'x');
    assert_eq!(receive_into(&raw, &Envelope::default(), &rules(), &s3, AT).unwrap().bytes, MAX_MAIL);
    raw.push(b'x');
    assert!(matches!(receive_into(&raw, &Envelope::default(), &rules(), &s3, AT), Err(ReceiveError::TooLarge)));
}

#[tokio::test]
async fn lines_of_a_unix_file_end_as_in_smtp_and_nothing_else_changes() {
    let unix = MAIL.replace("\r\n", "\n");
    assert!(taken(unix.as_bytes(), &Envelope::default()).await.unwrap().1.ends_with(MAIL));
    let odd = format!("{MAIL}a\nb\rc\0\u{ff}");
    assert!(taken(odd.as_bytes(), &Envelope::default()).await.unwrap().1.ends_with(&odd));
    for hopeless in [&b""[..], b"\n", b"\xff\xfe", b"no header", b"Return-Path: <a@b.example>"] {
        assert!(matches!(taken(hopeless, &Envelope::default()).await, Err(ReceiveError::NoRule(_))), "{hopeless:?}");
    }
}
