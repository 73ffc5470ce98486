//! The pages on the gateway's own port.

use serde_json::{Value, json};

use crate::harness::{CLIENT, HttpResponse, PLATFORM, STAGING, Stack, address, options, run, shared};

#[track_caller]
fn is_page(answer: &HttpResponse) {
    assert_eq!(answer.status, 200, "{answer:?}");
    let kind = answer.headers["content-type"].to_str().unwrap();
    assert!(kind.starts_with("text/html"), "{kind}");
    assert!(answer.text.contains("<html") && answer.text.trim_end().ends_with("</html>"));
}

#[test]
fn the_first_page_says_what_runs_and_how_to_begin() {
    run(async {
        let stack = shared().await;
        let page = stack.get("/").await;
        is_page(&page);
        for needed in
            [CLIENT.id, STAGING.id, PLATFORM.id, "iimmpact-report", "/v2/transactions/check", "/inbox", "/docs"]
        {
            assert!(page.text.contains(needed), "{needed}");
        }
    });
}

/// What is shown for the other APIs, pasted into a shell.
#[test]
fn the_requests_for_the_other_apis_work_as_they_are_printed() {
    run(async {
        let stack = Stack::start(options()).await;
        let page = stack.get("/").await.text;
        for (channel, answer) in
            [("Arbiter", r#"{"count":0,"content":[]}"#), ("Tutelar", "Dispute raised successfully")]
        {
            let (_, lines) = page.split_once(&format!("<code id=\"try-{channel}\">")).unwrap();
            let lines = lines.split_once("</code>").unwrap().0;
            let lines = lines.replace("&#34;", "\"").replace("&#39;", "'").replace("&#38;", "&");
            let shell = tokio::process::Command::new("sh").arg("-c").arg(lines).output().await.unwrap();
            let output = String::from_utf8(shell.stdout).unwrap();
            assert!(output.contains(answer), "{channel}: {output} {}", String::from_utf8_lossy(&shell.stderr));
        }
    });
}

#[test]
fn the_inbox_shows_each_mail_newest_last() {
    run(async {
        let stack = shared().await;
        is_page(&stack.get("/inbox").await);
        let user = address();
        let mut sent = Vec::new();
        for count in 1..=2 {
            let transaction = stack.transaction("acct_demo", "Succesful").await;
            stack.report(&CLIENT, &json!({"refid": transaction.refid, "user_email": [user]})).await;
            sent.push(stack.inbox(&user, count).await.pop().unwrap());
        }
        let subjects: Vec<_> = sent.iter().map(|mail| mail.subject.clone()).collect();
        let inbox = stack.get("/inbox.json").await;
        assert_eq!((inbox.status, inbox.headers["content-type"].to_str().unwrap()), (200, "application/json"));
        let Value::Array(mails) = inbox.json() else { panic!("{}", inbox.text) };
        let mine: Vec<_> = mails.iter().filter(|mail| mail["to"] == json!([user])).collect();
        assert_eq!(mine.iter().map(|mail| mail["subject"].as_str().unwrap()).collect::<Vec<_>>(), subjects);
        for mail in mine {
            assert_eq!(mail["cc"], json!(["disputes@demo-wallet.example"]));
            assert!(mail["text"].as_str().is_some_and(|text| text.contains("We received your report")));
            assert!(mail["html"].as_str().is_some_and(|html| html.starts_with("<!DOCTYPE html>")));
            assert!(mail["headers"].to_string().contains("Auto-Submitted"), "{}", mail["headers"]);
        }
        let page = stack.get("/inbox").await;
        is_page(&page);
        assert!(subjects.iter().all(|subject| page.text.contains(subject)) && page.text.contains(&user));
        for mail in &sent {
            let page = stack.get(&format!("/inbox/{}", mail.message_id)).await;
            is_page(&page);
            for shown in [&mail.subject, &user, "disputes@demo-wallet.example", "Auto-Submitted", "What happens next"] {
                assert!(page.text.contains(shown), "{shown}");
            }
        }
        assert_eq!(stack.get("/inbox/unknown").await.status, 404);
    });
}

#[test]
fn the_api_page_shows_every_call() {
    run(async {
        let stack = shared().await;
        let index = stack.get("/docs").await;
        is_page(&index);
        for path in ["/v2/transactions/check", "/platform/v1/transactions", "/platform/v1/transactions/{trxid}"] {
            assert!(index.text.contains(path), "{path}");
        }
        let links = index.text.split("href=\"/docs/").skip(1).filter_map(|rest| rest.split_once(['#', '"']));
        let pages: std::collections::BTreeSet<_> = links.map(|(page, _)| page).collect();
        assert!(pages.len() > 4, "{pages:?}");
        for page in pages {
            is_page(&stack.get(&format!("/docs/{page}")).await);
        }
        let yaml = stack.get("/openapi.yaml").await;
        assert_eq!((yaml.status, yaml.text.starts_with("openapi: ")), (200, true));
    });
}
