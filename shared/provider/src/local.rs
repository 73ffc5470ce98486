//! The provider of a local cloud, which is on this machine and speaks plain HTTP.
//!
//! **Invariant:** a binary that is built for release has none of this: it asks over HTTPS and at
//! public addresses alone, whatever its environment says. `make build` refuses a binary that
//! contains the name of the variable.

#[cfg(debug_assertions)]
pub(crate) use debug::Local;
#[cfg(not(debug_assertions))]
pub(crate) use release::Local;

#[cfg(debug_assertions)]
mod debug {
    use std::net::IpAddr;

    use url::{Host, Origin, Url};

    /// The origin that may be plain HTTP on loopback.
    #[derive(Clone, Debug, Default)]
    pub(crate) struct Local(Option<Origin>);

    impl Local {
        pub(crate) fn from_environment() -> Self {
            Self::of(std::env::var("RECOURSE_LOCAL_PROVIDER").ok().as_deref())
        }

        /// Everything but `http://` and a loopback address is ignored.
        pub(crate) fn of(origin: Option<&str>) -> Self {
            let url = origin.and_then(|text| Url::parse(text).ok()).filter(|url| url.scheme() == "http");
            Self(url.filter(is_loopback).map(|url| url.origin()))
        }

        /// Whether an address has exactly this origin.
        pub(crate) fn has(&self, url: &Url) -> bool {
            self.0.as_ref().is_some_and(|origin| *origin == url.origin())
        }
    }

    fn is_loopback(url: &Url) -> bool {
        let address = match url.host() {
            Some(Host::Ipv4(address)) => IpAddr::V4(address),
            Some(Host::Ipv6(address)) => IpAddr::V6(address),
            _ => return false,
        };
        address.is_loopback()
    }
}

#[cfg(not(debug_assertions))]
mod release {
    use url::Url;

    /// There is no such thing.
    #[derive(Clone, Debug, Default)]
    pub(crate) struct Local;

    impl Local {
        pub(crate) const fn from_environment() -> Self {
            Self
        }

        pub(crate) const fn has(&self, _: &Url) -> bool {
            false
        }
    }
}
