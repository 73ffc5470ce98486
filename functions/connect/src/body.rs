//! The body of a create request (Connect contract, "Models"). The vendor's clients check nothing of
//! it, so all of it is checked here.

use recourse_dispute::addresses::{BadAddress, MailAddress};
use recourse_dispute::claim::Claim;
use recourse_dispute::claim_amount::{ClaimAmountError, claimable};
use recourse_dispute::money::{Currency, Money};
use recourse_dispute::text::is_blank;
use recourse_edge::{BodyError, BodyReader, BodyRules, FieldError, has_control_characters};

use crate::amount::{MAX_AMOUNT, money};
use crate::{ApiError, Problem};

/// The largest body has 4,000 characters of message, each escaped, and the rest.
const BODY: BodyRules = BodyRules { max_bytes: 64 * 1024, empty_is_absent: true, numbers_are_texts: false };
/// What is said of a payment of which nothing can be claimed.
const NOTHING_PAID: &str = "must be more than zero, and the payment's amount is zero";
/// The longest texts, in characters.
const MAX_CONTACT: usize = 30;
const MAX_ADDRESS: usize = 70;
const MAX_MESSAGE: usize = 4_000;

/// A create request, read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct CreateRequest {
    /// How much is disputed; all of it where nothing is said. Amount and currency as this API
    /// writes them.
    amount: Option<(u64, String)>,
    /// What the merchant says.
    pub(crate) claim: Claim,
}

impl CreateRequest {
    /// Reads a body.
    ///
    /// # Errors
    /// Every rule that is broken, by its place.
    pub(crate) fn read(body: &[u8]) -> Result<Self, ApiError> {
        let fields = read_body(body)?;
        let mut faults = Faults::default();
        let amount = faults.check(fields.get("amountOfMoney").object()).flatten();
        let amount = amount.and_then(|fields| amount_of_money(&fields, &mut faults));
        let address = |sent: &str| address(&text(sent, MAX_ADDRESS)?);
        let claim = Claim {
            contact_person: faults.check(fields.get("contactPerson").required(contact)),
            email: faults.check(fields.get("emailAddress").required(address)),
            reply_to: faults.check(fields.get("replyTo").parsed(address)).flatten(),
            message: faults.check(fields.get("requestMessage").parsed(|sent| text(sent, MAX_MESSAGE))).flatten(),
            ..Claim::default()
        };
        faults.none()?;
        Ok(Self { amount, claim })
    }

    /// How much of `paid` is disputed.
    ///
    /// # Errors
    /// An amount that cannot be claimed of it, or is not exact in the currency's own decimals.
    pub(crate) fn amount_of(&self, paid: Money) -> Result<Money, ApiError> {
        let nothing_paid = || Problem::invalid("amountOfMoney", NOTHING_PAID);
        let Some((amount, code)) = &self.amount else {
            return claimable(paid, paid).map_err(|_| nothing_paid().into());
        };
        if Currency::parse(code).ok() != Some(paid.currency()) {
            return Err(Problem::invalid("amountOfMoney.currencyCode", "must be the currency of the payment").into());
        }
        let invalid = |rule: &str| Problem::invalid("amountOfMoney.amount", rule);
        let disputed = money(*amount, paid.currency());
        let disputed = disputed.ok_or_else(|| invalid("must be exact in the decimals of its currency"))?;
        claimable(disputed, paid).map_err(|error| match error {
            ClaimAmountError::NothingPaid => nothing_paid().into(),
            ClaimAmountError::MoreThanPaid => invalid("must not be more than the payment's").into(),
            ClaimAmountError::Zero | ClaimAmountError::OtherCurrency => invalid(&error.to_string()).into(),
        })
    }
}

/// What is wrong with the values of a body, in the order in which it was found.
#[derive(Debug, Default)]
pub(crate) struct Faults(Vec<FieldError>);

impl Faults {
    /// The value that was read. Where there is an error instead, it is kept.
    pub(crate) fn check<T>(&mut self, read: Result<T, FieldError>) -> Option<T> {
        read.map_err(|error| self.0.push(error)).ok()
    }

    /// Nothing, if nothing is wrong.
    pub(crate) fn none(self) -> Result<(), ApiError> {
        if self.0.is_empty() { Ok(()) } else { Err(Problem::of_values(self.0).into()) }
    }
}

/// The fields of a body that has to be one JSON object.
pub(crate) fn read_body(body: &[u8]) -> Result<BodyReader<'_>, ApiError> {
    BODY.read(body).map_err(|error| match &error {
        BodyError::Duplicates(names) => {
            let twice = |name: &String| FieldError { field: name.clone(), message: "must appear only once".to_owned() };
            Problem::of_values(names.iter().map(twice).collect()).into()
        }
        error => Problem::invalid("body", error.to_string()).into(),
    })
}

