//! Where a question goes, by the address in an account's configuration.

use std::net::{IpAddr, SocketAddr};

use recourse_dispute::text::is_invisible;
use tokio::net::lookup_host;
use tokio_rustls::rustls::pki_types::ServerName;
use url::{Host, Url};

use crate::local::Local;
use crate::{ProviderError, is_public};

/// The longest address, in characters.
const MAX_URL: usize = 2048;

/// Whether events may be delivered to an address, as far as its text tells: a name may still lead
/// to an address that is not public, which is seen when it is resolved. With `is_local_cloud`, a
/// build with debug assertions also takes plain HTTP on this machine.
///
/// # Errors
/// [`ProviderError::BadUrl`] and [`ProviderError::PrivateAddress`].
pub fn check_address(text: &str, is_local_cloud: bool) -> Result<(), ProviderError> {
    check(text, &Local::machine(is_local_cloud))
}

/// As [`check_address`], in a function: whether it runs in a local cloud is what its environment
/// says.
///
/// # Errors
/// As [`check_address`].
pub fn check_receiver(text: &str) -> Result<(), ProviderError> {
    check(text, &Local::any_receiver())
}

fn check(text: &str, local: &Local) -> Result<(), ProviderError> {
    // Reading an address drops or replaces some of these without a word, and what is stored would
    // keep them: `https://a.example\@127.0.0.1/` leads to `a.example`. People read what is stored.
    let is_hidden = |letter: char| letter.is_whitespace() || letter == '\\' || is_invisible(letter);
    let after_scheme = text.split_once(':').and_then(|(_, rest)| rest.strip_prefix("//"));
    let has_host = after_scheme.is_some_and(|rest| !rest.starts_with('/'));
    if text.contains(is_hidden) || !has_host {
        return Err(ProviderError::BadUrl);
    }
    let target = Target::parse(text, local)?;
    // Nothing listens there.
    if target.port == 0 {
        return Err(ProviderError::BadUrl);
    }
    let is_allowed = target.is_local || target.literal().is_none_or(is_public);
    if is_allowed { Ok(()) } else { Err(ProviderError::PrivateAddress) }
}

/// A provider's address, or a receiver's, read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Target {
    host: Host,
    port: u16,
    /// Path and query.
    pub(crate) path: String,
    /// The value of the header `Host`.
    pub(crate) authority: String,
    /// Plain HTTP on loopback, which the local cloud alone has.
    pub(crate) is_local: bool,
}

impl Target {
    /// Reads an address as browsers do (WHATWG URL), so that `0x7f.1` is the IPv4 address that it
    /// is to them.
    pub(crate) fn parse(text: &str, local: &Local) -> Result<Self, ProviderError> {
        if text.len() > MAX_URL {
            return Err(ProviderError::BadUrl);
        }
        let url = Url::parse(text).map_err(|_| ProviderError::BadUrl)?;
        let is_local = local.has(&url);
        let is_plain = url.username().is_empty() && url.password().is_none() && url.fragment().is_none();
        if !is_plain || !(is_local || url.scheme() == "https") {
            return Err(ProviderError::BadUrl);
        }
        let (host, port) = url.host().zip(url.port_or_known_default()).ok_or(ProviderError::BadUrl)?;
        let authority = url.port().map_or_else(|| host.to_string(), |port| format!("{host}:{port}"));
        let query = url.query().map(|query| format!("?{query}")).unwrap_or_default();
        let path = format!("{}{query}", url.path());
        Ok(Self { host: host.to_owned(), port, path, authority, is_local })
    }

    /// The address itself, where no name has to be resolved.
    pub(crate) fn literal(&self) -> Option<IpAddr> {
        match self.host {
            Host::Ipv4(address) => Some(IpAddr::V4(address)),
            Host::Ipv6(address) => Some(IpAddr::V6(address)),
            Host::Domain(_) => None,
        }
    }

    /// All its addresses, resolved once.
    pub(crate) async fn addresses(&self) -> Result<Vec<SocketAddr>, ProviderError> {
        let addresses: Vec<SocketAddr> = match &self.host {
            Host::Ipv4(address) => vec![SocketAddr::new(IpAddr::V4(*address), self.port)],
            Host::Ipv6(address) => vec![SocketAddr::new(IpAddr::V6(*address), self.port)],
            Host::Domain(name) => {
                lookup_host((name.as_str(), self.port)).await.map_err(|_| ProviderError::NoSuchHost)?.collect()
            }
        };
        if addresses.is_empty() { Err(ProviderError::NoSuchHost) } else { Ok(addresses) }
    }

    /// The name that the certificate must have.
    pub(crate) fn server_name(&self) -> Result<ServerName<'static>, ProviderError> {
        match &self.host {
            Host::Ipv4(address) => Ok(ServerName::from(IpAddr::V4(*address))),
            Host::Ipv6(address) => Ok(ServerName::from(IpAddr::V6(*address))),
            // Certificates have names without the full stop that makes a name absolute.
            Host::Domain(name) => ServerName::try_from(name.strip_suffix('.').unwrap_or(name).to_owned())
                .map_err(|_| ProviderError::BadUrl),
        }
    }
}
