//! The pages over HTTP, with a hostile mail in the inbox.

use serde_json::{Value, json};
use tokio::net::TcpListener;

use super::*;
use crate::s3::S3;
use crate::template::ReceiptRule;
use crate::testing::http_call;

const HOSTILE: &str = "\"><script>alert(1)</script><img src=x onerror='alert(2)'>";

struct Pages {
    url: String,
    ses: Ses,
    s3: S3,
    provider: Provider,
    folder: tempfile::TempDir,
}

/// The secret of the demo's provider.
const SECRET: &str = "whsec_ZGVtby1wcm92aWRlci1zZWNyZXQtbG9vcGJhY2shISE=";

async fn pages() -> Pages {
    let ses = Ses::start(vec!["recourse.example".to_owned()], None).await.unwrap();
    let s3 = S3::start(&["b".to_owned()], None).await.unwrap();
    let rule = ReceiptRule {
        set: "recourse-rules".to_owned(),
        name: "inbound".to_owned(),
        recipients: vec!["cases@recourse.example".to_owned()],
        bucket: "b".to_owned(),
        prefix: "inbound/".to_owned(),
    };
    ses.receive_by(&[rule], &s3);
    let provider = Provider::new(Some(SECRET));
    let folder = tempfile::tempdir().unwrap();
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let state = PagesState {
        log: LogSink::buffered(),
        url: url.clone(),
        ses: ses.clone(),
        eventbridge: EventBridge::start().await.unwrap(),
        openapi: folder.path().join("openapi.yaml"),
        functions: vec![FunctionRow {
            id: "IimmpactReport".to_owned(),
            binary: "iimmpact-report".to_owned(),
            routes: vec!["POST /v2/transactions/check".to_owned()],
        }],
        endpoints: vec![("KMS".to_owned(), "http://127.0.0.1:4".to_owned())],
        demo: Some(json!({
            "accounts": [{
                "id": "acct_demo", "name": HOSTILE, "environment": "production", "email": "d@example.com",
                "merchant_id": null, "domain_code": null, "users": [],
                "configuration": {"support": {"providers": {"voucher": "http://127.0.0.1:1/provider"}}},
                "keys": [
                    {"id": "platform_key", "secret": "cGxhdGZvcm0=", "role": "platform"},
                    {"id": "client_key", "secret": "Y2xpZW50", "role": "client"},
                ],
            }],
            "transactions": [
                {"trxid": "50001", "refid": "123456", "account": "acct_demo", "status": "Succesful", "kind": "voucher"},
                {"trxid": "50003", "refid": "other", "account": "acct_demo", "status": "Succesful", "kind": "other"},
            ],
        })),
        demo_store: DemoStore::default(),
        demo_cases: DemoCases::default(),
        demo_links: DemoLinks::default(),
        clock: Clock::open(None).unwrap(),
        provider: provider.clone(),
    };
    tokio::spawn(async move { axum::serve(listener, routes(state)).await });
    Pages { url, ses, s3, provider, folder }
}

impl Pages {
    async fn get(&self, path: &str) -> (u16, HeaderMap, String) {
        let request = http::Request::get(format!("{}{path}", self.url)).body(Body::empty()).unwrap();
        let (head, body) = http_call(request).await.unwrap().into_parts();
        (head.status.as_u16(), head.headers, String::from_utf8(body.to_vec()).unwrap())
    }

    async fn send(&self, subject: &str, text: Option<&str>, html: Option<&str>) {
        let part = |data: Option<&str>| data.map(|data| json!({"Data": data, "Charset": "UTF-8"}));
        let mail = json!({
            "FromEmailAddress": "cases@recourse.example",
            "Destination": {"ToAddresses": ["user@example.com"], "CcAddresses": ["ops@example.com"]},
            "Content": {"Simple": {
                "Subject": {"Data": subject}, "Body": {"Text": part(text), "Html": part(html)},
                "Headers": [{"Name": "X-Hostile", "Value": HOSTILE}],
            }},
        });
        let url = format!("{}/v2/email/outbound-emails", self.ses.endpoint());
        let request = http::Request::post(url).body(Body::from(mail.to_string())).unwrap();
        let answer = http_call(request).await.unwrap();
        assert_eq!(answer.status(), 200);
    }
}

