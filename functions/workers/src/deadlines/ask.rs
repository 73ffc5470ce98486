//! Questions to providers and to the model. What came of one is a value: neither an answer nor its
//! absence is an error of the worker.

use recourse_casework::{Casework, ModelOutcome, ProviderOrder, customer_words};
use recourse_model::{ModelCall, ModelError};
use recourse_provider::ProviderError;
use recourse_signing::{Secret, webhook};
use recourse_store::{Message, SupportSnapshot, Work};
use recourse_support::event::{Event, ProviderAnswer};

use super::Expire;
use super::support::{Support, SupportTrouble, Tally};

/// How many of the last messages are looked through for what the customer wrote last.
const LAST_MESSAGES: u64 = 20;

/// What became of a question to the model.
pub(super) enum ModelReply {
    /// There is nothing to ask, or nobody to ask it.
    Unasked(&'static str),
    /// The call was made.
    Asked {
        /// What it came to.
        call: ModelCall,
        /// The call's own code and whether the model was unsure, where its answer breaks a rule.
        refused: Option<(&'static str, bool)>,
    },
}

impl ModelReply {
    fn of(call: ModelCall, id: u32) -> Self {
        let refused = match call.result.as_ref().err().map(|error| error.event(id)) {
            Some(Event::ModelRefused { code, is_unsure, .. }) => Some((code, is_unsure)),
            _ => None,
        };
        Self::Asked { call, refused }
    }

    /// How many tokens it cost.
    pub(super) fn tokens(&self) -> u64 {
        match self {
            Self::Unasked(_) => 0,
            Self::Asked { call, .. } => call.tokens,
        }
    }

    /// The outcome for the case.
    pub(super) fn outcome(&self) -> ModelOutcome<'_> {
        match self {
            Self::Unasked(code) => ModelOutcome::Failed(code),
            Self::Asked { refused: Some((code, is_unsure)), .. } => {
                ModelOutcome::Refused { code, is_unsure: *is_unsure }
            }
            Self::Asked { call: ModelCall { result: Ok(decision), .. }, .. } => ModelOutcome::Decided(decision),
            Self::Asked { call: ModelCall { result: Err(error), .. }, .. } => ModelOutcome::Failed(error.code()),
        }
    }

    /// Why there is no answer that counts.
    fn cause(&self) -> Option<&'static str> {
        match self {
            Self::Unasked(code) => Some(code),
            Self::Asked { call, .. } => call.result.as_ref().err().map(ModelError::code),
        }
    }
}

impl Expire {
    /// Asks the provider. Without an answer, the reason for the record.
    ///
    /// # Errors
    /// [`SupportTrouble`] while the secret is out of reach: the question is asked when the claim is
    /// over.
    pub(super) async fn ask_provider(
        &self,
        support: &Support,
        order: Option<ProviderOrder>,
        snapshot: &SupportSnapshot,
        tally: &mut Tally,
    ) -> Result<Result<ProviderAnswer, String>, SupportTrouble> {
        let answer = match order {
            None => Err("not_configured".to_owned()),
            Some(order) => match self.provider_secret(support, &order, snapshot).await? {
                None => Err("bad_secret".to_owned()),
                Some(secret) => {
                    tally.provider_asked += 1;
                    let asked = support.provider.ask(&order.url, &secret, &order.question, self.context.now()).await;
                    asked.map_err(cause)
                }
            },
        };
        if let Err(cause) = &answer {
            tally.provider_failed += 1;
            tracing::warn!(dispute = snapshot.dispute.number.case_id(), cause, "provider did not answer");
        }
        Ok(answer)
    }

    /// The secret to sign with; `None` of one that does not open or is none.
    async fn provider_secret(
        &self,
        support: &Support,
        order: &ProviderOrder,
        snapshot: &SupportSnapshot,
    ) -> Result<Option<Secret>, SupportTrouble> {
        let account = &snapshot.dispute.facts.account;
        match self.store.open_provider_secret(&support.sealer, account, &order.secret).await {
            Ok(secret) => Ok(webhook::parse_secret(secret.expose()).ok()),
            Err(error) if error.is_temporary() => Err(error.into()),
            Err(error) => {
                let dispute = snapshot.dispute.number.case_id();
                tracing::error!(dispute, error = %error, "the secret for a provider cannot be opened");
                Ok(None)
            }
        }
    }

    /// Asks the model.
    ///
    /// # Errors
    /// [`SupportTrouble`] while what the customer wrote is out of reach: the question is asked when
    /// the claim is over.
    pub(super) async fn ask_model(
        &self,
        support: &Support,
        casework: &Casework,
        snapshot: &SupportSnapshot,
        work: Work,
        tally: &mut Tally,
    ) -> Result<ModelReply, SupportTrouble> {
        let number = snapshot.dispute.number;
        let messages = match &support.model {
            Some(model) => {
                self.last_messages(snapshot).await?.map(|messages| (model, messages)).ok_or("unreadable_message")
            }
            None => Err("no_model"),
        };
        let reply = match messages {
            Err(cause) => ModelReply::Unasked(cause),
            Ok((model, messages)) => match casework.model_question(snapshot, work, customer_words(&messages)) {
                None => ModelReply::Unasked("no_question"),
                Some(question) => {
                    tally.model_calls += 1;
                    let question = question.without_names_of(&messages);
                    let call = question.ask(async |prompt| model.decide(prompt).await).await;
                    ModelReply::of(call, work.id)
                }
            },
        };
        tally.model_tokens += reply.tokens();
        if let Some(cause) = reply.cause() {
            tally.model_refused += 1;
            tracing::warn!(dispute = number.case_id(), cause, "model did not answer");
        }
        Ok(reply)
    }

    /// The last messages of a case; `None` where one of them cannot be read.
    async fn last_messages(&self, snapshot: &SupportSnapshot) -> Result<Option<Vec<Message>>, SupportTrouble> {
        let (number, last) = (snapshot.dispute.number, snapshot.case.as_ref().map_or(0, |case| case.messages));
        match self.store.messages(number, last.saturating_sub(LAST_MESSAGES - 1).max(1)..=last).await {
            Ok(messages) => Ok(Some(messages)),
            Err(error) if error.is_temporary() => Err(error.into()),
            Err(error) => {
                tracing::error!(dispute = number.case_id(), error = %error, "a message of a case cannot be read");
                Ok(None)
            }
        }
    }
}

/// The cause as a record and the log have it: a code, with the status where that is the cause.
fn cause(error: ProviderError) -> String {
    match error {
        ProviderError::Status(status) => format!("status {status}"),
        error => error.code().to_owned(),
    }
}
