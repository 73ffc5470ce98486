//! The request's body (vendor specification, IIMMPACT "Dispute Transaction", "Request Body").

use recourse_dispute::addresses::{AddressError, BadAddress, MailAddress, Recipients};
use recourse_dispute::ids::{Refid, Trxid};
use recourse_edge::{BodyError, BodyRules, FieldErrors, JsonValue};

/// Far more bytes than any honest report has. That the empty text counts as not sent is
/// Recourse-specific.
const BODY: BodyRules = BodyRules { max_bytes: 64 * 1024, empty_is_absent: true, numbers_are_texts: false };

/// The transaction that a report asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TransactionRef {
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
    pub asked: TransactionRef,
    /// Who gets the case's mail.
    pub recipients: Recipients,
}

impl Report {
    /// Reads a body; `account` is the caller's registered address.
    ///
    /// # Errors
    /// What is wrong with each field, keyed as the vendor's specification keys it: what is wrong
    /// with refid or trxid is always under `trxid`. Of several addresses that are none the first
    /// one is named.
    pub fn read(body: &[u8], account: &MailAddress) -> Result<Self, FieldErrors> {
        // Members that are not read are ignored.
        let fields = BODY.read(body).map_err(unreadable)?;
        let mut errors = FieldErrors::default();
        let mut text = |name| {
            let text = fields.get(name).text().map_err(|error| format!("The {name} {}.", error.message));
            text.unwrap_or_else(|message| {
                errors.add("trxid", message);
                None
            })
        };
        let (trxid, refid) = (text("trxid"), text("refid"));
        let recipients = recipients(fields.get("user_email").value(), account, &mut errors);
        match recipients {
            Some(recipients) if errors.is_empty() => Ok(Self { asked: transaction_ref(trxid, refid), recipients }),
            _ => Err(errors),
        }
    }
}

/// A text that is no name of a transaction is treated as an unknown name.
fn transaction_ref(trxid: Option<String>, refid: Option<String>) -> TransactionRef {
    match (trxid, refid) {
        (Some(trxid), _) => Trxid::parse(&trxid).map_or(TransactionRef::Nothing, TransactionRef::Trxid),
        (None, Some(refid)) => Refid::parse(&refid).map_or(TransactionRef::Nothing, TransactionRef::Refid),
        (None, None) => TransactionRef::Nothing,
    }
}

/// What is wrong with a body, under `body`; a member that is there twice under its own key.
fn unreadable(error: BodyError) -> FieldErrors {
    let BodyError::Duplicates(names) = &error else {
        return FieldErrors::one("body", format!("The request body {error}."));
    };
    let mut errors = FieldErrors::default();
    for name in names {
        let key = if name == "refid" { "trxid" } else { name };
        errors.add(key, format!("The {name} must not be in the request body twice."));
    }
    errors
}

