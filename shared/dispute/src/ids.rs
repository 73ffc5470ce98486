//! The names of things, one type each, so that they cannot be mixed up.
//!
//! The platform contract's "Limits" say what a name may look like. Ids that go into URLs and
//! storage keys are `[A-Za-z0-9._~-]{1,64}`.

use icu_normalizer::ComposingNormalizerBorrowed;

use crate::environment::Environment;
use crate::text::{is_ignorable, leaves_its_line};

/// A text that breaks the rule of the name it was meant to be; the message states the rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct BadName(pub &'static str);

/// A type for a name, and the function that checks its rule.
#[macro_export]
macro_rules! name {
    ($(#[$doc:meta])* $name:ident, $rule:path) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Deserialize)]
        #[serde(try_from = "String")]
        pub struct $name(String);

        impl $name {
            /// Takes a text that keeps the rule of this name.
            ///
            /// # Errors
            /// The rule that was broken.
            pub fn parse(text: &str) -> Result<Self, $crate::ids::BadName> {
                Self::try_from(text.to_owned())
            }

            /// The text itself.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl TryFrom<String> for $name {
            type Error = $crate::ids::BadName;

            fn try_from(text: String) -> Result<Self, $crate::ids::BadName> {
                $rule(&text)?;
                Ok(Self(text))
            }
        }

        impl From<$name> for String {
            fn from(name: $name) -> Self {
                name.0
            }
        }

        // By reference; serde's `into` would copy the name first.
        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(&self.0)
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                out.write_str(&self.0)
            }
        }
    };
}

name! {
    /// The platform's id of a transaction: `[A-Za-z0-9._~-]{1,64}`, unique in the deployment.
    Trxid, url_safe
}
name! {
    /// A client's own reference of a transaction: 1 to 50 printable characters, unique within its
    /// account, as [`visible`] has it.
    Refid, refid
}
name! {
    /// An account of the deployment: `[A-Za-z0-9._~-]{1,64}`.
    AccountId, url_safe
}
name! {
    /// The public part of a credential: `[A-Za-z0-9._~-]{1,64}`.
    KeyId, url_safe
}
name! {
    /// A capture by which the Connect API knows a transaction: `[A-Za-z0-9._~-]{1,64}`.
    CaptureId, url_safe
}
name! {
    /// The Connect API's name of an account: `[A-Za-z0-9._~-]{1,64}`.
    MerchantId, url_safe
}
name! {
    /// The Arbiter API's name of a bank or merchant: `[A-Za-z0-9._~-]{1,64}`.
    DomainCode, url_safe
}
name! {
    /// A person of a bank, within its account: `[A-Za-z0-9._~-]{1,64}`, such as `First.Last`.
    UserName, url_safe
}
name! {
    /// A transaction's type (`details.type`), such as `BillPayment`: 1 to 128 printable characters
    /// (Recourse-specific: the platform contract sets no limit, and a storage key has one), as
    /// [`visible`] has it.
    TransactionType, printable_128
}
name! {
    /// A transaction's reference within its type (`details.reference`): 1 to 128 printable
    /// characters, as [`visible`] has it.
    Reference, printable_128
}

fn url_safe(text: &str) -> Result<(), BadName> {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"._~-".contains(&byte);
    if !(1..=64).contains(&text.len()) || !text.bytes().all(allowed) {
        Err(BadName("must be 1 to 64 characters of A-Z a-z 0-9 . _ ~ -"))
    } else if text == "." || text == ".." {
        // Clients remove them from a request's path, however they are encoded (RFC 3986, 6.2.2).
        Err(BadName("must not be . or .., which no path can hold"))
    } else {
        Ok(())
    }
}

fn refid(text: &str) -> Result<(), BadName> {
    if printable(text, 50) { visible(text) } else { Err(BadName("must be 1 to 50 printable characters")) }
}

fn printable_128(text: &str) -> Result<(), BadName> {
    if printable(text, 128) { visible(text) } else { Err(BadName("must be 1 to 128 printable characters")) }
}

name! {
    /// The id of an endpoint, to which events are delivered: `we_` and 24 hexadecimal digits, or
    /// `bus_` and an environment's name for the deployment's event bus.
    WebhookId, webhook_id
}

