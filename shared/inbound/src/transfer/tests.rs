use proptest::prelude::*;

use super::*;

#[test]
fn broken_encodings_give_what_can_be_read() {
    for (text, bytes) in [
        ("QUJD", "ABC"),
        ("QUI=", "AB"),
        ("QUI", "AB"),
        ("QU*JD\r\n", "ABC"),
        ("QQ==QUJD", "AABC"),
        ("Q", ""),
        ("====", ""),
    ] {
        assert_eq!(base64(text.as_bytes()), bytes.as_bytes(), "{text}");
    }
    for (text, bytes) in [
        ("a=3Db", "a=b"),
        ("a=\r\nb", "ab"),
        ("a= \t\r\nb", "ab"),
        ("a=", "a"),
        ("a=ZZ", "a=ZZ"),
        ("=4", "=4"),
        ("=4a", "J"),
    ] {
        assert_eq!(quoted_printable(text.as_bytes()), bytes.as_bytes(), "{text}");
    }
}

#[test]
fn text_that_only_claims_to_be_base64_stays() {
    assert_eq!(decode(b"Just words.\r\nNothing more.", "BASE64"), b"Just words.\r\nNothing more.".as_slice());
    assert_eq!(decode(b"QUJD", "base64"), b"ABC".as_slice());
    assert_eq!(decode(b"QUJD", "8bit"), b"QUJD".as_slice());
}

proptest! {
    #[test]
    fn what_is_encoded_comes_back(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let encoded = base64::engine::general_purpose::STANDARD.encode(&bytes);
        prop_assert_eq!(base64(encoded.as_bytes()), bytes.clone());
        // Lines of any length, with strays between them.
        for width in [1, 3, 7, 76] {
            let lines: Vec<&str> = encoded.as_bytes().chunks(width).map(|line| std::str::from_utf8(line).unwrap()).collect();
            prop_assert_eq!(base64(lines.join("\r\n").as_bytes()), bytes.clone());
            prop_assert_eq!(base64(lines.join(" *\n").as_bytes()), bytes.clone());
        }
        let printable: String = bytes.iter().map(|byte| format!("={byte:02X}")).collect();
        prop_assert_eq!(quoted_printable(printable.as_bytes()), bytes);
    }
}
