//! What the passing of time does.

use super::Work;
use crate::case::{HeldMail, Owner, State};
use crate::decision::{DecidedBy, DecisionRequest};
use crate::effect::Effect;
use crate::event::InFavourOf;
use crate::limits::MAX_PROVIDER_ATTEMPTS;
use crate::reason::Reason;
use crate::templates::{Slots, TemplateId};

impl Work<'_> {
    /// Does what is due: a mail whose hour has come, then the state's limit, then what comes before
    /// it. Each leaves a later time behind, or none.
    pub(super) fn time_reached(&mut self) {
        let now = self.now;
        if let Some(HeldMail { template, slots, .. }) = self.case.held.take_if(|held| held.not_before <= now) {
            self.record(Reason::MailSent, DecidedBy::TimeLimit, vec![template.name().to_owned()]);
            // Its hour has come, so it is sent unless the case had its last mail meanwhile.
            self.mail(template, slots);
        } else if self.case.limit_at.is_some_and(|at| at <= now) {
            self.limit_reached();
        } else if self.case.next_at.is_some_and(|at| at <= now) {
            self.case.next_at = None;
            self.next_reached();
        }
    }

    fn limit_reached(&mut self) {
        let by = DecidedBy::TimeLimit;
        match self.case.state {
            State::New => self.hand_over(Reason::FirstAnswerLate, by, Vec::new()),
            State::WaitingForProvider => self.hand_over(Reason::ProviderLate, by, Vec::new()),
            State::WaitingForCustomer if self.case.owner != Owner::Automation => {
                self.hand_over_quietly(Reason::CustomerSilent, by, Vec::new());
            }
            // The customer did write, but what it means was not decided.
            State::WaitingForCustomer if self.case.reason == Reason::InformationReceived => {
                self.hand_over(Reason::FirstAnswerLate, by, Vec::new());
            }
            State::WaitingForCustomer => self.end(Reason::CustomerSilent, TemplateId::ClosedNoAnswer),
            State::Answered => self.end(Reason::NoObjection, TemplateId::ClosedNoObjection),
            State::WaitingForAgent => {
                self.case.limit_at = Some(self.now.plus(self.setup.limits.agent));
                self.case.counters.supervisor_mails = self.case.counters.supervisor_mails.saturating_add(1);
                self.effects.push(Effect::MailSupervisors { reason: self.case.reason });
                self.record(Reason::AgentLate, by, Vec::new());
            }
            State::Resolved => self.case.limit_at = None,
        }
    }

    fn end(&mut self, reason: Reason, template: TemplateId) {
        self.resolve(reason, DecidedBy::TimeLimit, Vec::new());
        self.close_dispute(InFavourOf::Merchant, reason);
        self.mail(template, Slots::new());
    }

    fn next_reached(&mut self) {
        match self.case.state {
            State::New if self.case.model_pending => {
                if self.case.counters.model_calls < self.setup.max_model_calls {
                    self.call_model();
                    self.record(Reason::ModelAsked, DecidedBy::TimeLimit, Vec::new());
                } else {
                    self.hand_over(Reason::ModelLimit, DecidedBy::TimeLimit, Vec::new());
                }
            }
            State::New => self.decide(DecisionRequest::default()),
            State::WaitingForProvider if self.case.reason == Reason::Waiting => {
                self.decide(DecisionRequest { intent: None, waited: true });
            }
            State::WaitingForProvider if self.has_final_answer() => self.decide(DecisionRequest::default()),
            State::WaitingForProvider if self.case.counters.provider_attempts >= MAX_PROVIDER_ATTEMPTS => {
                self.hand_over(Reason::ProviderLimit, DecidedBy::Limits, Vec::new());
            }
            State::WaitingForProvider => {
                self.call_provider(self.case.counters.provider_attempts.saturating_add(1));
                self.record(Reason::ProviderAsked, DecidedBy::TimeLimit, Vec::new());
            }
            State::WaitingForCustomer if self.case.reason == Reason::InformationReceived => {
                self.decide(DecisionRequest::default());
            }
            State::WaitingForCustomer => {
                self.case.reminded = true;
                self.record(Reason::Reminded, DecidedBy::TimeLimit, Vec::new());
                self.mail_until(TemplateId::Reminder, Slots::new());
            }
            State::WaitingForAgent | State::Answered | State::Resolved => {}
        }
    }
}
