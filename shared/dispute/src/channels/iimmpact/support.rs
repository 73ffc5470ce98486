//! How the support process answers the reports of an account: the member `support` of the account's
//! general configuration. Recourse-specific.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::ids::{printable, visible};
use crate::transaction::Kind;

/// The most addresses of providers.
const MAX_PROVIDERS: usize = 200;
/// The most characters of a product's name.
const MAX_NAME: usize = 128;
/// The most characters of an address.
const MAX_URL: usize = 500;

/// The account's own of the support process.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SupportConfiguration {
    /// Where the provider of a payment is asked: HTTPS addresses, by the name of the product or by
    /// the kind (`voucher`, `bill`, `topup`, `other`). The product's goes before the kind's.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub providers: BTreeMap<String, String>,
    /// The tag of the language in which customers are answered, such as `ms`. Without one it is
    /// English, or what a model takes the customer's language for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
    /// Whether From names the agent who wrote a mail, beside the brand.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub shows_agent_name: bool,
}

impl SupportConfiguration {
    /// Whether nothing is set.
    #[must_use]
    pub fn is_default(&self) -> bool {
        *self == Self::default()
    }

    /// Where the provider of a payment is asked.
    #[must_use]
    pub fn provider(&self, product: Option<&str>, kind: Kind) -> Option<&str> {
        let of = |name: &str| self.providers.get(name).map(String::as_str);
        product.and_then(of).or_else(|| of(kind.name()))
    }

    /// The rule that is broken, and the member that breaks it.
    pub(crate) fn broken_rule(&self) -> Option<(&'static str, String)> {
        let is_name = |name: &String| printable(name, MAX_NAME) && visible(name).is_ok();
        let is_tag = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
        let is_language = |tag: &String| (2..=12).contains(&tag.len()) && tag.bytes().all(is_tag);
        if self.providers.len() > MAX_PROVIDERS || !self.providers.keys().all(is_name) {
            let rule = format!(
                "must name at most {MAX_PROVIDERS} products or kinds, each of 1 to {MAX_NAME} printable characters, without white space at their ends and without invisible ones"
            );
            return Some(("support.providers", rule));
        }
        if !self.providers.values().all(|url| is_https(url)) {
            let rule = format!(
                "must have addresses that begin with https:// and name a host, of at most {MAX_URL} visible ASCII characters, without a user, a password or a fragment"
            );
            return Some(("support.providers", rule));
        }
        if !self.language.iter().all(is_language) {
            let rule = "must be 2 to 12 letters, digits and hyphens, such as en or ms".to_owned();
            return Some(("support.language", rule));
        }
        None
    }
}

/// Whether a text is an HTTPS address without a part that would be surprising in a request.
fn is_https(url: &str) -> bool {
    let Some(rest) = url.strip_prefix("https://") else { return false };
    let host = rest.split(['/', '?']).next().unwrap_or_default();
    let is_host = |byte: u8| byte.is_ascii_alphanumeric() || b".-:[]".contains(&byte);
    url.len() <= MAX_URL
        && url.bytes().all(|byte| byte.is_ascii_graphic() && !b"#\\\"<>".contains(&byte))
        && host.starts_with(|letter: char| letter.is_ascii_alphanumeric() || letter == '[')
        && host.bytes().all(is_host)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::channels::tutelar::configuration::Configuration;

    #[test]
    fn a_products_own_provider_goes_before_that_of_its_kind() {
        let json = br#"{"support": {"providers": {"voucher": "https://v.example/ask", "Game 50": "https://g.example"},
            "language": "ms", "shows_agent_name": true}}"#;
        let support = Configuration::parse(json).unwrap().support;
        let asked = |product, kind| support.provider(product, kind);
        assert_eq!(asked(Some("Game 50"), Kind::Voucher), Some("https://g.example"));
        assert_eq!(asked(Some("Other"), Kind::Voucher), Some("https://v.example/ask"));
        assert_eq!((asked(None, Kind::Voucher), asked(None, Kind::Bill)), (Some("https://v.example/ask"), None));
        assert!(!support.is_default() && SupportConfiguration::default().is_default());
        let stored = serde_json::to_string(&Configuration::default()).unwrap();
        assert!(!stored.contains("support"), "an earlier release reads a configuration that does not use it: {stored}");
    }

    #[test]
    fn says_which_rule_is_broken() {
        for url in [
            "http://v.example",
            "https://",
            "https:///path",
            "https://user:pass@v.example",
            "https://v.example/#fragment",
            "https://v.example/a b",
            "https://v.example/\u{e9}",
            "https://v.example\\@evil.example",
            "HTTPS://v.example",
            &format!("https://{}.example", "v".repeat(500)),
        ] {
            let providers = BTreeMap::from([("voucher".to_owned(), url.to_owned())]);
            let support = SupportConfiguration { providers, ..SupportConfiguration::default() };
            assert_eq!(support.broken_rule().unwrap().0, "support.providers", "{url}");
        }
        for url in ["https://v.example", "https://v.example:8443/a?b=c&d=%20", "https://[2001:db8::1]/x"] {
            assert!(is_https(url), "{url}");
        }
        for (json, said) in [
            (r#"{"support": {"providers": {" voucher": "https://v.example"}}}"#, "support.providers must name"),
            (r#"{"support": {"language": "en_US"}}"#, "support.language must be 2 to 12"),
            (r#"{"support": {"agent": true}}"#, "unknown field `agent`"),
            (r#"{"support": {"shows_agent_name": 1}}"#, "invalid type"),
        ] {
            let error = Configuration::parse(json.as_bytes()).unwrap_err().to_string();
            assert!(error.contains(said), "{json}: {error}");
        }
    }
}
