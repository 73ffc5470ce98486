//! What the passing of time does.

use super::Work;
use crate::case::{HeldMail, Owner, State};
use crate::decision::{DecidedBy, DecisionRequest};
use crate::effect::Effect;
use crate::event::InFavourOf;
use crate::limits::MAX_PROVIDER_ATTEMPTS;
use crate::reason::Reason;
use crate::templates::{Slot, Slots, TemplateId};
use crate::time::UnixSeconds;

impl Work<'_> {
    /// Does what is due: a mail whose hour has come, then the state's limit, then what comes before
    /// it. Each leaves a later time behind, or none.
    pub(super) fn time_reached(&mut self) {
        let now = self.now;
        let is_due = |at: Option<UnixSeconds>| at.is_some_and(|at| at <= now);
        let limit_is_due = is_due(self.case.moving_limit());
        if limit_is_due && matches!(self.case.state, State::New | State::WaitingForProvider) {
            // What the mail would say of this state is over before it could be sent.
            self.case.held = None;
        }
        if let Some(held) = self.case.held.take_if(|held| held.not_before <= now) {
            self.send_held(held, limit_is_due);
        } else if limit_is_due {
            self.limit_reached();
        } else if is_due(self.case.next_at) {
            self.case.next_at = None;
            self.next_reached();
        }
    }

    /// Sends a mail whose hour has come. The customer's time begins with the mail, so it is never
    /// over before the customer had it, however late the worker comes.
    fn send_held(&mut self, held: HeldMail, limit_is_due: bool) {
        let HeldMail { template, mut slots, .. } = held;
        let limits = &self.setup.limits;
        let begins = limit_is_due || template != TemplateId::Reminder;
        let length = match self.case.state {
            State::Answered => Some(limits.objection),
            State::WaitingForCustomer if self.case.owner == Owner::Automation => Some(limits.customer),
            _ => None,
        };
        if let Some(limit_at) = length.filter(|_| begins).map(|seconds| self.now.plus(seconds)) {
            self.case.limit_at = Some(limit_at);
            if self.case.asked.is_some() && !self.case.reminded {
                let reminder = Some(limits.customer_reminder).filter(|reminder| *reminder < limits.customer);
                self.case.next_at = reminder.map(|seconds| self.now.plus(seconds));
            }
            if slots.get(Slot::Date).is_some() {
                self.case.facts.answer_by = Some(limit_at);
                slots = slots.on(limit_at);
            }
        }
        self.record(Reason::MailSent, DecidedBy::TimeLimit, vec![template.name().to_owned()]);
        match self.case.state {
            State::Resolved | State::WaitingForAgent => {
                self.mail(template, slots);
            }
            _ => self.mail_or_agent(template, slots),
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
            // Without the answer the automation cannot go on; a person may know how to.
            State::WaitingForCustomer => self.hand_over(Reason::CustomerSilent, by, Vec::new()),
            State::Answered => {
                self.resolve(Reason::NoObjection, by, Vec::new());
                self.close_dispute(InFavourOf::Merchant, Reason::NoObjection);
                self.mail(TemplateId::ClosedNoObjection, Slots::new());
            }
            // No limit moves it.
            State::WaitingForAgent => {}
            State::Resolved => self.case.limit_at = None,
        }
    }

    /// Mails the supervisors, and again after the same time. The limit stays: the case is overdue
    /// until somebody acts.
    fn agent_late(&mut self) {
        self.case.next_at = Some(self.now.plus(self.setup.limits.agent));
        self.case.counters.supervisor_mails = self.case.counters.supervisor_mails.saturating_add(1);
        self.effects.push(Effect::MailSupervisors { reason: self.case.reason });
        self.record(Reason::AgentLate, DecidedBy::TimeLimit, Vec::new());
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
            State::WaitingForAgent => self.agent_late(),
            State::Answered | State::Resolved => {}
        }
    }
}