impl AccountId {
    /// What stands for an account where the deployment's event bus owns something. No account has
    /// this id.
    #[must_use]
    pub fn event_bus() -> Self {
        Self(EVENT_BUS.to_owned())
    }

    /// Whether it stands for the event bus.
    #[must_use]
    pub fn is_event_bus(&self) -> bool {
        self.as_str() == EVENT_BUS
    }
}

/// [`AccountId::event_bus`].
const EVENT_BUS: &str = "event_bus";
/// How many hexadecimal digits an endpoint's id has.
const ID_DIGITS: usize = 24;
/// What the ids of the event bus begin with.
const BUS: &str = "bus_";

fn webhook_id(text: &str) -> Result<(), BadName> {
    let environments = [Environment::Production, Environment::Staging];
    if environments.iter().any(|environment| text.strip_prefix(BUS) == Some(environment.name())) {
        return Ok(());
    }
    let is_digit = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    let digits = text.strip_prefix("we_").filter(|digits| digits.len() == ID_DIGITS && digits.bytes().all(is_digit));
    digits.map(drop).ok_or(BadName("must be we_ and 24 hexadecimal digits in lower case"))
}

impl WebhookId {
    /// A new id of 12 random bytes.
    #[must_use]
    pub fn new(random: [u8; 12]) -> Self {
        let digits: String = random.iter().map(|byte| format!("{byte:02x}")).collect();
        Self(format!("we_{digits}"))
    }

    /// The id under which the events of an environment wait for the deployment's event bus.
    #[must_use]
    pub fn bus(environment: Environment) -> Self {
        Self(format!("{BUS}{}", environment.name()))
    }

    /// Whether it is one of the event bus.
    #[must_use]
    pub fn is_bus(&self) -> bool {
        self.as_str().starts_with(BUS)
    }
}

/// Whether people who read a name can tell it from every other one: it neither begins nor ends with
/// white space, nothing in it is invisible, and it is in Unicode's form NFC. Invisible are what
/// [`is_ignorable`], the code points that are no characters, and white space other than the plain
/// space. Two spellings of the same characters would otherwise be two things. Characters that
/// merely look alike, such as a Latin and a Cyrillic `a`, are different.
///
/// # Errors
/// [`BadName`] with the rule that was broken.
pub fn visible(text: &str) -> Result<(), BadName> {
    let is_invisible = |character: char| {
        let is_no_character = u32::from(character) & 0xfffe == 0xfffe || ('\u{fdd0}'..='\u{fdef}').contains(&character);
        is_ignorable(character) || (character.is_whitespace() && character != ' ') || is_no_character
    };
    if text.trim() != text {
        Err(BadName("must not begin or end with white space"))
    } else if text.chars().any(is_invisible) {
        Err(BadName("must not have invisible characters, such as a zero-width space"))
    } else if !ComposingNormalizerBorrowed::new_nfc().is_normalized(text) {
        Err(BadName("must be in Unicode's form NFC, in which a letter and its accent are one character"))
    } else {
        Ok(())
    }
}

