//! The command line against a service: its requests, its output and its exit codes.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "what cannot go on here fails the test")]

mod support;

use std::process::Stdio;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::channel;
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};
use support::{Reply, Request, ended, recourse, serve};

const CLIENT_SECRET: &str = "ZGVtby1jbGllbnQtc2VjcmV0LWxvb3BiYWNrLW9ubHkh";
const PLATFORM_SECRET: &str = "ZGVtby1wbGF0Zm9ybS1zZWNyZXQtbG9vcGJhY2sgISE=";
const STAGING_SECRET: &str = "ZGVtby1zdGFnaW5nLXNlY3JldC1sb29wYmFjay1vbmx5";
const STAGING_PLATFORM_SECRET: &str = "ZGVtby1zdGFnaW5nLXBsYXRmb3JtLWxvb3BiYWNrICE=";

fn said(status: &str) -> Reply {
    Some((200, json!({"data": {"refid": "123456", "status": status, "message": "A text."}}).to_string()))
}

/// The requests to a test's service, in order.
type Requests = Arc<Mutex<Vec<Request>>>;

fn recording(handler: impl Fn(usize, &Request) -> Reply + Clone + Send + 'static) -> (String, Requests) {
    let requests = Requests::default();
    let (stored, count) = (Arc::clone(&requests), Arc::new(AtomicUsize::new(0)));
    let url = serve(move |request| {
        stored.lock().unwrap().push(request.clone());
        handler(count.fetch_add(1, Ordering::SeqCst), request)
    });
    (url, requests)
}

/// A Platform API that creates everything.
fn created(request: &Request) -> Reply {
    let all = request.json();
    let results: Vec<Value> = all["transactions"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| json!({"trxid": one["trxid"], "status": "created"}))
        .collect();
    Some((200, json!({ "results": results }).to_string()))
}

fn lines(count: u64) -> String {
    (1..=count).map(|line| format!("{{\"trxid\":\"{line}\"}}\n")).collect()
}

#[test]
fn a_report_is_signed_and_sent_and_its_answer_printed() {
    let folder = tempfile::tempdir().unwrap();
    let (url, requests) = recording(|count, _| said(if count == 0 { "Success" } else { "Failed" }));
    std::fs::write(folder.path().join(".recourse.env"), format!("export RECOURSE_URL={url}\n")).unwrap();
    let report = ["report", "--refid", "123456", "--email", "user@example.com"];
    let (code, out, err) = ended(&recourse(folder.path()).args(report).output().unwrap());
    assert_eq!((code, err.as_str()), (0, "recourse: signing with the local demo's key iimm_prod_demo\n"));
    assert!(out.starts_with("200 Success\nA text.\n\n{\n  \"data\": {"), "{out}");
    let (code, out, _) = ended(&recourse(folder.path()).args(report).output().unwrap());
    assert_eq!((code, out.lines().next()), (1, Some("200 Failed")));

    let requests = requests.lock().unwrap();
    for request in requests.iter() {
        assert_eq!((request.method.as_str(), request.target.as_str()), ("POST", "/v2/transactions/check"));
        assert_eq!(request.header("content-type"), Some("application/json"));
        assert_eq!(request.json(), json!({"refid": "123456", "user_email": ["user@example.com"]}));
        assert!(request.is_signed(CLIENT_SECRET));
    }
    assert_ne!(requests[0].header("x-nonce"), requests[1].header("x-nonce"));
}

#[test]
fn a_refusal_and_no_answer_have_different_exit_codes() {
    let folder = tempfile::tempdir().unwrap();
    let refused = serve(|_| Some((401, json!({"error": "invalid_credentials", "message": "No."}).to_string())));
    let busy = serve(|_| Some((503, "{}".to_owned())));
    let cut = serve(|_| None);
    let moved = serve(|_| Some((307, "{}".to_owned())));
    let run = |url: &str| {
        let mut command = recourse(folder.path());
        command.env("RECOURSE_KEY", "k").env("RECOURSE_SECRET", "aHVudGVyMg==").env("RECOURSE_URL", url);
        ended(&command.args(["report", "--trxid", "50001"]).output().unwrap())
    };
    let (code, out, err) = run(&refused);
    assert_eq!((code, out.lines().next()), (2, Some("401 invalid_credentials")));
    assert!(err.contains("recourse key create ACCOUNT --role client") && !err.contains("aHVudGVyMg"), "{err}");
    assert_eq!(run(&busy).0, 3);
    assert_eq!(run(&moved).0, 2);
    for url in [cut.as_str(), "http://127.0.0.1:1"] {
        let (code, out, err) = run(url);
        assert_eq!((code, out.as_str()), (3, ""));
        assert!(err.contains(&format!("{url} does not answer")) && !err.contains("aHVudGVyMg"), "{err}");
    }
    let (code, _, err) = run("https://example.com/prod");
    assert!(code == 2 && err.contains("and nothing more"), "{err}");
}

