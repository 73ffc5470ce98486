//! Ways that a case goes, with all that each step writes.

use recourse_dispute::event::EventKind;
use recourse_dispute::lifecycle::{Action, Actor, Closing};
use recourse_dispute::notification::{Author, EmailTemplate};
use recourse_store::{Direction, MailId, MessageRole, WorkKind};
use recourse_support::case::Owner;
use recourse_support::event::{InFavourOf, ProviderAnswer, ProviderState};

use super::*;

pub(crate) fn answer(state: ProviderState) -> ProviderAnswer {
    ProviderAnswer::new(state, Some("REF-77"), Some("Redeemed on the console"), None)
}

/// A voucher whose photo came, so that the provider is to be asked.
pub(crate) fn asked(variables: &[(&'static str, &'static str)]) -> Run {
    let mut run = Run::reported(variables);
    run.step(&CaseInput::Opened);
    let mut reply = mail("Here it is");
    reply.attachments.push(photo(7, 1_000));
    run.after(HOUR, &CaseInput::Mail(&reply));
    run
}

fn provider(run: &mut Run, state: ProviderState) {
    let work = run.file().work.unwrap().id;
    let answer = answer(state);
    run.after(2_000, &CaseInput::Provider { work, result: Ok(&answer) });
}

#[test]
fn a_voucher_from_the_report_to_the_agent() {
    let mut run = Run::reported(&[]);
    run.step(&CaseInput::Opened);
    assert_eq!((run.state(), run.mail_names()), (State::WaitingForCustomer, vec!["ask_voucher_photo"]));
    let number = run.snapshot.dispute.number;
    let opened = run.last.clone().unwrap();
    let (id, notification) = &opened.mails[0];
    assert_eq!((*id, notification.template), (MailId::support(number, 1), EmailTemplate::SupportReply));
    assert_eq!(notification.recipients, run.snapshot.dispute.recipients.clone().unwrap());
    let words = run.mails()[0];
    assert_eq!(words.subject, "Please send us a photo of your voucher");
    assert_eq!(
        (words.works_now.as_deref(), words.author, words.while_open),
        (Some("It works now"), Author::Automation, true)
    );
    assert_eq!(words.paragraphs[1], "Thank you for your report about payment 123456.");
    let message = &opened.messages[0];
    assert_eq!((message.direction, message.role, message.mail), (Direction::Out, MessageRole::Automation, Some(*id)));
    assert!(message.text.contains("photo") && run.file().work.is_none());

    let mut reply = mail("Here it is");
    reply.attachments.push(photo(7, 1_000));
    run.after(HOUR, &CaseInput::Mail(&reply));
    let commit = run.last.clone().unwrap();
    assert_eq!(run.state(), State::WaitingForProvider);
    assert_eq!(run.file().work.map(|work| (work.kind, work.id, work.due)), Some((WorkKind::Provider, 1, run.now)));
    let change = commit.change.unwrap();
    assert_eq!((change.event.kind, change.dispute.claim.evidence.len()), (EventKind::Attached, 1));
    let message = &commit.messages[0];
    assert_eq!(
        (message.direction, message.role, message.text.as_str()),
        (Direction::In, MessageRole::Customer, "Here it is")
    );
    assert_eq!(message.message_id.as_deref(), Some("<1@customer.example>"));
    assert_eq!(message.attachments[0].file.as_ref(), Some(&change.dispute.claim.evidence[0].id));
    assert_eq!(commit.received.unwrap().message_id, "<1@customer.example>");

    provider(&mut run, ProviderState::Delivered);
    assert_eq!((run.state(), run.mail_names()), (State::Answered, vec!["delivered"]));
    assert!(run.mails()[0].paragraphs.iter().any(|text| text.contains("Redeemed on the console")));
    assert!(run.snapshot.dispute.state.is_open(), "the customer may object");

    run.after(HOUR, &CaseInput::Mail(&mail("It still does not work")));
    assert_eq!((run.state(), run.mail_names()), (State::WaitingForAgent, vec!["handed_to_agent"]));
    assert_eq!(run.mails()[0].author, Author::AutomaticReply);
    run.after(60_000, &CaseInput::Agent { name: "alice", action: AgentAction::Reply("Please try the code again.") });
    assert_eq!((run.state(), run.mail_names()), (State::WaitingForCustomer, vec!["agent_reply"]));
    let resolve = AgentAction::Resolve { side: InFavourOf::Customer, why: "never redeemed" };
    run.after(60_000, &CaseInput::Agent { name: "alice", action: resolve });
    let change = run.last.clone().unwrap().change.unwrap();
    assert_eq!((change.event.by.actor, change.event.by.name.as_str()), (Actor::Operator, "alice"));
    assert_eq!(run.snapshot.dispute.state.closing(), Some(Closing::Customer));
    assert_eq!((run.state(), run.mail_names().len()), (State::Resolved, 0), "the dispute's own mail tells it");
}

