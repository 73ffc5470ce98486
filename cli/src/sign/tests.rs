use std::collections::BTreeMap;

use recourse_signing::clock::UnixSeconds;

use super::*;
use crate::base_url::BaseUrl;

fn sign(method: Method, path: &str, data: Option<&str>) -> Sign {
    #[derive(clap::Parser)]
    struct Line {
        #[command(flatten)]
        sign: Sign,
    }
    let mut words = vec!["sign", method.name(), path, "--key", "k", "--secret", "c2VjcmV0"];
    words.extend(data.map(|data| ["--data", data]).into_iter().flatten());
    <Line as clap::Parser>::parse_from(words).sign
}

fn headers(sign: &Sign, scheme: Scheme) -> Vec<String> {
    let environment = Settings::new(BTreeMap::new(), "").unwrap();
    let key = sign.calling.key.key(&environment, &BaseUrl::parse("http://localhost").unwrap(), Role::Client).unwrap();
    let stamp = Stamp { at: UnixSeconds(1_402_061_983), nonce: "0123456789abcdef".into() };
    let body = sign.body().unwrap();
    let upload = sign.file.as_deref().map(|path| Upload::of(path, &stamp.nonce).unwrap());
    let headers = sign.headers(&key, scheme, stamp, body.as_deref(), upload.as_ref()).unwrap();
    headers.into_iter().map(|(name, value)| format!("{name}: {value}")).collect()
}

/// Python computed both signatures a second time.
#[test]
fn every_scheme_has_its_headers() {
    let post = sign(Method::Post, "/v1/1001/payments/50001/dispute?b=2&a=1", Some("{}"));
    assert_eq!(
        headers(&post, Scheme::V1),
        [
            "X-Api-Key: k",
            "X-Timestamp: 1402061983",
            "X-Nonce: 0123456789abcdef",
            "X-Signature: v1=id4HUcIekKhFBEhpA7brLcAvFStPheJclGjcOKUiw7E=",
            "Content-Type: application/json"
        ]
    );
    assert_eq!(
        headers(&post, Scheme::Gcs),
        [
            "Date: Fri, 06 Jun 2014 13:39:43 GMT",
            "Authorization: GCS v1HMAC:k:KdaSyc5iHW7q9jxEWflqO4Oh1G6/Je1BFh3IviJ9P7c=",
            "Content-Type: application/json"
        ]
    );
    assert_eq!(
        headers(&sign(Method::Get, "/api/v1/dispute/view/dispute_0000008t", None), Scheme::Basic),
        ["Authorization: Basic azpjMlZqY21WMA=="]
    );
}

#[test]
fn a_request_for_a_token_is_a_form() {
    let token = sign(Method::Post, TOKEN, Some("grant_type=client_credentials"));
    let form = "Content-Type: application/x-www-form-urlencoded".to_owned();
    assert_eq!(headers(&token, Scheme::Basic).last(), Some(&form));
}

#[test]
fn a_path_is_percent_encoded() {
    for path in ["/", "/v2/x?a=%20&b=c", "/a[1]{2}"] {
        assert!(target(path).is_ok(), "{path}");
    }
    for path in ["", "v2/x", "http://x/y", "/a b", "/a#b", "/é", "/a\nb"] {
        assert!(target(path).is_err(), "{path}");
    }
}

#[test]
fn a_file_is_signed_byte_for_byte_and_named_in_the_line() {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), b"{}\xff\n").unwrap();
    let mut sign = sign(Method::Post, "/v2/x", None);
    let path = file.path().to_str().unwrap().to_owned();
    sign.data_file = Some(path.clone());
    assert_eq!(sign.body().unwrap().unwrap(), b"{}\xff\n");
    assert!(matches!(sign.data(), Some(Data::File(named)) if named == path));
    std::fs::write(file.path(), "\u{feff}{}").unwrap();
    assert!(sign.body().unwrap_err().text.contains("begins with a byte order mark"));
    sign.data_file = Some("/nowhere/body.json".into());
    assert!(sign.body().unwrap_err().text.contains("/nowhere/body.json cannot be read"));
    assert!(super::file("-").is_err());
}

/// The bytes that the line pipes into curl, as a shell makes them.
fn piped(upload: &Upload) -> Vec<u8> {
    let output = std::process::Command::new("sh").arg("-c").arg(upload.to_string()).output().unwrap();
    assert!(output.status.success() && output.stderr.is_empty(), "{upload}");
    output.stdout
}