#[test]
fn a_closed_pipe_causes_no_panic() {
    let folder = tempfile::tempdir().unwrap();
    let (gone, wait) = channel::<()>();
    let wait = Arc::new(Mutex::new(wait));
    let url = serve(move |_| {
        wait.lock().unwrap().recv().unwrap();
        said("Success")
    });
    let mut command = recourse(folder.path());
    command.args(["report", "--refid", "1", "--url", &url]).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    drop(child.stdout.take());
    gone.send(()).unwrap();
    let (code, _, err) = ended(&child.wait_with_output().unwrap());
    assert_eq!((code, err.lines().count()), (0, 1), "{err}");
}

#[test]
fn a_signed_line_sends_a_valid_request() {
    let folder = tempfile::tempdir().unwrap();
    let mut command = recourse(folder.path());
    command.args([
        "sign",
        "post",
        "/platform/v1/transactions",
        "--data",
        r#"{"it's": "$x"}"#,
        "--url",
        "http://127.0.0.1:3000",
    ]);
    let (code, line, err) = ended(&command.output().unwrap());
    assert_eq!((code, err.as_str()), (0, "recourse: signing with the local demo's key platform_demo\n"));
    let script = format!("curl() {{ printf '%s\\0' \"$@\"; }}\n{line}");
    let output = std::process::Command::new("sh").arg("-c").arg(script).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let words: Vec<&str> = text.split_terminator('\0').collect();
    assert_eq!(words[..4], ["-sS", "-X", "POST", "http://127.0.0.1:3000/platform/v1/transactions"]);
    let headers =
        words.iter().filter_map(|word| word.split_once(": ")).map(|(name, value)| (name.to_owned(), value.to_owned()));
    let body = words.last().unwrap().as_bytes().to_vec();
    let request = Request { method: "POST".into(), target: String::new(), headers: headers.collect(), body };
    assert!(request.is_signed(PLATFORM_SECRET));
}

#[test]
fn an_import_sends_every_line_through_failures_of_the_service() {
    let folder = tempfile::tempdir().unwrap();
    let (url, requests) = recording(|count, request| match count {
        0 => None,
        2 => Some((503, "{}".to_owned())),
        _ => created(request),
    });
    std::fs::write(folder.path().join("t.jsonl"), lines(250)).unwrap();
    let mut command = recourse(folder.path());
    let (code, out, err) = ended(&command.args(["transaction", "import", "t.jsonl", "--url", &url]).output().unwrap());
    assert_eq!((code, out.as_str()), (0, "250 lines: 250 created, 0 replaced, 0 stale, 0 invalid\n"), "{err}");
    assert!(err.contains("lines 1 to 100: ") && err.contains("lines 101 to 200: 503"), "{err}");
    assert!(!folder.path().join("t.jsonl.progress").exists());
    let requests = requests.lock().unwrap();
    assert!(requests.iter().all(|request| request.is_signed(PLATFORM_SECRET)));
    let nonces: std::collections::BTreeSet<_> = requests.iter().map(|request| request.header("x-nonce")).collect();
    assert_eq!((requests.len(), nonces.len()), (5, 5));
}

#[test]
fn invalid_lines_are_named_one_by_one() {
    let folder = tempfile::tempdir().unwrap();
    let url = serve(|_| {
        let errors = json!({"amount": ["must have at most as many decimals as its currency."]});
        let results =
            json!([{"trxid": "1", "status": "created"}, {"trxid": "2", "status": "invalid", "errors": errors}]);
        Some((200, json!({ "results": results }).to_string()))
    });
    let mut command = recourse(folder.path());
    command
        .args(["transaction", "import", "-", "--url", &url])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    std::io::Write::write_all(
        &mut child.stdin.take().unwrap(),
        b"{\"trxid\":\"1\"}\n\n{nonsense\n{\"trxid\":\"2\", \"amount\":\"1.005\"}",
    )
    .unwrap();
    let (code, out, err) = ended(&child.wait_with_output().unwrap());
    assert_eq!((code, out.as_str()), (1, "3 lines: 1 created, 0 replaced, 0 stale, 2 invalid\n"));
    assert!(err.contains("line 3, column 2: must be one JSON object: key must be a string"), "{err}");
    let amount = "line 4, column 24: trxid 2: amount: must have at most as many decimals as its currency.";
    assert!(err.contains(amount), "{err}");
}

