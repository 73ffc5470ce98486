//! Which files of a mail are taken, and why others are not.

use recourse_dispute::claim::{MAX_FILE_BYTES, MAX_FILES};

use super::*;

/// Names, whether they were taken, and why not.
async fn listed(bench: &Bench) -> Vec<(String, Option<String>)> {
    let message = message(bench, 551).await;
    message.attachments.into_iter().map(|one| (one.name, one.reason.filter(|_| !one.accepted))).collect()
}

#[tokio::test]
async fn refused_files_are_named_with_the_reason() {
    let bench = Bench::new().await;
    let mut large = PNG.to_vec();
    large.resize(usize::try_from(MAX_FILE_BYTES).unwrap() + 1, 0);
    let mail = bench
        .reply("See the files")
        .await
        .with_file("photo.png", "application/octet-stream", PNG)
        .with_file("run.exe", "image/png", b"MZ")
        .with_file("photo.jpg", "image/jpeg", PNG)
        .with_file("large.png", "image/png", &large)
        .with_file("empty.txt", "text/plain", b"")
        .with_file("winmail.dat", "application/ms-tnef", b"x")
        .with_file("old.eml", "message/rfc822", b"Subject: x\r\n\r\nx")
        .with_file("smime.p7s", "application/pkcs7-signature", b"x");
    bench.receive("a", &mail).await;
    let listed = listed(&bench).await;
    let names: Vec<_> = listed.iter().map(|(name, reason)| (name.as_str(), reason.is_none())).collect();
    let refused =
        ["run.exe", "photo.jpg", "large.png", "empty.txt", "winmail.dat", "old.eml"].map(|name| (name, false));
    assert_eq!(names, [vec![("photo.png", true)], refused.to_vec()].concat(), "a signature is no file");
    assert!(listed.iter().skip(1).all(|(_, reason)| reason.as_ref().is_some_and(|reason| reason.len() > 10)));
    assert_eq!(dispute(&bench, 551).await.claim.evidence.len(), 1);
    assert_eq!(bench.evidence().len(), 1, "nothing that is refused is stored");
    assert!(bench.line().contains(" attachments=1") && bench.line().contains("refused_attachments=6"));
}

#[tokio::test]
async fn the_limits_of_evidence_hold_over_all_mails() {
    let bench = Bench::new().await;
    let mail = bench.reply("Photos").await;
    let many = |count: usize, id: &str| {
        let file = |mail: Draft, index: usize| mail.with_file(&format!("{index}.png"), "image/png", PNG);
        (0..count).fold(mail.clone().with_id(id), file)
    };
    bench.receive("a", &many(MAX_FILES - 1, "a")).await;
    bench.receive("b", &many(3, "b")).await;
    assert_eq!(dispute(&bench, 551).await.claim.evidence.len(), MAX_FILES);
    assert!(bench.line().contains(" attachments=1") && bench.line().contains("refused_attachments=2"));
    assert_eq!(bench.evidence().len(), MAX_FILES);
    // More than twenty files of one mail are counted.
    bench.receive("c", &many(25, "c")).await;
    let last = bench.record(551).await.messages.into_iter().rfind(|message| message.object.is_some()).unwrap();
    assert!(last.attachments.last().unwrap().name.contains('5') && !last.attachments.last().unwrap().accepted);
}

#[tokio::test]
async fn a_pasted_picture_is_taken_and_a_logo_is_not() {
    let bench = Bench::new().await;
    let inline = |bytes: usize| {
        let mut picture = PNG.to_vec();
        picture.resize(bytes, 7);
        let body = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, picture);
        format!(
            "--b\r\nContent-Type: image/png\r\nContent-ID: <{bytes}>\r\nContent-Disposition: inline\r\nContent-Transfer-Encoding: base64\r\n\r\n{body}\r\n"
        )
    };
    let head = bench.reply("x").await.raw();
    let head = head.split("Content-Type").next().unwrap().to_owned();
    let raw = format!(
        "{head}Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nHere\r\n{}{}--b--\r\n",
        inline(8 * 1024 - 1),
        inline(8 * 1024)
    );
    bench.store("a", raw);
    bench.event("a").await.unwrap();
    assert_eq!(listed(&bench).await, [("unnamed".to_owned(), None)]);
    assert_eq!(dispute(&bench, 551).await.claim.evidence.first().unwrap().size, 8 * 1024);
}
