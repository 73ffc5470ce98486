//! Against real servers on loopback, with certificates of an authority that the tests make.

mod addresses;
mod answers;
mod deliveries;
mod server;

use recourse_dispute::time::UnixMillis;
use recourse_signing::{Secret, webhook};
use recourse_support::case::Kind;
use recourse_support::event::{ProviderAnswer, ProviderState};

use super::*;
use server::{Authority, Server, http};

const NOW: UnixMillis = UnixMillis(1_780_000_123_456);
const DELIVERED: &str = r#"{"state":"delivered","reference":"REF-1","evidence":"Sent","retry_after_s":null}"#;

fn secret() -> Secret {
    webhook::parse_secret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").unwrap()
}

fn question() -> ProviderQuestion {
    ProviderQuestion {
        case: "RC-4fQ9zLk2".to_owned(),
        work: 3,
        asked_at: UnixMillis(1_780_000_000_000),
        trxid: "50001".to_owned(),
        refid: "123456".to_owned(),
        product: Some("Steam\nWallet 50".to_owned()),
        kind: Kind::Voucher,
        amount: "50.00".to_owned(),
        currency: "MYR".to_owned(),
        occurred_at: UnixMillis(1_779_000_000_000),
    }
}

fn delivered() -> ProviderAnswer {
    ProviderAnswer::new(ProviderState::Delivered, Some("REF-1"), Some("Sent"), None)
}

/// A client that trusts the authority, may connect to loopback, and has little patience.
fn client(authority: &Authority) -> Client {
    let rules = Rules {
        is_allowed: |address| address.is_loopback(),
        connect: Duration::from_secs(2),
        whole: Duration::from_secs(4),
    };
    Client::with(authority.roots(), Local::default(), rules).unwrap()
}

async fn asked(client: &Client, url: &str) -> Result<ProviderAnswer, ProviderError> {
    client.ask(url, &secret(), &question(), NOW).await
}

async fn posted(client: &Client, url: &str) -> Result<Answer, ProviderError> {
    client.post(url, &[secret()], Message { id: "evt_551_2", body: "{}" }, NOW).await
}

#[tokio::test]
async fn a_provider_gets_a_signed_question_and_its_answer_is_read() {
    let authority = Authority::new();
    let server = Server::start(&authority, |_| http("200 OK", DELIVERED)).await;
    // By name, and by address.
    for host in ["localhost", "127.0.0.1"] {
        let url = server.url(host, "/provider/ask?tenant=1");
        assert_eq!(asked(&client(&authority), &url).await, Ok(delivered()), "{host}");
    }
    let requests = server.requests();
    assert_eq!(requests.len(), 2);
    let request = &requests[0];
    assert_eq!(request.line, "POST /provider/ask?tenant=1 HTTP/1.1");
    assert_eq!(request.header("host"), format!("localhost:{}", server.port()));
    assert_eq!(request.header("content-type"), "application/json");
    assert_eq!(request.header("user-agent"), "Recourse");
    assert_eq!(request.header("webhook-id"), "ask_RC-4fQ9zLk2_3");
    assert_eq!(request.header("webhook-timestamp"), "1780000123");
    let (id, time) = (request.header("webhook-id"), request.header("webhook-timestamp"));
    let signature = request.header("webhook-signature");
    assert_eq!(webhook::verify(&secret(), id, time, request.body.as_bytes(), signature), Ok(()));
    assert_eq!(
        request.body,
        r#"{"type":"transaction.state","timestamp":"2026-05-28T20:26:40Z","data":{"case":"RC-4fQ9zLk2","trxid":"50001","refid":"123456","product":"Steam Wallet 50","kind":"voucher","amount":"50.00","currency":"MYR","occurred_at":"2026-05-17T06:40:00Z"}}"#
    );
}

#[tokio::test]
async fn a_question_that_cannot_be_sent_opens_no_connection() {
    let authority = Authority::new();
    let server = Server::start(&authority, |_| http("200 OK", DELIVERED)).await;
    let client = client(&authority);
    let long = ProviderQuestion { refid: "9".repeat(9_000), ..question() };
    let split = ProviderQuestion { case: "RC-1\r\nx: y".to_owned(), ..question() };
    let dotted = ProviderQuestion { case: "RC-1.2".to_owned(), ..question() };
    for question in [long, split, dotted] {
        let answer = client.ask(&server.url("localhost", "/"), &secret(), &question, NOW).await;
        assert_eq!(answer, Err(ProviderError::Unsendable));
    }
    assert_eq!(server.connections(), 0);
}