#[test]
fn a_refused_import_of_a_stream_says_where_to_continue() {
    let folder = tempfile::tempdir().unwrap();
    let (url, _) = recording(|count, request| if count == 0 { created(request) } else { Some((403, "{}".to_owned())) });
    let mut command = recourse(folder.path());
    command
        .args(["transaction", "import", "-", "--url", &url])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    std::io::Write::write_all(&mut child.stdin.take().unwrap(), lines(150).as_bytes()).unwrap();
    let (code, _, err) = ended(&child.wait_with_output().unwrap());
    assert!(code == 2 && err.contains("403 Forbidden\nLines to 100 are imported; continue with --from 101."), "{err}");
}

#[test]
fn ctrl_c_loses_no_line_and_sends_none_twice() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("t.jsonl"), lines(250)).unwrap();
    let (arrived, first) = channel::<()>();
    let (release, gate) = channel::<()>();
    let gate = Arc::new(Mutex::new(gate));
    let (url, requests) = recording(move |count, request| {
        if count == 0 {
            arrived.send(()).unwrap();
            gate.lock().unwrap().recv().unwrap();
        }
        created(request)
    });
    let mut command = recourse(folder.path());
    command.args(["transaction", "import", "t.jsonl", "--url", &url]).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    first.recv().unwrap();
    let mut progress = std::io::BufReader::new(child.stderr.take().unwrap());
    assert!(std::process::Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap().success());
    let mut err = String::new();
    while !err.contains("ending after the batch") {
        assert_ne!(std::io::BufRead::read_line(&mut progress, &mut err).unwrap(), 0, "{err}");
    }
    release.send(()).unwrap();
    std::io::Read::read_to_string(&mut progress, &mut err).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(130), "{err}");
    assert!(err.ends_with("Lines to 100 are imported; the same command continues with line 101.\n"), "{err}");
    assert!(folder.path().join("t.jsonl.progress").exists());

    let mut command = recourse(folder.path());
    let (code, out, err) = ended(&command.args(["transaction", "import", "t.jsonl", "--url", &url]).output().unwrap());
    assert_eq!((code, out.as_str()), (0, "250 lines: 250 created, 0 replaced, 0 stale, 0 invalid\n"));
    assert!(err.contains("continuing at line 101"), "{err}");
    let progress: Vec<u64> = requests
        .lock()
        .unwrap()
        .iter()
        .flat_map(|request| request.json()["transactions"].as_array().unwrap().clone())
        .map(|one| one["trxid"].as_str().unwrap().parse().unwrap())
        .collect();
    assert_eq!(progress, (1..=250).collect::<Vec<u64>>());
}

/// When DynamoDB refuses the credentials, retrying does not help, and AWS's error code says what is
/// wrong.
#[test]
fn wrong_credentials_are_named_without_retries() {
    for code in ["UnrecognizedClientException", "ExpiredTokenException", "AccessDeniedException"] {
        let folder = tempfile::tempdir().unwrap();
        let body = json!({"__type": format!("com.amazon.coral.service#{code}"), "message": "No."}).to_string();
        let url = serve(move |_| Some((400, body.clone())));
        let mut command = recourse(folder.path());
        for (name, value) in [
            ("AWS_ENDPOINT_URL_DYNAMODB", url.as_str()),
            ("AWS_REGION", "us-east-1"),
            ("AWS_ACCESS_KEY_ID", "wrong"),
            ("AWS_SECRET_ACCESS_KEY", "hunter2-secret"),
            ("DISPUTES_TABLE", "disputes"),
            ("EPHEMERAL_TABLE", "ephemeral"),
        ] {
            command.env(name, value);
        }
        let (code_, out, err) = ended(&command.args(["account", "show", "acct_p"]).output().unwrap());
        assert_eq!((code_, out.as_str()), (2, ""), "{err}");
        assert!(err.contains(code) && err.contains("AWS refuses the credentials"), "{err}");
        assert!(
            err.contains("AWS_SESSION_TOKEN") && !err.contains("hunter2") && !err.contains("does not answer"),
            "{err}"
        );
    }
}

