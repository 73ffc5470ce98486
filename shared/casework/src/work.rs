//! What the provider and the model are to be asked.

use std::fmt;

use recourse_dispute::addresses::{MailAddress, Recipients};
use recourse_store::{Message, MessageRole, SealedProviderSecret, SupportSnapshot, Work, WorkKind};
use recourse_support::case::SupportCase;
use recourse_support::model::{Offer, Prompt};
use recourse_support::question::ProviderQuestion;
use recourse_support::templates::Slots;

use crate::Casework;
use crate::step::kind_of;

/// A word with fewer bytes is no name. A letter of another script than the Latin one has as many.
const SHORTEST_NAME: usize = 3;

/// An order to ask the provider. It has no address and no words of the customer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProviderOrder {
    /// Where: what the account configured.
    pub url: String,
    /// The secret to sign with, still sealed.
    pub secret: SealedProviderSecret,
    /// What is asked.
    pub question: ProviderQuestion,
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
    /// The question without the names that the senders of these messages write beside their
    /// addresses.
    #[must_use]
    pub fn without_names_of(mut self, messages: &[Message]) -> Self {
        let names = messages.iter().filter_map(|message| message.from_name.as_deref());
        self.names.extend(names.flat_map(names_in));
        self
    }

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

/// What the provider is to be asked.
pub(crate) fn provider_order(snapshot: &SupportSnapshot, work: Work) -> Option<ProviderOrder> {
    let waits = work.kind == WorkKind::Provider && snapshot.case.as_ref()?.waits_for(work);
    let (facts, transaction) = (&snapshot.dispute.facts, snapshot.transaction.as_ref()?);
    let url = snapshot.configuration.support.provider(facts.product.as_deref(), transaction.kind);
    let url = url.filter(|_| waits)?.to_owned();
    Some(ProviderOrder {
        url,
        secret: snapshot.provider_secret.clone()?,
        question: ProviderQuestion {
            case: snapshot.dispute.number.case_id(),
            work: work.id,
            asked_at: work.due,
            trxid: facts.trxid.to_string(),
            refid: facts.refid.to_string(),
            product: facts.product.clone(),
            kind: kind_of(snapshot),
            amount: facts.amount.decimal(),
            currency: facts.amount.currency().code().to_owned(),
            occurred_at: facts.occurred_at,
        },
    })
}

/// What the model is to be asked.
pub(crate) fn model_question(
    casework: &Casework,
    snapshot: &SupportSnapshot,
    work: Work,
    wrote: &str,
) -> Option<ModelQuestion> {
    let model = casework.settings.model.as_ref()?;
    let file = snapshot.case.as_ref()?;
    let case = file.support.clone().filter(|_| work.kind == WorkKind::Model && file.waits_for(work))?;
    let offer = Offer::of(&case, &casework.templates, &Slots::new(), model.min_confidence);
    let offer = if casework.settings.reads_replies { offer } else { offer.without_questions() };
    let recipients = snapshot.dispute.recipients.iter().flat_map(Recipients::all);
    let status = snapshot.transaction.as_ref().map_or("unknown", |transaction| transaction.status.name());
    let local = |address: &MailAddress| names_in(address.as_str().rsplit_once('@').map_or("", |(local, _)| local));
    let names = recipients.flat_map(local).collect();
    Some(ModelQuestion { case, offer, transaction_status: status, wrote: wrote.to_owned(), names })
}

/// The words of a text that may be a name.
fn names_in(text: &str) -> Vec<String> {
    let words = text.split(|letter: char| !letter.is_alphabetic());
    words.filter(|word| word.len() >= SHORTEST_NAME).map(str::to_owned).collect()
}