#[test]
fn it_works_now_closes_for_the_merchant_and_says_so_once() {
    let mut run = asked(&[]);
    let mut reply = mail("It works now");
    reply.message_id = Some("2@customer.example".to_owned());
    reply.attachments.push(photo(8, 10));
    run.after(HOUR, &CaseInput::Mail(&reply));
    let change = run.last.clone().unwrap().change.unwrap();
    assert_eq!((change.event.by.actor, change.event.by.name.as_str()), (Actor::Automation, "customer"));
    assert_eq!(change.dispute.state.closing(), Some(Closing::Merchant));
    assert_eq!(change.dispute.claim.evidence.len(), 1, "what is over takes no evidence");
    assert_eq!((run.state(), run.mail_names()), (State::Resolved, vec!["closed_works"]));
    let words = run.mails()[0];
    assert!(words.paragraphs[1].contains("in the merchant's favour"), "{words:?}");
    assert_eq!((words.works_now.as_deref(), words.while_open), (None, false));
    assert!(run.file().work.is_none(), "the provider need not be asked any more");
    let told = change.dispute.notifications(&change.event, None);
    assert_eq!(told, [], "the dispute has no mail of its own about it");
}

#[test]
fn failed_closes_for_the_customer() {
    let mut run = asked(&[]);
    provider(&mut run, ProviderState::Failed);
    let change = run.last.clone().unwrap().change.unwrap();
    assert_eq!((change.event.by.actor, change.event.by.name.as_str()), (Actor::Automation, "provider"));
    assert_eq!(change.event.kind, EventKind::Did(Action::CloseForCustomer));
    assert_eq!((run.state(), run.mail_names()), (State::Resolved, vec!["provider_failed"]));
    assert!(run.mails()[0].paragraphs[1].contains("in your favour"));
}

#[test]
fn a_dispute_that_ends_with_its_payment_is_told_by_its_own_mail() {
    for (action, status) in [(Action::Refund, Status::Refund), (Action::Fail, Status::Failed)] {
        let mut run = asked(&[]);
        let by = recourse_dispute::event::PerformedBy { actor: Actor::Platform, name: "plat".to_owned() };
        run.snapshot.dispute = run.snapshot.dispute.ended_by(status, by, run.now).unwrap().dispute;
        run.snapshot.transaction.as_mut().unwrap().status = status;
        assert_eq!(run.file().effective(&run.snapshot.dispute), Some(State::Resolved), "before the worker comes");
        let mails = run.case().counters.automatic_mails;
        run.after(1_000, &CaseInput::DisputeClosed);
        assert_eq!((run.state(), run.mail_names().len(), run.file().due()), (State::Resolved, 0, None), "{action:?}");
        assert_eq!((run.case().counters.automatic_mails, run.case().held.clone()), (mails, None));
        assert_eq!(run.decided(&CaseInput::DisputeClosed).unwrap().map(|_| ()), None, "nothing is new");
    }
}

#[test]
fn whatever_comes_after_the_end_finds_the_case_ended_first() {
    let mut run = asked(&[]);
    run.snapshot.dispute = run
        .snapshot
        .dispute
        .decided(Action::CloseForMerchant, "bob".to_owned(), "x".to_owned(), run.now)
        .unwrap()
        .dispute;
    run.after(HOUR, &CaseInput::Mail(&mail("I want my money back")));
    assert_eq!((run.state(), run.mail_names()), (State::WaitingForAgent, vec!["handed_to_agent"]));
    assert!(!run.mails()[0].while_open, "it is no question about what is closed");
    let history: Vec<_> = run.last.as_ref().unwrap().event.iter().flat_map(|event| &event.entries).collect();
    assert_eq!(
        history.iter().map(|entry| entry.reason.code()).collect::<Vec<_>>(),
        ["dispute_ended", "customer_wrote_after_end"]
    );
    assert!(run.last.as_ref().unwrap().change.is_none());
    let resolve = AgentAction::Resolve { side: InFavourOf::Customer, why: "told so" };
    run.after(HOUR, &CaseInput::Agent { name: "alice", action: resolve });
    assert_eq!(run.state(), State::Resolved);
    assert!(run.last.as_ref().unwrap().change.is_none(), "the dispute stays as it was decided");
    let again = run.decided(&CaseInput::Agent { name: "alice", action: resolve });
    assert!(matches!(again, Err(CaseError::Refused(_))));
}

