//! The request's body (seed 001, "Request Body").

use recourse_dispute::addresses::{AddressError, MailAddress, Recipients};
use recourse_dispute::ids::{Refid, Trxid};
use serde::Deserialize;
use serde_json::Value;

use crate::refusal::Errors;

/// Far more than any honest report, in bytes.
const MOST_BYTES: usize = 64 * 1024;

/// The transaction that a report asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Asked {
    /// By the platform's id, which takes precedence.
    Trxid(Trxid),
    /// By the caller's own reference.
    Refid(Refid),
    /// By nothing that any transaction could be called.
    Nothing,
}

/// A report, read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// The transaction it asks for.
    pub asked: Asked,
    /// Who gets the case's mail.
    pub recipients: Recipients,
}

/// The fields that are read; others are ignored.
#[derive(Deserialize)]
struct Fields {
    #[serde(default)]
    refid: Value,
    #[serde(default)]
    trxid: Value,
    #[serde(default)]
    user_email: Value,
}

impl Report {
    /// Reads a body; `account` is the caller's registered address.
    ///
    /// # Errors
    /// What is wrong with each field, keyed as the seed keys it: what is wrong with refid or trxid is always under `trxid`. Of several addresses that
    /// are none the first one is named.
    pub fn read(body: &[u8], account: &MailAddress) -> Result<Self, Errors> {
        if body.len() > MOST_BYTES {
            return Err(Errors::one("body", format!("The request body must not be larger than {MOST_BYTES} bytes.")));
        }
        let not_an_object = || Errors::one("body", "The request body must be a JSON object.");
        // Serde takes an array for a struct, too.
        if body.trim_ascii_start().first() != Some(&b'{') {
            return Err(not_an_object());
        }
        let fields: Fields = serde_json::from_slice(body).map_err(|_| not_an_object())?;
        let mut errors = Errors::default();
        let trxid = text("trxid", fields.trxid, &mut errors);
        let refid = text("refid", fields.refid, &mut errors);
        let recipients = recipients(fields.user_email, account, &mut errors);
        match recipients {
            Some(recipients) if errors.is_empty() => Ok(Self { asked: asked(trxid, refid), recipients }),
            _ => Err(errors),
        }
    }
}

/// `null` and the empty text count as not sent (ours). A text that no transaction can be called is like one that none is called.
fn asked(trxid: Option<String>, refid: Option<String>) -> Asked {
    match (trxid, refid) {
        (Some(trxid), _) => Trxid::parse(&trxid).map_or(Asked::Nothing, Asked::Trxid),
        (None, Some(refid)) => Refid::parse(&refid).map_or(Asked::Nothing, Asked::Refid),
        (None, None) => Asked::Nothing,
    }
}

fn text(field: &str, value: Value, errors: &mut Errors) -> Option<String> {
    match value {
        Value::Null => None,
        Value::String(text) if text.is_empty() => None,
        Value::String(text) => Some(text),
        Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => {
            errors.add("trxid", format!("The {field} must be a string."));
            None
        }
    }
}

fn recipients(value: Value, account: &MailAddress, errors: &mut Errors) -> Option<Recipients> {
    let given = match value {
        Value::Null => Vec::new(),
        Value::Array(given) => given,
        Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Object(_) => {
            errors.add("user_email", "The user_email must be an array of email addresses.");
            return None;
        }
    };
    // What is no text is no address either, and is refused as one under its own index.
    let given: Vec<String> = given.into_iter().map(|entry| entry.as_str().unwrap_or_default().to_owned()).collect();
    match Recipients::parse(&given, account) {
        Ok(recipients) => Some(recipients),
        Err(AddressError::Entry { index, .. }) => {
            let field = format!("user_email.{index}");
            errors.add(&field, format!("The {field} must be a valid email address."));
            None
        }
        Err(error @ AddressError::TooMany) => {
            errors.add("user_email", format!("The user_email {error}."));
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(body: &str) -> Result<Report, Errors> {
        Report::read(body.as_bytes(), &MailAddress::parse("account@example.com").unwrap())
    }

    fn keys(body: &str) -> Vec<String> {
        read(body).unwrap_err().fields().map(str::to_owned).collect()
    }

    #[test]
    fn trxid_takes_precedence_and_never_falls_back() {
        let both = read(r#"{"trxid": "50001", "refid": "123456"}"#).unwrap();
        assert_eq!(both.asked, Asked::Trxid(Trxid::parse("50001").unwrap()));
        assert_eq!(read(r#"{"trxid": "no such id", "refid": "123456"}"#).unwrap().asked, Asked::Nothing);
    }

    #[test]
    fn null_and_empty_count_as_not_sent() {
        let refid = Asked::Refid(Refid::parse("123456").unwrap());
        for body in [r#"{"trxid": null, "refid": "123456"}"#, r#"{"trxid": "", "refid": "123456", "user_email": null}"#]
        {
            assert_eq!(read(body).unwrap().asked, refid, "{body}");
        }
        assert_eq!(read("{}").unwrap().asked, Asked::Nothing);
        assert_eq!(
            read(r#"{"refid": "a reference of more than fifty characters, which none has"}"#).unwrap().asked,
            Asked::Nothing
        );
    }

    #[test]
    fn the_first_address_is_in_to_and_the_account_always_in_cc() {
        let report =
            read(r#"{"refid": "1", "user_email": ["user@example.com", "other@example.com", "user@EXAMPLE.com"]}"#)
                .unwrap();
        assert_eq!(report.recipients.to().as_str(), "user@example.com");
        let cc: Vec<_> = report.recipients.cc().iter().map(MailAddress::as_str).collect();
        assert_eq!(cc, ["other@example.com", "account@example.com"]);
    }

    #[test]
    fn errors_are_keyed_as_the_seed_keys_them() {
        assert_eq!(keys(r#"{"refid": 123456}"#), ["trxid"]);
        assert_eq!(keys(r#"{"refid": ["x"], "user_email": "user@example.com"}"#), ["trxid", "user_email"]);
        assert_eq!(keys(r#"{"refid": "1", "user_email": ["a@example.com", "b"]}"#), ["user_email.1"]);
        assert_eq!(keys(r#"{"refid": "1", "user_email": [7]}"#), ["user_email.0"]);
        let fifty: Vec<String> = (0..50).map(|number| format!("user{number}@example.com")).collect();
        assert_eq!(keys(&serde_json::json!({"refid": "1", "user_email": fifty}).to_string()), ["user_email"]);
        for body in ["", "[]", "null", "{", r#"{"refid": "1", "refid": "2"}"#, "\u{feff}{}"] {
            assert_eq!(keys(body), ["body"], "{body}");
        }
    }

    #[test]
    fn nothing_hostile_gets_through_or_panics() {
        let brackets = format!(r#"{{"refid": {}"#, "[".repeat(20_000));
        assert_eq!(keys(&brackets), ["body"]);
        assert_eq!(keys(&format!(r#"{{"refid": "{}"}}"#, "x".repeat(MOST_BYTES))), ["body"]);
        assert!(Report::read(&[0xff, 0xfe, b'{'], &MailAddress::parse("account@example.com").unwrap()).is_err());
    }
}
