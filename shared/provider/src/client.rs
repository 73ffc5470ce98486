//! The client: resolve, check, connect, ask.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use http::header::{HOST, USER_AGENT};
use http::{HeaderValue, Request, Response, StatusCode, Uri};
use http_body_util::Full;
use hyper::body::Bytes;
use recourse_dispute::time::UnixMillis;
use recourse_signing::Secret;
use recourse_support::event::ProviderAnswer;
use recourse_support::question::ProviderQuestion;
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::{self, ClientConfig, RootCertStore};

use crate::delivery::{self, Answer, Message};
use crate::exchange::{deliver, exchange};
use crate::local::Local;
use crate::target::Target;
use crate::{ProviderError, is_public, question};

/// TLS cannot be set up, which depends on nothing outside of the program.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("TLS for providers: {0}")]
pub struct BadTls(#[from] rustls::Error);

/// What may be connected to, and for how long.
#[derive(Clone, Copy, Debug)]
struct Rules {
    is_allowed: fn(IpAddr) -> bool,
    /// For the connection, TLS included.
    connect: Duration,
    /// For all of it.
    whole: Duration,
}

impl Default for Rules {
    fn default() -> Self {
        Self { is_allowed: is_public, connect: Duration::from_secs(3), whole: Duration::from_secs(10) }
    }
}

/// Asks providers. One client serves all of them, one connection each request.
pub struct Client {
    tls: TlsConnector,
    local: Local,
    rules: Rules,
}

impl Client {
    /// A client that trusts Mozilla's root certificates.
    ///
    /// # Errors
    /// [`BadTls`].
    pub fn new() -> Result<Self, BadTls> {
        let roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
        Self::with(roots, Local::from_environment(), Rules::default())
    }

    /// A client that delivers events, for each of which it has 15 seconds. In the local cloud,
    /// receivers on this machine may be plain HTTP.
    ///
    /// # Errors
    /// [`BadTls`].
    pub fn for_webhooks() -> Result<Self, BadTls> {
        let roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
        let rules = Rules { whole: Duration::from_secs(15), ..Rules::default() };
        Self::with(roots, Local::any_receiver(), rules)
    }

    fn with(roots: RootCertStore, local: Local, rules: Rules) -> Result<Self, BadTls> {
        let mut config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()?
            .with_root_certificates(roots)
            .with_no_client_auth();
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Self { tls: TlsConnector::from(Arc::new(config)), local, rules })
    }

    /// Asks the provider at `url`; `secret` is what it shares with the account. No redirect is
    /// followed, and nothing is sent again.
    ///
    /// # Errors
    /// [`ProviderError`].
    pub async fn ask(
        &self,
        url: &str,
        secret: &Secret,
        question: &ProviderQuestion,
        now: UnixMillis,
    ) -> Result<ProviderAnswer, ProviderError> {
        let target = Target::parse(url, &self.local)?;
        let request = question::request(question, &target, secret, now)?;
        let answer = self.send(&target, request, |status| status == StatusCode::OK).await?;
        let text = std::str::from_utf8(answer.body()).map_err(|_| ProviderError::Malformed)?;
        ProviderAnswer::parse(text).map_err(|_| ProviderError::Malformed)
    }

    /// Sends a request to the address that it names, and returns the answer of whatever status. No
    /// redirect is followed: it is the error [`ProviderError::Status`].
    ///
    /// # Errors
    /// [`ProviderError`].
    pub async fn fetch(&self, request: Request<Vec<u8>>) -> Result<Response<Vec<u8>>, ProviderError> {
        let (mut head, body) = request.into_parts();
        let target = Target::parse(&head.uri.to_string(), &self.local)?;
        head.uri = Uri::try_from(target.path.as_str()).map_err(|_| ProviderError::BadUrl)?;
        let host = HeaderValue::from_str(&target.authority).map_err(|_| ProviderError::BadUrl)?;
        head.headers.insert(HOST, host);
        head.headers.insert(USER_AGENT, HeaderValue::from_static("Recourse"));
        let request = Request::from_parts(head, Full::new(Bytes::from(body)));
        let answer = self.send(&target, request, |status| !status.is_redirection()).await?;
        Ok(answer.map(|body| body.to_vec()))
    }

    /// The same client, which within a local cloud also reaches the origin of this address on
    /// loopback, over plain HTTP. Elsewhere it is as before.
    #[must_use]
    pub fn and_local(self, address: &str) -> Self {
        Self { local: self.local.and(address), ..self }
    }

    /// The same client, which waits for so long for a whole exchange.
    #[must_use]
    pub fn within_time(self, whole: Duration) -> Self {
        Self { rules: Rules { whole, ..self.rules }, ..self }
    }

    /// Whether an address is one that this client would send to, as far as its text says.
    #[must_use]
    pub fn takes(&self, url: &str) -> bool {
        Target::parse(url, &self.local).is_ok()
    }

    async fn send(
        &self,
        target: &Target,
        request: Request<Full<Bytes>>,
        takes: fn(StatusCode) -> bool,
    ) -> Result<Response<Bytes>, ProviderError> {
        let answer = async {
            let addresses = self.resolved(target).await?;
            if target.is_local {
                return exchange(self.within(connect(&addresses)).await?, request, takes).await;
            }
            exchange(self.within(self.secured(target, &addresses)).await?, request, takes).await
        };
        timeout(self.rules.whole, Box::pin(answer)).await.map_err(|_| ProviderError::Late)?
    }

    /// Delivers an event to `url`, signed under each of `secrets`. Whatever status is answered is
    /// returned; no redirect is followed, and nothing is sent again.
    ///
    /// # Errors
    /// [`ProviderError`] where there is no answer.
    pub async fn post(
        &self,
        url: &str,
        secrets: &[Secret],
        message: Message<'_>,
        now: UnixMillis,
    ) -> Result<Answer, ProviderError> {
        let target = Target::parse(url, &self.local)?;
        let request = delivery::request(message, &target, secrets, now)?;
        let answer = async {
            let addresses = self.resolved(&target).await?;
            if target.is_local {
                return deliver(self.within(connect(&addresses)).await?, request).await;
            }
            deliver(self.within(self.secured(&target, &addresses)).await?, request).await
        };
        timeout(self.rules.whole, Box::pin(answer)).await.map_err(|_| ProviderError::Late)?
    }

    /// The addresses of a target, resolved once: what is checked here is what is connected to. A
    /// target on this machine must be on loopback.
    async fn resolved(&self, target: &Target) -> Result<Vec<SocketAddr>, ProviderError> {
        let addresses = target.addresses().await?;
        if !target.is_local {
            self.check(&addresses)?;
        } else if !addresses.iter().all(|address| address.ip().is_loopback()) {
            return Err(ProviderError::PrivateAddress);
        }
        Ok(addresses)
    }

    /// Every address must be allowed, since a name with a public and a private one is a trap.
    fn check(&self, addresses: &[SocketAddr]) -> Result<(), ProviderError> {
        let is_allowed = addresses.iter().all(|address| (self.rules.is_allowed)(address.ip()));
        if is_allowed { Ok(()) } else { Err(ProviderError::PrivateAddress) }
    }

    async fn within<T>(&self, work: impl Future<Output = Result<T, ProviderError>>) -> Result<T, ProviderError> {
        timeout(self.rules.connect, work).await.map_err(|_| ProviderError::Unreachable)?
    }

    async fn secured(&self, target: &Target, addresses: &[SocketAddr]) -> Result<TlsStream<TcpStream>, ProviderError> {
        let name = target.server_name()?;
        let stream = connect(addresses).await?;
        self.tls.connect(name, stream).await.map_err(|error| {
            let is_tls = error.get_ref().is_some_and(|cause| cause.is::<rustls::Error>());
            if is_tls { ProviderError::Untrusted } else { ProviderError::Unreachable }
        })
    }
}

impl std::fmt::Debug for Client {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Client").field("local", &self.local).field("rules", &self.rules).finish_non_exhaustive()
    }
}

/// Connects to one of the addresses, tried in their order.
async fn connect(addresses: &[SocketAddr]) -> Result<TcpStream, ProviderError> {
    TcpStream::connect(addresses).await.map_err(|_| ProviderError::Unreachable)
}

#[cfg(test)]
mod tests;
