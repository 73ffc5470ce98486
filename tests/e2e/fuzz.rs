//! Malformed requests, the same ones in every run. None ends in a 5xx, and none ends a function.

use http::{HeaderName, HeaderValue};
use serde_json::json;

use crate::harness::{CLIENT, Call, PLATFORM, STAGING, Stack, options, run};

const REQUESTS: usize = 400;

/// Xorshift: the same numbers in every run.
struct Random(u64);

impl Random {
    fn throw(&mut self, below: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % u64::try_from(below).unwrap()).unwrap()
    }

    fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.throw(from.len())]
    }

    fn bytes(&mut self, most: usize) -> Vec<u8> {
        let length = self.throw(most);
        (0..length).map(|_| u8::try_from(self.throw(256)).unwrap()).collect()
    }
}

/// Pieces of JSON that a parser might stumble over.
const PIECES: [&[u8]; 24] = [
    b"{",
    b"}",
    b"[",
    b"]",
    b",",
    b":",
    b"\"",
    b"\\",
    b"\\u0000",
    b"\\ud800",
    b"null",
    b"true",
    b"-",
    b"1e999",
    b"99999999999999999999999999",
    b"\"refid\":",
    b"\"trxid\":",
    b"\"user_email\":",
    b"\"transactions\":",
    b"\xff",
    b"\xf0\x9f\x92\xa9",
    b"\r\n",
    b"\0",
    b"a@b.example",
];

fn body(random: &mut Random) -> Vec<u8> {
    let samples = [
        json!({"refid": "bill-1", "user_email": ["user@customer.example"]}),
        json!({"trxid": "50001", "refid": null, "user_email": []}),
        json!({"transactions": [{"trxid": "50001", "account": "acct_demo", "refid": "123456", "status": "Succesful"}]}),
        crate::tutelar::least("50006", "1001"),
        json!({"trxid": "50001", "account": "acct_demo", "refid": "123456", "status": "Succesful", "amount": "1550.00",
               "currency": "NGN", "occurred_at": "2018-05-30T08:04:20Z", "updated_at": "2018-05-30T08:04:25Z",
               "parties": {"issuer": {"code": "FBN"}}, "details": {"additional_info": {"a": 1}, "captures": ["c"]}}),
    ];
    let mut body = samples[random.throw(samples.len())].to_string().into_bytes();
    for _ in 0..random.throw(6) {
        let at = random.throw(body.len() + 1);
        match random.throw(5) {
            0 => body.truncate(at),
            1 if at < body.len() => body[at] ^= 1 << random.throw(8),
            2 if at < body.len() => drop(body.remove(at)),
            3 => drop(body.splice(at..at, random.bytes(8))),
            _ => drop(body.splice(at..at, random.pick(&PIECES).repeat(1 + random.throw(3)))),
        }
    }
    body
}

/// A header's value that HTTP can carry at all.
fn value(random: &mut Random) -> HeaderValue {
    let bytes = random.bytes(40).into_iter().map(|byte| if byte < 0x20 || byte == 0x7f { b'\t' } else { byte });
    HeaderValue::from_bytes(&bytes.collect::<Vec<_>>()).unwrap()
}

fn call(random: &mut Random) -> Call {
    let key = random.pick(&[CLIENT, STAGING, PLATFORM]);
    let (method, path) = random.pick(&[
        ("POST", "/v2/transactions/check"),
        ("POST", "/v2/transactions/check"),
        ("POST", "/v2/transactions/check?b=2&a=%20&a=1&&="),
        ("POST", "/platform/v1/transactions"),
        ("PUT", "/platform/v1/transactions/50001"),
        ("PUT", "/platform/v1/transactions/%00%ff"),
        ("GET", "/platform/v1/transactions/50001"),
        ("PATCH", "/platform/v1/transactions"),
        ("GET", "/platform/v1/disputes?from=2026-01-01&to=2026-13-01&cursor=~~&account=%00"),
        ("GET", "/platform/v1/disputes/RC-%00%ff"),
        ("POST", "/platform/v1/webhook-endpoints"),
        ("GET", "/platform/v1/webhook-endpoints?limit=%00&cursor=we_&account=%ff"),
        ("GET", "/platform/v1/webhook-endpoints/we_000000000000000000000000/deliveries?cursor=1~&since=x"),
        ("POST", "/platform/v1/webhook-endpoints/%00%ff/replay"),
        ("DELETE", "/platform/v1/webhook-endpoints/we_000000000000000000000000"),
        ("POST", "/api/v1/dispute/create"),
        ("PATCH", "/api/v1/dispute/update/dispute_00000001"),
        ("PUT", "/api/v1/dispute/reopen/%00%ff"),
    ]);
    let body = body(random);
    let mut call = Call::new(&key, method, path, body);
    match random.throw(12) {
        0 => call.timestamp = random.pick(&["0", "", "-1", "99999999999999999999", "1e9", "٣"]).to_owned(),
        1 => call.nonce = "n".repeat(random.throw(140)),
        2 => call.nonce = "the-same-nonce-again".to_owned(),
        _ => {}
    }
    call
}

#[test]
fn no_request_ends_in_a_5xx() {
    run(async {
        let stack = Stack::start(options()).await;
        let mut random = Random(0x5EED_0001);
        let mut statuses = std::collections::BTreeMap::<u16, usize>::new();
        for round in 0..REQUESTS {
            let call = call(&mut random);
            let tutelar = call.path.starts_with("/api/");
            let mut request = if tutelar { call.basic() } else { call.request() };
            if random.throw(4) == 0 {
                let name = random.pick(&[
                    "x-api-key",
                    "x-timestamp",
                    "x-nonce",
                    "x-signature",
                    "authorization",
                    "content-type",
                    "cookie",
                    "x-other",
                ]);
                let (name, value) = (HeaderName::from_static(name), value(&mut random));
                match random.throw(3) {
                    0 => drop(request.headers_mut().remove(name)),
                    1 => drop(request.headers_mut().insert(name, value)),
                    _ => drop(request.headers_mut().append(name, value)),
                }
            }
            let answer = stack.raw(request).await;
            let shown = String::from_utf8_lossy(&call.body).into_owned();
            assert!((200..500).contains(&answer.status), "{round}: {} {shown} {answer:?}", call.path);
            let object = answer.json();
            let in_form = object["message"].is_string()
                || object["data"].is_object()
                || object["results"].is_array()
                || object["trxid"].is_string();
            assert!(in_form, "{round}: {} {shown} {answer:?}", call.path);
            *statuses.entry(answer.status).or_default() += 1;
        }
        // It would not be worth much if all of them stopped at the first check.
        assert!([200, 400, 401, 403, 404, 422].iter().all(|status| statuses.contains_key(status)), "{statuses:?}");
        for line in stack.log() {
            assert!(!line.text.contains("panicked") && !line.text.contains("Runtime exited"), "{line:?}");
        }
    });
}