#[tokio::test]
async fn the_index_shows_what_runs_and_lines_for_the_demos_client_key() {
    let pages = pages().await;
    let (status, headers, body) = pages.get("/").await;
    assert_eq!((status, headers["content-type"].to_str().unwrap()), (200, "text/html; charset=utf-8"));
    assert!(body.contains("target/debug/recourse report --refid 123456 --email user@example.com"));
    assert!(body.contains("KEY=&#39;client_key&#39; SECRET=&#39;Y2xpZW50&#39;"), "{body}");
    for shown in
        ["For loopback only", "platform_key", "IimmpactReport", "POST /v2/transactions/check", "http://127.0.0.1:4"]
    {
        assert!(body.contains(shown), "{shown}: {body}");
    }
    assert!(!body.contains("<script>alert"), "{body}");
}

#[tokio::test]
async fn a_hostile_mail_stays_text_on_every_page() {
    let pages = pages().await;
    pages.send(HOSTILE, Some(&format!("</pre>{HOSTILE}")), Some(&format!("</iframe>{HOSTILE}"))).await;
    let id = pages.ses.mails()[0].message_id.clone();
    for path in ["/inbox".to_owned(), format!("/inbox/{id}")] {
        let (status, headers, body) = pages.get(&path).await;
        assert_eq!(status, 200);
        for wrong in ["<script>alert", "<img", "</pre>\"", "</iframe>\""] {
            assert!(!body.contains(wrong), "{wrong}: {body}");
        }
        let policy = headers["content-security-policy"].to_str().unwrap();
        assert!(
            policy.contains("default-src 'none'"),
            "nothing may be loaded, also by the mail in its frame: {policy}"
        );
    }
    let (_, _, body) = pages.get(&format!("/inbox/{id}")).await;
    assert!(body.contains("<iframe sandbox title=\"The mail as HTML\" srcdoc=\"&#60;/iframe&#62;"), "{body}");
}

#[tokio::test]
async fn the_script_that_the_policy_allows_is_the_one_on_the_page() {
    let pages = pages().await;
    let (_, headers, body) = pages.get("/").await;
    let script = body.split_once("<script>").unwrap().1.split_once("</script>").unwrap().0;
    let hash = BASE64_STANDARD.encode(digest(&SHA256, script.as_bytes()));
    assert!(headers["content-security-policy"].to_str().unwrap().contains(&format!("script-src 'sha256-{hash}'")));
}

#[tokio::test]
async fn a_mail_has_a_view_for_each_part_and_the_first_one_is_chosen() {
    let pages = pages().await;
    pages.send("both", Some("as text"), Some("<p>as html</p>")).await;
    pages.send("text only", Some("as text"), None).await;
    let mails = pages.ses.mails();
    let (_, _, both) = pages.get(&format!("/inbox/{}", mails[0].message_id)).await;
    assert!(
        both.contains("id=\"as-html\" checked")
            && both.contains("id=\"as-text\">")
            && both.contains("id=\"as-headers\">")
    );
    assert!(both.contains(&format!("&#60;{}@email.amazonses.com&#62;", mails[0].message_id)), "{both}");
    let (_, _, text) = pages.get(&format!("/inbox/{}", mails[1].message_id)).await;
    assert!(text.contains("id=\"as-text\" checked") && !text.contains("as-html\""), "{text}");
    assert_eq!(pages.get("/inbox/none").await.0, 404);
}

#[tokio::test]
async fn inbox_json_is_an_array_newest_last() {
    let pages = pages().await;
    assert!(!pages.get("/inbox").await.2.contains("http-equiv"), "nothing takes the page away from who reads it");
    assert_eq!(pages.get("/inbox.json").await.2, "[]");
    pages.send("first", Some("one"), Some("<p>one</p>")).await;
    pages.send("second", Some("two"), None).await;
    let inbox: Value = serde_json::from_str(&pages.get("/inbox.json").await.2).unwrap();
    assert_eq!((&inbox[0]["subject"], &inbox[1]["subject"]), (&json!("first"), &json!("second")));
    assert_eq!(inbox[0]["to"], json!(["user@example.com"]));
    assert_eq!(inbox[0]["cc"], json!(["ops@example.com"]));
    assert_eq!((&inbox[0]["text"], &inbox[0]["html"]), (&json!("one"), &json!("<p>one</p>")));
    assert_eq!(inbox[1]["html"], Value::Null);
    assert_eq!(inbox[0]["headers"]["X-Hostile"], HOSTILE);
    assert_eq!(inbox[0]["headers"]["To"], "user@example.com");
}

