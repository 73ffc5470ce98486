//! The providers of a local cloud, and the receivers of its webhooks, which are on this machine and
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
        /// These origins.
        Origins(Vec<Origin>),
        /// Every address on this machine.
        Machine,
    }

    impl Local {
        pub(crate) fn from_environment() -> Self {
            Self::of(std::env::var("RECOURSE_LOCAL_PROVIDER").ok().as_deref())
        }

        /// Everything but `http://` and a loopback address is ignored.
        pub(crate) fn of(origin: Option<&str>) -> Self {
            origin.and_then(loopback).map_or(Self::Nothing, |origin| Self::Origins(vec![origin]))
        }

        /// The same with the origin of one more address, within a local cloud alone.
        pub(crate) fn and(mut self, address: &str) -> Self {
            if let Self::Origins(origins) = &mut self {
                origins.extend(loopback(address));
            }
            self
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
                Self::Origins(origins) => origins.contains(&url.origin()),
                Self::Machine => {
                    let is_named = matches!(url.host(), Some(Host::Domain("localhost")));
                    url.scheme() == "http" && (is_named || is_loopback(url))
                }
            }
        }
    }

    fn loopback(text: &str) -> Option<Origin> {
        let url = Url::parse(text).ok().filter(|url| url.scheme() == "http");
        url.filter(is_loopback).map(|url| url.origin())
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

        pub(crate) const fn and(self, _: &str) -> Self {
            self
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

#[cfg(all(test, debug_assertions))]
mod tests {
    use url::Url;

    use super::Local;

    #[test]
    fn another_origin_is_added_within_a_local_cloud_alone() {
        let has = |local: &Local, url: &str| local.has(&Url::parse(url).unwrap());
        let cloud = Local::of(Some("http://127.0.0.1:3000")).and("http://[::1]:9000/realm");
        assert!(has(&cloud, "http://127.0.0.1:3000/provider") && has(&cloud, "http://[::1]:9000/keys"));
        for other in ["http://127.0.0.1:9000", "http://[::1]", "https://[::1]:9000", "http://localhost:3000"] {
            assert!(!has(&cloud, other), "{other}");
        }
        for address in ["http://10.0.0.1:9000", "https://127.0.0.1:9000", "http://localhost:9000", ""] {
            let more = Local::of(Some("http://127.0.0.1:3000")).and(address);
            assert!(!Url::parse(address).is_ok_and(|url| more.has(&url)), "{address}");
        }
        let deployed = Local::default().and("http://127.0.0.1:9000");
        assert!(!has(&deployed, "http://127.0.0.1:9000"));
    }
}
