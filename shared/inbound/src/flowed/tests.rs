use super::*;

#[test]
fn flowed_lines_are_joined() {
    let text = "One \ntwo\n\n three \n> quoted \n> more\nfour \n-- \nAda";
    assert_eq!(lines(text, false), ["One two", "", "three ", "> quoted ", "> more", "four ", "-- ", "Ada"]);
    assert_eq!(lines("退 \n款", true), ["退款"]);
}
