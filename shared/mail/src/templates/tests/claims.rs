//! No sentence of a mail claims an act that the dispute's history does not hold.
//!
//! The test writes every mail that can come about. Each of its sentences about what happened must
//! be listed here, with what has to be true of the event. `sentences` checks what a mail says about
//! what is to come.

use recourse_dispute::channel::Channel;
use recourse_dispute::event::EventKind;
use recourse_dispute::lifecycle::{Action, Actor, Closing, State};
use recourse_dispute::notification::{Audience, Cause, EmailTemplate, Notification};
use recourse_dispute::policy::notifications::every_mail;

use super::super::lead::lead;
use super::super::next::steps;
use super::super::title::title;
use super::{notification, to_a_party};

/// What a mail is about.
pub(super) struct NotifiedMail {
    pub(super) cause: Cause,
    pub(super) state: State,
}

impl NotifiedMail {
    fn by(&self, actors: &[Actor]) -> bool {
        actors.contains(&self.cause.actor)
    }

    fn did(&self, actions: &[Action]) -> bool {
        actions.iter().any(|action| self.cause.kind == EventKind::Did(*action))
    }

    fn opened(&self) -> bool {
        self.cause.kind == EventKind::Opened || self.did(&[Action::Submit])
    }

    fn reopened(&self) -> bool {
        matches!(self.cause.kind, EventKind::Did(Action::Reopen(_)))
    }

    /// Whether a side let the time run out, so that the dispute is closed against it.
    fn let_pass(&self, closing: Closing) -> bool {
        self.by(&[Actor::Clock]) && self.did(&[Action::Expire]) && self.closing() == Some(closing)
    }

    fn closing(&self) -> Option<Closing> {
        self.state.closing()
    }

    /// Whether its subject is who acted.
    fn names(&self, subject: &str) -> bool {
        let channel = self.cause.channel;
        match subject {
            "The issuer" | "The customer's bank" => self.by(&[Actor::Issuer]) || self.let_pass(Closing::Merchant),
            // The notifications of this test have the acquirer as their respondent.
            "The acquirer" | "The merchant's bank" => self.by(&[Actor::Acquirer]) || self.let_pass(Closing::Customer),
            "The merchant" => self.by(&[Actor::Merchant]),
            // Through these APIs it is the platform's merchant that opens a dispute.
            "The payment platform's merchant" | "Your organisation" => {
                let is_opener = self.by(&[Actor::Opener]) && matches!(channel, Channel::Tutelar | Channel::Connect);
                is_opener || (self.by(&[Actor::Account]) && channel != Channel::Iimmpact)
            }
            "The party that logged the dispute" => self.by(&[Actor::Opener]) && channel == Channel::Arbiter,
            "The service that reported the problem" => self.by(&[Actor::Opener]) && channel == Channel::Iimmpact,
            "The service that handled the payment" => self.by(&[Actor::Account]) && channel == Channel::Iimmpact,
            "The payment platform's dispute team" => self.by(&[Actor::Operator]),
            "The payment platform" => self.by(&[Actor::Platform]),
            "The support process" => self.by(&[Actor::Automation]) && channel == Channel::Iimmpact,
            other => panic!("nobody is called {other:?} in a mail"),
        }
    }

    /// Whether what is said of the subject is what the event says.
    pub(super) fn holds(&self, said: &str) -> bool {
        let refunded = self.did(&[Action::Refund]);
        match said {
            "logged a dispute" => self.opened() && self.cause.channel == Channel::Arbiter,
            "raised a dispute" => self.opened() && self.cause.channel == Channel::Tutelar,
            "submitted a dispute" => self.did(&[Action::Submit]),
            "reported a problem" => self.opened() && self.cause.channel == Channel::Iimmpact,
            "accepted the claim" => self.did(&[Action::Accept]),
            "refused the claim" => self.did(&[Action::Decline]),
            "withdrew its claim" => self.did(&[Action::Withdraw]),
            "answered the claim (representment)" => self.did(&[Action::Represent]),
            "made its claim again (pre-arbitration)" => self.did(&[Action::PreArbitrate]),
            "answered the claim again (pre-arbitration II)" => self.did(&[Action::PreArbitrateAgain]),
            "asked for arbitration" => self.did(&[Action::Arbitrate]),
            "recorded that it won" => self.did(&[Action::VerdictWon]),
            "recorded that it lost" => self.did(&[Action::VerdictLost]),
            "moved the dispute to the next level" => self.did(&[Action::MoveLevel]),
            "took its verdict back" => self.reopened(),
            "withdrew what it opened" => self.did(&[Action::Cancel]),
            "did not respond" => self.by(&[Actor::Clock]) && self.did(&[Action::Expire]),
            "time ran out" => {
                let ends = [Action::Expire, Action::CloseForCustomer, Action::CloseForMerchant];
                self.by(&[Actor::Clock]) && self.did(&ends)
            }
            "for the customer" => self.closing() == Some(Closing::Customer),
            "for the merchant" => self.closing() == Some(Closing::Merchant),
            "is closed" => self.closing().is_some(),
            "goes on" | "is open" => self.closing().is_none(),
            "refunded" => refunded,
            "failed" => self.did(&[Action::Fail]),
            "had failed or was refunded before" => {
                self.state == State::CLOSED_ON_CREATION && self.cause.channel == Channel::Tutelar
            }
            "accepted as logged" => self.state == State::CLOSED_ON_CREATION && self.cause.channel == Channel::Arbiter,
            "owed" => self.closing() == Some(Closing::Customer) || self.holds("accepted as logged"),
            "decided" => self.did(&[Action::CloseForCustomer, Action::CloseForMerchant]) && self.by(&[Actor::Operator]),
            "closed by the process" => {
                self.did(&[Action::CloseForCustomer, Action::CloseForMerchant]) && self.by(&[Actor::Automation])
            }
            "stays" => matches!(self.closing(), Some(Closing::Merchant | Closing::Withdrawn)),
            "report" => self.opened(),
            other => panic!("no mail says {other:?}"),
        }
    }
}

