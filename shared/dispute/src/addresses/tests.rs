//! What passes, what does not and why, and that nothing harmful ever does.

use super::*;
use proptest::prelude::*;

fn read(text: &str) -> Result<String, BadAddress> {
    MailAddress::parse(text).map(|address| address.as_str().to_owned())
}

#[test]
fn takes_addresses() {
    for (text, stored) in [
        ("user@example.com", "user@example.com"),
        ("User.Name+tag@EXAMPLE.Com", "User.Name+tag@example.com"),
        ("o'brien!#$%&*-/=?^_`{|}~@a.b", "o'brien!#$%&*-/=?^_`{|}~@a.b"),
        ("kunde@bücher.example", "kunde@xn--bcher-kva.example"),
        ("kunde@XN--BCHER-KVA.example", "kunde@xn--bcher-kva.example"),
        ("a@r3---sn.example", "a@r3---sn.example"),
        ("a@1.2.3.example", "a@1.2.3.example"),
        ("a@例え.jp", "a@xn--r8jz45g.jp"),
    ] {
        assert_eq!(read(text).unwrap_or_default(), stored, "{text}");
    }
    assert!(read(&format!("{}@example.com", "a".repeat(64))).is_ok());
}

#[test]
fn names_the_part_that_is_wrong() {
    let long_host = format!("{0}.{0}.{0}.com", "a".repeat(63));
    for (text, reason) in [
        ("", BadAddress::NoAt),
        ("user", BadAddress::NoAt),
        ("@example.com", BadAddress::Local),
        (" user@example.com", BadAddress::WhiteSpace),
        ("us er@example.com", BadAddress::WhiteSpace),
        ("us\u{a0}er@example.com", BadAddress::WhiteSpace),
        ("=?utf-8?q?user?=@example.com", BadAddress::EncodedWord),
        ("a=?iso-8859-1?B?dXNlcg==?=b@example.com", BadAddress::EncodedWord),
        (".user@example.com", BadAddress::Local),
        ("user.@example.com", BadAddress::Local),
        ("us..er@example.com", BadAddress::Local),
        ("\"user\"@example.com", BadAddress::Local),
        ("User <user@example.com", BadAddress::WhiteSpace),
        ("a@b@example.com", BadAddress::Local),
        ("a,b@example.com", BadAddress::Local),
        ("üser@example.com", BadAddress::Local),
        ("user\r\nBcc: x@example.com", BadAddress::WhiteSpace),
        (&format!("{}@example.com", "a".repeat(65)), BadAddress::Local),
        ("user@", BadAddress::Domain),
        ("user@example", BadAddress::Domain),
        ("user@example.com ", BadAddress::WhiteSpace),
        ("user@example.com\r\n", BadAddress::WhiteSpace),
        ("user@example.com>", BadAddress::Domain),
        ("user@example.com.", BadAddress::Domain),
        ("user@.example.com", BadAddress::Domain),
        ("user@exa_mple.com", BadAddress::Domain),
        ("user@-example.com", BadAddress::Domain),
        ("user@127.0.0.1", BadAddress::Domain),
        ("user@[127.0.0.1]", BadAddress::Domain),
        ("user@xn--a.com", BadAddress::Domain),
        (&format!("user@{}.com", "a".repeat(64)), BadAddress::Domain),
        (&format!("user@{}", "a.".repeat(20_000)), BadAddress::Domain),
        (&format!("{}@{long_host}", "a".repeat(64)), BadAddress::TooLong),
    ] {
        assert_eq!(read(text), Err(reason), "{text:?}");
    }
    assert!(read(&format!("{}@{long_host}", "a".repeat(254 - 1 - long_host.len()))).is_ok());
}

#[test]
fn what_a_person_typed_is_trimmed_at_its_ends_alone() {
    let address = MailAddress::parse("user@example.com").unwrap();
    for text in ["user@example.com ", "\t user@example.com\r\n", "\u{a0}user@example.com\u{3000}"] {
        assert_eq!(MailAddress::parse_typed(text), Ok(address.clone()), "{text:?}");
        assert_eq!(MailAddress::parse(text), Err(BadAddress::WhiteSpace), "{text:?}");
    }
    for text in ["user @example.com", "user@ example.com", "user@example.com\r\nBcc: b@example.com"] {
        assert_eq!(MailAddress::parse_typed(text), Err(BadAddress::WhiteSpace), "{text:?}");
    }
    assert_eq!(MailAddress::parse_typed("\u{200b}user@example.com"), Err(BadAddress::Local), "invisible is not white");
}

#[test]
fn debug_shows_no_address() {
    let address = MailAddress::parse("user@example.com").unwrap();
    assert_eq!(format!("{address:?}"), "MailAddress([REDACTED])");
}

#[test]
fn what_was_stored_is_checked_again() {
    let address = MailAddress::parse("user@example.com").unwrap();
    let stored = serde_json::to_string(&address).unwrap();
    assert_eq!(stored, "\"user@example.com\"");
    assert_eq!(serde_json::from_str::<MailAddress>(&stored).unwrap(), address);
    assert!(serde_json::from_str::<MailAddress>("\"user@example.com\\r\\n\"").is_err());
}

fn harmless(address: &str) -> bool {
    address.len() <= 254 && address.bytes().all(|byte| byte.is_ascii_graphic() && !b"\"<>(),:;[\\]".contains(&byte))
}

proptest! {
    #[test]
    fn nothing_panics_and_nothing_harmful_passes(text in any::<String>()) {
        if let Ok(stored) = read(&text) {
            prop_assert!(harmless(&stored));
        }
    }

    #[test]
    fn almost_an_address_is_harmless_when_it_passes(
        local in "[a-z.\r\n\t \"<>@,;\u{0}\u{7f}\u{e9}]{0,8}",
        domain in "[a-z.\r\n\t \"<>@\u{0}\u{7f}\u{85}\u{a0}\u{ad}\u{200b}\u{2028}\u{3002}\u{ff0d}\u{e9}]{0,12}",
    ) {
        let text = format!("{local}@{domain}.com");
        if let Ok(stored) = read(&text) {
            prop_assert!(harmless(&stored));
            prop_assert!(!text.contains(['\r', '\n', '\t', ' ', '\0']));
        }
    }

    #[test]
    fn what_was_read_reads_as_itself(local in "[A-Za-z0-9+_-]{1,20}", label in "[\\pL]{1,10}", top in "[a-z]{2,8}") {
        if let Ok(address) = MailAddress::parse(&format!("{local}@{label}.{top}")) {
            prop_assert_eq!(MailAddress::parse(address.as_str()), Ok(address));
        }
    }
}

#[test]
fn an_erased_address_is_a_valid_one_that_no_mail_reaches() {
    let erased = MailAddress::erased(7);
    assert_eq!(MailAddress::parse(erased.as_str()), Ok(erased.clone()));
    assert!(erased.is_erased() && erased != MailAddress::erased(8));
    for other in ["erased.invalid@customer.example", "a@not-erased.invalid", "a@erased.invalid.example"] {
        assert!(!MailAddress::parse(other).unwrap().is_erased(), "{other}");
    }
}
