//! Why a sign-in at the provider is refused.

use recourse_provider::{BadTls, ProviderError};

/// The settings of the sign-in cannot be used.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum BadIdentity {
    /// One of issuer and client id is there without the other.
    #[error("OidcIssuer and OidcClientId: either both have a value or neither has")]
    Half,
    /// The issuer is no address that the provider can be asked at.
    #[error("OidcIssuer must be https://, without user, password, query and fragment")]
    Issuer,
    /// TLS cannot be set up.
    #[error(transparent)]
    Tls(#[from] BadTls),
}

/// At which step a sign-in at the provider failed. Its text is for the log: it repeats nothing that
/// the provider or a browser sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum IdentityError {
    /// The provider's description or its keys cannot be fetched.
    #[error("the provider's description or its keys: {0}")]
    NoDiscovery(ProviderError),
    /// The provider's description or its keys came and cannot be used.
    #[error("the provider's description or its keys cannot be read, or name an address that is not https://")]
    BadDiscovery,
    /// The description is of another issuer than the one that is configured.
    #[error("the provider's description names another issuer than OidcIssuer, which must be the same text")]
    OtherIssuer,
    /// The provider's token endpoint gave no answer.
    #[error("the provider's token endpoint: {0}")]
    NoToken(ProviderError),
    /// The token endpoint does not accept the client's id and secret.
    #[error("the provider does not accept OidcClientId with the secret that is set")]
    ClientRefused,
    /// The token endpoint does not accept the code.
    #[error("the provider's token endpoint refused the code")]
    CodeRefused,
    /// The answer of the token endpoint is not what OpenID Connect says.
    #[error("the answer of the provider's token endpoint cannot be read, or has no ID token that can be")]
    BadToken,
    /// The ID token is signed by an algorithm that is not on the list, or not at all.
    #[error("the ID token is signed by an algorithm that is not allowed, or not at all")]
    Algorithm,
    /// The ID token names a key that the provider does not publish.
    #[error("the ID token names a key that the provider does not publish")]
    UnknownKey,
    /// The signature of the ID token is wrong.
    #[error("the signature of the ID token is wrong")]
    Signature,
    /// The ID token is of another issuer.
    #[error("the ID token is of another issuer")]
    Issuer,
    /// The ID token is for another client.
    #[error("the ID token is for another client than OidcClientId")]
    Audience,
    /// The ID token is over, or not of this time.
    #[error("the ID token is over, or is from the future")]
    Expired,
    /// The ID token belongs to another sign-in.
    #[error("the ID token belongs to another sign-in")]
    Nonce,
    /// Another rule for ID tokens is broken.
    #[error("the ID token breaks a rule of OpenID Connect")]
    IdToken,
    /// The provider did not say who it is at its userinfo endpoint.
    #[error("the provider's userinfo endpoint: {0}")]
    NoUserInfo(ProviderError),
    /// The answer of the userinfo endpoint cannot be read, or is about somebody else.
    #[error("the answer of the provider's userinfo endpoint cannot be read, or is about somebody else")]
    BadUserInfo,
    /// The provider names no mail address.
    #[error("the provider names no mail address that can be read; the scope `email` must be allowed")]
    NoEmail,
    /// The provider does not say that it has verified the mail address.
    #[error("the provider does not say that the mail address is verified (`email_verified`)")]
    UnverifiedEmail,
}

impl IdentityError {
    /// The stable code, for the audit log.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::NoDiscovery(_) => "provider_unreachable",
            Self::BadDiscovery => "provider_malformed",
            Self::OtherIssuer => "provider_issuer",
            Self::NoToken(_) => "token_unreachable",
            Self::ClientRefused => "client_refused",
            Self::CodeRefused => "code_refused",
            Self::BadToken => "token_malformed",
            Self::Algorithm => "algorithm",
            Self::UnknownKey => "unknown_key",
            Self::Signature => "signature",
            Self::Issuer => "issuer",
            Self::Audience => "audience",
            Self::Expired => "expired",
            Self::Nonce => "nonce",
            Self::IdToken => "id_token",
            Self::NoUserInfo(_) => "userinfo_unreachable",
            Self::BadUserInfo => "userinfo_malformed",
            Self::NoEmail => "no_email",
            Self::UnverifiedEmail => "unverified_email",
        }
    }
}
