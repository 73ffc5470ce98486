use super::*;
use crate::tests::read_mail;

fn of(subject: &str) -> String {
    let raw = format!("From: a@b.test\r\nSubject: {subject}\r\n\r\n");
    read_mail(raw.as_bytes()).subject
}

#[test]
fn a_subject_is_decoded_onto_one_line() {
    for (value, subject) in [
        ("Re: [RC-4fQ9zLk2] Hello", "Re: [RC-4fQ9zLk2] Hello"),
        ("folded\r\n  and   spaced", "folded and spaced"),
        ("=?utf-8?Q?one=0D=0ABcc:_two?=", "one Bcc: two"),
        ("=?utf-8?Q?a=E2=80=AEb=E2=80=8Bc?=", "abc"),
        ("=?utf-8?B?6YCA?=\r\n =?utf-8?B?5qy+?=", "退款"),
        ("=?gb2312?B?zcu/7g==?= RC", "退款 RC"),
        ("=?utf-8?B?6YCA5g==?=\r\n =?utf-8?B?rL4=?=", "退款"),
        ("raw 退款", "raw 退款"),
        ("=?utf-8?X?a?= =?broken", "=?utf-8?X?a?= =?broken"),
    ] {
        assert_eq!(of(value), subject, "{value}");
    }
}

#[test]
fn a_long_subject_is_cut() {
    assert_eq!(of(&"é".repeat(2_000)).chars().count(), MAX_SUBJECT);
}

#[test]
fn words_are_found_between_punctuation() {
    let is_case = |word: &str| word.strip_prefix("RC-").is_some_and(|id| id.len() == 8);
    assert_eq!(
        words_like("[RC-4fQ9zLk2]回复RC-4fQ9zLk3 (RC-4fQ9zLk4) RC-short", is_case),
        ["RC-4fQ9zLk2", "RC-4fQ9zLk3", "RC-4fQ9zLk4"]
    );
    assert!(words_like("", |_| false).is_empty());
}
