//! Links and mail addresses, also those that a mail program makes of a bare host.

use crate::redact::is_invisible;

/// What is before a colon in links that open something without a host.
const SCHEMES: [&str; 8] = ["javascript:", "data:", "file:", "tel:", "sms:", "vbscript:", "ftp:", "mailto:"];

/// Whether a text has a link, a host or an address that is not on the list. A link that is on it
/// has to begin with `https://`.
pub(super) fn has_other(text: &str, allowed: &[&str]) -> bool {
    let visible = text.chars().filter(|letter| !is_invisible(*letter) || letter.is_whitespace());
    let plain: String = visible.map(plain).collect();
    let ends = |letter: char| letter.is_whitespace() || "<>()[]{}\"'`,;|\u{27e8}\u{27e9}".contains(letter);
    plain.to_lowercase().split(ends).any(|token| is_other(token, allowed))
}

/// Signs that programs take for a dot, a slash, a colon or an at sign.
fn plain(letter: char) -> char {
    match letter {
        '\u{3002}' | '\u{ff0e}' | '\u{ff61}' | '\u{2024}' => '.',
        '\u{ff0f}' | '\u{2044}' | '\u{2215}' => '/',
        '\u{ff1a}' => ':',
        '\u{ff20}' => '@',
        letter => letter,
    }
}

fn is_other(token: &str, allowed: &[&str]) -> bool {
    let token = token.trim_matches(|letter: char| ".,:;!?*_~".contains(letter));
    if let Some((scheme, rest)) = token.split_once("://") {
        let host = rest.split(['/', '?', '#', '\\']).next().unwrap_or_default();
        return scheme != "https" || !allowed.contains(&host);
    }
    if SCHEMES.iter().any(|scheme| token.starts_with(scheme)) {
        return true;
    }
    if let Some((_, domain)) = token.rsplit_once('@') {
        return is_host(domain) && !allowed.contains(&domain);
    }
    let host = token.split(['/', '?', '#', ':', '\\']).next().unwrap_or_default();
    is_host(host) && !allowed.contains(&host)
}

/// Whether a mail program may take this for a host: labels with dots between them, the last one of
/// two letters or more.
fn is_host(text: &str) -> bool {
    let is_label = |label: &str| {
        !label.is_empty() && label.chars().all(|letter| letter.is_alphanumeric() || letter == '-' || letter == '_')
    };
    let Some((before, last)) = text.rsplit_once('.') else { return false };
    let is_top = (last.chars().count() >= 2 && last.chars().all(char::is_alphabetic)) || last.starts_with("xn--");
    is_top && before.split('.').all(is_label)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_way_to_write_a_link_is_found() {
        let allowed = ["help.recourse.example"];
        for text in [
            "see https://evil.example",
            "https://help.recourse.example.evil.example/x",
            "https://help.recourse.example@evil.example",
            "http://help.recourse.example",
            "HTTPS://EVIL.EXAMPLE/",
            "www.evil.example",
            "evil.com",
            "go to evil.com/path now",
            "bit.ly/x",
            "mail me@evil.example",
            "evil\u{200b}.com",
            "evil\u{ff0e}com",
            "https\u{ff1a}//evil.com",
            "javascript:alert(1)",
            "tel:+60123",
            "[click](https://evil.example)",
            "<a href='https://evil.example'>",
            "xn--80ak6aa92e.com",
            "münchen.de",
            "a.b.c.evil.museum:8080/x",
        ] {
            assert!(has_other(text, &allowed), "{text}");
        }
        for text in [
            "https://help.recourse.example/case",
            "help.recourse.example.",
            "write to cases@help.recourse.example",
            "e.g. this, i.e. that",
            "1550.00 NGN",
            "REF.2026.1",
            "No link here. None.",
            "v1.2.3",
        ] {
            assert!(!has_other(text, &allowed), "{text}");
        }
    }
}
