//! What a receiver of events gets, and what it may do.

use std::time::Instant;

use super::server::{Act, raw};
use super::*;

const BODY: &str = r#"{"id":"evt_551_2","type":"dispute.decided"}"#;

fn other_secret() -> Secret {
    webhook::parse_secret(&webhook::portable_secret(&[7; 30]).unwrap()).unwrap()
}

#[tokio::test]
async fn an_event_is_signed_under_each_secret() {
    let authority = Authority::new();
    let server = Server::start(&authority, |_| http("204 No Content", "")).await;
    let message = Message { id: "evt_551_2", body: BODY };
    let url = server.url("localhost", "/hooks?tenant=1");
    let answer = client(&authority).post(&url, &[other_secret(), secret()], message, NOW).await.unwrap();
    assert_eq!((answer.status, answer.body.as_slice()), (204, &b""[..]));
    let requests = server.requests();
    let [request] = requests.as_slice() else { panic!("{requests:?}") };
    assert_eq!(request.line, "POST /hooks?tenant=1 HTTP/1.1");
    assert_eq!((request.header("content-type"), request.body.as_str()), ("application/json", BODY));
    let (id, time, signatures) =
        (request.header("webhook-id"), request.header("webhook-timestamp"), request.header("webhook-signature"));
    assert_eq!((id, time, signatures.split(' ').count()), ("evt_551_2", "1780000123", 2));
    for secret in [secret(), other_secret()] {
        assert_eq!(webhook::verify(&secret, id, time, BODY.as_bytes(), signatures), Ok(()));
    }
}

#[tokio::test]
async fn every_status_is_an_answer_and_no_redirect_is_followed() {
    let authority = Authority::new();
    let target = Server::start(&authority, |_| http("200 OK", "")).await;
    let location = target.url("localhost", "/");
    for (status, number) in [("200 OK", 200), ("302 Found", 302), ("410 Gone", 410), ("503 Service Unavailable", 503)] {
        let head =
            format!("HTTP/1.1 {status}\r\nlocation: {location}\r\nretry-after: 120\r\ncontent-length: 2\r\n\r\nok");
        let server = Server::start(&authority, move |_| vec![raw(&head)]).await;
        let answer = posted(&client(&authority), &server.url("localhost", "/")).await.unwrap();
        assert_eq!((answer.status, answer.body.as_slice()), (number, &b"ok"[..]));
        assert_eq!(answer.retry_after.as_deref(), Some("120"));
    }
    assert_eq!(target.connections(), 0);
}

#[tokio::test]
async fn of_a_long_body_the_beginning_is_read() {
    let authority = Authority::new();
    let answers: [fn(&server::Received) -> Vec<Act>; 2] = [
        |_| vec![raw("HTTP/1.1 200 OK\r\ncontent-length: 4000000\r\n\r\n"), Act::Repeat(vec![b'x'; 1000], 4000)],
        |_| vec![raw("HTTP/1.1 200 OK\r\n\r\n"), Act::Repeat(vec![b'x'; 1000], 4000), Act::HalfClose],
    ];
    for answer in answers {
        let server = Server::start(&authority, answer).await;
        let answer = posted(&client(&authority), &server.url("localhost", "/")).await.unwrap();
        assert_eq!((answer.status, answer.body.len()), (200, 65_536));
    }
    // One that breaks off is an answer, too.
    let server =
        Server::start(&authority, |_| vec![raw("HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nfour"), Act::HalfClose]);
    let answer = posted(&client(&authority), &server.await.url("localhost", "/")).await.unwrap();
    assert_eq!((answer.status, answer.body.as_slice()), (200, &b"four"[..]));
}

#[tokio::test]
async fn a_receiver_that_hangs_is_left() {
    let authority = Authority::new();
    let begun = Instant::now();
    for acts in [
        vec![Act::Wait(Duration::from_secs(20))],
        vec![raw("HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nfour"), Act::Wait(Duration::from_secs(20))],
    ] {
        let server = Server::start(&authority, move |_| acts.clone()).await;
        let answer = posted(&client(&authority), &server.url("localhost", "/")).await;
        assert_eq!(answer, Err(ProviderError::Late));
    }
    assert!(begun.elapsed() < Duration::from_secs(12));
}

#[tokio::test]
async fn what_cannot_be_signed_opens_no_connection() {
    let authority = Authority::new();
    let server = Server::start(&authority, |_| http("200 OK", "")).await;
    let (client, url) = (client(&authority), server.url("localhost", "/"));
    let long = "x".repeat(70_000);
    for (secrets, message) in [
        (vec![], Message { id: "evt_1_1", body: "{}" }),
        (vec![secret()], Message { id: "evt.1", body: "{}" }),
        (vec![secret()], Message { id: "evt\r\nx", body: "{}" }),
        (vec![secret()], Message { id: "evt_1_1", body: &long }),
    ] {
        assert_eq!(client.post(&url, &secrets, message, NOW).await, Err(ProviderError::Unsendable));
    }
    assert_eq!(server.connections(), 0);
}

#[tokio::test]
async fn plain_http_is_for_receivers_on_this_machine_and_the_local_cloud_alone() {
    let authority = Authority::new();
    let server = Server::start_plain(|_| http("200 OK", "")).await;
    let url = format!("http://127.0.0.1:{}/hooks", server.port());
    assert_eq!(posted(&client(&authority), &url).await, Err(ProviderError::BadUrl));

    #[cfg(debug_assertions)]
    {
        let local = Client::with(RootCertStore::empty(), Local::machine(true), Rules::default()).unwrap();
        for host in ["127.0.0.1", "localhost"] {
            let answer = posted(&local, &format!("http://{host}:{}/hooks", server.port())).await;
            assert_eq!(answer.unwrap().status, 200, "{host}");
        }
        for url in ["http://192.168.0.1/", "http://client.example/", "http://8.8.8.8/"] {
            assert_eq!(posted(&local, url).await, Err(ProviderError::BadUrl), "{url}");
        }
        assert_eq!(posted(&local, "https://127.0.0.1:1/").await, Err(ProviderError::PrivateAddress));
    }
}