/// The sentences of which leads are made: a text that they hold, who it is about, and what it says.
const SENTENCES: &[(&str, &[&str])] = &[
    (" logged a dispute about ", &["logged a dispute"]),
    (" raised a dispute about ", &["raised a dispute"]),
    (" submitted a dispute about ", &["submitted a dispute"]),
    ("A problem was reported with ", &["reported a problem"]),
    ("Disputes of this category are accepted as they are logged", &["accepted as logged"]),
    ("The payment had failed or was refunded before", &["had failed or was refunded before"]),
    (" accepted the claim.", &["accepted the claim"]),
    (" refused the claim.", &["refused the claim"]),
    (" withdrew its claim.", &["withdrew its claim"]),
    (" answered the claim (representment).", &["answered the claim (representment)"]),
    (" made its claim again (pre-arbitration).", &["made its claim again (pre-arbitration)"]),
    (" answered the claim again (pre-arbitration II).", &["answered the claim again (pre-arbitration II)"]),
    (" asked for arbitration.", &["asked for arbitration"]),
    (" recorded that it won.", &["recorded that it won"]),
    (" recorded that it lost.", &["recorded that it lost"]),
    (" moved the dispute to the next level.", &["moved the dispute to the next level"]),
    (" took its verdict back.", &["took its verdict back"]),
    (" did not respond in time.", &["did not respond"]),
    ("The time for this step ran out.", &["time ran out"]),
    (" withdrew the report.", &["withdrew what it opened", "is closed"]),
    (" withdrew the dispute.", &["withdrew what it opened", "is closed"]),
    (" dispute team looked into the ", &["decided"]),
    ("The support process closed the report.", &["closed by the process", "is closed"]),
    (" and decided it in the customer's favour.", &["decided", "for the customer"]),
    (" and decided it in the merchant's favour.", &["decided", "for the merchant"]),
    ("The payment platform reported that the payment was refunded.", &["refunded", "is closed"]),
    ("The payment platform reported that the payment failed.", &["failed", "is closed"]),
    ("The payment was refunded.", &["refunded", "is closed"]),
    ("The payment turned out to have failed.", &["failed", "is closed"]),
    ("Thank you for telling us about a problem with a payment.", &["report"]),
];

/// What else a lead may say beside its sentences.
const RESULTS: [(&str, &str); 9] = [
    ("So we closed the case.", "is closed"),
    ("so it is closed.", "accepted as logged"),
    (" is closed in the customer's favour.", "for the customer"),
    (" is closed in the merchant's favour.", "for the merchant"),
    (" is closed in the ", "is closed"),
    ("So the dispute is closed.", "is closed"),
    ("The dispute is closed.", "is closed"),
    ("The case is closed.", "is closed"),
    ("The dispute is open again.", "is open"),
];

const SUBJECTS: [&str; 13] = [
    "The support process",
    "The issuer",
    "The customer's bank",
    "The acquirer",
    "The merchant's bank",
    "The party that logged the dispute",
    "The service that reported the problem",
    "The service that handled the payment",
    "The payment platform's merchant",
    "The payment platform's dispute team",
    "The payment platform ",
    "The merchant ",
    "Your organisation",
];

