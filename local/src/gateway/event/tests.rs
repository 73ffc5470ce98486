//! Events, field by field.

use super::*;
use http::Request;
use serde_json::{Value, json};

fn event_of(request: http::request::Builder, body: &'static [u8]) -> Value {
    let (parts, ()) = request.body(()).unwrap().into_parts();
    let route = Match {
        key: "PUT /platform/v1/transactions/{trxid}",
        function_id: "PlatformPut",
        parameters: BTreeMap::from([("trxid", "50 001".to_owned())]),
    };
    let setting = Setting {
        request_id: "JKJaXmPLvHcESHA=",
        client: SocketAddr::from(([127, 0, 0, 1], 50_000)),
        port: 3000,
        path: "/platform/v1/transactions/50 001",
        now: OffsetDateTime::from_unix_timestamp_nanos(1_583_348_638_390_000_000).unwrap(),
    };
    serde_json::from_slice(&event(&parts, &Bytes::from_static(body), &route, &setting).unwrap()).unwrap()
}

fn body_of(content_type: &str, body: &'static [u8]) -> (Value, Value) {
    let mut request = Request::put("/");
    if !content_type.is_empty() {
        request = request.header("content-type", content_type);
    }
    let event = event_of(request, body);
    (event["body"].clone(), event["isBase64Encoded"].clone())
}

#[test]
fn an_event_has_every_field_of_payload_format_2_0() {
    let request = Request::put("/platform/v1/transactions/50%20001?b=2&a=%31&a=x")
        .header("Host", "localhost:3000")
        .header("User-Agent", "curl/8")
        .header("Content-Type", "application/json")
        .header("X-Nonce", "one")
        .header("x-nonce", "two")
        .header("Cookie", "a=1; b=2")
        .header("Cookie", "c=3")
        .header("Connection", "keep-alive")
        .header("Transfer-Encoding", "chunked")
        .header("X-Forwarded-For", "10.0.0.1")
        .header("X-Forwarded-Proto", "gopher")
        .header("X-Amzn-Trace-Id", "Root=1-2-3");
    assert_eq!(
        event_of(request, b"{\"a\": \"\xc3\xa9\"}"),
        json!({
            "version": "2.0",
            "routeKey": "PUT /platform/v1/transactions/{trxid}",
            "rawPath": "/platform/v1/transactions/50 001",
            "rawQueryString": "b=2&a=%31&a=x",
            "cookies": ["a=1", "b=2", "c=3"],
            "headers": {
                "content-length": "11", "content-type": "application/json", "host": "localhost:3000", "user-agent": "curl/8",
                "x-amzn-trace-id": "Root=1-2-3", "x-forwarded-for": "10.0.0.1, 127.0.0.1", "x-forwarded-port": "3000",
                "x-forwarded-proto": "http", "x-nonce": "one,two",
            },
            "queryStringParameters": {"a": "1,x", "b": "2"},
            "pathParameters": {"trxid": "50 001"},
            "requestContext": {
                "accountId": "000000000000", "apiId": "localapi", "domainName": "localhost", "domainPrefix": "localhost",
                "http": {
                    "method": "PUT", "path": "/platform/v1/transactions/50 001", "protocol": "HTTP/1.1", "sourceIp": "127.0.0.1",
                    "userAgent": "curl/8",
                },
                "requestId": "JKJaXmPLvHcESHA=", "routeKey": "PUT /platform/v1/transactions/{trxid}", "stage": "$default",
                "time": "04/Mar/2020:19:03:58 +0000", "timeEpoch": 1_583_348_638_390_i64,
            },
            "body": "{\"a\": \"\u{e9}\"}",
            "isBase64Encoded": false,
        })
    );
}

#[test]
fn an_event_leaves_out_what_the_request_lacks() {
    let event = event_of(Request::get("/"), b"");
    for name in ["cookies", "queryStringParameters", "body"] {
        assert_eq!(event.get(name), None, "{name}");
    }
    assert_eq!((&event["rawQueryString"], &event["isBase64Encoded"]), (&json!(""), &json!(false)));
}

#[test]
fn bodies_are_text_or_base64_by_their_type() {
    let (text, encoded) = ((json!("{}"), json!(false)), (json!("e30="), json!(true)));
    for content_type in [
        "application/json",
        "Application/JSON; charset=utf-8",
        "text/plain",
        "text/x",
        "application/xml",
        "application/javascript",
    ] {
        assert_eq!(body_of(content_type, b"{}"), text, "{content_type}");
    }
    for content_type in [
        "",
        "application/x-www-form-urlencoded",
        "application/octet-stream",
        "application/problem+json",
        "application/jsonp",
    ] {
        assert_eq!(body_of(content_type, b"{}"), encoded, "{content_type}");
    }
}

#[test]
fn text_that_is_not_utf_8_is_base64() {
    assert_eq!(body_of("application/json", b"\xff\xfe"), (json!("//4="), json!(true)));
    let latin1 = HeaderValue::from_bytes(b"caf\xe9").unwrap();
    assert_eq!(event_of(Request::get("/").header("x-name", latin1), b"")["headers"]["x-name"], "caf\u{e9}");
}

#[test]
fn an_empty_body_with_a_length_gets_a_type() {
    let typed = |request: http::request::Builder, body| event_of(request, body)["headers"]["content-type"].clone();
    let empty = || Request::post("/").header("Content-Length", "0");
    assert_eq!(typed(empty(), b""), "application/octet-stream");
    assert_eq!(typed(empty().header("Content-Type", "application/json"), b""), "application/json");
    assert_eq!(typed(Request::get("/"), b""), Value::Null, "no length was said");
    assert_eq!(typed(Request::post("/").header("Content-Length", "2"), b"{}"), Value::Null);
}
