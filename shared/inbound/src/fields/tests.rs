use super::*;

fn read(raw: &str) -> (Vec<(String, String)>, usize) {
    let mut lines = Lines::new(raw.as_bytes());
    let fields = Fields::read(&mut lines, |_| false);
    (fields.all().iter().map(|field| (field.name().to_owned(), field.value())).collect(), lines.offset())
}

#[test]
fn fields_end_with_the_first_empty_line() {
    let (fields, at) = read("A: 1\r\nB : two\r\n  folded\r\nC:\r\n\r\nD: body");
    assert_eq!(
        fields,
        [("A", "1"), ("B", "two  folded"), ("C", "")].map(|(name, value)| (name.to_owned(), value.to_owned()))
    );
    assert_eq!(at, 31);
}

#[test]
fn what_is_no_field_begins_the_body() {
    for (raw, count, at) in [
        ("", 0, 0),
        ("\r\nA: 1", 0, 2),
        ("Hello there\nA: 1", 0, 0),
        ("A: 1\nHello there\nB: 2", 1, 5),
        (" folded\nA: 1", 0, 0),
        ("From x Mon\nA: 1\n\n", 1, 17),
        ("A: 1", 1, 4),
    ] {
        let (fields, offset) = read(raw);
        assert_eq!((fields.len(), offset), (count, at), "{raw:?}");
    }
}

#[test]
fn a_value_is_one_line() {
    let (fields, _) = read("A: a\r\n b\rc\0d\n\te\n\n");
    assert_eq!(fields[0].1, "a b c d\te");
}

#[test]
fn a_value_and_a_header_are_read_up_to_a_limit() {
    let raw = format!("A: {}\n{}\n", "a".repeat(2 * MAX_VALUE), "B: c\n".repeat(2 * MAX_FIELDS));
    let (fields, at) = read(&raw);
    assert!(fields[0].1.len() <= MAX_VALUE);
    assert_eq!((fields.len(), at), (MAX_FIELDS, raw.len()));
}
