//! What the provider's answer does.

use super::Work;
use crate::case::State;
use crate::decision::{DecidedBy, DecisionRequest};
use crate::event::{ProviderAnswer, ProviderState};
use crate::reason::Reason;

impl Work<'_> {
    pub(super) fn provider_answered(&mut self, answer: &ProviderAnswer) {
        let saw = vec![format!("provider:{}", answer.state.name())];
        let reason = match answer.state {
            ProviderState::Delivered => Reason::ProviderDelivered,
            ProviderState::Pending => Reason::ProviderPending,
            ProviderState::Failed => Reason::ProviderFailed,
            ProviderState::Unknown => Reason::ProviderUnknown,
        };
        match self.case.state {
            // What a case says that is over does not change.
            State::Resolved => {}
            State::WaitingForProvider if self.case.reason != Reason::Waiting => {
                self.case.facts.provider = Some(answer.clone());
                self.case.reason = reason;
                self.record(reason, DecidedBy::Provider, saw);
                if answer.state == ProviderState::Pending {
                    // Never before the provider wants it, and less and less often, so that the
                    // questions last for all of the provider's time.
                    let pause = self.setup.limits.provider_pause(self.case.counters.provider_attempts);
                    self.ask_again_in(answer.retry_after.unwrap_or_default().max(pause));
                } else {
                    self.decide(DecisionRequest::default());
                }
            }
            // An answer on which a mail or a person already relies stays until the provider is
            // asked anew.
            State::Answered | State::WaitingForProvider => self.record(reason, DecidedBy::Provider, saw),
            State::New | State::WaitingForCustomer | State::WaitingForAgent => {
                self.case.facts.provider = Some(answer.clone());
                self.record(reason, DecidedBy::Provider, saw);
            }
        }
    }

    pub(super) fn provider_unreachable(&mut self) {
        let asks = self.case.state == State::WaitingForProvider && self.case.reason != Reason::Waiting;
        if asks && !self.has_final_answer() {
            self.case.reason = Reason::ProviderUnreachable;
            self.record(Reason::ProviderUnreachable, DecidedBy::Provider, Vec::new());
            self.ask_again_in(self.setup.limits.provider_pause(self.case.counters.provider_attempts));
        }
    }

    /// Whether the provider's answer is there and only the decision about it is not.
    pub(super) fn has_final_answer(&self) -> bool {
        self.case.facts.provider.as_ref().is_some_and(|answer| answer.state != ProviderState::Pending)
    }

    /// Sets when the provider is asked again; where the state's time is over before, it is not.
    fn ask_again_in(&mut self, pause: u32) {
        let at = self.now.plus(pause.max(1));
        self.case.next_at = Some(at).filter(|at| self.case.limit_at.is_some_and(|limit| *at < limit));
    }
}
