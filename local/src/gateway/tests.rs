//! The gateway over HTTP, in front of real processes.

use super::*;
use crate::log::LogSink;
use crate::testing::{lambda, specimen, until};
use axum::routing::get;
use http::{Request, StatusCode};
use hyper_util::client::legacy::{Client, connect::HttpConnector};
use hyper_util::rt::TokioExecutor;
use serde_json::{Value, json};

const LONG: Duration = Duration::from_secs(20);

struct Setup {
    gateway: Gateway,
    lambda: Lambda,
    log: LogSink,
    url: String,
    client: Client<HttpConnector, Body>,
}

impl Setup {
    async fn start(timeout: Duration, integration_timeout: Duration) -> Setup {
        let functions = [specimen("Specimen", timeout, &[], &[("POST", "/do"), ("PUT", "/t/{id}")])];
        let (lambda, log) = lambda(&functions);
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let pages = Router::new().route("/inbox", get(|| async { "the inbox" }));
        let (routes, gate) = (RouteTable::new(&functions), Gate::new(true));
        let clock = Clock::unmoved();
        let gateway = Gateway::start(listener, pages, routes, lambda.clone(), integration_timeout, gate, clock);
        let mut connector = HttpConnector::new();
        connector.set_nodelay(true);
        Setup { gateway, lambda, log, url, client: Client::builder(TokioExecutor::new()).build(connector) }
    }

    fn request(&self, method: &str, path: &str) -> http::request::Builder {
        Request::builder().method(method).uri(format!("{}{path}", self.url))
    }

    async fn send(&self, request: Request<Body>) -> (StatusCode, http::HeaderMap, Vec<u8>) {
        let (parts, body) = self.client.request(request).await.unwrap().into_parts();
        let body = body::read(Body::new(body), usize::MAX).await.unwrap();
        (parts.status, parts.headers, body.to_vec())
    }

    /// What the specimen does, by `POST /do`.
    async fn order(&self, order: Value) -> (u16, String) {
        let request =
            self.request("POST", "/do").header("content-type", "application/json").body(Body::from(order.to_string()));
        let (status, headers, body) = self.send(request.unwrap()).await;
        assert_eq!(headers["apigw-requestid"].len(), 16);
        (status.as_u16(), String::from_utf8(body).unwrap())
    }

    async fn stop(self) {
        self.lambda.stop().await;
        self.gateway.stop().await;
    }
}

