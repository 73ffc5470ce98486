//! What a provider is asked about a case.

use recourse_dispute::time::UnixMillis;

use crate::case::Kind;

/// How does this transaction stand? It has no address and no words of the customer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProviderQuestion {
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

impl ProviderQuestion {
    /// The `webhook-id`: `ask_`, the case id, `_` and the number of the order.
    #[must_use]
    pub fn id(&self) -> String {
        format!("ask_{}_{}", self.case, self.work)
    }
}