#[tokio::test]
async fn the_api_page_says_what_is_missing_or_wrong() {
    let pages = pages().await;
    let (status, _, body) = pages.get("/docs").await;
    assert!(status == 200 && body.contains("openapi.yaml cannot be read"), "{body}");
    assert_eq!(pages.get("/openapi.yaml").await.0, 404);
    std::fs::write(pages.folder.path().join("openapi.yaml"), "a: [").unwrap();
    let (_, _, body) = pages.get("/docs").await;
    assert!(body.contains("openapi.yaml is not YAML"), "{body}");
    std::fs::write(pages.folder.path().join("openapi.yaml"), format!("\u{feff}{YAML}")).unwrap();
    let (_, _, body) = pages.get("/docs").await;
    assert!(body.contains("First API") && !body.contains("openapi.yaml is not YAML"), "a mark is skipped: {body}");
}

const YAML: &str = r#"
openapi: 3.1.0
info: {title: <Recourse>}
tags: [{name: First API}, {name: Other API}]
security: [{signed: []}]
paths:
  /v2/x:
    post:
      tags: [First API]
      summary: Look
      requestBody: {content: {application/json: {schema: {properties: {refid: {}}}, examples: {one: {value: {a: "<'b'>"}}}}}}
      responses: {200: {description: Here}}
  /v1/y/{disputeId}:
    get: {tags: [Other API], summary: Fetch <it>, security: [{gcs: []}], responses: {404: {description: Nowhere}}}
"#;

#[tokio::test]
async fn the_api_page_lists_the_calls_and_finds_them() {
    let pages = pages().await;
    std::fs::write(pages.folder.path().join("openapi.yaml"), YAML).unwrap();
    let (_, _, all) = pages.get("/docs").await;
    for shown in [
        "&#60;Recourse&#62;",
        "Look",
        "/v2/x",
        "/docs/first-api#post-v2-x",
        "Fetch &#60;it&#62;",
        "/docs/other-api#get-v1",
    ] {
        assert!(all.contains(shown), "{shown}: {all}");
    }
    for (query, found, missing) in [
        ("look", "/v2/x", "/v1/y"),
        ("REFID+post", "/v2/x", "/v1/y"),
        ("disputeid", "/v1/y", "/v2/x"),
        ("%3Cscript%3E", "Nothing is found", "/v2/x"),
        ("look+disputeid", "Nothing is found", "/v1/y"),
    ] {
        let (status, _, body) = pages.get(&format!("/docs?q={query}")).await;
        assert!(status == 200 && body.contains(found) && !body.contains(missing), "{query}: {body}");
        assert!(!body.contains("value=\"<script"), "{body}");
    }
    let (status, headers, body) = pages.get("/openapi.yaml").await;
    assert_eq!((status, headers["content-type"].to_str().unwrap(), body.as_str()), (200, "application/yaml", YAML));
}

#[tokio::test]
async fn each_api_has_a_page_with_lines_to_paste() {
    let pages = pages().await;
    std::fs::write(pages.folder.path().join("openapi.yaml"), YAML).unwrap();
    let (status, _, first) = pages.get("/docs/first-api").await;
    assert_eq!(status, 200);
    for shown in [
        "id=\"post-v2-x\"",
        "data-copy=\"curl-post-v2-x-1-1\"",
        "KEY=&#39;client_key&#39; SECRET=&#39;Y2xpZW50&#39;",
        ">200<",
        "Here",
        "tabindex=\"0\" role=\"region\" aria-label=\"Members of the request application/json: Look\"",
    ] {
        assert!(first.contains(shown), "{shown}: {first}");
    }
    assert!(!first.contains("/v1/y") && !first.contains("<'b'>"), "{first}");
    let (_, _, other) = pages.get("/docs/other-api").await;
    assert!(other.contains("recourse sign GET") && other.contains("${DISPUTE_ID:?set it first}"), "{other}");
    assert_eq!(pages.get("/docs/nothing").await.0, 404);
}

