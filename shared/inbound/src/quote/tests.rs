use proptest::prelude::*;

use super::*;

fn new(text: &str) -> String {
    let lines: Vec<String> = text.lines().map(str::to_owned).collect();
    written(&lines)
}

#[test]
fn text_between_marked_lines_is_new() {
    assert_eq!(new("> a\n\none\n\n> b\ntwo\n> c"), "one\n\ntwo");
    assert_eq!(new("On 3 Nov at 10:02, A <a@b.test> wrote:\n> a\none"), "one");
}

#[test]
fn introductions_are_told_from_words() {
    for text in [
        "On Monday he wrote:\nno",
        "On 3 November the shop wrote:\nno",
        "wrote:",
        "I wrote on 3 Nov at 10:02 to a@b.test:\nno answer",
        "From: x\nTo: y\nDate: z",
        "-----",
        "Original message",
        "Begin forwarded message",
        "On the 3rd",
    ] {
        assert_eq!(new(text), text);
    }
    assert_eq!(new("On 3 November the shop wrote:\n> no\nso there"), "so there");
}

#[test]
fn signatures_are_left_out_and_long_ones_are_text() {
    assert_eq!(new("one\n-- \nme\n\nOn 3 Nov at 10:02, A wrote:\n> a\ntwo"), "one\n\ntwo");
    let long = "line\n".repeat(20);
    assert_eq!(new(&format!("one\n--\n{long}")), format!("one\n--\n{long}").trim());
    assert_eq!(new("Sent from my iPhone"), "");
    assert_eq!(new("Sent from my iPhone\nreally"), "Sent from my iPhone\nreally");
}

#[test]
fn empty_lines_are_never_two() {
    assert_eq!(new("\n\n a\n\n\n\nb  \n\n"), "a\n\nb");
}

proptest! {
    #[test]
    fn nothing_but_lines_of_the_text_comes_out(lines in prop::collection::vec("[ -~\u{4e00}-\u{4e10}]{0,40}", 0..40)) {
        for line in written(&lines).lines() {
            prop_assert!(line.is_empty() || lines.iter().any(|known| known.contains(line)));
        }
    }
}
