use proptest::prelude::*;

use super::*;

#[test]
fn names_are_base_names() {
    for (name, shown) in [
        ("a.pdf", "a.pdf"),
        ("/etc/passwd", "passwd"),
        ("C:\\a\\b.txt", "b.txt"),
        ("..", ""),
        ("../", ""),
        (".htaccess", "htaccess"),
        ("a\u{202e}fdp.exe", "afdp.exe"),
        ("a\r\nb\u{0}.txt", "ab.txt"),
        ("a:b|c<d>.txt", "a_b_c_d_.txt"),
        (" \u{3000} ", ""),
    ] {
        assert_eq!(base_name(name), shown, "{name:?}");
    }
}

#[test]
fn a_long_name_keeps_its_ending() {
    let name = base_name(&format!("{}.pdf", "é".repeat(500)));
    assert!(name.len() <= MAX_NAME && name.ends_with("é.pdf"), "{name}");
    assert!(base_name(&"a.".repeat(500)).len() <= MAX_NAME);
}

#[test]
fn types_are_types_or_unknown_bytes() {
    for (declared, shown) in [
        ("image/png", "image/png"),
        ("", "application/octet-stream"),
        ("text", "application/octet-stream"),
        ("a/b/c", "application/octet-stream"),
        ("a/b\u{e9}", "application/octet-stream"),
    ] {
        assert_eq!(media_type(declared), shown);
    }
}

proptest! {
    #[test]
    fn any_name_is_bounded_and_in_one_folder(name in any::<String>()) {
        let shown = base_name(&name);
        prop_assert!(shown.len() <= MAX_NAME);
        prop_assert!(!shown.contains(['/', '\\']) && !shown.starts_with('.') && !shown.chars().any(is_invisible));
    }
}
