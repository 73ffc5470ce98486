//! What a decision of a playbook or a model does.

use super::Work;
use crate::case::{Language, Owner, Resume, State};
use crate::decision::{DecidedBy, Decision, Ruling};
use crate::effect::Effect;
use crate::event::{InFavourOf, ProviderState};
use crate::limits::{MAX_DECISIONS, MAX_PROVIDER_ATTEMPTS};
use crate::reason::Reason;
use crate::templates::{Question, Slot, Slots, TemplateId};

impl Work<'_> {
    pub(super) fn decided(&mut self, ruling: &Ruling) {
        let waits = match self.case.state {
            State::New | State::WaitingForProvider | State::WaitingForCustomer => !self.case.model_pending,
            State::WaitingForAgent | State::Answered | State::Resolved => false,
        };
        let is_automation = self.case.owner == Owner::Automation;
        if !waits || !is_automation {
            return;
        }
        self.case.counters.decisions += 1;
        if self.case.counters.decisions > MAX_DECISIONS {
            return self.hand_over(Reason::DecisionLimit, DecidedBy::Limits, Vec::new());
        }
        self.apply(ruling);
        self.case.position.clone_from(&ruling.position);
    }

    pub(super) fn model_answered(&mut self, call: u32, ruling: &Ruling, language: Option<&Language>) {
        if !self.is_awaited(call) {
            return;
        }
        self.case.model_pending = false;
        if let Some(language) = language {
            self.case.language.clone_from(language);
        }
        match &ruling.decision {
            Decision::Answer { template, .. } if template.is_information() => self.resume(*template, ruling),
            Decision::Answer { .. } | Decision::Ask(_) => self.apply(ruling),
            Decision::Escalate(reason) => self.hand_over(*reason, ruling.by.clone(), ruling.saw.clone()),
            // A model may neither ask the provider nor wait nor close.
            Decision::AskProvider { .. } | Decision::Wait { .. } | Decision::Close { .. } => {
                self.hand_over(Reason::ModelRefused, ruling.by.clone(), ruling.saw.clone());
            }
        }
    }

    pub(super) fn model_failed(&mut self, call: u32, reason: Reason, saw: Vec<String>) {
        if self.is_awaited(call) {
            self.hand_over(reason, DecidedBy::Limits, saw);
        }
    }

    /// Whether this is the answer that the case waits for; a late one is not.
    fn is_awaited(&self, call: u32) -> bool {
        self.case.state == State::New && self.case.model_pending && self.case.counters.model_calls == call
    }

    fn apply(&mut self, ruling: &Ruling) {
        let (by, saw) = (ruling.by.clone(), ruling.saw.clone());
        match &ruling.decision {
            Decision::Answer { template, slots } => self.answer(*template, slots, by, saw),
            Decision::Ask(question) => self.ask(*question, by, saw),
            Decision::AskProvider { notify } => self.ask_provider(*notify, by, saw),
            Decision::Wait { seconds, notify } => {
                let limit = seconds.saturating_add(self.setup.limits.first_answer);
                self.move_to(State::WaitingForProvider, Owner::Automation, Reason::Waiting, Some(limit));
                self.case.next_at = Some(self.now.plus((*seconds).max(1)));
                self.record(Reason::Waiting, by, saw);
                self.notify(*notify);
            }
            Decision::Escalate(reason) => self.escalate(*reason, by, saw),
            Decision::Close { in_favour_of, reason } => self.close(*in_favour_of, *reason, by, saw),
        }
    }

    /// Only what the provider said is an answer, and only while it is the provider's last word.
    fn answer(&mut self, template: TemplateId, slots: &Slots, by: DecidedBy, saw: Vec<String>) {
        if !template.is_answer() || !self.case.facts.provider_said(ProviderState::Delivered) {
            return self.hand_over(Reason::GuardRefused, by, saw);
        }
        let objection = self.setup.limits.objection;
        self.move_to(State::Answered, Owner::Automation, Reason::ProviderDelivered, Some(objection));
        self.record(Reason::ProviderDelivered, by, saw);
        let slots = self.provider_slots().or(slots);
        self.mail_until(template, slots);
    }

    fn ask(&mut self, question: Question, by: DecidedBy, saw: Vec<String>) {
        if self.case.facts.provided.contains(&question.fact()) {
            return self.hand_over(Reason::GuardRefused, by, saw);
        }
        let limits = &self.setup.limits;
        let reminder = Some(limits.customer_reminder).filter(|reminder| *reminder < limits.customer);
        self.move_to(State::WaitingForCustomer, Owner::Automation, Reason::QuestionAsked, Some(limits.customer));
        self.case.next_at = reminder.map(|seconds| self.now.plus(seconds));
        self.case.asked = Some(question);
        self.record(Reason::QuestionAsked, by, saw);
        self.mail_or_agent(question.template(), Slots::new());
    }

    fn ask_provider(&mut self, notify: Option<TemplateId>, by: DecidedBy, saw: Vec<String>) {
        if !self.setup.has_provider {
            return self.hand_over(Reason::ProviderMissing, by, saw);
        }
        if self.case.counters.provider_attempts >= MAX_PROVIDER_ATTEMPTS {
            return self.hand_over(Reason::ProviderLimit, DecidedBy::Limits, saw);
        }
        let limit = self.setup.limits.provider;
        self.move_to(State::WaitingForProvider, Owner::Automation, Reason::ProviderAsked, Some(limit));
        self.case.facts.provider = None;
        self.record(Reason::ProviderAsked, by, saw);
        self.call_provider(1);
        self.notify(notify);
    }

    /// Asks the provider, and again after a pause if nothing comes back. The pause doubles with
    /// `attempt`.
    pub(super) fn call_provider(&mut self, attempt: u32) {
        self.case.counters.provider_attempts += 1;
        self.case.next_at = Some(self.now.plus(self.setup.limits.provider_pause(attempt)));
        self.effects.push(Effect::AskProvider { attempt: self.case.counters.provider_attempts });
    }

    /// Notifies the customer of the progress, unless the provider has said how it ended.
    fn notify(&mut self, template: Option<TemplateId>) {
        let facts = &self.case.facts;
        let ended = facts.provider_said(ProviderState::Delivered) || facts.provider_said(ProviderState::Failed);
        if let Some(template) = template.filter(|template| template.is_information() && !ended) {
            self.mail_or_agent(template, Slots::new());
        }
    }

    /// A playbook closes a case only by what the provider said.
    fn close(&mut self, in_favour_of: InFavourOf, reason: Reason, by: DecidedBy, saw: Vec<String>) {
        let is_founded = reason == Reason::ProviderFailed
            && in_favour_of == InFavourOf::Customer
            && self.case.facts.provider_said(ProviderState::Failed);
        if !is_founded {
            return self.hand_over(Reason::GuardRefused, by, saw);
        }
        self.resolve(reason, by, saw);
        self.close_dispute(in_favour_of, reason);
        self.mail(TemplateId::ProviderFailed, self.provider_slots());
    }

    /// The model notifies of the progress; the case waits on as before.
    fn resume(&mut self, template: TemplateId, ruling: &Ruling) {
        let (by, saw) = (ruling.by.clone(), ruling.saw.clone());
        let asked = self.case.asked;
        match self.case.resume.take() {
            Some(Resume { state: State::WaitingForProvider, limit_at }) => {
                self.move_to(State::WaitingForProvider, Owner::Automation, Reason::ProviderAsked, None);
                self.case.limit_at = Some(limit_at.max(self.now.plus(1)));
                self.case.next_at = Some(self.now.plus(self.setup.limits.provider_retry));
                self.case.asked = asked;
                self.record(Reason::ModelAnswered, by, saw);
                self.mail_or_agent(template, Slots::new());
            }
            // Nothing is under way that such a mail could be about.
            Some(_) | None => self.hand_over(Reason::ModelRefused, by, saw),
        }
    }

    fn provider_slots(&self) -> Slots {
        let answer = self.case.facts.provider.as_ref();
        Slots::new()
            .with_some(Slot::ProviderReference, answer.and_then(|answer| answer.reference.as_deref()))
            .with_some(Slot::Evidence, answer.and_then(|answer| answer.evidence.as_deref()))
    }

    /// A mail that names the day on which the state's time is over.
    pub(super) fn mail_until(&mut self, template: TemplateId, slots: Slots) {
        let Some(limit_at) = self.case.limit_at else { return };
        self.case.facts.answer_by = Some(limit_at);
        self.mail_or_agent(template, slots.on(limit_at));
    }
}