/// A text of at most `most` characters. Line breaks and tabs are allowed, other control characters
/// are not.
pub(crate) fn text(text: &str, most: usize) -> Result<String, String> {
    if text.chars().count() > most {
        Err(format!("must have at most {most} characters"))
    } else if has_control_characters(text) {
        Err("must not have control characters".to_owned())
    } else {
        Ok(text.to_owned())
    }
}

/// A person's name, of which something can be seen.
fn contact(sent: &str) -> Result<String, String> {
    let name = text(sent, MAX_CONTACT)?;
    if is_blank(&name) { Err("must not be blank".to_owned()) } else { Ok(name) }
}

/// An address as a person typed it.
fn address(text: &str) -> Result<MailAddress, String> {
    MailAddress::parse_typed(text).map_err(|reason| match reason {
        BadAddress::WhiteSpace | BadAddress::EncodedWord => format!("must be a valid email address: it {reason}"),
        BadAddress::NoAt | BadAddress::Local | BadAddress::Domain | BadAddress::TooLong => {
            "must be a valid email address".to_owned()
        }
    })
}

fn amount_of_money(fields: &BodyReader<'_>, faults: &mut Faults) -> Option<(u64, String)> {
    let (amount, code) = (fields.get("amount"), fields.get("currencyCode"));
    let number = amount.value().ok_or_else(|| amount.error("is required")).and_then(|number| {
        let number = number.plain().filter(|number| (1..=MAX_AMOUNT).contains(number));
        number.ok_or_else(|| amount.error("must be a whole number of 1 to 12 digits, above 0"))
    });
    let currency = code.value().ok_or_else(|| code.error("is required")).and_then(|currency| {
        let currency = currency.text().filter(|text| text.len() == 3);
        currency.ok_or_else(|| code.error("must be a currency code of 3 letters"))
    });
    let (number, currency) = (faults.check(number), faults.check(currency));
    Some((number?, currency?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn whole() -> Value {
        json!({
            "amountOfMoney": {"amount": 1234, "currencyCode": "USD"}, "contactPerson": "Wile Coyote",
            "emailAddress": "wile.e.coyote@acmelabs.com", "replyTo": "wile.e.coyote@acmelabs.com",
            "requestMessage": "This is the message from the merchant to GlobalCollect."
        })
    }

    fn place(body: &Value) -> String {
        place_of(body.to_string().as_bytes())
    }

    fn place_of(body: &[u8]) -> String {
        match CreateRequest::read(body) {
            Err(ApiError::Problem(Problem::Invalid(place, _))) => place,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn the_least_and_the_most() {
        let least = json!({"contactPerson": "é".repeat(30), "emailAddress": "a@example.com", "replyTo": null});
        let read = CreateRequest::read(least.to_string().as_bytes()).unwrap();
        assert_eq!((read.amount, read.claim.reply_to, read.claim.message), (None, None, None));
        let mut most = whole();
        most["requestMessage"] = "\u{1f4a5}\n".repeat(2_000).into();
        most["more"] = json!({"ignored": true});
        assert!(CreateRequest::read(most.to_string().as_bytes()).is_ok());
    }

    #[test]
    fn each_rule_has_its_place() {
        for (field, value) in [
            ("contactPerson", json!("x".repeat(31))),
            ("contactPerson", json!("a\u{0}b")),
            ("contactPerson", json!("")),
            ("contactPerson", json!("\u{200b}")),
            ("contactPerson", json!(" ")),
            ("contactPerson", json!(7)),
            ("emailAddress", json!(null)),
            ("emailAddress", json!("nobody")),
            ("emailAddress", json!(format!("{}@example.com", "x".repeat(59)))),
            ("replyTo", json!(["a@example.com"])),
            ("replyTo", json!("a@example.com\r\nBcc: b@example.com")),
            ("requestMessage", json!("x".repeat(4_001))),
            ("amountOfMoney", json!(1234)),
            ("amountOfMoney.amount", json!({"currencyCode": "USD"})),
            ("amountOfMoney.amount", json!({"amount": 0, "currencyCode": "USD"})),
            ("amountOfMoney.amount", json!({"amount": -1, "currencyCode": "USD"})),
            ("amountOfMoney.amount", json!({"amount": 12.5, "currencyCode": "USD"})),
            ("amountOfMoney.amount", json!({"amount": "1234", "currencyCode": "USD"})),
            ("amountOfMoney.amount", json!({"amount": 1_000_000_000_000_u64, "currencyCode": "USD"})),
            ("amountOfMoney.currencyCode", json!({"amount": 1})),
            ("amountOfMoney.currencyCode", json!({"amount": 1, "currencyCode": "US"})),
        ] {
            let mut body = whole();
            body[field.split('.').next().unwrap()] = value.clone();
            assert_eq!(place(&body), field, "{value}");
        }
        for body in [b"".as_slice(), b"[]", b"null", b"{", b"\xff{}", "[".repeat(60_000).as_bytes(), &[b' '; 65_537]] {
            assert_eq!(place_of(body), "body");
        }
    }

    #[test]
    fn every_rule_that_is_broken_is_named() {
        let places = |body: Value| match CreateRequest::read(body.to_string().as_bytes()) {
            Err(ApiError::Problem(Problem::InvalidValues(values))) => {
                values.into_iter().map(|(place, _)| place).collect::<Vec<_>>()
            }
            other => panic!("{other:?}"),
        };
        assert_eq!(places(json!({})), ["contactPerson", "emailAddress"]);
        let all = json!({
            "amountOfMoney": {"amount": 0}, "contactPerson": "", "emailAddress": 7, "replyTo": "b",
            "requestMessage": "x".repeat(4_001)
        });
        let expected = [
            "amountOfMoney.amount",
            "amountOfMoney.currencyCode",
            "contactPerson",
            "emailAddress",
            "replyTo",
            "requestMessage",
        ];
        assert_eq!(places(all), expected);
        let twice = br#"{"contactPerson":"a","contactPerson":"b","replyTo":"c","replyTo":"d"}"#;
        match CreateRequest::read(twice) {
            Err(ApiError::Problem(Problem::InvalidValues(values))) => assert_eq!(values.len(), 2),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_member_twice_is_refused_by_its_place() {
        let body = whole().to_string();
        for (once, place) in [
            (r#""contactPerson":"Wile Coyote""#, "contactPerson"),
            (r#""amount":1234"#, "amountOfMoney.amount"),
            (r#""currencyCode":"USD""#, "amountOfMoney.currencyCode"),
        ] {
            let twice = body.replacen(once, &format!("{once},{once}"), 1);
            assert_ne!(twice, body);
            match CreateRequest::read(twice.as_bytes()) {
                Err(ApiError::Problem(Problem::Invalid(found, rule))) => {
                    assert_eq!((found.as_str(), rule.as_str()), (place, "must appear only once"));
                }
                other => panic!("{other:?}"),
            }
        }
        let object = r#"{"$serde_json::private::RawValue":"\"Wile Coyote\""}"#;
        let body = body.replacen("\"Wile Coyote\"", object, 1);
        assert_eq!(place_of(body.as_bytes()), "contactPerson", "an object is never read as a text");
    }

    #[test]
    fn an_address_is_trimmed() {
        let mut body = whole();
        body["emailAddress"] = json!(" wile.e.coyote@acmelabs.com\n");
        let read = CreateRequest::read(body.to_string().as_bytes()).unwrap();
        assert_eq!(read.claim.email.unwrap().as_str(), "wile.e.coyote@acmelabs.com");
        body["emailAddress"] = json!("wile e coyote@acmelabs.com");
        match CreateRequest::read(body.to_string().as_bytes()) {
            Err(ApiError::Problem(Problem::Invalid(_, rule))) => {
                assert_eq!(rule, "must be a valid email address: it must not have white space in it");
            }
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn an_amount_is_within_the_payment_and_exact() {
        let read = |amount: u64, code: &str, paid: &str, currency: &str| {
            let mut body = whole();
            body["amountOfMoney"] = json!({"amount": amount, "currencyCode": code});
            let paid = Money::parse(paid, Currency::parse(currency).unwrap()).unwrap();
            CreateRequest::read(body.to_string().as_bytes()).unwrap().amount_of(paid)
        };
        assert_eq!(read(1234, "USD", "12.34", "USD").unwrap().decimal(), "12.34");
        assert_eq!(read(12_000, "JPY", "120", "JPY").unwrap().decimal(), "120");
        assert_eq!(read(1, "KWD", "1.005", "KWD").unwrap().decimal(), "0.010");
        for (amount, code, paid, currency, place) in [
            (1235, "USD", "12.34", "USD", "amountOfMoney.amount"),
            (12_001, "JPY", "12000", "JPY", "amountOfMoney.amount"),
            (1234, "EUR", "12.34", "USD", "amountOfMoney.currencyCode"),
            (1234, "usd", "12.34", "USD", "amountOfMoney.currencyCode"),
            (1, "USD", "0", "USD", "amountOfMoney"),
        ] {
            match read(amount, code, paid, currency) {
                Err(ApiError::Problem(Problem::Invalid(found, _))) => assert_eq!(found, place),
                other => panic!("{other:?}"),
            }
        }
        let least = json!({"contactPerson": "Wile", "emailAddress": "a@example.com"});
        let whole_of_nothing = CreateRequest::read(least.to_string().as_bytes()).unwrap();
        let usd = |minor| Money::from_minor(minor, Currency::parse("USD").unwrap());
        assert_eq!(whole_of_nothing.amount_of(usd(0)), Err(Problem::invalid("amountOfMoney", NOTHING_PAID).into()));
        assert_eq!(whole_of_nothing.amount_of(usd(1)), Ok(usd(1)));
    }
}