/// Sends a form of a page, as a browser would that is on a page of `origin`.
async fn move_clock(pages: &Pages, headers: &[(&str, &str)], body: &str) -> (u16, String) {
    let mut request = http::Request::post(format!("{}/clock", pages.url));
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let answer = http_call(request.body(Body::from(body.to_owned())).unwrap()).await.unwrap();
    (answer.status().as_u16(), String::from_utf8(answer.body().to_vec()).unwrap())
}

#[tokio::test]
async fn only_this_machine_moves_the_clock() {
    let pages = pages().await;
    let form = ("content-type", "application/x-www-form-urlencoded");
    assert_eq!(move_clock(&pages, &[], r#"{"advance": "19d"}"#).await.0, 200);
    assert_eq!(move_clock(&pages, &[form, ("origin", &pages.url)], "advance=1d12h").await.0, 303);
    let sent: Value = serde_json::from_str(&pages.get("/clock").await.2).unwrap();
    assert_eq!(sent["moved_by_seconds"], 20 * 86_400 + 43_200);
    let (_, _, index) = pages.get("/").await;
    assert!(index.contains("20 d 12 h ahead of this machine") && index.contains("$(date +%s) + 1771200"), "{index}");
    for origin in ["https://evil.example", "null", "http://127.0.0.1:1"] {
        assert_eq!(move_clock(&pages, &[form, ("origin", origin)], "advance=1d").await.0, 403, "{origin}");
    }
    for body in ["", "{}", r#"{"advance": "-1d"}"#, r#"{"advance": 5}"#, r#"{"to": "tomorrow"}"#, r#"{"back": "1d"}"#] {
        let (status, text) = move_clock(&pages, &[], body).await;
        assert!(status == 400 && text.contains("19d"), "{body}: {status} {text}");
    }
    assert_eq!(
        move_clock(&pages, &[], r#"{"to": "2020-01-01T00:00:00Z"}"#).await,
        (409, "the clock goes forward alone.".to_owned())
    );
    assert_eq!(move_clock(&pages, &[], r#"{"advance": "3650d"}"#).await.0, 409);
    assert_eq!(move_clock(&pages, &[], &" ".repeat(2048)).await.0, 413);
    assert!(pages.get("/clock").await.2.contains("\"moved_by_seconds\":1771200"));
}

impl Pages {
    /// Posts a body with these headers. Status, where it leads, and the answer.
    async fn post(&self, path: &str, headers: &[(&str, &str)], body: &[u8]) -> (u16, String, String) {
        let mut request = http::Request::post(format!("{}{path}", self.url));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let answer = http_call(request.body(Body::from(body.to_vec())).unwrap()).await.unwrap();
        let (head, answer) = answer.into_parts();
        let place = head.headers.get("location").map_or("", |place| place.to_str().unwrap()).to_owned();
        (head.status.as_u16(), place, String::from_utf8(answer.to_vec()).unwrap())
    }

    /// The objects that came in, as text.
    fn received(&self) -> Vec<String> {
        let objects = self.s3.objects("b").unwrap();
        let received = self.ses.received();
        received.iter().map(|mail| String::from_utf8_lossy(&objects[&mail.object]).into_owned()).collect()
    }
}

/// A form with files, as a browser sends it.
fn form(fields: &[(&str, Option<&str>, &str)]) -> Vec<u8> {
    let part = |(name, file, value): &(&str, Option<&str>, &str)| {
        let file = file.map(|file| format!("; filename=\"{file}\"\r\nContent-Type: image/png")).unwrap_or_default();
        format!("--x\r\nContent-Disposition: form-data; name=\"{name}\"{file}\r\n\r\n{value}\r\n")
    };
    format!("{}--x--\r\n", fields.iter().map(part).collect::<String>()).into_bytes()
}

const FORM: (&str, &str) = ("content-type", "multipart/form-data; boundary=x");
const RAW: (&str, &str) = ("content-type", "message/rfc822");

#[tokio::test]
async fn a_raw_message_is_received_with_the_verdicts_of_the_query() {
    let pages = pages().await;
    let raw = b"From: u@example.com\r\nTo: cases+t@recourse.example\r\nSubject: Hi\r\n\r\nHello\r\n";
    let (status, _, answer) = pages.post("/inbox/receive?spam=fail&dmarc=gray&from=", &[RAW], raw).await;
    let answer: Value = serde_json::from_str(&answer).unwrap();
    let received: Value = serde_json::from_str(&pages.get("/inbox/received.json").await.2).unwrap();
    assert_eq!((status, &answer["object"], &received[0]["subject"]), (202, &received[0]["object"], &json!("Hi")));
    let object = pages.received().remove(0);
    assert!(object.starts_with("Return-Path: <>\r\n") && object.contains("X-SES-Spam-Verdict: FAIL\r\n"), "{object}");
    assert!(pages.get("/inbox").await.2.contains(answer["object"].as_str().unwrap()));

    for (path, body, status, text) in [
        ("/inbox/receive", &b"To: other@recourse.example\r\n\r\n"[..], 422, "550 5.1.1"),
        ("/inbox/receive?dmarc=maybe", raw, 400, "pass, fail or gray"),
        ("/inbox/receive?as=spam", raw, 400, "pass, fail or gray"),
        ("/inbox/receive?to=nobody", raw, 400, "501 5.1.3"),
    ] {
        let (got, _, answer) = pages.post(path, &[RAW], body).await;
        assert!(got == status && answer.contains(text), "{path}: {got} {answer}");
    }
    let large = vec![b'x'; crate::ses::MAX_MAIL + 1];
    let (status, _, answer) = pages.post("/inbox/receive?to=cases@recourse.example", &[RAW], &large).await;
    assert!(status == 413 && answer.starts_with("552 5.3.4"), "{status} {answer}");
    let (status, _, _) = pages.post("/inbox/receive", &[RAW, ("origin", "https://evil.example")], raw).await;
    assert_eq!((status, pages.received().len()), (403, 1));
}

#[tokio::test]
async fn a_mail_can_be_handed_in_as_a_file() {
    let pages = pages().await;
    let mail = form(&[("mail", Some("a.eml"), "To: cases@recourse.example\r\n\r\nHello")]);
    assert_eq!(pages.post("/inbox/receive", &[FORM], &mail).await.0, 303);
    assert!(pages.received()[0].ends_with("To: cases@recourse.example\r\n\r\nHello"));
    assert_eq!(pages.post("/inbox/receive", &[FORM], &form(&[("other", None, "")])).await.0, 400);
    assert_eq!(pages.post("/inbox/receive", &[FORM], b"--x").await.0, 400);
}

#[tokio::test]
async fn the_customer_replies_on_the_page_of_a_mail() {
    let pages = pages().await;
    pages.send("Ours", Some("as text"), None).await;
    let id = pages.ses.mails()[0].message_id.clone();
    let (_, _, page) = pages.get(&format!("/inbox/{id}")).await;
    for shown in [
        "Reply as the customer",
        "enctype=\"multipart/form-data\"",
        "value=\"user@example.com\"",
        "<option value=\"ops@example.com\">",
        "<label for=\"files\">",
    ] {
        assert!(page.contains(shown), "{shown}: {page}");
    }
    let path = format!("/inbox/{id}/reply");
    let sent = form(&[
        ("from", None, "ops@example.com"),
        ("text", None, "See"),
        ("files", Some("a.png"), "PNG"),
        ("files", Some(""), ""),
    ]);
    let (status, place, _) = pages.post(&path, &[FORM, ("origin", &pages.url)], &sent).await;
    assert_eq!((status, place), (303, format!("/inbox/{id}#replies")));
    let reply = pages.received().remove(0);
    for line in [
        "Return-Path: <ops@example.com>\r\n",
        "To: cases@recourse.example\r\n",
        "Subject: Re: Ours\r\n",
        &format!("In-Reply-To: <{id}@email.amazonses.com>\r\n"),
        "filename=\"a.png\"\r\n\r\nUE5H\r\n",
    ] {
        assert!(reply.contains(line), "{line}: {reply}");
    }
    assert_eq!(reply.matches("Content-Disposition").count(), 1, "a file that was not chosen is none");
    assert!(pages.get(&format!("/inbox/{id}")).await.2.contains(&pages.ses.received()[0].object));

    assert_eq!(pages.post(&path, &[FORM], &form(&[("text", None, " ")])).await.0, 400);
    assert_eq!(pages.post(&path, &[FORM], &form(&[("bcc", None, "x")])).await.0, 400);
    assert_eq!(pages.post(&path, &[RAW], &sent).await.0, 400);
    assert_eq!(pages.post("/inbox/none/reply", &[FORM], &sent).await.0, 404);
    assert_eq!(pages.post(&path, &[FORM, ("origin", "null")], &sent).await.0, 403);
    assert_eq!(pages.received().len(), 1);
}

#[tokio::test]
async fn what_the_provider_answers_is_chosen_on_the_start_page() {
    let pages = pages().await;
    let (_, _, page) = pages.get("/").await;
    assert!(page.contains("action=\"/provider/50001\"") && !page.contains("action=\"/provider/50003\""), "{page}");
    let chosen = ("content-type", "application/x-www-form-urlencoded");
    let (status, place, _) = pages.post("/provider/50001", &[chosen], b"answer=delivered&evidence=Used").await;
    assert_eq!((status, place.as_str()), (303, "/#provider"));
    assert!(pages.get("/").await.2.contains("<option value=\"delivered\" selected>"));
    // As curl sends JSON that nobody gave a type.
    let (status, _, answer) =
        pages.post("/provider/50001", &[chosen], br#"{"state":"failed","reference":"R-1"}"#).await;
    assert_eq!((status, answer.as_str()), (200, r#"{"state":"failed","reference":"R-1"}"#));
    let shown = pages.get("/provider/50001").await.2;
    assert_eq!(shown, r#"{"answer":{"state":"failed","reference":"R-1"},"questions":[]}"#);
    for wrong in [&b"answer=lost"[..], b"", b"[", br#"{"state":"lost"}"#] {
        assert_eq!(pages.post("/provider/50001", &[], wrong).await.0, 400, "{wrong:?}");
    }
    assert_eq!(
        pages.post("/provider/50001", &[chosen, ("origin", "https://evil.example")], b"answer=failed").await.0,
        403
    );
    assert_eq!(pages.post("/provider", &[], br#"{"data":{"trxid":"50001"}}"#).await.0, 401);
    assert!(pages.provider.questions("50001").is_empty());
}

/// Rules of axe that a form can break: each field has a name, and each id is there once.
#[tokio::test]
async fn every_field_of_a_page_has_a_label_and_every_id_is_unique() {
    let pages = pages().await;
    pages.send("Ours", Some("as text"), Some("<p>as html</p>")).await;
    let mail = format!("/inbox/{}", pages.ses.mails()[0].message_id);
    for path in ["/", "/inbox", &mail] {
        let (_, _, page) = pages.get(path).await;
        let ids: Vec<&str> = page.split(" id=\"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
        let unique: std::collections::BTreeSet<&&str> = ids.iter().collect();
        assert_eq!(ids.len(), unique.len(), "{path}: {ids:?}");
        for tag in ["<input ", "<select ", "<textarea "] {
            for field in page.split(tag).skip(1).filter_map(|rest| rest.split('>').next()) {
                let id = field.split("id=\"").nth(1).and_then(|rest| rest.split('"').next());
                let is_labelled = id.is_some_and(|id| page.contains(&format!("<label for=\"{id}\">")));
                assert!(is_labelled || field.contains("aria-label=\""), "{path}: {tag}{field}");
            }
        }
        for table in page.split("<div class=\"card scroll\"").skip(1).filter_map(|rest| rest.split('>').next()) {
            let is_reachable =
                ["tabindex=\"0\"", "role=\"region\"", "aria-label=\""].iter().all(|part| table.contains(part));
            assert!(is_reachable, "{path}: {table}");
        }
    }
}
