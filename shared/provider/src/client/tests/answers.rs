//! What a provider may do to the worker that asks it.

use std::time::Instant;

use super::server::{Act, raw};
use super::*;

type Answering = fn(&server::Received) -> Vec<Act>;

/// Starts a server with that answer and asks it.
async fn answered(answer: Answering) -> (Result<ProviderAnswer, ProviderError>, Server) {
    let authority = Authority::new();
    let server = Server::start(&authority, answer).await;
    let answer = asked(&client(&authority), &server.url("localhost", "/")).await;
    (answer, server)
}

const HEAD: &str = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n";

#[tokio::test]
async fn the_forms_of_a_good_answer() {
    let forms: [Answering; 8] = [
        |_| http("200 OK", DELIVERED),
        // In chunks, with an extension and a trailer.
        |_| {
            vec![
                raw(HEAD),
                raw("transfer-encoding: chunked\r\n\r\n"),
                raw(&chunked(DELIVERED)),
                raw("0\r\nx: y\r\n\r\n"),
            ]
        },
        // Until the connection ends in order.
        |_| vec![raw(HEAD), raw("connection: close\r\n\r\n"), raw(DELIVERED), Act::HalfClose],
        // Half-closed at once, while the client's side is open.
        |_| [http("200 OK", DELIVERED), vec![Act::HalfClose, Act::Wait(Duration::from_secs(20))]].concat(),
        // An interim answer first.
        |_| [vec![raw("HTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\n")], http("200 OK", DELIVERED)].concat(),
        // Slowly, but in time.
        |_| vec![raw(HEAD), Act::Wait(Duration::from_millis(200)), raw(&length(DELIVERED)), raw(DELIVERED)],
        // The connection stays open afterwards.
        |_| [http("200 OK", DELIVERED), vec![Act::Wait(Duration::from_secs(20))]].concat(),
        // HTTP/1.0 with a byte order mark and members that are not known.
        |_| vec![raw("HTTP/1.0 200 OK\r\n\r\n"), raw("\u{feff}"), raw(&with_more(DELIVERED)), Act::HalfClose],
    ];
    for (at, form) in forms.into_iter().enumerate() {
        let begun = Instant::now();
        assert_eq!(answered(form).await.0, Ok(delivered()), "form {at}");
        assert!(begun.elapsed() < Duration::from_millis(3500), "form {at} waits for nothing");
    }
}

fn chunked(text: &str) -> String {
    format!("{:x};name=value\r\n{text}\r\n", text.len())
}

fn length(body: &str) -> String {
    format!("content-length: {}\r\n\r\n", body.len())
}

