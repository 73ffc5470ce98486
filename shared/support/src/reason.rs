//! Why a case is where it is: a stable code for machines and a sentence for people.

use serde::{Deserialize, Serialize};

macro_rules! reasons {
    ($($(#[$doc:meta])* $name:ident = $code:literal, $sentence:literal;)*) => {
        /// Why a case is where it is. Codes are stable; sentences are for agents.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
        pub enum Reason {
            $(
                #[doc = $sentence]
                #[serde(rename = $code)]
                $name,
            )*
        }

        impl Reason {
            /// Every reason.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// The stable code.
            #[must_use]
            pub fn code(self) -> &'static str {
                match self { $(Self::$name => $code,)* }
            }

            /// The sentence for an agent.
            #[must_use]
            pub fn sentence(self) -> &'static str {
                match self { $(Self::$name => $sentence,)* }
            }
        }
    };
}

reasons! {
    Reported = "reported", "The customer reported the payment.";
    QuestionAsked = "question_asked", "The customer was asked for something that is missing.";
    ProviderAsked = "provider_asked", "The provider was asked.";
    ProviderPending = "provider_pending", "The provider says that it is still working on the payment.";
    ProviderUnreachable = "provider_unreachable", "The provider did not answer.";
    ProviderUnknown = "provider_unknown", "The provider does not know the payment.";
    ProviderDelivered = "provider_delivered", "The provider says that it delivered.";
    ProviderFailed = "provider_failed", "The provider says that the payment did not go through.";
    ProviderLate = "provider_late", "The provider gave no final answer in time.";
    ProviderMissing = "provider_missing", "No provider is configured for this kind of payment.";
    Waiting = "waiting", "The playbook gives the provider's side more time.";
    InformationReceived = "information_received", "The customer sent what was asked for.";
    CustomerSaysWorks = "customer_says_works", "The customer wrote that it works now.";
    CustomerObjected = "customer_objected", "The customer objected to the answer.";
    CustomerUnclear = "customer_unclear", "The customer wrote something that the automation cannot answer.";
    CustomerNoted = "customer_noted", "The customer wrote, and nothing has to be done about it.";
    CustomerWroteToAgent = "customer_wrote_to_agent", "The customer wrote while the case is with the agents.";
    CustomerWroteAfterEnd = "customer_wrote_after_end", "The customer wrote after the case was resolved.";
    CustomerSilent = "customer_silent", "The customer did not reply in time.";
    NoObjection = "no_objection", "The customer did not object in time.";
    SenderNotVerified = "sender_not_verified", "The mail's sender could not be verified.";
    TooManyMails = "too_many_mails", "The sender wrote more mails in a minute than a case takes.";
    AutoReply = "auto_reply", "An automatic reply came in.";
    AccountWrote = "account_wrote", "The account that reported the payment wrote.";
    ThirdPartyWrote = "third_party_wrote", "Somebody wrote who is no recipient of the case.";
    MailLimit = "mail_limit", "The case has had as many automatic mails as it may have.";
    DecisionLimit = "decision_limit", "The playbook took more steps than a case may have.";
    ProviderLimit = "provider_limit", "The provider was asked as often as a case allows.";
    FirstAnswerLate = "first_answer_late", "No answer was decided in time.";
    AgentLate = "agent_late", "No agent acted in time, so the supervisors were mailed.";
    PlaybookEscalated = "playbook_escalated", "The playbook hands this case to a person.";
    PlaybookChanged = "playbook_changed", "The playbook changed, and the case's step is no longer in it.";
    GuardRefused = "guard_refused", "The rules for automatic mails refused the mail.";
    ModelAsked = "model_asked", "A model is reading the case.";
    ModelAnswered = "model_answered", "The model chose an approved answer.";
    ModelEscalated = "model_escalated", "The model hands this case to a person.";
    ModelUnsure = "model_unsure", "The model's confidence is below the threshold.";
    ModelRefused = "model_refused", "The model's answer broke the rules and was not used.";
    ModelFailed = "model_failed", "The model could not be asked, or did not answer in time.";
    ModelLimit = "model_limit", "The model was asked as often as a case allows.";
    AgentTook = "agent_took", "An agent took the case.";
    AgentAssigned = "agent_assigned", "The case was assigned to an agent.";
    AgentReleased = "agent_released", "The case was given back to the queue.";
    AgentNoted = "agent_noted", "An agent wrote a note.";
    AgentReplied = "agent_replied", "An agent replied to the customer.";
    AgentResolved = "agent_resolved", "An agent resolved the case.";
    TransactionRefunded = "transaction_refunded", "The platform reports the payment as refunded.";
    TransactionFailed = "transaction_failed", "The platform reports the payment as failed.";
    DisputeEnded = "dispute_ended", "The dispute was closed in another way.";
    MailSent = "mail_sent", "A mail that had to wait was sent.";
    Reminded = "reminded", "The customer was reminded.";
}

impl Reason {
    /// Whether a model may try before a person does, where the deployment has one.
    pub(crate) fn is_for_model(self) -> bool {
        matches!(self, Self::CustomerUnclear | Self::PlaybookEscalated)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_is_different_and_is_what_is_stored() {
        let codes: std::collections::BTreeSet<_> = Reason::ALL.iter().map(|reason| reason.code()).collect();
        assert_eq!(codes.len(), Reason::ALL.len());
        for reason in Reason::ALL {
            assert_eq!(serde_json::to_string(reason).unwrap(), format!("\"{}\"", reason.code()));
            assert!(reason.sentence().ends_with('.') && reason.sentence().len() < 100);
        }
    }
}
