//! The address of a service, which `.recourse.env`, a setting or a flag names.

use std::net::IpAddr;
use std::str::FromStr;

use ureq::http::Uri;

/// The address of a service: scheme, host and port.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct BaseUrl {
    text: String,
    host: String,
}

impl BaseUrl {
    /// Reads an address, or names the rule that it breaks.
    pub(crate) fn parse(text: &str) -> Result<Self, &'static str> {
        let rule = "must be http:// or https://, a host and perhaps a port, and nothing more, such as https://disputes.example.com";
        let uri = Uri::from_str(text).map_err(|_| rule)?;
        let (Some("http" | "https"), Some(authority)) = (uri.scheme_str(), uri.authority()) else { return Err(rule) };
        if !matches!(uri.path(), "" | "/")
            || uri.query().is_some()
            || authority.as_str().contains('@')
            || text.contains('#')
        {
            return Err(rule);
        }
        Ok(Self { text: text.trim_end_matches('/').to_owned(), host: authority.host().to_owned() })
    }

    pub(crate) fn is_loopback(&self) -> bool {
        let host = self.host.trim_start_matches('[').trim_end_matches(']');
        host.eq_ignore_ascii_case("localhost") || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
    }

    /// The address without a slash at its end. The signed part of a request begins after it.
    pub(crate) fn as_str(&self) -> &str {
        &self.text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_scheme_host_and_port() {
        for text in ["http://127.0.0.1:3000", "https://disputes.example.com/", "http://[::1]:80", "http://LOCALHOST"] {
            assert_eq!(BaseUrl::parse(text).unwrap().as_str(), text.trim_end_matches('/'));
        }
        for text in [
            "",
            "/v2",
            "127.0.0.1:3000",
            "ftp://127.0.0.1",
            "http://",
            "http://a b",
            "https://x.example/prod",
            "https://x.example/?q",
            "https://x.example#f",
            "https://user:secret@x.example",
        ] {
            assert!(BaseUrl::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn every_name_of_this_machine_is_loopback() {
        for (text, expected) in [
            ("http://127.0.0.1:3000", true),
            ("http://127.9.9.9", true),
            ("http://localhost:1", true),
            ("http://[::1]:3000", true),
            ("http://127.0.0.1.example.com", false),
            ("http://localhost.example.com", false),
            ("https://10.0.0.1", false),
        ] {
            assert_eq!(BaseUrl::parse(text).unwrap().is_loopback(), expected, "{text}");
        }
    }
}
