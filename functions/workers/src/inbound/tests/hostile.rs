//! Mails that are made to break the worker, or that break by themselves.

use recourse_inbound::limits::MAX_MAIL;

use super::*;

#[tokio::test]
async fn a_mail_above_40_mb_is_recorded_on_its_case() {
    let bench = Bench::new().await;
    let mut raw = bench.reply("It works now").await.raw().into_bytes();
    raw.resize(MAX_MAIL + 1, b'a');
    bench.store("a", raw);
    bench.event("a").await.unwrap();
    let message = message(&bench, 551).await;
    assert_eq!((message.text.as_str(), message.object.as_deref()), ("", Some("inbound/a")));
    assert_eq!(bench.support(551).await.state, State::WaitingForAgent, "a person looks at it");
    assert!(dispute(&bench, 551).await.state.is_open());
    for field in ["not_read=too_large", "unreadable=1", "outcome=recorded", "bytes=41943041"] {
        assert!(bench.line().contains(field), "{field} in {}", bench.line());
    }
    assert_eq!(log::lines("a received mail cannot be read").len(), 1);
    assert!(log::lines("object=inbound/a").len() == 1);
}

#[tokio::test]
async fn ten_thousand_parts_are_recorded() {
    let bench = Bench::new().await;
    let head = bench.reply("x").await.raw();
    let head = head.split("Content-Type").next().unwrap().to_owned();
    let part = "--b\r\nContent-Type: application/pdf; name=\"a.pdf\"\r\n\r\n%PDF-\r\n".repeat(10_001);
    bench.store("a", format!("{head}Content-Type: multipart/mixed; boundary=b\r\n\r\n{part}--b--\r\n"));
    bench.event("a").await.unwrap();
    let message = message(&bench, 551).await;
    assert!(message.attachments.len() < 30 && message.attachments.iter().filter(|one| one.accepted).count() == 10);
    assert!(message.attachments.iter().any(|one| one.name == "further parts"), "{:?}", message.attachments.len());
}

#[tokio::test]
async fn what_says_nothing_is_recorded_without_a_case() {
    let bench = Bench::new().await;
    for (id, raw) in [
        ("a", Vec::new()),
        ("b", vec![0; 100_000]),
        ("c", (0..=255_u8).cycle().take(300_000).collect()),
        ("d", b"From: a@x.example, b@x.example\r\n\r\nx".to_vec()),
        ("e", b"\r\n\r\n\r\n".to_vec()),
    ] {
        bench.store(id, raw);
        bench.event(id).await.unwrap();
        assert!(bench.line().contains("outcome=no_case") && bench.line().contains("unreadable=1"), "{}", bench.line());
        bench.event(id).await.unwrap();
        assert!(bench.line().contains("outcome=already"));
    }
    // One mail a day about all of them, as nobody knows who sent them.
    assert!(bench.no_case_mail(OWN).await.is_some());
}

#[tokio::test]
async fn broken_mime_and_charsets_lose_no_mail() {
    let bench = Bench::new().await;
    let head = bench.reply("x").await.raw();
    let head = head.split("Message-ID").next().unwrap().to_owned();
    for (id, rest) in [
        ("a", "Content-Type: multipart/mixed; boundary=never\r\n\r\n--other\r\n\r\nHello\r\n"),
        ("b", "Content-Type: text/plain; charset=x-unknown\r\n\r\n\u{fffd}Hello\r\n"),
        ("c", "Content-Type: text/plain\r\nContent-Transfer-Encoding: base64\r\n\r\n!!!SGVsbG8!!!\r\n"),
        ("d", "Content-Type: text/html\r\n\r\n<!--<p>Hello<div><b\r\n"),
        ("e", "Content-Type: multipart/mixed; boundary=\"\r\n\r\nHello"),
    ] {
        bench.store(id, format!("{head}{rest}"));
        bench.event(id).await.unwrap();
        assert!(bench.line().contains("outcome=recorded"), "{id}: {}", bench.line());
    }
    assert_eq!(messages(&bench, 551).await.len(), 5);
}

/// Two senders in From: nobody knows who wrote it, so nobody did.
#[tokio::test]
async fn a_sender_who_hides_behind_the_customer_is_a_third_party() {
    let bench = Bench::new().await;
    let mut mail = bench.reply("It works now").await;
    for (id, from) in [
        ("a", format!("{CUSTOMER}, stranger@x.example")),
        ("b", format!("\"{CUSTOMER}\" <stranger@x.example>")),
        ("c", format!("{CUSTOMER} <stranger@x.example>")),
    ] {
        mail.from = from;
        mail.message_id = Some(format!("{id}@x.example"));
        bench.receive(id, &mail).await;
        assert!(bench.line().contains("role=third_party"), "{}", bench.line());
    }
    assert!(dispute(&bench, 551).await.state.is_open());
}

#[tokio::test]
async fn a_flood_of_one_sender_waits_for_an_agent_without_any_mail() {
    let bench = Bench::new().await;
    for count in 0..8 {
        let id = format!("m{count}");
        bench.receive(&id, &bench.reply("thank you").await.with_id(&id)).await;
    }
    assert_eq!(bench.support(551).await.state, State::WaitingForAgent);
    assert_eq!(messages(&bench, 551).await.len(), 8);
    assert!(bench.support_mails(551).await.is_empty());
}
