//! Where the console is, for the links in mails.

use recourse_edge::Request;

use crate::origin::own_origin;

/// The domain of the deployment, where it has one of its own.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ConsoleAddress(Option<String>);

impl ConsoleAddress {
    /// That of a function: `DOMAIN_NAME`, the parameter of template.yaml.
    #[must_use]
    pub fn from_environment() -> Self {
        Self::new(&std::env::var("DOMAIN_NAME").unwrap_or_default())
    }

    /// With a domain, which may be empty. One with a wildcard leaves the host open.
    #[must_use]
    pub fn new(domain: &str) -> Self {
        let is_one = !domain.is_empty() && !domain.starts_with('*');
        Self(is_one.then(|| format!("https://{domain}")))
    }

    /// The origin of the console's pages, without a slash at the end. Without a domain it is the
    /// host that API Gateway answers for.
    #[must_use]
    pub fn origin(&self, request: &Request) -> Option<String> {
        self.0.clone().or_else(|| own_origin(request).filter(|origin| is_plain(origin)))
    }

    /// The origin to go to instead, where the request came to another host of the deployment. The
    /// cookies of one host are not those of another.
    #[must_use]
    pub fn elsewhere(&self, request: &Request) -> Option<&str> {
        let origin = self.0.as_deref()?;
        (own_origin(request).as_deref() != Some(origin)).then_some(origin)
    }
}

fn is_plain(origin: &str) -> bool {
    origin.bytes().all(|byte| byte.is_ascii_alphanumeric() || b":/.-[]".contains(&byte))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::visitor::testing::request;

    #[test]
    fn the_domain_comes_before_the_host() {
        let at = |host| request("GET", &[("host", host), ("x-forwarded-proto", "https")], &[], "");
        let own = ConsoleAddress::new("disputes.example.com");
        assert_eq!(own.origin(&at("evil.example")).as_deref(), Some("https://disputes.example.com"));
        assert_eq!(own.elsewhere(&at("abc.execute-api.eu-west-1.amazonaws.com")), Some("https://disputes.example.com"));
        assert_eq!(own.elsewhere(&at("disputes.example.com")), None);
        for none in ["", "*.example.com"] {
            let none = ConsoleAddress::new(none);
            assert_eq!(none.origin(&at("a.example")).as_deref(), Some("https://a.example"));
            assert_eq!(none.elsewhere(&at("a.example")), None);
            assert_eq!(none.origin(&at("a.example/<b>")), None);
        }
    }
}