#[test]
fn silence_comes_to_an_agent_and_then_to_the_supervisors() {
    let mut run = Run::reported(&[]);
    run.step(&CaseInput::Opened);
    let wait = |run: &mut Run| {
        run.now = run.file().due().unwrap();
        run.step(&CaseInput::Due);
    };
    wait(&mut run);
    assert_eq!(run.mail_names(), ["reminder"]);
    wait(&mut run);
    assert_eq!((run.state(), run.mail_names()), (State::WaitingForAgent, vec!["handed_to_agent"]));
    assert!(run.snapshot.dispute.state.is_open());
    wait(&mut run);
    let commit = run.last.clone().unwrap();
    let (id, notification) = &commit.mails[0];
    assert_eq!(
        (*id, notification.template),
        (MailId::supervisors(run.snapshot.dispute.number, commit.after.version), EmailTemplate::SupportWaiting)
    );
    assert_eq!(notification.recipients.to().as_str(), "boss@recourse.example");
    assert_eq!(run.mails()[0].paragraphs.last().unwrap(), "To take the case: recourse case take RC-4fQ9zLk2");
    assert!(commit.messages.is_empty() && !run.casework.is_unattended(&commit), "it is no part of the thread");

    let mut alone = run;
    alone.casework = casework(&[("SUPERVISOR_ADDRESSES", "")]);
    wait(&mut alone);
    assert!(alone.casework.is_unattended(alone.last.as_ref().unwrap()) && alone.mails().is_empty());
    assert_eq!(alone.case().owner, Owner::Nobody);
}

#[test]
fn nobody_objects() {
    let mut run = asked(&[]);
    provider(&mut run, ProviderState::Delivered);
    run.now = run.file().due().unwrap();
    run.step(&CaseInput::Due);
    let change = run.last.clone().unwrap().change.unwrap();
    assert_eq!((change.event.by.actor, change.event.by.name.as_str()), (Actor::Automation, "support"));
    assert_eq!(
        (run.snapshot.dispute.state.closing(), run.mail_names()),
        (Some(Closing::Merchant), vec!["closed_no_objection"])
    );
}

#[test]
fn where_answers_are_not_read_nobody_is_asked() {
    let mut run = Run::reported(&[("INBOUND_MAIL", "off")]);
    run.step(&CaseInput::Opened);
    assert_eq!((run.state(), run.mail_names()), (State::WaitingForAgent, vec!["handed_to_agent"]));
    let entries = &run.last.as_ref().unwrap().event.as_ref().unwrap().entries;
    assert!(entries.iter().any(|entry| entry.saw.contains(&"replies_are_not_read".to_owned())));
    assert_eq!(run.mails()[0].works_now, None, "nobody would hear it");
    let mut run = Run::reported(&[("INBOUND_MAIL", "off")]);
    run.snapshot.transaction.as_mut().unwrap().kind = transaction::Kind::Topup;
    run.snapshot.configuration.support.providers = [("topup".to_owned(), "https://p.example".to_owned())].into();
    run.step(&CaseInput::Opened);
    assert_eq!(run.state(), State::WaitingForProvider, "what needs no answer goes on");
}

#[test]
fn where_the_playbooks_cannot_be_read_a_person_has_the_case() {
    for (bytes, reason) in [(b"{}".as_slice(), "voucher is missing"), (b"\xff", "must be UTF-8")] {
        let playbooks = PlaybookSet::parse("playbooks/x.json", bytes);
        assert!(playbooks.problem().unwrap().contains(reason), "{:?}", playbooks.problem());
        let mut run = Run::reported(&[]);
        run.casework = Casework::new(settings(&[]), playbooks).unwrap();
        run.step(&CaseInput::Opened);
        assert_eq!(run.state(), State::WaitingForAgent);
        let entries = &run.last.as_ref().unwrap().event.as_ref().unwrap().entries;
        assert!(entries.iter().any(|entry| entry.saw.contains(&"playbooks_unreadable".to_owned())));
    }
}

#[test]
fn a_case_is_answered_in_the_accounts_language() {
    let mut run = Run::reported(&[]);
    run.snapshot.configuration.support.language = Some("ms".to_owned());
    run.step(&CaseInput::Opened);
    let words = run.mails()[0];
    assert_eq!((words.language.as_str(), words.works_now.as_deref()), ("ms", Some("Sudah berfungsi sekarang")));
    let mut run = Run::reported(&[]);
    run.snapshot.configuration.support.language = Some("xx".to_owned());
    run.step(&CaseInput::Opened);
    assert_eq!(run.mails()[0].language, "en", "there are no templates in it");
}

#[test]
fn a_mail_that_breaks_a_rule_is_not_sent() {
    let mut run = Run::reported(&[]);
    run.snapshot.dispute.facts.product = Some("Refund at https://evil.example".to_owned());
    run.step(&CaseInput::Opened);
    assert_eq!((run.state(), run.mail_names().len()), (State::WaitingForAgent, 0));
    let commit = run.last.as_ref().unwrap();
    assert!(commit.messages.is_empty());
    let event = commit.event.as_ref().unwrap();
    assert!(event.ids.contains(&"refused mail: link".to_owned()), "{:?}", event.ids);
    assert_eq!(event.entries.last().unwrap().reason.code(), "guard_refused");
    run.after(8 * HOUR, &CaseInput::Due);
    assert_eq!(run.mail_names(), ["supervisors"], "they are told, without the product's name");
}