#[test]
fn malformed_deadlines_are_not_reported_as_missing() {
    let folder = tempfile::tempdir().unwrap();
    let mut command = recourse(folder.path());
    for name in ["AWS_REGION", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "DISPUTES_TABLE", "EPHEMERAL_TABLE"] {
        command.env(name, "x");
    }
    let (code, _, err) = ended(&command.env("DEADLINES", "{").args(["account", "show", "acct_p"]).output().unwrap());
    assert!(code == 2 && err.contains("DEADLINES: deadlines: the JSON is not right"), "{err}");
    assert!(!err.contains("not set"), "{err}");
}

#[test]
fn a_path_without_a_signature_is_not_signed() {
    let folder = tempfile::tempdir().unwrap();
    let sign = |arguments: &[&str]| {
        let local = ["--url", "http://127.0.0.1:3000"];
        ended(&recourse(folder.path()).arg("sign").args(arguments).args(local).output().unwrap())
    };
    let (code, out, err) = sign(&["GET", "/arbiter/api/v1/disputes"]);
    assert!(code == 2 && out.is_empty() && err.contains("recourse sign POST /passport/oauth/token"), "{err}");
    let (code, out, err) = sign(&["GET", "/nowhere"]);
    assert!(code == 2 && out.is_empty() && err.contains("belongs to no API"), "{err}");
    assert_eq!(sign(&["GET", "/nowhere", "--scheme", "v1"]).0, 0);
    let (code, out, _) = sign(&["POST", "/passport/oauth/token", "--data", "grant_type=client_credentials"]);
    assert!(code == 0 && out.contains("Authorization: Basic ") && out.contains("x-www-form-urlencoded"), "{out}");
}

#[test]
fn a_refid_that_only_staging_answers_is_signed_for_staging() {
    let folder = tempfile::tempdir().unwrap();
    let (url, requests) = recording(|_, _| said("Success"));
    let run = |words: &[&str]| ended(&recourse(folder.path()).args(words).args(["--url", &url]).output().unwrap());
    for words in [&["report", "--refid", "sim-success"][..], &["report", "--refid", "staging-1", "--staging"]] {
        let (code, _, err) = run(words);
        assert_eq!(
            (code, err.as_str()),
            (0, "recourse: signing with the local demo's key iimm_dev_demo\n"),
            "{words:?}"
        );
        assert!(requests.lock().unwrap().pop().unwrap().is_signed(STAGING_SECRET), "{words:?}");
    }
    run(&["report", "--trxid", "sim-success"]);
    assert!(requests.lock().unwrap().pop().unwrap().is_signed(CLIENT_SECRET), "it is no refid");
    // A given key signs.
    let key = ["--key", "mine", "--secret", CLIENT_SECRET];
    let (code, _, err) = run(&[&["report", "--refid", "sim-success"][..], &key].concat());
    assert_eq!((code, err.as_str()), (0, ""));
    assert!(requests.lock().unwrap().pop().unwrap().is_signed(CLIENT_SECRET));
    let mut command = recourse(folder.path());
    command.env("RECOURSE_KEY", "mine").env("RECOURSE_SECRET", CLIENT_SECRET);
    let (code, _, err) = ended(&command.args(["report", "--refid", "1", "--staging", "--url", &url]).output().unwrap());
    assert!(code == 2 && err.contains("RECOURSE_KEY is mine"), "{err}");
    let (code, _, err) = ended(
        &recourse(folder.path())
            .args(["report", "--refid", "1", "--staging", "--url", "https://x.example"])
            .output()
            .unwrap(),
    );
    assert!(code == 2 && err.contains("the service is elsewhere"), "{err}");
    assert!(requests.lock().unwrap().is_empty());
}

