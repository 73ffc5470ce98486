use super::*;

#[test]
fn words_of_one_charset_are_joined_before_they_are_decoded() {
    // The letter's three bytes are in two words.
    assert_eq!(decode("=?utf-8?Q?=E9=80?= =?UTF-8?Q?=80?="), "退");
    assert_eq!(decode("a =?utf-8?q?b_c?= d"), "a b c d");
    assert_eq!(decode("=?utf-8*en?q?b?="), "b");
}

#[test]
fn what_is_no_word_stays() {
    for text in ["", "=?", "=?=?", "=?utf-8?", "=?utf-8?q?", "=?utf-8?q?x", "=?utf-8?qq?x?=", "a=?b", "? =? ?="] {
        assert_eq!(decode(text), text);
    }
}
