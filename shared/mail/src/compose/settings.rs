//! What a deployment chose for its mail.

use recourse_aws::{Aws, BadVariable, Service};
use recourse_dispute::addresses::{BadAddress, MailAddress};

use super::Composer;
use crate::Branding;
use crate::branding::BadBrand;
use crate::header::{BadHeader, HeaderValue, encoded_words};

/// The longest local part that a plus sign and a token of 26 characters leave room for: RFC 5321
/// allows 64.
const LONGEST_LOCAL: usize = 64 - 1 - 26;
/// SES takes an address of at most this many characters, its display name included.
const LONGEST_SENDER: usize = 320;
/// What is wrong with the settings of a deployment's mail.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadSettings {
    /// A variable is not set.
    #[error(transparent)]
    Missing(#[from] BadVariable),
    /// A variable holds no address.
    #[error("{variable}: {reason}")]
    Address {
        /// The name of the variable.
        variable: &'static str,
        /// What is wrong with its value.
        reason: BadAddress,
    },
    /// The identity's local part is too long for plus-addresses.
    #[error(
        "MAIL_FROM: the part before the @ must be at most {LONGEST_LOCAL} characters, so that a plus-address of it can be one"
    )]
    LongSender,
    /// The brand's name.
    #[error("BRAND: {0}")]
    Brand(#[from] BadBrand),
    /// The sender with its name is more than SES takes.
    #[error(
        "MAIL_FROM and BRAND: must together be at most {LONGEST_SENDER} characters, a letter that is not ASCII counted as five"
    )]
    LongName,
    /// The sender's header.
    #[error("MAIL_FROM and BRAND: {0}")]
    Sender(#[from] BadHeader),
    /// The region is not known.
    #[error("AWS_REGION: must name the region that SES is used in")]
    Region,
}

impl Composer {
    /// Writes mail in the name of `branding`, from the verified identity `from`, sent by SES in
    /// `region`.
    ///
    /// # Errors
    /// [`BadSettings`].
    pub fn new(branding: Branding, from: MailAddress, region: impl Into<String>) -> Result<Self, BadSettings> {
        let local = from.as_str().rsplit_once('@').map_or(0, |(local, _)| local.len());
        if local > LONGEST_LOCAL {
            return Err(BadSettings::LongSender);
        }
        let from_header = sender(branding.name(), &from)?;
        Ok(Self { branding, from, from_header, region: region.into() })
    }

    /// The composer of a function: `MAIL_FROM`, `BRAND` and `SUPPORT_ADDRESS`.
    ///
    /// # Errors
    /// [`BadSettings`].
    pub fn from_environment(aws: &Aws) -> Result<Self, BadSettings> {
        let address = |name| {
            MailAddress::parse_typed(&aws.variable(name)?)
                .map_err(|reason| BadSettings::Address { variable: name, reason })
        };
        let branding = Branding::new(aws.variable("BRAND")?, address("SUPPORT_ADDRESS")?)?;
        let region = aws.config(Service::Ses).region().map(ToString::to_string).ok_or(BadSettings::Region)?;
        Self::new(branding, address("MAIL_FROM")?, region)
    }
}

/// The sender as From has it: a name and the identity's address.
///
/// # Errors
/// [`BadSettings`] where no header can hold it, or SES does not take it.
pub(super) fn sender(name: &str, from: &MailAddress) -> Result<HeaderValue, BadSettings> {
    let sender = HeaderValue::parse(format!("{} <{}>", display_name(name), from.as_str()))?;
    if sender.as_str().len() > LONGEST_SENDER { Err(BadSettings::LongName) } else { Ok(sender) }
}

/// A name in the form that it has before an address: quoted (RFC 5322), or in encoded words (RFC
/// 2047) when it is not ASCII.
fn display_name(name: &str) -> String {
    if name.is_ascii() {
        return format!("\"{}\"", name.replace('\\', "\\\\").replace('"', "\\\""));
    }
    encoded_words(name)
}
