//! What SES takes for an e-mail address, with its own words for what it does not.

/// The most characters that SES takes in one address, its display name included.
const ADDRESS_MAX: usize = 320;

/// Reads `address`, `Name <address>` or `"Name" <address>` and returns the bare address.
///
/// The error is SES's message.
pub(super) fn parse(text: &str) -> Result<&str, &'static str> {
    if text.len() > ADDRESS_MAX {
        return Err("Address is longer than 320 characters");
    }
    let address = match text.trim().strip_suffix('>').and_then(|rest| rest.rsplit_once('<')) {
        Some((name, address)) => {
            check_name(name.trim())?;
            address
        }
        None => text.trim(),
    };
    let (local, domain) = address.rsplit_once('@').ok_or("Missing final '@domain'")?;
    check_local(local)?;
    check_domain(domain)?;
    Ok(address)
}

/// A display name is quoted, or made of what needs no quotes.
fn check_name(name: &str) -> Result<(), &'static str> {
    if name.chars().any(char::is_control) {
        return Err("Local address contains control or whitespace");
    }
    let inner = name.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
    let legal = match inner {
        Some(quoted) => !quoted.replace("\\\\", "").replace("\\\"", "").contains(['"', '\\']),
        None => !name.contains(['"', '\\', '(', ')', '<', '>', '[', ']', ':', ';', '@', ',']),
    };
    if legal && name.is_ascii() { Ok(()) } else { Err("Illegal address") }
}

fn check_local(local: &str) -> Result<(), &'static str> {
    if local.is_empty() {
        return Err("Missing local name");
    }
    if local.chars().any(|c| c.is_control() || c.is_whitespace()) {
        return Err("Local address contains control or whitespace");
    }
    if !local.is_ascii() || local.contains(['(', ')', '<', '>', ',', ';', ':', '\\', '"', '[', ']', '@']) {
        return Err("Local address contains illegal character");
    }
    // A mail server would decode an encoded word of a header (RFC 2047) into another address or a
    // line.
    if local.split_once("=?").is_some_and(|(_, rest)| rest.contains("?=")) {
        return Err("Local address contains illegal character");
    }
    if local.starts_with('.') {
        return Err("Local address starts with dot");
    }
    if local.ends_with('.') {
        return Err("Local address ends with dot");
    }
    if local.contains("..") {
        return Err("Local address contains dot-dot");
    }
    Ok(())
}

fn check_domain(domain: &str) -> Result<(), &'static str> {
    if domain.is_empty() {
        return Err("Missing domain");
    }
    if domain.chars().any(|c| c.is_control() || c.is_whitespace()) {
        return Err("Domain contains control or whitespace");
    }
    if !domain.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '.') {
        return Err("Domain contains illegal character");
    }
    if domain.starts_with('.') {
        return Err("Domain starts with dot");
    }
    if domain.ends_with('.') {
        return Err("Domain ends with dot");
    }
    if domain.contains("..") {
        return Err("Domain contains dot-dot");
    }
    Ok(())
}

/// Whether `address` belongs to one of the `verified` identities: the address itself, with or
/// without a `+label`, or its domain.
pub(super) fn is_verified(address: &str, verified: &[String]) -> bool {
    let Some((local, domain)) = address.rsplit_once('@') else { return false };
    let base = local.split_once('+').map_or(local, |(base, _)| base);
    verified.iter().any(|identity| match identity.rsplit_once('@') {
        Some((name, at)) => at.eq_ignore_ascii_case(domain) && (name == local || name == base),
        None => identity.eq_ignore_ascii_case(domain),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_taken_bare_and_with_a_name() {
        for text in [
            "user@example.com",
            "User Name <user@example.com>",
            "\"Name, with comma\" <user@example.com>",
            "<user@example.com>",
        ] {
            assert_eq!(parse(text), Ok("user@example.com"), "{text}");
        }
        assert_eq!(parse("o'brien+tag@xn--bcher-kva.example"), Ok("o'brien+tag@xn--bcher-kva.example"));
    }

    #[test]
    fn a_bad_address_is_refused_in_ses_words() {
        for (text, message) in [
            ("", "Missing final '@domain'"),
            ("user", "Missing final '@domain'"),
            ("@example.com", "Missing local name"),
            ("user@", "Missing domain"),
            ("us er@example.com", "Local address contains control or whitespace"),
            ("user\r\nBcc: x@y.z", "Local address contains control or whitespace"),
            ("user@exam ple.com", "Domain contains control or whitespace"),
            ("user@example.com\r\nBcc: x", "Domain contains control or whitespace"),
            ("Name\r\nBcc: x <user@example.com>", "Local address contains control or whitespace"),
            ("\u{fc}ser@example.com", "Local address contains illegal character"),
            ("user@b\u{fc}cher.example", "Domain contains illegal character"),
            ("a@b@example.com", "Local address contains illegal character"),
            (".user@example.com", "Local address starts with dot"),
            ("=?utf-8?q?user?=@example.com", "Local address contains illegal character"),
            ("a=?utf-8?b?dXNlcg==?=b@example.com", "Local address contains illegal character"),
            ("us..er@example.com", "Local address contains dot-dot"),
            ("user@example..com", "Domain contains dot-dot"),
            ("user@.example.com", "Domain starts with dot"),
            ("user@example.com.", "Domain ends with dot"),
            ("Karen, Chan <user@example.com>", "Illegal address"),
            ("a@example.com, b@example.com", "Local address contains control or whitespace"),
        ] {
            assert_eq!(parse(text), Err(message), "{text:?}");
        }
        assert!(parse(&format!("{}@example.com", "a".repeat(309))).is_err());
    }

    #[test]
    fn an_identity_covers_its_labels_and_a_domain_its_addresses() {
        let verified = ["cases@recourse.example".to_owned(), "Bank.example".to_owned()];
        for (address, expected) in [
            ("cases@recourse.example", true),
            ("cases@RECOURSE.example", true),
            ("cases+label@recourse.example", true),
            ("other@recourse.example", false),
            ("Cases@recourse.example", false),
            ("anyone@bank.example", true),
            ("anyone@sub.bank.example", false),
        ] {
            assert_eq!(is_verified(address, &verified), expected, "{address}");
        }
    }
}