#[test]
fn an_upload_is_one_part_byte_for_byte() {
    let folder = tempfile::tempdir().unwrap();
    let content: Vec<u8> = (0..=u8::MAX).chain(*b"%s\r\n--recourse-0--\r\n").collect();
    for (name, sent) in [
        ("a.pdf", "a.pdf"),
        ("it's 100% $HOME `id` \"B\" \\.pdf", "it's 100% $HOME `id` %22B%22 %5C.pdf"),
        ("計画.pdf", "計画.pdf"),
        ("-n", "-n"),
    ] {
        let path = folder.path().join(name);
        std::fs::write(&path, &content).unwrap();
        let upload = Upload::of(path.to_str().unwrap(), "1").unwrap();
        let head =
            format!("--recourse-1\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{sent}\"\r\n\r\n");
        assert_eq!(piped(&upload), [head.as_bytes(), &content, b"\r\n--recourse-1--\r\n"].concat(), "{name}");
    }
    for path in [folder.path().to_str().unwrap(), "/nowhere/a.pdf", ""] {
        assert!(Upload::of(path, "1").is_err(), "{path}");
    }
}

/// Python computed the signature a second time.
#[test]
fn an_upload_and_its_key_are_signed() {
    let file = tempfile::Builder::new().suffix(".pdf").tempfile().unwrap();
    let mut sign = sign(Method::Post, "/files/v1/1001/disputes/7", None);
    sign.file = Some(file.path().to_str().unwrap().to_owned());
    sign.idempotence_key = Some("upload 1".to_owned());
    assert_eq!(
        headers(&sign, Scheme::Gcs),
        [
            "Date: Fri, 06 Jun 2014 13:39:43 GMT",
            "Authorization: GCS v1HMAC:k:VDDL3fKjLLT7UiImvmgjq7WCt25ETP81PYRneE/dwzo=",
            "X-GCS-Idempotence-Key: upload 1",
            "Content-Type: multipart/form-data; boundary=recourse-0123456789abcdef"
        ]
    );
    let environment = Settings::new(BTreeMap::new(), "").unwrap();
    sign.scheme = Some(Scheme::V1);
    assert!(sign.run(&environment).unwrap_err().text.contains("gcs"));
    for key in ["", " a", "a ", "é", "a\tb", &"k".repeat(41)] {
        assert!(idempotence_key(key).is_err(), "{key:?}");
    }
    assert!(idempotence_key(&"k".repeat(40)).is_ok() && idempotence_key("a key").is_ok());
}

/// What is explained is what is signed: the signature of the explained text is the header's.
#[test]
fn what_is_signed_is_explained_step_by_step() {
    let post = sign(Method::Post, "/v1/1001/payments/50001/dispute?b=2&a=1", Some("{}"));
    let secret = recourse_signing::Secret::from_base64("c2VjcmV0").unwrap();
    let (text, all) = explained(&post, Scheme::V1);
    let signed = text.strip_prefix("signed text: ").unwrap();
    assert_eq!(signed, "v1:1402061983:0123456789abcdef:POST:a=1&b=2:RBNvo1WzZ4oRRq0W9+hknpT7T8If536DEMBg9hyq/4o=");
    let signature = BASE64.encode(secret.sign_bytes(signed.as_bytes()));
    assert!(all.contains(&format!("X-Signature: v1={signature}")), "{all}");
    assert!(all.contains("body hash: RBNvo1WzZ4oRRq0W9+hknpT7T8If536DEMBg9hyq/4o="), "{all}");
    let (text, all) = explained(&post, Scheme::Gcs);
    let lines = r"POST\napplication/json\nFri, 06 Jun 2014 13:39:43 GMT\n/v1/1001/payments/50001/dispute?b=2&a=1\n";
    assert_eq!(text, format!("signed text: {lines}"));
    let secret = recourse_signing::Secret::from_text("c2VjcmV0").unwrap();
    let signature = BASE64.encode(secret.sign_bytes(lines.replace(r"\n", "\n").as_bytes()));
    assert!(all.contains(&format!("Authorization: GCS v1HMAC:k:{signature}")), "{all}");
    assert!(!all.contains("c2VjcmV0"), "{all}");
    assert!(explained(&post, Scheme::Basic).0.is_empty());
}

/// The line with the signed text, and all lines.
fn explained(sign: &Sign, scheme: Scheme) -> (String, String) {
    let environment = Settings::new(BTreeMap::new(), "").unwrap();
    let key = sign.calling.key.key(&environment, &BaseUrl::parse("http://localhost").unwrap(), Role::Client).unwrap();
    let stamp = Stamp { at: UnixSeconds(1_402_061_983), nonce: "0123456789abcdef".into() };
    let body = sign.body().unwrap();
    let headers = sign.headers(&key, scheme, stamp, body.as_deref(), None).unwrap();
    let all = sign.explanation(scheme, &headers, body.as_deref()).text();
    let line = all.lines().find(|line| line.starts_with("signed text: ")).unwrap_or_default().to_owned();
    (line, all)
}
