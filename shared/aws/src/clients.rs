//! One HTTPS client, and from it the configuration of every service's client.

use std::env;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_smithy_async::rt::sleep::{SharedAsyncSleep, TokioSleep};
use aws_smithy_async::time::{SharedTimeSource, SystemTimeSource};
use aws_smithy_http_client::Builder;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use aws_smithy_http_client::tls::{Provider, TlsContext, TrustStore};
use aws_smithy_runtime_api::client::behavior_version::BehaviorVersion;
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use aws_smithy_types::retry::RetryConfig;
use aws_smithy_types::timeout::TimeoutConfig;
use aws_types::SdkConfig;
use aws_types::region::Region;

/// The roots that AWS's endpoints chain to: Amazon Root CA 1 to 4, and Starfield Services G2.
const ROOTS: &[u8] = include_bytes!("../roots/amazon.pem");

/// An AWS service we call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Service {
    /// What runs a model.
    Bedrock,
    /// Where disputes live.
    DynamoDb,
    /// Where events are put on a bus.
    EventBridge,
    /// What unwraps the data key.
    Kms,
    /// Where evidence lies.
    S3,
    /// What sends mail.
    Ses,
    /// The older API of SES, which alone knows what becomes of the mail that it receives.
    SesReceiving,
    /// Where the payment platform's transactions wait, for the command line alone.
    Sqs,
}

impl Service {
    /// The variable that points a client at another endpoint than AWS's own, as AWS's tools name
    /// it.
    fn endpoint_variable(self) -> &'static str {
        match self {
            Self::Bedrock => "AWS_ENDPOINT_URL_BEDROCK_RUNTIME",
            Self::DynamoDb => "AWS_ENDPOINT_URL_DYNAMODB",
            Self::EventBridge => "AWS_ENDPOINT_URL_EVENTBRIDGE",
            Self::Kms => "AWS_ENDPOINT_URL_KMS",
            Self::S3 => "AWS_ENDPOINT_URL_S3",
            Self::Ses => "AWS_ENDPOINT_URL_SESV2",
            Self::SesReceiving => "AWS_ENDPOINT_URL_SES",
            Self::Sqs => "AWS_ENDPOINT_URL_SQS",
        }
    }
}

/// What is wrong with an environment variable.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadVariable {
    /// It has to be set and is not.
    #[error("the environment variable {0} is not set")]
    Missing(&'static str),
    /// It is set to something that it cannot be.
    #[error("the environment variable {name}: {reason}")]
    Invalid {
        /// Its name.
        name: &'static str,
        /// What is wrong with its value, or what it must be.
        reason: String,
    },
}

/// Looks a variable up, in the environment of the process or in what a test has instead.
type Lookup = Arc<dyn Fn(&'static str) -> Option<String> + Send + Sync>;

/// What every client shares: region, credentials, the HTTPS client.
#[derive(Clone)]
pub struct Aws {
    lookup: Lookup,
    region: Region,
    credentials: SharedCredentialsProvider,
    http: SharedHttpClient,
}

impl Aws {
    /// Reads `AWS_REGION`, `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY` and, where there is one,
    /// `AWS_SESSION_TOKEN`, from the process's environment.
    ///
    /// # Errors
    /// [`BadVariable`] names the first one that is not set, empty or not UTF-8.
    pub fn from_environment() -> Result<Self, BadVariable> {
        Self::with(|name| env::var(name).ok().filter(|value| !value.is_empty()))
    }

    /// The same out of what `lookup` finds, for a program that has its settings elsewhere.
    ///
    /// # Errors
    /// As [`Self::from_environment`].
    pub fn with(lookup: impl Fn(&'static str) -> Option<String> + Send + Sync + 'static) -> Result<Self, BadVariable> {
        let variable = |name| lookup(name).ok_or(BadVariable::Missing(name));
        let credentials = Credentials::new(
            variable("AWS_ACCESS_KEY_ID")?,
            variable("AWS_SECRET_ACCESS_KEY")?,
            variable("AWS_SESSION_TOKEN").ok(),
            None,
            "environment",
        );
        let trust = TrustStore::empty().with_pem_certificate(ROOTS);
        let http = Builder::new()
            .tls_provider(Provider::Rustls(CryptoMode::Ring))
            .tls_context(TlsContext::builder().with_trust_store(trust).build().unwrap_or_default())
            .build_https();
        Ok(Self {
            region: Region::new(variable("AWS_REGION")?),
            credentials: SharedCredentialsProvider::new(credentials),
            http,
            lookup: Arc::new(lookup),
        })
    }

    /// A further variable, from where these came from.
    ///
    /// # Errors
    /// [`BadVariable`].
    pub fn variable(&self, name: &'static str) -> Result<String, BadVariable> {
        (self.lookup)(name).ok_or(BadVariable::Missing(name))
    }

    /// The configuration of one service's client.
    ///
    /// An attempt ends after 2.5 s and an operation after 4 s, so that three operations and an
    /// answer fit into a function's 15 s and a service that is out of reach is answered for, not
    /// timed out on.
    #[must_use]
    pub fn config(&self, service: Service) -> SdkConfig {
        let timeouts = TimeoutConfig::builder()
            .connect_timeout(Duration::from_secs(1))
            .operation_attempt_timeout(Duration::from_millis(2500))
            .operation_timeout(Duration::from_secs(4))
            .build();
        let mut config = SdkConfig::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(self.region.clone())
            .credentials_provider(self.credentials.clone())
            .http_client(self.http.clone())
            .sleep_impl(SharedAsyncSleep::new(TokioSleep::new()))
            .time_source(SharedTimeSource::new(SystemTimeSource::new()))
            .retry_config(RetryConfig::standard().with_initial_backoff(Duration::from_millis(50)))
            .timeout_config(timeouts);
        config.set_endpoint_url(self.variable(service.endpoint_variable()).ok());
        config.build()
    }
}

impl fmt::Debug for Aws {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Aws").field("region", &self.region).finish_non_exhaustive()
    }
}
