//! An account's general configuration: the values that the details of its disputes may have
//! (Tutelar contract, "Update"), and how the support process answers its reports.
//!
//! An operator writes it as a JSON file. A member that is left out has its default. An unknown
//! member is refused, because it is probably misspelt.

use std::collections::BTreeMap;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};

use crate::channels::iimmpact::support::SupportConfiguration;
use crate::ids::{printable, visible};
use crate::json::{BadJson, MAX_LEVELS, check};

/// The largest file, in bytes: far below what an item of DynamoDB holds.
pub const MAX_BYTES: usize = 128 * 1024;
/// The most entries of any list.
const MAX_ENTRIES: usize = 500;
/// The most characters of a name.
const MAX_CHARACTERS: usize = 64;
/// What is asked of a name besides printable characters.
const VISIBLE: &str = "without white space at their ends and without invisible ones";
/// The longest that a dispute can be due in, in days: ten years.
pub const MAX_DAYS: u16 = 3650;
/// The list of reason codes for transactions of a type that has none of its own.
const ANY_TYPE: &str = "*";

/// What the vendor's specification names, and `dispute`, which its sample sends.
const DISPUTE_TYPES: [&str; 5] = ["fraud", "chargeback", "BO", "complaint", "dispute"];
/// The codes of Visa, Mastercard, American Express and Discover, and the vendor's specification's
/// own.
const REASON_CODES: &str = "10.1 10.2 10.3 10.4 10.5 11.1 11.2 11.3 12.1 12.2 12.3 12.4 12.5 12.6 12.6.1 12.6.2 12.7 13.1 13.2 13.3 13.4 13.5 \
    13.6 13.7 13.8 13.9 4802 4807 4808 4812 4831 4834 4837 4840 4841 4842 4846 4849 4850 4853 4854 4855 4859 4860 4863 4870 4871 4999 \
    A01 A02 A08 C02 C04 C05 C08 C14 C18 C28 C31 C32 F10 F14 F24 F29 F30 F31 M01 M10 M49 P01 P03 P04 P05 P07 P08 P22 P23 R03 R13 \
    AA AP AT AW CD CR DA DP EX IC IN IS LP NA NC NF PM RG RM RN2 TF UA01 UA02 UA05 UA06 UA10 UA11 109";

/// A bank that receives payments.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AcquirerBank {
    /// Its code, of 4 characters.
    pub code: String,
    /// Its name, for people.
    pub name: String,
}

/// What the details of an account's disputes may be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Configuration {
    /// The kinds of disputes, in any case.
    pub dispute_types: Vec<String>,
    /// Reason codes by the transaction's type (`details.type`); under `*` those for every type that
    /// is not named.
    pub reason_codes: BTreeMap<String, Vec<String>>,
    /// The banks that may be named.
    pub acquirer_banks: Vec<AcquirerBank>,
    /// In how many days a dispute is due that does not say.
    #[serde(deserialize_with = "days")]
    pub due_days: u16,
    /// How the support process answers the account's reports.
    #[serde(skip_serializing_if = "SupportConfiguration::is_default")]
    pub support: SupportConfiguration,
}

/// Reads a number of days; what [`Configuration::check`] does not get to see is refused by the
/// member's name and its limit.
fn days<'de, D: Deserializer<'de>>(given: D) -> Result<u16, D::Error> {
    let days = i64::deserialize(given).ok().and_then(|days| u16::try_from(days).ok());
    days.ok_or_else(|| D::Error::custom(format!("due_days must be a whole number of at most {MAX_DAYS}")))
}

impl Default for Configuration {
    fn default() -> Self {
        let codes = REASON_CODES.split_whitespace().map(str::to_owned).collect();
        Self {
            dispute_types: DISPUTE_TYPES.map(str::to_owned).to_vec(),
            reason_codes: BTreeMap::from([(ANY_TYPE.to_owned(), codes)]),
            acquirer_banks: Vec::new(),
            due_days: 7,
            support: SupportConfiguration::default(),
        }
    }
}