fn with_more(body: &str) -> String {
    body.replace('}', r#","more":{"state":["failed",1.5]}}"#)
}

#[tokio::test]
async fn no_redirect_and_no_other_status() {
    for (status, code) in [
        ("201 Created", 201),
        ("204 No Content", 204),
        ("400 Bad Request", 400),
        ("404 Not Found", 404),
        ("410 Gone", 410),
        ("429 Too Many Requests", 429),
        ("500 Oops", 500),
        ("599 Own", 599),
    ] {
        let authority = Authority::new();
        let server = Server::start(&authority, move |_| http(status, DELIVERED)).await;
        let url = server.url("localhost", "/");
        assert_eq!(asked(&client(&authority), &url).await, Err(ProviderError::Status(code)), "{status}");
        assert_eq!(server.requests().len(), 1, "nothing is sent again");
    }
    // To itself, so that a client which follows would ask again.
    let redirects: [Answering; 4] = [
        |request| redirect("301 Moved Permanently", request),
        |request| redirect("302 Found", request),
        |request| redirect("307 Temporary Redirect", request),
        |request| redirect("308 Permanent Redirect", request),
    ];
    for (redirects, code) in redirects.into_iter().zip([301, 302, 307, 308]) {
        let (answer, server) = answered(redirects).await;
        assert_eq!((answer, server.requests().len()), (Err(ProviderError::Status(code)), 1));
    }
}

fn redirect(status: &str, request: &server::Received) -> Vec<Act> {
    let host = request.header("host");
    vec![raw(&format!("HTTP/1.1 {status}\r\nlocation: https://{host}/next\r\ncontent-length: 0\r\n\r\n"))]
}

#[tokio::test]
async fn what_is_too_large_is_not_read_to_its_end() {
    let large: [(&str, Answering); 6] = [
        ("a body of 64 KB and a byte", |_| http("200 OK", &padded(65_537))),
        ("a body of a gigabyte", |_| {
            vec![raw(HEAD), raw("content-length: 1073741824\r\n\r\n"), Act::Repeat(vec![b' '; 65_536], 16_384)]
        }),
        ("chunks without end", |_| {
            vec![raw(HEAD), raw("transfer-encoding: chunked\r\n\r\n"), Act::Repeat(b"1\r\n \r\n".repeat(1000), 1 << 16)]
        }),
        ("a header without end", |_| vec![raw(HEAD), raw("x: "), Act::Repeat(vec![b'x'; 65_536], 16_384)]),
        ("headers without end", |_| vec![raw(HEAD), Act::Repeat(b"x: y\r\n".repeat(1000), 1 << 16)]),
        ("a header block of more than 16 KB", |_| {
            vec![raw(HEAD), raw(&format!("x: {}\r\n", "x".repeat(16_384))), raw(&length(DELIVERED)), raw(DELIVERED)]
        }),
    ];
    for (name, acts) in large {
        assert_eq!(answered(acts).await.0, Err(ProviderError::TooLarge), "{name}");
    }
    // The limit itself is fine, for the client.
    let (answer, _) = answered(|_| http("200 OK", &padded(65_536))).await;
    assert!(answer == Ok(delivered()) || answer == Err(ProviderError::Malformed), "{answer:?}");
    let (answer, _) = answered(|_| http("200 OK", &padded(16_384))).await;
    assert_eq!(answer, Ok(delivered()));
}

/// A good answer with spaces after it.
fn padded(bytes: usize) -> String {
    format!("{DELIVERED}{}", " ".repeat(bytes - DELIVERED.len()))
}

#[tokio::test]
async fn what_is_slow_is_late() {
    let slow: [(&str, Answering); 5] = [
        ("nothing", |_| vec![Act::Wait(Duration::from_secs(20))]),
        ("a head that does not end", |_| vec![raw(HEAD), Act::Wait(Duration::from_secs(20))]),
        ("a body that does not end", |_| {
            vec![raw(HEAD), raw(&length(DELIVERED)), raw("{"), Act::Wait(Duration::from_secs(20))]
        }),
        ("a byte now and then", |_| {
            let byte = [raw(" "), Act::Wait(Duration::from_millis(50))];
            [vec![raw(HEAD), raw("content-length: 60000\r\n\r\n")], vec![byte; 200].concat()].concat()
        }),
        ("interim answers without end", |_| {
            let interim = [raw("HTTP/1.1 102 Processing\r\n\r\n"), Act::Wait(Duration::from_millis(20))];
            vec![interim; 500].concat()
        }),
    ];
    for (name, acts) in slow {
        let begun = Instant::now();
        assert_eq!(answered(acts).await.0, Err(ProviderError::Late), "{name}");
        let took = begun.elapsed();
        assert!((3900..7000).contains(&took.as_millis()), "{name}: {took:?}");
    }
}

#[tokio::test]
async fn what_breaks_off_is_no_answer() {
    let broken: [(&str, Answering); 5] = [
        ("nothing at all", |_| vec![]),
        ("half a head", |_| vec![raw("HTTP/1.1 200 O"), Act::HalfClose]),
        ("half a body by its length", |_| vec![raw(HEAD), raw(&length(DELIVERED)), raw("{\"state\":"), Act::HalfClose]),
        ("half a chunk", |_| vec![raw(HEAD), raw("transfer-encoding: chunked\r\n\r\n20\r\n{"), Act::HalfClose]),
        // Without a length, only TLS tells that it was cut: there is no `close_notify`.
        ("a body that was cut", |_| vec![raw(HEAD), raw("connection: close\r\n\r\n"), raw(DELIVERED)]),
    ];
    for (name, acts) in broken {
        assert_eq!(answered(acts).await.0, Err(ProviderError::Broken), "{name}");
    }
}

#[tokio::test]
async fn what_is_no_http_or_no_answer_is_refused() {
    let no_http: [Answering; 6] = [
        |_| vec![raw("SSH-2.0-OpenSSH_9.6\r\n\r\n")],
        |_| vec![raw("HTTP/9.9 200 OK\r\n\r\n")],
        |_| vec![raw("HTTP/1.1 2000 OK\r\n\r\n")],
        |_| vec![raw("HTTP/1.1 200 OK\r\ncontent-length: -1\r\n\r\n")],
        |_| vec![raw("HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\n{}")],
        |_| vec![Act::Send(vec![0, 0, 18, 4, 0, 0, 0, 0, 0, 0, 3, 0, 0, 0, 100, 0, 4, 0, 16, 0, 0, b'\n', b'\n'])],
    ];
    for (at, acts) in no_http.into_iter().enumerate() {
        assert_eq!(answered(acts).await.0, Err(ProviderError::NoHttp), "{at}");
    }
    let malformed: [Answering; 9] = [
        |_| http("200 OK", ""),
        |_| http("200 OK", "delivered"),
        |_| http("200 OK", "[]"),
        |_| http("200 OK", "{}"),
        |_| http("200 OK", r#"{"state":"Delivered"}"#),
        |_| http("200 OK", r#"{"state":"failed","state":"delivered"}"#),
        |_| http("200 OK", r#"{"state":"pending","retry_after_s":-1}"#),
        |_| http("200 OK", &"[".repeat(10_000)),
        |_| [vec![raw(HEAD), raw("content-length: 2\r\n\r\n")], vec![Act::Send(vec![0xff, 0xfe])]].concat(),
    ];
    for (at, acts) in malformed.into_iter().enumerate() {
        assert_eq!(answered(acts).await.0, Err(ProviderError::Malformed), "{at}");
    }
}

#[tokio::test]
async fn a_port_without_tls_or_without_a_server() {
    let authority = Authority::new();
    let plain = Server::start_plain(|_| http("200 OK", DELIVERED)).await;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let silent = listener.local_addr().unwrap().port();
    let closed = {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        listener.local_addr().unwrap().port()
    };
    let client = client(&authority);
    // The silent one accepts connections and says nothing: the time for connections ends.
    let begun = Instant::now();
    let url = |port: u16| format!("https://127.0.0.1:{port}/");
    assert_eq!(asked(&client, &url(silent)).await, Err(ProviderError::Unreachable));
    assert!((1900..3500).contains(&begun.elapsed().as_millis()));
    assert_eq!(asked(&client, &url(closed)).await, Err(ProviderError::Unreachable));
    // A plain server waits for the end of a head that never comes, as TLS is no HTTP.
    assert_eq!(asked(&client, &url(plain.port())).await, Err(ProviderError::Unreachable));
    assert_eq!(asked(&client, "https://no-such-host.invalid/").await, Err(ProviderError::NoSuchHost));
    assert!(plain.requests().is_empty());
}
