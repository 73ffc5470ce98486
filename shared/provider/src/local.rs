//! The provider of a local cloud, and the receivers of its webhooks, which are on this machine and
//! speak plain HTTP.
//!
//! **Invariant:** a binary that is built for release has none of this: it sends over HTTPS and to
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

    /// What may be plain HTTP on loopback.
    #[derive(Clone, Debug, Default)]
    pub(crate) enum Local {
        #[default]
        Nothing,
        /// This origin.
        Origin(Origin),
        /// Every address on this machine.
        Machine,
    }

    impl Local {
        pub(crate) fn from_environment() -> Self {
            Self::of(std::env::var("RECOURSE_LOCAL_PROVIDER").ok().as_deref())
        }

        /// Everything but `http://` and a loopback address is ignored.
        pub(crate) fn of(origin: Option<&str>) -> Self {
            let url = origin.and_then(|text| Url::parse(text).ok()).filter(|url| url.scheme() == "http");
            url.filter(is_loopback).map_or(Self::Nothing, |url| Self::Origin(url.origin()))
        }

        /// Every receiver on this machine, in a local cloud; otherwise nothing.
        pub(crate) fn any_receiver() -> Self {
            Self::machine(!matches!(Self::from_environment(), Self::Nothing))
        }

        /// Every address on this machine, or nothing.
        pub(crate) fn machine(is_local_cloud: bool) -> Self {
            if is_local_cloud { Self::Machine } else { Self::Nothing }
        }

        /// Whether an address may be plain HTTP. What the name `localhost` leads to is checked once
        /// it is resolved.
        pub(crate) fn has(&self, url: &Url) -> bool {
            match self {
                Self::Nothing => false,
                Self::Origin(origin) => *origin == url.origin(),
                Self::Machine => {
                    let is_named = matches!(url.host(), Some(Host::Domain("localhost")));
                    url.scheme() == "http" && (is_named || is_loopback(url))
                }
            }
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

        pub(crate) const fn any_receiver() -> Self {
            Self
        }

        pub(crate) const fn machine(_: bool) -> Self {
            Self
        }

        pub(crate) const fn has(&self, _: &Url) -> bool {
            false
        }
    }
}
