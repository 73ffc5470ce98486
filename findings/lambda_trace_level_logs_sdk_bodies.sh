#!/bin/sh
# lambda_runtime 1.5.0, aws-sdk-dynamodb 1.136.0: at the log level TRACE, a function's log has the
# item that DynamoDB answers.
#
# Input: a program with `lambda_runtime::tracing::init_default_subscriber()` and one GetItem. It
# runs with the variables that Lambda sets for the log format JSON and the levels INFO, DEBUG and
# TRACE. A server in the same program stands for DynamoDB. One address is in the key that is asked
# for, another in the item that is answered.
# Expected: no level writes what a table holds. Levels choose how much is said of the work.
# Seen: at INFO and DEBUG the log has neither address and nothing of the credentials. At TRACE the
# SDK writes the item twice, as the body of the answer and as a GetItemOutput, although
# LOG_SENSITIVE_BODIES and LOG_SIGNABLE_BODY are not set. It leaves out the body of the request, and
# redacts the headers with the signature and the session token. The access key id is there. So
# whoever chooses TRACE as ApplicationLogLevel puts the data of customers into CloudWatch.
# Wants Rust; takes some two minutes.
set -eu

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
mkdir "$folder/src"
cat > "$folder/Cargo.toml" <<'TOML'
[package]
name = "finding"
version = "0.0.0"
edition = "2024"

[dependencies]
aws-sdk-dynamodb = { version = "=1.136.0", default-features = false, features = ["rt-tokio"] }
aws-smithy-http-client = { version = "=1.5.2", features = ["default-client"] }
lambda_runtime = { version = "=1.5.0", default-features = false, features = ["tracing"] }
tokio = { version = "=1.54.1", default-features = false, features = ["macros", "rt"] }
# Not called here. They set up the log, write into it, or choose what of a value is written.
aws-credential-types = "=1.3.1"
aws-runtime = "=1.10.2"
aws-sigv4 = "=1.6.4"
aws-smithy-runtime = "=1.16.2"
aws-smithy-runtime-api = "=1.19.2"
aws-smithy-types = "=1.9.1"
lambda_runtime_api_client = { version = "=1.1.1", default-features = false }
tracing = "=0.1.44"

[profile.dev]
debug = false

[workspace]
TOML
cat > "$folder/src/main.rs" <<'RUST'
use aws_sdk_dynamodb::config::{BehaviorVersion, Credentials, Region};
use aws_sdk_dynamodb::types::AttributeValue;
use aws_sdk_dynamodb::{Client, Config};
use lambda_runtime::tracing;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;

const ITEM: &str = r#"{"Item":{"number":{"N":"7"},"email":{"S":"item@example.com"}}}"#;

/// Answers one request with the item, and writes the request to a file as it came.
fn serve(listener: TcpListener, file: String) {
    let (stream, _) = listener.accept().unwrap();
    let mut reader = BufReader::new(&stream);
    let (mut request, mut length) = (String::new(), 0);
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).unwrap();
        request.push_str(&line);
        if let Some(value) = line.to_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().unwrap();
        }
        if line.trim().is_empty() {
            break;
        }
    }
    reader.take(length).read_to_string(&mut request).unwrap();
    std::fs::write(file, request).unwrap();
    let head = "HTTP/1.1 200 OK\r\nContent-Type: application/x-amz-json-1.0\r\nConnection: close";
    let answer = format!("{head}\r\nContent-Length: {}\r\n\r\n{ITEM}", ITEM.len());
    (&stream).write_all(answer.as_bytes()).unwrap();
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    tracing::init_default_subscriber();
    tracing::info!("the function has started");
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    let file = std::env::args().nth(1).unwrap();
    let server = std::thread::spawn(move || serve(listener, file));

    let token = Some("example-session-token".to_owned());
    let (id, secret) = ("example-access-key-id", "example-secret-key");
    let credentials = Credentials::new(id, secret, token, None, "example");
    let config = Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("us-east-1"))
        .credentials_provider(credentials)
        .endpoint_url(endpoint)
        .http_client(aws_smithy_http_client::Builder::new().build_http())
        .build();
    let key = AttributeValue::S("key@example.com".to_owned());
    let call = Client::from_conf(config).get_item().table_name("customers").key("email", key);
    let item = call.send().await.unwrap().item.unwrap();
    assert_eq!(item["email"], AttributeValue::S("item@example.com".to_owned()));
    server.join().unwrap();
}
RUST

unset RUST_LOG LOG_SENSITIVE_BODIES LOG_SIGNABLE_BODY
export AWS_LAMBDA_LOG_FORMAT=JSON
seen=
for level in INFO DEBUG TRACE; do
    log=$folder/$level.log
    request=$folder/$level.request
    AWS_LAMBDA_LOG_LEVEL=$level cargo run --quiet --manifest-path "$folder/Cargo.toml" -- \
        "$request" > "$log"
    grep -q "the function has started" "$log"
    signature=$(grep -o "Signature=[0-9a-f]*" "$request")
    line="found at $level:"
    # The last of these is the signature.
    for text in item@example.com key@example.com example-access-key-id example-session-token \
        example-secret-key "${signature#*=}"; do
        if grep -qF "$text" "$log"; then
            line="$line $text"
        fi
    done
    echo "$line"
    seen="$seen$line "
done
expected="found at INFO: found at DEBUG: found at TRACE: item@example.com example-access-key-id "
if [ "$seen" != "$expected" ]; then
    echo "the behaviour has changed" >&2
    exit 1
fi
# The two forms of the item at TRACE, as text in JSON.
grep -o 'SdkBody { inner: Once(Some(b.*item@example.com[^)]*))' "$folder/TRACE.log"
grep -o 'GetItemOutput { item: Some(.*item@example.com[^}]*})' "$folder/TRACE.log"