fn recipients(value: Option<JsonValue<'_>>, account: &MailAddress, errors: &mut FieldErrors) -> Option<Recipients> {
    let Some(given) = value.map_or(Some(Vec::new()), JsonValue::list) else {
        errors.add("user_email", "The user_email must be an array of email addresses.");
        return None;
    };
    // What is no text is no address either, and is refused as one under its own index.
    let given: Vec<String> = given.into_iter().map(|entry| entry.text().unwrap_or_default()).collect();
    match Recipients::parse(&given, account) {
        Ok(recipients) => Some(recipients),
        Err(AddressError::Entry { index, reason }) => {
            let field = format!("user_email.{index}");
            errors.add(&field, format!("The {field} must be a valid email address."));
            if let BadAddress::WhiteSpace | BadAddress::EncodedWord = reason {
                errors.add(&field, format!("The {field} {reason}."));
            }
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

    fn read(body: &str) -> Result<Report, FieldErrors> {
        Report::read(body.as_bytes(), &MailAddress::parse("account@example.com").unwrap())
    }

    fn keys(body: &str) -> Vec<String> {
        read(body).unwrap_err().fields().into_iter().map(str::to_owned).collect()
    }

    #[test]
    fn trxid_takes_precedence_and_never_falls_back() {
        let both = read(r#"{"trxid": "50001", "refid": "123456"}"#).unwrap();
        assert_eq!(both.asked, TransactionRef::Trxid(Trxid::parse("50001").unwrap()));
        assert_eq!(read(r#"{"trxid": "no such id", "refid": "123456"}"#).unwrap().asked, TransactionRef::Nothing);
    }

    #[test]
    fn null_and_empty_count_as_not_sent() {
        let refid = TransactionRef::Refid(Refid::parse("123456").unwrap());
        for body in [r#"{"trxid": null, "refid": "123456"}"#, r#"{"trxid": "", "refid": "123456", "user_email": null}"#]
        {
            assert_eq!(read(body).unwrap().asked, refid, "{body}");
        }
        assert_eq!(read("{}").unwrap().asked, TransactionRef::Nothing);
        assert_eq!(
            read(r#"{"refid": "a reference of more than fifty characters, which none has"}"#).unwrap().asked,
            TransactionRef::Nothing
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
    fn errors_have_the_keys_of_the_vendors_specification() {
        assert_eq!(keys(r#"{"refid": 123456}"#), ["trxid"]);
        assert_eq!(keys(r#"{"refid": ["x"], "user_email": "user@example.com"}"#), ["trxid", "user_email"]);
        assert_eq!(keys(r#"{"refid": "1", "user_email": ["a@example.com", "b"]}"#), ["user_email.1"]);
        assert_eq!(keys(r#"{"refid": "1", "user_email": [7]}"#), ["user_email.0"]);
        let fifty: Vec<String> = (0..50).map(|number| format!("user{number}@example.com")).collect();
        assert_eq!(keys(&serde_json::json!({"refid": "1", "user_email": fifty}).to_string()), ["user_email"]);
        for body in ["", "[]", "null", "{", "\u{feff}{}"] {
            assert_eq!(keys(body), ["body"], "{body}");
        }
    }

    #[test]
    fn a_member_twice_is_refused_with_that_reason() {
        let said = |body: &str| serde_json::to_value(read(body).unwrap_err()).unwrap();
        let twice = |name: &str| format!("The {name} must not be in the request body twice.");
        assert_eq!(said(r#"{"refid": "1", "refid": "2"}"#), serde_json::json!({ "trxid": [twice("refid")] }));
        assert_eq!(said(r#"{"trxid": "1", "trxid": "1"}"#), serde_json::json!({ "trxid": [twice("trxid")] }));
        let nested = said(r#"{"refid": "1", "more": [{"a": 1, "a": 2}], "user_email": [], "user_email": []}"#);
        assert_eq!(nested, serde_json::json!({ "more.0.a": [twice("more.0.a")], "user_email": [twice("user_email")] }));
    }

    /// `serde_json` has a member name of its own for JSON text; an object with it is no text.
    #[test]
    fn an_object_is_never_read_as_a_text() {
        let object = r#"{"$serde_json::private::RawValue": "\"123456\""}"#;
        assert_eq!(keys(&format!(r#"{{"refid": {object}}}"#)), ["trxid"]);
        assert_eq!(keys(&format!(r#"{{"refid": "1", "user_email": [{object}]}}"#)), ["user_email.0"]);
    }

    #[test]
    fn an_address_is_trimmed_and_what_else_is_wrong_is_said() {
        let report = read(r#"{"refid": "1", "user_email": [" user@example.com\t", "user@example.com "]}"#).unwrap();
        assert_eq!(report.recipients.to().as_str(), "user@example.com");
        assert_eq!(report.recipients.cc().len(), 1, "the account alone");
        let said = |address: &str| {
            let body = serde_json::json!({ "refid": "1", "user_email": [address] }).to_string();
            serde_json::to_value(read(&body).unwrap_err()).unwrap()["user_email.0"][1].clone()
        };
        assert_eq!(said("us er@example.com"), "The user_email.0 must not have white space in it.");
        let word = said("=?utf-8?q?user?=@example.com");
        assert!(word.as_str().unwrap().contains("encoded word"), "{word}");
    }

    #[test]
    fn nothing_hostile_gets_through_or_panics() {
        let brackets = format!(r#"{{"refid": {}"#, "[".repeat(20_000));
        assert_eq!(keys(&brackets), ["body"]);
        assert_eq!(keys(&format!(r#"{{"refid": "{}"}}"#, "x".repeat(BODY.max_bytes))), ["body"]);
        assert!(Report::read(&[0xff, 0xfe, b'{'], &MailAddress::parse("account@example.com").unwrap()).is_err());
    }
}
