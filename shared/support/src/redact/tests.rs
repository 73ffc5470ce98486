//! What is found, and what is left alone.

use proptest::prelude::*;

use super::*;

#[test]
fn card_numbers_are_found_however_they_are_written() {
    for text in [
        "4111111111111111",
        "4111 1111 1111 1111",
        "card 4111-1111-1111-1111.",
        "4111.1111.1111.1111",
        "4111\u{a0}1111\u{2013}1111\u{200b}1111",
        "４１１１１１１１１１１１１１１１",
        "3782 822463 10005",
        "no 99 4111111111111111 00",
    ] {
        assert!(secrets(text).contains(&Secret::CardNumber), "{text}");
    }
    for text in
        ["4111 1111 1111 1112", "refid 123456", "2026-11-30 13:47", "000000000000000", "20261130134711000012345"]
    {
        assert!(!secrets(text).contains(&Secret::CardNumber), "{text}");
    }
}

#[test]
fn pins_and_keys_are_found() {
    for text in ["PIN: 1234", "your pin is 9876", "123456789012", "otp 445566", "密码：1234"] {
        assert!(secrets(text).contains(&Secret::Pin), "{text}");
    }
    for text in ["-----BEGIN PRIVATE KEY-----", "AKIAIOSFODNN7EXAMPLE", "Password: hunter2", "whsec_abc"] {
        assert!(secrets(text).contains(&Secret::Key), "{text}");
    }
    for text in ["shopping 1234", "RC-4fQ9zLk2", "Amount 1550.00 NGN", "spin 1234"] {
        assert!(secrets(text).is_empty(), "{text}");
    }
}

#[test]
fn a_redacted_text_tells_nothing_of_a_person() {
    let text = "I am Aisyah,\nmail aisyah@example.com or +60 12-345 6789, card 4111 1111 1111 1111, pin 4321, see https://x.example";
    let shown = redacted(text, &["Aisyah Rahman"], 500);
    assert_eq!(shown, "I am [name] mail [address] or +[number], card [card number], pin [pin], see [link]");
}

#[test]
fn codes_of_vouchers_are_taken_out_and_words_are_not() {
    for text in ["ABCD-1234-EFGH", "x7k2p9q4", "1234-5678-ABCD", "(ABCD-EFGH-IJKL)", "1234-5678-ABCD."] {
        assert_eq!(redacted(text, &[], 100), "[code]", "{text}");
    }
    for text in ["top-up-voucher", "RC-12", "well-known", "30 November 2026", "Aisyah2"] {
        assert_eq!(redacted(text, &[], 100), text);
    }
}

#[test]
fn passwords_are_taken_out_and_words_about_them_pass() {
    for (text, shown) in [
        ("The password is hunter2, thanks", "The password is [key] thanks"),
        ("password hunter2", "password [key]"),
        ("Password=hunter2", "[key]"),
        ("kata laluan ialah rahsia1", "kata laluan ialah [key]"),
    ] {
        assert_eq!(redacted(text, &[], 100), shown);
        assert_eq!(secrets(text), [Secret::Key], "{text}");
    }
    assert!(secrets("Never tell anybody your password or PIN.").is_empty());
}

#[test]
fn days_stay_and_numbers_beside_them_do_not() {
    for text in [
        "Redeemed on 2026-11-29 at 10:02",
        "Used 29/11/2026 10:02:33.",
        "(29.11.2026)",
        "at 2026-11-29T10:02:33.120+08:00, again 2026-11-30T00:00:00Z",
    ] {
        assert_eq!(redacted(text, &[], 200), text);
    }
    for (text, shown) in [
        ("2026-11-29 60123456789", "2026-11-29 [number]"),
        ("pin 4455 on 2026-11-29", "pin [pin] on 2026-11-29"),
        ("2026-13-29", "[code]"),
        ("2026-11-29T123456789012", "[code]"),
        ("9026-11-29", "[code]"),
    ] {
        assert_eq!(redacted(text, &[], 200), shown);
    }
}

proptest! {
    #[test]
    fn no_text_panics(text in any::<String>(), digits in "[0-9 \\-pin]{0,60}") {
        for text in [text, digits] {
            let _ = secrets(&text);
            let shown = redacted(&text, &["x"], 50);
            prop_assert!(shown.chars().count() <= 50 && !shown.chars().any(is_invisible));
        }
    }

    #[test]
    fn a_card_number_never_stays(before in "[a-z ]{0,10}", gaps in prop::collection::vec("[ -]?", 15), first in prop::collection::vec(0_u32..10, 15)) {
        let first: Vec<u32> = [4].into_iter().chain(first.into_iter().skip(1)).collect();
        let check = (0..10).find(|last| is_luhn(&[first.as_slice(), &[*last]].concat())).unwrap();
        let mut text = before;
        text.push('x');
        for (digit, gap) in first.iter().chain([&check]).zip(gaps.iter().map(String::as_str).chain([""])) {
            text.push_str(&digit.to_string());
            text.push_str(gap);
        }
        prop_assert!(secrets(&text).contains(&Secret::CardNumber));
        prop_assert!(!redacted(&text, &[], 200).chars().any(|letter| letter.is_ascii_digit()));
    }
}
