//! What a provider is asked.

use http::header::{CONTENT_TYPE, HOST, USER_AGENT};
use http::{HeaderValue, Request};
use http_body_util::Full;
use hyper::body::Bytes;
use recourse_dispute::time::UnixMillis;
use recourse_signing::{Secret, webhook};
use recourse_support::case::Kind;
use recourse_support::redact::one_line;
use serde_json::json;

use crate::ProviderError;
use crate::target::Target;

/// The longest body of a question, in bytes.
const MAX_BODY: usize = 8_192;
/// The longest name of a product, in characters.
const MAX_PRODUCT: usize = 200;

/// How does this transaction stand? It has no address and no words of the customer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// The case id, `RC-` and eight characters.
    pub case: String,
    /// The number of the order among those of the case. The same order has the same `webhook-id`,
    /// however often it is sent.
    pub work: u32,
    /// When the order came about; the same however often it is sent.
    pub asked_at: UnixMillis,
    /// The transaction's id.
    pub trxid: String,
    /// The refid of the payment.
    pub refid: String,
    /// What was bought.
    pub product: Option<String>,
    /// Its kind.
    pub kind: Kind,
    /// The amount in the currency's decimals, such as `50.00`.
    pub amount: String,
    /// The currency, such as `MYR`.
    pub currency: String,
    /// When the transaction took place.
    pub occurred_at: UnixMillis,
}

impl Question {
    /// The `webhook-id`: `ask_`, the case id, `_` and the number of the order.
    #[must_use]
    pub fn id(&self) -> String {
        format!("ask_{}_{}", self.case, self.work)
    }

    fn body(&self) -> String {
        let product = self.product.as_deref().map(|product| one_line(product, MAX_PRODUCT));
        json!({
            "type": "transaction.state",
            "timestamp": self.asked_at.iso8601(),
            "data": {
                "case": self.case,
                "trxid": self.trxid,
                "refid": self.refid,
                "product": product,
                "kind": self.kind.name(),
                "amount": self.amount,
                "currency": self.currency,
                "occurred_at": self.occurred_at.iso8601(),
            },
        })
        .to_string()
    }

    /// The signed request.
    pub(crate) fn request(
        &self,
        target: &Target,
        secret: &Secret,
        now: UnixMillis,
    ) -> Result<Request<Full<Bytes>>, ProviderError> {
        let (id, body) = (self.id(), self.body());
        if body.len() > MAX_BODY || id.contains('.') {
            return Err(ProviderError::Unsendable);
        }
        let mut signature = HeaderValue::try_from(webhook::sign(secret, &id, now.seconds(), body.as_bytes()))
            .map_err(|_| ProviderError::Unsendable)?;
        signature.set_sensitive(true);
        Request::post(&target.path)
            .header(HOST, &target.authority)
            .header(USER_AGENT, "Recourse")
            .header(CONTENT_TYPE, "application/json")
            .header(webhook::ID, id)
            .header(webhook::TIMESTAMP, now.seconds())
            .header(webhook::SIGNATURE, signature)
            .body(Full::new(Bytes::from(body)))
            .map_err(|_| ProviderError::Unsendable)
    }
}
