//! What the provider and the model are to be asked.

use std::fmt;

use recourse_dispute::time::UnixMillis;
use recourse_store::{Message, MessageRole, SealedProviderSecret};
use recourse_support::case::{Kind, SupportCase};
use recourse_support::model::{Offer, Prompt};

/// An order to ask the provider. It has no address and no words of the customer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProviderOrder {
    /// Where: what the account configured.
    pub url: String,
    /// The secret to sign with, still sealed.
    pub secret: SealedProviderSecret,
    /// The case id, `RC-` and eight characters.
    pub case: String,
    /// The number of the order.
    pub work: u32,
    /// When the order came about.
    pub asked_at: UnixMillis,
    /// The platform's id of the transaction.
    pub trxid: String,
    /// The account's reference of it.
    pub refid: String,
    /// What was bought, for people.
    pub product: Option<String>,
    /// What kind of payment it is.
    pub kind: Kind,
    /// The amount, as in `50.00`.
    pub amount: String,
    /// The currency's code, as in `MYR`.
    pub currency: String,
    /// When the payment was made.
    pub occurred_at: UnixMillis,
}

/// What a model is asked about a case. Debug shows nothing of it.
#[derive(Clone, PartialEq, Eq)]
pub struct ModelQuestion {
    pub(crate) case: SupportCase,
    /// What may be chosen.
    pub offer: Offer,
    pub(crate) transaction_status: &'static str,
    pub(crate) wrote: String,
    pub(crate) names: Vec<String>,
}

impl ModelQuestion {
    /// Calls `ask` with the prompt, as `recourse_model` takes it.
    pub async fn ask<T>(&self, ask: impl AsyncFnOnce(&Prompt<'_>) -> T) -> T {
        let names: Vec<&str> = self.names.iter().map(String::as_str).collect();
        let prompt = Prompt {
            case: &self.case,
            offer: &self.offer,
            transaction_status: self.transaction_status,
            customer_wrote: &self.wrote,
            names: &names,
        };
        ask(&prompt).await
    }
}

impl fmt::Debug for ModelQuestion {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("ModelQuestion([REDACTED])")
    }
}

/// What the customer wrote last, of these messages of a case.
#[must_use]
pub fn customer_words(messages: &[Message]) -> &str {
    let is_customers = |message: &&Message| {
        message.role == MessageRole::Customer && message.class.as_deref() == Some(Message::WRITTEN)
    };
    messages.iter().rev().find(is_customers).map_or("", |message| &message.text)
}