/// Why a file is no configuration; the message states the rule.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadConfiguration {
    /// Too large to be looked at.
    #[error("must be at most {MAX_BYTES} bytes")]
    TooLarge,
    /// Not JSON of this form.
    #[error("{0}")]
    Form(String),
    /// A member breaks its rule.
    #[error("{member} {rule}")]
    Rule {
        /// Its name.
        member: &'static str,
        /// What it must be.
        rule: String,
    },
}

impl Configuration {
    /// Reads a file.
    ///
    /// # Errors
    /// [`BadConfiguration`], the first one found.
    pub fn parse(json: &[u8]) -> Result<Self, BadConfiguration> {
        if json.len() > MAX_BYTES {
            return Err(BadConfiguration::TooLarge);
        }
        let json = std::str::from_utf8(json).map_err(|_| BadConfiguration::Form("must be UTF-8".to_owned()))?;
        // Serde takes an array for a struct, and of two members of a map the last one.
        if !json.trim_ascii_start().starts_with('{') {
            return Err(BadConfiguration::Form("must be a JSON object".to_owned()));
        }
        if let Err(BadJson::Duplicates(names)) = check(json, MAX_LEVELS) {
            return Err(BadConfiguration::Form(format!("must not have a member twice: {}", names.join(", "))));
        }
        let read: Self = serde_json::from_str(json).map_err(|error| BadConfiguration::Form(error.to_string()))?;
        read.check()?;
        Ok(read)
    }

    /// Checks the rules that its form does not.
    ///
    /// # Errors
    /// [`BadConfiguration::Rule`].
    pub fn check(&self) -> Result<(), BadConfiguration> {
        let demand = |holds: bool, member, rule: &str| {
            if holds { Ok(()) } else { Err(BadConfiguration::Rule { member, rule: rule.to_owned() }) }
        };
        let names = |list: &[String]| {
            (1..=MAX_ENTRIES).contains(&list.len()) && list.iter().all(|name| is_name(name, MAX_CHARACTERS))
        };
        let list =
            format!("must hold 1 to {MAX_ENTRIES} texts of 1 to {MAX_CHARACTERS} printable characters, {VISIBLE}");
        demand(names(&self.dispute_types), "dispute_types", &list)?;
        demand(self.reason_codes.values().all(|codes| names(codes)), "reason_codes", &list)?;
        demand(
            self.reason_codes.len() <= MAX_ENTRIES && self.reason_codes.keys().all(|kind| is_name(kind, 128)),
            "reason_codes",
            &format!("must name at most {MAX_ENTRIES} types, each of 1 to 128 printable characters, {VISIBLE}"),
        )?;
        let four = |bank: &AcquirerBank| bank.code.chars().count() == 4 && is_name(&bank.code, 4);
        let codes = format!("must have codes of 4 printable characters, {VISIBLE}");
        demand(self.acquirer_banks.iter().all(four), "acquirer_banks", &codes)?;
        demand(
            self.acquirer_banks.len() <= MAX_ENTRIES
                && self.acquirer_banks.iter().all(|bank| printable(&bank.name, MAX_CHARACTERS)),
            "acquirer_banks",
            &format!("must be at most {MAX_ENTRIES}, with names of 1 to {MAX_CHARACTERS} printable characters"),
        )?;
        demand(self.due_days <= MAX_DAYS, "due_days", &format!("must be at most {MAX_DAYS}"))?;
        match self.support.broken_rule() {
            Some((member, rule)) => Err(BadConfiguration::Rule { member, rule }),
            None => Ok(()),
        }
    }

    /// Whether a dispute may be of this kind.
    #[must_use]
    pub fn has_type(&self, kind: &str) -> bool {
        self.dispute_types.iter().any(|known| known.eq_ignore_ascii_case(kind))
    }