#[tokio::test]
async fn a_request_becomes_an_event_and_its_answer_a_response() {
    let setup = Setup::start(LONG, LONG).await;
    let (status, body) = setup.order(json!({"do": "echo"})).await;
    let event = &serde_json::from_str::<Value>(&body).unwrap()["event"];
    assert_eq!((status, &event["routeKey"], &event["body"]), (200, &json!("POST /do"), &json!(r#"{"do":"echo"}"#)));
    assert_eq!(event["requestContext"]["http"]["sourceIp"], "127.0.0.1");

    let answer = json!({"statusCode": 418, "headers": {"x-tea": "yes"}, "body": "short and stout"});
    let (status, body) = setup.order(json!({"do": "answer", "answer": answer})).await;
    assert_eq!((status, body.as_str()), (418, "short and stout"));

    let request = setup.request("PUT", "/t/a%253Fb?x=1").body(Body::from("{}")).unwrap();
    let (_, _, body) = setup.send(request).await;
    let event = &serde_json::from_slice::<Value>(&body).unwrap()["event"];
    assert_eq!(
        (&event["pathParameters"], &event["body"], &event["isBase64Encoded"]),
        (&json!({"id": "a?b"}), &json!("e30="), &json!(true))
    );
    setup.stop().await;
}

#[tokio::test]
async fn pages_come_first_and_the_api_has_the_rest() {
    let setup = Setup::start(LONG, LONG).await;
    for (method, path, status, body) in [
        ("GET", "/inbox", 200, "the inbox"),
        ("POST", "/inbox", 404, r#"{"message":"Not Found"}"#),
        ("GET", "/do", 404, r#"{"message":"Not Found"}"#),
        ("POST", "/do/", 404, r#"{"message":"Not Found"}"#),
        ("PUT", "/t/", 404, r#"{"message":"Not Found"}"#),
        ("PUT", "/t/a%2Fb", 404, r#"{"message":"Not Found"}"#),
        ("PUT", "/t/100%25", 400, r#"{"message":"Bad Request"}"#),
    ] {
        let (answered, _, sent) = setup.send(setup.request(method, path).body(Body::empty()).unwrap()).await;
        assert_eq!((answered.as_u16(), String::from_utf8(sent).unwrap().as_str()), (status, body), "{method} {path}");
    }
    setup.stop().await;
}

#[tokio::test]
async fn every_failure_of_a_function_is_a_500() {
    let setup = Setup::start(Duration::from_secs(1), LONG).await;
    let failed = (500, r#"{"message":"Internal Server Error"}"#.to_owned());
    for order in [
        json!({"do": "fail"}),
        json!({"do": "exit", "code": 1}),
        json!({"do": "hang"}),
        json!({"do": "fill", "bytes": MAX_PAYLOAD}),
        json!({"do": "answer", "answer": {"statusCode": "ok"}}),
    ] {
        assert_eq!(setup.order(order.clone()).await, failed, "{order}");
    }
    assert!(setup.log.lines().iter().any(|line| line.text.contains("not of payload format 2.0")));
    setup.stop().await;
}

#[tokio::test]
async fn a_function_that_is_killed_is_a_500() {
    let setup = Setup::start(LONG, LONG).await;
    let kill = async {
        let busy = || setup.lambda.instances().into_iter().find(|i| i.state == crate::lambda::InstanceState::Busy);
        until("an instance is busy", || busy().is_some()).await;
        setup.lambda.kill(busy().unwrap().pid)
    };
    let (answer, _) = tokio::join!(setup.order(json!({"do": "hang"})), kill);
    assert_eq!(answer, (500, r#"{"message":"Internal Server Error"}"#.to_owned()));
    assert_eq!(setup.order(json!({})).await.0, 200);
    setup.stop().await;
}

#[tokio::test]
async fn a_function_that_takes_too_long_is_a_503_and_goes_on() {
    let setup = Setup::start(LONG, Duration::from_millis(300)).await;
    setup.order(json!({})).await;
    let (status, body) = setup.order(json!({"do": "wait", "ms": 600})).await;
    assert_eq!((status, body.as_str()), (503, r#"{"message":"Service Unavailable"}"#));
    let state = || setup.lambda.instances()[0].state;
    assert_eq!(state(), crate::lambda::InstanceState::Busy);
    until("it has finished", || state() == crate::lambda::InstanceState::Idle).await;
    setup.stop().await;
}

#[tokio::test]
async fn the_limits_are_the_real_ones() {
    let setup = Setup::start(LONG, LONG).await;
    let post = |bytes: usize, content_type: &str| {
        let request = setup.request("POST", "/do").header("content-type", content_type);
        setup.send(request.body(Body::from(vec![b'x'; bytes])).unwrap())
    };
    let too_large = (StatusCode::PAYLOAD_TOO_LARGE, br#"{"message":"Request Entity Too Large"}"#.to_vec());
    // The event is less than 1,500 bytes besides its body; base64 adds a third to it.
    for (bytes, content_type, expected) in [
        (MAX_PAYLOAD - 4_000, "text/plain", StatusCode::OK),
        (MAX_PAYLOAD, "text/plain", StatusCode::PAYLOAD_TOO_LARGE),
        (MAX_PAYLOAD / 4 * 3, "", StatusCode::PAYLOAD_TOO_LARGE),
        (MAX_BODY * 2, "text/plain", StatusCode::PAYLOAD_TOO_LARGE),
    ] {
        let (status, _, body) = post(bytes, content_type).await;
        assert_eq!(status, expected, "{bytes} bytes of {content_type:?}");
        assert_eq!(status == too_large.0, body == too_large.1);
    }
    for (length, expected) in [(9_000, 200), (MAX_HEADERS, 431)] {
        let request = setup.request("POST", "/do").header("x-long", "x".repeat(length)).body(Body::empty()).unwrap();
        assert_eq!(setup.send(request).await.0.as_u16(), expected, "{length}");
    }
    setup.stop().await;
}

#[tokio::test]
async fn pages_and_api_answer_to_this_machines_names_alone() {
    let setup = Setup::start(LONG, LONG).await;
    for (method, path) in [("POST", "/do"), ("GET", "/inbox"), ("GET", "/nowhere"), ("POST", "/inbox")] {
        for (host, refused) in
            [("localhost:3000", false), ("[::1]", false), ("rebound.example:3000", true), ("a b", true)]
        {
            let request = setup.request(method, path).header("host", host).body(Body::empty()).unwrap();
            let (status, _, body) = setup.send(request).await;
            assert_eq!(status == StatusCode::FORBIDDEN, refused, "{method} {path} {host}: {status}");
            assert!(!refused || String::from_utf8(body).unwrap().contains("127.0.0.1, localhost and [::1]"));
        }
    }
    setup.stop().await;
}

#[tokio::test]
async fn a_body_that_breaks_off_is_a_400() {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let setup = Setup::start(LONG, LONG).await;
    let address = setup.url.trim_start_matches("http://");
    for framing in ["Content-Length: 100\r\n\r\n{", "Transfer-Encoding: chunked\r\n\r\n5\r\nab"] {
        let mut stream = tokio::net::TcpStream::connect(address).await.unwrap();
        stream.write_all(format!("POST /do HTTP/1.1\r\nHost: localhost\r\n{framing}").as_bytes()).await.unwrap();
        stream.shutdown().await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        assert!(answer.starts_with("HTTP/1.1 400 ") && answer.ends_with(r#"{"message":"Bad Request"}"#), "{answer}");
    }
    setup.stop().await;
}

#[tokio::test]
async fn head_goes_where_a_route_says_so_and_has_no_body() {
    let functions = [specimen("Specimen", LONG, &[], &[("HEAD", "/do"), ("GET", "/do"), ("GET", "/only-get")])];
    let (lambda, _) = lambda(&functions);
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let (routes, gate) = (RouteTable::new(&functions), Gate::new(true));
    let gateway = Gateway::start(listener, Router::new(), routes, lambda.clone(), LONG, gate, Clock::unmoved());
    for (path, expected) in [("/do", 200), ("/only-get", 404)] {
        let request = Request::head(format!("{url}{path}")).body(Body::empty()).unwrap();
        let client: Client<_, Body> = Client::builder(TokioExecutor::new()).build_http();
        let (parts, body) = client.request(request).await.unwrap().into_parts();
        assert_eq!(parts.status.as_u16(), expected, "{path}");
        assert_eq!(body::read(Body::new(body), 1).await, Ok(axum::body::Bytes::new()));
    }
    lambda.stop().await;
    gateway.stop().await;
}

#[tokio::test]
async fn until_the_gate_opens_every_request_gets_503() {
    let functions = [specimen("Specimen", LONG, &[], &[("POST", "/do")])];
    let (lambda, _) = lambda(&functions);
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let pages = Router::new().route("/inbox", get(|| async { "the inbox" }));
    let (routes, gate) = (RouteTable::new(&functions), Gate::new(false));
    let gateway = Gateway::start(listener, pages, routes, lambda.clone(), LONG, gate.clone(), Clock::unmoved());
    let client: Client<_, Body> = Client::builder(TokioExecutor::new()).build_http();
    let ask = async |method: &str, path: &str, pass: (&str, &str)| {
        let request = Request::builder().method(method).uri(format!("{url}{path}")).header(pass.0, pass.1);
        let (parts, body) = client.request(request.body(Body::empty()).unwrap()).await.unwrap().into_parts();
        let body = body::read(Body::new(body), usize::MAX).await.unwrap().to_vec();
        (parts.status.as_u16(), String::from_utf8(body).unwrap())
    };
    for (method, path) in [("POST", "/do"), ("GET", "/inbox"), ("GET", "/health")] {
        let (status, body) = ask(method, path, ("x-recourse-start", "guessed")).await;
        assert!(status == 503 && body.contains("the demo's data is being loaded"), "{path}: {status} {body}");
    }
    let (status, body) = ask("POST", "/do", gate.pass()).await;
    assert!(status == 200 && !body.contains("x-recourse-start"), "the pass goes no further: {body}");
    gate.open();
    assert_eq!(ask("GET", "/inbox", ("accept", "*/*")).await, (200, "the inbox".to_owned()));
    lambda.stop().await;
    gateway.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sixty_four_clients_at_once_are_all_answered() {
    let setup = Arc::new(Setup::start(LONG, LONG).await);
    for _ in 0..3 {
        let calls = (0..64).map(|n| {
            let setup = setup.clone();
            tokio::spawn(async move { (n, setup.order(json!({"n": n})).await) })
        });
        for call in futures_util::future::join_all(calls).await {
            let (n, (status, body)) = call.unwrap();
            let event = &serde_json::from_str::<Value>(&body).unwrap()["event"];
            assert_eq!((status, &event["body"]), (200, &json!(format!("{{\"n\":{n}}}"))));
        }
    }
    assert!(setup.lambda.instances().len() <= 64);
    Arc::into_inner(setup).unwrap().stop().await;
}

#[tokio::test]
async fn a_stopped_gateway_leaves_its_port() {
    let setup = Setup::start(LONG, LONG).await;
    setup.order(json!({})).await;
    let address = setup.url.strip_prefix("http://").unwrap().to_owned();
    setup.stop().await;
    assert!(TcpListener::bind(address).await.is_ok());
}
