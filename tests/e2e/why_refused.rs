//! "Why was I refused?": each known mistake, made at each signed API, is refused by the service, is
//! named by the local cloud's hint, and is named by `recourse verify` from a recording.

use std::path::Path;
use std::process::Stdio;

use base64::Engine;
use base64::prelude::{BASE64_STANDARD as STANDARD, BASE64_URL_SAFE_NO_PAD};
use http::Request;
use recourse_dispute::shell::quoted;
use recourse_local::Options;
use recourse_signing::clock::UnixSeconds;
use recourse_signing::{Secret, gcs, v1};
use serde_json::json;
use tokio::io::AsyncWriteExt;
use tokio::process::Command;

use crate::cli::{folder, recourse};
use crate::harness::{CLIENT, DemoKey, HttpResponse, PLATFORM, Stack, binaries, now, options, run, unique};

/// A cloud as `make run` starts it.
fn with_hints() -> Options {
    Options { hints: true, ..options() }
}

/// The HMAC of a text under a key, as a client without a library of ours computes it.
fn mac(key: &[u8], text: &str) -> [u8; 32] {
    Secret::from_bytes(key).unwrap().sign_bytes(text.as_bytes())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A request as a curl line.
fn curl(stack: &Stack, request: &Request<Vec<u8>>) -> String {
    let url = format!("{}{}", stack.url(), request.uri());
    let mut line = format!("curl -sS -X {} {}", request.method(), quoted(&url));
    for (name, value) in request.headers() {
        line.push_str(&format!(" -H {}", quoted(&format!("{name}: {}", value.to_str().unwrap()))));
    }
    if !request.body().is_empty() {
        line.push_str(&format!(" --data-raw {}", quoted(std::str::from_utf8(request.body()).unwrap())));
    }
    line
}

/// A request as the only entry of a HAR.
fn har(stack: &Stack, request: &Request<Vec<u8>>) -> String {
    let headers: Vec<_> = request
        .headers()
        .iter()
        .map(|(name, value)| json!({ "name": name.as_str(), "value": value.to_str().unwrap() }))
        .collect();
    let url = format!("{}{}", stack.url(), request.uri());
    let text = std::str::from_utf8(request.body()).unwrap();
    json!({ "log": { "entries": [{ "request": {
        "method": request.method().as_str(), "url": url, "headers": headers, "postData": { "text": text }
    } }] } })
    .to_string()
}

/// What the client does wrong, how it is named, and its request.
type Mistake = (&'static str, Request<Vec<u8>>);

/// A request to an API of the v1 scheme, with `spoilt` of each part that is signed.
struct V1 {
    key: DemoKey,
    path: String,
    body: &'static str,
}

impl V1 {
    fn request(&self, timestamp: &str, nonce: &str, signature: &str) -> Request<Vec<u8>> {
        let request = Request::post(&self.path).header("content-type", "application/json");
        let request = request.header(v1::API_KEY, self.key.id).header(v1::TIMESTAMP, timestamp);
        let request = request.header(v1::NONCE, nonce).header(v1::SIGNATURE, signature);
        request.body(self.body.as_bytes().to_vec()).unwrap()
    }

    /// The text to sign, with these in the places of query and body.
    fn text(timestamp: &str, nonce: &str, query: &str, body: &str) -> String {
        let parts = v1::Parts { timestamp, nonce, method: "POST", query: "", body: body.as_bytes() };
        format!("v1:{timestamp}:{nonce}:POST:{query}:{}", parts.body_hash())
    }

    fn mistakes(&self) -> Vec<Mistake> {
        let (path, query) = self.path.split_once('?').unwrap();
        let (seconds, milliseconds) = (now().to_string(), format!("{}123", now()));
        let late = (now() - 3_600).to_string();
        let secret = STANDARD.decode(self.key.secret).unwrap();
        let printed_again = serde_json::from_str::<serde_json::Value>(self.body).unwrap().to_string();
        assert_ne!(printed_again, self.body);
        let made = |timestamp: &str, key: &[u8], text: &dyn Fn(&str) -> String, encode: &dyn Fn(&[u8]) -> String| {
            let nonce = unique("why-refused-nonce");
            let signature = encode(&mac(key, &text(&nonce)));
            self.request(timestamp, &nonce, &format!("v1={signature}"))
        };
        let base64 = |bytes: &[u8]| STANDARD.encode(bytes);
        let url_safe = |bytes: &[u8]| BASE64_URL_SAFE_NO_PAD.encode(bytes);
        let text = |query: &'static str, body: &str| {
            let (seconds, body) = (seconds.clone(), body.to_owned());
            move |nonce: &str| Self::text(&seconds, nonce, query, &body)
        };
        let right = |nonce: &str| Self::text(&seconds, nonce, query, self.body);
        vec![
            ("secret_not_decoded", made(&seconds, self.key.secret.as_bytes(), &right, &base64)),
            ("hex_signature", made(&seconds, &secret, &right, &hex)),
            ("base64_form", made(&seconds, &secret, &right, &url_safe)),
            ("path_signed", made(&seconds, &secret, &|nonce| Self::text(&seconds, nonce, path, self.body), &base64)),
            (
                "body_changed",
                made(&seconds, &secret, &|nonce| Self::text(&seconds, nonce, query, &printed_again), &base64),
            ),
            ("decoded_query", made(&seconds, &secret, &text("note=a b", self.body), &base64)),
            ("trailing_newline", made(&seconds, &secret, &|nonce| format!("{}\n", right(nonce)), &base64)),
            ("trailing_newline", made(&seconds, &secret, &text("note=a%20b", &format!("{}\n", self.body)), &base64)),
            (
                "milliseconds",
                made(&milliseconds, &secret, &|nonce| Self::text(&milliseconds, nonce, query, self.body), &base64),
            ),
            ("stale_timestamp", made(&late, &secret, &|nonce| Self::text(&late, nonce, query, self.body), &base64)),
        ]
    }
}

fn connect_mistakes(stack: &Stack) -> Vec<Mistake> {
    let (path, query) = ("/v1/1001/payments/50001/disputes", "note=a%20b");
    let date = gcs::format_date(UnixSeconds(now().cast_signed())).unwrap();
    let late = gcs::format_date(UnixSeconds(now().cast_signed() - 3_600)).unwrap();
    let milliseconds = format!("{}123", now());
    let text = |date: &str, target: &str| format!("GET\n\n{date}\n{target}\n");
    let target = format!("{path}?{query}");
    let key = CLIENT.secret.as_bytes();
    let made = |date: &str, signature: &str| {
        let authorization = format!("GCS v1HMAC:{}:{signature}", CLIENT.id);
        let request = Request::get(&target).header("date", date).header("authorization", authorization);
        request.body(Vec::new()).unwrap()
    };
    let signed = |date: &str, text: &str| made(date, &STANDARD.encode(mac(key, text)));
    let right = text(&date, &target);
    vec![
        ("secret_decoded", made(&date, &STANDARD.encode(mac(&STANDARD.decode(key).unwrap(), &right)))),
        ("hex_signature", made(&date, &hex(&mac(key, &right)))),
        ("url_signed", signed(&date, &text(&date, &format!("{}{target}", stack.url())))),
        ("query_left_out", signed(&date, &text(&date, path))),
        ("decoded_query", signed(&date, &text(&date, &format!("{path}?note=a b")))),
        ("trailing_newline", signed(&date, right.strip_suffix('\n').unwrap())),
        ("content_type", signed(&date, &right.replacen("\n\n", "\napplication/json\n", 1))),
        ("milliseconds", signed(&milliseconds, &text(&milliseconds, &target))),
        ("stale_timestamp", signed(&late, &text(&late, &target))),
    ]
}

fn hint(answer: &HttpResponse) -> &str {
    let hint = answer.headers.get("recourse-hint").unwrap_or_else(|| panic!("no hint: {answer:?}"));
    hint.to_str().unwrap().split_once(" - ").unwrap().0
}

/// What `recourse verify` says of a recording: how it ends, and its reason.
async fn verified(stack: &Stack, folder: &Path, option: &str, recording: &str) -> (i32, String) {
    std::fs::write(folder.join("recording"), recording).unwrap();
    let verdict = recourse(stack, folder, &["verify", option, "recording"]).await;
    let reasons: Vec<_> = verdict.out.lines().filter_map(|line| line.strip_prefix("reason: ")).collect();
    assert!(reasons.len() < 2 && !verdict.out.contains(CLIENT.secret), "{}{}", verdict.out, verdict.err);
    (verdict.code, reasons.first().map(|reason| (*reason).to_owned()).unwrap_or(verdict.err))
}

#[test]
fn each_mistake_at_each_signed_api_is_named() {
    run(async {
        let (stack, folder) = (Stack::start(with_hints()).await, folder());
        let iimmpact =
            V1 { key: CLIENT, path: "/v2/transactions/check?note=a%20b".to_owned(), body: r#"{"refid": "it's 1"}"# };
        let platform = V1 {
            key: PLATFORM,
            path: "/platform/v1/transactions?note=a%20b".to_owned(),
            body: r#"{"transactions": []}"#,
        };
        let unknown = DemoKey { id: "iimm_prod_nobody", secret: CLIENT.secret };
        let mut all: Vec<_> = [
            ("iimmpact", iimmpact.mistakes()),
            ("platform", platform.mistakes()),
            ("connect", connect_mistakes(&stack)),
        ]
        .into_iter()
        .flat_map(|(api, mistakes)| mistakes.into_iter().map(move |(name, request)| (api, name, request)))
        .collect();
        all.push((
            "iimmpact",
            "unknown_key",
            crate::harness::Call::report(&unknown, &json!({ "refid": "1" })).request(),
        ));
        let connect = crate::harness::Connect { key: unknown, ..crate::harness::Connect::get("1") };
        all.push(("connect", "unknown_key", connect.request()));
        for (api, name, request) in all {
            let (line, har) = (curl(&stack, &request), har(&stack, &request));
            let answer = stack.raw(request).await;
            assert_eq!(answer.status, if api == "connect" { 403 } else { 401 }, "{api} {name}: {answer:?}");
            assert_eq!(hint(&answer), name, "{api}: {line}");
            let expected = (1, name.to_owned());
            assert_eq!(verified(&stack, folder.path(), "--curl", &line).await, expected, "{api}: {line}");
            assert_eq!(verified(&stack, folder.path(), "--har", &har).await, expected, "{api}: {har}");
        }
    });
}

/// What the command line signs is accepted, by the service and by `verify`: in each form of a
/// recording, with the deployment's secret and with one in a file.
#[test]
fn what_is_right_is_accepted() {
    run(async {
        let (stack, folder) = (Stack::start(with_hints()).await, folder());
        let at = |name: &str| folder.path().join(name);
        std::fs::write(at("secret"), format!("{}\n", CLIENT.secret)).unwrap();
        std::fs::write(at("body.json"), "{\"refid\": \"1\"}\n").unwrap();
        for words in [
            &["POST", "/v2/transactions/check", "--data", "{\"refid\": \"it's\"}"][..],
            &["POST", "/v2/transactions/check", "--data-file", "body.json"],
            &["GET", "/v1/1001/payments/50001/disputes"],
            &["POST", "/v1/1001/payments/50001/dispute", "--data", "{}", "--idempotence-key", "a key"],
            &["GET", "/api/v1/dispute/view/dispute_00000001"],
        ] {
            let signed = recourse(&stack, folder.path(), &[&["sign"][..], words].concat()).await;
            assert_eq!(signed.code, 0, "{}", signed.err);
            std::fs::write(at("request.sh"), &signed.out).unwrap();
            for more in [&[][..], &["--secret-file", "secret"]] {
                let verify = [&["verify", "--curl", "request.sh", "--json"][..], more].concat();
                let verdict = recourse(&stack, folder.path(), &verify).await;
                assert_eq!(verdict.code, 0, "{words:?} {}{}", verdict.out, verdict.err);
                let verdict: serde_json::Value = serde_json::from_str(&verdict.out).unwrap();
                assert_eq!((&verdict["accepted"], verdict.get("reason")), (&json!(true), None), "{verdict}");
                assert_eq!(verdict["account"], if more.is_empty() { json!("acct_demo") } else { json!(null) });
            }
        }
        // As files, with the body in one of them.
        let json = ["sign", "POST", "/v2/transactions/check", "--data-file", "body.json", "--json"];
        let signed = recourse(&stack, folder.path(), &json).await;
        let signed: serde_json::Value = serde_json::from_str(&signed.out).unwrap();
        let headers = signed["headers"].as_object().unwrap().iter();
        let headers: String = headers.map(|(name, value)| format!("{name}: {}\n", value.as_str().unwrap())).collect();
        std::fs::write(at("headers"), headers).unwrap();
        let url = signed["url"].as_str().unwrap();
        let files = ["verify", "--headers", "headers", "--body", "body.json", "--method", "POST", "--url", url];
        let verdict = recourse(&stack, folder.path(), &files).await;
        assert_eq!(verdict.code, 0, "{}{}", verdict.out, verdict.err);
        assert!(verdict.out.starts_with("accepted: "), "{}", verdict.out);
        // Of another body, and of another secret.
        std::fs::write(at("body.json"), "{\"refid\":\"1\"}").unwrap();
        let verdict = recourse(&stack, folder.path(), &files).await;
        assert_eq!(verdict.code, 1);
        assert!(verdict.out.starts_with("reason: "), "{}", verdict.out);
        std::fs::write(at("secret"), STANDARD.encode([7; 32])).unwrap();
        let verdict = recourse(&stack, folder.path(), &[&files[..], &["--secret-file", "secret"]].concat()).await;
        assert!(verdict.code == 1 && verdict.out.starts_with("reason: wrong_signature\n"), "{}", verdict.out);
    });
}

/// The line of `sign` goes through a pipe, as the help shows.
#[test]
fn a_line_and_a_secret_may_come_from_standard_input() {
    run(async {
        let (stack, folder) = (Stack::start(options()).await, folder());
        let sign = ["sign", "GET", "/platform/v1/transactions/50001"];
        let signed = recourse(&stack, folder.path(), &sign).await;
        let piped = async |words: &[&str], input: &str| {
            let mut command = Command::new(binaries().join("recourse"));
            command.args(words).current_dir(folder.path()).env_clear().envs(stack.cloud().environment());
            command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
            let mut child = command.spawn().unwrap();
            child.stdin.take().unwrap().write_all(input.as_bytes()).await.unwrap();
            let output = child.wait_with_output().await.unwrap();
            (output.status.code().unwrap(), String::from_utf8(output.stderr).unwrap())
        };
        assert_eq!(piped(&["verify", "--curl", "-"], &signed.out).await.0, 0);
        std::fs::write(folder.path().join("line"), &signed.out).unwrap();
        let with_secret = ["verify", "--curl", "line", "--secret-file", "-"];
        assert_eq!(piped(&with_secret, PLATFORM.secret).await.0, 0);
        let (code, said) = piped(&["verify", "--curl", "-", "--secret-file", "-"], &signed.out).await;
        assert!(code == 2 && said.contains("only one file"), "{said}");
        let (code, said) = piped(&["verify", "--curl", "line", "--secret-file", "-"], "\n").await;
        assert!(code == 2 && said.contains("must have the secret"), "{said}");
        // A key is good for its API, and the role is looked at where the deployment is asked.
        let by_client = [&sign[..], &["--key", CLIENT.id, "--secret", CLIENT.secret]].concat();
        let line = recourse(&stack, folder.path(), &by_client).await.out;
        std::fs::write(folder.path().join("line"), line).unwrap();
        let verdict = recourse(&stack, folder.path(), &["verify", "--curl", "line"]).await;
        assert!(verdict.code == 1 && verdict.out.starts_with("reason: wrong_role\n"), "{}", verdict.out);
    });
}

/// A cloud without the option is as a deployment: it never says why.
#[test]
fn a_hint_is_given_where_the_option_says_so_and_nowhere_else() {
    run(async {
        let (with, without) = (Stack::start(with_hints()).await, Stack::start(options()).await);
        for (name, request) in connect_mistakes(&with) {
            let again = request.clone();
            assert_eq!(hint(&with.raw(request).await), name);
            let answer = without.raw(again).await;
            assert!(answer.status == 403 && !answer.headers.contains_key("recourse-hint"), "{answer:?}");
        }
        let good = with.connect(crate::harness::Connect::get("1")).await;
        assert!(good.status == 404 && !good.headers.contains_key("recourse-hint"), "{good:?}");
    });
}