/// What a title says happened, before its colon, and what else it says, after it.
const TITLES: &[(&str, &[&str])] = &[
    ("We received your report", &["report"]),
    ("We received the dispute", &["submitted a dispute"]),
    ("The payment was refunded:", &["refunded", "is closed"]),
    ("The payment did not go through:", &["failed", "is closed"]),
    ("The case was decided in the customer's favour", &["decided", "for the customer"]),
    ("The case was decided in the merchant's favour", &["decided", "for the merchant"]),
    (" dispute team decided in the customer's favour", &["decided", "for the customer"]),
    (" dispute team decided in the merchant's favour", &["decided", "for the merchant"]),
    ("The support process closed the report:", &["closed by the process", "is closed"]),
    (" was withdrawn", &["withdrew what it opened", "is closed"]),
    ("Time ran out:", &["time ran out", "is closed"]),
    ("A problem was reported", &["reported a problem"]),
    (" logged a dispute", &["logged a dispute"]),
    (" raised a dispute", &["raised a dispute"]),
    (" submitted a dispute", &["submitted a dispute"]),
    (": accepted as it was logged", &["accepted as logged"]),
    (": closed as it began", &["had failed or was refunded before"]),
    (" accepted the claim:", &["accepted the claim"]),
    (" refused the claim:", &["refused the claim"]),
    (" withdrew its claim:", &["withdrew its claim"]),
    (" answered the claim (representment):", &["answered the claim (representment)"]),
    (" made its claim again (pre-arbitration):", &["made its claim again (pre-arbitration)"]),
    (" answered the claim again (pre-arbitration II):", &["answered the claim again (pre-arbitration II)"]),
    (" asked for arbitration:", &["asked for arbitration"]),
    (" recorded that it won:", &["recorded that it won"]),
    (" recorded that it lost:", &["recorded that it lost"]),
    (" moved the dispute to the next level:", &["moved the dispute to the next level"]),
    (" reopened the dispute", &["took its verdict back", "is open"]),
    (": decided in the customer's favour", &["for the customer"]),
    (": decided in the merchant's favour", &["for the merchant"]),
    (": the case is closed", &["is closed"]),
    (": the dispute is closed", &["is closed"]),
    (" acts next", &["goes on"]),
];

fn mail(template: EmailTemplate, audience: Audience, cause: Cause) -> Notification {
    let written =
        if template.is_for_parties() { to_a_party(template, None) } else { notification(template, "1", None) };
    Notification { audience, cause, ..written }
}

#[test]
fn no_mail_claims_what_the_history_does_not_hold() {
    let all = every_mail();
    assert!(all.len() > 100, "{} mails can come about", all.len());
    for (template, audience, cause, state) in all {
        let happened = NotifiedMail { cause, state };
        let mail = mail(template, audience, cause);
        let lead = lead(&mail);
        let about = format!("{lead} ({template:?} {cause:?} {state:?})");
        // A reminder is about what is to come.
        if template == EmailTemplate::Reminder {
            assert_eq!(cause.kind, EventKind::Reminded, "{about}");
            continue;
        }
        let known: Vec<_> = SENTENCES.iter().filter(|(text, _)| lead.contains(text)).collect();
        assert!(!known.is_empty(), "a sentence that is not listed: {about}");
        for said in known.iter().flat_map(|(_, said)| said.iter()) {
            assert!(happened.holds(said), "{said}: {about}");
        }
        for (_, said) in RESULTS.iter().filter(|(text, _)| lead.contains(text)) {
            assert!(happened.holds(said), "{said}: {about}");
        }
        for subject in SUBJECTS.iter().filter(|subject| lead.starts_with(**subject)) {
            assert!(happened.names(subject.trim_end()), "{subject}: {about}");
        }
        for step in steps(&mail) {
            if step.contains("owes the customer") || step.contains("has to pay you back") {
                assert!(happened.holds("owed"), "{step}: {about}");
            }
            if step.contains("in your organisation's favour") {
                assert!(happened.holds("for the merchant"), "{step}: {about}");
            }
            if step.contains("The payment stays as it is.") {
                assert!(happened.holds("stays"), "{step}: {about}");
            }
        }
        let title = title(&mail);
        let known: Vec<_> = TITLES.iter().filter(|(text, _)| title.contains(text)).collect();
        assert!(!known.is_empty(), "a title that is not listed: {title}");
        for said in known.iter().flat_map(|(_, said)| said.iter()) {
            assert!(happened.holds(said), "{said}: {title}, {about}");
        }
        for subject in SUBJECTS.iter().filter(|subject| title.starts_with(**subject)) {
            assert!(happened.names(subject.trim_end()), "{subject}: {title}, {about}");
        }
    }
}
