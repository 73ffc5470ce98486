use std::collections::BTreeMap;

use super::*;

fn settings(variables: &[(&str, &str)]) -> Settings {
    let variables: BTreeMap<_, _> =
        variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    Settings::new(variables, "").unwrap()
}

fn key(
    flags: (Option<&str>, Option<&str>),
    variables: &[(&str, &str)],
    url: &str,
    caller: Role,
) -> Result<(String, String), String> {
    let options = KeyOptions { key: flags.0.map(str::to_owned), secret: flags.1.map(str::to_owned), staging: false };
    match options.key(&settings(variables), &BaseUrl::parse(url).unwrap(), caller) {
        Ok(key) => Ok((key.id.to_string(), key.secret)),
        Err(failure) => Err(failure.text),
    }
}

const HERE: &str = "http://127.0.0.1:3000";
const THERE: &str = "https://disputes.example.com";

#[test]
fn flags_override_the_environment() {
    let variables = [("RECOURSE_KEY", "k"), ("RECOURSE_SECRET", "s")];
    assert_eq!(key((None, None), &variables, THERE, Role::Client), Ok(("k".into(), "s".into())));
    assert_eq!(key((Some("f"), None), &variables, THERE, Role::Client), Ok(("f".into(), "s".into())));
    assert_eq!(key((Some("f"), Some("g")), &variables, HERE, Role::Platform), Ok(("f".into(), "g".into())));
}

#[test]
fn the_demo_keys_are_those_of_demo_json_and_sign_for_this_machine_alone() {
    let demo: serde_json::Value = serde_json::from_str(include_str!("../../../local/demo.json")).unwrap();
    let keys = demo["accounts"].as_array().unwrap().iter().flat_map(|account| account["keys"].as_array().unwrap());
    let keys: Vec<_> = keys.map(|key| ["id", "secret", "role"].map(|member| key[member].as_str().unwrap())).collect();
    for (caller, role) in [(Role::Client, "client"), (Role::Platform, "platform")] {
        let (id, secret) = key((None, None), &[], HERE, caller).unwrap();
        assert!(keys.contains(&[&id, &secret, role]), "{id}");
    }
    assert!(key((None, None), &[], THERE, Role::Client).unwrap_err().contains("RECOURSE_KEY and RECOURSE_SECRET"));
}

#[test]
fn a_key_needs_its_secret_and_no_error_shows_one() {
    let text = key((None, Some("hunter2")), &[], HERE, Role::Client).unwrap_err();
    assert!(text.contains("--key") && !text.contains("hunter2"), "{text}");
    assert!(key((Some("k"), None), &[], HERE, Role::Client).unwrap_err().contains("RECOURSE_SECRET"));
    assert!(key((Some("k:x"), Some("hunter2")), &[], HERE, Role::Client).unwrap_err().contains("1 to 64 characters"));
    let bad = SigningKey { id: KeyId::parse("k").unwrap(), secret: "hunter2!".into() };
    let text = bad.v1(Stamp { at: UnixSeconds(0), nonce: "n".into() }, "GET", "", b"").unwrap_err().text;
    assert!(text.contains("base64") && !text.contains("hunter2"), "{text}");
}

/// The IIMMPACT contract's vector.
#[test]
fn v1_headers_are_those_of_the_contract() {
    let key = SigningKey {
        id: KeyId::parse("iimm_prod_x").unwrap(),
        secret: "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=".into(),
    };
    let stamp =
        Stamp { at: UnixSeconds(1_764_547_200), nonce: "req-1764547200-00000000-0000-4000-8000-000000000001".into() };
    let headers = key.v1(stamp, "POST", "", br#"{"refid":"123456","user_email":["user@example.com"]}"#).unwrap();
    assert_eq!(
        headers.map(|(name, value)| format!("{name}: {value}")),
        [
            "X-Api-Key: iimm_prod_x",
            "X-Timestamp: 1764547200",
            "X-Nonce: req-1764547200-00000000-0000-4000-8000-000000000001",
            "X-Signature: v1=cDjRvALYQuDu1y+gHKis37P2W59ReuhXIf655mtj49U=",
        ]
    );
}

/// The Connect contract's vector.
#[test]
fn gcs_headers_are_those_of_the_contract() {
    let key = SigningKey {
        id: KeyId::parse("5e45c937b9db33ae").unwrap(),
        secret: "I42Zf4pVnRdroHfuHnRiJjJ2B6+22h0yQt/R3nZR8Xg=".into(),
    };
    let headers = key.gcs(UnixSeconds(1_402_061_983), "GET", "", &[], "/v1/9991/tokens/123456789", "").unwrap();
    assert_eq!(
        headers.map(|(name, value)| format!("{name}: {value}")),
        [
            "Date: Fri, 06 Jun 2014 13:39:43 GMT",
            "Authorization: GCS v1HMAC:5e45c937b9db33ae:J5LjfSBvrQNhu7gG0gvifZt+IWNDReGCmHmBmth6ueI=",
        ]
    );
}

#[test]
fn no_two_stamps_are_alike() {
    let (one, other) = (Stamp::fresh().unwrap(), Stamp::fresh().unwrap());
    assert_ne!(one.nonce, other.nonce);
    assert!((16..=128).contains(&one.nonce.len()));
}
