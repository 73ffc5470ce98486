//! How a provider is asked.

use http::Request;
use http_body_util::Full;
use hyper::body::Bytes;
use recourse_dispute::time::UnixMillis;
use recourse_signing::Secret;
use recourse_support::question::ProviderQuestion;
use recourse_support::redact::one_line;
use serde_json::json;

use crate::ProviderError;
use crate::delivery::{self, Message};
use crate::target::Target;

/// The longest body of a question, in bytes.
const MAX_BODY: usize = 8_192;
/// The longest name of a product, in characters.
const MAX_PRODUCT: usize = 200;

fn body(question: &ProviderQuestion) -> String {
    let product = question.product.as_deref().map(|product| one_line(product, MAX_PRODUCT));
    json!({
        "type": "transaction.state",
        "timestamp": question.asked_at.iso8601(),
        "data": {
            "case": question.case,
            "trxid": question.trxid,
            "refid": question.refid,
            "product": product,
            "kind": question.kind.name(),
            "amount": question.amount,
            "currency": question.currency,
            "occurred_at": question.occurred_at.iso8601(),
        },
    })
    .to_string()
}

/// The signed request of a question.
pub(crate) fn request(
    question: &ProviderQuestion,
    target: &Target,
    secret: &Secret,
    now: UnixMillis,
) -> Result<Request<Full<Bytes>>, ProviderError> {
    let (id, body) = (question.id(), body(question));
    if body.len() > MAX_BODY {
        return Err(ProviderError::Unsendable);
    }
    delivery::request(Message { id: &id, body: &body }, target, std::slice::from_ref(secret), now)
}
