//! Each header's rule, and which of two faults is named.

use super::*;
use proptest::prelude::*;

const GOOD: [&str; 4] =
    ["iimm_dev_1", "1764547200", "0123456789abcdef", "v1=cDjRvALYQuDu1y+gHKis37P2W59ReuhXIf655mtj49U="];
const NAMES: [&str; 4] = [API_KEY, TIMESTAMP, NONCE, SIGNATURE];

fn parse(values: [Option<&[u8]>; 4]) -> Result<SignedHeaders, HeaderError> {
    SignedHeaders::parse(|asked| NAMES.iter().position(|name| *name == asked).and_then(|place| values[place]))
}

fn good() -> [Option<&'static [u8]>; 4] {
    GOOD.map(|value| Some(value.as_bytes()))
}

/// The header that is wrong when `value` is at `place`.
fn malformed(place: usize, value: &[u8]) -> Option<&'static str> {
    let mut values = good();
    values[place] = Some(value);
    match parse(values) {
        Ok(_) => None,
        Err(HeaderError::Malformed { header, .. }) => Some(header),
        Err(HeaderError::Missing(name)) => panic!("{name} was there"),
    }
}

#[test]
fn reads_what_is_right() {
    let headers = parse(good()).unwrap();
    assert_eq!(headers.key_id, GOOD[0]);
    assert_eq!(headers.sent_at(), UnixSeconds(1_764_547_200));
    assert_eq!(headers.nonce, GOOD[2]);
    assert_eq!(headers.parts("GET", "a=b", b"c").timestamp, GOOD[1]);
}

#[test]
fn names_what_is_missing_before_what_is_malformed() {
    for (place, name) in NAMES.into_iter().enumerate() {
        let mut values = [Some(b"?,".as_slice()); 4];
        values[place] = None;
        let error = parse(values).unwrap_err();
        assert_eq!(error, HeaderError::Missing(name));
        assert_eq!(error.to_string(), format!("{name} is missing"));
    }
}

#[test]
fn a_header_sent_twice_is_malformed() {
    for (place, name) in NAMES.into_iter().enumerate() {
        for comma in [",", ", "] {
            let twice = [GOOD[place], GOOD[place]].join(comma);
            assert_eq!(malformed(place, twice.as_bytes()), Some(name));
        }
        assert_eq!(malformed(place, b""), Some(name));
        assert_eq!(malformed(place, b"\xff\xfe\xff\xfe\xff\xfe\xff\xfe\xff\xfe\xff\xfe\xff\xfe\xff\xfe"), Some(name));
    }
}

#[test]
fn holds_each_to_its_rule() {
    for (key_id, passes) in
        [("a", true), ("A-z_0.9~", true), (&"k".repeat(64), true), (&"k".repeat(65), false), ("a b", false)]
    {
        assert_eq!(malformed(0, key_id.as_bytes()).is_none(), passes, "{key_id}");
    }
    for (timestamp, passes) in [
        ("0", true),
        ("999999999999999", true),
        ("1000000000000000", false),
        ("99999999999999999999", false),
        ("-1", false),
        ("+1", false),
        ("1.0", false),
        (" 1", false),
        ("１", false),
    ] {
        assert_eq!(malformed(1, timestamp.as_bytes()).is_none(), passes, "{timestamp}");
    }
    for (nonce, passes) in [
        ("0123456789abcde".to_owned(), false),
        ("~!@#$%^&*()_+{}|".to_owned(), true),
        ("n".repeat(128), true),
        ("n".repeat(129), false),
        ("0123456789 abcdef".to_owned(), false),
        ("0123456789:abcdef".to_owned(), false),
        ("0123456789\nabcdef".to_owned(), false),
        ("0123456789äabcdef".to_owned(), false),
    ] {
        assert_eq!(malformed(2, nonce.as_bytes()).is_none(), passes, "{nonce}");
    }
    for signature in [
        "cDjRvALYQuDu1y+gHKis37P2W59ReuhXIf655mtj49U=",
        "V1=cDjRvALYQuDu1y+gHKis37P2W59ReuhXIf655mtj49U=",
        "v1=",
        "v1=cDjR",
    ] {
        assert_eq!(malformed(3, signature.as_bytes()), Some(SIGNATURE), "{signature}");
    }
}

proptest! {
    #[test]
    fn never_panics(values in prop::array::uniform4(prop::option::of(prop::collection::vec(any::<u8>(), 0..200)))) {
        let _ = parse([0, 1, 2, 3].map(|place| values[place].as_deref()));
    }

    #[test]
    fn never_panics_on_almost_right_text(key in ".{0,70}", timestamp in "[0-9]{0,30}", nonce in "[ -~]{10,140}", signature in "v1=.{0,60}") {
        let values = [&key, &timestamp, &nonce, &signature].map(|value| Some(value.as_bytes()));
        if let Ok(headers) = parse(values) {
            prop_assert!(headers.sent_at() >= UnixSeconds(0));
        }
    }
}
