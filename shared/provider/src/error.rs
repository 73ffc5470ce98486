//! Why there is no answer.

/// Why a provider gave no answer that counts. Its text is the reason on record: it names no host
/// and no address, and repeats nothing that the provider sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
pub enum ProviderError {
    /// The address cannot be asked at all.
    #[error("the provider's address must be https://, without user, password or fragment, and at most 2048 characters")]
    BadUrl,
    /// The question cannot be sent.
    #[error("the question has characters that a header cannot have, or is longer than 8 KB")]
    Unsendable,
    /// The name has no address.
    #[error("the provider's host name has no address")]
    NoSuchHost,
    /// One of the addresses is not of the public internet.
    #[error("the provider's host name leads to an address that is not public")]
    PrivateAddress,
    /// No connection.
    #[error("the provider accepts no connection")]
    Unreachable,
    /// TLS failed: the certificate, or the protocol.
    #[error("the provider's certificate or its TLS is not accepted")]
    Untrusted,
    /// The connection ended before the answer did.
    #[error("the connection to the provider ended before its answer did")]
    Broken,
    /// The whole of it took too long.
    #[error("the provider did not answer in time")]
    Late,
    /// Another status than 200. No redirect is followed.
    #[error("the provider answered with the status {0}; it must be 200, and redirects are not followed")]
    Status(u16),
    /// The header block or the body is too long.
    #[error("the provider's answer is longer than 16 KB of headers or 64 KB of body")]
    TooLarge,
    /// What came is no HTTP.
    #[error("the provider's answer is no HTTP/1.1")]
    NoHttp,
    /// The body is not what was agreed.
    #[error("the provider's answer must be a JSON object with a known state and members of the right types")]
    Malformed,
}

impl ProviderError {
    /// The stable code, for histories, logs and metrics.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::BadUrl => "bad_url",
            Self::Unsendable => "unsendable",
            Self::NoSuchHost => "no_such_host",
            Self::PrivateAddress => "private_address",
            Self::Unreachable => "unreachable",
            Self::Untrusted => "untrusted",
            Self::Broken => "broken",
            Self::Late => "late",
            Self::Status(_) => "status",
            Self::TooLarge => "too_large",
            Self::NoHttp => "no_http",
            Self::Malformed => "malformed",
        }
    }
}
