//! In whose name mail goes out.

use recourse_dispute::addresses::MailAddress;
use recourse_dispute::ids::printable;

/// A brand's name is at most this many characters long.
const LONGEST_NAME: usize = 60;

/// In whose name mail goes out: the deployment's configuration.
#[derive(Clone, Debug)]
pub struct Branding {
    name: String,
    support_address: MailAddress,
}

/// A text that is no brand's name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must be 1 to {LONGEST_NAME} printable characters without a space at either end")]
pub struct BadBrand;

impl Branding {
    /// A brand's name in any script, and the address that a reader can write to.
    ///
    /// # Errors
    /// [`BadBrand`].
    pub fn new(name: impl Into<String>, support_address: MailAddress) -> Result<Self, BadBrand> {
        let name = name.into();
        let fits = printable(&name, LONGEST_NAME) && name.trim().len() == name.len();
        if fits { Ok(Self { name, support_address }) } else { Err(BadBrand) }
    }

    /// The name that mails are signed with.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The address that a reader can write to.
    #[must_use]
    pub fn support_address(&self) -> &MailAddress {
        &self.support_address
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_brands() {
        let brand = |name: &str| Branding::new(name, MailAddress::parse("support@example.com").unwrap());
        for name in ["Recourse", "Café \"Pay\"", "支付"] {
            assert_eq!(brand(name).unwrap().name(), name);
        }
        for name in ["", " Recourse", "Re\r\ncourse", &"a".repeat(61)] {
            assert_eq!(brand(name).unwrap_err(), BadBrand, "{name:?}");
        }
    }
}