/// Whether a text has 1 to `most` characters, none of which [`leaves_its_line`].
#[must_use]
pub fn printable(text: &str, most: usize) -> bool {
    !text.is_empty() && text.chars().count() <= most && !text.chars().any(leaves_its_line)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_endpoints_id_is_read_as_it_is_made() {
        let id = WebhookId::new([0xab; 12]);
        assert_eq!((id.as_str().len(), WebhookId::parse(id.as_str())), (27, Ok(id.clone())));
        for text in
            ["", "we_", "we_abababababababababababaB", "we_ababababababababababab", "acct_abababababababababababab"]
        {
            assert!(WebhookId::parse(text).is_err(), "{text}");
        }
        assert!(!id.is_bus());
    }

    #[test]
    fn the_event_bus_has_an_id_for_each_environment() {
        for (environment, text) in [(Environment::Production, "bus_production"), (Environment::Staging, "bus_staging")]
        {
            let id = WebhookId::bus(environment);
            assert_eq!((id.as_str(), id.is_bus(), WebhookId::parse(text)), (text, true, Ok(id.clone())));
        }
        for text in ["bus_", "bus_other", "bus_production_", "BUS_staging"] {
            assert!(WebhookId::parse(text).is_err(), "{text}");
        }
        let owner = AccountId::event_bus();
        assert_eq!(AccountId::parse("event_bus"), Ok(owner.clone()), "it is read where it is stored");
        assert!(owner.is_event_bus() && !AccountId::parse("event_bus_2").unwrap().is_event_bus());
    }

    #[test]
    fn limits_of_names() {
        assert!(Trxid::parse(&"a".repeat(64)).is_ok());
        assert!(Trxid::parse("A.b_c~d-9").is_ok() && Trxid::parse("...").is_ok());
        for text in [
            String::new(),
            "a".repeat(65),
            "a b".into(),
            "a#b".into(),
            "é".into(),
            "a/b".into(),
            ".".into(),
            "..".into(),
        ] {
            assert!(Trxid::parse(&text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_refid_counts_characters_not_bytes() {
        assert!(Refid::parse(&"é".repeat(50)).is_ok());
        assert!(Refid::parse(&"é".repeat(51)).is_err());
        assert!(Refid::parse("a#b c").is_ok());
        assert!(Refid::parse("a\nb").is_err());
        assert!(Refid::parse("").is_err());
    }

    #[test]
    fn what_breaks_a_line_or_turns_it_round_is_not_printable() {
        for character in ["\u{85}", "\u{2028}", "\u{2029}", "\u{202a}", "\u{202e}", "\u{2066}", "\u{2069}"] {
            assert!(!printable(&format!("a{character}b"), 50), "{character:?}");
            assert!(Refid::parse(character).is_err() && Reference::parse(character).is_err(), "{character:?}");
        }
        for text in ["أجرة", "שכר \u{200f}12", "a\u{200d}b", "請求書", "\u{2027}\u{202f}\u{2065}\u{206a}"] {
            assert!(printable(text, 50), "{text:?}");
        }
    }

    #[test]
    fn names_that_look_the_same_are_the_same() {
        let said = |text: &str| Refid::parse(text).map_err(|rule| rule.to_string());
        for text in ["x ", " x", "x\u{a0}", "\u{3000}x"] {
            assert_eq!(said(text).unwrap_err(), "must not begin or end with white space", "{text:?}");
        }
        for character in "\u{ad}\u{34f}\u{61c}\u{115f}\u{180e}\u{200b}\u{200c}\u{200d}\u{200e}\u{2060}\u{3164}\u{fe0f}\u{feff}\u{fffa}\u{e0041}\u{2800}\u{ffff}\u{1fffe}".chars() {
            for text in [format!("x{character}"), format!("x{character}y"), format!("{character}x")] {
                let rule = "must not have invisible characters, such as a zero-width space";
                assert_eq!(said(&text).unwrap_err(), rule, "{text:?}");
                assert!(Reference::parse(&text).is_err() && TransactionType::parse(&text).is_err(), "{text:?}");
            }
        }
        assert!(said("x\u{a0}y").is_err() && said("x\u{2003}y").is_err());
        for text in ["x y", "請求書 1", "أجرة", "Zürich-№7", "x\u{301}", "caf\u{e9}-1"] {
            assert_eq!(said(text).unwrap().as_str(), text);
        }
        for text in ["cafe\u{301}-1", "\u{212b}", "\u{1100}\u{1161}"] {
            let rule = "must be in Unicode's form NFC, in which a letter and its accent are one character";
            assert_eq!(said(text).unwrap_err(), rule, "{text:?}");
            assert!(Reference::parse(text).is_err() && TransactionType::parse(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn a_type_and_a_reference_have_at_most_128_characters() {
        let longest = "漢".repeat(128);
        assert!(TransactionType::parse(&longest).is_ok() && Reference::parse(&longest).is_ok());
        for text in ["", "a\nb", &"#".repeat(129)] {
            assert_eq!(TransactionType::parse(text).unwrap_err().to_string(), "must be 1 to 128 printable characters");
        }
    }

    #[test]
    fn serde_keeps_the_rule() {
        assert!(serde_json::from_str::<Trxid>("\"50001\"").is_ok());
        assert!(serde_json::from_str::<Trxid>("\"a#b\"").is_err());
    }
}