#[tokio::test]
async fn only_a_trusted_certificate_of_that_name_is_accepted() {
    let (authority, stranger) = (Authority::new(), Authority::new());
    let server = Server::start(&authority, |_| http("200 OK", DELIVERED)).await;
    let url = server.url("localhost", "/");
    assert_eq!(asked(&client(&stranger), &url).await, Err(ProviderError::Untrusted));
    // Mozilla's roots do not know the authority, either.
    let public = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
    let public = Client::with(public, Local::default(), client(&authority).rules).unwrap();
    assert_eq!(asked(&public, &url).await, Err(ProviderError::Untrusted));
    // A certificate of another name, and one that is over.
    let other = Server::start_as(&authority, &["provider.example"], false, |_| http("200 OK", DELIVERED)).await;
    assert_eq!(asked(&client(&authority), &other.url("localhost", "/")).await, Err(ProviderError::Untrusted));
    let expired = Server::start_as(&authority, &["localhost"], true, |_| http("200 OK", DELIVERED)).await;
    assert_eq!(asked(&client(&authority), &expired.url("localhost", "/")).await, Err(ProviderError::Untrusted));
    for server in [server, other, expired] {
        assert!(server.requests().is_empty(), "nothing is sent before the certificate is accepted");
    }
}

#[tokio::test]
async fn plain_http_is_for_the_origin_of_the_local_cloud_alone() {
    let authority = Authority::new();
    let server = Server::start_plain(|_| http("200 OK", DELIVERED)).await;
    let origin = format!("http://127.0.0.1:{}", server.port());
    let url = format!("{origin}/provider");
    assert_eq!(asked(&client(&authority), &url).await, Err(ProviderError::BadUrl));

    #[cfg(debug_assertions)]
    {
        // The real rules, under which loopback is refused.
        let with = |local: &str| {
            let public = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
            Client::with(public, Local::of(Some(local)), Rules::default()).unwrap()
        };
        assert_eq!(asked(&with(&origin), &url).await, Ok(delivered()));
        let here = format!("http://localhost:{}/provider", server.port());
        let other_port = format!("http://127.0.0.1:{}/provider", server.port() ^ 1);
        for (local, url) in [
            (origin.as_str(), here.as_str()),
            (&origin, &other_port),
            (&format!("http://localhost:{}", server.port()), &here),
            (&format!("https://127.0.0.1:{}", server.port()), &url),
            ("http://192.168.0.1", "http://192.168.0.1/provider"),
            ("http://8.8.8.8", "http://8.8.8.8/provider"),
            ("", &url),
        ] {
            assert_eq!(asked(&with(local), url).await, Err(ProviderError::BadUrl), "{local} {url}");
        }
        let secure = format!("https://127.0.0.1:{}/provider", server.port());
        assert_eq!(asked(&with(&origin), &secure).await, Err(ProviderError::PrivateAddress));
        assert_eq!(server.connections(), 1);
    }
}

#[tokio::test]
async fn any_other_request_is_sent_under_the_same_rules() {
    let authority = Authority::new();
    let server = Server::start(&authority, |request| match request.line.split(' ').nth(1) {
        Some("/no") => http("400 Bad Request", "no"),
        Some("/away") => http("302 Found", ""),
        _ => http("200 OK", "yes"),
    })
    .await;
    let (client, private) = (client(&authority), Client::new().unwrap());
    let request = |url: String| Request::post(url).header(HOST, "evil.example").body(b"a=1".to_vec()).unwrap();
    let fetched = async |path: &str| {
        let answer = client.fetch(request(server.url("localhost", path))).await;
        answer.map(|answer| (answer.status().as_u16(), answer.into_body()))
    };
    assert_eq!(fetched("/token?x=1").await, Ok((200, b"yes".to_vec())));
    assert_eq!(fetched("/no").await, Ok((400, b"no".to_vec())));
    assert_eq!(fetched("/away").await, Err(ProviderError::Status(302)));
    let requests = server.requests();
    assert_eq!((requests.len(), requests[0].line.as_str()), (3, "POST /token?x=1 HTTP/1.1"));
    assert_eq!(requests[0].header("host"), format!("localhost:{}", server.port()));
    assert_eq!((requests[0].header("user-agent"), requests[0].body.as_str()), ("Recourse", "a=1"));
    let refused = private.fetch(request(server.url("localhost", "/"))).await;
    assert_eq!(refused.map(|answer| answer.status()), Err(ProviderError::PrivateAddress));
    let plain = client.fetch(request(format!("http://localhost:{}/", server.port()))).await;
    assert_eq!(plain.map(|answer| answer.status()), Err(ProviderError::BadUrl));
    assert_eq!(server.requests().len(), 3);
    assert!(private.takes("https://id.example/keys") && !private.takes("http://id.example/keys"));
}
