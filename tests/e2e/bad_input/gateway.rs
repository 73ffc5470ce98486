//! What the gateway refuses by itself, and what it hands on that a function must not fall over.

use super::bodies::padded;
use crate::harness::{CLIENT, Call, HttpResponse, PLATFORM, Transaction, run, shared};

#[test]
fn the_gateway_rejects_what_never_reaches_a_function() {
    run(async {
        let stack = shared().await;
        let own = |answer: &HttpResponse, status: u16, message: &str| {
            assert_eq!(
                (answer.status, answer.text.as_str()),
                (status, format!(r#"{{"message":"{message}"}}"#).as_str())
            );
        };
        let large = Call::report_bytes(&CLIENT, padded(6 * 1024 * 1024));
        own(&stack.send(&large).await, 413, "Request Entity Too Large");
        for (method, path) in [
            ("GET", "/v2/transactions/check"),
            ("POST", "/v2/transactions"),
            ("POST", "/v2/transactions/check/"),
            ("POST", "/v2/transactions%20/check"),
            ("DELETE", "/platform/v1/transactions/50001"),
            ("GET", "/platform/v1/transactions/50001/more"),
            ("POST", "/nothing/here"),
        ] {
            own(&stack.send(&Call::new(&PLATFORM, method, path, b"{}")).await, 404, "Not Found");
        }
        let mut long = Call::report_bytes(&CLIENT, "{}").request();
        long.headers_mut().insert("x-long", "x".repeat(10_240).parse().unwrap());
        own(&stack.raw(long).await, 431, "Request Header Fields Too Large");
    });
}

/// The gateway hands paths on decoded; a function must not fall over what comes out.
#[test]
fn a_path_of_any_characters_reaches_the_api() {
    run(async {
        let stack = shared().await;
        for path in ["a%20b", "%00", "%ff%fe", "%F0%9F%92%A9", "a%0d%0ab", "%2525", "%253f"] {
            let path = format!("/platform/v1/transactions/{path}");
            let answer = stack.send(&Call::new(&PLATFORM, "GET", path.clone(), b"")).await;
            assert_eq!((answer.status, answer.json()["message"].is_string()), (404, true), "{path} {answer:?}");
            let mut transaction = Transaction::new("acct_demo", "Succesful").body;
            transaction["trxid"] = "a b".into();
            let answer = stack.send(&Call::new(&PLATFORM, "PUT", path.clone(), transaction.to_string())).await;
            assert_eq!((answer.status, answer.json()["errors"]["trxid"].is_array()), (400, true), "{path} {answer:?}");
        }
        // What is no path once it is decoded, and what is another one.
        for (path, status) in [("%25", 400), ("%%%", 400), ("%2e%2e%2fcheck", 404), ("a%2Fb", 404)] {
            let path = format!("/platform/v1/transactions/{path}");
            let answer = stack.send(&Call::new(&PLATFORM, "GET", path.clone(), b"")).await;
            assert_eq!(answer.status, status, "{path} {answer:?}");
        }
    });
}