#[test]
fn a_demo_transaction_is_a_new_one_in_the_local_cloud_alone() {
    let folder = tempfile::tempdir().unwrap();
    let (url, requests) = recording(|_, request| created(request));
    let demo = |more: &[&str]| {
        let words = [&["demo", "transaction", "--url", &url], more].concat();
        ended(&recourse(folder.path()).args(words).output().unwrap())
    };
    let mut trxids = std::collections::BTreeSet::new();
    for _ in 0..2 {
        let (code, out, err) = demo(&[]);
        assert_eq!((code, err.as_str()), (0, "recourse: signing with the local demo's key platform_demo\n"));
        let request = requests.lock().unwrap().pop().unwrap();
        assert!(request.is_signed(PLATFORM_SECRET));
        let progress = request.json()["transactions"][0].clone();
        assert_eq!(
            out,
            format!("TRXID={}\nREFID={}\n", progress["trxid"].as_str().unwrap(), progress["refid"].as_str().unwrap())
        );
        assert_eq!(
            (&progress["account"], &progress["parties"]["issuer"]["code"]),
            (&json!("acct_demo"), &json!("FBN"))
        );
        assert!(trxids.insert(progress["trxid"].to_string()));
    }
    let (code, out, _) = demo(&["--staging", "--amount", "20.00", "--currency", "myr", "--json"]);
    let request = requests.lock().unwrap().pop().unwrap();
    assert!(code == 0 && request.is_signed(STAGING_PLATFORM_SECRET), "{out}");
    let (made, progress) = (serde_json::from_str::<Value>(&out).unwrap(), request.json()["transactions"][0].clone());
    assert_eq!((&made["account"], &made["trxid"]), (&json!("acct_staging"), &progress["trxid"]));
    assert_eq!(
        (&progress["amount"], &progress["currency"], &progress["parties"]),
        (&json!("20.00"), &json!("MYR"), &Value::Null)
    );

    let mut command = recourse(folder.path());
    command.env("RECOURSE_KEY", "k").env("RECOURSE_SECRET", PLATFORM_SECRET);
    let (code, out, err) =
        ended(&command.args(["demo", "transaction", "--url", "https://x.example"]).output().unwrap());
    assert!(code == 2 && out.is_empty() && err.contains("for the local cloud alone"), "{err}");
    assert!(requests.lock().unwrap().is_empty());
}

#[test]
fn an_answer_is_printed_without_invisible_characters() {
    let folder = tempfile::tempdir().unwrap();
    let url = serve(|_| {
        let data = json!({"refid": "1\u{202e}2", "status": "Success", "message": "Fine.\u{1b}[2J"});
        Some((200, json!({ "data": data }).to_string()))
    });
    let report = |more: &[&str]| {
        let words = [&["report", "--refid", "1", "--url", &url], more].concat();
        ended(&recourse(folder.path()).args(words).output().unwrap()).1
    };
    let (text, json) = (report(&[]), report(&["--json"]));
    for output in [&text, &json] {
        assert!(!output.contains(['\u{202e}', '\u{1b}']) && output.contains(r"1\u202e2"), "{output}");
    }
    assert!(text.starts_with("200 Success\nFine.\\u{1b}[2J\n"), "{text}");
    let json: Value = serde_json::from_str(&json).unwrap();
    assert_eq!((&json["status"], &json["outcome"]), (&json!(200), &json!("Success")));
    assert_eq!(json["answer"]["data"]["refid"], "1\u{202e}2");
}

/// A slow step is named on stderr, and the checks are printed afterwards.
#[test]
fn a_slow_step_of_doctor_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let slow = serve(|_| {
        std::thread::sleep(std::time::Duration::from_millis(2_300));
        Some((400, json!({"__type": "AccessDeniedException", "message": "No."}).to_string()))
    });
    let quick = serve(|_| Some((400, json!({"__type": "AccessDeniedException", "message": "No."}).to_string())));
    let mut command = recourse(folder.path());
    for (name, value) in [
        ("AWS_ENDPOINT_URL_DYNAMODB", quick.as_str()),
        ("AWS_ENDPOINT_URL_SESV2", slow.as_str()),
        ("AWS_REGION", "us-east-1"),
        ("AWS_ACCESS_KEY_ID", "k"),
        ("AWS_SECRET_ACCESS_KEY", "s"),
        ("DISPUTES_TABLE", "disputes"),
        ("EPHEMERAL_TABLE", "ephemeral"),
    ] {
        command.env(name, value);
    }
    let (code, out, err) = ended(&command.args(["doctor", "--json"]).output().unwrap());
    assert_eq!(code, 1, "{err}");
    assert!(err.contains("recourse: asking SES: 2 s so far ..."), "{err}");
    assert!(!err.contains("checking the tables"), "{err}");
    assert!(serde_json::from_str::<Value>(&out).unwrap().as_array().unwrap().len() > 3, "{out}");
}
