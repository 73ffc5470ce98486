use proptest::prelude::*;

use super::*;

const LABELS: [&str; 30] = [
    "",
    "utf-8",
    "us-ascii",
    "iso-8859-1",
    "windows-1252",
    "gb2312",
    "gbk",
    "gb18030",
    "big5",
    "utf-16",
    "utf-16le",
    "utf-16be",
    "utf-7",
    "iso-2022-jp",
    "iso-2022-kr",
    "euc-kr",
    "shift_jis",
    "hz-gb-2312",
    "koi8-r",
    "x-user-defined",
    "macintosh",
    "iso-8859-6",
    "ibm850",
    "cp866",
    "iso-8859-8-i",
    "utf-8*en",
    "'utf-8'",
    "unknown",
    "x-mac-cyrillic",
    "windows-1258",
];

#[test]
fn a_wrong_label_does_not_spoil_a_text() {
    let chinese = "您好，退款还没有到账。";
    for label in ["us-ascii", "iso-8859-1", "gb2312", "gb18030", "big5", "nonsense", "utf-8", ""] {
        assert_eq!(decode(chinese.as_bytes(), Some(label)), chinese, "{label}");
    }
    let gbk = GBK.encode(chinese).0;
    for label in [None, Some("utf-8"), Some("gb2312"), Some("nonsense")] {
        assert_eq!(decode(&gbk, label), chinese, "{label:?}");
    }
    assert_eq!(decode(b"caf\xe9 d\xe9j\xe0", None), "café déjà");
    assert_eq!(decode(b"caf\xe9", Some("utf-8")), "café");
    assert_eq!(
        decode("ẹ ṣé gan-an \u{1e63}".as_bytes().split_last().unwrap().1, Some("utf-8")),
        "ẹ ṣé gan-an \u{fffd}"
    );
}

proptest! {
    #[test]
    fn every_label_reads_all_bytes(bytes in prop::collection::vec(any::<u8>(), 0..400), other in ".{0,60}") {
        for label in LABELS {
            let _ = decode(&bytes, Some(label));
        }
        let _ = decode(&bytes, Some(&other));
        let _ = decode(&bytes, None);
    }

    #[test]
    fn utf8_comes_back(text in any::<String>()) {
        prop_assume!(!text.starts_with('\u{feff}'));
        for label in [None, Some("utf-8"), Some("nonsense")] {
            prop_assert_eq!(decode(text.as_bytes(), label), text.as_str());
        }
    }
}
