//! Which tokens are good, and which are not.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD as BASE64;
use proptest::prelude::*;

use super::*;

const KEY: [u8; 32] = [7; 32];
const NOW: UnixMillis = UnixMillis(1_764_547_200_000);

fn claims() -> Claims {
    let (domain, account) = (DomainCode::parse("FBN").unwrap(), AccountId::parse("acct_fbn").unwrap());
    Claims::new("Jideobi.Onuora".to_owned(), domain, account, Environment::Production, NOW)
}

fn current() -> i64 {
    NOW.seconds() / PERIOD_SECONDS
}

/// A token with this header and these claims, signed as it should be.
fn made(header: &str, claims: &str) -> String {
    let message = format!("{}.{}", BASE64.encode(header), BASE64.encode(claims));
    let tag = Secret::from_bytes(&KEY).unwrap().sign_bytes(message.as_bytes());
    format!("{message}.{}", BASE64.encode(tag))
}

#[test]
fn a_token_is_good_for_fifteen_minutes() {
    let token = sign(&KEY, current(), &claims()).unwrap();
    assert_eq!(period(&token, NOW), Some(current()));
    assert_eq!(verify(&KEY, &token, NOW), Some(claims()));
    assert_eq!(verify(&KEY, &token, NOW.plus(899_999)), Some(claims()));
    assert_eq!(verify(&KEY, &token, NOW.plus(900_000)), None);
    assert_eq!(verify(&[8; 32], &token, NOW), None);
    assert_eq!(
        made(
            &format!(r#"{{"typ":"JWT","alg":"HS256","kid":"{}"}}"#, current()),
            &serde_json::to_string(&claims()).unwrap()
        ),
        token
    );
}

#[test]
fn a_key_signs_for_its_period_and_is_good_in_the_next() {
    let token = sign(&KEY, current(), &claims()).unwrap();
    let periods = |periods: i64| period(&token, NOW.plus(periods * PERIOD_SECONDS * 1000));
    assert_eq!((periods(-1), periods(0), periods(1), periods(2)), (None, Some(current()), Some(current()), None));
}

#[test]
fn the_header_chooses_no_algorithm_and_the_claims_no_longer_life() {
    let good = serde_json::to_value(claims()).unwrap();
    for header in [r#"{"alg":"none"}"#, r#"{"alg":"HS512"}"#, r#"{"alg":"RS256"}"#, "{}", "[]"] {
        assert_eq!(verify(&KEY, &made(header, &good.to_string()), NOW), None, "{header}");
    }
    for (name, value) in [
        ("iss", "another".into()),
        ("scope", "everything".into()),
        ("exp", serde_json::json!(NOW.seconds() + 86_400)),
        ("exp", serde_json::json!("9999999999")),
        ("domain", "a b".into()),
    ] {
        let mut other = good.clone();
        other[name] = value;
        assert_eq!(verify(&KEY, &made(r#"{"alg":"HS256"}"#, &other.to_string()), NOW), None, "{name}");
    }
    let unsigned = made(r#"{"alg":"HS256"}"#, &good.to_string());
    let (message, _) = unsigned.rsplit_once('.').unwrap();
    for token in [message.to_owned(), format!("{message}."), format!("{message}.AAAA"), String::new(), "..".to_owned()]
    {
        assert_eq!(verify(&KEY, &token, NOW), None, "{token}");
    }
    assert_eq!(period(&"x".repeat(LONGEST + 1), NOW), None);
}

proptest! {
    #[test]
    fn no_text_panics(text in any::<String>(), dotted in "[A-Za-z0-9_-]{0,20}[.][A-Za-z0-9_-]{0,20}[.][A-Za-z0-9_-]{0,20}") {
        for text in [text, dotted] {
            prop_assert_eq!(verify(&KEY, &text, NOW), None);
            let _ = period(&text, NOW);
        }
    }
}
