//! The create call's body: what has to be there, and whose transaction it names.

use recourse_dispute::ids::{MerchantId, Trxid};
use recourse_edge::{BodyReader, JsonValue};

use crate::{ApiError, read_body, texts};

/// What has to be in `transactionDetails` (Tutelar contract, "Create").
const TRANSACTION: [&str; 6] = ["id", "customerName", "customerEmail", "customerMobile", "amount", "transactionDate"];
/// What has to be in `merchantDetails`.
const MERCHANT: [&str; 5] = ["id", "name", "businessName", "chargebackEmail", "mobile"];

/// A body that has all it needs. What else it says is read by [`crate::amend()`].
#[derive(Debug)]
pub struct Create<'a> {
    /// All of it.
    pub body: BodyReader<'a>,
    /// The transaction.
    pub trxid: Trxid,
    /// Whose the caller says it is.
    pub merchant: MerchantId,
}

impl<'a> Create<'a> {
    /// Reads a body.
    ///
    /// # Errors
    /// [`ApiError::Refused`] names the first member that is missing; [`ApiError::NoData`] where the
    /// ids are none that anything could have.
    pub fn read(body: &'a [u8]) -> Result<Self, ApiError> {
        let body = read_body(body)?;
        let transaction = required(&body, "transactionDetails", &TRANSACTION)?;
        let merchant = required(&body, "merchantDetails", &MERCHANT)?;
        if is_missing(&body, "disputeAmount") {
            return Err(ApiError::of(texts::missing("disputeAmount")));
        }
        let id = |object: &BodyReader<'_>| object.get("id").required(str::parse::<String>);
        let (trxid, merchant) = (id(&transaction)?, id(&merchant)?);
        Ok(Self {
            trxid: Trxid::parse(&trxid).map_err(|_| ApiError::NoData)?,
            merchant: MerchantId::parse(&merchant).map_err(|_| ApiError::NoData)?,
            body,
        })
    }
}

/// An object with all of these members.
fn required<'a>(body: &BodyReader<'a>, name: &str, members: &[&str]) -> Result<BodyReader<'a>, ApiError> {
    let object = body.get(name).object()?.ok_or_else(|| ApiError::of(texts::missing(name)))?;
    match members.iter().find(|member| is_missing(&object, member)) {
        Some(member) => Err(ApiError::of(texts::missing(&format!("{name}.{member}")))),
        None => Ok(object),
    }
}

/// Not sent, `null`, or an empty text.
fn is_missing(object: &BodyReader<'_>, member: &str) -> bool {
    object.get(member).value().is_none_or(JsonValue::is_empty_text)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn whole() -> Value {
        json!({
            "transactionDetails": {"id": "50001", "customerName": "Johnson", "customerEmail": "johnson.a@ippopay.com",
                "customerMobile": "9878987677", "amount": "1001", "transactionDate": "2023-10-11"},
            "merchantDetails": {"id": 1001, "name": "Thiyagarajan", "businessName": "Hamam",
                "chargebackEmail": "thiyagarajan.e@ippopay.com", "mobile": "9087657767"},
            "disputeAmount": "100"
        })
    }

    fn refused(body: &Value) -> ApiError {
        Create::read(body.to_string().as_bytes()).unwrap_err()
    }

    #[test]
    fn an_id_may_be_a_number() {
        let body = whole().to_string();
        let create = Create::read(body.as_bytes()).unwrap();
        assert_eq!((create.trxid.as_str(), create.merchant.as_str()), ("50001", "1001"));
    }

    #[test]
    fn a_missing_required_member_is_refused_by_its_name() {
        for (object, members) in [("transactionDetails", &TRANSACTION[..]), ("merchantDetails", &MERCHANT[..])] {
            for member in members {
                for absent in [Value::Null, json!("")] {
                    let mut body = whole();
                    body[object][member] = absent;
                    assert_eq!(refused(&body), ApiError::of(format!("{object}.{member} field is missing")));
                }
            }
            let mut body = whole();
            body[object] = json!("x");
            assert_eq!(refused(&body), ApiError::of(format!("Invalid data received from {object}")));
            body[object] = Value::Null;
            assert_eq!(refused(&body), ApiError::of(format!("{object} field is missing")));
        }
        let mut body = whole();
        body["disputeAmount"] = json!("");
        assert_eq!(refused(&body), ApiError::of("disputeAmount field is missing"));
    }

    #[test]
    fn an_id_that_nothing_can_have_is_treated_as_an_unknown_one() {
        for id in [json!("a#b"), json!("x".repeat(65)), json!("é"), json!(" ")] {
            let mut body = whole();
            body["transactionDetails"]["id"] = id;
            assert_eq!(refused(&body), ApiError::NoData);
        }
        let mut body = whole();
        body["merchantDetails"]["id"] = json!({"$ne": 1});
        assert_eq!(refused(&body), ApiError::of("Invalid data received from merchantDetails.id"));
    }
}
