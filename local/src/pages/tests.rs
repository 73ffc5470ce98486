//! The pages over HTTP, with a hostile mail in the inbox.

use axum::body::to_bytes;
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use serde_json::{Value, json};
use tokio::net::TcpListener;

use super::*;

const HOSTILE: &str = "\"><script>alert(1)</script><img src=x onerror='alert(2)'>";

struct Pages {
    url: String,
    ses: Ses,
    folder: tempfile::TempDir,
}

async fn pages() -> Pages {
    let ses = Ses::start(vec!["recourse.example".to_owned()], None).await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let state = PagesState {
        url: url.clone(),
        ses: ses.clone(),
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
                "merchant_id": null, "domain_code": null, "users": [], "configuration": null,
                "keys": [
                    {"id": "platform_key", "secret": "cGxhdGZvcm0=", "role": "platform"},
                    {"id": "client_key", "secret": "Y2xpZW50", "role": "client"},
                ],
            }],
            "transactions": [{"trxid": "50001", "refid": "123456", "account": "acct_demo", "status": "Succesful"}],
        })),
        demo_store: DemoStore::default(),
        clock: Clock::open(None).unwrap(),
    };
    tokio::spawn(async move { axum::serve(listener, routes(state)).await });
    Pages { url, ses, folder }
}

impl Pages {
    async fn get(&self, path: &str) -> (u16, HeaderMap, String) {
        let uri = format!("{}{path}", self.url).parse().unwrap();
        let client: Client<_, Body> = Client::builder(TokioExecutor::new()).build_http();
        let answer = client.get(uri).await.unwrap();
        let (head, body) = answer.into_parts();
        let body = to_bytes(Body::new(body), 1 << 20).await.unwrap();
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
        let answer = Client::builder(TokioExecutor::new()).build_http().request(request).await.unwrap();
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
    let client: Client<_, Body> = Client::builder(TokioExecutor::new()).build_http();
    let answer = client.request(request.body(Body::from(body.to_owned())).unwrap()).await.unwrap();
    let (head, body) = answer.into_parts();
    (head.status.as_u16(), String::from_utf8(to_bytes(Body::new(body), 1 << 20).await.unwrap().to_vec()).unwrap())
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
