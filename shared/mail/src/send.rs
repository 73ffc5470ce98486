//! SES: takes a mail, or says why not.

mod outcome;

use std::time::Duration;

use aws_sdk_sesv2::Client;
use aws_sdk_sesv2::config::Builder;
use aws_sdk_sesv2::config::retry::RetryConfig;
use aws_sdk_sesv2::config::timeout::TimeoutConfig;
use aws_sdk_sesv2::error::BuildError;
use aws_sdk_sesv2::types::{Body, Content, Destination, EmailContent, Message, MessageHeader, MessageTag};
use recourse_aws::{Aws, Service};
use recourse_dispute::addresses::MailAddress;

use crate::{ComposedMail, EmailBody};

pub use outcome::Outcome;

/// The name of the tag that says which mail of the outbox it is.
const TAG: &str = "outbox_id";
/// How long one call of SES may take. SES usually answers far faster. After a timeout nobody knows
/// whether SES accepted the mail, so the worker sends it again.
const SEND_TIMEOUT: Duration = Duration::from_secs(10);

/// The client of SES. The SDK retries nothing: only the worker knows whether its claim of a mail
/// still holds.
#[derive(Clone, Debug)]
pub struct Ses {
    client: Client,
    configuration_set: Option<String>,
}

impl Ses {
    /// Sends by the client that `config` describes, with its retries turned off, under a
    /// configuration set where there is one.
    #[must_use]
    pub fn new(config: Builder, configuration_set: Option<String>) -> Self {
        let timeouts = TimeoutConfig::builder().connect_timeout(Duration::from_secs(3)).operation_timeout(SEND_TIMEOUT);
        let timeouts = timeouts.operation_attempt_timeout(SEND_TIMEOUT).build();
        let config = config.retry_config(RetryConfig::disabled()).timeout_config(timeouts).build();
        Self { client: Client::from_conf(config), configuration_set }
    }

    /// The client of a function; `SES_CONFIGURATION_SET` may name a configuration set.
    #[must_use]
    pub fn from_environment(aws: &Aws) -> Self {
        Self::new(Builder::from(&aws.config(Service::Ses)), aws.variable("SES_CONFIGURATION_SET").ok())
    }

    /// Sends a mail, once, tagged with `outbox_id`, which has letters, digits, `_` and `-` alone
    /// (what SES takes in a tag).
    pub async fn send(&self, mail: &ComposedMail, outbox_id: &str) -> Outcome {
        let Ok((message, tag)) = message(mail).and_then(|message| Ok((message, tag(outbox_id)?))) else {
            return Outcome::unbuilt();
        };
        let texts = |addresses: &[MailAddress]| addresses.iter().map(|address| address.as_str().to_owned()).collect();
        let destination = Destination::builder()
            .to_addresses(mail.to.as_str())
            .set_cc_addresses(if mail.cc.is_empty() { None } else { Some(texts(&mail.cc)) })
            .build();
        let answer = self
            .client
            .send_email()
            .from_email_address(mail.from.as_str())
            .destination(destination)
            .reply_to_addresses(mail.reply_to.as_str())
            .content(EmailContent::builder().simple(message).build())
            .email_tags(tag)
            .set_configuration_set_name(self.configuration_set.clone())
            .send()
            .await;
        match answer {
            Ok(accepted) => Outcome::Accepted(accepted.message_id.unwrap_or_default()),
            Err(error) => Outcome::of(&error, mail),
        }
    }
}

fn message(mail: &ComposedMail) -> Result<Message, BuildError> {
    let EmailBody { text, html } = &mail.body;
    let headers =
        mail.headers.iter().map(|header| MessageHeader::builder().name(header.name()).value(header.value()).build());
    let body = Body::builder().text(content(text)?).html(content(html)?).build();
    let headers = headers.collect::<Result<Vec<_>, _>>()?;
    Ok(Message::builder().subject(content(mail.subject.as_str())?).body(body).set_headers(Some(headers)).build())
}

fn content(text: &str) -> Result<Content, BuildError> {
    Content::builder().data(text).charset("UTF-8").build()
}

fn tag(outbox_id: &str) -> Result<MessageTag, BuildError> {
    MessageTag::builder().name(TAG).value(outbox_id).build()
}

#[cfg(test)]
mod tests;