    /// Whether the dispute of a transaction of this type may have this reason.
    #[must_use]
    pub fn has_reason(&self, transaction_type: Option<&str>, code: &str) -> bool {
        let own = transaction_type.and_then(|kind| self.reason_codes.get(kind));
        let codes = own.or_else(|| self.reason_codes.get(ANY_TYPE));
        codes.is_some_and(|codes| codes.iter().any(|known| known == code))
    }

    /// Whether a bank is known.
    #[must_use]
    pub fn has_bank(&self, code: &str) -> bool {
        self.acquirer_banks.iter().any(|bank| bank.code == code)
    }
}

/// What is compared with what callers send, and so has to look as it is.
fn is_name(text: &str, most: usize) -> bool {
    printable(text, most) && visible(text).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_out_has_its_default() {
        let empty = Configuration::parse(b"{}").unwrap();
        assert_eq!(empty, Configuration::default());
        empty.check().unwrap();
        assert!(["BO", "bo", "Dispute", "FRAUD"].iter().all(|kind| empty.has_type(kind)) && !empty.has_type("other"));
        assert!(["10.1", "109", "4853"].iter().all(|code| empty.has_reason(Some("BillPayment"), code)));
        assert!(!empty.has_reason(None, "999") && !empty.has_bank("HDFC"));
    }

    #[test]
    fn a_type_with_reasons_of_its_own_has_those_alone() {
        let json = br#"{"reason_codes": {"*": ["1"], "BillPayment": ["2"]}, "acquirer_banks": [{"code": "HDFC", "name": "HDFC Bank"}]}"#;
        let read = Configuration::parse(json).unwrap();
        let has = |kind, code| read.has_reason(kind, code);
        assert!(has(Some("BillPayment"), "2") && !has(Some("BillPayment"), "1"));
        assert!(has(Some("Airtime"), "1") && has(None, "1") && !has(None, "2"));
        assert!(read.has_bank("HDFC") && !read.has_bank("hdfc"));
        let none = Configuration::parse(br#"{"reason_codes": {}}"#).unwrap();
        assert!(!none.has_reason(None, "109"));
    }

    #[test]
    fn says_which_rule_is_broken() {
        for (json, said) in [
            ("[]", "a JSON object"),
            ("", "a JSON object"),
            (r#"{"due_day": 3}"#, "unknown field `due_day`"),
            (r#"{"reason_codes": {"*": ["1"], "*": ["2"]}}"#, "must not have a member twice: reason_codes.*"),
            (r#"{"due_days": -1}"#, "due_days must be a whole number of at most 3650"),
            (r#"{"due_days": 99999}"#, "due_days must be a whole number of at most 3650"),
            (r#"{"due_days": "7"}"#, "due_days must be a whole number"),
            (r#"{"due_days": 3651}"#, "due_days must be at most 3650"),
            (r#"{"dispute_types": []}"#, "dispute_types must hold 1 to 500"),
            (r#"{"dispute_types": ["a\nb"]}"#, "dispute_types must hold"),
            (r#"{"reason_codes": {"*": [""]}}"#, "reason_codes must hold"),
            (r#"{"reason_codes": {"": ["1"]}}"#, "reason_codes must name"),
            (r#"{"reason_codes": {"*": ["1 "]}}"#, "without white space at their ends"),
            ("{\"dispute_types\": [\"fraud\u{200b}\"]}", "invisible ones"),
            (r#"{"acquirer_banks": [{"code": "HDF", "name": "x"}]}"#, "codes of 4"),
            (r#"{"acquirer_banks": [{"code": "HDFC", "name": ""}]}"#, "names of 1 to 64"),
            (r#"{"acquirer_banks": [{"code": "HDFC"}]}"#, "missing field `name`"),
        ] {
            let error = Configuration::parse(json.as_bytes()).unwrap_err().to_string();
            assert!(error.contains(said), "{json}: {error}");
        }
        assert_eq!(Configuration::parse(&vec![b' '; MAX_BYTES + 1]), Err(BadConfiguration::TooLarge));
    }
}
