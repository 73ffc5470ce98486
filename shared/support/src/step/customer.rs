//! What a customer's mail does.

use super::Work;
use crate::case::{Fact, InboundWindow, Owner, State};
use crate::decision::{DecidedBy, DecisionRequest};
use crate::event::{CustomerMessage, InFavourOf, Intent};
use crate::limits::{INBOUND_WINDOW_SECONDS, MAX_INBOUND_PER_WINDOW};
use crate::reason::Reason;
use crate::templates::{Question, Slots, TemplateId};

/// More senders than a case has recipients are not told apart; the oldest is forgotten.
const MAX_SENDERS: usize = 32;

impl Work<'_> {
    pub(super) fn customer_wrote(&mut self, message: &CustomerMessage) {
        let saw = seen(message);
        if self.is_flood(message) {
            return match self.case.state {
                State::Resolved => self.record(Reason::TooManyMails, DecidedBy::Limits, saw),
                _ => self.queue(Reason::TooManyMails, saw),
            };
        }
        if !message.is_verified {
            return self.queue(Reason::SenderNotVerified, saw);
        }
        let satisfied = self.learn(message);
        let with_agent = matches!(self.case.owner, Owner::Agent(_));
        match self.case.state {
            State::WaitingForCustomer | State::WaitingForAgent if with_agent => {
                self.queue(Reason::CustomerWroteToAgent, saw);
            }
            State::Resolved => self.wrote_after_end(message, saw),
            _ if message.intent == Intent::WorksNow => {
                self.resolve(Reason::CustomerSaysWorks, DecidedBy::Customer, saw);
                // After the end of the dispute, nothing is closed that the mail could tell.
                if self.case.dispute_open {
                    self.close_dispute(InFavourOf::Merchant, Reason::CustomerSaysWorks);
                    self.mail(TemplateId::ClosedWorks, Slots::new());
                }
            }
            State::WaitingForAgent => self.record(Reason::CustomerWroteToAgent, DecidedBy::Customer, saw),
            State::WaitingForCustomer if satisfied => {
                self.case.reason = Reason::InformationReceived;
                self.record(Reason::InformationReceived, DecidedBy::Customer, saw);
                self.decide(DecisionRequest { intent: Some(message.intent), waited: false });
            }
            _ if message.intent == Intent::Objection && self.was_answered() => {
                self.case.facts.objected = true;
                self.hand_over(Reason::CustomerObjected, DecidedBy::Customer, saw);
            }
            State::WaitingForProvider if message.intent == Intent::Objection => {
                self.record(Reason::CustomerNoted, DecidedBy::Customer, saw);
            }
            _ if says_nothing(message) => self.record(Reason::CustomerNoted, DecidedBy::Customer, saw),
            State::WaitingForProvider if message.intent == Intent::Nothing => {
                self.record(Reason::CustomerNoted, DecidedBy::Customer, saw);
            }
            State::New | State::WaitingForProvider | State::WaitingForCustomer | State::Answered => {
                self.escalate(Reason::CustomerUnclear, DecidedBy::Customer, saw);
            }
        }
    }

    /// A person reads what the account wrote, unless the case is over.
    pub(super) fn account_wrote(&mut self) {
        match self.case.state {
            State::Resolved | State::WaitingForAgent => {
                self.record(Reason::AccountWrote, DecidedBy::Limits, Vec::new())
            }
            _ => self.hand_over_quietly(Reason::AccountWrote, DecidedBy::Limits, Vec::new()),
        }
    }

    /// To a person, without a mail. A case that a person has already keeps its time limit, so that
    /// nobody can put it off by writing.
    fn queue(&mut self, reason: Reason, saw: Vec<String>) {
        if self.case.state == State::WaitingForAgent {
            self.record(reason, DecidedBy::Customer, saw);
        } else {
            self.hand_over_quietly(reason, DecidedBy::Customer, saw);
        }
    }

    /// A case that waits for a customer whom no mail reaches waits in vain.
    pub(super) fn customer_unreachable(&mut self) {
        if self.case.state.waits_for_customer() {
            self.hand_over_quietly(Reason::CustomerUnreachable, DecidedBy::Limits, Vec::new());
        }
    }

    fn wrote_after_end(&mut self, message: &CustomerMessage, saw: Vec<String>) {
        if says_nothing(message) || message.intent == Intent::WorksNow {
            self.record(Reason::CustomerNoted, DecidedBy::Customer, saw);
        } else {
            self.hand_over(Reason::CustomerWroteAfterEnd, DecidedBy::Customer, saw);
        }
    }

    /// Whether the customer has an answer to object to; a model may be reading an earlier mail.
    fn was_answered(&self) -> bool {
        let before = self.case.resume.as_ref().map(|resume| resume.state);
        self.case.state == State::Answered || before == Some(State::Answered)
    }

    /// Notes what the customer provided; whether that is what was asked for.
    fn learn(&mut self, message: &CustomerMessage) -> bool {
        let provided = &mut self.case.facts.provided;
        if message.accepted_attachments > 0 {
            provided.insert(Fact::Photo);
        }
        let Some(asked) = self.case.asked else { return false };
        let satisfied = match asked {
            Question::VoucherPhoto => message.accepted_attachments > 0,
            Question::AccountNumber => message.has_account_number,
            Question::TopupNumber => message.has_topup_number,
            Question::Details => matches!(message.intent, Intent::Unclear | Intent::Objection),
        };
        if satisfied {
            provided.insert(asked.fact());
        }
        satisfied
    }

    /// Counts the mail; whether it is more than one sender may send in a minute.
    fn is_flood(&mut self, message: &CustomerMessage) -> bool {
        let now = self.now;
        let windows = &mut self.case.inbound;
        for window in windows.iter_mut() {
            window.at.retain(|at| at.plus(INBOUND_WINDOW_SECONDS) > now);
        }
        windows.retain(|window| !window.at.is_empty());
        match windows.iter_mut().find(|window| window.sender == message.sender) {
            Some(window) if window.at.len() >= MAX_INBOUND_PER_WINDOW => true,
            Some(window) => {
                window.at.push(now);
                false
            }
            None => {
                if windows.len() >= MAX_SENDERS {
                    windows.remove(0);
                }
                windows.push(InboundWindow { sender: message.sender.clone(), at: vec![now] });
                false
            }
        }
    }
}

/// Whether there is nothing in a mail that somebody would have to act on.
fn says_nothing(message: &CustomerMessage) -> bool {
    let no_files = message.accepted_attachments == 0 && message.refused_attachments == 0;
    no_files && matches!(message.intent, Intent::Thanks | Intent::Nothing)
}

fn seen(message: &CustomerMessage) -> Vec<String> {
    let mut saw = vec![format!("intent:{}", message.intent.name())];
    let counts = [("attachments", message.accepted_attachments), ("refused_attachments", message.refused_attachments)];
    saw.extend(counts.iter().filter(|(_, count)| *count > 0).map(|(name, count)| format!("{name}:{count}")));
    if message.has_account_number {
        saw.push("account_number".to_owned());
    }
    if message.has_topup_number {
        saw.push("topup_number".to_owned());
    }
    if !message.is_verified {
        saw.push("not_verified".to_owned());
    }
    saw
}
